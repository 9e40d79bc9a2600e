"""The traps of each kind of provider, at a provider made to behave so, through the real pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import meldcode_memory
from meldcode_plugin.services import people
from meldcode_plugin.store import people as people_store
from tests.provider.cases import GONE, change, discovery
from tests.provider.harness import Browser, Clock, World, make_app, settings
from tests.provider.hostile import RSA_EVIL, SUBJECT, Provider

TENANT, OTHER_TENANT = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
ENTRA = {"oidc_profile": "entra", "oidc_home": TENANT, "staff_values": "Medewerker"}
GOOGLE = {"oidc_profile": "google", "oidc_home": "school.example", "staff_values": "school.example"}
ENTREE = {"oidc_profile": "entree", "oidc_home": "00AA01"}
SURF = {"oidc_profile": "surfconext", "oidc_home": "hogeschool.example"}
KEYCLOAK = {"oidc_profile": "keycloak", "staff_claim": "realm_access.roles"}
ENTRA_SAYS = {"oid": "a-1", "tid": TENANT, "roles": ["Medewerker"], "groups": GONE}
GOOGLE_SAYS = {"hd": "school.example", "groups": GONE}
ENTREE_SAYS = {
    "uid": "0a1b@school",
    "givenName": "Anja",
    "sn": "de Vries",
    "mail": "anja@school.example",
    "eduPersonAffiliation": ["employee"],
    "nlEduPersonHomeOrganizationId": "00AA",
    "name": GONE,
    "groups": GONE,
}
SURF_SAYS = {"schac_home_organization": "hogeschool.example", "eduperson_affiliation": ["employee", "member"]}
BARE = {"name": GONE, "email": GONE, "email_verified": GONE, "groups": GONE}
"""What Entree leaves out of its ID token."""

School = Callable[..., World]


@pytest.fixture
def school(provider: Provider, sqlite_template: Path, tmp_path: Path) -> Any:
    """Makes the application of a school with these settings beside the usual ones."""
    made: list[World] = []

    def make(**given: Any) -> World:
        database = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'meldcode.sqlite')}"
        more = {f"MELDCODE_{name.upper()}": value for name, value in given.items()}
        config = settings(tmp_path, provider.issuer, database) | {"MELDCODE_OIDC_ACR": ""} | more
        assert isinstance(provider.clock, Clock)
        made.append(World(make_app(tmp_path, provider.clock, config), provider, provider.clock))
        return made[-1]

    yield make
    made[-1].door.store.engine.dispose()


def came_in(world: World, token: dict[str, Any], userinfo: dict[str, Any] | None = None) -> tuple[Browser, Any]:
    """Sign in at a provider that says this; return the browser and the last answer."""
    browser = world.fresh()
    world.provider.mutations["claims"] = change(**token)
    if userinfo is not None:
        world.provider.mutations["userinfo"] = change(**userinfo)
    return browser, browser.sign_in()


def account(world: World, subject: str) -> bool:
    """Tell whether the account of the only person is this subject at the provider."""
    with world.door.system("test") as work:
        found = people_store.find_account(work, world.provider.issuer, subject)
    return found is not None


# --- what is right ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "token", "userinfo", "subject"),
    [
        (ENTRA, ENTRA_SAYS, None, "a-1"),
        (ENTRA, ENTRA_SAYS | {"sub": "pairwise-of-another-app"}, {"sub": "pairwise-of-another-app"}, "a-1"),
        (GOOGLE, GOOGLE_SAYS, None, SUBJECT),
        (GOOGLE, GOOGLE_SAYS | {"iss": lambda p: p.issuer.removeprefix("http://")}, None, SUBJECT),
        (ENTREE, BARE, ENTREE_SAYS, "0a1b@school"),
        (ENTREE, BARE, ENTREE_SAYS | {"uid": ["0a1b@school"], "eduPersonAffiliation": "staff"}, "0a1b@school"),
        (ENTREE, BARE, ENTREE_SAYS | {"nlEduPersonHomeOrganizationId": "00aa01"}, "0a1b@school"),
        (ENTREE, BARE, ENTREE_SAYS | {"mail": GONE, "sn": GONE}, "0a1b@school"),
        (SURF, SURF_SAYS, None, SUBJECT),
        (SURF, BARE, SURF_SAYS, SUBJECT),
        (KEYCLOAK, {"realm_access": {"roles": ["medewerkers"]}, "groups": GONE}, None, SUBJECT),
        ({"oidc_profile": "keycloak"}, {"groups": ["/medewerkers"]}, None, SUBJECT),
        ({"oidc_profile": "keycloak"}, {"groups": GONE}, {"groups": ["/medewerkers"]}, SUBJECT),
        ({}, {"groups": GONE}, {"groups": ["medewerkers"]}, SUBJECT),
    ],
)
def test_staff_comes_in_under_the_right_account(
    school: School, given: dict[str, Any], token: dict[str, Any], userinfo: dict[str, Any] | None, subject: str
):
    """Each kind says who is staff in its own way, and each has its own claim that names a person for ever."""
    world = school(**given)
    browser, _ = came_in(world, token, userinfo)
    assert browser.signed_in
    assert account(world, subject)


def test_entree_gives_a_name_and_an_address(school: School):
    """What Entree releases of a name stands on the screen under our own words for it."""
    world = school(**ENTREE)
    browser, _ = came_in(world, BARE, ENTREE_SAYS)
    assert ("Anja de Vries", "anja@school.example") == (browser.viewer().name, browser.viewer().email)


def test_an_address_that_changed_is_the_same_person(school: School):
    """At Entra mail and name change; the person stays."""
    world = school(**ENTRA)
    one, _ = came_in(world, ENTRA_SAYS | {"email": "anja@school.example"})
    two, _ = came_in(world, ENTRA_SAYS | {"email": "a.jansen@school.example", "sub": "other"}, {"sub": "other"})
    assert one.viewer().person_id == two.viewer().person_id


# --- what is not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "given", "token", "userinfo"),
    [
        ("home", ENTRA, ENTRA_SAYS | {"tid": OTHER_TENANT}, None),
        ("home", ENTRA, ENTRA_SAYS | {"tid": GONE}, None),
        ("account", ENTRA, ENTRA_SAYS | {"oid": GONE}, None),
        ("staff", ENTRA, ENTRA_SAYS | {"roles": GONE}, None),
        ("staff", ENTRA, ENTRA_SAYS | {"roles": [], "groups": ["Medewerker"]}, None),
        (
            "groups_overage",
            ENTRA | {"staff_claim": "groups"},
            ENTRA_SAYS | {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "x"}}},
            {"groups": GONE},
        ),
        ("home", GOOGLE, GOOGLE_SAYS | {"hd": GONE}, None),
        ("home", GOOGLE, GOOGLE_SAYS | {"hd": "elders.example"}, None),
        ("home", GOOGLE, GOOGLE_SAYS | {"hd": "school.example.elders.example"}, None),
        ("staff", GOOGLE, GOOGLE_SAYS | {"email": "aya@leerling.school.example"}, None),
        ("staff", GOOGLE, GOOGLE_SAYS | {"email_verified": False}, None),
        ("iss", GOOGLE, GOOGLE_SAYS | {"iss": "accounts.elders.example"}, None),
        ("iss", {}, {"iss": lambda p: p.issuer.removeprefix("http://")}, None),
        ("staff", ENTREE, BARE, ENTREE_SAYS | {"eduPersonAffiliation": ["student"]}),
        ("staff", ENTREE, BARE, ENTREE_SAYS | {"eduPersonAffiliation": ["employee", "student"]}),
        ("staff", ENTREE, BARE, ENTREE_SAYS | {"eduPersonAffiliation": "affiliate"}),
        ("staff", ENTREE, BARE, ENTREE_SAYS | {"eduPersonAffiliation": GONE}),
        ("home", ENTREE, BARE, ENTREE_SAYS | {"nlEduPersonHomeOrganizationId": "00BB"}),
        ("home", ENTREE, BARE, ENTREE_SAYS | {"nlEduPersonHomeOrganizationId": "00AA02"}),
        ("home", ENTREE, BARE, ENTREE_SAYS | {"nlEduPersonHomeOrganizationId": GONE}),
        ("account", ENTREE, BARE, ENTREE_SAYS | {"uid": GONE}),
        ("userinfo_sub", ENTREE, BARE, ENTREE_SAYS | {"sub": "somebody-else"}),
        ("staff", SURF, SURF_SAYS | {"eduperson_affiliation": ["student"]}, None),
        ("staff", SURF, SURF_SAYS | {"eduperson_affiliation": GONE}, None),
        ("home", SURF, SURF_SAYS | {"schac_home_organization": "elders.example"}, None),
        ("staff", KEYCLOAK, {"realm_access": {"roles": ["leerling"]}, "groups": GONE}, None),
        ("staff", KEYCLOAK, {"realm_access": ["medewerkers"], "groups": GONE}, None),
        ("staff", {}, {"groups": GONE}, {"groups": GONE}),
    ],
)
def test_trap_is_refused_and_the_administrator_reads_why(
    school: School,
    caplog: pytest.LogCaptureFixture,
    code: str,
    given: dict[str, Any],
    token: dict[str, Any],
    userinfo: dict[str, Any] | None,
):
    """Nobody comes in who is not staff of this school; the page says what to do, the log which setting to look at."""
    world = school(**given)
    browser, answer = came_in(world, token, userinfo)
    assert not world.sign_ins()
    assert not browser.signed_in
    assert answer.status_code in (400, 403)
    assert "beheerder" in answer.text or "Log uit bij je account" in answer.text
    (line,) = [said for said in caplog.messages if "sign-in refused" in said]
    assert line.startswith(f"sign-in refused: {code}. ")
    assert not [word for word in ("Anja", "anja@", "0a1b", SUBJECT, "elders") if word in line]


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("discovery_issuer", lambda p: p.mutations.update(discovery(issuer="https://nieuw.example"))),
        ("signature", lambda p: setattr(p, "signer", RSA_EVIL)),
        ("userinfo", lambda p: p.mutations.update(discovery(userinfo_endpoint=GONE))),
    ],
)
def test_a_provider_that_changed_is_told_to_the_administrator(
    school: School, caplog: pytest.LogCaptureFixture, code: str, spoil: Callable[[Provider], None]
):
    """Another issuer, a retired key, no userinfo: a page with a sentence, and a line that says what to look at."""
    world = school(**ENTREE)
    browser = world.fresh()
    world.provider.mutations["claims"] = change(**BARE)
    spoil(world.provider)
    answer = browser.sign_in()
    assert not world.sign_ins()
    assert f"sign-in refused: {code}. " in caplog.text
    assert "Lukt het weer niet? Bel de beheerder" in answer.text


# --- staff by the roster -----------------------------------------------------------------------------


def test_a_new_colleague_must_stand_in_the_roster(school: School):
    """Where pupils share the domain, the student information system says who is staff."""
    world = school(**GOOGLE | {"staff_values": "wilgenhof.example"}, staff_in_roster=True)
    mails = {one.email: one.active for one in meldcode_memory.STAFF}
    for email, active in (mails | {"aya@wilgenhof.example": False}).items():
        browser, answer = came_in(world, GOOGLE_SAYS | {"email": email, "sub": email}, {"sub": email})
        assert active == browser.signed_in
        assert active or 403 == answer.status_code
    assert {True, False} == set(mails.values())


def test_who_was_here_before_comes_in_when_the_roster_is_away(school: School):
    """A roster that does not answer keeps nobody away who was let in before, and lets in nobody new."""
    world = school(**GOOGLE, staff_in_roster=True, source_options={"answers": "never"})
    _, answer = came_in(world, GOOGLE_SAYS)
    assert 403 == answer.status_code
    with world.door.system("test") as work:
        people.enrol(work, world.provider.issuer, SUBJECT, "Anja de Vries", "anja@school.example")
    browser, _ = came_in(world, GOOGLE_SAYS)
    assert browser.signed_in
