"""The IB-er's day: from the werkvoorraad to a dossier that is taken up, added to, put right and closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from meldcode_plugin.services import cases
from tests.browser.school import School

WORDS = "Hij slaapt in de klas en zegt dat hij buiten heeft geslapen."


def _recorded(school: School, kind: str = "fact", **fields: object) -> None:
    school.world.record(school.world.signal(WORDS, kind, **fields), about=school.world.other_pupil)


def _dossier(school: School, *, scripts: bool = True) -> Page:
    page = school.open("/werkvoorraad", "ib", scripts=scripts)
    page.get_by_role("link", name="Bram de Groot").click()
    expect(page.get_by_role("heading", name="Bram de Groot")).to_be_visible()
    return page


def _acts(page: Page) -> None:
    """Open what can be done with a signal."""
    page.get_by_role("link", name="Vervolg toevoegen, verbeteren of verplaatsen").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_is_new_is_read_and_taken_up(own_school: School, *, scripts: bool) -> None:
    """The IB-er finds the signal, reads it and takes it up; its author sees that and nothing more."""
    _recorded(own_school)
    page = _dossier(own_school, scripts=scripts)
    expect(page.get_by_text(WORDS)).to_be_visible()
    page.get_by_label("Nee", exact=True).check()
    page.get_by_role("button", name="Oppakken").click()

    expect(page.get_by_role("heading", name="Opgepakt")).to_be_visible()
    expect(page.get_by_role("button", name="Oppakken")).to_have_count(0)
    mine = own_school.open("/mijn-signalen", "teacher")
    expect(mine.get_by_text("In behandeling")).to_be_visible()
    mine.get_by_role("link", name="Bram de Groot").click()
    expect(mine.get_by_text("Dank je. Je signaal is opgepakt.")).to_be_visible()
    expect(mine.get_by_text("Marijke van Dam")).to_have_count(0)


def test_who_stays_after_all_can_press_again(own_school: School) -> None:
    """Another button pressed beside half a follow-up: the browser asks, and after that both buttons still work."""
    _recorded(own_school)
    page, asked = _dossier(own_school), list[str]()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    _acts(page)
    page.get_by_text("Vervolg toevoegen", exact=True).first.click()
    note = page.get_by_label("Wat wil je toevoegen?")
    note.press_sequentially("Vandaag weer.")
    page.get_by_label("Nee", exact=True).check()
    page.get_by_role("button", name="Oppakken").click(no_wait_after=True)
    expect(note).to_have_value("Vandaag weer.")
    assert asked == ["beforeunload"]
    note.fill("")
    page.get_by_role("button", name="Oppakken").click()

    expect(page.get_by_role("heading", name="Opgepakt")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_hypothesis_says_so_in_words_and_gets_an_outcome(own_school: School) -> None:
    """R5, R6: the word HYPOTHESE stands in the text; its outcome needs a status and a basis."""
    _recorded(own_school, "hypothesis")
    page = _dossier(own_school)
    expect(page.get_by_text("HYPOTHESE", exact=True)).to_be_visible()
    _acts(page)
    page.get_by_label("Wat wil je toevoegen?").fill("De ouders vertelden dat zij verhuisden.")
    page.get_by_role("button", name="Vervolg toevoegen").click()
    expect(page.locator("#faults")).to_contain_text("Kies of de hypothese is bevestigd, weerlegd of nog onzeker is.")
    expect(page.get_by_label("Wat wil je toevoegen?")).to_have_value("De ouders vertelden dat zij verhuisden.")
    page.get_by_label("Weerlegd").check()
    page.get_by_label("Waarop baseer je dit?").fill("Gesprek met beide ouders.")
    page.get_by_role("button", name="Vervolg toevoegen").click()

    expect(page.get_by_text("Vervolg: Weerlegd")).to_be_visible()
    expect(page.get_by_text("Gesprek met beide ouders.")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_signal_on_the_wrong_pupil_moves(own_school: School, *, scripts: bool) -> None:
    """The words go to the other dossier with a reason; here stands that it was moved."""
    _recorded(own_school)
    page = _dossier(own_school, scripts=scripts)
    _acts(page)
    page.get_by_text("Verplaatsen", exact=True).click()
    page.get_by_label("Naam van de goede leerling").fill("Yassin")
    page.get_by_role("button", name="Leerling zoeken").click()
    page.get_by_label("Yassin").first.check()
    page.get_by_role("button", name="Verplaatsen").click()
    expect(page.locator("#faults")).to_contain_text("Schrijf op waarom je het signaal verplaatst.")
    page.get_by_label("Waarom verplaats je het signaal?").fill("Het ging om een ander kind.")
    page.get_by_role("button", name="Verplaatsen").click()

    expect(page.get_by_role("heading", name="Signaal verplaatst naar een andere leerling")).to_be_visible()
    expect(page.get_by_text(WORDS)).to_have_count(0)
    page.goto(own_school.address + "/meldcode/werkvoorraad")
    page.get_by_role("link", name="Yassin").click()
    expect(page.get_by_text(WORDS)).to_be_visible()


def test_a_dossier_is_closed_with_a_reason(own_school: School) -> None:
    """R38: without a reason, an explanation and whether parents know it stays open; what was chosen stays chosen."""
    _recorded(own_school)
    page = _dossier(own_school)
    page.get_by_label("Nee", exact=True).check()
    page.get_by_role("button", name="Oppakken").click()
    page.get_by_role("group").get_by_text("Dossier sluiten").first.click()
    page.get_by_label("Het vermoeden is weerlegd").check()
    page.get_by_role("button", name="Dossier sluiten").click()
    expect(page.locator("#faults")).to_contain_text("Schrijf op waarom je het dossier sluit.")
    expect(page.get_by_label("Het vermoeden is weerlegd")).to_be_checked()
    page.get_by_label("Leg uit waarom").fill("De arts heeft het verklaard.")
    page.get_by_role("button", name="Dossier sluiten").click()
    expect(page.locator("#parents-sluiten-fault")).to_have_text("Zijn de ouders geïnformeerd? Kies ja of nee.")
    expect(page.get_by_label("Leg uit waarom")).to_have_value("De arts heeft het verklaard.")
    page.get_by_role("group", name="Zijn de ouders geïnformeerd?").get_by_label("Ja").check()
    page.get_by_role("button", name="Dossier sluiten").click()

    expect(page.get_by_role("heading", name="Dossier gesloten")).to_be_visible()
    page.goto(own_school.address + "/meldcode/werkvoorraad")
    page.get_by_role("link", name="Gesloten dossiers bekijken").click()
    expect(page.get_by_role("link", name="Bram de Groot")).to_be_visible()


def test_a_pupil_is_searched_in_the_schools_own_system(own_school: School) -> None:
    """Search finds pupils with and without a dossier; one letter is refused with what to do."""
    _recorded(own_school)
    page = own_school.open("/werkvoorraad", "ib")
    page.get_by_label("Naam van de leerling").fill("b")
    page.get_by_role("button", name="Zoeken").click()
    expect(page.locator("#faults")).to_contain_text("ten minste twee letters")
    page.get_by_label("Naam van de leerling").fill("Bram")
    page.get_by_role("button", name="Zoeken").click()

    expect(page.locator("#zoek").get_by_role("link", name="Bram de Groot")).to_be_visible()


def test_who_is_involved_closes_the_dossier_for_themselves(own_school: School) -> None:
    """'Ik ben zelf betrokken': from then on the dossier does not exist for this person."""
    _recorded(own_school)
    page = _dossier(own_school)
    address = page.url
    page.get_by_text("Ik ben zelf betrokken", exact=True).click()
    page.get_by_role("button", name="Ik ben zelf betrokken: sluit mij uit").click()

    expect(page.get_by_role("link", name="Bram de Groot")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_role("heading", name="Pagina niet gevonden.")).to_be_visible()


def test_the_warning_when_no_mail_goes_out(own_school: School) -> None:
    """No sweep for 15 minutes: the werkvoorraad says that the reminders stand still."""
    page = own_school.open("/werkvoorraad", "ib")

    expect(page.get_by_text("De herinneringen liggen stil")).to_be_visible()


def test_on_paper_the_dossier_keeps_the_words_and_loses_the_buttons(own_school: School) -> None:
    """Printed, the label HYPOTHESE, the words and who printed it stand there; menus and buttons do not."""
    _recorded(own_school, "hypothesis")
    page = _dossier(own_school)
    page.emulate_media(media="print")

    expect(page.get_by_text("HYPOTHESE", exact=True)).to_be_visible()
    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_text("Afgedrukt door Marijke van Dam")).to_be_visible()
    expect(page.get_by_role("button", name="Oppakken")).to_be_hidden()
    expect(page.get_by_role("link", name="Snel weg")).to_be_hidden()


def test_a_dossier_is_read_with_a_reason_and_offers_no_act(own_school: School) -> None:
    """The board chooses a child, says why, reads the dossier; no button or link on it leads nowhere; it is judged."""
    own_school.world.record()
    page = own_school.open("/noodtoegang", "board")
    page.get_by_label("Naam van de leerling").fill("Aya")
    page.get_by_role("button", name="Leerling zoeken").click()
    page.get_by_label("Aya Benali").check()
    page.get_by_label("Waarom moet je dit dossier nu lezen?").fill("De IB-er is ziek en de politie belt over haar.")
    page.get_by_role("button", name="Lees het dossier met deze reden").click()
    expect(page.get_by_text("Je leest dit met noodtoegang.")).to_be_visible()
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    found = page.locator("main").get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    assert [200] * len(found) == [page.request.get(address).status for address in found]

    judge = own_school.open("/logboek", "fg")
    expect(judge.get_by_text("De IB-er is ziek en de politie belt over haar.")).to_be_visible()
    judge.get_by_role("button", name="Gezien").click()
    expect(judge.get_by_text("gezien door")).to_be_visible()


def test_a_dossier_leads_to_what_it_still_asks(own_school: School) -> None:
    """An open hypothesis is one click from its outcome, and a new signal from the first step."""
    _recorded(own_school, "hypothesis")
    page = _dossier(own_school)
    page.get_by_label("Nee", exact=True).check()
    page.get_by_role("button", name="Oppakken").click()
    page.get_by_role("link", name="Uitkomst toevoegen").click()
    expect(page.get_by_text("Weerlegd", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Signaal vastleggen")).to_have_attribute(
        "href", "/meldcode/leerling/2602/signaal"
    )


def test_a_director_reads_what_is_missing_before_saying_yes(school: School) -> None:
    """The same list as the IB-er's, without the forms that only who handles the dossier has."""
    page = school.open("/dossier/{running}", "director")
    missing = page.get_by_role("region", name="Wat nog mist")
    expect(missing.get_by_role("listitem").first).to_be_visible()
    expect(missing.get_by_role("link")).to_have_count(0)


def test_a_closed_dossier_is_opened_again_from_where_it_says_so(own_school: School) -> None:
    """One click beside the sentence that it is closed; no step is shown that holds nothing; then it says what it is."""
    _recorded(own_school)
    case = own_school.world.case_of(own_school.world.other_pupil)
    with own_school.world.work(own_school.world.ib) as work:
        cases.accept(work, case)
    own_school.world.close(case)
    page = own_school.open("/werkvoorraad?gesloten=1", "ib")
    page.get_by_role("link", name="Bram de Groot").first.click()
    expect(page.get_by_role("region", name="Wat kun je nu doen").get_by_text("4. Wegen")).to_have_count(0)
    page.get_by_role("link", name="Zaak heropenen").first.click()
    page.locator("[name=reason]").fill("Het begint opnieuw.")
    page.get_by_role("button", name="Opslaan in het dossier").click()
    expect(page.get_by_text("Opnieuw geopend", exact=True)).to_be_visible()
