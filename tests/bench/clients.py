"""Starts the servers and asks them; one request at a time, timed from the first byte out to the last byte in."""

from __future__ import annotations

import hmac
import http.client
import itertools
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from meldcode_plugin.services.cases import PAGE
from tests.bench.school import LONG_DOSSIER, WORDS, School
from tests.machine.process import server, until

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "meldcode_plugin/deploy/gunicorn.conf.py"
GUNICORN = ("-c", str(SHIPPED), "-w", "1", "--threads", "4", "--log-level", "error", "--pythonpath", str(ROOT))
"""The settings that are installed with the product, for both; with one process, so that one is measured."""
ONE_HEAP = "MALLOC_ARENA_MAX=1"
"""What the installed unit of the pages says too, so that eight threads do not hold eight heaps."""
WHOLE = {
    "dossier": (re.compile(re.escape(WORDS.strip().encode())), LONG_DOSSIER),
    "worklist": (re.compile(rb'/dossier/[0-9a-f-]{36}"'), 2 * PAGE),
}
"""What must stand on a page and how often: the words of every signal; a full list of what is new and of what waits."""
PUPILS = [f"26{number:02}" for number in range(1, 16)] + [f"23{number:02}" for number in range(1, 16)]


class Line(http.client.HTTPConnection):
    """A connection over a unix socket."""

    def __init__(self, path: Path) -> None:
        """Talk to the server behind this socket."""
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        """Connect."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


@dataclass
class Client:
    """One server and who asks it."""

    kind: str
    school: School
    socket: Path
    pid: int
    prefix: str
    times: dict[str, list[float]] = field(default_factory=dict)
    pupils: Iterator[str] = field(default_factory=lambda: itertools.cycle(PUPILS))

    def ask(self, job: str) -> None:
        """Do one job and keep how long it took; an answer that is not the right one is a failure."""
        method, path, body = self._request(job)
        line, heads = Line(self.socket), {"Cookie": f"meldcode={self.school.handle}"}
        if body:
            heads["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        line.request(method, self.prefix + path, body, heads)
        answer = line.getresponse()
        page = answer.read()
        self.times.setdefault(job, []).append(time.perf_counter() - started)
        line.close()
        assert answer.status == (303 if job == "record" else 200), (self.kind, job, answer.status, page[:500])
        assert job == "record" or len(WHOLE[job][0].findall(page)) == WHOLE[job][1], (self.kind, job)

    def _request(self, job: str) -> tuple[str, str, str | None]:
        if job == "worklist":
            return "GET", "/werkvoorraad", None
        if job == "dossier":
            return "GET", f"/dossier/{self.school.dossier}", None
        token = hmac.digest(self.school.handle.encode(), b"meldcode form", "sha256").hex()
        form = {"csrf_token": token, "key": str(uuid4()), "action": "send", "staff": "no", "fact-on": "y"}
        form |= {"fact-text": WORDS, "fact-direction": "supports", "fact-observed_on": "2026-11-20"}
        return "POST", f"/leerling/{next(self.pupils)}/signaal", urlencode(form)

    def memory(self) -> float:
        """Return how much memory the worker holds after its jobs, in MiB.

        The resident set, which counts what it shares with other processes in full: no process costs more.
        """
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


PLACES = {"floor": "floor:app", "logged": "floor:logged", "product": "product:app"}
"""Where each server is made."""


@contextmanager
def serving(kind: str, school: School, name: str) -> Iterator[Client]:
    """Run a floor or the product on a school, with the same settings of gunicorn."""
    place = school.folder / f"{kind}.sock"
    what = f'tests.bench.{PLACES[kind]}("{school.config()}")'
    command = ["env", ONE_HEAP, sys.executable, "-m", "gunicorn", *GUNICORN, "-b", f"unix:{place}", what]
    log = school.folder / f"{kind}.log"
    with server(command, log) as process:
        until(lambda: _answers(place), process, log)
        yield Client(f"{name} {kind}", school, place, process.pid, "/meldcode" if kind == "product" else "")


def _answers(place: Path) -> bool:
    try:
        line = Line(place)
        line.request("GET", "/meldcode/healthz")
        line.getresponse().read()
    except OSError:
        return False
    finally:
        line.close()
    return True
