"""Named reads and writes of break-glass: who opened which case for a while, why, and who judged it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import BreakGlass
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class GlassRow:
    """One use of break-glass with its reason."""

    id: UUID
    person_id: UUID
    case_id: UUID | None
    reason: str
    broken_at: datetime
    until: datetime
    reviewed_by: UUID | None
    reviewed_at: datetime | None


def _bound(work: Work, row: BreakGlass) -> tuple[bytes, bytes, str]:
    return work.school_id.bytes, row.id.bytes, "glass_reason"


def case_of_pupil(work: Work, index: bytes) -> Case | None:
    """Return the newest case of a pupil that was not destroyed, or None."""
    found = select(Case).where(Case.pupil_index == index, Case.destroyed_at.is_(None))
    return work.inner.scalars(found.order_by(Case.opened_at.desc()).limit(1)).first()


def add(work: Work, index: bytes, case_id: UUID | None, reason: str, until: datetime) -> None:
    """Open a case for the viewer until a whole hour; without a case only the asking is kept."""
    row = BreakGlass(id=new_id(), school_id=work.school_id, person_id=work.viewer.person_id, pupil_index=index)
    row.case_id, row.broken_at, row.until = case_id, work.now, until
    row.reason = work.keys.school("people").seal(reason.encode(), *_bound(work, row))
    work.inner.add(row)
    work.inner.flush()
    work.note(Tag.GLASS_BROKEN, case_id, row.id, action="C")


def rows(work: Work, limit: int = 50) -> list[GlassRow]:
    """Return what the viewer may judge: not judged first, then the newest."""
    found = select(BreakGlass).order_by(BreakGlass.reviewed_at.is_not(None), BreakGlass.broken_at.desc())
    return [_opened(work, row) for row in work.session.scalars(found.limit(limit))]


def review(work: Work, glass_id: UUID) -> BreakGlass | None:
    """Return one row that the viewer may judge, locked, or None."""
    if work.session.scalars(select(BreakGlass).where(BreakGlass.id == glass_id)).one_or_none() is None:
        return None
    return work.inner.scalars(select(BreakGlass).where(BreakGlass.id == glass_id).with_for_update()).one_or_none()


def _opened(work: Work, row: BreakGlass) -> GlassRow:
    reason = work.keys.school("people").unseal(row.reason, *_bound(work, row)).decode()
    when = (row.broken_at, row.until, row.reviewed_by, row.reviewed_at)
    return GlassRow(row.id, row.person_id, row.case_id, reason, *when)


def open_to_viewer(work: Work) -> set[UUID]:
    """Return the cases that are open to the viewer by break-glass now."""
    me = work.viewer.person_id
    found = select(BreakGlass.case_id).where(BreakGlass.person_id == me, BreakGlass.until > work.now)
    return {case_id for case_id in work.inner.scalars(found) if case_id is not None}
