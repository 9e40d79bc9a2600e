"""The gate: closed unless named, no forged request, the same headers everywhere, and no typed word lost."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import uuid4

import pytest

from meldcode_plugin.services import drafts
from meldcode_plugin.services.drafts import Draft
from meldcode_plugin.web import gate
from tests.provider.harness import PUBLIC, Browser, World, query

FILLED = {"key": "01a20a55-d52a-7d45-8f1d-5dfe44a48617", "uuid": "01a20a55-d52a-7d45-8f1d-5dfe44a48617"}
SEALED_PAGES = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def addresses(world: World) -> list[tuple[str, str, str]]:
    """Return (endpoint, method, address) of every page, with something filled in for every part."""
    found = []
    for rule in world.app.url_map.iter_rules():
        if rule.endpoint.startswith("meldcode."):
            values = {name: FILLED["uuid"] if "uuid" in str(rule._converters[name]) else "x" for name in rule.arguments}
            with world.app.test_request_context():
                address = world.app.url_for(rule.endpoint, **values)
            found += [
                (rule.endpoint.removeprefix("meldcode."), how, address) for how in (rule.methods or set()) - {"OPTIONS"}
            ]
    return found


# --- closed --------------------------------------------------------------------------------------


def test_every_page_is_closed_that_is_not_named_open(entrance: World):
    """Without a sign-in a page leads to the provider, and a form is not taken."""
    browser = entrance.fresh()
    pages = addresses(entrance)
    assert len(pages) > 30
    for endpoint, method, address in pages:
        if endpoint in gate.OPEN:
            continue
        answer = browser.client.open(address, method=method)
        if method == "POST":
            assert answer.status_code == 401, address
        else:
            assert answer.status_code == 302, address
            assert query(answer.location) == {"terug": address}


def test_an_open_page_is_there_or_nobody_knows_why_it_is_open(entrance: World):
    """No name stays on the list of open pages when its page is gone."""
    assert {endpoint for endpoint, _, _ in addresses(entrance)} >= gate.OPEN


def test_a_script_is_told_and_not_sent_on(entrance: World):
    """A script can not follow a redirect to the provider; it gets a bare 401."""
    answer = entrance.fresh().client.get("/meldcode/mijn-signalen", headers={"Sec-Fetch-Dest": "empty"})
    assert (answer.status_code, answer.data) == (401, b"")


def test_a_copied_handle_is_worth_nothing_after_the_end(entrance: World):
    """Posting with it is 401."""
    browser = entrance.fresh()
    browser.sign_in()
    handle, token = browser.cookie(), browser.csrf()
    browser.sign_out()
    other = Browser(entrance)
    other.client.set_cookie("meldcode", handle)
    assert other.client.post("/meldcode/signaal", data={"csrf_token": token}).status_code == 401


# --- forged --------------------------------------------------------------------------------------


def _other_session(world: World) -> str:
    other = Browser(world)
    other.sign_in()
    return other.csrf()


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": PUBLIC + ".evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "https://localhost"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"},
]


def test_every_form_refuses_what_another_site_sends(entrance: World):
    """No token, a wrong one, that of another session, or a foreign origin: refused, on every page that takes a form."""
    browser = entrance.fresh()
    browser.sign_in()
    tokens = ["", "x", "é", _other_session(entrance), browser.csrf()[:-1], browser.csrf().upper() + " "]
    for endpoint, method, address in addresses(entrance):
        if method != "POST" or endpoint in gate.BARE:
            continue
        for token in tokens:
            assert browser.client.post(address, data={"csrf_token": token}).status_code == 403, address
        assert browser.client.post(address).status_code == 403, address
        for heads in FOREIGN:
            answer = browser.client.post(address, data={"csrf_token": browser.csrf()}, headers=heads)
            assert answer.status_code == 403, (address, heads)
            assert "andere website" in answer.text
    assert browser.signed_in


@pytest.mark.parametrize(
    "heads",
    [
        {},
        {"Origin": PUBLIC},
        {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
def test_an_own_form_is_taken(heads: dict[str, str], entrance: World):
    """Also from a page without referrer, which sends ``Origin: null``."""
    browser = entrance.fresh()
    browser.sign_in()
    answer = browser.client.post("/meldcode/afmelden", data={"csrf_token": browser.csrf()}, headers=heads)
    assert answer.status_code == 303
    assert not browser.signed_in


def test_a_script_sends_the_token_in_a_header(entrance: World):
    """What a script posts in the background is checked alike."""
    browser = entrance.fresh()
    browser.sign_in()
    address = f"/meldcode/concept/{uuid4()}"
    assert browser.client.post(address, headers={"X-CSRF-Token": "x"}).status_code == 403
    assert browser.client.post(address, headers={"X-CSRF-Token": browser.csrf()}).status_code in (200, 204)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://sis.school.example", "https://sis.school.example"),
        ("https://SIS.school.example:443/x?y", "https://sis.school.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
    ],
)
def test_an_origin_as_a_browser_writes_it(address: str, origin: str):
    """Small letters, and no port where it is the usual one."""
    assert origin == gate.origin_of(address)


# --- headers -------------------------------------------------------------------------------------


def test_every_answer_has_exactly_these_headers(entrance: World):
    """Pages, redirects, refusals and errors alike; a nonce is used once."""
    browser = entrance.fresh()
    nonces = set()
    for signed_in in (False, True):
        if signed_in:
            browser.sign_in()
        for endpoint, method, address in addresses(entrance):
            if endpoint in ("static", "sign_out"):
                continue
            answer = browser.client.open(address, method=method)
            found = {name: answer.headers.get(name) for name in SEALED_PAGES}
            assert found == SEALED_PAGES, address
            policy = answer.headers["Content-Security-Policy"]
            nonces.add(re.search(r"'nonce-([\w-]{22})'", policy).group(1))  # type: ignore[union-attr]  # or the test fails
            assert re.sub(r"nonce-[\w-]+", "nonce-x", policy) == policy_of(entrance), address
            assert "Strict-Transport-Security" not in answer.headers, "that is the host's to say"
    assert len(nonces) > 60


def policy_of(world: World) -> str:
    """Return the policy that every answer must have, with its nonce as x."""
    return (
        "default-src 'none'; script-src 'nonce-x' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; "
        f"font-src 'self'; connect-src 'self'; form-action 'self' {world.provider.issuer}; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def test_files_of_the_page_may_be_kept_by_the_browser(entrance: World):
    """Style and script hold nothing of anybody."""
    answer = entrance.fresh().client.get("/meldcode/static/meldcode.css")
    assert answer.status_code == 200
    assert "no-store" not in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    answer.close()


def test_what_is_not_there_answers_the_same_bytes(entrance: World):
    """An unknown address, an unknown draft and an unknown signal are one page."""
    browser = entrance.fresh()
    browser.sign_in()
    key = uuid4()
    answers = [
        browser.client.get(f"/meldcode/{where}", follow_redirects=True)
        for where in ("nergens", f"signaal/{key}", f"mijn-signalen/{key}")
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({re.sub(rb'nonce="[^"]+"', b"", answer.data) for answer in answers}) == 1


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["/meldcode/signaal/{key}", "/meldcode/signaal", "/meldcode/leerling/2601/signaal"])
def test_a_sign_in_that_ended_while_typing_keeps_the_words(way: str, gatehouse: World):
    """The words become the author's draft, and after signing in the form opens with them."""
    browser, key = idle_author(gatehouse), uuid4()
    typed = {"key": str(key), "csrf_token": browser.csrf(), "action": "send", "fact-text": "Een zin\nover twee regels"}
    answer = browser.client.post(way.format(key=key), data=typed)
    assert answer.status_code == 303
    assert query(answer.location) == {"terug": f"/meldcode/signaal/{key}", "bewaard": "1"}
    said = browser.client.get(answer.location)
    assert "Je bent te lang niet actief geweest. Je concept is bewaard." in said.text
    assert browser.sign_in(f"/meldcode/aanmelden?terug=/meldcode/signaal/{key}").location == f"/meldcode/signaal/{key}"
    assert {key: {"fact-text": "Een zin\nover twee regels"}} == kept(gatehouse, browser)


