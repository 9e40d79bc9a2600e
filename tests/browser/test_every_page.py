"""Every page, at three widths: no fault for axe, nothing that runs off the screen, nothing that the policy refused."""

from __future__ import annotations

from collections import Counter
from uuid import uuid4

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.school import WIDTHS, School, turn_to
from tests.browser.steps import INSTRUMENT, fill_in, save

TABLE = "axe"
VIOLATIONS = """
    axe.run({resultTypes: ["violations"]})
        .then(({violations}) => violations.map(({id, nodes}) => [id, nodes.map(({target}) => target)]))
"""
"""What axe finds on a page: the rule and the elements. The pages of what is right stay in the browser."""


def _all_kinds(page: Page) -> None:
    """Open every part of the form."""
    for name in ("fact", "child_statement", "third_party", "hypothesis", "diagnosis"):
        page.check(f"#{name}-on")
    page.check("#third-shielded")
    page.check("#acute")
    _unfold(page)


def _unfold(page: Page) -> None:
    for fold in page.locator("main details:not([open]) > summary").all():
        if fold.is_visible():
            fold.click()


def _send_nothing(page: Page) -> None:
    page.check("#third_party-on")
    page.get_by_role("button", name="Versturen naar IB-er").click()
    page.locator("#faults").wait_for()


PACKAGES = "/dossier/{case}/meldpakket"


def _preview(page: Page) -> None:
    page.get_by_label("Wat is de zorg, in vijf regels?").fill("Zij is bang.")
    page.get_by_label("Wat vraag je aan Veilig Thuis?").fill("Wat kunnen wij doen?")
    page.get_by_role("button", name="Voorbeeld bekijken").click()
    page.get_by_role("button", name="Vaststellen").wait_for()
    _unfold(page)


def _hand_over_nothing(page: Page) -> None:
    page.get_by_role("button", name="Overdracht vastleggen").click()
    page.locator("#faults").wait_for()


def _danger(page: Page) -> None:
    page.get_by_role("button", name="Nu gevaar?").click()


def _staff(page: Page) -> None:
    page.get_by_label("Ja", exact=True).first.check()


def _board(page: Page) -> None:
    page.get_by_label("Weet ik niet").check()
    page.get_by_role("button", name="Verder").click()
    page.get_by_role("button", name="Bewaren in het register").click()
    page.locator("#faults").wait_for()


def _search(page: Page) -> None:
    page.get_by_label("Naam van de leerling").fill("de")
    page.get_by_role("button", name="Zoeken", exact=True).click()
    page.get_by_text("gevonden").wait_for()


def _acts(page: Page) -> None:
    page.get_by_role("link", name="Vervolg toevoegen, verbeteren of verplaatsen").first.click()
    page.get_by_text("Iets verbeteren").wait_for()


def _opened(page: Page) -> None:
    _acts(page)
    _unfold(page)


def _empty_note(page: Page) -> None:
    page.get_by_text("Vervolg toevoegen", exact=True).first.click()
    page.get_by_role("button", name="Vervolg toevoegen").first.click()
    page.locator("#faults").wait_for()


def _empty_note_of_another(page: Page) -> None:
    _acts(page)
    _empty_note(page)


def _move(page: Page) -> None:
    _acts(page)
    page.get_by_text("Verplaatsen", exact=True).first.click()
    page.get_by_label("Naam van de goede leerling").first.fill("de")
    page.get_by_role("button", name="Leerling zoeken").first.click()
    page.get_by_role("button", name="Verplaatsen").click()
    page.locator("#faults").wait_for()


def _exclude(page: Page) -> None:
    page.get_by_label("Naam van de leerling").fill("Bram")
    page.get_by_role("button", name="Leerling zoeken").click()
    page.get_by_role("button", name="Uitsluiten").click()
    page.locator("#faults").wait_for()


def _save_nothing(page: Page) -> None:
    save(page)
    page.locator("#faults").wait_for()


def _leave_a_file(page: Page) -> None:
    page.locator("[name=attachment]").set_input_files(INSTRUMENT)
    _save_nothing(page)
    page.get_by_role("button", name="Weghalen lirik.png").first.wait_for()


