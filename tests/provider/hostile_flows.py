"""Hostile answers around the token: token response, discovery, callback, state, userinfo, staff, fresh sign-in."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, redirect

from tests.provider.cases import (
    GONE,
    Case,
    Mutation,
    callback,
    change,
    claims,
    discovery,
    fresh,
    later,
    token,
    unguessable,
)
from tests.provider.harness import Browser, World, query
from tests.provider.hostile import Json, Provider

HUGE = 300 * 1024


def moved(name: str) -> dict[str, Mutation]:
    """Send the caller on to another address of the same provider."""

    def mutate(provider: Provider, value: Json) -> Any:
        provider.elsewhere = value
        return redirect(f"{provider.issuer}/elsewhere")

    return {f"http_{name}": mutate}


def answer(name: str, status: int) -> dict[str, Mutation]:
    """Give the right body with another status."""
    return {f"http_{name}": lambda _, value: Response(json.dumps(value), status, mimetype="application/json")}


def padded(name: str) -> dict[str, Mutation]:
    """Give an answer that is larger than anything needs to be."""
    return {name: lambda _, value: value | {"padding": "x" * HUGE}}


def doubled(name: str, member: str) -> dict[str, Mutation]:
    """Write a member twice: parsers differ on which one counts."""
    return {name: lambda _, value: json.dumps(value)[:-1] + f', "{member}": {json.dumps(value[member])}}}'}


TOKEN_RESPONSE = [
    Case("token", "no id_token", token(id_token=GONE)),
    Case("token", "id_token null", token(id_token=None)),
    Case("token", "id_token as claims", token(id_token={"sub": "u-1001"})),
    Case("token", "no access_token", token(access_token=GONE)),
    Case("token", "access_token empty", token(access_token="")),
    Case("token", "no token_type", token(token_type=GONE)),
    Case("token", "token_type mac", token(token_type="mac")),
    Case("token", "a list", {"token": lambda _, value: json.dumps([value])}),
    Case("token", "id_token twice", doubled("token", "id_token")),
    Case("token", "an error beside it", token(error="invalid_grant")),
    Case("token", "status 400", answer("token", 400)),
    Case("token", "status 500", answer("token", 500), may_be_a_fault=True),
    Case("token", "moved", moved("token")),
    Case("token", "too large", padded("token")),
    Case("token", "a page", {"http_token": lambda *_: Response("<html>even geduld</html>")}),
]

DISCOVERY = [
    Case("discovery", "another issuer", discovery(issuer="https://evil.example")),
    Case("discovery", "a slash behind the issuer", discovery(issuer=lambda p: p.issuer + "/")),
    Case(
        "discovery",
        "another issuer, in the token too",
        {**discovery(issuer="https://x.example"), **claims(iss="https://x.example")},
    ),
    Case("discovery", "no issuer", discovery(issuer=GONE)),
    Case("discovery", "keys over http elsewhere", discovery(jwks_uri="http://evil.example/jwks")),
    Case("discovery", "no keys", discovery(jwks_uri=GONE)),
    Case("discovery", "token endpoint with a password in it", discovery(token_endpoint="http://u:p@127.0.0.1/token")),
    Case("discovery", "a script as the page to sign in", discovery(authorization_endpoint="javascript:alert(1)")),
    Case("discovery", "issuer twice", doubled("discovery", "issuer")),
    Case("discovery", "moved", moved("discovery")),
    Case("discovery", "too large", padded("discovery")),
    Case("keys", "moved", moved("jwks")),
    Case("keys", "none", {"jwks": change(keys=[])}),
    Case("keys", "not a list", {"jwks": change(keys="RSA")}),
]

ISSUER_IN_CALLBACK = [
    Case("callback", "another issuer", callback(iss="https://evil.example")),
    Case("callback", "promised issuer missing", discovery(authorization_response_iss_parameter_supported=True)),
    Case("callback", "issuer empty", callback(iss="")),
    Case("callback", "two issuers", callback(iss=lambda p: [p.issuer, "https://evil.example"])),
]


def no_cookie(world: World, browser: Browser) -> None:
    """Login CSRF: the victim's browser gets the callback of the attacker's sign-in."""
    back = browser.provide(browser.ask())
    Browser(world).client.get(back)


def other_cookie(world: World, browser: Browser) -> None:
    """Login CSRF while the victim is signing in as well."""
    back, victim = browser.provide(browser.ask()), Browser(world)
    victim.ask()
    victim.client.get(back)


def replay(_: World, browser: Browser) -> None:
    """Use the same callback again, in the same browser, after signing out there."""
    back = browser.provide(browser.ask())
    browser.client.get(back + "&error=access_denied")  # the state is used up, nobody is signed in
    browser.client.get(back)


def replay_with_old_cookies(world: World, browser: Browser) -> None:
    """Put back all cookies of before the callback, and use the callback again."""
    back = browser.provide(browser.ask())
    jar = browser.client.get_cookie("meldcode-login")
    browser.client.get(back + "&error=server_error")
    again = Browser(world)
    again.client.set_cookie("meldcode-login", jar.value if jar else "")
    again.client.get(back)


def too_late(world: World, browser: Browser) -> None:
    """Come back after eleven minutes."""
    back = browser.provide(browser.ask())
    world.clock.advance(minutes=11)
    browser.client.get(back)


def made_up_state(_: World, browser: Browser) -> None:
    """Bring a state that was never given out."""
    back = browser.provide(browser.ask())
    browser.client.get(back.replace(query(back)["state"], unguessable()))


def no_state(_: World, browser: Browser) -> None:
    """Bring no state."""
    back = browser.provide(browser.ask())
    browser.client.get(back.replace("state=", "other="))


def stolen_code(world: World, browser: Browser) -> None:
    """Put the code of another sign-in in our own callback; PKCE stops it."""
    stolen = query(browser.provide(browser.ask()))["code"]
    thief = Browser(world)
    back = thief.provide(thief.ask())
    thief.client.get(back.replace(query(back)["code"], stolen))


def stolen_code_without_pkce(world: World, browser: Browser) -> None:
    """The same at a provider that does not check PKCE; the nonce stops it."""
    world.provider.checks_pkce = False
    stolen_code(world, browser)


STATE = [
    Case("state", "callback in a browser that asked nothing", drive=no_cookie),
    Case("state", "callback in a browser that asked for itself", drive=other_cookie),
    Case("state", "used twice", drive=replay),
    Case("state", "used again with the old cookies", drive=replay_with_old_cookies),
    Case("state", "after eleven minutes", drive=too_late),
    Case("state", "made up", drive=made_up_state),
    Case("state", "missing", drive=no_state),
    Case("state", "twice", callback(state=lambda _: ["a", "b"])),
    Case("code", "of another sign-in", drive=stolen_code),
    Case("code", "of another sign-in, provider without PKCE", drive=stolen_code_without_pkce),
    Case("code", "missing", callback(code=GONE)),
    Case("code", "empty", callback(code="")),
    Case("code", "two of them", {"callback": lambda _, c: c | {"code": [c["code"], "other"]}}),
    Case("code", "beside an error", callback(error="access_denied")),
]

_ASKED = claims(groups=GONE)
USERINFO = [
    Case("userinfo", "about another person", {**_ASKED, "userinfo": change(sub="u-2002")}),
    Case("userinfo", "about nobody", {**_ASKED, "userinfo": change(sub=GONE)}),
    Case("userinfo", "subject as a list", {**_ASKED, "userinfo": change(sub=["u-1001"])}),
    Case("userinfo", "not JSON", {**_ASKED, "userinfo": lambda *_: "eyJ.e30."}),
    Case("userinfo", "moved", {**_ASKED, **moved("userinfo")}),
    Case("userinfo", "too large", {**_ASKED, **padded("userinfo")}),
    Case("userinfo", "status 401", {**_ASKED, **answer("userinfo", 401)}),
]

_NOT_HERE = {"userinfo": change(groups=GONE)}
STAFF = [
    Case("staff", "no group", {**claims(groups=GONE), **_NOT_HERE}),
    Case("staff", "a pupil", claims(groups=["leerlingen"])),
    Case("staff", "an empty list", claims(groups=[])),
    Case("staff", "a group that begins alike", claims(groups=["medewerkers-oud"])),
    Case("staff", "our group as the name of a member", claims(groups={"medewerkers": True})),
    Case("staff", "our group within a list within a list", claims(groups=[["medewerkers"]])),
    Case("staff", "a text that holds our group", claims(groups="oud-medewerkers")),
    Case("staff", "no group here, our group in userinfo", {**claims(groups=[]), "userinfo": change()}),
]

_ACR = "urn:school:two-factors"


def just_now(**more: Any) -> dict[str, Mutation]:
    """Answer a fresh sign-in rightly, but for these claims."""
    return claims(**({"auth_time": later(-5), "acr": _ACR} | more))


FRESH = [
    Case("max_age", "no auth_time", just_now(auth_time=GONE), fresh),
    Case("max_age", "an hour ago", just_now(auth_time=later(-3600)), fresh),
    Case("max_age", "seven minutes ago", just_now(auth_time=later(-420)), fresh),
    Case("max_age", "two minutes ahead", just_now(auth_time=later(120)), fresh),
    Case("max_age", "as a text", just_now(auth_time=lambda p: str(p.now())), fresh),
    Case("max_age", "true", just_now(auth_time=True), fresh),
    Case("acr", "missing", just_now(acr=GONE), fresh),
    Case("acr", "another", just_now(acr="urn:school:password"), fresh),
    Case("acr", "a list with the right one", just_now(acr=[_ACR]), fresh),
]

CASES = [*TOKEN_RESPONSE, *DISCOVERY, *ISSUER_IN_CALLBACK, *STATE, *USERINFO, *STAFF, *FRESH]
