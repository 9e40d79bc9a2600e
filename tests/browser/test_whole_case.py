"""A whole case in the browser by teacher, IB-er and director: help, a report, and an emergency."""

from __future__ import annotations

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
    for kind in ("hulp", "effect"):
        add(ib, kind)
    expect(ib.get_by_text("Deze zaak wacht op een controle van het effect.")).to_have_count(0)
    ib.get_by_text("Dossier sluiten", exact=True).first.click()
    ib.get_by_label("De hulp werkt en het kind is veilig").check()
    if (told := ib.locator("[name='parents'][value='yes']")).count():
        told.check()
    ib.get_by_label("Leg uit waarom").fill("De hulp werkt, moeder houdt zich aan de afspraken.")
    ib.get_by_role("button", name="Dossier sluiten").click()

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


def test_an_emergency_is_reported_first(own_school: School) -> None:
    """R58: in an emergency nothing is asked first; afterwards the page says all that is still missing."""
    ib = _taken_up(own_school)
    add(ib, "melding", emergency="y", how="112", own_role="", own_role_who="", own_role_limits="")

    expect(ib.get_by_role("heading", name="Melding bij Veilig Thuis")).to_be_visible()
    for missing in ("Er is nog niet gewogen.", "De directeur weet nog van niets.", "Beantwoord eerst de zes vragen"):
        expect(ib.get_by_text(missing)).to_be_visible()
    add(ib, "directeur")
    expect(_of_director(own_school, ib).get_by_role("heading", name="Melding bij Veilig Thuis")).to_be_visible()
