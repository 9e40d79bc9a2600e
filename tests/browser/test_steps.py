"""The form of a step: by keyboard, without JavaScript, with a no that needs its reason."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.school import School
from tests.browser.steps import INSTRUMENT, add, fill_in, save

STEP = "/dossier/{running}/stap"


def test_a_step_by_keyboard_alone(school: School) -> None:
    """From the way to the content through the questions to the button, and back in the dossier, without a mouse."""
    page = school.open(f"{STEP}/bijzonder", "ib")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "form-eergerelateerd_geweld")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "why")
    page.keyboard.type("Hij zegt dat zijn zus moet trouwen.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Opslaan in het dossier")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Hij zegt dat zijn zus moet trouwen.")).to_be_visible()
    expect(page.get_by_text("Huwelijksdwang")).to_be_visible()


def test_a_step_without_javascript(school: School) -> None:
    """The form needs no script; a fault says so beside its field and what was typed stands there still."""
    page = school.open(f"{STEP}/gesprek", "ib", scripts=False)
    page.get_by_label("1. Welk doel vertelde je?").fill("Samen kijken wat er nodig is.")
    page.get_by_role("button", name="Opslaan in het dossier").click()
    expect(page.locator("#reaction-fault")).to_contain_text("Vul eerst de reactie van de ouder in.")
    expect(page.get_by_label("1. Welk doel vertelde je?")).to_have_value("Samen kijken wat er nodig is.")
    page.goto(school.address + "/meldcode/dossier/" + school.ids["running"])
    add(page, "kind", why="Hij vertelt uit zichzelf niets.")

    expect(page.get_by_role("definition").filter(has_text="Hij vertelt uit zichzelf niets.")).to_be_visible()


def test_the_browser_asks_before_typed_words_go(school: School) -> None:
    """Words of a step that were not saved do not go with one wrong click, also when the form was refused meanwhile."""
    page, asked = school.open(f"{STEP}/gesprek", "ib"), list[str]()
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    goal = page.get_by_label("1. Welk doel vertelde je?")
    page.get_by_role("link", name="Werkvoorraad").first.click()
    page.go_back()
    assert asked == []
    goal.press_sequentially("Samen kijken.")
    page.get_by_role("link", name="Werkvoorraad").first.click(no_wait_after=True)
    expect(goal).to_have_value("Samen kijken.")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Opslaan in het dossier").click()
    expect(page.locator("#reaction-fault")).to_be_visible()
    page.get_by_role("link", name="Werkvoorraad").first.click(no_wait_after=True)
    expect(goal).to_have_value("Samen kijken.")

    assert asked == ["beforeunload"] * 2


def test_who_must_leave_at_once_is_asked_nothing(school: School) -> None:
    """Snel weg takes typed words along without a question."""
    page, asked = school.open(f"{STEP}/kind", "ib"), list[str]()
    page.route("https://www.knmi.nl/**", lambda route: route.fulfill(body="<h1>Weer</h1>", content_type="text/html"))
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("main").get_by_role("textbox").first.press_sequentially("Zij wil niet praten.")
    page.get_by_role("link", name="Snel weg").click()
    expect(page.get_by_role("heading", name="Weer")).to_be_visible()

    assert asked == []


def test_a_double_click_without_javascript_adds_once(school: School) -> None:
    """Both clicks arrive; the dossier shows one entry, as if it was just added."""
    page = school.open(f"{STEP}/kind", "ib", scripts=False)
    fill_in(page, "kind", why="Zij is net vier geworden.")
    page.get_by_role("button", name="Opslaan in het dossier").dblclick(no_wait_after=True)
    expect(_entries(page, "Zij is net vier geworden.")).to_have_count(1)
    page.reload()
    expect(_entries(page, "Zij is net vier geworden.")).to_have_count(1)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_back_and_save_again_adds_once(school: School, *, scripts: bool) -> None:
    """The back button brings the same form back with its words; saved again it leads to what stands there already."""
    said = f"Hij is ziek{' thuis' * scripts}."
    page = school.open("/dossier/{running}", "ib", scripts=scripts)
    page.locator("summary", has_text="3.").first.click()
    page.get_by_role("link", name="Gesprek met het kind").first.click()
    fill_in(page, "kind", why=said)
    save(page)
    expect(_entries(page, said)).to_have_count(1)
    page.go_back()
    expect(page.locator("[name=why]")).to_have_value(said)
    save(page)
    expect(_entries(page, said)).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)

    page.go_back()
    page.locator("[name=why]").fill(f"Toch niet: {said}")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Dit formulier is al opgeslagen.")
    save(page)
    expect(_entries(page, said)).to_have_count(1)
    expect(_entries(page, f"Toch niet: {said}")).to_have_count(1)


def test_a_file_that_waits_is_taken_away_by_its_button_alone(school: School) -> None:
    """Without scripts: left and opened again it is listed; Enter in a line saves and does not press that button."""
    page = school.open(f"{STEP}/wegen", "ib", scripts=False)
    page.locator("[name=attachment]").set_input_files(INSTRUMENT)
    save(page)
    expect(page.locator("#faults")).to_be_visible()
    page.goto(school.address + f"/meldcode/dossier/{school.ids['running']}/stap/wegen")
    page.locator("[name=instrument_version]").press("Enter")
    expect(page.locator("#faults")).to_be_visible()
    page.locator("[name=risk_why]").fill("Het gaat door.")
    page.get_by_role("button", name="Weghalen lirik.png").click()
    expect(page.get_by_text("lirik.png")).to_have_count(0)
    expect(page.locator("[name=risk_why]")).to_have_value("Het gaat door.")


def _entries(page: Page, said: str) -> Locator:
    return page.get_by_role("definition").filter(has_text=re.compile(f"^{re.escape(said)}$"))


def test_a_preparation_is_a_sheet_to_print(school: School) -> None:
    """R26: it holds what was prepared, the order of the talk and the facts; on paper it says who printed it."""
    page = school.open("/dossier/{running}", "ib")
    page.get_by_role("link", name="Blad om af te drukken").click()
    expect(page.get_by_text("Samen kijken wat er thuis speelt.")).to_be_visible()
    expect(page.get_by_text("Vaak zonder ontbijt.")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_text("Afgedrukt door")).to_be_visible()


def test_what_is_skipped_says_who_confirmed_it(school: School) -> None:
    """R31: the waiver stands in one list with its reason and its writer, and that the director did not confirm it."""
    page = school.open("/dossier/{running}", "ib")
    skipped = page.get_by_role("region", name="Overgeslagen, en waarom")
    expect(skipped).to_contain_text("Geen gesprek met ouders over de signalen")
    expect(skipped).to_contain_text("Het is nu niet veilig om thuis te praten.")
    expect(skipped).to_contain_text("nog niet bevestigd door de directeur")


def test_a_no_needs_its_reason(school: School) -> None:
    """R44: who does not agree says why; the page asks again and the words are kept."""
    page = school.open("/dossier/{running}", "director")
    page.get_by_role("button", name="Ik ben het niet eens").first.click()

    expect(page.get_by_role("alert")).to_contain_text("Schrijf op waarom je het niet eens bent.")
    field = page.locator("textarea[name=text][aria-invalid]")
    expect(field).to_have_count(1)
    expect(field).to_be_focused()
    page.get_by_label("Wil je er iets bij zeggen?").first.fill("Eerst praten wij met moeder.")
    page.get_by_role("button", name="Ik ben het niet eens").first.click()
    expect(page.get_by_text("Eerst praten wij met moeder.")).to_be_visible()


def _tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"{name} can not be reached by Tab")


@pytest.mark.rule("R27")
def test_what_school_thinks_waits_for_the_reaction(school: School) -> None:
    """Part four of the talk can be typed in once part three has words; what stands in it is never lost."""
    page = school.open("/dossier/{case}/stap/gesprek", "ib")
    later, first = page.locator("[name=interpretation]"), page.locator("[name=reaction]")
    expect(later).not_to_be_editable()
    first.fill("Zij zei niets.")
    expect(later).to_be_editable()
    later.fill("Wij maken ons zorgen.")
    first.fill("")
    expect(later).not_to_be_editable()
    expect(later).to_have_value("Wij maken ons zorgen.")


@pytest.mark.rule("R25")
@pytest.mark.rule("R36")
@pytest.mark.parametrize(
    ("form", "link", "purpose"),
    [
        ("voorbereiding", "Vraag hulp bij dit gesprek", "gespreksvoorbereiding"),
        ("gesprek", "Vraag hulp bij dit gesprek", "gespreksvoorbereiding"),
        ("wegen", "Vraag hulp bij het wegen, bijvoorbeeld aan Veilig Thuis", "weging"),
    ],
)
def test_help_is_asked_from_the_form_itself(school: School, form: str, link: str, purpose: str) -> None:
    """One click leads to a consultation that already says what it is for."""
    page = school.open(f"/dossier/{{case}}/stap/{form}", "ib")
    page.get_by_role("link", name=link).click()
    expect(page.locator(f"[name=purpose][value={purpose}]")).to_be_checked()


@pytest.mark.parametrize("form", ["melding", "besluit"])
def test_what_the_button_refuses_is_said_beforehand(school: School, form: str) -> None:
    """The very sentences of the refusal stand above the form before anything is typed."""
    page = school.open(f"/dossier/{{case}}/stap/{form}", "ib")
    before = page.locator("#stops li").all_inner_texts()
    fill_in(page, form)
    save(page)
    assert before
    assert set(before) <= set(page.locator(".faults li").all_inner_texts())
