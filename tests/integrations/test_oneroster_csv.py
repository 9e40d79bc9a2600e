"""The OneRoster CSV adapter on zips as they are really exported, and on zips that nobody should send."""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meldcode_oneroster_csv import source
from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import Fault, Pupil, RosterSource, StudentSource
from tests.integrations.contract import StudentSourceContract
from tests.integrations.school import ORG, SCHOOL, STAFF, Child, TownSchool

TOWN = TownSchool(43, 90)
Rows = list[dict[str, str]]
FILES = ("orgs", "users", "roles", "demographics", "classes", "enrollments")


def town(version: str = "1.2", school: TownSchool = TOWN) -> dict[str, Rows]:
    """Return the rows of a whole export, with columns of a supplier's own."""
    pupils = [_pupil(school, child, version) for child in school.children()]
    staff = [_user(f"m{n}", "Juf", f"de Wit {n}", STAFF[n % 3], version) for n in range(school.staff)]
    parents = [_user(f"g{n}", f"Ouder {n}", "de Vries", "parent", version) for n in range(school.guardians)]
    for n, row in enumerate(parents):
        row["email"] = f"ouder{n}@thuis.example"
    users = [*pupils, *staff, *parents]
    made: dict[str, Rows] = {
        "orgs": [{"sourcedId": ORG, "status": "active", "name": "De Wilg", "type": "school", "identifier": SCHOOL}],
        "users": users,
        "demographics": [{"sourcedId": c.id, "birthDate": c.born.isoformat()} for c in school.children()],
        "classes": [{"sourcedId": f"c{n}", "title": f"Groep {n}", "classType": "homeroom"} for n in range(80)],
        "enrollments": [
            {"sourcedId": f"e{c.number}", "classSourcedId": f"c{c.group}", "userSourcedId": c.id, "role": "student"}
            for c in school.children()
        ],
    }
    if version == "1.2":
        roles = [(row, row.pop("_role")) for row in users]
        made["roles"] = [
            {"sourcedId": f"r{n}", "userSourcedId": row["sourcedId"], "role": role, "orgSourcedId": ORG}
            for n, (row, role) in enumerate(roles)
        ]
    return made


def _user(key: str, given: str, family: str, role: str, version: str) -> dict[str, str]:
    row = {"ext_bus": "3", "sourcedId": key, "familyName": family, "givenName": given, "enabledUser": "true"}
    return row | ({"_role": role} if version == "1.2" else {"role": role, "orgSourcedIds": f"{ORG},org-9"})


def _pupil(school: TownSchool, child: Child, version: str) -> dict[str, str]:
    particle, last = child.family
    row = _user(child.id, child.given, f"{particle} {last} {child.number}".strip(), "student", version)
    agents = ",".join(f"g{n}" for n in school.guardians_of(child))
    ids = {"identifier": f"ll-{child.number}", "userIds": f"{{studentUniqueId:ll-{child.number}}}"}
    return row | ids | {"agentSourcedIds": agents, "status": "active"}


def zipped(
    path: Path, files: dict[str, Rows], *, version: str = "1.2", how: str = "bulk", encoding: str = "utf-8-sig"
) -> Path:
    """Write a zip; files that are not given are absent in the manifest."""
    manifest = [{"propertyName": "oneroster.version", "value": version}]
    manifest += [{"propertyName": f"file.{name}", "value": how if name in files else "absent"} for name in FILES]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, rows in {"manifest": manifest, **files}.items():
            text = io.StringIO()
            columns = list(dict.fromkeys(key for row in rows for key in row))
            writer = csv.DictWriter(text, columns)
            writer.writeheader()
            writer.writerows(rows)
            out.writestr(f"{name}.csv", text.getvalue().encode(encoding))
    return path


def made(path: Path) -> StudentSource:
    """Return the adapter on a zip or a folder."""
    return source({"path": str(path), "school": SCHOOL})


@pytest.mark.parametrize("version", ["1.1", "1.2"])
class TestCsv(StudentSourceContract):
    """The shared contract, for both versions."""

    @pytest.fixture
    def source(self, tmp_path: Path, version: str) -> StudentSource:
        """The adapter, found by its entry point."""
        path = zipped(tmp_path / "export.zip", town(version), version=version)
        return sis.load("oneroster_csv", {"path": str(path), "school": SCHOOL.lower()})

    @pytest.fixture
    def known(self) -> Pupil:
        """A child with a particle."""
        return TOWN.known(TOWN.children()[1])

    def test_everybody_is_there(self, source: StudentSource):
        """All pupils, each whole, and the staff."""
        assert isinstance(source, RosterSource)
        found = source.roster()
        assert ([TOWN.known(child) for child in TOWN.children()], 12) == (list(found.pupils), len(found.staff))


def test_columns_may_miss_and_move(tmp_path: Path):
    """Real exports leave columns out: what is not there is unknown."""
    files = town("1.1")
    files["users"] = [
        {key: row[key] for key in ("role", "familyName", "orgSourcedIds", "givenName", "sourcedId")}
        for row in files["users"]
    ]
    del files["demographics"], files["classes"], files["enrollments"]
    found = made(zipped(tmp_path / "x.zip", files, version="1.1")).pupil("s00001")
    assert Pupil("s00001", "Bram van den Berg 1") == found


