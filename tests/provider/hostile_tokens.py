"""Hostile ID tokens: issuer, audience, subject, times, nonce, hashes, algorithms, keys, headers, types."""

from __future__ import annotations

import hmac
import json
import warnings
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.jwk import RSAKey

from tests.provider.cases import GONE, Case, Mutation, claims, header, later, unguessable
from tests.provider.harness import Browser, World
from tests.provider.hostile import CLIENT, EC_A, RSA_A, RSA_B, RSA_EVIL, SECRET, Provider, b64, compact, rs256

ISSUER = [
    Case("iss", "missing", claims(iss=GONE)),
    Case("iss", "null", claims(iss=None)),
    Case("iss", "another", claims(iss="https://evil.example")),
    Case("iss", "with a slash behind it", claims(iss=lambda p: p.issuer + "/")),
    Case("iss", "a list with ours in it", claims(iss=lambda p: [p.issuer])),
    Case("iss", "localhost for 127.0.0.1", claims(iss=lambda p: p.issuer.replace("127.0.0.1", "localhost"))),
    Case("iss", "ours begins it", claims(iss=lambda p: p.issuer + ".evil.example")),
]

AUDIENCE = [
    Case("aud", "missing", claims(aud=GONE)),
    Case("aud", "null", claims(aud=None)),
    Case("aud", "empty text", claims(aud="")),
    Case("aud", "empty list", claims(aud=[])),
    Case("aud", "another client", claims(aud="other")),
    Case("aud", "a list of another client", claims(aud=["other"])),
    Case("aud", "another client, azp us", claims(aud="other", azp=CLIENT)),
    Case("aud", "a list of another client, azp us", claims(aud=["other"], azp=CLIENT)),
    Case("aud", "us and a stranger", claims(aud=[CLIENT, "other"])),
    Case("aud", "us and a stranger, azp us", claims(aud=[CLIENT, "other"], azp=CLIENT)),
    Case("aud", "us within a list within a list", claims(aud=[[CLIENT]])),
    Case("aud", "us as the name of a member", claims(aud={CLIENT: True})),
    Case("aud", "us with a space behind it", claims(aud=CLIENT + " ")),
    Case("azp", "another", claims(azp="other")),
    Case("azp", "null", claims(azp=None)),
    Case("azp", "a list with us", claims(azp=[CLIENT])),
    Case("azp", "empty", claims(azp="")),
]

SUBJECT = [
    Case("sub", "missing", claims(sub=GONE)),
    Case("sub", "null", claims(sub=None)),
    Case("sub", "empty", claims(sub="")),
    Case("sub", "spaces", claims(sub="   ")),
    Case("sub", "a number", claims(sub=1001)),
    Case("sub", "a list", claims(sub=["u-1001"])),
    Case("sub", "256 characters", claims(sub="a" * 256)),
    Case("sub", "a NUL in it", claims(sub="u-1001\x00admin")),
]


def raw_claim(name: str, text: str) -> dict[str, Mutation]:
    """Write a claim in JSON that the json module would not write."""

    def mutate(_: Provider, value: dict[str, Any]) -> bytes:
        return json.dumps(value | {name: "@"}).replace('"@"', text).encode()

    return {"claims": mutate}


TIMES = [
    Case("exp", "missing", claims(exp=GONE)),
    Case("exp", "null", claims(exp=None)),
    Case("exp", "a minute and a half ago", claims(exp=later(-90), iat=later(-300))),
    Case("exp", "as a text", claims(exp=lambda p: str(p.now() + 300))),
    Case("exp", "true", claims(exp=True)),
    Case("exp", "NaN", raw_claim("exp", "NaN")),
    Case("exp", "endless", raw_claim("exp", "1e999")),
    Case("exp", "before iat", claims(exp=later(20), iat=later(40))),
    Case("iat", "missing", claims(iat=GONE)),
    Case("iat", "as a text", claims(iat=lambda p: str(p.now()))),
    Case("iat", "two minutes ahead", claims(iat=later(120), exp=later(400))),
    Case("iat", "eleven minutes ago", claims(iat=later(-660))),
    Case("iat", "below zero", claims(iat=-1)),
    Case("nbf", "two minutes ahead", claims(nbf=later(120))),
    Case("nbf", "as a text", claims(nbf="now")),
]

