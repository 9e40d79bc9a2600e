"""A sign-in from its beginning to its end: who holds it, how long it lasts, what ends it; on both databases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import people, signins
from meldcode_plugin.services.signins import Memo
from meldcode_plugin.store import schools
from meldcode_plugin.store.models.people import Person
from meldcode_plugin.store.models.signins import LoginState, SignIn, UsedToken
from tests.provider.harness import Browser, World, query, with_cookie
from tests.provider.hostile_flows import just_now
from tests.provider.hostile_logouts import post, token
from tests.world import school_of

SIGN_IN = "/meldcode/aanmelden"


# --- the handle ----------------------------------------------------------------------------------


def test_the_browser_holds_a_handle_and_the_database_its_hash(gatehouse: World):
    """The cookie is out of reach of scripts and of other sites' forms, and what is stored does not open it."""
    browser = gatehouse.fresh()
    answer = browser.sign_in()
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("meldcode="))
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert len(browser.cookie()) == 43
    assert [hashlib.sha256(browser.cookie().encode()).digest()] == gatehouse.rows(SignIn.handle_hash)


def test_with_https_the_browser_itself_guards_the_cookie(gatehouse: World, monkeypatch: pytest.MonkeyPatch):
    """__Host- and Secure: no other host and no plain connection can set or see it."""
    settings = gatehouse.door.settings.model_copy(update={"public_url": "https://sis.school.example"})
    monkeypatch.setattr(gatehouse.door, "settings", settings)
    answer = gatehouse.fresh().client.get(SIGN_IN)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-meldcode-login=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_what_the_callback_needs_is_sealed(gatehouse: World):
    """State, nonce and verifier stand in no column in clear."""
    address = gatehouse.fresh().ask()
    (row,) = gatehouse.rows(LoginState.sealed)
    assert query(address)["nonce"].encode() not in row
    assert gatehouse.rows(LoginState.state_hash) == [hashlib.sha256(query(address)["state"].encode()).digest()]


def test_a_new_sign_in_ends_the_one_before(gatehouse: World):
    """A handle that somebody copied is worth nothing after the next sign-in of that browser."""
    browser = gatehouse.fresh()
    browser.sign_in()
    before = browser.cookie()
    gatehouse.provider.mutations |= just_now()
    browser.sign_in(SIGN_IN + "?opnieuw=1")
    assert browser.cookie() != before
    assert not with_cookie(gatehouse, before).signed_in
    assert browser.signed_in


def test_a_sign_in_counts_at_its_own_school_alone(gatehouse: World, monkeypatch: pytest.MonkeyPatch):
    """The handle of one school opens nothing at another one in the same database."""
    browser = gatehouse.fresh()
    browser.sign_in()
    monkeypatch.setattr(gatehouse.door, "school_id", schools.add(gatehouse.door.store, "11BB", "Een andere school"))
    assert not browser.signed_in


# --- how long ------------------------------------------------------------------------------------


def test_fifteen_idle_minutes_end_a_sign_in(gatehouse: World):
    """A page asked for in time keeps it alive, silence ends it."""
    browser = gatehouse.fresh()
    browser.sign_in()
    for _ in range(3):
        gatehouse.clock.advance(minutes=14)
        assert browser.signed_in
    gatehouse.clock.advance(minutes=15)
    assert not browser.signed_in


def test_eight_hours_end_a_sign_in_whatever_happens(gatehouse: World):
    """Also of somebody who never pauses."""
    browser = gatehouse.fresh()
    browser.sign_in()
    for _ in range(8 * 6 - 1):
        gatehouse.clock.advance(minutes=10)
        assert browser.signed_in
    gatehouse.clock.advance(minutes=10)
    assert not browser.signed_in


def test_being_seen_is_written_at_most_once_a_minute(gatehouse: World):
    """A page does not cost a write each time."""
    browser = gatehouse.fresh()
    browser.sign_in()
    (first,) = gatehouse.rows(SignIn.last_seen)
    gatehouse.clock.advance(seconds=40)
    assert browser.signed_in
    assert [first] == gatehouse.rows(SignIn.last_seen)
    gatehouse.clock.advance(seconds=30)
    assert browser.signed_in
    (later,) = gatehouse.rows(SignIn.last_seen)
    assert later - first >= timedelta(seconds=70)