def test_changes_stand_on_the_last_whole_export(tmp_path: Path):
    """In a folder: the newest bulk, then each delta by name. Who is to be deleted is gone, who is new is there."""
    zipped(tmp_path / "1-old.zip", town(school=TownSchool(5, 5)))
    zipped(tmp_path / "2-bulk.zip", town())
    gone = {"sourcedId": "s00001", "status": "tobedeleted", "givenName": "Bram", "familyName": "Berg"}
    moved = town()["users"][2] | {"familyName": "Jansen"}
    asked = made(tmp_path)
    assert asked.pupil("s00001") is not None
    zipped(tmp_path / "3-delta.zip", {"users": [gone, moved]}, how="delta")
    assert asked.pupil("s00001") is None
    assert "Chloé Jansen" == getattr(asked.pupil("s00002"), "name", None)
    assert TOWN.known(TOWN.children()[42]) == asked.pupil("s00042")


def test_four_times_the_people_take_four_times_the_work(tmp_path: Path):
    """No row is looked for among all others: that would be sixteen times. Steps are counted, no clock is read."""
    done = []
    for times in (1, 4):
        asked = made(zipped(tmp_path / f"{times}.zip", town(school=TownSchool(100 * times, 300 * times))))
        done.append(_steps(lambda asked=asked: asked.pupil("s00001")))
    assert done[1] < 5 * done[0]


def _steps(act: Callable[[], object]) -> int:
    """Return how many lines, calls and returns of Python something takes."""
    count, before = 0, sys.gettrace()

    def tally(*_: object) -> Any:
        nonlocal count
        count += 1
        return tally

    sys.settrace(tally)
    try:
        assert act() is not None
    finally:
        sys.settrace(before)
    return count


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("manifest.csv", "propertyName,value\nfile.users,bulk\nfile.orgs,bulk\n")
        out.writestr("orgs.csv", f"sourcedId,identifier\n{ORG},{SCHOOL}\n")
        with out.open("users.csv", "w") as users:
            users.write(b"sourcedId,role\n")
            for _ in range(300):
                users.write(b"\n" * 1024 * 1024)


def _with(name: str, change: Callable[[Rows], Rows]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        files = town()
        files[name] = change(files[name])
        zipped(path, files)

    return write


def _many(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as out:
        for n in range(100):
            out.writestr(f"{n}.csv", "x")


def _without(name: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        zipped(path, {key: rows for key, rows in town().items() if key != name})

    return write


def _torn(path: Path) -> None:
    zipped(path, town())
    data = bytearray(path.read_bytes())
    data[2000:2600] = bytes(600)
    path.write_bytes(data)


BAD: dict[str, tuple[Fault, Callable[[Path], None]]] = {
    "bomb": (Fault.TOO_MUCH, _bomb),
    "many files": (Fault.TOO_MUCH, _many),
    "no zip": (Fault.NONSENSE, lambda path: path.write_bytes(b"geen zip") and None),
    "torn": (Fault.NONSENSE, _torn),
    "no users": (Fault.NONSENSE, _without("users")),
    "delta alone": (Fault.DELTA, lambda path: zipped(path, town(), how="delta") and None),
    "duplicate": (Fault.DUPLICATE, _with("users", lambda rows: [*rows, rows[3]])),
    "no id": (Fault.NONSENSE, _with("users", lambda rows: [*rows, {"givenName": "X"}])),
    "other school": (Fault.FOREIGN, _with("orgs", lambda rows: [rows[0] | {"identifier": "98ZZ", "sourcedId": "o9"}])),
    "nobody": (Fault.EMPTY, _with("roles", lambda rows: [row for row in rows if row["role"] != "student"])),
    "wrong encoding": (Fault.ENCODING, lambda path: zipped(path, town(), encoding="iso8859-2") and None),
    "no CSV": (Fault.NONSENSE, _with("orgs", lambda rows: [rows[0] | {"name": "x" * 30_000}])),
    "none": (Fault.MISSING, lambda path: path.unlink()),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_zip_is_refused_with_its_reason(tmp_path: Path, name: str):
    """Each fault has its code and a sentence; the last good zip still counts for who records a signal."""
    code, write = BAD[name]
    path = zipped(tmp_path / "export.zip", town())
    asked = made(path)
    assert asked.pupil("s00001") is not None
    write(path)
    assert isinstance(asked, RosterSource)
    with pytest.raises(SourceUnavailable) as caught:
        asked.roster()
    assert (code, True) == (caught.value.code, caught.value.why.startswith("OneRoster CSV: "))
    assert [False] == [finding.ok for finding in asked.check()]
    assert TOWN.known(TOWN.children()[1]) == asked.pupil("s00001")
    with pytest.raises(SourceUnavailable):
        made(path).pupil("s00001")


@pytest.mark.parametrize("options", [{"path": "x"}, {"school": "x"}, {"path": "x", "school": "x", "pad": "y"}])
def test_wrong_options_are_named(options: dict[str, str]):
    """A setting that means nothing is an error at start, not a silence later."""
    with pytest.raises(SettingsWrong, match="MELDCODE_SOURCE_OPTIONS"):
        source(options)