def test_the_last_words_of_a_script_are_kept_too(gatehouse: World):
    """Autosave that comes too late still saves, and says that nobody is signed in."""
    browser, key = idle_author(gatehouse), uuid4()
    heads = {"Sec-Fetch-Dest": "empty", "X-CSRF-Token": browser.csrf()}
    assert (
        browser.client.post(f"/meldcode/concept/{key}", data={"fact-text": "Nog net"}, headers=heads).status_code == 401
    )
    browser.sign_in()
    assert {key: {"fact-text": "Nog net"}} == kept(gatehouse, browser)


def test_another_site_can_not_write_a_draft(gatehouse: World):
    """An ended sign-in is no way in for somebody else's words."""
    browser, key = idle_author(gatehouse), uuid4()
    heads = {"Origin": "https://evil.example"}
    answer = browser.client.post(f"/meldcode/signaal/{key}", data={"fact-text": "Niet van mij"}, headers=heads)
    assert answer.status_code == 403
    browser.sign_in()
    assert kept(gatehouse, browser) == {}


def test_nothing_typed_leaves_the_draft_alone(gatehouse: World):
    """A file sent too late does not empty the form that waits."""
    browser, key = idle_author(gatehouse), uuid4()
    browser.client.post(f"/meldcode/signaal/{key}", data={"fact-text": "Dit staat er"})
    browser.client.post(f"/meldcode/signaal/{key}/bijlage", data={"csrf_token": "x", "key": str(key)})
    browser.sign_in()
    assert {key: {"fact-text": "Dit staat er"}} == kept(gatehouse, browser)


