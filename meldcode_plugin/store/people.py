"""Named reads and writes about people, roles and exclusions; it decides nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, or_, select, union

from meldcode_plugin.errors import KeyUnavailable, TamperedData
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.people import Exclusion, GuardianMail, Person, RoleGrant
from meldcode_plugin.store.models.roster import StaffGuardian
from meldcode_plugin.store.work import Work

_OF_ID = standing(select(Person).where(Person.id == bindparam("person")))
_SEALED = standing(select(Person.id, Person.sealed).where(Person.id.in_(bindparam("ids", expanding=True))))
_EVERYBODY = standing(select(Person.id, Person.sealed, Person.active))
_GRANTED = standing(
    select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.confirmed_at.is_not(None), RoleGrant.ended_at.is_(None))
)
_ROLES = standing(
    select(RoleGrant.role).where(
        RoleGrant.person_id == bindparam("person"), RoleGrant.confirmed_at.is_not(None), RoleGrant.ended_at.is_(None)
    )
)
_KEPT_OUT = standing(
    select(Exclusion.id)
    .where(
        Exclusion.person_id == bindparam("person"),
        Exclusion.pupil_index.in_(bindparam("pupils", expanding=True)),
        Exclusion.rejected_at.is_(None),
    )
    .limit(1)
)
_GUARDIANS = standing(select(GuardianMail.mail_index).where(GuardianMail.pupil_index == bindparam("pupil")))
_GUARDIANS_HERE = standing(
    select(Person.id).where(
        or_(
            Person.mail_index.in_(bindparam("mails", expanding=True)),
            Person.mail_index.in_(
                select(StaffGuardian.mail_index).where(StaffGuardian.pupil_index == bindparam("pupil"))
            ),
        )
    )
)
_IS_GUARDIAN = standing(
    select(StaffGuardian.id)
    .where(
        StaffGuardian.mail_index == bindparam("mail"),
        StaffGuardian.pupil_index.in_(bindparam("pupils", expanding=True)),
    )
    .limit(1)
)


UNREADABLE = "(naam niet leesbaar)"
"""In the place of a name that does not open any more, until that person signs in again."""


@dataclass(frozen=True)
class PersonRow:
    """A person as a page may show it."""

    id: UUID
    name: str
    email: str
    active: bool
    roles: frozenset[Role]


def account_index(work: Work, issuer: str, subject: str) -> bytes:
    """Return the keyed index of an account; the same pair always gives the same bytes."""
    return work.keys.school("people").index(work.school_id.bytes, "account", issuer, subject)


def mail_index(work: Work, email: str) -> bytes | None:
    """Return the keyed index of a mail address, blind to case and spaces; None when there is none."""
    plain = email.strip().casefold()
    return work.keys.school("people").index(work.school_id.bytes, "mail", plain) if plain else None


def _bound(person_id: UUID, school_id: UUID) -> tuple[bytes, bytes, str]:
    return school_id.bytes, person_id.bytes, "person"


def find_account(work: Work, issuer: str, subject: str) -> Person | None:
    """Return the person of an account, or None."""
    return work.inner.scalars(
        select(Person).where(Person.account_index == account_index(work, issuer, subject))
    ).one_or_none()


def upsert(work: Work, issuer: str, subject: str, name: str, email: str) -> Person:
    """Make or refresh the person of an account; two first sign-ins at once make one person."""
    work.one_at_a_time(account_index(work, issuer, subject))
    person = find_account(work, issuer, subject)
    if person is None:
        person = Person(id=new_id(), school_id=work.school_id, active=True, enrolled_at=work.now)
        person.account_index = account_index(work, issuer, subject)
        work.note(Tag.PERSON_ENROLLED, object_id=person.id, action="C")
    elif readable(work, person.id, person.sealed) == (name, email):
        return person
    _write_contact(work, person, name, email)
    return person


def _write_contact(work: Work, person: Person, name: str, email: str) -> None:
    plain = json.dumps([name, email]).encode()
    person.mail_index = mail_index(work, email)
    person.sealed = work.keys.school("people").seal(plain, *_bound(person.id, work.school_id))
    work.inner.add(person)
    work.inner.flush()


def _contact(work: Work, person_id: UUID, sealed: bytes) -> tuple[str, str]:
    name, email = json.loads(work.keys.school("people").unseal(sealed, *_bound(person_id, work.school_id)))
    return name, email


def readable(work: Work, person_id: UUID, sealed: bytes) -> tuple[str, str] | None:
    """Return (name, mail address), or None when the cell does not open any more: one cell must stop nobody else."""
    try:
        return _contact(work, person_id, sealed)
    except TamperedData:
        return None
    except KeyUnavailable:
        # raises it again when the key itself is away, and no cell names a wrong one
        work.keys.school("people")
        return None


def _name(work: Work, person_id: UUID, sealed: bytes) -> str:
    found = readable(work, person_id, sealed)
    return UNREADABLE if found is None else found[0]


def email(work: Work, person_id: UUID, sealed: bytes) -> str | None:
    """Return where to mail a person, or None when their cell does not open any more."""
    found = readable(work, person_id, sealed)
    return None if found is None else found[1].strip()


def damaged(work: Work) -> list[UUID]:
    """Return the people who work here and whose cell does not open any more: nobody can mail them."""
    found = work.inner.execute(select(Person.id, Person.sealed).where(Person.active))
    return [one for one, sealed in found if email(work, one, sealed) is None]


def get(work: Work, person_id: UUID) -> Person | None:
    """Return the person with this id in this school, or None."""
    return work.inner.scalars(_OF_ID, {"person": person_id}).one_or_none()


def roles_of(work: Work, person_id: UUID) -> frozenset[Role]:
    """Return the roles that count now; STAFF is everybody's who is active."""
    found = work.inner.scalars(_ROLES, {"person": person_id})
    return frozenset({Role.STAFF, *(Role(r) for r in found)})


