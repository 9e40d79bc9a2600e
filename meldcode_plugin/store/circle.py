"""Named reads and writes about who handles a case: owner, deputy, hand-overs; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select

from meldcode_plugin.rules.facts import Role, State, Viewer
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.store import invitations, people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import Succession
from meldcode_plugin.store.models.people import Exclusion
from meldcode_plugin.store.visibility import may_see, nobody_left
from meldcode_plugin.store.work import Work

_KEPT_OUT = standing(
    select(Exclusion.person_id).where(
        or_(Exclusion.case_id == bindparam("case"), Exclusion.pupil_index == bindparam("pupil")),
        Exclusion.rejected_at.is_(None),
    )
)
_NEWEST_OFFER = standing(
    select(Succession)
    .where(Succession.case_id == bindparam("case"))
    .order_by(Succession.offered_at.desc(), Succession.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Offer:
    """A hand-over with its words. ``accepted`` is None while it waits for an answer."""

    id: UUID
    case_id: UUID
    from_id: UUID
    to_id: UUID
    offered_at: datetime
    note: str
    accepted: bool | None
    reason: str
    ended_at: datetime | None


def named(work: Work, case_id: UUID) -> bool:
    """Tell whether the viewer is owner or deputy of a case, and not kept out of it."""
    me = work.viewer.person_id
    found = select(Case.id).where(Case.id == case_id, or_(Case.owner_id == me, Case.deputy_id == me))
    return work.session.scalar(found) is not None


def is_theirs(work: Work, case_id: UUID) -> bool:
    """Tell whether a case is the viewer's to work in, and not only to read for a while."""
    viewer = work.viewer
    who = Viewer(viewer.school_id, viewer.person_id, viewer.roles, system=viewer.system)
    return work.session.scalar(_theirs(who), {"case": case_id}) is not None


@lru_cache(200)
def _theirs(viewer: Viewer) -> Any:
    return standing(select(Case.id).where(Case.id == bindparam("case"), may_see(viewer, Case)))


def kept_out(work: Work, case: Case) -> set[UUID]:
    """Return the people who are kept out of a case."""
    return kept_out_of(work, case.id, case.pupil_index)


def kept_out_of(work: Work, case_id: UUID, pupil_index: bytes | None) -> set[UUID]:
    """Return the same by the ids of the case and its pupil."""
    return set(work.inner.scalars(_KEPT_OUT, {"case": case_id, "pupil": pupil_index}))


def able(work: Work, case: Case, *roles: Role) -> list[UUID]:
    """Return who holds one of these roles now and is not kept out of the case, each once."""
    out = kept_out(work, case)
    return list(dict.fromkeys(one for role in roles for one in people.holders(work, role) if one not in out))


def without_handler(work: Work) -> list[Case]:
    """Return the open cases to which no IB-er, owner or deputy can come, and of which the viewer may know the number.

    The director may know it; the board where every director is excluded too.
    """
    wanted = select(Case).where(
        Case.destroyed_at.is_(None), Case.state != State.CLOSED.value, nobody_left(Role.IB, Case)
    )
    if not work.viewer.has(Role.DIRECTOR):
        wanted = wanted.where(nobody_left(Role.DIRECTOR, Case))
    found = []
    for case in work.inner.scalars(wanted.order_by(Case.opened_at)):
        out = kept_out(work, case)
        handlers = {case.owner_id, case.deputy_id} - {None} - out
        if work.viewer.person_id not in out and not any(_works_here(work, one) for one in handlers):
            found.append(case)
    return found


def _works_here(work: Work, person_id: UUID | None) -> bool:
    person = people.get(work, person_id) if person_id else None
    return person is not None and person.active


def set_owner(work: Work, case: Case, person_id: UUID) -> None:
    """Make somebody the owner; as deputy they step back, and what was offered to anybody is over."""
    case.owner_id = person_id
    case.deputy_id = None if case.deputy_id == person_id else case.deputy_id
    work.note(Tag.OWNER_CHANGED, case.id, person_id, action="U")
    end_offers(work, case.id)


