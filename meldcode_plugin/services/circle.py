"""The people around a case: who owns it, who stands in, to whom it is handed over, who is kept out (5.1, 5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed, NotVisible
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.store import cases as case_store
from meldcode_plugin.store import circle as store
from meldcode_plugin.store import ledger, people
from meldcode_plugin.store.circle import Offer
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work

CHOOSE = "Kies een persoon uit de lijst."
WHY_REFUSED = "Schrijf op waarom je de overdracht niet aanneemt."
WHY_KEPT_OUT = "Schrijf op waarom deze persoon het dossier niet mag zien."
HANDLERS = (Role.IB, Role.AF)


@dataclass(frozen=True)
class Someone:
    """A person as a list shows them."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Circle:
    """Who stands around one case. ``offer`` is the newest hand-over: waiting, accepted, or refused with its reason."""

    case_id: UUID
    pupil_index: bytes | None = field(repr=False)
    owner: Someone | None
    deputy: Someone | None
    is_owner: bool
    offer: Offer | None
    offered_to: str
    may_change: bool
    by_glass: bool = False


@dataclass(frozen=True)
class Choices:
    """Who can be chosen around a case: who can handle it, and everybody who is not kept out of it yet."""

    able: tuple[Someone, ...]
    others: tuple[Someone, ...]


@dataclass(frozen=True)
class WaitingOffer:
    """A case that somebody wants to hand over to the viewer; of its content only the note."""

    id: UUID
    case_id: UUID
    name: str
    offered_at: datetime
    note: str
    is_visible: bool


@dataclass(frozen=True)
class Number:
    """A case of which the viewer knows no more than its number, and who could take it."""

    id: UUID
    opened_at: datetime
    acute: bool
    able: tuple[Someone, ...]


# --- who may work in a case ----------------------------------------------------------------------


def handles(work: Work, case_id: UUID, permission: Permission = Permission.CASE_HANDLE) -> bool:
    """Tell whether the viewer handles a case: by role, or as its owner or deputy (domain 5.2)."""
    if may(work.viewer, permission):
        return True
    return may(work.viewer, permission, named=True) and store.named(work, case_id)


def require_handling(work: Work, case_id: UUID, permission: Permission = Permission.CASE_HANDLE) -> None:
    """Raise `NotAllowed` unless the viewer handles the case."""
    if not handles(work, case_id, permission):
        raise NotAllowed


def _locked(work: Work, case_id: UUID) -> Case:
    require_handling(work, case_id, Permission.CIRCLE_CHANGE)
    return ledger.locked_case(work, case_id)


# --- owner, deputy, hand-over --------------------------------------------------------------------


def around(work: Work, case: Case, *, theirs: bool) -> Circle:
    """Return who stands around a case that the viewer reads; ``theirs`` when they may work in it too."""
    offer = store.newest_offer(work, case.id)
    changes = theirs and handles(work, case.id, Permission.CIRCLE_CHANGE)
    wanted = {one for one in (case.owner_id, case.deputy_id, offer.to_id if offer else None) if one}
    names = people.names(work, wanted)
    return Circle(
        case.id,
        case.pupil_index,
        _someone(case.owner_id, names),
        _someone(case.deputy_id, names),
        case.owner_id == work.viewer.person_id,
        offer,
        names.get(offer.to_id, "") if offer else "",
        changes,
        not theirs,
    )


def choices(work: Work, case_id: UUID) -> Choices:
    """Return who can be chosen for the circle of a case, for who may change it."""
    require_handling(work, case_id, Permission.CIRCLE_CHANGE)
    case = case_store.visible(work, case_id)
    return Choices(_able(work, case), _others(work, store.kept_out(work, case)))


def others(work: Work, around: Circle) -> tuple[Someone, ...]:
    """Return everybody who is not kept out of a case yet, for who may change its circle and was told of it just now."""
    if not around.may_change:
        raise NotAllowed
    return _others(work, store.kept_out_of(work, around.case_id, around.pupil_index))


def _someone(person_id: UUID | None, names: dict[UUID, str]) -> Someone | None:
    return Someone(person_id, names.get(person_id, "")) if person_id else None


def _named(work: Work, ids: list[UUID]) -> tuple[Someone, ...]:
    names = people.names(work, set(ids))
    return tuple(sorted((Someone(one, names[one]) for one in ids if one in names), key=lambda who: who.name.casefold()))


def _able(work: Work, case: Case) -> tuple[Someone, ...]:
    return _named(work, _who_can(work, case))


def _who_can(work: Work, case: Case) -> list[UUID]:
    """Return who can handle a case: IB-ers and AFs; where they are all kept out, the director, then the board (5.2)."""
    for roles in (HANDLERS, (Role.DIRECTOR,), (Role.BOARD,)):
        if found := store.able(work, case, *roles):
            return found
    return []


