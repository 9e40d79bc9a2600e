"""The world's school as an installation with processes of its own: worker, beat, sweep. It knows no job."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from celery import Celery
from flask import Flask

from meldcode_plugin import Meldcode
from meldcode_plugin.services import signals
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.work import utc_now
from tests.machine.process import server, until
from tests.world import ISSUER, World

MODULE = '''
"""What a school writes to run a worker; the clock may run ahead, so that leases end before the test does."""

import json
import os
from datetime import timedelta
from pathlib import Path

from flask import Flask

from meldcode_plugin import Meldcode
from meldcode_plugin.services import packages_build, reminders
from meldcode_plugin.store.work import utc_now

AHEAD = timedelta(minutes=float(os.environ.get("AHEAD", "0")))
app = Flask("school")
app.config.update(json.loads((Path(__file__).parent / "settings.json").read_text()))
door = Meldcode().init_app(app, clock=lambda: utc_now() + AHEAD)
celery = app.extensions["celery"]
for one in celery.conf.beat_schedule.values():
    one["schedule"] = float(os.environ.get("EVERY", "60"))

if __name__ == "__main__":
    print(reminders.sweep(door), packages_build.sweep(door))
'''
CELERY = [sys.executable, "-m", "celery", "-A", "school:celery"]


@dataclass(frozen=True)
class Installation:
    """A folder with the settings and the module of a school, beside the world's database and keys."""

    folder: Path
    app: Flask

    @property
    def door(self) -> Door:
        """The door of this installation in our own process, with its broker: what a page has."""
        door: Door = self.app.extensions["meldcode"]
        return door

    @property
    def celery(self) -> Celery:
        """The Celery of this installation in our own process."""
        celery: Celery = self.app.extensions["celery"]
        return celery

    @contextlib.contextmanager
    def worker(self, **env: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker; it is ready when the body begins."""
        command = [*CELERY, "worker", "--without-gossip", "--without-mingle", "--concurrency=1", "--loglevel=INFO"]
        with self._run(command, "worker.log", lambda log: " ready." in log, env) as process:
            yield process

    @contextlib.contextmanager
    def beat(self, **env: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a beat."""
        command = [*CELERY, "beat", "--loglevel=INFO", f"--schedule={self.folder / 'beat'}"]
        with self._run(command, "beat.log", lambda log: "Starting" in log, env) as process:
            yield process

    @contextlib.contextmanager
    def sweep(self, ahead: float = 0) -> Iterator[subprocess.Popen[bytes]]:
        """Run one sweep in a process of its own, whose clock runs this many minutes ahead."""
        command = [sys.executable, str(self.folder / "school.py")]
        with self._run(command, "sweep.log", lambda _: True, {"AHEAD": str(ahead)}) as process:
            yield process

    @contextlib.contextmanager
    def _run(
        self, command: list[str], log: str, ready: Callable[[str], bool], env: dict[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        path, names = self.folder / log, {"PYTHONPATH": f"{self.folder}{os.pathsep}{Path.cwd()}", **env}
        with server(["env", *(f"{key}={value}" for key, value in names.items()), *command], path) as process:
            until(lambda: ready(path.read_text(errors="replace")), process, path)
            yield process

    def log(self, name: str = "worker.log") -> str:
        """Return what a process wrote."""
        return (self.folder / name).read_text(errors="replace")


def config_of(world: World) -> dict[str, object]:
    """Return the settings of the world's school."""
    return {
        "MELDCODE_SCHOOL": "99ZZ00",
        "MELDCODE_PUBLIC_URL": "http://localhost:5000",
        "MELDCODE_DATABASE_URL": world.database.url,
        "MELDCODE_OIDC_ISSUER": ISSUER,
        "MELDCODE_OIDC_CLIENT_ID": "meldcode",
        "MELDCODE_OIDC_CLIENT_SECRET": "geheim",
        "MELDCODE_KEY_FILE": str(world.folder / "root.key"),
        "MELDCODE_BLOB_DIR": str(world.folder / "blobs"),
        "SECRET_KEY": "geheim",
    }


@contextlib.contextmanager
def installed(world: World, folder: Path, mail_port: int, broker_url: str | None) -> Iterator[Installation]:
    """Write the settings and the module of the world's school into a folder; the world's clock tells the real time."""
    config = config_of(world) | {
        "MELDCODE_REDIS_URL": broker_url,
        "MELDCODE_MAIL_HOST": "127.0.0.1",
        "MELDCODE_MAIL_PORT": mail_port,
    }
    folder.mkdir()
    (folder / "settings.json").write_text(json.dumps(config))
    (folder / "school.py").write_text(MODULE)
    app = Flask("school")
    app.config.update(config)
    door = Meldcode().init_app(app)
    world.clock.moment = utc_now()
    yield Installation(folder, app)
    door.store.engine.dispose()


def record(world: World, door: Door, *, acute: bool = False, about: PupilCard | None = None) -> None:
    """Let the world's teacher record a signal through a door, hint and all."""
    new = NewSignals(key=uuid4(), signals=(world.signal(acute=acute),))
    with door.work(world.teacher) as work:
        signals.record(work, about or world.pupil, new)


def child_of(process: subprocess.Popen[bytes]) -> int:
    """Return the id of the process in which a worker does its jobs."""
    (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(child)