def _save_again(page: Page) -> None:
    fill_in(page, "kind")
    save(page)
    page.wait_for_url("**/dossier/*")
    page.go_back()
    page.locator("[name=why]").fill("Hij wil nu wel praten.")
    save(page)
    page.get_by_role("alert").wait_for()


def _report_too_early(page: Page) -> None:
    fill_in(page, "melding")
    save(page)
    page.get_by_role("heading", name="Dit kan nog niet").wait_for()


def _disagree(page: Page) -> None:
    page.get_by_role("button", name="Ik ben het niet eens").first.click()
    page.get_by_role("alert").wait_for()


def _hand_over_to_nobody(page: Page) -> None:
    page.get_by_role("button", name="Overdragen", exact=True).click()
    page.locator("#faults").wait_for()


def _refuse_without_reason(page: Page) -> None:
    page.get_by_text("Niet aannemen").first.click()
    page.get_by_role("button", name="Niet aannemen").click()
    page.locator("#faults").wait_for()


def _share_nothing(page: Page) -> None:
    page.get_by_label("Alleen wat ik aankruis").check()
    page.get_by_role("button", name="Delen", exact=True).click()
    page.locator("#faults").wait_for()


def _advise_nothing(page: Page) -> None:
    page.get_by_role("button", name="Advies geven").click()
    page.locator("#faults").wait_for()


def _break_nothing(page: Page) -> None:
    page.get_by_label("Naam van de leerling").fill("Aya")
    page.get_by_role("button", name="Leerling zoeken").click()
    page.get_by_role("button", name="Lees het dossier met deze reden").click()
    page.locator("#faults").wait_for()


def _save_to_register(page: Page) -> None:
    page.get_by_role("button", name="Bewaren in het register").click()
    page.locator("#faults").wait_for()


def _add_nothing(page: Page) -> None:
    page.get_by_text("Aanvullen").first.click()
    page.get_by_role("button", name="Toevoegen aan het register").first.click()
    page.locator("#faults").wait_for()


def _propose_nothing(page: Page) -> None:
    page.get_by_role("button", name="Stel voor om te vernietigen").click()
    page.locator("#faults").wait_for()


def _appoint_nobody(page: Page) -> None:
    page.get_by_role("button", name="Aanwijzen").first.click()
    page.locator("#faults").wait_for()


def _call_nobody(page: Page) -> None:
    page.get_by_role("button", name="Vastleggen").click()
    page.locator("#faults").wait_for()


def _start_nothing(page: Page) -> None:
    page.get_by_role("button", name="Klok starten").click()
    page.locator("#faults").wait_for()


def _train_nobody(page: Page) -> None:
    page.get_by_role("button", name="Vastleggen").click()
    page.locator("#faults").wait_for()


def _no_names(page: Page) -> None:
    page.get_by_label("Stap 1").fill("")
    page.get_by_label("Waar staat meer?").fill("onze map")
    page.get_by_role("button", name="Bewaren als nieuwe versie").click()
    page.locator("#faults").wait_for()


