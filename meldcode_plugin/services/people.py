"""People: who is who, who holds which role by whose hand, who is kept away from which child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotVisible, SecondPersonNeeded
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.services import drafts, training
from meldcode_plugin.store import circle, ledger, people, signins
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.people import Exclusion, Person, RoleGrant
from meldcode_plugin.store.people import PersonRow
from meldcode_plugin.store.work import Work

OWN_CHILD = "Eigen kind: het mailadres van een ouder is ook dat van deze medewerker."
LAST_DIRECTOR = "Er moet altijd een directeur zijn. Wijs eerst een andere directeur aan."
OWN_ACCOUNT = "Dat kun je niet van jezelf zeggen. Vraag het een ander."
APPOINTED = (Role.IB, Role.AF, Role.DIRECTOR, Role.BOARD, Role.FG, Role.ADMIN)


@dataclass(frozen=True)
class GrantRow:
    """A role of a person: in force when ``confirmed`` is true, else proposed."""

    id: UUID
    person_id: UUID
    name: str
    role: Role
    confirmed: bool
    proposed_by: str
    proposed_at: datetime
    may_confirm: bool


@dataclass(frozen=True)
class ExclusionRow:
    """Somebody who is kept away; by whom and why. It counts, also while it is only proposed."""

    id: UUID
    person_id: UUID
    name: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    confirmed: bool


@dataclass(frozen=True)
class PeoplePage:
    """The page *mensen en rollen*."""

    people: list[PersonRow]
    grants: list[GrantRow]
    exclusions: list[ExclusionRow]


def enrol(work: Work, issuer: str, subject: str, name: str, email: str) -> UUID:
    """Know the person behind an account, and keep them away from their own children (5.2).

    The account key is (issuer, subject); the mail address is only for mail and for this check.
    """
    person = people.upsert(work, issuer, subject, name, email)
    for index in people.pupils_of_mail(work, email):
        people.add_exclusion(work, person.id, OWN_CHILD, pupil_index=index)
    return person.id


def viewer_of(work: Work, person_id: UUID) -> Viewer | None:
    """Return somebody as they are now, with the roles of this moment; None for who no longer works here (T17).

    None too for whose name does not open any more: without a mail address nobody can tell whether a child is
    their own, and signing in again writes it anew.
    """
    person = people.get(work, person_id)
    known = people.readable(work, person_id, person.sealed) if person and person.active else None
    if person is None or known is None:
        return None
    name, email = known
    return Viewer(work.school_id, person.id, people.roles_of(work, person.id), name=name, email=email)


def install(work: Work, person_id: UUID, role: Role) -> None:
    """Give the first director or board member their role; only while nobody at all holds it."""
    if not people.holders(work, role):
        people.add_grant(work, person_id, role, confirmed_by=work.viewer.person_id)


def page(work: Work) -> PeoplePage:
    """Return everybody with their roles and what is proposed; to director and board also who is kept away."""
    require(work.viewer, Permission.PEOPLE_READ)
    everybody = people.everybody(work)
    names = {row.id: row.name for row in everybody}
    grants = [_grant_row(work, grant, names) for grant in people.open_grants(work)]
    changes = may(work.viewer, Permission.PEOPLE_CHANGE)
    return PeoplePage(everybody, grants, _kept_away(work, names) if changes else [])


def _grant_row(work: Work, grant: RoleGrant, names: dict[UUID, str]) -> GrantRow:
    others = work.viewer.person_id not in (grant.proposed_by, grant.person_id)
    return GrantRow(
        grant.id,
        grant.person_id,
        names.get(grant.person_id, ""),
        Role(grant.role),
        grant.confirmed_at is not None,
        names.get(grant.proposed_by, "bij installatie"),
        grant.proposed_at,
        grant.confirmed_at is None and others,
    )


def _kept_away(work: Work, names: dict[UUID, str]) -> list[ExclusionRow]:
    """Return who is kept away, as far as the viewer may know it."""
    return [
        ExclusionRow(
            row.id,
            row.person_id,
            names.get(row.person_id, ""),
            people.reason_of(work, row),
            names.get(row.proposed_by, "") if row.proposed_by else "automatisch",
            row.proposed_at,
            row.confirmed_at is not None,
        )
        for row in people.exclusions(work)
    ]


def propose_role(work: Work, person_id: UUID, role: Role) -> UUID:
    """Propose a role for somebody; it counts once a second person has confirmed it (T9)."""
    require(work.viewer, Permission.PEOPLE_CHANGE)
    person = people.get(work, person_id)
    if person is None:
        raise NotVisible
    if role not in APPOINTED:
        raise InputRefused({"role": "Kies een rol uit de lijst."})
    if any(g.person_id == person_id and g.role == role.value for g in people.open_grants(work)):
        raise AlreadyDone("Deze persoon heeft deze rol al, of hij is al voorgesteld.")
    return people.add_grant(work, person_id, role).id


def confirm_role(work: Work, grant_id: UUID) -> None:
    """Confirm somebody else's proposal, about somebody else."""
    require(work.viewer, Permission.PEOPLE_CONFIRM)
    grant = people.grant(work, grant_id)
    if grant is None:
        raise NotVisible
    if grant.confirmed_at is not None:
        raise AlreadyDone
    if work.viewer.person_id in (grant.proposed_by, grant.person_id):
        raise SecondPersonNeeded
    grant.confirmed_by, grant.confirmed_at = work.viewer.person_id, work.now
    work.note(Tag.ROLE_CONFIRMED, object_id=grant.id, action="U")


