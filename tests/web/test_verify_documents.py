"""Discovery documents and key sets by themselves, without any provider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.web import verify

ISSUER = "https://inloggen.school.example"
RIGHT = {
    "issuer": ISSUER,
    "authorization_endpoint": ISSUER + "/authorize",
    "token_endpoint": ISSUER + "/token",
    "jwks_uri": "https://keys.other.example/jwks",
    "userinfo_endpoint": ISSUER + "/userinfo",
    "end_session_endpoint": ISSUER + "/logout?all=1",
}
ADDRESSES = [name for name in RIGHT if name != "issuer"]


def document(**changes: Any) -> bytes:
    """Return a discovery document, right but for these members."""
    return json.dumps(RIGHT | changes).encode()


def test_a_right_document_is_read():
    """Keys may stand elsewhere; what is not offered is None; a promise counts when it is true and nothing else."""
    found = verify.discovery(document(userinfo_endpoint=None), ISSUER)
    assert (found.jwks_uri, found.userinfo_endpoint, found.names_issuer) == (RIGHT["jwks_uri"], None, False)
    for value, promised in ((True, True), ("true", False), (1, False)):
        found = verify.discovery(document(authorization_response_iss_parameter_supported=value), ISSUER)
        assert found.names_issuer is promised


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(
    "address", ["http://inloggen.school.example/", "javascript:alert(1)", "", 7, ["https://a.example"]]
)
def test_an_unsafe_address_is_refused(name: str, address: Any):
    """Each of the five, whether we would call it or send a browser there."""
    with pytest.raises(SignInRefused) as why:
        verify.discovery(document(**{name: address}), ISSUER)
    assert why.value.code == f"discovery_{name}"


@pytest.mark.parametrize("issuer", [ISSUER + "/", ISSUER.upper(), "", None, [ISSUER]])
def test_another_issuer_is_refused(issuer: Any):
    """Equal means equal, sign by sign."""
    with pytest.raises(SignInRefused) as why:
        verify.discovery(document(issuer=issuer), ISSUER)
    assert why.value.code == "discovery_issuer"


def test_a_key_set_is_a_list_of_objects():
    """What is no object is left out; what is no list is refused."""
    assert verify.key_set(b'{"keys": [{"kty": "RSA"}, 1, null, "x"]}') == [{"kty": "RSA"}]
    for wrong in (b'{"keys": "RSA"}', b'{"keys": null}', b"{}"):
        with pytest.raises(SignInRefused) as why:
            verify.key_set(wrong)
        assert why.value.code == "jwks_json"
