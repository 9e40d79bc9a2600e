"""Hostile launches: each must be stopped before a form opens; and benign ones that must open one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc import jws

from tests.provider.cases import GONE
from tests.provider.harness import LAUNCH_ISSUER, PUBLIC, Browser, World
from tests.provider.hostile import RSA_A, RSA_EVIL, SECRET, Provider, compact
from tests.provider.launching import hs256, launch_claims, launch_token

Drive = Callable[[World, Browser], Any]


def post(browser: Browser, *tokens: str) -> Any:
    """Press the button on the pupil page: another site posts the token."""
    heads = {"Origin": "https://sis.example", "Sec-Fetch-Site": "cross-site"}
    return browser.client.post("/meldcode/start", data={"token": list(tokens)}, headers=heads)


def go_on(browser: Browser, answer: Any) -> Any:
    """Follow every redirect, through the provider and back, to the last page."""
    while answer.status_code in (302, 303):
        address = str(answer.location)
        if "/meldcode/signaal/" in address:
            return answer
        answer = browser.client.get(Browser.provide(address) if "/authorize" in address else address)
    return answer


@dataclass(frozen=True)
class LaunchCase:
    """One launch by somebody who can sign in. Accepted: it ends at a form."""

    group: str
    name: str
    drive: Drive

    def accepted(self, world: World) -> bool:
        """Tell whether the form came."""
        browser = world.fresh()
        last = self.drive(world, browser)
        return "/meldcode/signaal/" in str(last.location)


def case(group: str, name: str, /, **changes: Any) -> LaunchCase:
    """Return a launch with these claims changed; a callable gets the moment in seconds."""

    def drive(world: World, browser: Browser) -> Any:
        now = world.provider.now()
        made = {claim: value(now) if callable(value) else value for claim, value in changes.items()}
        return go_on(browser, post(browser, hs256({"alg": "HS256"}, json.dumps(launch_claims(now, **made)).encode())))

    return LaunchCase(group, name, drive)


def raw(group: str, name: str, make: Callable[[Provider], str]) -> LaunchCase:
    """Return a launch with a token that is made otherwise."""
    return LaunchCase(group, name, lambda world, browser: go_on(browser, post(browser, make(world.provider))))


def body(provider: Provider, **changes: Any) -> bytes:
    """Return right claims as bytes."""
    return json.dumps(launch_claims(provider.now(), **changes)).encode()


def with_rsa(key: Any) -> Callable[[Provider], str]:
    """Sign with a key pair instead of the secret."""
    return lambda p: jws.serialize_compact({"alg": "RS256"}, body(p), key, algorithms=["RS256"])


def twice(world: World, browser: Browser) -> Any:
    """Post the same token again."""
    token = launch_token(world.provider.now())
    go_on(browser, post(browser, token))
    return go_on(browser, post(browser, token))


def twice_elsewhere(world: World, browser: Browser) -> Any:
    """Post a token that was used in another browser."""
    token = launch_token(world.provider.now())
    go_on(browser, post(browser, token))
    other = Browser(world)
    return go_on(other, post(other, token))


def same_id_again(world: World, browser: Browser) -> Any:
    """Post another token with an id that was used."""
    now = world.provider.now()
    go_on(browser, post(browser, launch_token(now, jti="one-and-the-same")))
    return go_on(browser, post(browser, launch_token(now, jti="one-and-the-same", pupil="p-8")))


def late(world: World, browser: Browser) -> Any:
    """Post a token after 61 seconds."""
    token = launch_token(world.provider.now())
    world.clock.advance(seconds=61)
    return go_on(browser, post(browser, token))


def two(world: World, browser: Browser) -> Any:
    """Post two tokens at once."""
    return go_on(browser, post(browser, *(launch_token(world.provider.now()) for _ in range(2))))


def taken_by_another(world: World, browser: Browser) -> Any:
    """Open the address of a launch in the browser of somebody else."""
    address = post(browser, launch_token(world.provider.now())).location
    thief = Browser(world)
    world.provider.extra_claims = {"sub": "u-2002", "email": "berend@school.example"}
    return go_on(thief, thief.client.get(address))


def taken_after_use(world: World, browser: Browser) -> Any:
    """Open the address of a launch that its own user took, in the browser of somebody else."""
    answer = post(browser, launch_token(world.provider.now()))
    assert "/meldcode/signaal/" in go_on(browser, answer).location
    thief = Browser(world)
    world.provider.extra_claims = {"sub": "u-2002", "email": "berend@school.example"}
    return go_on(thief, thief.client.get(answer.location))


def waiting_too_long(world: World, browser: Browser) -> Any:
    """Sign in half an hour after the click."""
    address = post(browser, launch_token(world.provider.now())).location
    world.clock.advance(minutes=31)
    return go_on(browser, browser.client.get(address))


def somebody_else(**person: Any) -> Drive:
    """Launch as this person of the other system, and sign in as Anja."""

    def drive(world: World, browser: Browser) -> Any:
        return go_on(browser, post(browser, launch_token(world.provider.now(), **person)))

    return drive


def same_number(world: World, browser: Browser) -> Any:
    """Two systems number their users alike: our number there is somebody else's."""
    world.provider.extra_claims = {"sub": "u-3003"}
    return somebody_else(sub="u-3003", email="berend@school.example")(world, browser)