STEP = "/dossier/{running}/stap"
PAGES = {
    "signal_of_pupil": ("teacher", "/leerling/2601/signaal", None),
    "signal_of_pupil, all open": ("teacher", "/leerling/2602/signaal", _all_kinds),
    "signal_of_pupil, with faults": ("teacher", "/leerling/2602/signaal", _send_nothing),
    "signal_of_pupil, about staff": ("teacher", "/leerling/2602/signaal", _staff),
    "signal_of_pupil, danger": ("teacher", "/leerling/2602/signaal", _danger),
    "signal_without_pupil": ("teacher", "/signaal", None),
    "signal": ("teacher", "/signaal/{draft}", _all_kinds),
    "emergency": ("teacher", "/spoed", None),
    "emergency, with faults": ("teacher", "/spoed", _call_nobody),
    "emergency_of_pupil": ("teacher", "/leerling/2602/spoed", None),
    "recorded": ("teacher", "/vastgelegd/{receipt}", None),
    "my_signals": ("teacher", "/mijn-signalen", None),
    "my_signals, empty": ("board", "/mijn-signalen", None),
    "my_signal": ("teacher", "/mijn-signalen/{fact}", _unfold),
    "my_signal, hypothesis": ("teacher", "/mijn-signalen/{hypothesis}", _empty_note),
    "drafts": ("teacher", "/concepten", None),
    "drafts, empty": ("board", "/concepten", None),
    "worklist": ("ib", "/werkvoorraad", _unfold),
    "worklist, running": ("ib", "/werkvoorraad?lopend=1", None),
    "planning": ("ib", "/termijnen", None),
    "planning, of the board": ("board", "/termijnen", None),
    "planning, with faults": ("fg", "/termijnen", _start_nothing),
    "worklist, closed": ("ib", "/werkvoorraad?gesloten=1", None),
    "worklist, searched": ("ib", "/werkvoorraad", _search),
    "worklist, empty": ("director", "/werkvoorraad", None),
    "dossier": ("ib", "/dossier/{case}", None),
    "dossier, all open": ("ib", "/dossier/{case}", _opened),
    "dossier, with faults": ("ib", "/dossier/{case}", _empty_note_of_another),
    "dossier, what is missing": ("ib", "/dossier/{running}", _unfold),
    "dossier, sheet for a talk": ("ib", "/dossier/{running}?blad={sheet}", None),
    "dossier, asked to agree": ("director", "/dossier/{running}", None),
    "dossier, a no without a reason": ("director", "/dossier/{running}", _disagree),
    "circle": ("ib", "/dossier/{running}/kring", _unfold),
    "circle, with faults": ("ib", "/dossier/{running}/kring", _hand_over_to_nobody),
    "for_me": ("af", "/gedeeld", None),
    "for_me, with faults": ("af", "/gedeeld", _refuse_without_reason),
    "for_me, empty": ("teacher", "/gedeeld", None),
    "circle, nothing shared": ("ib", "/dossier/{running}/kring", _share_nothing),
    "shared": ("colleague", "/gedeeld/{share}", None),
    "shared, with faults": ("colleague", "/gedeeld/{share}", _advise_nothing),
    "for_me, shared": ("colleague", "/gedeeld", None),
    "destroying": ("director", "/dossier/{other_route}/vernietigen", None),
    "destroying, with faults": ("director", "/dossier/{other_route}/vernietigen", _propose_nothing),
    "destroying, proposed": ("ib", "/dossier/{going}/vernietigen", None),
    "dossier, destruction proposed": ("ib", "/dossier/{going}", None),
    "destroyed": ("fg", "/vernietigd", None),
    "access": ("director", "/noodtoegang", None),
    "access, with faults": ("director", "/noodtoegang", _appoint_nobody),
    "access, break glass": ("board", "/noodtoegang", _break_nothing),
    "log, with break glass": ("af", "/logboek", None),
    "take_to_register": ("director", "/dossier/{other_route}/overnemen", _save_to_register),
    "register, adding": ("director", "/register", _add_nothing),
    "access, empty": ("board", "/noodtoegang", None),
    "step, overleg": ("ib", f"{STEP}/overleg", _unfold),
    "step, gesprek": ("ib", f"{STEP}/gesprek", None),
    "step, gesprek with faults": ("ib", f"{STEP}/gesprek", _save_nothing),
    "step, geen-gesprek": ("ib", f"{STEP}/geen-gesprek", None),
    "step, wegen": ("ib", f"{STEP}/wegen", None),
    "step, besluit with faults": ("ib", f"{STEP}/besluit", _save_nothing),
    "step, melding": ("ib", f"{STEP}/melding", None),
    "step, wegen with a file that waits": ("ib", f"{STEP}/wegen", _leave_a_file),
    "step, kind saved before": ("ib", f"{STEP}/kind?key={uuid4()}", _save_again),
    "step, melding too early": ("ib", f"{STEP}/melding", _report_too_early),
    "step, geheimhouding in English": ("ib", f"{STEP}/geheimhouding?taal=en", None),
    "move": ("ib", "/dossier/{case}", _move),
    "code": ("teacher", "/onze-meldcode", _unfold),
    "change_code": ("director", "/onze-meldcode/wijzigen", None),
    "change_code, with faults": ("director", "/onze-meldcode/wijzigen", _no_names),
    "packages": ("ib", PACKAGES, None),
    "new_package, of a report": ("ib", f"{PACKAGES}/nieuw/melding", _unfold),
    "new_package, with its preview": ("ib", f"{PACKAGES}/nieuw/advies", _preview),
    "new_package, in English": ("ib", f"{PACKAGES}/nieuw/advies?taal=en", None),
    "package, being made": ("ib", f"{PACKAGES}/{{waits}}", None),
    "package, failed": ("ib", f"{PACKAGES}/{{failed}}", None),
    "package, ready": ("ib", f"{PACKAGES}/{{whole}}", _unfold),
    "package, a copy waits": ("ib", f"{PACKAGES}/{{handed}}", _hand_over_nothing),
    "package_hand_over": ("ib", f"{PACKAGES}/{{whole}}/overdracht", None),
    "copy_sheet": ("ib", f"{PACKAGES}/{{whole}}/overschrijven", None),
    "phone_checklist": ("ib", f"{PACKAGES}/{{whole}}/bellen", None),
    "people": ("director", "/mensen", None),
    "people, excluding": ("director", "/mensen", _exclude),
    "people, of who may confirm": ("ib", "/mensen", None),
    "training": ("af", "/scholing?iedereen=1", None),
    "training, with faults": ("director", "/scholing", _train_nobody),
    "training, of the board": ("board", "/scholing", None),
    "log": ("fg", "/logboek", _unfold),
    "log, about one": ("ib", "/logboek?dossier={running}", None),
    "school": ("admin", "/school", None),
    "school, of the director in English": ("director", "/school?taal=en", None),
    "staff_route": ("teacher", "/medewerker", None),
    "staff_route, whom to call": ("teacher", "/medewerker", _board),
    "register": ("director", "/register", None),
    "danger": ("", "/nu-gevaar", None),
    "nowhere": ("teacher", "/bestaat-niet", None),
    "signed_out": ("", "/afgemeld", None),
    "english": ("teacher", "/leerling/2601/signaal?taal=en", None),
}
"""By the name of the page: who looks, where, and what is done there first."""

