"""Strict checks on what an OpenID provider says, on top of Authlib; it knows no network, store or clock."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from meldcode_plugin.errors import SignInRefused

ALGORITHMS = frozenset({"RS256", "PS256", "ES256"})
LEEWAY = 60
"""Seconds that two clocks may differ."""
OLDEST = 600
"""Age in seconds above which an ID token is refused."""
OLDEST_LOGOUT = 120
"""Age in seconds above which a logout token is refused."""
TOKEN_BYTES = 64 * 1024
LONGEST = 255
PARTS = 3
"""A signed token in the compact form: header, claims and signature (RFC 7515 section 3.1)."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_RSA_BITS = 2048
_KEY_TYPES = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Metadata:
    """What we use of a provider's discovery document, checked."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    names_issuer: bool
    """Whether every callback must carry ``iss`` (RFC 9207)."""


@dataclass(frozen=True)
class Asked:
    """What one sign-in asked for; the answer is compared with it."""

    issuer: str
    client_id: str
    nonce: str
    max_age: int | None = None
    acr: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Other ways in which this one provider is known to write its own issuer in a token."""


@dataclass(frozen=True)
class Signed:
    """A token whose signature is right; its claims are not checked yet."""

    algorithm: str
    claims: Json


@dataclass(frozen=True)
class Ending:
    """What a logout token asks us to end: one session of the provider, or all of a subject."""

    subject: str | None
    sid: str | None
    jti: str


class UnknownKey(SignInRefused):
    """No key that we hold fits the token: the provider may have rotated its keys."""


def _require(condition: object, code: str) -> None:
    if not condition:
        raise SignInRefused(code)


def _equal(one: object, other: str) -> bool:
    return isinstance(one, str) and hmac.compare_digest(one.encode(errors="replace"), other.encode())


