"""Marks of what must happen again and again, so that an administrator sees what stopped; no child in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from meldcode_plugin.services.door import Door
from meldcode_plugin.store import marks
from meldcode_plugin.store.work import Work

CLAIM = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]{0,59}")
MOST_CLAIMS = 40
CLAIMS_EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Mark:
    """When it last happened; for sign-ins which claims came, never what they hold; for sweeps how many rows failed."""

    at: datetime
    words: str = ""


def ago(now: datetime, then: datetime) -> str:
    """Return how long ago something was, in words."""
    seconds = max(0, int((now - then).total_seconds()))
    for size, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name} ago"
    return f"{seconds} seconds ago"


def mark(door: Door, *kinds: str) -> None:
    """Write down that these happened now: ``worker``, ``beat``, ``timer``, ``backup``."""
    with door.system("health") as work:
        for kind in kinds:
            marks.put(work, kind)


def saw_claims(work: Work, names: Iterable[str]) -> None:
    """Keep which claims came with a sign-in, at most once an hour while they are the same."""
    said = ", ".join([name for name in names if CLAIM.fullmatch(name)][:MOST_CLAIMS])[:1000]
    held = marks.all_marks(work).get("claims")
    if held is None or held.words != said or work.now - held.at >= CLAIMS_EVERY:
        marks.put(work, "claims", said)


def all_of(work: Work) -> dict[str, datetime]:
    """Return when each kind last happened."""
    return {kind: one.at for kind, one in marks.all_marks(work).items()}


def last(door: Door) -> dict[str, Mark]:
    """Return the last of each kind."""
    with door.system("health") as work:
        return {kind: Mark(one.at, one.words) for kind, one in marks.all_marks(work).items()}
