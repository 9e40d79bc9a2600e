"""A whole case in the browser by teacher, IB-er and director: help, a report, and an emergency."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.school import School
from tests.browser.steps import add, agree, fill_in, save

WORDS = "Hij had geen brood bij zich en zei dat hij honger had."


def _taken_up(school: School) -> Page:
    """The teacher writes down what was seen; the IB-er finds it and takes it up."""
    page = school.open("/leerling/2602/signaal", "teacher")
    page.get_by_label("Wat ik zag").check()
    page.get_by_label("Wat zag je precies?").fill(WORDS)
    page.get_by_role("button", name="Versturen naar IB-er").click()
    expect(page.get_by_role("heading", name="Je signaal is vastgelegd")).to_be_visible()
    ib = school.open("/werkvoorraad", "ib")
    ib.get_by_role("link", name="Bram de Groot").click()
    ib.get_by_label("Nee", exact=True).check()
    ib.get_by_role("button", name="Oppakken").click()
    expect(ib.get_by_role("heading", name="Wat nog mist")).to_be_visible()
    return ib


def _of_director(school: School, ib: Page) -> Page:
    return school.open(ib.url.partition("/meldcode")[2].partition("#")[0], "director")


def test_a_case_that_ends_with_help(own_school: School) -> None:
    """Signal, consultation, talk, weighing, help that works, and the dossier is closed."""
    ib = _taken_up(own_school)
    for kind in ("overleg", "directeur", "gesprek", "kind", "wegen", "besluit"):
        add(ib, kind)
    agree(ib)
    director = _of_director(own_school, ib)
    agree(director)
    add(ib, "hulp")
    ib.get_by_text("Dossier sluiten", exact=True).first.click()
    expect(ib.get_by_role("button", name="Dossier sluiten")).to_be_disabled()
    expect(ib.locator("#close-stops")).to_contain_text("Deze zaak wacht op een controle van het effect.")
    add(ib, "effect")
    expect(ib.get_by_text("Deze zaak wacht op een controle van het effect.")).to_have_count(0)
    _close(ib, "De hulp werkt en het kind is veilig")

    expect(ib.get_by_role("heading", name="Dossier gesloten")).to_be_visible()
    expect(ib.get_by_text("Eens", exact=True)).to_have_count(2)


def test_a_case_that_ends_with_a_report(own_school: School) -> None:
    """A report is refused, with each reason, until IB-er and director agree and parents know; then it is recorded."""
    ib = _taken_up(own_school)
    for kind in ("overleg", "directeur", "gesprek", "kind"):
        add(ib, kind)
    add(ib, "wegen", unsafe="yes", able="open", accept="open")
    add(ib, "besluit", protect="no", report="yes", help="no")
    dossier = ib.url
    ib.goto(f"{dossier}/stap/melding")
    fill_in(ib, "melding")
    save(ib)
    expect(ib.get_by_text("De directeur heeft nog niet ingestemd.")).to_be_visible()
    expect(ib.get_by_label("Wie doet dat?")).to_have_value("De leerkracht")
    ib.goto(dossier)
    agree(ib)
    agree(_of_director(own_school, ib))
    add(ib, "mededeling")
    add(ib, "geheimhouding")
    add(ib, "melding")

    expect(ib.get_by_role("heading", name="Melding bij Veilig Thuis")).to_be_visible()
    expect(ib.get_by_text("De melding is nog niet vastgelegd.")).to_have_count(0)


@pytest.mark.rule("R34")
def test_weighing_has_what_it_stands_on_beside_it(own_school: School) -> None:
    """Signals, advice and the talk with parents are read beside the form, and can not be changed there."""
    page = _taken_up(own_school)
    add(page, "overleg", advice="Vraag eerst naar de nachten.")
    add(page, "gesprek", reaction="Zij zei dat hij slecht slaapt.")
    page.goto(f"{page.url}/stap/wegen")
    expect(page.get_by_text("Vraag eerst naar de nachten.")).to_be_visible()
    expect(page.get_by_text("Zij zei dat hij slecht slaapt.")).to_be_visible()


def test_an_emergency_by_a_teacher(own_school: School) -> None:
    """R58: *Nu gevaar* on a pupil's page leads to a short form; the IB-er finds the case acute, with the call in it."""
    page = own_school.open("/leerling/2602/signaal", "teacher")
    page.get_by_role("button", name="Nu gevaar?").click()
    page.locator("#danger-now").get_by_role("link", name="Heb je gebeld? Leg het hier kort vast").click()
    page.get_by_role("button", name="Vastleggen").click()
    expect(page.locator("#how-fault")).to_have_text("Kies wie er is gebeld.")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("112", exact=True).check()
    page.get_by_label("Wat is er aan de hand?").fill("Hij bloedt en is bang.")
    page.get_by_label("Wat is afgesproken?").fill("De politie komt nu.")
    page.get_by_role("button", name="Vastleggen").click()
    expect(page.get_by_role("heading", name="Het is vastgelegd")).to_be_visible()
    expect(page.get_by_text("De IB-er krijgt meteen bericht.")).to_be_visible()

    ib = own_school.open("/werkvoorraad", "ib")
    expect(ib.get_by_text("Spoed", exact=True)).to_be_visible()
    ib.get_by_role("link", name="Bram de Groot").click()
    expect(ib.get_by_text("De politie komt nu.")).to_be_visible()
    ib.get_by_label("Nee", exact=True).check()
    ib.get_by_role("button", name="Oppakken").click()
    expect(ib.get_by_text("Gemeld, wacht op Veilig Thuis")).to_be_visible()
    for missing in ("De directeur weet nog van niets.", "Er is nog niet gewogen."):
        expect(ib.get_by_text(missing)).to_be_visible()


