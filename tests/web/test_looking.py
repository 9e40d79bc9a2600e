"""Help while typing: hints, the list of signs by age, faults in the order of the page."""

from __future__ import annotations

from datetime import date

from werkzeug.datastructures import MultiDict

from meldcode_plugin.services import drafts
from meldcode_plugin.services.pupils import PupilCard
from meldcode_plugin.web import looking
from meldcode_plugin.web.forms.signals import SignalForm
from tests.doors.house import House

TODAY = date(2026, 11, 23)


def test_the_list_for_the_childs_age_comes_first() -> None:
    """For a toddler the list to 4 years is open; without a birth date both are there and none is open."""
    toddler = looking.catalogue(PupilCard("1", "Kim", date(2024, 1, 1)), TODAY)
    unknown = looking.catalogue(None, TODAY)

    assert [("0 tot 4 jaar", True), ("4 tot en met 12 jaar", False)] == [(one.list.label, one.fits) for one in toddler]
    assert [False, False] == [one.fits for one in unknown]


def test_only_known_signs_are_kept() -> None:
    """A name that somebody made up is not a sign."""
    assert ("s412-school-01",) == looking.known(["sign-s412-school-01", "sign-verzonnen", "fact-text"])


def test_faults_stand_in_the_order_of_the_page() -> None:
    """Who reads the summary from top to bottom walks the page from top to bottom."""
    faults = {
        "attachment": "d",
        "third_party-source_name": "c",
        "kinds": "b",
        "instrument-name": "e",
        "subject-who": "a",
    }

    assert ["a", "b", "c", "d", "e"] == list(looking.in_order(SignalForm(), faults).values())


def test_a_launch_that_nobody_typed_in_is_not_worth_keeping() -> None:
    """What the form proposes by itself is not a draft; words are."""
    proposed = {"fact-observed_on": "2026-11-23", "staff": "no", "fact-text": "  "}

    assert not drafts.worth_keeping(proposed)
    assert drafts.worth_keeping(proposed | {"subject-who": "Zusje"})
    assert "Zusje" == looking.first_words(proposed | {"subject-who": "Zusje"})


def test_hints_come_with_ticked_kinds_alone(house: House) -> None:
    """A hint is about what will be sent, and names the words that it is about."""
    fields = {"fact-on": "y", "fact-text": "Volgens mij is hij moe.", "diagnosis-text": "Handle with care"}
    with house.app.test_request_context("/meldcode/"):
        found = looking.nudges(SignalForm(MultiDict(fields)))

    assert ["fact-text"] == list(found)
    assert "“Volgens mij”" in found["fact-text"][0]
