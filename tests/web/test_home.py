"""The first page: where somebody's day begins, and what a mail brought them to."""

from __future__ import annotations

import pytest

from tests.doors.around import offer_to, share_with
from tests.doors.house import House


@pytest.mark.parametrize(
    ("subject", "before", "asked"),
    [
        ("teacher", "mijn-signalen", "gedeeld"),
        ("ib", "werkvoorraad", "werkvoorraad"),
        ("board", "mensen", "gedeeld"),
        ("af_deputy", "werkvoorraad", "werkvoorraad"),
    ],
)
def test_who_reads_along_begins_there_without_a_worklist(house: House, subject: str, before: str, asked: str) -> None:
    """A share is the first thing for who has no worklist; who has one, begins with their own day."""
    found = [_first(house, subject)]
    if subject != "ib":
        share_with(house, house.people[subject])
    found.append(_first(house, subject))
    assert [before, asked] == found


def test_who_is_asked_to_take_a_case_over_begins_there(house: House) -> None:
    """An AF with a worklist too: until they answered."""
    offer_to(house, house.people["af"])
    found = [_first(house, "af")]
    answer = house.ask("af", "POST", house.path("/meldcode/overdracht/<uuid:offer>/weigeren"), {"reason": "Geen tijd."})
    assert answer.status_code == 303
    assert ["gedeeld", "werkvoorraad"] == [*found, _first(house, "af")]


def _first(house: House, subject: str) -> str:
    return house.ask(subject, "GET", "/meldcode/").headers["Location"].rpartition("/")[2]