def holders(work: Work, role: Role) -> list[UUID]:
    """Return the active people who hold a role now, longest first."""
    found = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role == role.value,
            RoleGrant.confirmed_at.is_not(None),
            RoleGrant.ended_at.is_(None),
            Person.active,
        )
        .order_by(RoleGrant.confirmed_at, RoleGrant.id)
    )
    return list(work.inner.scalars(found))


def everybody(work: Work) -> list[PersonRow]:
    """Return all people of the school with their roles, by name."""
    grants: dict[UUID, set[Role]] = {}
    for person_id, role in work.inner.execute(_GRANTED):
        grants.setdefault(person_id, set()).add(Role(role))
    rows = []
    for person in work.inner.execute(_EVERYBODY):
        name, email = readable(work, person.id, person.sealed) or (UNREADABLE, "")
        rows.append(PersonRow(person.id, name, email, person.active, frozenset(grants.get(person.id, ()))))
    return sorted(rows, key=lambda row: row.name.casefold())


def at_work(work: Work, without: set[UUID]) -> dict[UUID, str]:
    """Return the names of everybody who works here now, without some; nobody's name is opened in vain."""
    found = [row for row in work.inner.execute(_EVERYBODY) if row.active and row.id not in without]
    return {row.id: _name(work, row.id, row.sealed) for row in found}


def names(work: Work, ids: set[UUID]) -> dict[UUID, str]:
    """Return the names of these people; an id without a person is left out."""
    if not ids:
        return {}
    found = work.inner.execute(_SEALED, {"ids": list(ids)})
    return {person.id: _name(work, person.id, person.sealed) for person in found}


def one_change_of_roles(work: Work) -> None:
    """Let changes of roles wait for each other, so that two can not both end the last director but one."""
    work.one_at_a_time(work.keys.school("index").index(work.school_id.bytes, "roles"))


def open_grants(work: Work) -> list[RoleGrant]:
    """Return the grants that have not ended, proposals included."""
    return list(
        work.inner.scalars(select(RoleGrant).where(RoleGrant.ended_at.is_(None)).order_by(RoleGrant.proposed_at))
    )


def grant(work: Work, grant_id: UUID) -> RoleGrant | None:
    """Return one grant that has not ended, locked for a change, or None."""
    found = select(RoleGrant).where(RoleGrant.id == grant_id, RoleGrant.ended_at.is_(None)).with_for_update()
    return work.inner.scalars(found).one_or_none()


def add_grant(work: Work, person_id: UUID, role: Role, *, confirmed_by: UUID | None = None) -> RoleGrant:
    """Add a proposal, or at install a grant that counts at once."""
    made = RoleGrant(
        id=new_id(),
        school_id=work.school_id,
        person_id=person_id,
        role=role.value,
        proposed_by=work.viewer.person_id,
        proposed_at=work.now,
        confirmed_by=confirmed_by,
        confirmed_at=work.now if confirmed_by is not None else None,
    )
    work.inner.add(made)
    work.note(Tag.ROLE_CONFIRMED if confirmed_by else Tag.ROLE_PROPOSED, object_id=made.id, action="C")
    return made


