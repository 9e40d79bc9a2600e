"""An invented school of any size, as rows of OneRoster, as EDEXML and as CSV would hold it; it serves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from meldcode_plugin.sis import Guardian, OtherId, Pupil

SCHOOL, ORG, OTHER_ORG = "99AB", "org-1", "org-2"
GIVEN = (
    "Aya",
    "Bram",
    "Chloé",
    "Daan",
    "Eva",
    "Fenna",
    "Gijs",
    "Isa",
    "Jayden",
    "Łucja",
    "Mila",
    "Noah",
    "Pim",
    "Roos",
)
FAMILY = (
    ("", "Öztürk"),
    ("van den", "Berg"),
    ("de", "Groot"),
    ("", "O'Neill"),
    ("'t", "Hart"),
    ("el", "Idrissi"),
    ("", "'s-Gravenhage"),
    ("van der", "Meer"),
    ("", "Smit-Jansen"),
)
STAFF = ("teacher", "administrator", "aide")


@dataclass(frozen=True)
class Child:
    """One pupil of the invented school."""

    number: int

    @property
    def id(self) -> str:
        """Its sourcedId."""
        return f"s{self.number:05}"

    @property
    def given(self) -> str:
        """Its first name, made a different one by a number."""
        return GIVEN[self.number % len(GIVEN)]

    @property
    def family(self) -> tuple[str, str]:
        """Its particle and last name."""
        return FAMILY[self.number % len(FAMILY)]

    @property
    def name(self) -> str:
        """Its whole name."""
        particle, last = self.family
        return " ".join(f"{self.given} {particle} {last}".split()) + f" {self.number}"

    @property
    def born(self) -> date:
        """Its birth date."""
        return date(2014, 1, 1) + timedelta(days=self.number % 2500)

    @property
    def group(self) -> int:
        """The number of its group."""
        return self.number % 80


@dataclass(frozen=True)
class TownSchool:
    """So many pupils, guardians and staff; each pupil has the guardians whose number fits."""

    pupils: int = 30
    guardians: int = 60
    staff: int = 12

    def children(self) -> list[Child]:
        """Return all pupils."""
        return [Child(number) for number in range(self.pupils)]

    def guardians_of(self, child: Child) -> list[int]:
        """Return the numbers of a pupil's guardians."""
        return list(range(child.number, self.guardians, self.pupils))

    def known(self, child: Child) -> Pupil:
        """Return the pupil as an adapter to OneRoster must."""
        guardians = tuple(
            Guardian(f"Ouder {n} de Vries", f"ouder{n}@thuis.example", "ouder") for n in self.guardians_of(child)
        )
        ids = (OtherId("identifier", f"ll-{child.number}"), OtherId("studentUniqueId", f"ll-{child.number}"))
        return Pupil(child.id, child.name, child.born, f"Groep {child.group}", guardians, ids)

    def rows(self, name: str, version: str, *, real: bool, foreign: bool) -> list[dict[str, Any]]:
        """Return the rows of a collection."""
        return _rows(self, name, version, real, foreign)


@cache
def _rows(school: TownSchool, name: str, version: str, real: bool, foreign: bool) -> list[dict[str, Any]]:  # noqa: FBT001, PLR0911  # a key of the cache, one line per collection
    org = OTHER_ORG if foreign else ORG
    if name in ("orgs", "schools"):
        return [_org(ORG, SCHOOL), *([_org(OTHER_ORG, "98ZZ")] if foreign else [])]
    if name == "students":
        return [_student(school, child, version, real=real, org=org) for child in school.children()]
    if name == "teachers":
        return [_teacher(number, version, real=real, org=org) for number in range(school.staff)]
    if name == "users":
        parents = [_guardian(number, version, org) for number in range(school.guardians)]
        return [
            *_rows(school, "students", version, real, foreign),
            *_rows(school, "teachers", version, real, foreign),
            *parents,
        ]
    if name == "demographics":
        return [{"sourcedId": c.id, "status": "active", "birthDate": c.born.isoformat()} for c in school.children()]
    if name == "classes":
        return [
            {
                "sourcedId": f"c{n}",
                "status": "active",
                "title": f"Groep {n}",
                "classType": "scheduled" if real else "homeroom",
            }
            for n in range(min(80, school.pupils))
        ]
    return [_enrollment(child) for child in school.children()]


def _org(key: str, code: str) -> dict[str, Any]:
    return {"sourcedId": key, "status": "active", "name": f"School {code}", "type": "school", "identifier": code}


def _ref(key: str, kind: str, *, real: bool = False) -> dict[str, Any]:
    return {
        "sourcedId": key,
        "type": kind,
        "href": f"/{kind}s/{key}" if real else f"https://roster.example/{kind}s/{key}",
    }


def _role(role: str, version: str, org: str) -> dict[str, Any]:
    if version == "1.1":
        return {"role": role, "orgs": [_ref(org, "org")]}
    return {"roles": [{"roleType": "primary", "role": role, "org": _ref(org, "org", real=True)}]}


def _student(school: TownSchool, child: Child, version: str, *, real: bool, org: str) -> dict[str, Any]:
    particle, last = child.family
    agents = [_ref(f"g{number}", "user", real=real) for number in school.guardians_of(child)]
    return {
        "sourcedId": child.id,
        "status": "active",
        "enabledUser": "true",
        "username": child.id,
        "userIds": [{"type": "studentUniqueId", "identifier": f"ll-{child.number}"}],
        "identifier": f"ll-{child.number}",
        "givenName": child.given,
        "middleName": particle if child.number % 2 else "",
        "familyName": f"{'' if child.number % 2 else particle} {last} {child.number}".strip(),
        "grades": ["05"],
        "email": None,
        "agentSourceIds" if real else "agents": agents,
    } | _role("student", version, org)


def _teacher(number: int, version: str, *, real: bool, org: str) -> dict[str, Any]:
    return {
        "sourcedId": f"m{number}",
        "status": "active",
        "enabledUser": number % 5 != 4 if real else str(number % 5 != 4).lower(),
        "userIds": None,
        "givenName": "Juf",
        "familyName": f"de Wit {number}",
        "email": f"m{number}@school.example",
    } | _role(STAFF[number % len(STAFF)], version, org)


def _guardian(number: int, version: str, org: str) -> dict[str, Any]:
    return {
        "sourcedId": f"g{number}",
        "status": "active",
        "enabledUser": "true",
        "givenName": f"Ouder {number}",
        "middleName": "de",
        "familyName": "Vries",
        "email": f"ouder{number}@thuis.example",
    } | _role("parent", version, org)


def _enrollment(child: Child) -> dict[str, Any]:
    return {
        "sourcedId": f"e{child.number}",
        "status": "active",
        "class": _ref(f"c{child.group}", "class"),
        "user": _ref(child.id, "user"),
        "school": _ref(ORG, "org"),
        "role": "student",
        "primary": "false",
    }
