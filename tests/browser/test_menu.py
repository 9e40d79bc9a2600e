"""The menu: one row for whoever it is, on a narrow screen behind a button; the way out stands there once."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

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


def _visible_rows(page: Page) -> int:
    """Return in how many rows the menu stands, the way out along with it."""
    shown = page.locator(".nav a:visible, .nav button:visible")
    middles = shown.evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(at => Math.round((at.top + at.bottom) / 2 / 12))"
    )
    return len(set(middles))


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("width", ["360", "200%"])
def test_the_menu_is_one_row_on_a_narrow_screen(school: School, who: str, width: str):
    """Closed it is a button, a name and the way out, whatever the role; opened it has all items, and no fault."""
    page = school.open("/onze-meldcode", who, width)
    items = page.locator(".nav li a")
    assert (_visible_rows(page), items.first.is_visible()) == (1, False)
    page.get_by_role("button", name="Menu").click()
    assert all(one.is_visible() for one in items.all())
    assert items.count() > 3
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def _expanded(page: Page) -> bool:
    """Return what the browser tells a screen reader about the button."""
    browser = page.context.new_cdp_session(page)
    root = browser.send("DOM.getDocument")["root"]["nodeId"]
    asked = {"nodeId": root, "accessibleName": "Menu", "role": "button"}
    (button,) = browser.send("Accessibility.queryAXTree", asked)["nodes"]
    return {one["name"]: one["value"]["value"] for one in button["properties"]}["expanded"]


@pytest.mark.parametrize("scripts", ["on", "off"])
def test_the_menu_opens_by_keyboard(school: School, scripts: str):
    """With or without scripts: it says whether it is open, the next stop is in it, where one is stays told."""
    page = school.open("/mijn-signalen", "ib", "360", scripts=scripts == "on")
    menu = page.get_by_role("button", name="Menu")
    menu.focus()
    said = [_expanded(page)]
    page.keyboard.press("Enter")
    said.append(_expanded(page))
    assert said == [False, True]
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Sluiten")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Werkvoorraad")
    assert page.locator(":focus").evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
    expect(page.locator(".nav [aria-current=page]")).to_have_text("Mijn signalen")
    page.keyboard.press("Escape")
    expect(page.locator(".nav li a").first).to_be_hidden()
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Concepten").click()
    expect(page.get_by_role("heading", name="Concepten")).to_be_visible()


def test_what_keeps_a_child_safe_stays_at_hand(school: School):
    """The open menu covers neither the numbers to call nor the way to leave at once."""
    page = school.open("/onze-meldcode", "ib", "360")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Nu gevaar?").click()
    expect(page.locator("#danger-now")).to_be_visible()
    expect(page.locator(".nav li a").first).to_be_hidden()
