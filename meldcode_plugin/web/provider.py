"""Calls the school's OpenID provider: discovery, keys, token, userinfo; it knows no page and no store."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.settings import Settings
from meldcode_plugin.web import profiles, verify
from meldcode_plugin.web.verify import Asked, Json, Metadata, Signed, UnknownKey

if TYPE_CHECKING:
    from flask import Flask

KEEP_SECONDS = 600
"""How long discovery and keys are trusted before they are fetched again: a retired key dies then."""
EARLY_SECONDS = 60
"""Least time between two early fetches of the keys, whatever tokens come in."""
PAUSE_SECONDS = 5
"""How long nobody calls a provider that just failed, so that its silence does not hold every thread."""
CONNECT_SECONDS, CALL_SECONDS = 5, 10
ANSWER_BYTES = 256 * 1024

Clock = Callable[[], datetime]
Value = TypeVar("Value")
EXTENSION = "meldcode_provider"


class ProviderAway(SignInRefused):
    """The provider did not answer, or not in a way that we can use."""

    sentence = "De inlogdienst van school antwoordt niet goed. Wacht even en probeer het dan opnieuw."


@cache
def trust() -> ssl.SSLContext:
    """Return whom we trust with https: what the machine trusts, or what SSL_CERT_FILE names; read once."""
    return ssl.create_default_context()


class Careful(HTTPAdapter):
    """Takes one answer with status 200, follows no redirect, and bounds its time and its size."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Trust what the machine trusts: a school may have an authority of its own."""
        super().init_poolmanager(*args, **(kwargs | {"ssl_context": trust()}))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send, read the answer whole and let the connection go, or raise `ProviderAway`."""
        until = time.monotonic() + CALL_SECONDS
        answer = super().send(request, *args, **(kwargs | {"stream": True, "timeout": (CONNECT_SECONDS, CALL_SECONDS)}))
        with answer:
            if answer.status_code != requests.codes.ok:
                raise ProviderAway(f"answer_{answer.status_code}")
            # requests has no public way to hand over a body that was read within bounds.
            answer._content = self._read(answer, until)  # noqa: SLF001  # see the line above
        return answer

    @staticmethod
    def _read(answer: requests.Response, until: float) -> bytes:
        body = bytearray()
        while chunk := answer.raw.read1(16384):
            body += chunk
            if len(body) > ANSWER_BYTES:
                raise ProviderAway("answer_size")
            if time.monotonic() > until:
                raise ProviderAway("answer_time")
        return bytes(body)


class Kept(Generic[Value]):
    """One thing that was fetched: for how long it counts, and how often it may be fetched early."""

    def __init__(self, fetch: Callable[[], Value], clock: Clock) -> None:
        """Fetch nothing yet."""
        self._fetch, self._clock = fetch, clock
        self._lock = threading.Lock()
        self._value: Value | None = None
        self._fetched = self._early = self._failed = float("-inf")

    def _within(self, since: float, seconds: float) -> bool:
        # A clock that was set back makes an age negative: then the value does not count any more.
        return 0 <= self._clock().timestamp() - since < seconds

    def _fetch_now(self) -> Value:
        if self._within(self._failed, PAUSE_SECONDS):
            raise ProviderAway("paused")
        try:
            value = self._fetch()
        except SignInRefused:
            self._failed = self._clock().timestamp()
            raise
        self._value, self._fetched = value, self._clock().timestamp()
        return value

    def peek(self) -> Value | None:
        """Return what was fetched last, however old, and call nobody."""
        return self._value

    def get(self) -> Value:
        """Return the value, fetched at most `KEEP_SECONDS` ago."""
        with self._lock:
            if self._value is not None and self._within(self._fetched, KEEP_SECONDS):
                return self._value
            return self._fetch_now()

    def early(self) -> Value | None:
        """Fetch before its time, at most once a minute; None when that was done already."""
        with self._lock:
            if self._within(self._early, EARLY_SECONDS):
                return None
            self._early = self._clock().timestamp()
            return self._fetch_now()


class Provider:
    """The provider of one school. What it says is verified and kept for ten minutes; no token is kept."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Call nobody yet; the first sign-in does."""
        self.settings, self._clock = settings, clock
        self._metadata: Kept[Metadata] = Kept(self._fetch_metadata, clock)
        self._keys: Kept[list[Json]] = Kept(self._fetch_keys, clock)

    def metadata(self) -> Metadata:
        """Return the checked discovery document."""
        return self._metadata.get()

    def keys(self) -> list[Json]:
        """Return the keys that it publishes."""
        return self._keys.get()

    def addresses(self) -> list[str]:
        """Return where a browser may be sent, as far as known without calling anybody."""
        known = self._metadata.peek()
        ends = [known.authorization_endpoint, known.end_session_endpoint] if known else []
        return [self.settings.oidc_issuer, *filter(None, ends)]

    def authorization_url(self, asked: Asked, state: str, verifier: str, back: str, *, silent: bool) -> str:
        """Return where the browser goes to sign in; ``silent`` asks the provider not to show a page."""
        more: dict[str, str] = {"nonce": asked.nonce}
        if silent:
            more["prompt"] = "none"
        if asked.max_age is not None:
            more["max_age"] = str(asked.max_age)
        if asked.acr:
            more["acr_values"] = " ".join(asked.acr)
        with self._session(redirect_uri=back, scope=self.settings.oidc_scopes) as session:
            endpoint = self.metadata().authorization_endpoint
            url, _ = session.create_authorization_url(endpoint, state=state, code_verifier=verifier, **more)
        return str(url)

    def exchange(self, code: str, verifier: str, back: str) -> tuple[str, str]:
        """Return (id_token, access_token) for a code."""
        answer = b""

        def keep(response: requests.Response) -> requests.Response:
            nonlocal answer
            answer = response.content
            return response

        with self._session(redirect_uri=back) as session:
            session.register_compliance_hook("access_token_response", keep)
            _call(
                lambda: session.fetch_token(
                    self.metadata().token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
            )
        return verify.token_response(answer)

    def claims(self, asked: Asked, raw: str, access_token: str) -> Json:
        """Return the claims of a verified ID token, with those of userinfo where it lacks some we use."""
        signed = self.opened(raw, ("JWT", None))
        claims = verify.id_token(signed, asked, access_token, self._clock().timestamp())
        profile, address = profiles.of(self.settings), self.metadata().userinfo_endpoint
        if profile.only_userinfo and address is None:
            raise SignInRefused("userinfo")
        complete = not profile.only_userinfo and self._used() <= claims.keys()
        if address is None or complete:
            return claims
        return self._userinfo(address, access_token, claims["sub"]) | claims

    def _used(self) -> set[str]:
        """Return the claims that we use; those of a path (``realm_access.roles``) by its first part."""
        profile = profiles.of(self.settings)
        named = {self.settings.staff_claim, profile.account, profile.home or "sub"}
        return {"name", "email"} | {name.partition(".")[0] for name in named}

    def opened(self, raw: str, types: tuple[str | None, ...]) -> Signed:
        """Check a token's header and signature; fetch the keys once more when none of them fits."""
        head = verify.header(raw, verify.ALGORITHMS, types)
        try:
            return verify.signed(raw, head, self._keys.get())
        except UnknownKey:
            fresh = self._keys.early()
            if fresh is None:
                raise
            return verify.signed(raw, head, fresh)

    def ending(self, raw: str) -> verify.Ending:
        """Return what a logout token asks for, when every check of it holds."""
        signed = self.opened(raw, ("logout+jwt",))
        now = self._clock().timestamp()
        return verify.logout_token(signed, self.settings.oidc_issuer, self.settings.oidc_client_id, now)

    def _session(self, **more: str) -> OAuth2Session:
        s = self.settings
        session = OAuth2Session(
            s.oidc_client_id,
            s.oidc_client_secret,
            token_endpoint_auth_method=s.oidc_token_auth,
            code_challenge_method="S256",
            **more,
        )
        session.trust_env = False  # a .netrc or a proxy variable must not change who hears our secret
        session.headers["Accept-Encoding"] = "identity"  # a small answer can not grow when it is unpacked
        session.mount("https://", Careful())
        session.mount("http://", Careful())
        return session

    def _get(self, address: str, **headers: str) -> bytes:
        with self._session() as session:
            answer = _call(lambda: session.get(address, withhold_token=True, headers=headers))
        return bytes(answer.content)

    def _fetch_metadata(self) -> Metadata:
        issuer = self.settings.oidc_issuer
        return verify.discovery(self._get(issuer.rstrip("/") + "/.well-known/openid-configuration"), issuer)

    def _fetch_keys(self) -> list[Json]:
        return verify.key_set(self._get(self.metadata().jwks_uri))

    def _userinfo(self, address: str, access_token: str, subject: str) -> Json:
        return verify.userinfo(self._get(address, Authorization=f"Bearer {access_token}"), subject)


def _call(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (requests.RequestException, HTTPError, AuthlibBaseError, OSError, ValueError) as failed:
        raise ProviderAway(f"call_{type(failed).__name__}") from None


def provider_of(app: Flask) -> Provider:
    """Return the provider of this application; made once, so that what it learned is kept."""
    if EXTENSION not in app.extensions:
        door = app.extensions["meldcode"]
        app.extensions.setdefault(EXTENSION, Provider(door.settings, door.store.clock))
    found: Provider = app.extensions[EXTENSION]
    return found