def set_deputy(work: Work, case: Case, person_id: UUID | None) -> None:
    """Make somebody the deputy, or nobody."""
    case.deputy_id = person_id
    work.note(Tag.DEPUTY_CHANGED, case.id, person_id, action="U")


def step_down(work: Work, case: Case, person_id: UUID) -> None:
    """Let somebody who is kept out now be neither owner nor deputy; the deputy moves up."""
    if case.owner_id == person_id:
        case.owner_id, case.deputy_id = case.deputy_id, None
        work.note(Tag.OWNER_CHANGED, case.id, case.owner_id, action="U")
    elif case.deputy_id == person_id:
        set_deputy(work, case, None)


def end_offers(work: Work, case_id: UUID, to_id: UUID | None = None) -> None:
    """End the offers of a case that nobody answered, or those to one person."""
    waiting = select(Succession).where(Succession.case_id == case_id, Succession.ended_at.is_(None))
    for row in work.inner.scalars(waiting if to_id is None else waiting.where(Succession.to_id == to_id)):
        row.ended_at = work.now
        invitations.settle(work, Kind.HAND_OVER, row.id)
        work.note(Tag.SUCCESSION_ANSWERED, case_id, row.id, action="U")


def _bound(work: Work, row: Succession, what: str) -> tuple[bytes, bytes, str]:
    return work.school_id.bytes, row.id.bytes, f"succession_{what}"


def offer(work: Work, case: Case, to_id: UUID, note: str) -> None:
    """Offer a case to somebody, who is mailed, instead of what was offered before."""
    end_offers(work, case.id)
    row = Succession(id=new_id(), school_id=work.school_id, case_id=case.id, from_id=work.viewer.person_id, to_id=to_id)
    row.offered_at = work.now
    row.note = work.keys.school("people").seal(note.encode(), *_bound(work, row, "note"))
    work.inner.add(row)
    work.note(Tag.SUCCESSION_OFFERED, case.id, row.id, action="C")
    invitations.ask(work, Kind.HAND_OVER, row.id, case.id, to_id)


def answer(work: Work, offer_id: UUID, reason: str, *, accepted: bool) -> None:
    """Write down what somebody said to an offer."""
    row = work.inner.get_one(Succession, offer_id)
    row.accepted, row.ended_at = accepted, work.now
    invitations.settle(work, Kind.HAND_OVER, row.id)
    row.reason = work.keys.school("people").seal(reason.encode(), *_bound(work, row, "reason"))
    work.note(Tag.SUCCESSION_ANSWERED, row.case_id, row.id, action="U")


def offered_to_viewer(work: Work, offer_id: UUID) -> Succession | None:
    """Return an offer to the viewer that waits for an answer, or None."""
    return work.session.scalars(_to_viewer(work).where(Succession.id == offer_id)).one_or_none()


def _to_viewer(work: Work) -> Select[Succession]:
    return select(Succession).where(Succession.to_id == work.viewer.person_id, Succession.ended_at.is_(None))


def offers_to_viewer(work: Work) -> list[Offer]:
    """Return what is offered to the viewer, oldest first."""
    return [_opened(work, row) for row in work.session.scalars(_to_viewer(work).order_by(Succession.offered_at))]


def newest_offer(work: Work, case_id: UUID) -> Offer | None:
    """Return the newest offer of a case that the viewer may see, answered or not; one that was overtaken is none."""
    row = work.session.scalars(_NEWEST_OFFER, {"case": case_id}).first()
    overtaken = row is None or (row.ended_at is not None and row.accepted is None)
    return None if row is None or overtaken else _opened(work, row)


def _opened(work: Work, row: Succession) -> Offer:
    ring = work.keys.school("people")
    note = ring.unseal(row.note, *_bound(work, row, "note")).decode()
    reason = ring.unseal(row.reason, *_bound(work, row, "reason")).decode() if row.reason else ""
    return Offer(row.id, row.case_id, row.from_id, row.to_id, row.offered_at, note, row.accepted, reason, row.ended_at)
