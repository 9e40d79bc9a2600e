"""The page *school en installatie*: how the installation is doing, in moments and numbers; nothing of a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata

from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import health, roster
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.roster import LastSync
from meldcode_plugin.store import database, marks, reminders

ALIVE = timedelta(minutes=3)
FRESH = timedelta(hours=26)
KINDS = ("worker", "beat", "timer")


@dataclass(frozen=True)
class Part:
    """One part that must go on: when it was last seen (None: never), and whether that is recent enough."""

    name: str
    at: datetime | None
    well: bool


@dataclass(frozen=True)
class SchoolPage:
    """What the administrator and the director see. ``claims``: the names of what came with the last sign-in."""

    school: str
    version: str
    tables: str
    tables_newest: bool
    profile: str
    source: str
    parts: tuple[Part, ...]
    reminders_go: bool
    roster: LastSync | None
    backup: Part
    mails: dict[str, int]
    claims: str
    claims_at: datetime | None


def page(door: Door, viewer: Viewer) -> SchoolPage:
    """Return how the installation is doing."""
    require(viewer, Permission.SCHOOL_READ)
    held, newest = database.current(door.store.engine), database.newest()
    with door.work(viewer) as work:
        found = {kind: health.Mark(one.at, one.words) for kind, one in marks.all_marks(work).items()}
        mails, now = reminders.mails_by_state(work), work.now
        looked = roster.last_sync(work)
    parts = tuple(_part(found, kind, now, ALIVE) for kind in KINDS if kind in found or _needed(door, kind))
    claims = found.get("claims")
    return SchoolPage(
        school=door.settings.school,
        version=metadata.version("meldcode-plugin"),
        tables=held,
        tables_newest=held == newest,
        profile=door.settings.oidc_profile,
        source=door.settings.source,
        parts=parts,
        reminders_go=any(part.well for part in parts),
        roster=looked,
        backup=_part(found, "backup", now, FRESH),
        mails=mails,
        claims=claims.words if claims else "",
        claims_at=claims.at if claims else None,
    )


def _needed(door: Door, kind: str) -> bool:
    return (kind == "timer") != door.queued


def _part(found: dict[str, health.Mark], kind: str, now: datetime, fresh: timedelta) -> Part:
    mark = found.get(kind)
    return Part(kind, mark.at if mark else None, mark is not None and now - mark.at < fresh)
