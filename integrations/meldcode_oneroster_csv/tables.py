"""Joins the rows of one or more zips, bulk and then deltas, into the people of one school; it opens no file."""

from __future__ import annotations

from typing import Any

from meldcode_oneroster import reading
from meldcode_oneroster_csv.archive import ABSENT, BULK, DELTA, Archive, Row, wrong
from meldcode_plugin.sis import Fault
from meldcode_plugin.sis.files import People

NAMES = ("orgs", "users", "roles", "demographics", "classes", "enrollments")
NEEDED = ("orgs", "users")
Tables = dict[str, dict[str, Row]]


def add(tables: Tables, archive: Archive) -> None:
    """Put a zip on top of what there is: a bulk file replaces its table, a delta changes rows of it."""
    for name in NAMES:
        how = archive.how(name)
        if how == ABSENT or not archive.has(name):
            if how != ABSENT or (name in NEEDED and name not in tables):
                raise wrong(Fault.NONSENSE, f"{name}.csv is not in the zip. Export it too.")
            continue
        if how == DELTA and name not in tables:
            why = f"{name}.csv holds changes alone, and what they change is not there. Export in bulk once."
            raise wrong(Fault.DELTA, why)
        tables[name] = _keyed(archive, name, {} if how == BULK else tables[name], twice=how == DELTA)


def _keyed(archive: Archive, name: str, rows: dict[str, Row], *, twice: bool) -> dict[str, Row]:
    fresh: set[str] = set()
    for row in archive.rows(name):
        key = row.get("sourcedId") or row.get("userSourcedId", "")
        if not key:
            raise wrong(Fault.NONSENSE, f"{name}.csv has a row without sourcedId. Export again.")
        if key in fresh and not twice:
            why = f"{name}.csv has two rows with the same sourcedId, so it is not sure who is who. Tell the supplier."
            raise wrong(Fault.DUPLICATE, why)
        fresh.add(key)
        rows[key] = row
    return rows


def people(tables: Tables, school: str) -> People:
    """Return the pupils and the staff of a school, named by its sourcedId or its identifier."""
    org, everybody = _org(tables, school), _everybody(tables)
    made, born = People(), tables.get("demographics", {})
    enrollments = map(_enrollment, tables.get("enrollments", {}).values())
    groups = reading.groups(tables.get("classes", {}).values(), enrollments)
    for one in everybody.values():
        roles = one.at(org, alone=False)
        if reading.STUDENT in roles and not one.gone:
            guardians = [everybody[agent] for agent in one.agents if agent in everybody]
            day = reading.day(born.get(one.id, {}).get("birthDate"))
            made.pupils[one.id] = reading.pupil(one, day, groups.get(one.id), guardians)
        if reading.STAFF.intersection(roles):
            made.staff[one.id] = reading.staff_member(one)
    if not made.pupils:
        raise wrong(Fault.EMPTY, f"the zip holds no pupils of school {school}. Check the export.")
    return made


def _org(tables: Tables, school: str) -> str:
    orgs, wanted = tables["orgs"], school.casefold()
    named = {key: (key.casefold(), row.get("identifier", "").casefold()) for key, row in orgs.items()}
    ours = [key for key, names in named.items() if wanted in names and not reading.is_gone(orgs[key])]
    if len(ours) != 1:
        why = f"the zip knows {len(orgs)} organisations, but not school {school}. Check the option school."
        raise wrong(Fault.FOREIGN, why)
    return ours[0]


def _everybody(tables: Tables) -> dict[str, reading.Person]:
    """Return all users, and let go of their rows. What they are 1.1 says in their own row, 1.2 in roles.csv."""
    roles: dict[str, list[Row]] = {}
    for row in tables.get("roles", {}).values():
        if not reading.is_gone(row):
            of_user = roles.setdefault(row.get("userSourcedId", ""), [])
            of_user.append({"role": row.get("role", ""), "org": row.get("orgSourcedId", "")})
    rows = tables.pop("users")
    return {key: reading.person(_sent(rows.pop(key), roles.pop(key, []))) for key in list(rows)}


def _sent(row: Row, roles: list[Row]) -> dict[str, Any]:
    """Return a user as a server would send it: what is a list in one cell as a list."""
    orgs = _many(row.get("orgSourcedIds", "")) or [""]
    own = [{"role": row["role"], "org": org} for org in orgs if "role" in row]
    pairs = [one.strip("{}").partition(":") for one in _many(row.get("userIds", ""))]
    return row | {
        "roles": roles + own,
        "agents": _many(row.get("agentSourcedIds", "")),
        "userIds": [{"type": kind, "identifier": value} for kind, _, value in pairs],
    }


def _enrollment(row: Row) -> dict[str, Any]:
    return row | {"user": row.get("userSourcedId"), "class": row.get("classSourcedId")}


def _many(cell: str) -> list[str]:
    return [one for part in cell.split(",") if (one := part.strip())]