def _others(work: Work, out: set[UUID]) -> tuple[Someone, ...]:
    known = people.at_work(work, out | {work.viewer.person_id})
    return tuple(sorted((Someone(*one) for one in known.items()), key=lambda who: who.name.casefold()))


def take(work: Work, case_id: UUID) -> None:
    """Make the viewer the owner of a case, at once: a colleague may be ill."""
    case = _locked(work, case_id)
    if case.owner_id == work.viewer.person_id:
        raise AlreadyDone
    store.set_owner(work, case, work.viewer.person_id)


def hand_over(work: Work, case_id: UUID, person_id: UUID | None, note: str) -> None:
    """Offer a case to somebody who can handle it; the owner stays until it is accepted."""
    case = _locked(work, case_id)
    if person_id is None or person_id == work.viewer.person_id or person_id not in _who_can(work, case):
        raise InputRefused({"successor": CHOOSE})
    waiting = store.newest_offer(work, case.id)
    wanted = (work.viewer.person_id, person_id, note.strip(), None)
    if waiting and (waiting.from_id, waiting.to_id, waiting.note, waiting.ended_at) == wanted:  # the same form twice
        return
    store.offer(work, case, person_id, note.strip())


def set_deputy(work: Work, case_id: UUID, person_id: UUID | None) -> None:
    """Choose who stands in for the owner, or nobody."""
    case = _locked(work, case_id)
    if person_id is not None and (person_id == case.owner_id or person_id not in _who_can(work, case)):
        raise InputRefused({"stand_in": CHOOSE})
    store.set_deputy(work, case, person_id)


def offers(work: Work) -> list[WaitingOffer]:
    """Return what is offered to the viewer and waits for a yes or no."""
    require(work.viewer, Permission.HAND_OVER_ANSWER)
    found = store.offers_to_viewer(work)
    names = people.names(work, {offer.from_id for offer in found})
    return [
        WaitingOffer(
            *(offer.id, offer.case_id, names.get(offer.from_id, ""), offer.offered_at, offer.note),
            store.is_theirs(work, offer.case_id),
        )
        for offer in found
    ]


def accept(work: Work, offer_id: UUID) -> UUID:
    """Take a case over; from now on it is the viewer's. Returns its id."""
    case = _offered(work, offer_id)
    store.answer(work, offer_id, "", accepted=True)
    store.set_owner(work, case, work.viewer.person_id)
    return case.id


def refuse(work: Work, offer_id: UUID, reason: str) -> None:
    """Say no to a hand-over; who offered it reads the reason, and stays the owner."""
    if not reason.strip():
        raise InputRefused({"reason": WHY_REFUSED})
    _offered(work, offer_id)
    store.answer(work, offer_id, reason.strip(), accepted=False)


def _offered(work: Work, offer_id: UUID) -> Case:
    require(work.viewer, Permission.HAND_OVER_ANSWER)
    row = store.offered_to_viewer(work, offer_id)
    if row is None:
        raise NotVisible
    return ledger.locked_behind(work, row)


# --- kept out ------------------------------------------------------------------------------------


def keep_out(work: Work, case_id: UUID, person_id: UUID | None, reason: str, *, field: str = "outsider") -> None:
    """Keep somebody out of a case, at once; who handled it does so no longer (5.2)."""
    case = _locked(work, case_id)
    wrong = {} if person_id and people.get(work, person_id) else {field: CHOOSE}
    if wrong := wrong | ({} if reason.strip() else {"why": WHY_KEPT_OUT}):
        raise InputRefused(wrong)
    _keep_out(work, case, person_id, reason.strip())  # type: ignore[arg-type]  # asked in the lines above


def _keep_out(work: Work, case: Case, person_id: UUID, reason: str) -> None:
    people.add_exclusion(work, person_id, reason, case_id=case.id, by=work.viewer.person_id)
    store.step_down(work, case, person_id)
    store.end_offers(work, case.id, person_id)


# --- nobody can come to it -----------------------------------------------------------------------


def without_handler(work: Work) -> list[Number]:
    """Return the cases to which no IB-er can come; of each no more than its number."""
    require(work.viewer, Permission.CASE_APPOINT)
    return [Number(case.id, case.opened_at, case.acute, _able(work, case)) for case in store.without_handler(work)]


def appoint(work: Work, case_id: UUID, person_id: UUID | None) -> None:
    """Make somebody the owner of a case to which no IB-er can come; that may be the viewer (5.2)."""
    require(work.viewer, Permission.CASE_APPOINT)
    found = next((case for case in store.without_handler(work) if case.id == case_id), None)
    if found is None:
        raise NotVisible
    case = ledger.locked(work, found.id)
    if person_id is None or person_id not in _who_can(work, case):
        raise InputRefused({"person": CHOOSE})
    store.set_owner(work, case, person_id)
