"""The strict checks by themselves, without any provider."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.web import verify
from meldcode_plugin.web.verify import Asked, Metadata, Signed

ISSUER, CLIENT, NOW = "https://inloggen.school.example", "meldcode", 1_800_000_000
ENDPOINT = "https://inloggen.school.example/x"
META = Metadata(ISSUER, ENDPOINT, ENDPOINT, ENDPOINT, None, None, names_issuer=False)


@pytest.mark.parametrize(
    ("address", "issuer", "safe"),
    [
        ("https://a.example/x", ISSUER, True),
        ("https://a.example:8443/x?y=1", ISSUER, True),
        ("http://a.example/x", ISSUER, False),
        ("http://127.0.0.1:5/x", ISSUER, False),
        ("http://127.0.0.1:5/x", "http://127.0.0.1:5", True),
        ("http://localhost:5/x", "http://127.0.0.1:5", True),
        ("http://a.example/x", "http://127.0.0.1:5", False),
        ("https://u:p@a.example/x", ISSUER, False),
        ("https://@a.example/x", ISSUER, False),
        ("https://a.example/x#y", ISSUER, False),
        ("https://a.example\\@evil.example/", ISSUER, False),
        ("https://a.example:port/", ISSUER, False),
        ("https://a .example/", ISSUER, False),
        ("https://a.example/\n", ISSUER, False),
        ("https:///x", ISSUER, False),
        ("file:///etc/passwd", ISSUER, False),
        ("javascript:alert(1)", ISSUER, False),
        ("", ISSUER, False),
        (None, ISSUER, False),
        (["https://a.example"], ISSUER, False),
    ],
)
def test_only_safe_addresses_are_called(address: object, issuer: str, *, safe: bool):
    """Https, or loopback when the issuer itself stands on loopback; nothing hidden in it."""
    assert safe == verify.safe_url(address, issuer)


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"1",
        b"null",
        b"",
        b"{",
        b'{"a":1,"a":2}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b"\xff{}",
        b'{"a":' * 100_000,
    ],
)
def test_json_that_parsers_could_read_differently_is_refused(data: bytes):
    """An object in UTF-8, each member once, numbers that are numbers."""
    with pytest.raises(SignInRefused) as why:
        verify.strict_json(data, "json")
    assert why.value.code == "json"


def test_json_in_another_encoding_is_refused():
    """The json module would guess UTF-16; a second parser would not."""
    with pytest.raises(SignInRefused):
        verify.strict_json('{"a": 1}'.encode("utf-16"), "json")


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Anja de Vries"}, "Anja de Vries"),
        ({"given_name": "Anja", "family_name": "de Vries"}, "Anja de Vries"),
        ({"name": "", "given_name": "Anja"}, "Anja"),
        ({"name": ["Anja"]}, ""),
        ({"name": "An\u202eja\n"}, "Anja"),
        ({"name": "x" * 400}, "x" * 255),
        ({}, ""),
    ],
)
def test_the_name_on_screen(claims: dict[str, Any], name: str):
    """What the provider says, without signs that turn or break a line."""
    assert name == verify.screen_name(claims)


@pytest.mark.parametrize(
    ("claims", "mail"),
    [
        ({"email": "a@b.nl"}, "a@b.nl"),
        ({"email": "a@b.nl", "email_verified": True}, "a@b.nl"),
        ({"email": "a@b.nl", "email_verified": False}, ""),
        ({"email": "a"}, ""),
        ({"email": ["a@b.nl"]}, ""),
        ({"email": "a@b.nl\nBcc: c@d.nl"}, ""),
        ({}, ""),
    ],
)
def test_the_mail_address(claims: dict[str, Any], mail: str):
    """One address on one line, and none that the provider did not verify."""
    assert mail == verify.verified_mail(claims)


def test_the_hash_of_the_access_token_as_the_standard_shows_it():
    """The left half of SHA-256 in base64url (OpenID Connect Core 3.1.3.6)."""
    half = base64.urlsafe_b64encode(hashlib.sha256(b"token").digest()[:16]).rstrip(b"=").decode()
    assert verify.id_token(signed(at_hash=half), asked(), "token", NOW)["at_hash"] == half
    with pytest.raises(SignInRefused) as why:
        verify.id_token(signed(at_hash=half), asked(), "other", NOW)
    assert why.value.code == "at_hash"


@pytest.mark.parametrize(
    "raw", ["", "a.b", "a..c", "a.b.c.d", ".b.c", "é.b.c", "a." + "b" * 70_000 + ".c", None, 7, b"a.b.c"]
)
def test_a_token_is_three_parts_of_bounded_size(raw: object):
    """Anything else is refused before it is decoded."""
    assert _code(lambda: verify.header(raw, ("RS256",), ("JWT",))) == "token_form"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"exp": NOW - 59}, None),
        ({"exp": NOW - 60}, "exp"),
        ({"iat": NOW + 60}, None),
        ({"iat": NOW + 61}, "iat"),
        ({"iat": NOW - 600}, None),
        ({"iat": NOW - 601}, "iat"),
        ({"nbf": NOW + 60}, None),
        ({"nbf": NOW + 61}, "nbf"),
    ],
)
def test_the_edges_of_time(claims: dict[str, Any], code: str | None):
    """A minute for clocks that differ, ten minutes for a token on its way."""
    assert code == _code(lambda: verify.id_token(signed(**claims), asked(), "t", NOW))


@pytest.mark.parametrize(
    ("age", "auth_time", "code"),
    [
        (300, NOW - 360, None),
        (300, NOW - 361, "auth_time"),
        (0, NOW - 60, None),
        (0, NOW - 61, "auth_time"),
        (300, NOW + 60, None),
        (300, NOW + 61, "auth_time"),
        (None, NOW - 90_000, None),
    ],
)
def test_the_age_of_a_sign_in_is_checked_also_when_it_is_zero(age: int | None, auth_time: int, code: str | None):
    """``max_age=0`` is an age and not the absence of one."""
    found = signed(auth_time=auth_time)
    assert code == _code(lambda: verify.id_token(found, asked(max_age=age), "t", NOW))


def test_a_callback_names_its_issuer_when_that_was_promised():
    """RFC 9207: compared when present, required when the provider says that it sends it."""
    promised = Metadata(ISSUER, ENDPOINT, ENDPOINT, ENDPOINT, None, None, names_issuer=True)
    assert verify.callback({"code": ["c"]}, META) == "c"
    assert verify.callback({"code": ["c"], "iss": [ISSUER]}, promised) == "c"
    assert _code(lambda: verify.callback({"code": ["c"]}, promised)) == "callback_issuer"
    assert _code(lambda: verify.callback({"code": ["c"], "iss": [ISSUER + "/"]}, META)) == "callback_issuer"
    assert _code(lambda: verify.callback({"error": ["x"], "iss": ["https://evil.example"]}, META)) == "callback_issuer"


def _code(act: Any) -> str | None:
    try:
        act()
    except SignInRefused as why:
        return why.code
    return None


def signed(**changes: Any) -> Signed:
    """Return right claims, but for these, under a right signature."""
    right = {"iss": ISSUER, "aud": CLIENT, "sub": "u-1", "iat": NOW - 300, "exp": NOW + 300, "nonce": "n"}
    return Signed("RS256", right | changes)


def asked(max_age: int | None = None) -> Asked:
    """Return what was asked."""
    return Asked(ISSUER, CLIENT, "n", max_age)
