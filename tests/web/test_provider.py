"""Calls to the provider by themselves: whom we trust, and what a failing provider costs."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.settings import Settings
from meldcode_plugin.web import provider as room
from meldcode_plugin.web.provider import Kept, ProviderAway
from tests.provider.harness import Clock, settings
from tests.provider.hostile import Provider


def test_a_certificate_that_nobody_trusts_ends_the_call(tls_provider: Provider, ours: room.Provider):
    """Https alone is not enough: the certificate must be of somebody whom the machine trusts."""
    with pytest.raises(ProviderAway) as why:
        ours.metadata()
    assert why.value.code == "call_SSLError"
    assert tls_provider.calls == []


def test_an_authority_of_the_school_itself_is_trusted(
    tls_provider: Provider, ours: room.Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """SSL_CERT_FILE names it, as for every other program on the machine."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    room.trust.cache_clear()
    assert ours.metadata().issuer == tls_provider.issuer


def test_a_provider_that_fails_is_left_alone_for_a_moment():
    """Its silence does not hold one thread after the other."""
    clock, calls = Clock(), []

    def fetch() -> int:
        calls.append(1)
        if len(calls) < 2:
            raise ProviderAway("call_Timeout")
        return 7

    kept = Kept(fetch, clock)
    for code in ("call_Timeout", "paused", "paused"):
        with pytest.raises(SignInRefused) as why:
            kept.get()
        assert why.value.code == code
    clock.advance(seconds=6)
    assert [kept.get(), kept.get(), len(calls)] == [7, 7, 2]


def test_a_clock_that_is_set_back_makes_nothing_last_longer():
    """What was fetched in the future is fetched again."""
    clock, calls = Clock(), []
    kept = Kept(lambda: calls.append(1) or len(calls), clock)
    assert kept.get() == 1
    clock.advance(hours=-1)
    assert kept.get() == 2


@pytest.fixture
def tls_provider(tmp_path: Path) -> Iterator[Provider]:
    """A provider on loopback with https and a certificate that it signed itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)  # noqa: TID251  # a real certificate
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "school")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (tmp_path / "certificate.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    found = Provider(Clock()).start(context)
    yield found
    found.stop()


@pytest.fixture
def ours(tls_provider: Provider, tmp_path: Path) -> Iterator[room.Provider]:
    """Our side of it, which has read nothing yet."""
    room.trust.cache_clear()
    config = settings(tmp_path, tls_provider.issuer, "sqlite://")
    yield room.Provider(Settings.from_mapping(config), Clock())
    room.trust.cache_clear()