def _members_once(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def strict_json(data: bytes, code: str) -> Json:
    """Return a JSON object in UTF-8 in which no member stands twice and no number is NaN."""
    try:
        found = json.loads(data.decode(), object_pairs_hook=_members_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise SignInRefused(code) from None
    _require(isinstance(found, dict), code)
    return dict(found)


def moment(claims: Json, name: str, code: str) -> float:
    """Return a claim that is a number of seconds since 1970 (RFC 7519 section 2)."""
    value = claims.get(name)
    _require(isinstance(value, (int, float)) and not isinstance(value, bool), code)
    try:
        number = float(value)  # type: ignore[arg-type]  # the line above made sure that it is a number
    except OverflowError:
        raise SignInRefused(code) from None
    _require(math.isfinite(number) and number >= 0, code)
    return number


def text(value: object, code: str) -> str:
    """Return a claim that is a text on one line of 1 to 255 characters."""
    _require(isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= LONGEST, code)
    return str(value)


# --- the provider itself -------------------------------------------------------------------------


def safe_url(value: object, issuer: str) -> bool:
    """Tell whether an address may be called: https, or loopback when the issuer itself is loopback."""
    if not isinstance(value, str) or not value.isprintable() or " " in value or "\\" in value:
        return False
    try:
        parts, home = urlsplit(value), urlsplit(issuer)
        _ = parts.port
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.password is not None or "#" in value:
        return False
    on_loopback = home.scheme == "http" and home.hostname in LOOPBACK and parts.hostname in LOOPBACK
    return parts.scheme == "https" or (parts.scheme == "http" and on_loopback)


def discovery(document: bytes, issuer: str) -> Metadata:
    """Check a discovery document: its issuer equals the configured one exactly, its addresses are safe."""
    found = strict_json(document, "discovery_json")
    _require(found.get("issuer") == issuer, "discovery_issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _require(safe_url(found.get(name), issuer), f"discovery_{name}")
    for name in ("userinfo_endpoint", "end_session_endpoint"):
        _require(found.get(name) is None or safe_url(found[name], issuer), f"discovery_{name}")
    return Metadata(
        issuer,
        found["authorization_endpoint"],
        found["token_endpoint"],
        found["jwks_uri"],
        found.get("userinfo_endpoint"),
        found.get("end_session_endpoint"),
        found.get("authorization_response_iss_parameter_supported") is True,
    )


def key_set(document: bytes) -> list[Json]:
    """Return the keys of a JWKS that are objects; which of them fit is decided per token."""
    keys = strict_json(document, "jwks_json").get("keys")
    _require(isinstance(keys, list), "jwks_json")
    return [key for key in keys or [] if isinstance(key, dict)]


# --- signatures ----------------------------------------------------------------------------------


def _bits(number: object) -> int:
    try:
        raw = base64.urlsafe_b64decode(str(number) + "==")
    except ValueError:
        return 0
    return int.from_bytes(raw).bit_length()


def _fits(key: Json, algorithm: str, kid: str | None) -> bool:
    if key.get("kty") != _KEY_TYPES[algorithm] or key.get("use", "sig") != "sig":
        return False
    if key.get("alg", algorithm) != algorithm or (kid is not None and key.get("kid") != kid):
        return False
    return key.get("crv") == "P-256" if algorithm == "ES256" else _bits(key.get("n")) >= _RSA_BITS


def _opens(raw: str, algorithm: str, key: RSAKey | ECKey | OctKey) -> bytes | None:
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = TOKEN_BYTES
    try:
        return jws.deserialize_compact(raw, key, registry=registry).payload
    except (JoseError, ValueError, TypeError):
        return None


def _public(key: Json) -> RSAKey | ECKey | None:
    kind: type[RSAKey | ECKey] = RSAKey if key["kty"] == "RSA" else ECKey
    names = ("kty", "n", "e") if kind is RSAKey else ("kty", "crv", "x", "y")
    try:
        return kind.import_key({name: key[name] for name in names})
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def header(raw: object, algorithms: Iterable[str], types: Iterable[str | None]) -> Json:
    """Check the header of a compact token: size, fixed algorithms, type, and nothing critical in it."""
    _require(isinstance(raw, str) and raw.isascii() and len(raw) <= TOKEN_BYTES, "token_form")
    parts = str(raw).split(".")
    _require(len(parts) == PARTS and all(parts), "token_form")
    try:
        found = strict_json(base64.urlsafe_b64decode(parts[0] + "=="), "token_header")
    except ValueError:
        raise SignInRefused("token_header") from None
    _require(isinstance(found.get("alg"), str) and found["alg"] in set(algorithms), "algorithm")
    _require(("typ" in found and found["typ"] in set(types) - {None}) or (None in types and "typ" not in found), "typ")
    _require("crit" not in found and "b64" not in found, "crit")
    _require("kid" not in found or (isinstance(found["kid"], str) and found["kid"]), "kid")
    return found


def signed(raw: str, head: Json, keys: Iterable[Json]) -> Signed:
    """Check the signature with the keys of the JWKS that fit; a key inside the token is never used.

    Raises `UnknownKey` when no key fits or none opens it: the caller may fetch the keys again.
    """
    for key in keys:
        if _fits(key, head["alg"], head.get("kid")) and (public := _public(key)):
            payload = _opens(raw, head["alg"], public)
            if payload is not None:
                return Signed(head["alg"], strict_json(payload, "token_json"))
    raise UnknownKey("signature")


def signed_with_secret(raw: str, head: Json, secret: str) -> Json:
    """Check an HS256 signature made with a shared secret and return the claims."""
    payload = _opens(raw, head["alg"], OctKey.import_key(secret.encode()))
    _require(payload is not None, "signature")
    return strict_json(payload or b"", "token_json")


# --- the sign-in ---------------------------------------------------------------------------------


def callback(args: Mapping[str, list[str]], metadata: Metadata) -> str:
    """Return the code of an authorization response whose ``state`` was found (RFC 6749 4.1.2, RFC 9207).

    An error of the provider is raised with ``provider_`` before its own name.
    """
    _require(all(len(args.get(name, ())) <= 1 for name in ("code", "iss", "error", "state")), "callback_doubled")
    first = {name: values[0] for name, values in args.items() if values}
    if "iss" in first or metadata.names_issuer:
        _require(_equal(first.get("iss"), metadata.issuer), "callback_issuer")
    if "error" in first:
        _require("code" not in first, "callback_mixed")
        named = first["error"][:40]
        raise SignInRefused("provider_" + (named if named.isascii() and named.isidentifier() else "error"))
    code = first.get("code", "")
    _require(code and code.isprintable() and len(code) <= TOKEN_BYTES, "callback_code")
    return code


def token_response(document: bytes) -> tuple[str, str]:
    """Return (id_token, access_token) of a token response (OpenID Connect Core 3.1.3.3)."""
    found = strict_json(document, "token_response_json")
    _require("error" not in found, "token_response_error")
    kind = found.get("token_type")
    _require(isinstance(kind, str) and kind.lower() == "bearer", "token_type")
    for name in ("access_token", "id_token"):
        _require(isinstance(found.get(name), str) and found[name], name)
    return found["id_token"], found["access_token"]


def _audience(claims: Json, client_id: str) -> None:
    named = claims.get("aud")
    names = [named] if isinstance(named, str) else named
    _require(isinstance(names, list) and names, "aud")
    _require(all(name == client_id for name in names or []), "aud")
    _require("azp" not in claims or claims["azp"] == client_id, "azp")


def _times(claims: Json, now: float, oldest: float) -> None:
    issued, expires = moment(claims, "iat", "iat"), moment(claims, "exp", "exp")
    _require(expires > now - LEEWAY and expires > issued, "exp")
    _require(now - oldest <= issued <= now + LEEWAY, "iat")
    if "nbf" in claims:
        _require(moment(claims, "nbf", "nbf") <= now + LEEWAY, "nbf")


def _token_hash(token: str) -> str:
    # All three algorithms hash with SHA-256; the claim holds its left half (OIDC Core 3.1.3.6).
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()


def id_token(token: Signed, asked: Asked, access_token: str, now: float) -> Json:
    """Check the claims of an ID token against what was asked (OIDC Core 3.1.3.7) and return them.

    ``now`` in seconds since 1970. Raises `SignInRefused` with the name of the claim.
    """
    claims = token.claims
    _require(claims.get("iss") in (asked.issuer, *asked.also), "iss")
    _audience(claims, asked.client_id)
    text(claims.get("sub"), "sub")
    _times(claims, now, OLDEST)
    _require(_equal(claims.get("nonce"), asked.nonce), "nonce")
    if "at_hash" in claims:
        _require(_equal(claims["at_hash"], _token_hash(access_token)), "at_hash")
    if asked.max_age is not None or "auth_time" in claims:
        signed_in = moment(claims, "auth_time", "auth_time")
        _require(signed_in <= now + LEEWAY, "auth_time")
        _require(asked.max_age is None or signed_in >= now - asked.max_age - LEEWAY, "auth_time")
    _require(not asked.acr or claims.get("acr") in asked.acr, "acr")
    if "sid" in claims:
        text(claims["sid"], "sid")
    return claims


def userinfo(document: bytes, subject: str) -> Json:
    """Return the claims of a userinfo answer about the same subject (OIDC Core 5.3.2)."""
    found = strict_json(document, "userinfo_json")
    _require(_equal(found.get("sub"), subject), "userinfo_sub")
    return found


def screen_name(claims: Json) -> str:
    """Return the name to show: the provider's own, else given and family name, else nothing."""
    parts = [claims.get("name")] if claims.get("name") else [claims.get("given_name"), claims.get("family_name")]
    name = " ".join(part.strip() for part in parts if isinstance(part, str))
    return "".join(sign for sign in name if sign.isprintable())[:LONGEST]


def verified_mail(claims: Json) -> str:
    """Return the e-mail address, or nothing when the provider says that it was not verified."""
    mail = claims.get("email")
    if not isinstance(mail, str) or claims.get("email_verified") is False:
        return ""
    return mail if mail.isprintable() and "@" in mail and len(mail) <= LONGEST else ""


# --- logout --------------------------------------------------------------------------------------


def logout_token(token: Signed, issuer: str, client_id: str, now: float) -> Ending:
    """Check the claims of a logout token (OpenID Connect Back-Channel Logout 1.0, section 2.6)."""
    claims = token.claims
    _require(claims.get("iss") == issuer, "iss")
    _audience(claims, client_id)
    _times(claims, now, OLDEST_LOGOUT)
    _require("nonce" not in claims, "nonce")
    events = claims.get("events")
    _require(isinstance(events, dict) and isinstance(events.get(LOGOUT_EVENT), dict), "events")
    subject = text(claims["sub"], "sub") if "sub" in claims else None
    sid = text(claims["sid"], "sid") if "sid" in claims else None
    _require(subject or sid, "sub")
    return Ending(subject, sid, text(claims.get("jti"), "jti"))
