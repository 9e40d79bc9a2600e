"""Errors become pages that say what to do, keep what was typed and tell nothing about anybody."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from meldcode_memory.twins import AwaySource
from meldcode_plugin.post import Outbox
from meldcode_plugin.services import cases, drafts, reminders, signals
from tests.doors.house import House

WORDS = "Zij huilde in de gang en wilde niet naar huis."
NAME = "Aya"


def _form(**more: str) -> dict[str, str]:
    return {"key": str(uuid4()), "staff": "no", "fact-on": "y", "fact-text": WORDS, "action": "send"} | more


def test_without_a_key_the_page_gives_the_telephone_numbers_and_the_text_back(house: House) -> None:
    """No key: nothing is stored, the numbers are there, and so is every word (503)."""
    house.world.folder.joinpath("root.key").chmod(0o600)
    house.world.folder.joinpath("root.key").write_text("")
    for app in (house.app, house.other_app):
        app.extensions["meldcode"].store.cache = type(house.door.store.cache)(house.door.store.root)
    answer = house.ask("teacher", "POST", "/meldcode/leerling/2601/signaal", _form())
    text = answer.get_data(as_text=True)

    assert (503, True, True, True) == (answer.status_code, "tel:112" in text, "tel:08002000" in text, WORDS in text)


def test_without_the_pupil_system_a_signal_still_goes_in(house: House) -> None:
    """The roster is silent: the page says so, and the signal is recorded."""
    house.door.source = AwaySource()
    page = house.ask("teacher", "GET", "/meldcode/leerling/2602/signaal").get_data(as_text=True)
    sent = house.ask("teacher", "POST", "/meldcode/leerling/2602/signaal", _form())

    assert "Het leerlingsysteem is nu niet bereikbaar." in page
    assert 303 == sent.status_code
    with house.world.work(house.people["teacher"]) as work:
        assert [WORDS] == [one.content.text for one in signals.mine(work)]


def test_the_ib_er_reads_that_no_mail_goes_out(house: House) -> None:
    """A quarter of an hour after the last sweep nobody is told more than that; a minute later the worklist says it."""
    reminders.sweep(house.door, post=Outbox())
    told = []
    for who, minutes in (("teacher", 8), ("ib", 0), ("ib", 7), ("ib", 1), ("teacher", 0)):
        house.world.clock.forward(minutes=minutes)
        path = "/meldcode/werkvoorraad" if who == "ib" else "/meldcode/mijn-signalen"
        told.append("De herinneringen liggen stil" in house.ask(who, "GET", path).get_data(as_text=True))

    assert [False, False, False, True, False] == told


def test_a_closed_dossier_offers_to_be_kept_longer(house: House) -> None:
    """Who handles it can put the question of keeping off, with the reason, and tell the director of it."""
    case = UUID(house.ids["case"])
    with house.world.work(house.people["ib"]) as work:
        cases.accept(work, case)
    house.world.close(case)
    page = house.ask("ib", "GET", house.path("/meldcode/dossier/<uuid:case>")).get_data(as_text=True)
    offered = [name for name in ("uitstellen", "directeur", "heropenen", "wegen") if f"/stap/{name}" in page]

    assert ["uitstellen", "directeur", "heropenen"] == offered


def test_a_fault_of_ours_tells_nothing_in_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """The log says where it broke; the words of the error, which may hold a name, stay out of it."""

    def broken(_: str) -> None:
        raise RuntimeError(NAME)

    house.door.source.pupil = broken  # type: ignore[method-assign,assignment]  # breaks as no adapter may
    answer = house.ask("teacher", "GET", "/meldcode/leerling/2601/signaal")

    assert 500 == answer.status_code
    assert "RuntimeError in" in caplog.text
    assert NAME not in caplog.text + answer.get_data(as_text=True)


def test_what_does_not_exist_and_what_may_not_be_seen_are_one_page(house: House) -> None:
    """An address that nobody made and a dossier of somebody else: the same bytes."""
    bodies = {
        house.ask("teacher", method, path).get_data()
        for method, path in (
            ("GET", "/meldcode/bestaat-niet"),
            ("POST", "/meldcode/bestaat-niet"),
            ("GET", house.path("/meldcode/dossier/<case>")),
            ("GET", f"/meldcode/dossier/{uuid4()}"),
            ("GET", "/meldcode/dossier/geen-nummer"),
            ("GET", "/meldcode/mensen"),
        )
    }

    assert 1 == len(bodies)


def test_a_draft_is_kept_by_its_script_and_says_when(house: House) -> None:
    """The answer to a kept draft has the time and the hints; a form about a colleague leaves nothing behind."""
    key = str(uuid4())
    path = f"/meldcode/concept/{key}"
    kept = house.ask("teacher", "POST", path, _form(pupil_id="2602") | {"fact-text": "Volgens mij wel."})

    assert "10:00" == kept.get_json()["saved"]
    assert "Volgens mij" in kept.get_json()["nudges"]["fact-text"][0]
    assert 204 == house.ask("teacher", "POST", path, _form(staff="yes")).status_code
    with house.world.work(house.people["teacher"]) as work:
        assert [] == drafts.mine(work)


def test_the_card_of_a_draft_goes_with_it(house: House) -> None:
    """A draft that the script kept is about the pupil of its page, and opens with it."""
    key = str(uuid4())
    house.ask("teacher", "POST", f"/meldcode/concept/{key}", _form(pupil_id="2602"))
    page = house.ask("teacher", "GET", f"/meldcode/signaal/{key}").get_data(as_text=True)

    assert ("Bram de Groot" in page, WORDS in page) == (True, True)


def test_faults_are_422_and_a_sent_form_is_409(house: House) -> None:
    """A program that reads the answer learns the same as a person."""
    form, path = _form(), "/meldcode/leerling/2602/signaal"

    assert 422 == house.ask("teacher", "POST", path, _form() | {"fact-text": ""}).status_code
    assert 303 == house.ask("teacher", "POST", path, form).status_code
    assert 303 == house.ask("teacher", "POST", path, form).status_code
    assert 409 == house.ask("teacher", "POST", path, form | {"fact-text": "Iets anders."}).status_code


def test_a_file_is_saved_under_its_own_name_and_never_shown(house: House) -> None:
    """A file of somebody else runs nothing in the reader's browser (T15)."""
    answer = house.ask("ib", "GET", house.path("/meldcode/dossier/<case>/bijlage/<attachment>"))

    assert ("image/png", "attachment; filename*=UTF-8''tekening.png") == (
        answer.mimetype,
        answer.headers["Content-Disposition"],
    )
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert int(answer.headers["Content-Length"]) == len(answer.get_data())


def test_no_template_holds_a_style_a_handler_or_another_host() -> None:
    """The policy refuses them; so none is written. The one way out is the page for leaving at once."""
    folder = Path(__file__).parents[2] / "meldcode_plugin"
    found = [
        (path.name, match)
        for path in (folder / "templates" / "meldcode").rglob("*.html")
        if "mail" not in path.parts
        for match in re.findall(r"\sstyle=|\son\w+=\"|<style|https?://(?!www\.knmi\.nl/)[^\s\"]+", path.read_text())
    ]
    script = (folder / "static" / "meldcode" / "meldcode.js").read_text()

    assert found == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|localStorage|sessionStorage|eval\(", script) == []
