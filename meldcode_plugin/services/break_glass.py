"""Break-glass: director or board read a case that is not theirs, for hours, with a reason; it is told and judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotVisible, SecondPersonNeeded
from meldcode_plugin.rules.deadlines import Audience, Due
from meldcode_plugin.rules.entries import REASONED
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.store import break_glass as store
from meldcode_plugin.store import circle, ledger, people, reminders
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.break_glass import GlassRow
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work

HOURS = 4
WHY = "Leg in ten minste één zin uit waarom je dit dossier nu moet lezen."
TOLD = (Audience.OWNER, Audience.DIRECTOR)


@dataclass(frozen=True)
class GlassLine:
    """One use, for who judges it."""

    row: GlassRow
    name: str
    reviewer: str
    may_review: bool


def break_glass(work: Work, pupil_id: str, reason: str) -> UUID | None:
    """Open the newest case of a pupil for the viewer to read, at most four hours; returns its id.

    None when there is nothing to read, or when the viewer is kept out: an exclusion beats a reason. That it
    was asked stands on the list all the same, so that asking is never free.
    """
    require(work.viewer, Permission.BREAK_GLASS)
    if len(reason.strip()) < REASONED:
        raise InputRefused({"reason": WHY})
    index = ledger.pupil_index(work, pupil_id)
    case = store.case_of_pupil(work, index)
    if case is not None and work.viewer.person_id in circle.kept_out(work, case):
        case = None
    if case is not None and circle.is_theirs(work, case.id):
        return case.id
    until = work.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=HOURS)
    store.add(work, index, case.id if case else None, reason.strip(), until)
    if case is None:
        return None
    _tell(work, case)
    return case.id


def _tell(work: Work, case: Case) -> None:
    """Mail who owns the case and the director, now: the words of every mail, no name and no reason."""
    moment: datetime = work.now
    key = f"{Kind.GLASS}/{case.id}/{work.viewer.person_id}/{int(moment.timestamp())}"
    dues = [Due(case.id, Kind.GLASS, to, moment, moment, acute=True, dedup_key=f"{key}/{to}") for to in TOLD]
    reminders.schedule(work, dues)


def to_judge(work: Work) -> list[GlassLine]:
    """Return what the viewer judges: FG and AF; others nothing."""
    if not may(work.viewer, Permission.GLASS_REVIEW):
        return []
    rows = store.rows(work)
    names = people.names(work, {one for row in rows for one in (row.person_id, row.reviewed_by) if one})
    me = work.viewer.person_id
    return [
        GlassLine(
            *(row, names.get(row.person_id, ""), names.get(row.reviewed_by, "") if row.reviewed_by else ""),
            row.reviewed_at is None and row.person_id != me,
        )
        for row in rows
    ]


def review(work: Work, glass_id: UUID) -> None:
    """Sign a use off as seen; never one's own, and once."""
    require(work.viewer, Permission.GLASS_REVIEW)
    row = store.review(work, glass_id)
    if row is None:
        raise NotVisible
    if row.reviewed_at is not None:
        raise AlreadyDone
    if row.person_id == work.viewer.person_id:
        raise SecondPersonNeeded
    row.reviewed_by, row.reviewed_at = work.viewer.person_id, work.now
    work.note(Tag.GLASS_REVIEWED, row.case_id, row.id, action="U")
    if row.case_id is not None:
        reminders.settle(work, row.case_id, (Kind.GLASS,))
