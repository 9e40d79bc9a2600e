"""The roster of a system that runs our host part (RosarioSIS, Gibbon), asked live; it knows only port and errors."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from urllib3.exceptions import HTTPError

from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import OPTIONS, Finding, Guardian, Pupil, StaffMember, StudentSource, check_options

T = TypeVar("T")
HTTP_OK, HTTP_UNAUTHORIZED = 200, 401
REFUSED = (
    "it answered 401. Activate it there, and give 'secret', 'issuer' and 'audience' the texts of its settings page. "
    "Behind Apache with PHP-FPM its README has one line more."
)
SECONDS = (3.0, 5.0)
"""How long the system may take to accept, and to answer: a teacher waits for it."""
TOKEN_SECONDS = 60
SECRET_BYTES = 32
MOST_BYTES = 8 * 1024 * 1024
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
NEEDED = ("url", "secret", "issuer", "audience")


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source from its options.

    ``url``: address of ``roster.php`` of the host part; ``secret``: the launch secret; ``issuer``: the text of
    MELDCODE_PUBLIC_URL; ``audience``: the text of MELDCODE_LAUNCH_ISSUER.
    """
    check_options("hostpart", options, NEEDED)
    if len(str(options["secret"]).encode()) < SECRET_BYTES:
        raise SettingsWrong(f"{OPTIONS}: 'secret' needs at least 32 bytes.")
    parts = urlsplit(str(options["url"]))
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise SettingsWrong(f"{OPTIONS}: 'url' must start with https://.")
    return HostPart(**{name: str(options[name]) for name in NEEDED})


class HostPart:
    """Asks the host part, with a token of its own for each question."""

    def __init__(self, url: str, secret: str, issuer: str, audience: str) -> None:
        """Keep where to ask, and how to prove who asks."""
        self._url, self._key = url, OctKey.import_key(secret)
        self._claims = {"iss": issuer, "aud": audience}

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this id, or None."""
        found = self._pupils({"pupil": pupil_id})
        return next((pupil for pupil in found if pupil.id == pupil_id), None)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils whose name holds all the words; no words give no pupils."""
        if not words.strip() or limit < 1:
            return []
        return self._pupils({"search": words, "limit": str(limit)})[:limit]

    def staff(self) -> list[StaffMember]:
        """Return everybody who works at the school."""
        return self._ask({"staff": "1"}, _staff)

    def check(self) -> list[Finding]:
        """Ask for the staff and say what came back."""
        try:
            staff = self.staff()
        except SourceUnavailable as why:
            return [Finding(False, f"The host part does not answer as it should: {why.__cause__}")]
        return [Finding(bool(staff), f"The host part answers; {len(staff)} people work here.")]

    def _pupils(self, question: dict[str, str]) -> list[Pupil]:
        return self._ask(question, _pupils)

    def _ask(self, question: dict[str, str], read: Callable[[Any], list[T]]) -> list[T]:
        """Ask once; whatever goes wrong is that the system is silent."""
        try:
            with requests.get(
                self._url, params=question, headers=self._head(), timeout=SECONDS, allow_redirects=False, stream=True
            ) as answer:
                if answer.status_code == HTTP_UNAUTHORIZED:
                    raise ValueError(REFUSED)
                if answer.status_code != HTTP_OK:
                    raise ValueError(f"it answered {answer.status_code}")
                text = answer.raw.read(MOST_BYTES + 1, decode_content=True)
            if len(text) > MOST_BYTES:
                raise ValueError("its answer is too long")
            return read(json.loads(text))
        except (requests.RequestException, HTTPError, ValueError, KeyError, TypeError, AttributeError) as why:
            raise SourceUnavailable from why

    def _head(self) -> dict[str, str]:
        now = int(time.time())  # noqa: TID251  # a token's own minute; an adapter has no Work
        claims = {**self._claims, "iat": now, "exp": now + TOKEN_SECONDS, "jti": secrets.token_urlsafe(16)}
        return {"Authorization": f"Bearer {jwt.encode({'alg': 'HS256'}, claims, self._key)}"}


def _pupils(answer: Any) -> list[Pupil]:
    return [_pupil(one) for one in answer["pupils"]]


def _pupil(one: Any) -> Pupil:
    born = date.fromisoformat(one["born"]) if one.get("born") else None
    guardians = tuple(
        Guardian(str(who["name"]), who.get("email") or None, who.get("relation") or None, who.get("custody"))
        for who in one.get("guardians") or ()
    )
    return Pupil(str(one["id"]), str(one["name"]), born, one.get("group") or None, guardians)


def _staff(answer: Any) -> list[StaffMember]:
    return [StaffMember(str(one["id"]), str(one["name"]), one.get("email") or None) for one in answer["staff"]]