def end_role(work: Work, grant_id: UUID) -> None:
    """End a role at once, or withdraw a proposal; the last director stays until there is another."""
    require(work.viewer, Permission.PEOPLE_CHANGE)
    people.one_change_of_roles(work)
    grant = people.grant(work, grant_id)
    if grant is None:
        raise NotVisible
    others = [one for one in people.holders(work, Role.DIRECTOR) if one != grant.person_id]
    if grant.confirmed_at and grant.role == Role.DIRECTOR.value and not others:
        raise AlreadyDone(LAST_DIRECTOR)
    _end(work, grant)


def _end(work: Work, grant: RoleGrant) -> None:
    grant.ended_by, grant.ended_at = work.viewer.person_id, work.now
    work.note(Tag.ROLE_ENDED, object_id=grant.id, action="U")


def leave(work: Work, person_id: UUID) -> None:
    """Say that somebody no longer works here: every sign-in and every role ends at once, what they wrote stays (5.2).

    What they left half written becomes an IB-er's.
    Who left already stays away. Nobody says it of themselves, and the last director stays until there is another.
    """
    require(work.viewer, Permission.PEOPLE_CHANGE)
    people.one_change_of_roles(work)
    person = _somebody(work, person_id)
    if person_id == work.viewer.person_id:
        raise InputRefused({"gone": OWN_ACCOUNT})
    if not person.active:
        return
    if people.holders(work, Role.DIRECTOR) == [person_id]:
        raise AlreadyDone(LAST_DIRECTOR)
    for grant in people.open_grants(work):
        if grant.person_id == person_id:
            _end(work, grant)
    person.active = False
    signins.end_sign_ins(work, person_id=person_id)
    work.note(Tag.PERSON_LEFT, object_id=person_id, action="U")
    work.inner.flush()
    drafts.hand_on(work, person_id)
    training.lay_down(work)


def come_back(work: Work, person_id: UUID) -> None:
    """Say that somebody works here again: they can sign in, and get their roles anew, by two people."""
    require(work.viewer, Permission.PEOPLE_CHANGE)
    person = _somebody(work, person_id)
    if not person.active:
        person.active = True
        work.note(Tag.PERSON_RETURNED, object_id=person_id, action="U")


def _somebody(work: Work, person_id: UUID) -> Person:
    person = people.get(work, person_id)
    if person is None:
        raise NotVisible
    return person


def exclude(work: Work, person_id: UUID, pupil_id: str, reason: str) -> None:
    """Keep somebody away from a pupil; it counts at once."""
    require(work.viewer, Permission.PEOPLE_CHANGE)
    if people.get(work, person_id) is None:
        raise NotVisible
    if not reason.strip():
        raise InputRefused({"reason": "Schrijf op waarom deze persoon het dossier niet mag zien."})
    index, me = ledger.known_as(work, ledger.PupilCard(pupil_id)).anchor, work.viewer.person_id
    people.add_exclusion(work, person_id, reason.strip(), pupil_index=index, by=me)


def exclude_self(work: Work, case_id: UUID) -> None:
    """'Ik ben zelf betrokken': the viewer closes this case for themselves, at once."""
    case = ledger.locked_case(work, case_id)
    me = work.viewer.person_id
    people.add_exclusion(work, me, "Heeft zelf gezegd betrokken te zijn.", case_id=case.id, by=me)
    circle.step_down(work, case, me)


def confirm_exclusion(work: Work, exclusion_id: UUID) -> None:
    """Say that a proposed exclusion is right; it counted already."""
    row = _judged(work, exclusion_id)
    row.confirmed_at = work.now
    work.note(Tag.EXCLUSION_CONFIRMED, object_id=row.id, action="U")


def reject_exclusion(work: Work, exclusion_id: UUID) -> None:
    """Say that an exclusion is wrong; from now on it no longer counts."""
    row = _judged(work, exclusion_id)
    row.rejected_by, row.rejected_at = work.viewer.person_id, work.now
    work.note(Tag.EXCLUSION_REJECTED, object_id=row.id, action="U")


def _judged(work: Work, exclusion_id: UUID) -> Exclusion:
    require(work.viewer, Permission.PEOPLE_CHANGE)
    row = people.exclusion(work, exclusion_id)
    if row is None:
        raise NotVisible
    return row
