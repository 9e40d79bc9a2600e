"""The form of a weighing takes the filled-in instrument, keeps it through every fault, and the dossier shows it."""

from __future__ import annotations

import io
import re
from random import randbytes
from typing import Any

from PIL import Image

from meldcode_plugin.rules import entries as e
from tests.doors.house import House, picture
from tests.rules.desk import SAMPLES

WEIGHED = {name: getattr(value, "value", value) for name, value in SAMPLES[e.Weighing].items()}
PATH = "/meldcode/dossier/{case}/stap/{name}"


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
    bare = WEIGHED | {"risk_why": ""}
    status, page = send(house, case, bare | {"attachment": (picture(), "lirik.png")})
    (kept,) = waiting(page)
    assert (status, "<span>lirik.png</span>" in page) == (422, True)

    assert send(house, case, WEIGHED | {"kept": kept})[0] == 303
    (link,) = re.findall(r'href="(/meldcode/dossier/[^"]+/bijlage/[^"]+)">lirik.png', dossier(house, case))
    opened = house.ask("ib", "GET", link)
    assert (opened.status_code, opened.get_data()) == (200, picture().getvalue())
    assert house.ask("teacher", "GET", link).status_code == 404


def test_a_file_of_a_form_that_was_left_is_shown_when_it_is_opened_again(house: House, case: str) -> None:
    """It waits for its author in this form of this case, and for nobody and nowhere else; it can be taken away."""
    blobs = house.world.store.blob_dir
    before = {path for path in blobs.rglob("*") if path.is_file()}
    send(house, case, WEIGHED | {"risk_why": "", "attachment": (picture(), "lirik.png")})
    page = house.ask("ib", "GET", PATH.format(case=case, name="wegen")).get_data(as_text=True)
    (kept,) = waiting(page)
    theirs = house.ask("af_deputy", "GET", PATH.format(case=case, name="wegen")).get_data(as_text=True)
    assert ("<span>lirik.png</span>" in page, waiting(theirs)) == (True, [])

    status, page = send(house, case, WEIGHED | {"risk_why": "Het gaat door.", "kept": kept, "remove": kept})
    assert (status, waiting(page), "Het gaat door." in page) == (200, [], True)
    assert {path for path in blobs.rglob("*") if path.is_file()} == before
    assert "lirik.png" not in dossier(house, case)


def test_a_file_that_was_chosen_stays_when_another_is_taken_away(house: House, case: str) -> None:
    """Taking one away sends the form: what was chosen meanwhile is taken in, and nothing is recorded."""
    _, page = send(house, case, WEIGHED | {"risk_why": "", "attachment": (picture(), "lirik.png")})
    (first,) = waiting(page)
    status, page = send(house, case, WEIGHED | {"remove": first, "attachment": (picture(), "ander.png")})
    assert (status, "ander.png" in page, "lirik.png" in page) == (200, True, False)
    assert dossier(house, case) == ""


def test_a_large_file_can_be_chosen(house: House, case: str) -> None:
    """A photo of a telephone is larger than a form of words may be."""
    large = io.BytesIO()
    Image.frombytes("RGB", (1000, 1000), randbytes(3_000_000)).save(large, "PNG")
    large.seek(0)
    path = PATH.format(case=case, name="wegen")
    answer = house.ask("ib", "POST", path, WEIGHED | {"attachment": (large, "foto.png")})
    answer.request.input_stream.close()
    assert (answer.status_code, "foto.png" in dossier(house, case)) == (303, True)


def waiting(page: str) -> list[str]:
    """Return the ids of the files that a page says go along."""
    return re.findall(r'name="kept" value="([^"]+)"', page)


def test_a_file_that_can_not_be_taken_is_named_and_nothing_is_stored(house: House, case: str) -> None:
    """The fault stands at the files and the weighing waits: once stored, no file could join it any more."""
    before = house.rows()
    status, page = send(house, case, WEIGHED | {"attachment": (picture(), "lirik.exe")})
    assert (status, 'id="attachment-fault"' in page) == (422, True)
    lost, said = send(house, case, WEIGHED | {"files_lost": "1"})
    assert (lost, "De bestanden zijn niet meegekomen. Kies ze opnieuw" in said) == (422, True)
    changed = {name for name, rows in house.rows().items() if rows != before[name]}
    assert changed - {"meldcode_reminder"} == set()


def test_nobody_else_leaves_a_file_there(house: House, case: str) -> None:
    """Who does not handle the case gets the same answer as without a file, and nothing waits; nor at another step."""
    before = house.rows()["meldcode_upload"]
    file = {"attachment": (picture(), "lirik.png")}
    assert send(house, case, WEIGHED | file, who="director_informed")[0] == 404
    file = {"attachment": (picture(), "lirik.png")}
    send(house, case, {"form": "nee"} | file, name="overleg")
    assert before == house.rows()["meldcode_upload"]
