"""The menu: one row on a laptop for whoever it is, and the way out stands there once, with and without JavaScript."""

from __future__ import annotations

import pytest

from tests.browser.school import PEOPLE, WIDTHS, School


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_menu_is_one_row_on_a_laptop(school: School, who: str, language: str):
    """Each role has its own items; in both languages they fit beside each other."""
    page = school.open(f"/onze-meldcode?taal={language}", who)
    places = page.locator(".nav li a").evaluate_all("all => all.map(one => one.getBoundingClientRect().top)")
    assert len(places) > 3
    assert len(set(places)) == 1


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scripts", ["on", "off"])
def test_the_way_out_stands_there_once(school: School, width: str, scripts: str):
    """In the bar or under the menu, never in both: the keyboard reaches it."""
    page = school.open("/onze-meldcode", "af", width, scripts=scripts == "on")
    out = page.get_by_role("button", name="Afmelden")
    assert out.count() == 1
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.locator(".me .link:focus").count():
            return
    pytest.fail("the keyboard does not reach it")
