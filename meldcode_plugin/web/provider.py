"""Calls the school's OpenID provider: its discovery, its keys, a token, the claims; it knows no page and no store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from requests.adapters import HTTPAdapter

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.settings import Settings
from meldcode_plugin.web import verify
from meldcode_plugin.web.verify import Asked, Json, Metadata, Signed, UnknownKey

KEEP_SECONDS = 600
"""How long discovery and keys are trusted before they are asked again: a retired key dies with it."""
REFETCH_SECONDS = 60
"""Least time between two early fetches of the keys, whatever tokens come in."""
CALL_SECONDS = 10
ANSWER_BYTES = 256 * 1024
CALLBACK_PATH = "/meldcode/aanmelden/terug"

Clock = Callable[[], datetime]


class ProviderAway(SignInRefused):
    """The provider did not answer, or not in a way that we can use."""

    sentence = "De inlogdienst van school antwoordt niet goed. Wacht even en probeer het opnieuw."


class Careful(HTTPAdapter):
    """Follows no redirect, and bounds the time and the size of every answer."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send and read one answer whole, or raise `ProviderAway`."""
        until = time.monotonic() + CALL_SECONDS
        kwargs |= {"stream": True, "timeout": CALL_SECONDS / 2}
        answer = super().send(request, *args, **kwargs)
        try:
            if answer.status_code != requests.codes.ok and not 400 <= answer.status_code < 500:
                raise ProviderAway(f"answer_{answer.status_code}")
            answer._content = self._read(answer, until)  # noqa: SLF001  # requests has no public way to set a body
            answer._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001  # as the line above
        finally:
            answer.raw.release_conn()
            answer.close()
        return answer

    @staticmethod
    def _read(answer: requests.Response, until: float) -> bytes:
        body = bytearray()
        while chunk := answer.raw.read1(16384, decode_content=False):
            body += chunk
            if len(body) > ANSWER_BYTES:
                raise ProviderAway("answer_size")
            if time.monotonic() > until:
                raise ProviderAway("answer_time")
        return bytes(body)


@dataclass
class _Kept[Value]:
    value: Value
    fetched: float


class Provider:
    """One school's provider. What it learned is kept for ten minutes; every answer is verified."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Call nobody yet; the first sign-in does."""
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: _Kept[Metadata] | None = None
        self._keys: _Kept[list[Json]] | None = None
