"""Which ports the demo listens on: what was asked, what it had before, its own number, or any free one."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Mapping

STABLE = {"sis": 8701, "provider": 8702, "mail": 8703, "smtp": 8704}
"""What each part takes when nobody asks for something else and it is free."""
PATIENCE = 6.0
"""Seconds that a port may still belong to a demo that was killed; its parts get three, and are then ended."""
KEPT = "provider"
"""This one may not move: its address is half of every account that the plugin knows."""


class PortTaken(Exception):
    """A port that was asked for can not be had; the message says which and what to do."""


def choose(host: str, asked: Mapping[str, int | None], before: Mapping[str, int]) -> dict[str, int]:
    """Return a port for each part. ``asked`` 0 means any free one, None means: as before, else our own number.

    Raises `PortTaken` when a port that was asked for is not free, or when the provider would have to move.
    """
    with contextlib.ExitStack() as held:
        return {part: _one(host, part, asked.get(part), before.get(part), held) for part in STABLE}


def _one(host: str, part: str, asked: int | None, before: int | None, held: contextlib.ExitStack) -> int:
    if part == KEPT and before and asked not in (None, 0, before):
        raise PortTaken(
            f"The people in this data folder sign in at port {before}. "
            f"Leave --provider-port out, or start with another --data."
        )
    if asked or (part == KEPT and before):
        wanted = asked or before or 0
        if not (_hold_soon if wanted == before else _hold)(host, wanted, held):
            raise PortTaken(f"Port {wanted} for the {part} is taken. Stop what listens there, or choose another port.")
        return wanted
    if asked is None:
        for usual in (before, STABLE[part]):
            if usual and _hold(host, usual, held):
                return usual
    return _hold(host, 0, held)


def _hold_soon(host: str, port: int, held: contextlib.ExitStack) -> int:
    """Wait for a port that was ours: what is left of a demo that was killed ends within seconds."""
    until = time.monotonic() + PATIENCE
    while not (number := _hold(host, port, held)) and time.monotonic() < until:
        time.sleep(0.1)
    return number


def _hold(host: str, port: int, held: contextlib.ExitStack) -> int:
    """Bind the port until all are chosen, so that no two parts get the same; 0 when it is taken."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((host, port))
    except OSError:
        probe.close()
        return 0
    held.enter_context(probe)
    number: int = probe.getsockname()[1]
    return number
