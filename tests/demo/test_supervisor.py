"""The supervisor with trivial programs: what dies is started again, what goes wrong is said, nothing is left behind."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.demo import trivial

Start = Callable[..., subprocess.Popen[str]]


def test_parts_start_and_stop_in_order(start: Start, tmp_path):
    """A part waits for what it needs, and stops before it."""
    run = start("first", "second", "build")
    said = until(run, "all")
    assert [line.split()[0] for line in said[:-1] if "build" not in line] == ["first", "second"]
    run.send_signal(signal.SIGTERM)
    assert until(run, "stopped")[-1] == "stopped"
    assert run.wait(timeout=10) == 0
    assert (tmp_path / "order").read_text().split() == ["second", "first"]


def test_part_that_dies_is_started_again(start: Start):
    """The terminal hears which part died, how, and that it is back; the second wait is longer."""
    run = start("keep")
    first = pids(until(run, "all")[-1])["keep"]
    os.kill(first, signal.SIGKILL)
    assert until(run, "keep stopped")[-1] == "keep stopped (signal 9); it starts again in 0.5 s"
    assert until(run, "keep answers")
    again = children(run.pid) - {first}
    os.kill(next(pid for pid in again if b"signal.pause" in command(pid)), signal.SIGTERM)
    assert until(run, "keep stopped")[-1] == "keep stopped (signal 15); it starts again in 1 s"


def test_grandchildren_go_with_the_part(start: Start, tmp_path):
    """When a part dies, its own children are ended before it is started again."""
    run = start("family")
    until(run, "all")
    parent, child = map(int, (tmp_path / "pids").read_text().split())
    os.kill(parent, signal.SIGKILL)
    until(run, "family answers")
    gone(child)
    new = tmp_path / "pids"
    wait(lambda: len(new.read_text().split()) == 2 and str(parent) not in new.read_text(), "a new family")


@pytest.mark.parametrize("also_watch", [False, True], ids=["parent", "watch first"])
def test_nothing_is_left_when_the_parent_is_killed(start: Start, tmp_path, also_watch):
    """SIGKILL of the parent, even after SIGKILL of its watch: parts and their children are gone."""
    run = start("family", "keep")
    keep = pids(until(run, "all")[-1])["keep"]
    parent, child = map(int, (tmp_path / "pids").read_text().split())
    if also_watch:
        watch = next(pid for pid in children(run.pid) if b"watch.py" in command(pid))
        os.kill(watch, signal.SIGKILL)
        wait(lambda: any(b"watch.py" in command(pid) for pid in children(run.pid) - {watch}), "a new watch")
    run.kill()
    for pid in (keep, parent, child):
        gone(pid)


def test_stop_ends_the_deaf_too(start: Start, tmp_path):
    """A part that does not listen, and its child, are ended when the time to stop is over."""
    run = start("family")
    until(run, "all")
    run.send_signal(signal.SIGINT)
    assert run.wait(timeout=10) == 0
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        gone(pid)


def test_part_that_does_not_start_is_one_sentence(start: Start, tmp_path):
    """The name, the exit code, its own last words and where its log is; the others stop."""
    run = start("keep", "broken")
    assert until(run, "failed")[-1] == (
        f"failed: broken stopped while starting (exit code 3): the disk is full Log: {tmp_path}/log/broken.log."
    )
    assert run.wait(timeout=10) == 1


def test_part_that_never_answers_is_named(start: Start):
    """Waiting ends, and says for whom it waited."""
    run = start("keep", "silent")
    assert until(run, "failed")[-1].startswith("failed: Not ready within 2 seconds: silent.")
    assert run.wait(timeout=10) == 1


def until(run: subprocess.Popen[str], word: str) -> list[str]:
    """Read what the supervisor says until a line begins with the word."""
    assert run.stdout is not None
    said = []
    for line in run.stdout:
        said.append(line.strip())
        if line.startswith(word):
            return said
    raise AssertionError(f"'{word}' was never said: {said}")


def pids(line: str) -> dict[str, int]:
    """Return the process ids in the line that says that all parts run."""
    found: dict[str, int] = ast.literal_eval(line.removeprefix("all "))
    return found


def children(pid: int) -> set[int]:
    """Return the direct children of a process."""
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def command(pid: int) -> bytes:
    """Return the command line of a process, empty when it is gone."""
    file = Path(f"/proc/{pid}/cmdline")
    return file.read_bytes() if file.exists() else b""


def gone(pid: int) -> None:
    """Wait until a process is no more, or is dead and only not yet buried by its new parent."""
    wait(lambda: command(pid) == b"", f"process {pid} to end")


def wait(true: Callable[[], bool], what: str) -> None:
    """Wait at most ten seconds until something is true."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, f"waited for {what}"
        time.sleep(0.02)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a supervisor over trivial parts in a process of its own."""
    running: list[subprocess.Popen[str]] = []

    def begin(*names: str) -> subprocess.Popen[str]:
        line = [sys.executable, trivial.__file__, str(tmp_path), *names]
        running.append(subprocess.Popen(line, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield begin
    for run in running:
        run.send_signal(signal.SIGTERM)
        run.wait(timeout=20)
        assert run.stdout is not None
        run.stdout.close()