def got(world: World, browser: Browser) -> Any:
    """Put the token in an address, where logs and histories keep it."""
    return browser.client.get("/meldcode/start", query_string={"token": launch_token(world.provider.now())})


def made_up(_: World, browser: Browser) -> Any:
    """Open a launch that nobody began."""
    return go_on(browser, browser.client.get("/meldcode/start/" + "A" * 43))


def _swapped(provider: Provider) -> str:
    head, _, signature = hs256({"alg": "HS256"}, body(provider)).split(".")
    return ".".join((head, compact({}, body(provider, pupil="p-8")).split(".")[1], signature))


HOSTILE = [
    raw("form", "nothing", lambda _: ""),
    raw("form", "no token", lambda _: "x.y.z"),
    raw("form", "too large", lambda p: hs256({"alg": "HS256"}, body(p, padding="x" * 9000))),
    raw("form", "not JSON", lambda _: hs256({"alg": "HS256"}, b"pupil=p-7")),
    raw("form", "a member twice", lambda p: hs256({"alg": "HS256"}, body(p)[:-1] + b', "pupil": "p-8"}')),
    LaunchCase("form", "two tokens", two),
    LaunchCase("form", "in the address", got),
    raw("alg", "none", lambda p: compact({"alg": "none"}, body(p))),
    raw("alg", "none, with some signature", lambda p: compact({"alg": "none"}, body(p), b"x" * 32)),
    raw(
        "alg",
        "another secret",
        lambda p: hs256({"alg": "HS256"}, body(p), "another secret of thirty-two bytes, at least"),
    ),
    raw("alg", "the client secret of the provider", lambda p: hs256({"alg": "HS256"}, body(p), SECRET)),
    raw("alg", "no secret", lambda p: hs256({"alg": "HS256"}, body(p), "")),
    raw("alg", "RS256 with a stranger's key", with_rsa(RSA_EVIL)),
    raw("alg", "RS256 with the provider's key", with_rsa(RSA_A)),
    raw("alg", "HS512 named, HS256 used", lambda p: hs256({"alg": "HS512"}, body(p))),
    raw("alg", "an ID token of the provider", lambda p: p.id_token("n", "t")),
    raw("header", "something critical", lambda p: hs256({"alg": "HS256", "crit": ["x"], "x": 1}, body(p))),
    raw("header", "another type", lambda p: hs256({"alg": "HS256", "typ": "at+jwt"}, body(p))),
    raw("header", "its own key", lambda p: hs256({"alg": "HS256", "jwk": {"kty": "oct", "k": "eA"}}, body(p), "x")),
    raw("signature", "cut short", lambda p: hs256({"alg": "HS256"}, body(p))[:-4]),
    raw("signature", "of another pupil", _swapped),
    case("iss", "another", iss="https://evil.example"),
    case("iss", "missing", iss=GONE),
    case("iss", "a list", iss=[LAUNCH_ISSUER]),
    case("aud", "another school", aud="https://meldcode.other.example"),
    case("aud", "missing", aud=GONE),
    case("aud", "empty", aud=[]),
    case("aud", "us and a stranger", aud=[PUBLIC, "https://evil.example"]),
    case("aud", "ours begins it", aud=PUBLIC + ".evil.example"),
    case("school", "another", school="11BB"),
    case("exp", "a second ago", iat=lambda now: now - 30, exp=lambda now: now - 1),
    case("exp", "an hour from now", exp=lambda now: now + 3600),
    case("exp", "missing", exp=GONE),
    case("exp", "as a text", exp="soon"),
    case("exp", "before iat", iat=lambda now: now + 4, exp=lambda now: now + 3),
    case("iat", "a minute ahead", iat=lambda now: now + 60, exp=lambda now: now + 62),
    case("iat", "missing", iat=GONE),
    case("iat", "long ago, so that it lives longer", iat=lambda now: now - 30, exp=lambda now: now + 31),
    case("nbf", "a minute ahead", nbf=lambda now: now + 60),
    case("jti", "missing", jti=GONE),
    case("jti", "empty", jti=""),
    case("jti", "a number", jti=7),
    case("sub", "nobody", sub=GONE, email=GONE),
    case("sub", "a list", sub=["u-1001"]),
    case("pupil", "missing", pupil=GONE),
    case("pupil", "empty", pupil=""),
    case("pupil", "a list", pupil=["p-7"]),
    case("pupil", "two lines", pupil="p-7\np-8"),
    case("pupil", "born on no day", dob="2017-02-30"),
    case("pupil", "a name of 300 characters", name="x" * 300),
    LaunchCase("replay", "the same token", twice),
    LaunchCase("replay", "the same token in another browser", twice_elsewhere),
    LaunchCase("replay", "the same id in another token", same_id_again),
    LaunchCase("late", "after 61 seconds", late),
    LaunchCase("late", "signed in after half an hour", waiting_too_long),
    LaunchCase("person", "another user and address", somebody_else(sub="u-2002", email="berend@school.example")),
    LaunchCase("person", "another user, no address", somebody_else(sub="u-2002", email=GONE)),
    LaunchCase("person", "our number, another address", same_number),
    LaunchCase("person", "another address alone", somebody_else(sub=GONE, email="berend@school.example")),
    LaunchCase("person", "our address, not confirmed", somebody_else(sub="sis-44", email="anja@school.example")),
    LaunchCase("person", "the address of a launch opened by another", taken_by_another),
    LaunchCase("person", "the address of a used launch opened by another", taken_after_use),
    LaunchCase("person", "a launch that nobody began", made_up),
]


