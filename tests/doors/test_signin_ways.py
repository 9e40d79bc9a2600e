"""The ways in and out: signing out here and at the provider, the way back, what a page says when it fails."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import pytest

from tests.provider.cases import GONE, change, claims, discovery
from tests.provider.harness import Browser, World, query, with_cookie
from tests.provider.hostile import CLIENT, RSA_B, SECRET
from tests.provider.hostile_logouts import post, token

SIGN_IN = "/meldcode/aanmelden"


# --- out -----------------------------------------------------------------------------------------


def test_signing_out_ends_it_here_and_goes_on_to_the_provider(gatehouse: World):
    """The handle is dead, the browser forgets, and the provider is told where to come back."""
    browser = gatehouse.fresh()
    browser.sign_in()
    handle = browser.cookie()
    answer = browser.sign_out()
    assert answer.status_code == 303
    assert answer.location.startswith(gatehouse.provider.issuer + "/logout?")
    back = "http://localhost/meldcode/afgemeld"
    assert query(answer.location) == {"client_id": CLIENT, "post_logout_redirect_uri": back}
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.cookie() == ""
    assert not with_cookie(gatehouse, handle).signed_in


def test_signing_out_works_when_the_provider_does_not(gatehouse: World):
    """Without a page of the provider, or without the provider, signing out ends at our own page."""
    for lack in (discovery(end_session_endpoint=GONE), {"http_discovery": lambda *_: ("", 500)}):
        browser = gatehouse.fresh()
        browser.sign_in()
        gatehouse.provider.mutations |= lack
        gatehouse.app.extensions.pop("meldcode_provider")
        answer = browser.sign_out()
        assert answer.location == "/meldcode/afgemeld"
        assert not browser.signed_in
    assert "Je bent uitgelogd." in browser.client.get("/meldcode/afgemeld").text


def test_another_site_can_not_sign_somebody_out(gatehouse: World):
    """Signing out takes the token of the form."""
    browser = gatehouse.fresh()
    browser.sign_in()
    assert browser.client.post("/meldcode/afmelden").status_code == 403
    assert browser.signed_in


@pytest.mark.parametrize(
    ("named", "left"),
    [({"sub": GONE}, [False, True, True]), ({"sid": GONE}, [False, False, True]), ({}, [False, True, True])],
    ids=["session", "subject", "both"],
)
def test_the_provider_ends_what_it_names(named: dict[str, Any], left: list[bool], gatehouse: World):
    """One session, all of a subject, or that session of that subject; of nobody else."""
    gatehouse.fresh()
    browsers = []
    for person in ({}, {"sid": "session-8"}, {"sub": "u-2002", "sid": "session-9"}):
        gatehouse.provider.extra_claims = person
        browsers.append(Browser(gatehouse))
        browsers[-1].sign_in()
    answer = post(gatehouse, token(gatehouse.provider, **named))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert left == [browser.signed_in for browser in browsers]


def test_a_logout_token_works_once(gatehouse: World):
    """Who signed in again is not signed out by an old token."""
    browser = gatehouse.fresh()
    browser.sign_in()
    once = token(gatehouse.provider)
    assert post(gatehouse, once).status_code == 200
    browser.sign_in()
    assert post(gatehouse, once).status_code == 400
    assert browser.signed_in


def test_a_logout_token_for_nobody_here_is_fine(gatehouse: World):
    """The provider need not know who is signed in with us."""
    gatehouse.fresh()
    assert post(gatehouse, token(gatehouse.provider, sub="stranger", sid="nowhere")).status_code == 200


# --- pages and addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/meldcode/",
        "/\\evil.example",
        "/meldcode/../../evil",
        "/elsewhere",
        "javascript:alert(1)",
        "/meldcode/\r\nSet-Cookie: x=1",
        "/meldcode/aanmelden/terug?state=x",
        "/meldcode\\@evil.example",
        "/meldcode/" + "x" * 3000,
    ],
)
def test_the_way_back_leads_to_our_own_pages_alone(wanted: str, gatehouse: World):
    """Anything but a path of ours becomes the first page."""
    browser = gatehouse.fresh()
    assert browser.sign_in(f"{SIGN_IN}?terug={quote(wanted)}").location == "/meldcode/"


def test_the_way_back_is_kept(gatehouse: World):
    """Who asked for a page gets that page after signing in."""
    browser = gatehouse.fresh()
    answer = browser.client.get("/meldcode/leerling/2601/signaal?a=1&b=%2F")
    assert browser.sign_in(answer.location).location == "/meldcode/leerling/2601/signaal?a=1&b=%2F"


@pytest.mark.parametrize("place", ["iframe", "frame", "embed", "object"])
def test_nobody_signs_in_within_a_frame(place: str, gatehouse: World):
    """A frame could lay something over it; the page says to use a tab of its own."""
    answer = gatehouse.fresh().client.get(SIGN_IN, headers={"Sec-Fetch-Dest": place})
    assert answer.status_code == 403
    assert "eigen tabblad" in answer.text


def _error(name: str) -> Any:
    return {"callback": change(code=GONE, error=name)}


@pytest.mark.parametrize(
    ("mutations", "status", "words"),
    [
        (_error("access_denied"), 400, "Het inloggen is afgebroken"),
        (_error("temporarily_unavailable"), 400, "noem deze code: provider_temporarily_unavailable"),
        (_error("<script>alert(1)</script>"), 400, "noem deze code: provider_error"),
        ({"http_token": lambda *_: ("", 503)}, 503, "De inlogdienst van school antwoordt niet goed"),
        ({"http_discovery": lambda *_: ("", 503)}, 503, "De inlogdienst van school antwoordt niet goed"),
        (claims(groups=["leerlingen"]), 403, "Vraag de beheerder om je in de groep medewerkers te zetten"),
        (claims(nonce="x"), 400, "noem deze code: nonce"),
    ],
)
def test_what_went_wrong_and_what_to_do(mutations: Any, status: int, words: str, gatehouse: World):
    """Each failure has a page in plain Dutch, and nothing from the provider's answer stands in it."""
    browser = gatehouse.fresh()
    gatehouse.provider.mutations |= mutations
    answer = browser.sign_in()
    assert answer.status_code == status
    assert words in answer.text
    assert "<script>alert" not in answer.text


