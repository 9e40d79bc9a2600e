"""Named reads about cases for the worklist and the dossier; it decides nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Integer, and_, bindparam, func, or_, select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.facts import State
from meldcode_plugin.store import accesslog
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogLine, LogSubject
from meldcode_plugin.store.rows import CaseRow, EntryRow, LogRow
from meldcode_plugin.store.work import Work

_OF_ID = standing(select(Case).where(Case.id == bindparam("case")))
_IN_STATE = standing(
    select(*(getattr(Case, name) for name in CaseRow._fields))
    .where(Case.school_id == bindparam("school"), Case.state == bindparam("state"))
    .order_by(Case.moved_at.desc(), Case.id)
    .limit(bindparam("most", type_=Integer))
)
_OF_IDS = standing(
    select(*(getattr(Case, name) for name in CaseRow._fields)).where(Case.id.in_(bindparam("ids", expanding=True)))
)
_ENTRIES = standing(
    select(*(getattr(Entry, name) for name in EntryRow._fields[1:]))  # the case is known: it is asked for
    .where(Entry.case_id == bindparam("case"))
    .order_by(Entry.seq)
)
_NEWEST_LINES = (
    select(*(getattr(LogLine, name) for name in LogRow._fields))
    .order_by(LogLine.seq.desc())
    .limit(bindparam("most", type_=Integer))
)
_LINES_OF_CASE = standing(_NEWEST_LINES.where(LogLine.case_id == bindparam("case")))


def visible(work: Work, case_id: UUID) -> Case:
    """Return a case that the viewer may see, or raise `NotVisible`."""
    found = work.session.scalars(_OF_ID, {"case": case_id}).one_or_none()
    if found is None:
        raise NotVisible
    return found


def in_state(work: Work, states: tuple[State, ...], limit: int, offset: int = 0) -> list[CaseRow]:
    """Return visible cases in these states, the one that moved last first.

    One question per state: so the index hands them out in order, and a large school waits no longer.
    """
    found: list[CaseRow] = []
    for state in states:
        asked = {"school": work.school_id, "state": state.value, "most": limit + offset}
        found += (CaseRow(*row) for row in work.session.execute(_IN_STATE, asked))
    found.sort(key=lambda case: (-case.moved_at.timestamp(), case.id))
    return found[offset : offset + limit]


def of_ids(work: Work, ids: list[UUID]) -> list[CaseRow]:
    """Return those of these cases that the viewer may see, in one question."""
    return [CaseRow(*row) for row in work.session.execute(_OF_IDS, {"ids": ids})] if ids else []


def count_in_state(work: Work, states: tuple[State, ...]) -> int:
    """Return how many visible cases are in these states."""
    found = select(func.count()).select_from(Case).where(Case.state.in_([s.value for s in states]))
    return int(work.session.scalar(found) or 0)


def of_pupils(work: Work, indexes: list[bytes]) -> list[Case]:
    """Return the visible cases of these pupils."""
    found = select(Case).where(Case.pupil_index.in_(indexes)).order_by(Case.moved_at.desc())
    return list(work.session.scalars(found)) if indexes else []


def entries(work: Work, case_id: UUID) -> list[EntryRow]:
    """Return the entries of a case that the viewer may see, in the order in which they were recorded."""
    return [EntryRow(case_id, *row) for row in work.session.execute(_ENTRIES, {"case": case_id})]


def lines(work: Work, case_id: UUID, limit: int) -> list[LogRow]:
    """Return who read or changed a dossier, newest first; not who saw its name in a list."""
    return [LogRow(*row) for row in work.session.execute(_LINES_OF_CASE, {"most": limit, "case": case_id})]


def logged(work: Work, limit: int, before: int | None = None, about: UUID | None = None) -> list[LogRow]:
    """Return lines of the log that the viewer may see, newest first; ``about`` one dossier: also lists with it."""
    found = _NEWEST_LINES if before is None else _NEWEST_LINES.where(LogLine.seq < before)
    if about is not None:
        of_line = LogSubject.school_id == LogLine.school_id, LogSubject.seq == LogLine.seq
        listed = select(LogSubject.seq).where(*of_line, LogSubject.case_id == about).exists()
        found = found.where(or_(LogLine.case_id == about, and_(LogLine.case_id.is_(None), listed)))
    return [LogRow(*row) for row in work.session.execute(found, {"most": limit})]


def listed(work: Work, seqs: list[int]) -> dict[int, list[UUID]]:
    """Return the dossiers of the lists among these lines, as far as the viewer may see them."""
    return accesslog.listed(work.session, seqs)
