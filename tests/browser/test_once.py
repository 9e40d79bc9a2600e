"""The back button brings a form back that was sent: sent again, changed in nothing, it stands once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from meldcode_plugin.services import cases
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.packages import HandOver, Package
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.reminders import Reminder
from tests.browser.school import School

DOSSIER = "/dossier/{running}"
RECORDS = (Entry, StaffAllegation, Package, HandOver, Reminder)
"""The tables that a form adds to."""


def _unfold(page: Page, name: str) -> None:
    """Open the form with this name; no script is needed for it."""
    fold = page.locator("details").filter(has=page.locator("summary", has_text=name)).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def _follow_up(page: Page) -> None:
    _unfold(page, "Vervolg toevoegen")
    page.get_by_label("Wat wil je toevoegen?").fill("Vandaag weer gezien.")
    page.get_by_role("button", name="Vervolg toevoegen").click()


def _correct(page: Page) -> None:
    _unfold(page, "Iets verbeteren")
    page.locator("textarea[id^=text-correctie]").fill("Het was de linkerarm.")
    page.locator("textarea[id^=reason-correctie]").fill("Ik vergiste me.")
    page.get_by_role("button", name="Verbetering toevoegen").click()


def _advise(page: Page) -> None:
    page.locator("#advice").fill("Praat met het kind.")
    page.get_by_role("button", name="Advies geven").click()


def _step(page: Page) -> None:
    page.get_by_label("Wanneer?").fill("2026-11-20")
    page.get_by_role("button", name="Opslaan in het dossier").click()


def _clock(page: Page) -> None:
    page.locator("[name=what]").first.check()
    page.locator("#day").fill("2026-11-20")
    page.get_by_role("button", name="Klok starten").click()


def _call(page: Page) -> None:
    page.locator("#how-telefoon").check()
    page.locator("#what").fill("Hij bloedt uit zijn oor.")
    page.get_by_role("button", name="Vastleggen").click()


def _add_to_register(page: Page) -> None:
    _unfold(page, "Aanvullen")
    page.locator("[name=about]").first.check()
    page.locator("[name=informed]").first.fill("De voorzitter")
    page.locator("[name=informed_on]").first.fill("2026-11-20")
    page.get_by_role("button", name="Toevoegen aan het register").first.click()


def _take_over(page: Page) -> None:
    page.locator("#sexual-no").check()
    page.locator("#informed").fill("De voorzitter")
    page.locator("#informed_on").fill("2026-11-20")
    page.locator("#confirmed").check()
    page.get_by_role("button", name="Bewaren in het register").click()


def _other_route(page: Page) -> None:
    page.locator("#sexual-no").check()
    page.get_by_role("button", name="Verder").click()
    page.locator("#informed").fill("De directeur")
    page.locator("#informed_on").fill("2026-11-20")
    page.locator("#confirmed").check()
    page.get_by_role("button", name="Bewaren in het register").click()


def _hand_over(page: Page) -> None:
    page.locator("#channel-formulier").check()
    page.locator("#receiver").fill("Veilig Thuis, mevrouw Post")
    page.get_by_role("button", name="Kopie klaarzetten").click()


def _package(page: Page) -> None:
    page.locator("#worry").fill("Zij is bang.")
    page.locator("#question").fill("Wat raden jullie aan?")
    page.get_by_role("button", name="Voorbeeld bekijken").click()
    page.get_by_role("button", name="Vaststellen").click()


FORMS: dict[str, tuple[str, str, Callable[[Page], None], int]] = {
    "a note, in a dossier": ("ib", f"{DOSSIER}?bij={{signal}}", _follow_up, 1),
    "a correction, in a dossier": ("ib", f"{DOSSIER}?bij={{signal}}", _correct, 1),
    "a note under my signal": ("teacher", "/mijn-signalen/{signal}", _follow_up, 1),
    "a correction under my signal": ("teacher", "/mijn-signalen/{signal}", _correct, 1),
    "advice": ("colleague", "/gedeeld/{share}", _advise, 1),
    "a step": ("ib", f"{DOSSIER}/stap/directeur", _step, 1),
    "a clock of the law": ("director", "/termijnen", _clock, 1),
    "whom somebody called": ("teacher", "/leerling/2602/spoed", _call, 1),
    "a line under one of the register": ("director", "/register", _add_to_register, 1),
    "a dossier taken to the register": ("director", "/dossier/{other_route}/overnemen", _take_over, 1),
    "the other route": ("teacher", "/medewerker", _other_route, 2),
    "a package": ("ib", "/dossier/{case}/meldpakket/nieuw/advies", _package, 2),
    "a hand-over": ("ib", "/dossier/{case}/meldpakket/{whole}/overdracht", _hand_over, 1),
}
"""Who sends it, from which page, how, and how many pages back that page is."""


CASES = [pytest.param(form, True, id=f"{form}, with scripts") for form in FORMS]
CASES += [pytest.param(form, False, id=f"{form}, without scripts") for form in FORMS if form != "a hand-over"]
"""One copy of a package waits at a time, so that is handed over once."""


@pytest.mark.parametrize(("form", "scripts"), CASES)
def test_back_and_send_again_stands_once(school: School, form: str, scripts: bool) -> None:  # noqa: FBT001  # a parameter of the test
    """Each form that records something: its page keeps its key in its address, which the back button brings back."""
    who, path, send, back = FORMS[form]
    school.ids["signal"] = _signal_of_bram(school)
    page = school.open(path, who, scripts=scripts)
    before, form_page = _records(school), page.url
    send(page)
    once = _records(school)
    page.evaluate(f"history.go(-{back})")
    page.wait_for_url(form_page)
    send(page)
    assert (True, once) == (before < once, _records(school)), page.inner_text("body")


def _signal_of_bram(school: School) -> str:
    with school.world.work(school.world.ib) as work:
        timeline = cases.dossier(work, UUID(school.ids["running"])).timeline
    return str(next(item.id for item in timeline if item.kind == "signal"))


def _records(school: School) -> int:
    """Return how many records there are."""
    engine = school.world.peek()
    with engine.connect() as connection:
        found = [connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in RECORDS]
    engine.dispose()
    return sum(found)
