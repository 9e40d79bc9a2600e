"""Ends what is left when the one who started it is gone; it knows process groups alone and imports little.

Its arguments are the process groups to end. It reads lines from its standard input: ``+123`` is one more, ``-123`` is
one that ended.
When the input closes, for whatever reason, it ends the groups that are left: first asking, then not.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE = 3.0
"""Seconds between asking a group to end and ending it."""
PAUSE = 0.05


def listen(lines: Iterable[str], groups: set[int]) -> set[int]:
    """Keep the list of groups until the input closes, and return what is left."""
    for line in lines:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    return groups


def alive(group: int) -> bool:
    """Tell whether a process group still has a process."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def send(groups: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to whole groups; a group that is gone is no fault."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)


def end(groups: Iterable[int], grace: float = GRACE) -> None:
    """Ask groups to end, and end those that do not."""
    left = set(groups)
    send(left, signal.SIGTERM)
    until = time.monotonic() + grace
    while time.monotonic() < until and (left := {group for group in left if alive(group)}):
        time.sleep(PAUSE)
    send(left, signal.SIGKILL)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(listen(sys.stdin, {int(one) for one in sys.argv[1:]}))