def test_upkeep_removes_what_has_expired_and_nothing_else(gatehouse: World):
    """Half-done and old sign-ins and used tokens go; who is signed in stays."""
    gatehouse.fresh().ask()
    old = gatehouse.fresh()
    old.sign_in()
    post(gatehouse, token(gatehouse.provider))
    gatehouse.clock.advance(days=4)
    browser = gatehouse.fresh()
    browser.sign_in()
    with gatehouse.door.system("upkeep") as work:
        signins.tidy(work, absolute_hours=8)
    assert browser.signed_in
    assert [len(gatehouse.rows(table.id)) for table in (SignIn, LoginState, UsedToken)] == [1, 0, 0]


# --- who -----------------------------------------------------------------------------------------


def test_whose_name_does_not_open_signs_in_again_and_is_whole(gatehouse: World):
    """A damaged cell shuts nobody out: this browser has to sign in again, and what it brings is written anew."""
    browser = gatehouse.fresh()
    browser.sign_in()
    with Session(gatehouse.door.store.engine) as session:
        school_of(session.connection(), gatehouse.door.school_id)
        session.execute(update(Person).values(sealed=b"damaged"))
        session.commit()
    assert not browser.signed_in
    browser.sign_in()
    assert browser.signed_in
    assert browser.viewer().name


def test_who_left_is_out_at_the_next_request(gatehouse: World):
    """A deactivated person's sign-in stops at once, and a new one is refused with a page that says whom to ask."""
    browser = gatehouse.fresh()
    browser.sign_in()
    with Session(gatehouse.door.store.engine) as session, session.begin():
        school_of(session.connection(), gatehouse.door.school_id)
        session.execute(update(Person).values(active=False))
    assert not browser.signed_in
    answer = browser.sign_in()
    assert answer.status_code == 403
    assert "Vraag de directeur" in answer.text
    assert not browser.signed_in


def test_a_role_counts_from_the_next_request(gatehouse: World):
    """Nobody has to sign in again to gain or lose a role."""
    browser = gatehouse.fresh()
    browser.sign_in()
    assert browser.viewer().roles == {Role.STAFF}
    person = browser.viewer().person_id
    with gatehouse.door.system("test") as work:
        people.install(work, person, Role.DIRECTOR)
    assert browser.viewer().roles == {Role.STAFF, Role.DIRECTOR}


def test_the_account_is_issuer_and_subject_never_the_address(gatehouse: World):
    """Another subject with the same e-mail address is another person; a new address is the same one."""
    one = gatehouse.fresh()
    one.sign_in()
    first = one.viewer()
    gatehouse.provider.extra_claims = {"sub": "u-2002"}
    other = Browser(gatehouse)
    other.sign_in()
    gatehouse.provider.extra_claims = {"email": "anja@new.example"}
    moved = Browser(gatehouse)
    moved.sign_in()
    assert other.viewer().person_id != first.person_id
    assert moved.viewer().person_id == first.person_id
    assert moved.viewer().email == "anja@new.example"


def test_everything_of_a_person_ends_at_once(gatehouse: World):
    """In every browser, and nobody else's."""
    gatehouse.fresh()
    mine, phone = Browser(gatehouse), Browser(gatehouse)
    mine.sign_in()
    phone.sign_in()
    gatehouse.provider.extra_claims = {"sub": "u-2002"}
    other = Browser(gatehouse)
    other.sign_in()
    person = mine.viewer().person_id
    with gatehouse.door.system("test") as work:
        assert signins.end_for_person(work, person) == 2
    assert [one.signed_in for one in (mine, phone, other)] == [False, False, True]


def test_a_state_and_a_token_work_once_also_at_the_same_moment(gatehouse: World):
    """Of eight that come at once, one wins."""
    gatehouse.fresh()
    with gatehouse.door.system("test") as work:
        signins.remember(work, "state", "browser", Memo("n", "v", "/"))
        until = work.now + timedelta(minutes=1)

    def recall(_: int) -> bool:
        with gatehouse.door.system("test") as work:
            return signins.recall(work, "state", "browser") is not None

    def use(_: int) -> bool:
        with gatehouse.door.system("test") as work:
            return signins.first_use(work, "launch", "one", until)

    assert [sum(at_once(act)) for act in (recall, use)] == [1, 1]


def at_once(act: Callable[[int], bool]) -> list[bool]:
    """Do something in eight threads."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(act, range(8)))
