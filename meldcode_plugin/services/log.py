"""The log as people may read it: who read or changed what; reading the log is itself logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meldcode_plugin.rules.facts import NOBODY
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.store import accesslog, cases, people
from meldcode_plugin.store.accesslog import Anchor, Tag
from meldcode_plugin.store.rows import LogRow
from meldcode_plugin.store.work import Work

PAGE = 100


@dataclass(frozen=True)
class Line:
    """One line: when, who, what, whether it was refused, and which dossiers by their number."""

    seq: int
    at: datetime
    name: str
    event: str
    denied: bool
    cases: tuple[UUID, ...]
    by_glass: bool = False


@dataclass(frozen=True)
class LogPage:
    """A page of the log, newest first; ``before`` asks for the next page."""

    lines: list[Line]
    before: int | None


def page(work: Work, before: int | None = None, about: UUID | None = None) -> LogPage:
    """Return the newest lines that the viewer may read; of one dossier also who saw it in a list."""
    require(work.viewer, Permission.LOG_READ)
    work.note(Tag.LOG_READ)
    rows = cases.logged(work, PAGE, before, about)
    names = people.names(work, {_who(row) for row in rows})
    listed = cases.listed(work, [row.seq for row in rows if row.event == Tag.CASE_LISTED])
    lines = [
        Line(
            *(r.seq, r.at, names.get(_who(r), "het systeem"), r.event, r.outcome == "denied"),
            (r.case_id,) if r.case_id else tuple(listed.get(r.seq, ())),
            r.outcome == accesslog.GLASS,
        )
        for r in rows
    ]
    return LogPage(lines, rows[-1].seq if len(rows) == PAGE else None)


def _who(row: LogRow) -> UUID:
    """Return whose act it was: a sign-in is written before anybody is signed in, and names its person beside it."""
    about_a_person = row.event in (Tag.SIGNED_IN, Tag.SIGNED_OUT) and row.actor_id == NOBODY
    return row.object_id if about_a_person and row.object_id else row.actor_id


def verify(work: Work, anchors: list[Anchor]) -> list[str]:
    """Walk the whole chain of the school's log; return one sentence per fault."""
    return accesslog.verify(work, anchors)
