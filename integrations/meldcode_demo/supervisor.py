"""Starts the parts of a demo, keeps them running and leaves none behind; it knows no part by name."""

from __future__ import annotations

import ctypes
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from meldcode_demo import watch

PAUSE = 0.05
"""Seconds between two looks at the parts."""
FIRST_DELAY, LONGEST_DELAY, WELL_AFTER = 0.5, 30.0, 30.0
"""Back-off: the first and the longest wait, and after how many seconds a part counts as well again."""
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)

Say = Callable[[str], None]


class PartFailed(Exception):
    """A part did not start; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Part:
    """One program of the demo. ``ready`` asks it whether it answers; ``once`` means that it ends by itself."""

    name: str
    argv: Sequence[str]
    ready: Callable[[], bool] = lambda: True
    after: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    stop_seconds: float = 10.0


@dataclass
class _Running:
    """How one part is doing. ``deaths`` counts those in a row, since it was last well."""

    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    again_at: float = 0.0
    ready: bool = False
    deaths: int = 0


def _die_with(parent: int) -> Callable[[], None]:
    """Return what a new process does first: ask the kernel for a signal when its parent dies."""

    def ask() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

    return ask


class Supervisor:
    """All parts together. Start them, mind them until somebody asks to stop, stop them in order."""

    def __init__(self, parts: Sequence[Part], log_dir: Path, say: Say) -> None:
        """Take the parts in the order in which they start."""
        self._parts, self._log_dir, self._say = parts, log_dir, say
        self._running = {part.name: _Running() for part in parts}
        self._asked = 0
        self._watch: subprocess.Popen[str] | None = None
        log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in parts:
            self._log(part).write_bytes(b"")

    def ask_to_stop(self, *_: object) -> None:
        """Stop soon; asked twice, stop without waiting. It fits as a signal handler."""
        self._asked += 1

    def handle_signals(self) -> None:
        """Let Ctrl-C, a kill and a closed terminal stop the parts in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.ask_to_stop)

    def start(self, seconds: float) -> bool:
        """Start all parts and wait until all answer; False when somebody asked to stop meanwhile.

        Raises `PartFailed` when a part stops, or does not answer in time.
        """
        until = time.monotonic() + seconds
        while not self._asked:
            self._look(starting=True)
            late = [part.name for part in self._parts if not self._running[part.name].ready]
            if not late:
                return True
            if time.monotonic() > until:
                raise PartFailed(f"Not ready within {seconds:.0f} seconds: {', '.join(late)}. Logs: {self._log_dir}.")
            time.sleep(PAUSE)
        return False

    def mind(self) -> None:
        """Start again what stops, until somebody asks to stop."""
        while not self._asked:
            self._look(starting=False)
            time.sleep(PAUSE)

    def stop(self) -> None:
        """Stop all parts, each with its own time to finish, and none before those that need it."""
        until: dict[str, float] = {}
        while left := {part.name: part for part in self._parts if self._running[part.name].process}:
            needed = {name for part in left.values() for name in part.after}
            for name in left.keys() - needed:
                self._stop_one(left[name], until)
            time.sleep(PAUSE)
        self._close_watch()

    def pids(self) -> dict[str, int]:
        """Return the process id of every part that runs now."""
        return {name: running.process.pid for name, running in self._running.items() if running.process}

    def _look(self, *, starting: bool) -> None:
        self._mind_watch()
        for part in self._parts:
            running = self._running[part.name]
            if running.process is None:
                self._begin(part, running)
            elif _exited(running.process):
                self._ended(part, running, self._reap(running.process), starting=starting)
            elif not running.ready and not part.once and part.ready():
                running.ready = True
                self._say(f"{part.name} answers ({time.monotonic() - running.started:.1f} s)")

    def _begin(self, part: Part, running: _Running) -> None:
        waits = any(not self._running[name].ready for name in part.after)
        if (part.once and running.ready) or waits or time.monotonic() < running.again_at:
            return
        with self._log(part).open("ab") as log:
            running.process = subprocess.Popen(  # noqa: S603  # our own command lines
                part.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **part.env},
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  # this process has one thread
            )
        running.started = time.monotonic()
        self._tell_watch(f"+{running.process.pid}")

    def _ended(self, part: Part, running: _Running, code: int, *, starting: bool) -> None:
        running.process = None
        if part.once and code == 0:
            running.ready = True
            self._say(f"{part.name} done ({time.monotonic() - running.started:.1f} s)")
            return
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        if starting:
            raise PartFailed(
                f"{part.name} stopped while starting ({how}): {self._last_line(part)} Log: {self._log(part)}."
            )
        well = time.monotonic() - running.started > WELL_AFTER
        running.deaths = 1 if well else running.deaths + 1
        delay = min(FIRST_DELAY * 2 ** (running.deaths - 1), LONGEST_DELAY)
        running.again_at, running.ready = time.monotonic() + delay, False
        self._say(f"{part.name} stopped ({how}); it starts again in {delay:g} s")

    def _stop_one(self, part: Part, until: dict[str, float]) -> None:
        """Ask a part to stop; once it did, or its time is over, end what is left of it."""
        running = self._running[part.name]
        if running.process is None:
            return
        if part.name not in until:
            until[part.name] = time.monotonic() + part.stop_seconds
            os.kill(running.process.pid, signal.SIGTERM)
        late = time.monotonic() > until[part.name] or self._asked > 1
        if late or _exited(running.process):
            self._reap(running.process)
            running.process = None

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        """End what is left of a part's group before its number is given back, and return the exit code."""
        watch.send([process.pid], signal.SIGKILL)
        code = process.wait()
        self._tell_watch(f"-{process.pid}")
        return code

    def _mind_watch(self) -> None:
        if self._watch is None or self._watch.poll() is not None:
            self._watch = subprocess.Popen(  # noqa: S603  # our own file
                [sys.executable, "-I", watch.__file__, *map(str, self.pids().values())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )

    def _tell_watch(self, line: str) -> None:
        if self._watch is not None and self._watch.stdin is not None:
            try:
                self._watch.stdin.write(line + "\n")
                self._watch.stdin.flush()
            except BrokenPipeError:
                self._watch.kill()  # the next look starts another one and tells it everything

    def _close_watch(self) -> None:
        if self._watch is not None and self._watch.stdin is not None:
            self._watch.stdin.close()
            self._watch.wait()
            self._watch = None

    def _log(self, part: Part) -> Path:
        return self._log_dir / f"{part.name}.log"

    def _last_line(self, part: Part) -> str:
        lines = self._log(part).read_text(errors="replace").splitlines()
        last = next(itertools.dropwhile(lambda line: not line.strip(), reversed(lines)), "it said nothing.")
        return last.strip()[:300]


def _exited(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a process ended, and leave it unreaped: so its number stays its own."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
