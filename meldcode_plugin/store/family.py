"""Named reads and writes of links between cases of one family; THE sentence says who sees a link."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select

from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import FamilyLink
from meldcode_plugin.store.work import Work

_LINKS = standing(
    select(FamilyLink).where(
        or_(FamilyLink.case_id == bindparam("case"), FamilyLink.other_case_id == bindparam("case")),
        FamilyLink.ended_at.is_(None),
    )
)


def links(work: Work, case_id: UUID) -> dict[UUID, UUID]:
    """Return the links of a case of which the viewer sees both ends: link by the other case."""
    rows = work.session.scalars(_LINKS, {"case": case_id})
    return {row.other_case_id if row.case_id == case_id else row.case_id: row.id for row in rows}


def link(work: Work, one: Case, other: Case) -> None:
    """Link two cases, once."""
    pairs = [
        and_(FamilyLink.case_id == a.id, FamilyLink.other_case_id == b.id) for a, b in ((one, other), (other, one))
    ]
    held = select(FamilyLink.id).where(or_(*pairs), FamilyLink.ended_at.is_(None))
    if work.inner.scalars(held).first() is not None:
        return
    row = FamilyLink(id=new_id(), school_id=work.school_id, case_id=one.id, other_case_id=other.id)
    row.linked_by, row.linked_at = work.viewer.person_id, work.now
    work.inner.add(row)
    _note(work, row, Tag.FAMILY_LINKED, "C")


def unlink(work: Work, link_id: UUID, case_id: UUID) -> bool:
    """End a link of this case that the viewer sees; false when there is none."""
    either = or_(FamilyLink.case_id == case_id, FamilyLink.other_case_id == case_id)
    wanted = select(FamilyLink).where(FamilyLink.id == link_id, either, FamilyLink.ended_at.is_(None))
    if work.session.scalars(wanted).one_or_none() is None:
        return False
    row = work.inner.get_one(FamilyLink, link_id)
    row.ended_by, row.ended_at = work.viewer.person_id, work.now
    _note(work, row, Tag.FAMILY_UNLINKED, "U")
    return True


def _note(work: Work, row: FamilyLink, tag: Tag, action: str) -> None:
    for case_id in (row.case_id, row.other_case_id):
        work.note(tag, case_id, row.id, action=action)