def add_exclusion(
    work: Work,
    person_id: UUID,
    reason: str,
    *,
    pupil_index: bytes | None = None,
    case_id: UUID | None = None,
    by: UUID | None = None,
) -> Exclusion:
    """Keep a person away from a pupil or a case; the same person does not say so twice.

    ``by`` is who said so; left out, the program found it by itself, and nobody's name goes with it. What
    the program found and somebody rejected does not come back by itself.
    """
    alike = select(Exclusion).where(
        Exclusion.person_id == person_id,
        Exclusion.pupil_index == pupil_index,
        Exclusion.case_id == case_id,
        Exclusion.proposed_by == by,
    )
    held = work.inner.scalars(alike.where(Exclusion.rejected_at.is_(None)) if by else alike).first()
    if held is not None:
        return held
    made = Exclusion(id=new_id(), school_id=work.school_id, person_id=person_id, pupil_index=pupil_index)
    made.case_id = case_id
    made.sealed = work.keys.school("people").seal(reason.encode(), work.school_id.bytes, made.id.bytes, "exclusion")
    made.proposed_by = by
    made.proposed_at = work.now
    work.inner.add(made)
    work.note(Tag.EXCLUSION_PROPOSED, object_id=made.id, action="C")
    return made


def reason_of(work: Work, exclusion: Exclusion) -> str:
    """Return why somebody is kept away."""
    bound = (work.school_id.bytes, exclusion.id.bytes, "exclusion")
    return work.keys.school("people").unseal(exclusion.sealed, *bound).decode()


def exclusions(work: Work) -> list[Exclusion]:
    """Return the exclusions that count and that the viewer may know of, newest first."""
    return list(work.session.scalars(_known_exclusions(work).order_by(Exclusion.proposed_at.desc())))


def exclusion(work: Work, exclusion_id: UUID) -> Exclusion | None:
    """Return one exclusion that counts and that the viewer may know of, locked for a change, or None."""
    if work.session.scalars(_known_exclusions(work).where(Exclusion.id == exclusion_id)).one_or_none() is None:
        return None
    return work.inner.scalars(select(Exclusion).where(Exclusion.id == exclusion_id).with_for_update()).one_or_none()


def _known_exclusions(work: Work) -> Select[Exclusion]:
    """Never one's own, and what a file brought along only with that file (T6).

    What somebody proposed from a pupil says nothing. What came by itself with a signal, or from within a
    dossier, is there because a file is.
    """
    from_pupil = and_(Exclusion.proposed_by.is_not(None), Exclusion.case_id.is_(None))
    with_file = or_(Exclusion.case_id.in_(select(Case.id)), Exclusion.pupil_index.in_(select(Case.pupil_index)))
    not_own = Exclusion.person_id != work.viewer.person_id
    return select(Exclusion).where(Exclusion.rejected_at.is_(None), not_own, or_(from_pupil, with_file))


def is_excluded(work: Work, person_id: UUID, *pupil_indexes: bytes) -> bool:
    """Tell whether a person is kept away from a pupil, under any index by which the pupil is known."""
    return work.inner.scalar(_KEPT_OUT, {"person": person_id, "pupils": pupil_indexes}) is not None


def is_guardian(work: Work, email: str, *pupil_indexes: bytes) -> bool:
    """Tell whether the last good look at the roster named this mail address of a colleague as a guardian's."""
    asked = {"mail": mail_index(work, email), "pupils": pupil_indexes}
    return work.inner.scalar(_IS_GUARDIAN, asked) is not None


def also_exclude(work: Work, old: bytes, new: bytes) -> None:
    """Let who is kept away from a pupil also be kept away from it under its new number."""
    held = select(Exclusion).where(Exclusion.pupil_index == old, Exclusion.rejected_at.is_(None))
    for row in work.inner.scalars(held).all():
        add_exclusion(work, row.person_id, reason_of(work, row), pupil_index=new, by=row.proposed_by)


def know_guardians(work: Work, pupil_index: bytes, mails: tuple[str, ...]) -> list[UUID]:
    """Remember the guardians' mail addresses as indexes; return the people who have one of them."""
    wanted = {index for mail in mails if (index := mail_index(work, mail))}
    held = set(work.inner.scalars(_GUARDIANS, {"pupil": pupil_index}))
    if new := wanted - held:  # whoever enrols with an address that stands here already finds it there
        for index in sorted(new):
            work.one_at_a_time(index)
        held = set(work.inner.scalars(_GUARDIANS, {"pupil": pupil_index}))
    for index in wanted - held:
        work.inner.add(GuardianMail(school_id=work.school_id, pupil_index=pupil_index, mail_index=index))
    return list(work.inner.scalars(_GUARDIANS_HERE, {"mails": list(wanted | held), "pupil": pupil_index}))


def pupils_of_mail(work: Work, email: str) -> list[bytes]:
    """Return the pupils, as indexes, of whom somebody with this mail address is a guardian."""
    index = mail_index(work, email)
    if index is not None:
        work.one_at_a_time(index)
    of_signals = select(GuardianMail.pupil_index).where(GuardianMail.mail_index == index)
    of_roster = select(StaffGuardian.pupil_index).where(StaffGuardian.mail_index == index)
    return list(work.inner.scalars(union(of_signals, of_roster)))
