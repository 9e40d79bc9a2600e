"""Clears away what has had its time: old drafts, files that nobody waits for, sign-ins that ended."""

from __future__ import annotations

from meldcode_plugin.services import attachments, backups, clocks, drafts, signins
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import database


def tidy(door: Door) -> int:
    """Delete drafts after 14 days, their files, and old sign-ins, each in its own transaction; returns how many."""
    with door.system("upkeep: dates") as work:
        clocks.lay_down_dates(work)
    with door.system("upkeep: drafts") as work:
        gone = drafts.tidy(work)
    with door.system("upkeep: files") as work:
        gone += attachments.tidy(work)
    with door.system("upkeep: sign-ins") as work:
        gone += signins.tidy(work, absolute_hours=door.settings.absolute_hours)
    backups.keep_ledger(door)
    database.measure(door.store.engine)
    return gone