def test_the_silent_question_falls_back_to_a_page(gatehouse: World):
    """After ``login_required`` the provider is asked again, now with its page, for the same way back."""
    browser = gatehouse.fresh()
    gatehouse.provider.session = False
    first = browser.client.get("/meldcode/start/" + "A" * 43)
    assert query(first.location)["prompt"] == "none"
    second = browser.client.get(browser.provide(first.location))
    assert "prompt" not in query(second.location)
    assert browser.client.get(browser.provide(second.location)).location == "/meldcode/start/" + "A" * 43


def test_a_fresh_sign_in_is_asked_by_age_and_strength(gatehouse: World):
    """The request names both, so that the provider can ask again."""
    asked = query(gatehouse.fresh().ask(SIGN_IN + "?opnieuw=1"))
    assert (asked["max_age"], asked["acr_values"]) == ("300", "urn:school:two-factors")
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")


# --- what may not come out -----------------------------------------------------------------------


def test_no_secret_reaches_a_log(gatehouse: World, caplog: pytest.LogCaptureFixture):
    """Neither codes nor tokens nor names, with every logger at its most talkative."""
    caplog.set_level(logging.DEBUG)
    browser = gatehouse.fresh()
    back = browser.provide(browser.ask())
    browser.client.get(back)
    lines = [line.getMessage() for line in caplog.records if line.name != "werkzeug"]
    said = "\n".join(line for line in lines if "/authorize?" not in line)  # that is the browser itself
    secrets = [query(back)["code"], query(back)["state"], SECRET, browser.cookie(), *gatehouse.provider.tokens]
    assert [secret for secret in (*secrets, "Anja", "anja@", "u-1001") if secret in said] == []


def test_unknown_keys_make_us_fetch_at_most_once_a_minute(gatehouse: World):
    """Whoever sends bad tokens can not make us call the provider for each of them."""
    browser = gatehouse.fresh()
    browser.sign_in()
    gatehouse.provider.signer = RSA_B
    before = gatehouse.provider.calls.count("jwks")
    for _ in range(5):
        Browser(gatehouse).sign_in()
    assert gatehouse.provider.calls.count("jwks") - before == 1
    gatehouse.clock.advance(seconds=61)
    gatehouse.provider.keys = [RSA_B]
    again = Browser(gatehouse)
    again.sign_in()
    assert again.signed_in
    assert gatehouse.provider.calls.count("jwks") - before == 2