NONCE = [
    Case("nonce", "missing", claims(nonce=GONE)),
    Case("nonce", "null", claims(nonce=None)),
    Case("nonce", "empty", claims(nonce="")),
    Case("nonce", "another", claims(nonce=unguessable())),
    Case("nonce", "ours in a list", {"claims": lambda _, c: c | {"nonce": [c["nonce"]]}}),
    Case("nonce", "ours in capitals", {"claims": lambda _, c: c | {"nonce": c["nonce"].swapcase()}}),
    Case("nonce", "missing and said not to be supported", claims(nonce=GONE, nonce_supported=False)),
]

HASH = [
    Case("at_hash", "of another token", claims(at_hash=b64(b"0" * 16))),
    Case("at_hash", "empty", claims(at_hash="")),
    Case("at_hash", "null", claims(at_hash=None)),
    Case("at_hash", "a number", claims(at_hash=0)),
]


def hs256(secret: Callable[[Provider], bytes]) -> Mutation:
    """Sign with a secret that the attacker knows or found."""

    def sign(provider: Provider, parts: Any) -> str:
        head, body = parts
        text = f"{b64(json.dumps(head | {'alg': 'HS256'}).encode())}.{b64(json.dumps(body).encode())}"
        return f"{text}.{b64(hmac.digest(secret(provider), text.encode(), 'sha256'))}"

    return sign


def sign_with(key: Any, alg: str = "RS256", **more: Any) -> Mutation:
    """Sign with this key and algorithm, with more in the header."""

    def sign(provider: Provider, parts: Any) -> str:
        extra = {name: value(provider) if callable(value) else value for name, value in more.items()}
        registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
        registry.max_header_length = 65536
        return jws.serialize_compact(parts[0] | {"alg": alg} | extra, json.dumps(parts[1]), key, registry=registry)

    return sign


def unsigned(alg: str) -> Mutation:
    """Leave the signature out and say so."""
    return lambda _, parts: compact(parts[0] | {"alg": alg}, json.dumps(parts[1]).encode())


def altered(provider: Provider, parts: Any) -> str:
    """Change the claims after they were signed."""
    head, _, signature = provider.sign(*parts).split(".")
    return ".".join((head, b64(json.dumps(parts[1] | {"sub": "u-1"}).encode()), signature))


def bytes_signed(header_text: str) -> Mutation:
    """Sign rightly, over a header of these very bytes."""
    return lambda _, parts: rs256(header_text.replace("KID", RSA_A.kid).encode(), json.dumps(parts[1]).encode())


def elsewhere(provider: Provider) -> str:
    """Return where the attacker's keys lie."""
    return provider.issuer + "/evil-jwks"


def nameless_evil(_: Provider, parts: Any) -> str:
    """Sign with the attacker's key and name no key."""
    return jws.serialize_compact({"alg": "RS256"}, json.dumps(parts[1]), RSA_EVIL, algorithms=["RS256"])


def as_json(provider: Provider, parts: Any) -> str:
    """Write the token in the JSON form of a JWS."""
    head, body, signature = provider.sign(*parts).split(".")
    return json.dumps({"protected": head, "payload": body, "signature": signature})


def pem(_: Provider) -> bytes:
    """Return the public key as text: the secret of the RS/HS confusion."""
    return bytes(RSA_A.as_pem(private=False))