def confirmed(world: World, browser: Browser, user: str = "sis-45") -> Any:
    """Say once that the person with our address in the other system is us."""
    token = launch_token(world.provider.now(), sub=user, email="Anja@School.example")
    handle = post(browser, token).location
    page = go_on(browser, browser.client.get(handle))
    assert "Ben jij dit?" in page.text
    return go_on(browser, browser.client.post(handle, data={"csrf_token": browser.csrf()}))


def known_now(world: World, browser: Browser) -> Any:
    """Launch again after that: nothing is asked any more."""
    confirmed(world, browser, "sis-46")
    return somebody_else(sub="sis-46", email="new-address@school.example")(world, browser)


def again_by_the_same(world: World, browser: Browser) -> Any:
    """Go back and open the launch a second time."""
    address = post(browser, launch_token(world.provider.now())).location
    go_on(browser, browser.client.get(address))
    return go_on(browser, browser.client.get(address))


def asked_to_sign_in(world: World, browser: Browser) -> Any:
    """Launch when nobody is signed in at the provider either."""
    world.provider.session = False
    return go_on(browser, post(browser, launch_token(world.provider.now())))


BENIGN = [
    case("usual", "as always"),
    case("usual", "type named", typ="JWT"),
    case("aud", "a list of us alone", aud=[PUBLIC]),
    case("school", "ours", school="00AA"),
    case("clock", "four seconds ahead", iat=lambda now: now + 4, exp=lambda now: now + 64),
    case("clock", "fifty seconds behind", iat=lambda now: now - 50, exp=lambda now: now + 10),
    case("pupil", "a number and nothing else", name=GONE, dob=GONE, group=GONE),
    case("pupil", "a name with its own signs", name="Zoë van 't Hof-Şahin", pupil="kind/7?x=1&y=2"),
    case("sub", "no address", email=GONE),
    LaunchCase("person", "our address, confirmed", confirmed),
    LaunchCase("person", "confirmed before", known_now),
    LaunchCase("again", "opened twice by the same person", again_by_the_same),
    LaunchCase("silent", "nobody signed in at the provider", asked_to_sign_in),
]
