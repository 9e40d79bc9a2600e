"""The form of a weighing takes the filled-in instrument, keeps it through every fault, and the dossier shows it."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.services import cases
from tests.doors.house import House, picture
from tests.rules.desk import SAMPLES

WEIGHED = {name: getattr(value, "value", value) for name, value in SAMPLES[e.Weighing].items()}
PATH = "/meldcode/dossier/{case}/stap/{name}"


@pytest.fixture
def case(house: House) -> str:
    """A case that the IB-er took up."""
    with house.world.work(house.world.ib) as work:
        cases.accept(work, UUID(house.ids["case"]))
    return house.ids["case"]


def send(house: House, case: str, data: dict[str, Any], *, who: str = "ib", name: str = "wegen") -> tuple[int, str]:
    """Send the form, as a browser does with files in it."""
    answer = house.ask(who, "POST", PATH.format(case=case, name=name), data, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def dossier(house: House, case: str) -> str:
    """Return the dossier as the IB-er reads it, from its weighing on."""
    page = house.ask("ib", "GET", f"/meldcode/dossier/{case}").get_data(as_text=True)
    return page.partition("<h3>Weging</h3>")[2]


def test_the_form_says_where_the_instrument_goes(house: House, case: str) -> None:
    """The weighing asks for it and takes files; another step asks for none."""
    found = {
        name: house.ask("ib", "GET", PATH.format(case=case, name=name)).get_data(as_text=True)
        for name in ("wegen", "overleg")
    }
    asked = {name: ('type="file"' in page, 'enctype="multipart/form-data"' in page) for name, page in found.items()}
    assert {"wegen": (True, True), "overleg": (False, False)} == asked
    assert "Voeg hier het ingevulde risicotaxatie-instrument toe" in found["wegen"]


def test_a_file_stays_through_a_fault_and_stands_under_the_weighing(house: House, case: str) -> None:
    """Something else is wrong: the file is listed, and goes along with the next try; it opens from the dossier."""
    key = {"key": str(uuid4())}
    bare = WEIGHED | {"risk_why": ""}
    status, page = send(house, case, key | bare | {"attachment": (picture(), "lirik.png")})
    (kept,) = re.findall(r'name="kept" value="([^"]+)" checked', page)
    assert (status, "Gaat mee: lirik.png" in page) == (422, True)

    assert send(house, case, key | WEIGHED | {"kept": kept})[0] == 303
    (link,) = re.findall(r'href="(/meldcode/dossier/[^"]+/bijlage/[^"]+)">lirik.png', dossier(house, case))
    opened = house.ask("ib", "GET", link)
    assert (opened.status_code, opened.get_data()) == (200, picture().getvalue())
    assert house.ask("teacher", "GET", link).status_code == 404


def test_a_file_that_is_no_longer_ticked_stays_behind(house: House, case: str) -> None:
    """Unticked, it is gone from the draft and from the disk, and the weighing stands without it."""
    key = {"key": str(uuid4())}
    blobs = house.world.store.blob_dir
    before = {path for path in blobs.rglob("*") if path.is_file()}
    send(house, case, key | WEIGHED | {"risk_why": "", "attachment": (picture(), "lirik.png")})
    assert {path for path in blobs.rglob("*") if path.is_file()} > before
    assert send(house, case, key | WEIGHED)[0] == 303
    assert "lirik.png" not in dossier(house, case)
    assert {path for path in blobs.rglob("*") if path.is_file()} == before


def test_a_file_that_can_not_be_taken_is_named_and_nothing_is_stored(house: House, case: str) -> None:
    """The fault stands at the files and the weighing waits: once stored, no file could join it any more."""
    before = house.rows()
    status, page = send(house, case, WEIGHED | {"key": str(uuid4()), "attachment": (picture(), "lirik.exe")})
    assert (status, 'id="attachment-fault"' in page) == (422, True)
    lost, said = send(house, case, WEIGHED | {"key": str(uuid4()), "files_lost": "1"})
    assert (lost, "De bestanden zijn niet meegekomen. Kies ze opnieuw" in said) == (422, True)
    changed = {name for name, rows in house.rows().items() if rows != before[name]}
    assert changed - {"meldcode_reminder"} == set()


def test_nobody_else_leaves_a_file_there(house: House, case: str) -> None:
    """Who does not handle the case gets the same answer as without a file, and nothing waits; nor at another step."""
    before = house.rows()["meldcode_upload"]
    file = {"key": str(uuid4()), "attachment": (picture(), "lirik.png")}
    assert send(house, case, WEIGHED | file, who="director_informed")[0] == 404
    file = {"key": str(uuid4()), "attachment": (picture(), "lirik.png")}
    send(house, case, {"form": "nee"} | file, name="overleg")
    assert before == house.rows()["meldcode_upload"]
