"""Runs the demo's supervisor over trivial programs, in a process of its own that a test may kill.

``python trivial.py FOLDER NAME...`` runs these parts and prints what the supervisor says.
"""

from __future__ import annotations

import sys
from pathlib import Path

from meldcode_demo.supervisor import Part, PartFailed, Supervisor

KEEP = "import signal, sys; signal.pause()"
"""Runs until a signal."""
FAMILY = """
import os, signal, subprocess, sys
from pathlib import Path
signal.signal(signal.SIGTERM, signal.SIG_IGN)
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); signal.pause()"
child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
child.stdout.readline()
Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid}")
signal.pause()
"""
"""A parent and a child that both turn a deaf ear to being asked to stop."""
POLITE = """
import signal, sys
from pathlib import Path
def bye(*_):
    with open(sys.argv[1], "a") as file:
        file.write(sys.argv[2] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, bye)
Path(sys.argv[1] + "." + sys.argv[2]).touch()
signal.pause()
"""
"""Writes its name when it is asked to stop."""


def parts(folder: Path) -> dict[str, Part]:
    """Return all trivial parts by name."""

    def run(name: str, code: str, *args: str, **more: object) -> Part:
        return Part(name, (sys.executable, "-c", code, *args), **more)  # type: ignore[arg-type]  # a test's shorthand

    order = str(folder / "order")
    found = [
        run("keep", KEEP),
        run("family", FAMILY, str(folder / "pids"), ready=lambda: len(_pids(folder)) == 2, stop_seconds=0.2),
        run("build", "print('built')", once=True),
        run("broken", "import sys; print('the disk is full', file=sys.stderr); sys.exit(3)", ready=lambda: False),
        run("silent", KEEP, ready=lambda: False),
        run("first", POLITE, order, "first", ready=(folder / "order.first").exists),
        run("second", POLITE, order, "second", ready=(folder / "order.second").exists, after=("first",)),
    ]
    return {part.name: part for part in found}


def _pids(folder: Path) -> list[str]:
    file = folder / "pids"
    return file.read_text().split() if file.exists() else []


def main(folder: Path, names: list[str]) -> int:
    """Run the parts until a signal; 1 when one of them did not start."""
    known = parts(folder)
    supervisor = Supervisor([known[name] for name in names], folder / "log", lambda line: print(line, flush=True))
    supervisor.handle_signals()
    try:
        if supervisor.start(2 if "silent" in names else 20):
            print(f"all {supervisor.pids()}", flush=True)
            supervisor.mind()
    except PartFailed as why:
        print(f"failed: {why}", flush=True)
        return 1
    finally:
        supervisor.stop()
    print("stopped", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
