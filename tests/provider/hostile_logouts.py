"""Hostile logout tokens: a session that ends by one of them was attacked with success."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.provider.cases import GONE, Case
from tests.provider.harness import Browser, World
from tests.provider.hostile import RSA_EVIL, SECRET, Provider, b64
from tests.provider.hostile_tokens import hs256, sign_with, unsigned

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def post(world: World, *tokens: str) -> Any:
    """Hand logout tokens to the application, as the provider does, from no browser."""
    return Browser(world).client.post("/meldcode/backchannel-logout", data={"logout_token": list(tokens)})


def token(provider: Provider, typ: str | None = "logout+jwt", **changes: Any) -> str:
    """Return a logout token that is right but for these claims."""
    changed = {name: value(provider) if callable(value) else value for name, value in changes.items()}
    claims = provider.logout_claims() | changed
    return provider.token_of({name: value for name, value in claims.items() if value is not GONE}, typ)


def wrong(**changes: Any) -> Callable[[World], list[str]]:
    """Return what makes one token with these claims."""
    return lambda world: [token(world.provider, **changes)]


def signed(how: Callable[[Provider, Any], str]) -> Callable[[World], list[str]]:
    """Return what makes a right token with a wrong signature."""

    def make(world: World) -> list[str]:
        world.provider.mutations["signed"] = how
        return [token(world.provider)]

    return make


def an_id_token(world: World) -> list[str]:
    """Return the ID token of a sign-in."""
    return [world.provider.id_token("n", "t")]


@dataclass(frozen=True)
class LogoutCase(Case):
    """One logout token. Accepted means: it was answered with 200, or it ended a session."""

    make: Callable[[World], list[str]] = field(default=lambda _: [])

    def accepted(self, world: World) -> bool:
        """Tell whether somebody who is signed in was signed out by it, or the provider told so."""
        browser = world.fresh()
        browser.sign_in()
        assert browser.signed_in
        answer = post(world, *self.make(world))
        return answer.status_code != 400 or not browser.signed_in


def _case(name: str, make: Callable[[World], list[str]]) -> LogoutCase:
    return LogoutCase("logout", name, make=make)


def _seconds(ago: float) -> Callable[[Provider], float]:
    return lambda provider: provider.now() - ago


CASES = [
    _case("nothing", lambda _: []),
    _case("no token", lambda _: ["x"]),
    _case("two tokens", lambda world: [token(world.provider), token(world.provider)]),
    _case("an ID token", an_id_token),
    _case("type of an ID token", wrong(typ="JWT")),
    _case("no type", wrong(typ=None)),
    _case("unsigned", signed(unsigned("none"))),
    _case("signed by another", signed(sign_with(RSA_EVIL))),
    _case("signed with our secret", signed(hs256(lambda _: SECRET.encode()))),
    _case("signature of nothing", signed(lambda p, parts: p.sign(*parts).rpartition(".")[0] + "." + b64(b"x" * 256))),
    _case("another issuer", wrong(iss="https://evil.example")),
    _case("another client", wrong(aud="other")),
    _case("no client", wrong(aud=[])),
    _case("no events", wrong(events=GONE)),
    _case("another event", wrong(events={"http://schemas.openid.net/event/other": {}})),
    _case("the event as a text", wrong(events=EVENT)),
    _case("the event with a text in it", wrong(events={EVENT: "yes"})),
    _case("with a nonce", wrong(nonce="n")),
    _case("about nobody", wrong(sub=GONE, sid=GONE)),
    _case("subject as a list", wrong(sub=["u-1001"])),
    _case("three minutes old", wrong(iat=_seconds(180))),
    _case("from the future", wrong(iat=_seconds(-120), exp=_seconds(-300))),
    _case("expired", wrong(iat=_seconds(115), exp=_seconds(90))),
    _case("without a time", wrong(iat=GONE)),
    _case("without an end", wrong(exp=GONE)),
    _case("without an id", wrong(jti=GONE)),
]