def small_key(provider: Provider) -> None:
    """Publish and use a key of 1024 bits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        provider.signer = RSAKey.generate_key(1024, auto_kid=True)
    provider.keys = [provider.signer]


def published(**more: Any) -> Callable[[Provider], None]:
    """Publish the signing key with these members."""

    def prepare(provider: Provider) -> None:
        provider.keys = [RSA_A.as_dict(private=False) | more]

    return prepare


def retired(world: World, browser: Browser) -> None:
    """Use a key that the provider took back eleven minutes ago, when we still knew it."""
    browser.sign_in()
    assert browser.cookie(), "the first sign-in is right"
    browser.sign_out()
    world.provider.keys = [RSA_B]
    world.clock.advance(minutes=11)
    browser.sign_in()


EVIL_JWK = RSA_EVIL.as_dict(private=False)

SIGNATURE = [
    Case("alg", "none", {"signed": unsigned("none")}),
    Case("alg", "None in capitals", {"signed": unsigned("NONE")}),
    Case("alg", "none, with some signature", {"signed": lambda p, parts: unsigned("none")(p, parts) + b64(b"x" * 256)}),
    Case("alg", "none, without at_hash", {"signed": unsigned("none"), **claims(at_hash=GONE)}),
    Case("alg", "HS256 with our client secret", {"signed": hs256(lambda _: SECRET.encode())}),
    Case("alg", "HS256 with the public key", {"signed": hs256(pem)}),
    Case("alg", "HS256 with nothing", {"signed": hs256(lambda _: b"")}),
    Case("alg", "RS384", {"signed": sign_with(RSA_A, "RS384")}),
    Case("alg", "RS512", {"signed": sign_with(RSA_A, "RS512")}),
    Case("alg", "in small letters", {"signed": bytes_signed('{"alg": "rs256", "kid": "KID"}')}),
    Case("alg", "missing", {"signed": bytes_signed('{"kid": "KID"}')}),
    Case("alg", "twice, the second one none", {"signed": bytes_signed('{"alg":"RS256","kid":"KID","alg":"none"}')}),
    Case("key", "an unknown key under a known kid", {"signed": sign_with(RSA_EVIL)}),
    Case("key", "an unknown kid", {"signed": sign_with(RSA_EVIL, kid="other")}),
    Case("key", "no kid and an unknown key", {"signed": nameless_evil}),
    Case("key", "brought along in jwk", {"signed": sign_with(RSA_EVIL, kid="other", jwk=EVIL_JWK)}),
    Case("key", "fetched from jku", {"signed": sign_with(RSA_EVIL, kid=RSA_EVIL.kid, jku=elsewhere)}),
    Case("key", "fetched from x5u", {"signed": sign_with(RSA_EVIL, x5u=elsewhere)}),
    Case("key", "of 1024 bits", prepare=small_key),
    Case("key", "published for encryption", prepare=published(use="enc")),
    Case("key", "published for another algorithm", prepare=published(alg="PS256")),
    Case("key", "taken back eleven minutes ago", drive=retired),
    Case("key", "an elliptic token under the kid of an RSA key", {"signed": sign_with(EC_A, "ES256")}),
    Case("header", "kid as a list", {"signed": bytes_signed('{"alg": "RS256", "kid": ["KID"]}')}),
    Case("header", "kid empty", {"signed": bytes_signed('{"alg": "RS256", "kid": ""}')}),
    Case("header", "something critical", {"signed": bytes_signed('{"alg":"RS256","kid":"KID","crit":["x"],"x":1}')}),
    Case("header", "nothing critical, in a list", {"signed": bytes_signed('{"alg":"RS256","kid":"KID","crit":[]}')}),
    Case("header", "body not encoded", {"signed": bytes_signed('{"alg":"RS256","kid":"KID","b64":false}')}),
    Case("signature", "of other claims", {"signed": altered}),
    Case("signature", "cut short", {"signed": lambda p, parts: p.sign(*parts)[:-8]}),
    Case("signature", "empty", {"signed": lambda p, parts: p.sign(*parts).rpartition(".")[0] + "."}),
    Case("signature", "in the JSON form", {"signed": as_json}),
    Case("signature", "a fourth part", {"signed": lambda p, parts: p.sign(*parts) + ".AAAA"}),
]

TYPE = [
    Case("typ", "an access token", header(typ="at+jwt")),
    Case("typ", "a logout token", header(typ="logout+jwt")),
    Case("typ", "empty", header(typ="")),
    Case("typ", "null", {"signed": bytes_signed('{"alg":"RS256","kid":"KID","typ":null}')}),
    Case("typ", "a number", {"signed": bytes_signed('{"alg":"RS256","kid":"KID","typ":1}')}),
]

CASES = [*ISSUER, *AUDIENCE, *SUBJECT, *TIMES, *NONCE, *HASH, *SIGNATURE, *TYPE]