NOT_LOOKED_AT = {
    "package_progress": "a number for a script",
    "package_copy": "a file",
    "annex_copy": "a file",
    "static": "files",
    "healthz": "a line of text",
    "readyz": "lines of text",
    "attachment": "a file",
    "my_attachment": "a file",
    "shared_attachment": "a file",
    "home": "leads on to another page",
    "sign_in": "leads on to the provider",
    "sign_in_back": "leads on to a page",
    "launched": "leads on to the form",
}


@pytest.mark.parametrize("name", PAGES)
def test_page_is_sound(school: School, name: str, tally: Counter[str]) -> None:
    """A page is there; at each width it has no fault for axe and fits; nothing asks for what its policy refuses.

    It is opened, and what is done there is done, on the narrowest: what can be pressed there is in reach on a desk too.
    """
    who, path, first = PAGES[name]
    page = school.open(path, who, next(iter(WIDTHS)))
    status = page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus")
    assert (404 if name == "nowhere" else 200) == status
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    if first:
        first(page)

    page.evaluate(AXE_SCRIPT)
    faults: dict[str, list[object]] = {}
    for width in WIDTHS:
        if faults:
            turn_to(page, width)
        faults[width] = _faults(page)
    tally.update({"looks at a page": len(faults), "violations": sum(map(len, faults.values()))})

    assert {width: found for width, found in faults.items() if found} == {}
    assert [text for text in said if "Content Security Policy" in text or "TrustedHTML" in text] == []


def _faults(page: Page) -> list[object]:
    """Return what is wrong with an open page as it stands: what axe finds and where, and how far it runs off."""
    found: list[object] = page.evaluate(VIOLATIONS)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{too_wide} points too wide"] if too_wide else [])


def test_no_page_is_forgotten(school: School) -> None:
    """Every address that answers a GET is in the table, or has its reason why not."""
    rules = [rule for rule in school.app.url_map.iter_rules() if rule.endpoint.startswith("meldcode.")]
    pages = {rule.endpoint.removeprefix("meldcode.") for rule in rules if "GET" in (rule.methods or ())}
    seen = {name.partition(",")[0] for name in PAGES} | set(NOT_LOOKED_AT)

    assert pages - seen == set()
