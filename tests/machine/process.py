"""Starts a server that cannot outlive the tests, and stops it by its own id; it knows no particular server."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PR_SET_PDEATHSIG = 1


class Missing(pytest.fail.Exception):
    """Something that the tests need is not on this machine: a failure with the line to type, never a skip."""


def missing(what: str, line: str) -> Missing:
    """Return the failure that says what is missing and which line mends it."""
    return Missing(f"{what} is not on this machine. Type:\n\n    {line}\n", pytrace=False)


def not_root() -> str:
    """Return the user for a server that refuses to run as root: nobody when we are root, else ourselves ("")."""
    return "nobody" if os.geteuid() == 0 else ""


@contextlib.contextmanager
def short_folder(name: str, owner: str = "") -> Iterator[Path]:
    """Make a folder whose path is short enough for a unix socket (107 bytes), owned by who runs the server."""
    folder = Path(tempfile.mkdtemp(prefix=f"meld-{name}-", dir="/tmp"))  # $TMPDIR may be too long
    if owner:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _die_with_parent() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextlib.contextmanager
def server(
    command: list[str], log: Path, *, stop: int = signal.SIGTERM, user: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, as ``user`` when one is given; when we are gone it goes too; ``stop`` ends it kindly."""
    as_user = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            cwd="/",
            preexec_fn=_die_with_parent,  # noqa: PLW1509  # one thread only while servers start
            **as_user,
        )
    try:
        yield process
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 120) -> None:
    """Wait until a server answers; when it stops or stays silent, fail with what it wrote."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        if answers():
            return
        time.sleep(0.02)
    pytest.fail(f"{process.args} does not answer:\n{log.read_text(errors='replace')}", pytrace=False)
