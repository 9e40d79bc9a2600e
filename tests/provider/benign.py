"""Sign-ins that differ from the usual and are right: each one must be accepted."""

from __future__ import annotations

from typing import Any

from tests.provider.cases import GONE, Case, callback, claims, discovery, fresh, header, later, token
from tests.provider.harness import Browser, World
from tests.provider.hostile import CLIENT, EC_A, RSA_A, RSA_B, Provider
from tests.provider.hostile_flows import just_now


def use(alg: str, key: Any) -> Any:
    """Sign with this algorithm and key, and publish the key."""

    def prepare(provider: Provider) -> None:
        provider.alg, provider.signer, provider.keys = alg, key, [key]

    return prepare


def rotated(world: World, browser: Browser) -> None:
    """The provider takes another key between two sign-ins, and its tokens name it."""
    browser.sign_in()
    world.provider.keys, world.provider.signer = [RSA_B], RSA_B
    again = Browser(world)
    again.sign_in()
    assert again.cookie()


def rotated_without_kid(world: World, browser: Browser) -> None:
    """The same, at a provider that names no key."""
    nameless = [key.as_dict(private=False) for key in (RSA_A, RSA_B)]
    for key in nameless:
        key.pop("kid")
    world.provider.keys = nameless[:1]
    browser.sign_in()
    world.provider.keys, world.provider.signer = nameless[1:], RSA_B
    again = Browser(world)
    again.sign_in()
    assert again.cookie()


def two_tabs(_: World, browser: Browser) -> None:
    """Begin in two tabs, finish both."""
    one, other = browser.ask(), browser.ask()
    browser.client.get(browser.provide(one))
    first = browser.cookie()
    browser.client.get(browser.provide(other))
    assert first
    assert browser.cookie() != first


def strange_keys(provider: Provider) -> None:
    """Publish keys beside ours that nobody here knows."""
    provider.keys = [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "oct", "k": "AAAA"}, {}, RSA_B, RSA_A]


def same_kid(provider: Provider) -> None:
    """Publish two keys under one name."""
    provider.keys = [key.as_dict(private=False) | {"kid": RSA_A.kid} for key in (RSA_B, RSA_A)]


_FAR = {"signed": lambda p, parts: p.sign(parts[0] | {"jku": "https://evil.example"}, parts[1])}

CASES = [
    Case("usual", "as always"),
    Case("alg", "PS256", prepare=use("PS256", RSA_A)),
    Case("alg", "ES256", prepare=use("ES256", EC_A)),
    Case("aud", "a list of us alone", claims(aud=[CLIENT])),
    Case("azp", "us", claims(azp=CLIENT)),
    Case("clock", "55 seconds ahead", claims(iat=later(55), nbf=later(55), exp=later(355))),
    Case("clock", "55 seconds behind, expired meanwhile", claims(iat=later(-355), exp=later(-55))),
    Case("clock", "fractions of a second", claims(iat=lambda p: p.now() - 0.25, exp=lambda p: p.now() + 300.75)),
    Case("key", "no kid and one key", header(kid=GONE)),
    Case("key", "another one after a rotation", drive=rotated),
    Case("key", "another one after a rotation, without kid", header(kid=GONE), rotated_without_kid),
    Case("key", "two under one name", prepare=same_kid),
    Case("key", "strange ones beside it", prepare=strange_keys),
    Case("header", "an address of keys that we never fetch", _FAR),
    Case("typ", "absent", header(typ=GONE)),
    Case("at_hash", "absent", claims(at_hash=GONE)),
    Case("claims", "unknown ones", claims(roles=["x"], nonce_supported=True, deep={"a": [1, {"b": None}]})),
    Case("claims", "a subject of 255 characters", claims(sub="s" * 255, groups="medewerkers")),
    Case("token", "token_type in capitals", token(token_type="BEARER")),
    Case("token", "more in the answer", token(refresh_token="r", scope="openid", id_token_hint=None)),
    Case("callback", "names its issuer", callback(iss=lambda p: p.issuer)),
    Case(
        "callback",
        "names it as promised",
        {
            **discovery(authorization_response_iss_parameter_supported=True),
            **callback(iss=lambda p: p.issuer, session_state="x"),
        },
    ),
    Case("staff", "only in userinfo", claims(groups=GONE)),
    Case("staff", "as one text", claims(groups="medewerkers")),
    Case("userinfo", "not offered", discovery(userinfo_endpoint=GONE)),
    Case("provider", "no page to sign out", discovery(end_session_endpoint=GONE)),
    Case("fresh", "just now and with the right strength", just_now(), fresh),
    Case("browser", "two tabs", drive=two_tabs),
]
