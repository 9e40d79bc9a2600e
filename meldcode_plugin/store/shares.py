"""Named reads and writes of shares; who sees what through them is said in THE sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.store import invitations
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import Share, SharedEntry
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class ShareRow:
    """One share with its question."""

    id: UUID
    case_id: UUID
    person_id: UUID
    purpose: str
    whole: bool
    question: str
    shared_by: UUID
    shared_at: datetime
    until: datetime


def add(work: Work, case: Case, new: ShareRow, entries: list[UUID]) -> None:
    """Share a case, or these entries of it; the reader is mailed."""
    row = Share(id=new.id, school_id=work.school_id, case_id=case.id, person_id=new.person_id, purpose=new.purpose)
    row.whole, row.shared_by, row.shared_at, row.until = new.whole, new.shared_by, new.shared_at, new.until
    row.question = work.keys.school("people").seal(new.question.encode(), *_bound(work, row.id))
    work.inner.add(row)
    work.inner.flush()
    for entry_id in entries:
        open_entry(work, case.id, row.id, entry_id)
    work.note(Tag.CASE_SHARED, case.id, row.id, action="C")
    invitations.ask(work, Kind.SHARED, row.id, case.id, row.person_id)


def open_entry(work: Work, case_id: UUID, share_id: UUID, entry_id: UUID) -> None:
    """Add one entry to what a share opens; the case was noted."""
    row = SharedEntry(id=new_id(), school_id=work.school_id, case_id=case_id, share_id=share_id, entry_id=entry_id)
    work.inner.add(row)


def _bound(work: Work, share_id: UUID) -> tuple[bytes, bytes, str]:
    return work.school_id.bytes, share_id.bytes, "share_question"


def of_case(work: Work, case_id: UUID) -> list[ShareRow]:
    """Return the shares of a case that run now and that the viewer may see, newest first."""
    found = select(Share).where(Share.case_id == case_id, Share.ended_at.is_(None), Share.until > work.now)
    return [_opened(work, row) for row in work.session.scalars(found.order_by(Share.shared_at.desc()))]


def with_viewer(work: Work) -> list[ShareRow]:
    """Return what is shared with the viewer now, newest first."""
    return [_opened(work, row) for row in work.session.scalars(_with_viewer(work).order_by(Share.shared_at.desc()))]


def one(work: Work, share_id: UUID) -> ShareRow | None:
    """Return one share with the viewer that runs now, or None."""
    row = work.session.scalars(_with_viewer(work).where(Share.id == share_id)).one_or_none()
    return _opened(work, row) if row is not None else None


def _with_viewer(work: Work) -> Select[Share]:
    me = work.viewer.person_id
    return select(Share).where(Share.person_id == me, Share.ended_at.is_(None), Share.until > work.now)


def runs(work: Work, new: ShareRow, entries: list[UUID]) -> bool:
    """Tell whether this very share runs already, by the same person and as long: then nobody is asked twice."""
    found = select(SharedEntry.share_id, SharedEntry.entry_id).where(SharedEntry.case_id == new.case_id)
    opened = {(share, entry) for share, entry in work.inner.execute(found)}  # rows to plain pairs
    alike = [row for row in of_case(work, new.case_id) if replace(row, id=new.id, shared_at=new.shared_at) == new]
    return any(opened.issuperset((row.id, one) for one in entries) for row in alike)


def end(work: Work, case: Case, share_id: UUID) -> bool:
    """Withdraw a share of this case, at once; false when there is none that runs."""
    found = select(Share).where(Share.id == share_id, Share.case_id == case.id, Share.ended_at.is_(None))
    row = work.inner.scalars(found.with_for_update()).one_or_none()
    if row is None:
        return False
    row.ended_by, row.ended_at = work.viewer.person_id, work.now
    invitations.settle(work, Kind.SHARED, row.id)
    work.note(Tag.SHARE_ENDED, case.id, row.id, action="U")
    return True


def case_of(work: Work, share: ShareRow) -> Case:
    """Return the case behind a share that the viewer has; for reading what the share opens."""
    return work.inner.get_one(Case, share.case_id)


def _opened(work: Work, row: Share) -> ShareRow:
    question = work.keys.school("people").unseal(row.question, *_bound(work, row.id)).decode()
    who = (row.id, row.case_id, row.person_id, row.purpose, row.whole, question)
    return ShareRow(*who, row.shared_by, row.shared_at, row.until)
