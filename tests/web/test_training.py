"""The page of training: what was ticked stays when something is wrong, and a second send changes nothing."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from meldcode_plugin.rules.facts import Viewer
from tests.doors.house import House

PAGE = "/meldcode/scholing"
DAY = "2026-11-20"


def opened(house: House, who: str = "director", path: str = PAGE) -> str:
    """Return the page as it reads."""
    return unescape(house.ask(who, "GET", path).get_data(as_text=True))


def send(house: House, *people: Viewer, **fields: Any) -> tuple[int, str]:
    """Send the form as the director; return the status and the page."""
    form = {"people": [str(one.person_id) for one in people], "kind": "training", "day": DAY} | fields
    answer = house.ask("director", "POST", PAGE, form)
    return answer.status_code, unescape(answer.get_data(as_text=True))


def ticked(page: str) -> set[str]:
    """Return the ids of who is ticked."""
    return {box[0] for box in re.findall(r'name="people" value="([^"]+)"([^>]*)>', page) if "checked" in box[1]}


def taken_away(page: str) -> list[str]:
    """Return where the buttons lead that take something away."""
    return re.findall(r'action="(/meldcode/scholing/[^"]+)"', page)


def test_one_date_is_recorded_for_several_people(house: House) -> None:
    """Two people, one day, sent twice: each has it once, and one day says so on the page."""
    world = house.world
    before = len(taken_away(opened(house)))
    assert [303, 303] == [send(house, world.ib, world.af)[0] for _ in range(2)]
    page = opened(house)
    assert before + 2 == len(taken_away(page))
    assert 2 == len(re.findall(r">Scholing op 20 november 2026, aan de beurt op 22 november 2027</span>", page))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "2027-11-20"}, "hooguit tien jaar geleden"),
        ({"day": ""}, "hooguit tien jaar geleden"),
        ({"day": "20 nov"}, "Vul een datum in"),
        ({"kind": "af_refresher"}, "Bijscholing is alleen voor de aandachtsfunctionaris"),
    ],
)
def test_what_was_ticked_stays_when_something_is_wrong(house: House, fields: dict[str, str], said: str) -> None:
    """The page says what is wrong, where, and keeps ticks, kind and day."""
    world = house.world
    status, page = send(house, world.ib, world.af, **fields)
    assert (422, True) == (status, said in page)
    assert {str(world.ib.person_id), str(world.af.person_id)} == ticked(page)
    assert f'value="{fields.get("day", DAY)}"' in page
    assert f'value="{fields.get("kind", "training")}" checked' in page


@pytest.mark.parametrize("people", [[], ["geen-id"]])
def test_nobody_and_what_is_nobody_is_refused(house: House, people: list[str]) -> None:
    """Nothing ticked, or something that is no id, is a sentence on the page and no fault of the program."""
    status, page = send(house, people=people)
    assert (422, True) == (status, 'href="#people"' in page)


def test_everybody_can_be_ticked_without_a_script(house: House) -> None:
    """A link ticks all who work here; who left is not in the list."""
    assert set() == ticked(opened(house))
    page = opened(house, path=f"{PAGE}?iedereen=1")
    assert ticked(page) == set(re.findall(r'name="people" value="([^"]+)"', page)) != set()
    assert "Vera Weg" not in page


def test_a_mistake_is_taken_back_and_twice_is_no_fault(house: House) -> None:
    """The button is gone with what it took away; the second click lands on the same page."""
    (way,) = taken_away(opened(house))
    assert [303, 303] == [house.ask("director", "POST", way).status_code for _ in range(2)]
    assert [] == taken_away(opened(house))


def test_the_board_reads_and_has_no_form(house: House) -> None:
    """Who is late, in words; no box, no button and no way to take away."""
    page = opened(house, "board")
    assert "Sanne de Boer" in page
    assert ([], False, False) == (taken_away(page), 'name="people"' in page, "Vastleggen" in page)


def test_who_is_late_is_said_in_words_and_stands_first(house: House) -> None:
    """Not by colour alone; and the page of terms leads here instead of asking whether it is done."""
    send(house, house.world.ib, day="2024-03-04")
    names = re.findall(r'<span class="what">([^<]+)</span>', page := opened(house))
    assert ("Marijke van Dam", True) == (names[0], "Eén persoon is te laat." in page)
    assert 1 == page.count("Te laat")
    terms = opened(house, path="/meldcode/termijnen")
    assert "Scholing van het team plannen" in terms
    assert f'href="{PAGE}">Kijk wie aan de beurt is' in terms


def test_who_left_is_gone_from_the_list_and_can_come_back(house: House) -> None:
    """The director says so on the page of people; nobody chosen, or oneself, is refused in words."""
    people, teacher = "/meldcode/mensen", str(house.world.teacher.person_id)
    answers = [
        house.ask("director", "POST", f"{people}/vertrokken", {"gone": one}).status_code
        for one in ("", str(house.world.director.person_id), teacher)
    ]
    assert ([422, 422, 303], False) == (answers, "Sanne de Boer" in opened(house))
    assert f'action="{people}/{teacher}/terug"' in opened(house, path=people)
    assert 303 == house.ask("director", "POST", f"{people}/{teacher}/terug").status_code
    assert "Sanne de Boer" in opened(house)


def test_the_page_speaks_english(house: House) -> None:
    """Names stay, words change."""
    page = opened(house, path=f"{PAGE}?taal=en")
    assert "Everybody who works here: every 12 months." in page
    assert "Training on 23 November 2026, due on 23 November 2027" in page
