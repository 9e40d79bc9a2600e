"""The button on a pupil page: nothing of the user is lost, nothing of the child leaks, each page says what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from meldcode_plugin.services import drafts
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.models.signins import Launch, UsedToken
from tests.provider.cases import GONE
from tests.provider.harness import LAUNCH_ISSUER, LAUNCH_SECRET, PUBLIC, Browser, World
from tests.provider.hostile_launches import go_on, post
from tests.provider.launching import launch_token

AGAIN = "terug naar de leerling en klik opnieuw op Signaal vastleggen"


def test_a_launch_leaves_the_session_and_the_draft_alone(gatehouse: World):
    """The POST brings no cookie and sets none; afterwards the same handle works and the half-typed words are there."""
    browser = gatehouse.fresh()
    browser.sign_in()
    handle, key = browser.cookie(), uuid4()
    typed = {"csrf_token": browser.csrf(), "fact-text": "Half getypt"}
    assert browser.client.post(f"/meldcode/concept/{key}", data=typed).status_code == 200
    answer = post(Browser(gatehouse), token(gatehouse))
    assert (answer.status_code, answer.headers.getlist("Set-Cookie")) == (303, [])
    last = go_on(browser, browser.client.get(answer.location))
    assert browser.cookie() == handle
    with gatehouse.door.work(browser.viewer()) as work:
        kept = {draft.key: draft.fields for draft in drafts.mine(work)}
    assert kept[key] == {"fact-text": "Half getypt"}
    assert last.location.rpartition("/")[2] in {str(one) for one in kept}


def test_coming_back_to_a_launch_leaves_what_was_typed(gatehouse: World):
    """The back button does not empty the form."""
    browser = gatehouse.fresh()
    browser.sign_in()
    address = post(browser, token(gatehouse)).location
    form = browser.client.get(address).location
    typed = {"csrf_token": browser.csrf(), "fact-text": "Half getypt"}
    browser.client.post(form.replace("signaal", "concept"), data=typed)
    assert browser.client.get(address).location == form
    with gatehouse.door.work(browser.viewer()) as work:
        assert [draft.fields for draft in drafts.mine(work)] == [{"fact-text": "Half getypt"}]


def test_a_pupil_whom_the_roster_does_not_know_gets_a_form(gatehouse: World):
    """The child that arrived today stands on the page by the name in the token."""
    browser = gatehouse.fresh()
    browser.sign_in()
    last = go_on(browser, post(browser, token(gatehouse, pupil="new-1", name="Zoë van 't Hof")))
    page = browser.client.get(last.location)
    assert page.status_code == 200
    assert "Zoë van &#39;t Hof" in page.text


def test_the_child_is_sealed_and_in_no_address(gatehouse: World):
    """Neither the id nor the name of the pupil stands in a column, in a redirect or in a log line."""
    browser = gatehouse.fresh()
    answer = post(browser, token(gatehouse, pupil="pupil-canary", name="Naam Canarie"))
    (sealed,) = gatehouse.rows(Launch.sealed)
    assert b"canary" not in sealed
    assert b"Canarie" not in sealed
    assert "canary" not in answer.location
    assert len(gatehouse.rows(UsedToken.id)) == 1


def test_no_file_of_the_database_holds_the_child(entrance: World):
    """Also not the journal of SQLite beside it."""
    browser = entrance.fresh()
    go_on(browser, post(browser, token(entrance, pupil="pupil-canary", name="Naam Canarie")))
    folder = Path(entrance.door.store.engine.url.database or "").parent
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert found
    assert [path for path in found if b"pupil-canary" in path.read_bytes() or b"Canarie" in path.read_bytes()] == []


@pytest.mark.parametrize("wrong", ["late", "replay", "aud"])
def test_a_launch_that_fails_says_what_to_do(wrong: str, gatehouse: World, caplog: pytest.LogCaptureFixture):
    """The page says to go back and click again; the log names the check and nobody."""
    browser = gatehouse.fresh()
    made = token(gatehouse, aud="https://other.example") if wrong == "aud" else token(gatehouse)
    if wrong == "replay":
        post(browser, made)
    if wrong == "late":
        gatehouse.clock.advance(seconds=61)
    answer = post(browser, made)
    assert answer.status_code == 400
    assert AGAIN in answer.text
    assert answer.headers.getlist("Set-Cookie") == []
    assert "launch refused: " + {"late": "exp", "replay": "replay", "aud": "aud"}[wrong] in caplog.messages


def test_another_person_is_stopped_and_the_log_says_so(gatehouse: World):
    """Nothing switches in silence: the page says to sign out, the launch is over, also for its own user."""
    browser = gatehouse.fresh()
    browser.sign_in()
    address = post(browser, token(gatehouse, sub="u-2002", email="berend@school.example")).location
    answer = browser.client.get(address)
    assert answer.status_code == 403
    assert "ingelogd als een ander" in answer.text
    assert AGAIN in answer.text
    assert browser.signed_in
    assert Tag.LAUNCH_REFUSED.value in gatehouse.rows(LogLine.event)
    gatehouse.provider.extra_claims = {"sub": "u-2002", "email": "berend@school.example"}
    owner = Browser(gatehouse)
    assert go_on(owner, owner.client.get(address)).status_code == 410


def test_an_equal_address_is_asked_once(gatehouse: World):
    """The person confirms with a form of ours; another site can not do that for them."""
    browser = gatehouse.fresh()
    browser.sign_in()
    address = post(browser, token(gatehouse, sub="sis-12", email="anja@school.example")).location
    page = browser.client.get(address).text
    assert "Ben jij dit?" in page
    assert "/meldcode/afmelden" in page, "who is somebody else signs out on the spot"
    assert browser.client.post(address).status_code == 403
    gatehouse.provider.extra_claims = {"sub": "u-2002", "email": "anja@school.example", "email_verified": False}
    thief = Browser(gatehouse)
    thief.sign_in()
    assert thief.client.get(address).status_code == 403, "an address that the provider did not verify is no address"


def test_without_a_secret_there_is_no_launch(gatehouse: World, monkeypatch: pytest.MonkeyPatch):
    """A school that set no secret has deep links alone."""
    monkeypatch.setattr(gatehouse.door, "settings", gatehouse.door.settings.model_copy(update={"launch_secret": None}))
    assert post(gatehouse.fresh(), token(gatehouse)).status_code == 400


def test_the_example_of_the_manual_works(gatehouse: World):
    """What the page about launches shows to the maker of another system opens a form."""
    manual = (Path(__file__).parents[2] / "docs" / "any-sis.md").read_text()
    names: dict[str, Any] = {"ISSUER": LAUNCH_ISSUER, "SECRET": LAUNCH_SECRET.encode(), "PUBLIC_URL": PUBLIC}
    exec(manual.partition("```python\n")[2].partition("```")[0], names)  # noqa: S102  # our own page
    user, pupil = SimpleNamespace(id="u-1001", email="anja@school.example"), SimpleNamespace(id="p-7", name="Sem")
    gatehouse.clock.moved = timedelta()
    browser = gatehouse.fresh()
    assert "/meldcode/signaal/" in go_on(browser, post(browser, names["launch_token"](user, pupil))).location


def token(world: World, **changes: Any) -> str:
    """Return a launch token of this moment, of the person who signs in."""
    changes.setdefault("email", GONE if "sub" in changes else "anja@school.example")
    return launch_token(world.provider.now(), **changes)