def test_a_closed_case_is_reported_after_all(own_school: School) -> None:
    """R43: closed, opened again because it starts again; the report waits until all is weighed anew and warns first."""
    ib = _taken_up(own_school)
    _close(ib, "Er is geen vermoeden meer")
    expect(ib.get_by_text("Dit dossier is gesloten.")).to_be_visible()
    add(ib, "heropenen", late="begint_opnieuw")
    for kind in ("overleg", "directeur", "gesprek", "kind"):
        add(ib, kind)
    add(ib, "wegen", unsafe="yes", able="open", accept="open")
    add(ib, "besluit", protect="no", report="yes", help="no")
    agree(ib)
    agree(_of_director(own_school, ib))
    add(ib, "mededeling")
    add(ib, "geheimhouding")
    dossier = ib.url
    ib.goto(f"{dossier}/stap/alsnog")
    fill_in(ib, "melding")
    save(ib)
    expect(ib.locator("#late-fault")).to_have_text("Kies of het niet stopt, of opnieuw begint.")
    ib.get_by_label("Het begint opnieuw").check()
    ib.locator("[name='made_on']").fill("2026-11-20")
    save(ib)
    expect(ib.get_by_text("Het is bijna weekend of vakantie.")).to_be_visible()
    expect(ib.get_by_label("Wie doet dat?")).to_have_value("De leerkracht")
    ib.get_by_role("button", name="Toch opslaan").first.click()

    expect(ib.get_by_text("Gelezen en toch doorgegaan:")).to_be_visible()
    expect(ib.get_by_text("Ja: het begint opnieuw")).to_have_count(2)


def _close(ib: Page, reason: str) -> None:
    ib.get_by_text("Dossier sluiten", exact=True).first.click()
    ib.get_by_label(reason).check()
    ib.get_by_role("group", name="Zijn de ouders geïnformeerd?").get_by_label("Ja").check()
    ib.get_by_label("Leg uit waarom").fill("Wij spraken moeder en de huisarts.")
    ib.get_by_role("button", name="Dossier sluiten").click()


def test_an_emergency_is_reported_first(own_school: School) -> None:
    """R58: in an emergency nothing is asked first; afterwards the page says all that is still missing."""
    ib = _taken_up(own_school)
    add(ib, "melding", emergency="y", how="112", own_role="", own_role_who="", own_role_limits="")

    expect(ib.get_by_role("heading", name="Melding bij Veilig Thuis")).to_be_visible()
    for missing in ("Er is nog niet gewogen.", "De directeur weet nog van niets.", "Beantwoord eerst de zes vragen"):
        expect(ib.get_by_text(missing)).to_be_visible()
    add(ib, "directeur")
    expect(_of_director(own_school, ib).get_by_role("heading", name="Melding bij Veilig Thuis")).to_be_visible()
