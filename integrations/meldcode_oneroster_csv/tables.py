"""Joins the rows of one or more zips, bulk and then deltas, into the people of one school; it opens no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from meldcode_oneroster_csv.archive import ABSENT, BULK, DELTA, Archive, Row, wrong
from meldcode_plugin.sis import Fault, Guardian, OtherId, Pupil, StaffMember, is_particle

NAMES = ("orgs", "users", "roles", "demographics", "classes", "enrollments")
NEEDED = ("orgs", "users")
RELATIONS = {"parent": "ouder", "guardian": "voogd", "relative": "familie"}
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
Tables = dict[str, dict[str, Row]]


@dataclass(frozen=True)
class People:
    """Everybody of one school."""

    pupils: dict[str, Pupil] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)


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
        key = row.get("sourcedid") or row.get("usersourcedid", "")
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
    orgs = tables["orgs"]
    wanted = school.casefold()
    ours = [k for k, o in orgs.items() if wanted in (k.casefold(), o.get("identifier", "").casefold()) and not _gone(o)]
    if len(ours) != 1:
        why = f"the zip knows {len(orgs)} organisations, but not school {school}. Check the option school."
        raise wrong(Fault.FOREIGN, why)
    roles = _roles(tables, ours[0])
    made, groups = People(), _groups(tables)
    for key, row in tables["users"].items():
        if _gone(row):
            continue
        if "student" in roles.get(key, ()):
            made.pupils[key] = _pupil(key, row, tables, groups)
        elif STAFF & roles.get(key, set()):
            active = row.get("enableduser", "true").casefold() != "false"
            made.staff[key] = StaffMember(key, _name(row), row.get("email") or None, active)
    if not made.pupils:
        raise wrong(Fault.EMPTY, f"the zip holds no pupils of school {school}. Check the export.")
    return made


def _gone(row: Row) -> bool:
    return row.get("status", "").casefold() in ("tobedeleted", "inactive")


def _roles(tables: Tables, org: str) -> dict[str, set[str]]:
    """Return who is what at a school: 1.1 says it at the user, 1.2 in roles.csv."""
    found: dict[str, set[str]] = {}
    for key, row in tables["users"].items():
        if row.get("role") and org in _many(row.get("orgsourcedids", "")):
            found.setdefault(key, set()).add(row["role"].casefold())
    for row in tables.get("roles", {}).values():
        if row.get("orgsourcedid") == org and not _gone(row):
            found.setdefault(row.get("usersourcedid", ""), set()).add(row.get("role", "").casefold())
    return found


def _any_role(tables: Tables, key: str, row: Row) -> str:
    if row.get("role"):
        return row["role"].casefold()
    found = (one for one in tables.get("roles", {}).values() if one.get("usersourcedid") == key)
    return next((one.get("role", "").casefold() for one in found), "")


def _groups(tables: Tables) -> dict[str, str]:
    """Return the own group of each pupil: the homeroom, else the only class."""
    of_pupil: dict[str, set[tuple[bool, str]]] = {}
    classes = tables.get("classes", {})
    for row in tables.get("enrollments", {}).values():
        taught = classes.get(row.get("classsourcedid", ""))
        if taught and not _gone(row) and not _gone(taught) and row.get("role", "student").casefold() == "student":
            home = taught.get("classtype", "").casefold() == "homeroom"
            of_pupil.setdefault(row.get("usersourcedid", ""), set()).add((home, taught.get("title", "")))
    return {key: group for key, found in of_pupil.items() if (group := _group(found))}


def _group(found: set[tuple[bool, str]]) -> str:
    home = sorted(title for is_home, title in found if is_home and title)
    titles = home or sorted(title for _, title in found if title)
    return ", ".join(titles) if home or len(titles) == 1 else ""


def _pupil(key: str, row: Row, tables: Tables, groups: dict[str, str]) -> Pupil:
    users = tables["users"]
    agents = [(one, users[one]) for one in _many(row.get("agentsourcedids", "")) if one in users]
    guardians = tuple(_guardian(tables, one, found) for one, found in agents if not _gone(found))
    born = _day(tables.get("demographics", {}).get(key, {}).get("birthdate", ""))
    return Pupil(key, _name(row), born, groups.get(key), guardians, tuple(_ids(row)))


def _guardian(tables: Tables, key: str, row: Row) -> Guardian:
    return Guardian(_name(row), row.get("email") or None, RELATIONS.get(_any_role(tables, key, row)))


def _ids(row: Row) -> list[OtherId]:
    """``userIds`` is a list of ``{type:identifier}`` in one cell."""
    found = [("userMasterIdentifier", row.get("usermasteridentifier", "")), ("identifier", row.get("identifier", ""))]
    pairs = [one.strip("{}").partition(":") for one in _many(row.get("userids", ""))]
    found += [(kind.strip(), value.strip()) for kind, _, value in pairs]
    return [OtherId(kind, value) for kind, value in dict.fromkeys(found) if kind and value]


def _many(cell: str) -> list[str]:
    return [one for part in cell.split(",") if (one := part.strip())]


def _name(row: Row) -> str:
    first = row.get("preferredfirstname") or row.get("preferredgivenname") or row.get("givenname", "")
    last = row.get("preferredlastname") or row.get("preferredfamilyname") or row.get("familyname", "")
    middle = row.get("middlename", "")
    particle = middle if is_particle(middle) else ""
    return " ".join(f"{first} {particle} {last}".split())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
