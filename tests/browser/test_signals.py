"""A teacher records a signal: in a hurry, by keyboard, without JavaScript, and when things go wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from meldcode_plugin.services import cases, signals
from meldcode_plugin.services.signals import MySignal
from tests.browser.school import School
from tests.doors.house import picture

FORM = "/leerling/2602/signaal"
WORDS = "Hij had geen brood bij zich en zei dat hij honger had."


def sent(school: School, who: str = "teacher") -> list[MySignal]:
    """Return what somebody sent, as the store holds it."""
    with school.world.work(getattr(school.world, who)) as work:
        return signals.mine(work)


def send(page: Page) -> None:
    """Press the button that sends."""
    page.get_by_role("button", name="Versturen naar IB-er").click()


def write(page: Page, words: str = WORDS) -> None:
    """Fill in the shortest signal: one tick, one text."""
    page.get_by_label("Wat ik zag").check()
    page.get_by_label("Wat zag je precies?").fill(words)


def receipt(page: Page) -> Locator:
    """Return the heading of the receipt."""
    return page.get_by_role("heading", name="Je signaal is vastgelegd")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_shortest_path_is_one_tick_one_text_and_send(own_school: School, *, scripts: bool) -> None:
    """A teacher in a hurry ticks one box, types one text and sends; the pupil stands on the receipt."""
    page = own_school.open(FORM, "teacher", scripts=scripts)
    write(page)
    send(page)

    expect(receipt(page)).to_be_visible()
    expect(page.get_by_text("Over Bram de Groot.")).to_be_visible()
    assert [WORDS] == [one.content.text for one in sent(own_school)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_each_kind_becomes_its_own_signal(own_school: School, *, scripts: bool) -> None:
    """Five kinds in one form are five signals, each with its own fields and direction (R4-R9)."""
    page = own_school.open(FORM, "teacher", scripts=scripts)
    write(page)
    page.get_by_label("Waar was dat?").first.fill("de kantine")
    page.locator("#fact-direction").get_by_label("Ondersteunt de zorg").check()
    page.get_by_label("Wat het kind zei").check()
    page.get_by_label("Wat zei het kind, letterlijk?").fill("Ik heb honger.")
    page.get_by_label("Wat iemand anders vertelde").check()
    page.get_by_label("Wat vertelde die persoon?").fill("De buurvrouw geeft hem eten.")
    page.get_by_label("Van wie hoorde je dit?").fill("de buurvrouw")
    page.get_by_label("Wat ik denk").check()
    page.get_by_label("Wat denk je dat er aan de hand is?").fill("Er is geen geld.")
    page.get_by_label("Een diagnose").check()
    page.get_by_label("Welke diagnose is gesteld?").fill("Coeliakie.")
    page.get_by_label("Wie stelde de diagnose?").fill("dr. Smit")
    page.get_by_label("Wat is het beroep van die persoon?").fill("kinderarts")
    page.get_by_label("Wanneer is de diagnose gesteld?").fill("2026-10-01")
    page.locator("#diagnosis-direction").get_by_label("Spreekt de zorg tegen").check()
    send(page)

    expect(receipt(page)).to_be_visible()
    found = {one.content.signal_kind.value: one.content for one in sent(own_school)}
    assert set(found) == {"fact", "child_statement", "third_party", "hypothesis", "diagnosis"}
    assert ("de kantine", "supports") == (found["fact"].place, found["fact"].direction)
    assert found["third_party"].source is not None
    assert found["third_party"].source.name == "de buurvrouw"
    assert ("contradicts", "kinderarts") == (
        found["diagnosis"].direction,
        found["diagnosis"].diagnosis and found["diagnosis"].diagnosis.profession,
    )
    assert found["hypothesis"].direction == "neutral"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_faults_stand_on_top_and_nothing_typed_is_lost(own_school: School, *, scripts: bool, tmp_path: Path) -> None:
    """What is missing stands on top with a link to its field; text, ticks and chosen files stay."""
    (tmp_path / "tekening.png").write_bytes(picture().getvalue())
    page = own_school.open(FORM, "teacher", scripts=scripts)
    write(page)
    page.locator("#files").set_input_files(tmp_path / "tekening.png")
    page.get_by_label("Wat iemand anders vertelde").check()
    page.get_by_label("Wat vertelde die persoon?").fill("Het is er koud.")
    page.get_by_label("Een diagnose").check()
    send(page)

    summary = page.locator("#faults")
    expect(summary).to_contain_text("Kijk nog 3 dingen na")
    if scripts:
        expect(summary).to_be_focused()
    summary.get_by_role("link", name=re.compile("Vul in van wie je dit hoorde")).click()
    field = page.get_by_label("Van wie hoorde je dit?")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby")
    assert described is not None
    expect(page.locator(f"#{described.split()[-1]}")).to_contain_text("Vul in van wie je dit hoorde")
    expect(page.get_by_label("Wat zag je precies?")).to_have_value(WORDS)
    expect(page.get_by_text("tekening.png").first).to_be_visible()
    assert sent(own_school) == []

    field.fill("de conciërge")
    page.get_by_label("Een diagnose").uncheck()
    send(page)

    expect(receipt(page)).to_be_visible()
    assert ["tekening.png"] == [file.name for one in sent(own_school) for file in _files(own_school, one)]


def _files(school: School, one: MySignal) -> list[object]:
    with school.world.work(school.world.teacher) as work:
        return list(signals.my_signal(work, one.id).attachments)


def test_text_behind_an_empty_tick_is_not_dropped_in_silence(own_school: School) -> None:
    """Who typed under a kind and took its tick away is asked what it should be."""
    page = own_school.open(FORM, "teacher")
    write(page)
    page.get_by_label("Wat ik denk").check()
    page.get_by_label("Wat denk je dat er aan de hand is?").fill("Er is ruzie.")
    page.get_by_label("Wat ik denk").uncheck()
    send(page)

    expect(page.locator("#faults")).to_contain_text("maar het vakje is niet aangevinkt")
    assert sent(own_school) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_sign_in_that_ended_loses_no_word(own_school: School, *, scripts: bool) -> None:
    """Who was away too long signs in again and finds the text as a draft."""
    page = own_school.open(FORM, "teacher", scripts=scripts)
    write(page)
    own_school.world.clock.forward(minutes=20)
    send(page)

    expect(page.get_by_text("Je bent te lang niet actief geweest. Je concept is bewaard.")).to_be_visible()
    link = page.get_by_role("link", name="Log opnieuw in").get_attribute("href")
    assert link is not None
    key = re.search(r"signaal(?:/|%2F)([0-9a-f-]{36})", link)
    assert key is not None
    again = own_school.sign_in("teacher")
    page.context.add_cookies([{"name": "meldcode", "value": again, "url": own_school.address}])
    page.goto(f"{own_school.address}/meldcode/signaal/{key[1]}")
    expect(page.get_by_label("Wat zag je precies?")).to_have_value(WORDS)
    send(page)
    expect(receipt(page)).to_be_visible()
    assert len(sent(own_school)) == 1


def test_a_draft_keeps_itself_and_hints_at_wording(own_school: School) -> None:
    """While somebody types, the draft is kept, and a hint on the wording shows without stopping anything."""
    page = own_school.open(FORM, "teacher")
    write(page, "Volgens mij heeft hij ADHD.")

    expect(page.locator("#saved")).to_contain_text("Concept bewaard om 10:00")
    expect(page.locator("[data-nudge='fact-text']")).to_contain_text("klinkt als een vermoeden")
    send(page)
    expect(receipt(page)).to_be_visible()


def test_a_cut_line_leaves_the_text_on_the_screen(own_school: School) -> None:
    """When the server can not be reached, nothing leaves the page, and it says so; later it goes."""
    page = own_school.open(FORM, "teacher")
    write(page)
    page.context.set_offline(True)
    send(page)

    expect(page.locator("#saved")).to_contain_text("Je tekst staat nog op dit scherm")
    expect(page.get_by_label("Wat zag je precies?")).to_have_value(WORDS)
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    page.context.set_offline(False)
    send(page)
    expect(receipt(page)).to_be_visible()
    assert len(sent(own_school)) == 1


def test_a_very_long_text_goes_too(own_school: School) -> None:
    """A story of 20,000 letters is kept and sent; a browser sends no more than 64 kB behind a page that is gone."""
    story = "één dag " * 2_499 + "en slot."
    page = own_school.open(FORM, "teacher")
    write(page, story)
    send(page)

    expect(receipt(page)).to_be_visible()
    assert [story] == [one.content.text for one in sent(own_school)]


def test_words_are_kept_when_the_page_is_left(own_school: School) -> None:
    """Who walks away in the middle of a sentence finds it among the drafts."""
    page = own_school.open(FORM, "teacher")
    write(page)
    page.get_by_role("link", name="Mijn signalen").click()
    expect(page.get_by_role("heading", name="Mijn signalen")).to_be_visible()
    page.get_by_role("link", name="Concepten").click()

    expect(page.get_by_text(WORDS)).to_be_visible()


def test_a_file_goes_along_while_typing(own_school: School, tmp_path: Path) -> None:
    """With scripts a file is sent at once, listed, and can be taken away again; a lie is refused by name."""
    (tmp_path / "tekening.png").write_bytes(picture().getvalue())
    (tmp_path / "vakantie.jpg").write_bytes(b"MZ" + b"\0" * 500)
    page = own_school.open(FORM, "teacher")
    write(page)
    page.locator("#files").set_input_files(tmp_path / "tekening.png")
    expect(page.locator(".files")).to_contain_text("tekening.png")
    page.locator("#files").set_input_files(tmp_path / "vakantie.jpg")
    expect(page.locator("#files-status")).to_contain_text("vakantie.jpg")
    page.get_by_role("button", name="Weghalen tekening.png").click()

    expect(page.get_by_text("tekening.png")).to_have_count(0)
    expect(page.get_by_label("Wat zag je precies?")).to_have_value(WORDS)


def test_a_refused_file_is_named_and_the_text_stays(own_school: School, tmp_path: Path) -> None:
    """Without scripts too: the file is refused with its reason, the words are still there."""
    (tmp_path / "vakantie.jpg").write_bytes(b"MZ" + b"\0" * 500)
    page = own_school.open(FORM, "teacher", scripts=False)
    write(page)
    page.locator("#files").set_input_files(tmp_path / "vakantie.jpg")
    page.get_by_role("button", name="Bestanden toevoegen").click()

    expect(page.locator("#faults")).to_contain_text("vakantie.jpg")
    expect(page.get_by_label("Wat zag je precies?")).to_have_value(WORDS)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_worry_about_a_professional_takes_the_other_route(own_school: School, *, scripts: bool) -> None:
    """R15-R17: nothing that was typed is kept, and the next page says whom to call."""
    page = own_school.open(FORM, "teacher", scripts=scripts)
    write(page)
    page.locator("#staff").get_by_label("Ja").check()
    expect(page.get_by_label("Wat zag je precies?")).to_be_hidden()
    page.get_by_role("button", name="Verder met een medewerker of professional").click()
    expect(page.get_by_role("heading", name="Zorg over een medewerker")).to_be_visible()
    page.get_by_label("Weet ik niet").check()
    page.get_by_role("button", name="Verder").click()

    expect(page.get_by_role("heading", name="Meld dit nu zelf bij het bestuur")).to_be_visible()
    expect(page.get_by_text("06-12345678")).to_be_visible()
    expect(page.get_by_text("0900-1113111")).to_be_visible()
    page.goto(own_school.address + "/meldcode/concepten")
    expect(page.get_by_text("Er staan geen concepten.")).to_be_visible()
    assert sent(own_school) == []


def test_by_keyboard_alone(own_school: School) -> None:
    """From the top of the page to the receipt without a mouse; the way to the content is one Tab and Enter."""
    page = own_school.open(FORM, "teacher")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, "fact-on")
    page.keyboard.press("Space")
    _tab_to(page, "fact-text")
    page.keyboard.type(WORDS)
    _tab_to(page, "fact-place")
    page.keyboard.type("de kantine")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Versturen naar IB-er":
            break
    page.keyboard.press("Enter")

    expect(receipt(page)).to_be_visible()
    assert "de kantine" == sent(own_school)[0].content.place


def _tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    pytest.fail(f"{name} can not be reached by Tab")


def test_enter_in_a_line_sends_nothing(own_school: School) -> None:
    """Enter keeps the draft: sent is final, so no key sends by accident."""
    page = own_school.open(FORM, "teacher")
    write(page)
    page.get_by_label("Waar was dat?").first.press("Enter")

    expect(page.get_by_text("Concept bewaard om")).to_be_visible()
    assert sent(own_school) == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_another_language_keeps_what_was_typed(own_school: School, *, scripts: bool) -> None:
    """The switch at the foot keeps the draft and opens it in the other language, there and back; nothing is sent."""
    page = own_school.open(FORM, "teacher", scripts=scripts)
    write(page)
    for other, heading in (("English", "Record a signal"), ("Nederlands", "Signaal vastleggen")):
        page.get_by_role("button", name=other).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(page.locator("[name=fact-text]")).to_have_value(WORDS)
    assert sent(own_school) == []


def test_danger_is_always_in_reach_without_losing_the_text(own_school: School) -> None:
    """The card opens over the page, by its button alone, and the text stays."""
    page = own_school.open(FORM, "teacher", "360", scripts=False)
    write(page)
    page.get_by_role("button", name="Nu gevaar?").click()

    card = page.get_by_role("dialog", name="Nu gevaar? Bel direct")
    expect(card.get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
    expect(card.get_by_role("link", name="0800-2000")).to_have_attribute("href", "tel:08002000")
    card.get_by_role("button", name="Sluiten").click()
    expect(page.get_by_label("Wat zag je precies?")).to_have_value(WORDS)


def test_a_child_without_a_record(own_school: School) -> None:
    """R13, R14: a signal without a pupil asks who it is, and reaches the IB-er."""
    page = own_school.open("/signaal", "teacher")
    write(page)
    send(page)
    expect(page.locator("#faults")).to_contain_text("Schrijf op om welk kind het gaat")
    page.get_by_label("Over welk kind gaat het?").fill("Het zusje van Bram")
    send(page)

    expect(receipt(page)).to_be_visible()
    with own_school.world.work(own_school.world.ib) as work:
        assert len(cases.worklist(work).new) == 1


def test_leaving_at_once_blanks_the_page(own_school: School) -> None:
    """Snel weg leads away from the page and leaves no way back with one click."""
    page = own_school.open(FORM, "teacher")
    page.route("https://www.knmi.nl/**", lambda route: route.fulfill(body="<h1>Weer</h1>", content_type="text/html"))
    page.get_by_role("link", name="Snel weg").click()

    expect(page.get_by_role("heading", name="Weer")).to_be_visible()
    assert page.evaluate("history.length") <= 2


def test_leaving_at_once_asks_nothing_when_the_line_is_cut(own_school: School) -> None:
    """What could not be saved is no reason to stop somebody who must leave at once."""
    page, asked = own_school.open(FORM, "teacher"), list[str]()
    page.route("https://www.knmi.nl/**", lambda route: route.fulfill(body="<h1>Weer</h1>", content_type="text/html"))
    page.route("**/concept/**", lambda route: route.abort())
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("checkbox", name="Feit of waarneming").check()
    page.get_by_label("Wat zag je precies?").press_sequentially("Zij huilde.")
    expect(page.locator("#saved")).to_have_class(re.compile("worry"), timeout=15_000)
    page.get_by_role("link", name="Snel weg").click()
    expect(page.get_by_role("heading", name="Weer")).to_be_visible()

    assert asked == []
