"""Named reads about cases for the worklist and the dossier; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.facts import State
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class LogRow:
    """One line of the access log as a page may show it."""

    seq: int
    at: datetime
    event: str
    outcome: str
    actor_id: UUID
    system: str
    case_id: UUID | None


def visible(work: Work, case_id: UUID) -> Case:
    """Return a case that the viewer may see, or raise `NotVisible`."""
    found = work.session.scalars(select(Case).where(Case.id == case_id)).one_or_none()
    if found is None:
        raise NotVisible
    return found


def in_state(work: Work, states: tuple[State, ...], limit: int, offset: int = 0) -> list[Case]:
    """Return visible cases in these states, the one that moved last first.

    One question per state: so the index hands them out in order, and a large school waits no longer.
    """
    found: list[Case] = []
    for state in states:
        of_state = select(Case).where(Case.school_id == work.school_id, Case.state == state.value)
        found += work.session.scalars(of_state.order_by(Case.moved_at.desc(), Case.id).limit(limit + offset))
    found.sort(key=lambda case: (-case.moved_at.timestamp(), case.id))
    return found[offset : offset + limit]


def count_in_state(work: Work, states: tuple[State, ...]) -> int:
    """Return how many visible cases are in these states."""
    found = select(func.count()).select_from(Case).where(Case.state.in_([s.value for s in states]))
    return int(work.session.scalar(found) or 0)


def of_pupils(work: Work, indexes: list[bytes]) -> list[Case]:
    """Return the visible cases of these pupils."""
    found = select(Case).where(Case.pupil_index.in_(indexes)).order_by(Case.moved_at.desc())
    return list(work.session.scalars(found)) if indexes else []


def entries(work: Work, case_id: UUID) -> list[Entry]:
    """Return the entries of a case that the viewer may see, in the order in which they were recorded."""
    return list(work.session.scalars(select(Entry).where(Entry.case_id == case_id).order_by(Entry.seq)))


def lines(work: Work, case_id: UUID | None, limit: int, before: int | None = None) -> list[LogRow]:
    """Return lines of the log that the viewer may see, newest first."""
    found = select(LogLine).order_by(LogLine.seq.desc()).limit(limit)
    if case_id is not None:
        found = found.where(LogLine.case_id == case_id)
    if before is not None:
        found = found.where(LogLine.seq < before)
    return [
        LogRow(line.seq, line.at, line.event, line.outcome, line.actor_id, line.system, line.case_id)
        for line in work.session.scalars(found)
    ]
