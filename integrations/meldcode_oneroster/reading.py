"""Reads rows of OneRoster as they are really sent, 1.1 and 1.2, by REST or in CSV, into plain data; it asks nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from meldcode_plugin.sis import Guardian, OtherId, Pupil, StaffMember, is_particle

STUDENT = "student"
STAFF = frozenset(
    {
        "administrator",
        "aide",
        "counselor",
        "districtadministrator",
        "principal",
        "proctor",
        "siteadministrator",
        "systemadministrator",
        "teacher",
    }
)
RELATIONS = {"parent": "ouder", "guardian": "voogd", "relative": "familie"}


@dataclass(frozen=True, slots=True)
class Person:
    """One user of the roster: only what the plugin needs of it, whatever else was sent."""

    id: str
    name: str
    email: str
    roles: tuple[tuple[str, str], ...]
    """Pairs of a role in lower case and the ``sourcedId`` of its school, empty when none was named."""
    agents: tuple[str, ...]
    ids: tuple[OtherId, ...]
    active: bool
    gone: bool

    def at(self, school: str, *, alone: bool) -> list[str]:
        """Return the roles at a school; ``alone``: the server has no other, so a role without one is of it."""
        return [role for role, org in self.roles if org == school or (alone and not org)]

    @property
    def is_staff(self) -> bool:
        """Whether any of the roles is one of staff."""
        return any(role in STAFF for role, _ in self.roles)


def person(row: dict[str, Any]) -> Person:
    """Read a user; what is missing or null is empty."""
    return Person(
        text(row.get("sourcedId")),
        name_of(row),
        text(row.get("email")),
        tuple(_roles(row)),
        tuple(refs(row, "agents", "agentSourcedIds", "agentSourceIds")),
        tuple(_ids(row)),
        yes(row.get("enabledUser"), default=True),
        is_gone(row),
    )


def text(value: Any) -> str:
    """Return a value as text without spaces around it; nothing for null, a list or an object."""
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def yes(value: Any, *, default: bool) -> bool:
    """Read a boolean, which 1.2 writes as text."""
    if isinstance(value, bool):
        return value
    return text(value).casefold() == "true" if text(value) else default


def is_gone(row: dict[str, Any]) -> bool:
    """Tell whether the row is kept only to say that it is no more."""
    return text(row.get("status")).casefold() in ("tobedeleted", "inactive")


def refs(row: dict[str, Any], *names: str) -> list[str]:
    """Return the ids that a row refers to, as objects, as texts, or as one of either; ``href`` is not looked at."""
    found: list[str] = []
    for name in names:
        value = row.get(name)
        many = value if isinstance(value, list) else [value]
        found += [text(one.get("sourcedId")) if isinstance(one, dict) else text(one) for one in many]
    return [one for one in found if one]


def _roles(row: dict[str, Any]) -> list[tuple[str, str]]:
    """1.2: ``roles[]``, each with its school. 1.1: one ``role`` and ``orgs[]``."""
    many = row.get("roles")
    if isinstance(many, list) and many:
        return [
            (text(one.get("role")).casefold(), org)
            for one in many
            if isinstance(one, dict)
            for org in refs(one, "org") or [""]
        ]
    role = text(row.get("role")).casefold()
    return [(role, org) for org in refs(row, "orgs", "org") or [""]] if role else []


def _ids(row: dict[str, Any]) -> list[OtherId]:
    found = [(name, text(row.get(name))) for name in ("userMasterIdentifier", "identifier")]
    many = row.get("userIds")
    pairs = [one for one in many if isinstance(one, dict)] if isinstance(many, list) else []
    found += [(text(one.get("type")), text(one.get("identifier"))) for one in pairs]
    return [OtherId(kind, value) for kind, value in dict.fromkeys(found) if kind and value]


def name_of(row: dict[str, Any]) -> str:
    """Return how somebody is called, with the particle as it was sent.

    OneRoster has no field for it: senders put it in ``familyName`` or ``middleName``. A middle name that is
    no particle is a second first name, and left out.
    """
    first = text(row.get("preferredFirstName")) or text(row.get("givenName"))
    last = text(row.get("preferredLastName")) or text(row.get("familyName"))
    middle = text(row.get("preferredMiddleName")) or text(row.get("middleName"))
    return " ".join(" ".join((first, middle if is_particle(middle) else "", last)).split())


def day(value: Any) -> date | None:
    """Read a day; anything else, also a day that does not exist, is unknown."""
    try:
        return date.fromisoformat(text(value)[:10])
    except ValueError:
        return None


def pupil(one: Person, born: date | None, group: str | None, guardians: list[Person]) -> Pupil:
    """Return a pupil of the port. Who has custody is not in OneRoster: that stays unknown."""
    return Pupil(one.id, one.name, born, group, tuple(_guardian(g) for g in guardians if not g.gone), one.ids)


def _guardian(one: Person) -> Guardian:
    relation = next((RELATIONS[role] for role, _ in one.roles if role in RELATIONS), None)
    return Guardian(one.name, one.email or None, relation)


def staff_member(one: Person) -> StaffMember:
    """Return a member of staff of the port."""
    return StaffMember(one.id, one.name, one.email or None, one.active and not one.gone)


@dataclass(frozen=True, slots=True)
class _Class:
    title: str
    home: bool


def groups(classes: Iterable[dict[str, Any]], enrollments: Iterable[dict[str, Any]]) -> dict[str, str]:
    """Return the own group of each pupil, by joining classes and enrollments; without classes none is looked at."""
    known = {text(row.get("sourcedId")): _class(row) for row in classes if not is_gone(row)}
    of_pupil: dict[str, list[_Class]] = {}
    for row in enrollments if known else ():
        if is_gone(row) or text(row.get("role")).casefold() not in (STUDENT, ""):
            continue
        for user in refs(row, "user"):
            joined = [known[one] for one in refs(row, "class") if one in known]
            of_pupil.setdefault(user, []).extend(joined)
    return {user: title for user, found in of_pupil.items() if (title := _group(found))}


def group(classes: Iterable[dict[str, Any]]) -> str | None:
    """Return the own group of the pupil who is in these classes."""
    return _group([_class(row) for row in classes if not is_gone(row)])


def _class(row: dict[str, Any]) -> _Class:
    return _Class(text(row.get("title")), text(row.get("classType")).casefold() == "homeroom")


def _group(found: list[_Class]) -> str | None:
    """Return the homeroom, else the only class; of many none can be said to be it."""
    home = sorted({one.title for one in found if one.home and one.title})
    titles = home or sorted({one.title for one in found if one.title})
    return ", ".join(titles) if home or len(titles) == 1 else None
