"""The contents of a dossier: each signal, or the months when there are many."""

from __future__ import annotations

import re

import pytest

from meldcode_plugin.web.timeline import FEW
from tests.doors.house import House, sign_in

LINK = re.compile(r'<li><a href="#(s-[0-9a-f-]{36})">([^<]*)</a></li>')


def _contents(house: House, language: str = "nl") -> tuple[list[str], bool]:
    """Return the words of the contents, and whether each link leads to a signal of the page."""
    page = house.ask("ib", "GET", f"/meldcode/dossier/{house.ids['case']}?taal={language}").get_data(as_text=True)
    found = LINK.findall(page)
    return [text for _, text in found], all(f'<li class="entry" id="{place}"' in page for place, _ in found)


def test_few_signals_stand_one_by_one(house: House) -> None:
    """The contents name the day and the kind of each signal."""
    said, led = _contents(house)

    assert led
    assert len(said) == 1
    assert re.fullmatch(r"\d+ \w+ 20\d\d: Feit of waarneming", said[0])


@pytest.mark.parametrize(("language", "many", "one"), [("nl", "signalen", "signaal"), ("en", "signals", "signal")])
def test_of_many_signals_the_months_are_named(house: House, language: str, many: str, one: str) -> None:
    """More signals than anybody looks through: their months, each with the first of its signals."""
    for _ in range(FEW - 1):
        house.world.record()
    assert FEW == len(_contents(house)[0])
    house.world.clock.forward(days=45)
    house.world.record()
    house.handles["ib"] = sign_in(house, "ib", house.people["ib"])
    said, led = _contents(house, language)

    assert led
    assert [text.partition(": ")[2] for text in said] == [f"{FEW} {many}", f"1 {one}"]


def test_below_a_host_with_a_percent_sign_in_its_address_the_links_hold(house: House) -> None:
    """A host may stand anywhere: what its address holds is no part of our words."""
    place = f"/meldcode/dossier/{house.ids['case']}"
    page = house.ask("ib", "GET", place, environ_overrides={"SCRIPT_NAME": "/basis 100%"}).get_data(as_text=True)

    assert f'href="/basis 100%{place}?bij=' in page