def test_without_any_sign_in_the_page_gives_every_word_back(entrance: World):
    """Whatever was posted stands in a form that can be sent again; a script in it is text."""
    long, short = "Regel één\nRegel twee </textarea><script>alert(1)</script>", '"><img src=x>'
    data = {"fact-text": long, "place": short, "kinds": ["fact", "quote"], "csrf_token": "old"}
    answer = entrance.fresh().client.post("/meldcode/signaal?a=1", data=data)
    assert answer.status_code == 401
    assert "Regel één\nRegel twee &lt;/textarea&gt;&lt;script&gt;" in answer.text
    assert 'value="&#34;&gt;&lt;img src=x&gt;"' in answer.text
    assert answer.text.count('name="kinds"') == 2
    assert 'action="/meldcode/signaal?a=1"' in answer.text
    assert "old" not in answer.text
    assert "<script>alert" not in answer.text


def test_the_given_back_words_can_be_sent_after_signing_in(entrance: World):
    """The page is sent again, gets a fresh token, and then goes through."""
    browser = entrance.fresh()
    browser.sign_in()
    data = {"fact-text": "Nog eens"}
    again = browser.client.post("/meldcode/signaal", data=data)
    assert again.status_code == 403
    assert "Nog eens" in again.text
    assert f'name="csrf_token" value="{browser.csrf()}"' in again.text
    sent = browser.client.post("/meldcode/signaal", data=data | {"csrf_token": browser.csrf()})
    assert sent.status_code not in (401, 403)


def test_files_that_do_not_come_along_are_mentioned(entrance: World):
    """The page says that a file must be added again, and so does the form that is sent; not where none was chosen."""
    for content, name, told in ((b"x" * 60_000, "foto.jpg", True), (b"", "", False)):
        data = {"fact-text": "Met foto", "attachment": (io.BytesIO(content), name)}
        answer = entrance.fresh().client.post("/meldcode/signaal", data=data, content_type="multipart/form-data")
        assert ("De bestanden zijn niet meegekomen" in answer.text) is told
        assert ('name="files_lost"' in answer.text) is told


def idle_author(world: World) -> Browser:
    """Return the browser of somebody who signed in and then was away for twenty minutes."""
    browser = world.fresh()
    browser.sign_in()
    world.clock.advance(minutes=20)
    return browser


def kept(world: World, browser: Browser) -> dict[Any, dict[str, str]]:
    """Return the words of the drafts of who is signed in."""
    with world.door.work(browser.viewer()) as work:
        found: list[Draft] = drafts.mine(work)
    return {draft.key: draft.fields for draft in found}
