"""Many signals through the real web server while its workers are killed: none is lost and none is there twice.

The whole figure, 10,000 signals and 20 killed workers on each database: ``MELD_SCALE=50 pytest -s tests/intake``.
"""

from __future__ import annotations

import hmac
import http.client
import itertools
import os
import random
import signal
import socket
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

import meldcode_memory
from meldcode_plugin.services import cases, installation, signins
from meldcode_plugin.services.signins import Account
from tests.machine.figures import Figures
from tests.machine.process import server, short_folder, until
from tests.tasks.installation import installed
from tests.world import ISSUER, World, scaled

CLIENTS, WORKERS = 16, 3
HOST = "localhost:5000"
FORM = {"staff": "no", "fact-on": "y", "fact-direction": "supports", "fact-observed_on": "2026-11-20", "action": "send"}
TRIES = 400


@pytest.mark.intake
@pytest.mark.timeout(3600)
def test_no_signal_is_lost_or_doubled(site: Site, figures: Figures):
    """Every signal that was acknowledged is in a dossier once, with its own words, and every chain is whole."""
    wanted, kills = scaled(200, 10_000), scaled(2, 20)
    crowd = Crowd(site, wanted, kills)
    began = time.monotonic()
    crowd.run()
    rate = wanted / (time.monotonic() - began)
    found = site.words()
    lost = [one for one in crowd.acknowledged if found[one] == 0]
    doubled = [one for one, times in found.items() if times > 1]
    p99 = statistics.quantiles(crowd.seconds, n=100)[98] if crowd.seconds else 0
    told = f"{len(crowd.acknowledged)} signals by {CLIENTS} clients"
    told += f", {crowd.killed} workers killed, {crowd.retries} tries more"
    told += f": {len(lost)} lost, {len(doubled)} doubled, {rate:.0f}/s, p99 {p99:.2f} s"
    figures(f"intake, {site.world.database.kind}: {told}")
    assert (crowd.faults, lost, doubled) == ([], [], [])
    assert (len(crowd.acknowledged), sum(found.values()), crowd.killed) == (wanted, wanted, kills)
    assert installation.verify(site.world.door, []) == []


class Wire(http.client.HTTPConnection):
    """A connection over a unix socket."""

    def __init__(self, path: Path) -> None:
        """Point at a socket."""
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self) -> None:
        """Open it."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


@dataclass
class Site:
    """The application under gunicorn, on a socket, with somebody signed in per client."""

    world: World
    socket: Path
    master: int
    log: Path
    handles: list[str]

    def post(self, client: int, pupil: str, form: dict[str, str]) -> tuple[int, str]:
        """Send a form as a browser does; return status and where it leads."""
        handle = self.handles[client]
        token = hmac.digest(handle.encode(), b"meldcode form", "sha256").hex()
        headers = {
            "Host": HOST,
            "Origin": f"http://{HOST}",
            "Cookie": f"meldcode={handle}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        wire = Wire(self.socket)
        try:
            wire.request(
                "POST", f"/meldcode/leerling/{pupil}/signaal", urlencode(form | {"csrf_token": token}), headers
            )
            answer = wire.getresponse()
            answer.read()
            return answer.status, answer.getheader("Location", "")
        finally:
            wire.close()

    def workers(self) -> list[int]:
        """Return the ids of the web workers that live now."""
        return [int(one) for one in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()]

    def words(self) -> Counter[str]:
        """Return how often each text stands in a dossier, as the IB-er reads it."""
        found: Counter[str] = Counter()
        for pupil in meldcode_memory.PUPILS:
            with self.world.work(self.world.ib) as work:
                ((_, line),) = cases.search(work, [self.world.card(pupil.id)])
            if line is not None:
                with self.world.work(self.world.ib) as work:
                    found.update(item.content.text for item in cases.dossier(work, line.id).timeline)
        return found


@dataclass
class Crowd:
    """Clients that each send signals until they are acknowledged, and somebody who kills web workers meanwhile."""

    site: Site
    wanted: int
    kills: int
    acknowledged: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    killed: int = 0
    retries: int = 0

    def run(self) -> None:
        """Send everything."""
        numbers = itertools.count()
        clients = [threading.Thread(target=self._client, args=(client, numbers)) for client in range(CLIENTS)]
        for client in clients:
            client.start()
        self._kill_now_and_then(clients)
        for client in clients:
            client.join()

    def _client(self, client: int, numbers: Iterator[int]) -> None:
        dice = random.Random(client)
        while (number := next(numbers)) < self.wanted and not self.faults:
            pupil = dice.choice(meldcode_memory.PUPILS).id
            form = FORM | {"key": str(uuid4()), "fact-text": f"signaal {number}"}
            began = time.monotonic()
            if not self._until_acknowledged(client, pupil, form):
                return
            self.seconds.append(time.monotonic() - began)
            self.acknowledged.append(form["fact-text"])
            if dice.random() < 0.1:  # somebody who clicks twice, or goes back and sends again
                self._until_acknowledged(client, pupil, form)

    def _until_acknowledged(self, client: int, pupil: str, form: dict[str, str]) -> bool:
        for _ in range(TRIES):
            try:
                status, place = self.site.post(client, pupil, form)
            except (OSError, http.client.HTTPException):
                status, place = 0, ""
            if status == 303 and place.endswith(f"/vastgelegd/{form['key']}"):
                return True
            if status not in (0, 502, 503):
                self.faults.append(f"{status} {place} {self.site.log.read_text()[-2000:]}")
                return False
            self.retries += 1
            time.sleep(0.05)  # what a person does for longer
        self.faults.append("never acknowledged")
        return False

    def _kill_now_and_then(self, clients: list[threading.Thread]) -> None:
        dice = random.Random(1)
        while self.killed < self.kills and any(client.is_alive() for client in clients):
            due = self.wanted * (self.killed + 1) // (self.kills + 1)
            if len(self.acknowledged) >= due and (alive := self.site.workers()):
                os.kill(dice.choice(alive), signal.SIGKILL)
                self.killed += 1
            time.sleep(0.01)


def _answers(path: Path) -> bool:
    wire = Wire(path)
    try:
        wire.request("GET", "/meldcode/healthz", headers={"Host": HOST})
        return wire.getresponse().status == 200
    except OSError:
        return False
    finally:
        wire.close()


@pytest.fixture
def site(world: World, tmp_path: Path) -> Iterator[Site]:
    """The world's school under gunicorn, with sixteen teachers who are signed in."""
    with installed(world, tmp_path / "school", 25, None) as school, short_folder("web") as folder:
        handles = []
        for number in range(CLIENTS):
            world.enrol(f"client{number}", f"Leraar {number}")
            with school.door.system("sign-in") as work:
                handles.append(signins.start(work, Account(ISSUER, f"client{number}", f"Leraar {number}")) or "")
        address, log = folder / "s", folder / "log"
        command = ["env", f"PYTHONPATH={school.folder}{os.pathsep}{Path.cwd()}", sys.executable, "-m", "gunicorn"]
        options = ["--workers", str(WORKERS), "--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "5"]
        with server([*command, *options, "--bind", f"unix:{address}", "school:app"], log) as process:
            until(lambda: address.exists() and _answers(address), process, log, 60)
            yield Site(world, address, process.pid, log, handles)
