"""The pages of the meldpakket by keyboard alone: choose, look, make final, hand over, write down, confirm."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from meldcode_plugin.services import packages_build
from tests.browser.school import School

NEW = "/dossier/{case}/meldpakket/nieuw/{variant}"
WORRY = "Zij durft niet naar huis."


def _to(page: Page, name: str) -> None:
    """Go on by Tab to the field with this id, or the button or link with these words."""
    for _ in range(120):
        page.keyboard.press("Tab")
        there = page.evaluate("[document.activeElement.id, document.activeElement.textContent.trim()]")
        if name in there:
            return
    raise AssertionError(f"{name} can not be reached by Tab")


def _write(page: Page, field: str, text: str) -> None:
    _to(page, field)
    page.keyboard.type(text)


def _top(page: Page) -> None:
    """Begin at the top and skip to the content, as who has no mouse does."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")


def test_a_package_is_chosen_by_keyboard_alone(school: School) -> None:
    """What is left out needs its reason; the preview comes first and *Vaststellen* after it; then it is being made."""
    school.ids["variant"] = "advies"
    page = school.open(NEW, "ib")
    _top(page)
    _to(page, f"goes-{school.ids['hypothesis']}")
    page.keyboard.press("Space")
    _write(page, f"why-{school.ids['hypothesis']}", "Is intussen weerlegd.")
    _write(page, "worry", WORRY)
    _write(page, "question", "Wat kunnen wij nu doen?")
    _to(page, "Voorbeeld bekijken")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Voorbeeld")).to_be_visible()
    expect(page.get_by_text("Is intussen weerlegd", exact=False).first).to_be_visible()
    expect(page.locator(f"#goes-{school.ids['hypothesis']}")).not_to_be_checked()
    _to(page, "Vaststellen")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Het pakket wordt gemaakt")).to_be_visible()
    _to(page, "Annuleren")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Dit pakket is geannuleerd.")).to_be_visible()


def test_a_package_is_handed_over_by_keyboard_alone(school: School) -> None:
    """A fault is read and reached first; the words are shown once, the copy is fetched; then done and confirmed."""
    page = school.open("/dossier/{case}/meldpakket/{whole}", "ib")
    _top(page)
    _to(page, "Overdragen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/overdracht?*")
    _to(page, "Kopie klaarzetten")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    _to(page, "channel-formulier")
    page.keyboard.press("Space")
    _write(page, "receiver", "Veilig Thuis, mevrouw Post")
    _to(page, "Kopie klaarzetten")
    page.keyboard.press("Enter")
    expect(page.locator("#phrase")).to_have_count(1)
    _to(page, "Beveiligde kopie ophalen")
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    assert got.value.suggested_filename.startswith("documenten-")
    _to(page, "Overgedragen? Leg het vast bij het pakket.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Overdracht vastleggen")).to_be_visible()
    _done(page, school)
    expect(page.get_by_text("kenmerk VT-1")).to_be_visible()
    _to(page, "De ontvanger heeft het bevestigd")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Ontvangst bevestigd")).to_be_visible()
    expect(page.get_by_text("Overdracht vastleggen")).to_have_count(0)
    page.goto(f"{school.address}/meldcode/dossier/{school.ids['case']}")
    expect(page.get_by_role("heading", name="Melding bij Veilig Thuis")).to_be_visible()


def _done(page: Page, school: School) -> None:
    """Fill in when it was handed over, an hour before now."""
    _to(page, "day")
    page.locator("#day").fill(f"{school.world.clock():%Y-%m-%d}")
    page.locator("#clock").fill("08:00")
    _write(page, "reference", "VT-1")
    page.keyboard.press("Enter")


def test_a_failed_package_is_tried_again_by_keyboard_alone(school: School) -> None:
    """It says why it failed; one key later it is being made, and it comes out whole."""
    page = school.open("/dossier/{case}/meldpakket/{failed}", "ib")
    expect(page.get_by_text("Er is geen ruimte meer op de schijf.")).to_be_visible()
    _top(page)
    _to(page, "Opnieuw proberen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Het pakket wordt gemaakt")).to_be_visible()
    packages_build.sweep(school.world.door)
    page.reload()
    expect(page.get_by_role("heading", name="Wat erin zit")).to_be_visible()


def test_for_advice_only_what_goes_along_is_asked(school: School) -> None:
    """What was decided, weighed and whose address is secret is in no summary without names, so nobody chooses it."""
    asked = {}
    for variant in ("advies", "melding"):
        school.ids["variant"] = variant
        page = school.open(NEW.replace("{case}", "{running}"), "ib")
        asked[variant] = page.locator("label[for^='goes-']").all_inner_texts()
        expect(page.get_by_text("Van wie is het adres geheim?")).to_have_count(int(variant == "melding"))
    told = [text for text in asked["melding"] if text.startswith(("Geen gesprek", "Besluit"))]
    assert told
    assert set(told).isdisjoint(asked["advies"])
    assert set(asked["advies"]) < set(asked["melding"])
    assert any(text.startswith("Betrokkene, ") and "Wie is het? " in text for text in asked["melding"])


def test_places_on_the_body_stay_ticked_after_a_refusal(school: School) -> None:
    """On a phone, by keyboard, without a script: the fold opens, two are ticked, something else is missing."""
    school.ids["variant"] = "melding"
    page = school.open(NEW, "ib", "360", scripts=False)
    left, back = (page.get_by_role("checkbox", name=name, exact=True) for name in ("Linkerbovenarm", "Rug"))
    expect(left).not_to_be_visible()
    page.locator("#injury").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for one in (left, back):
        one.focus()
        page.keyboard.press("Space")
    page.get_by_role("button", name="Voorbeeld bekijken").press("Enter")

    expect(page.locator("#worry-fault")).to_have_text(
        "Schrijf de zorg op in vijf regels: wat, sinds wanneer, en waarom nu."
    )
    expect(left).to_be_checked()
    expect(back).to_be_checked()
    expect(back).to_be_visible()
    expect(page.get_by_role("group", name="Achterkant").get_by_role("checkbox", checked=True)).to_have_count(1)
    shown = page.locator("#preview")
    expect(shown.get_by_text("1\u00a0linkerbovenarm", exact=True)).to_be_visible()
    expect(shown.get_by_text("2\u00a0rug", exact=True)).to_be_visible()
    expect(shown.get_by_text("Links en rechts zijn die van het kind zelf.")).to_be_visible()
