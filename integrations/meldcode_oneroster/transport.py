"""Asks a OneRoster server: token, time limits, tries again, refuses redirects; it knows nothing of pupils."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from threading import Lock
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import requests
from urllib3.exceptions import HTTPError

from meldcode_oneroster.options import Options
from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault

TRIES = 4
AGAIN = frozenset({429, 500, 502, 503, 504})
CONNECT = 4.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
CHUNK = 64 * 1024
MOST_BYTES = 64 * 1024 * 1024
MOST_PAGES = 1000
EARLY = 60.0
"""Seconds before its end from which a token is asked anew."""
HOUR = 3600.0
OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TOO_MANY, UNAVAILABLE = 200, 401, 403, 404, 429, 503


@dataclass(frozen=True)
class Answer:
    """One answer of the server, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """One server with one client of ours at it. Its only error is `SourceUnavailable`, with the reason."""

    def __init__(self, options: Options) -> None:
        """Ask nothing yet."""
        self._options, self._lock = options, Lock()
        self._token, self._token_until = "", 0.0
        self._session = requests.Session()
        # no proxy, .netrc or certificates out of the environment: what goes where is said in the options alone
        self._session.trust_env = False
        self._session.verify = options.ca_file or True
        self._session.headers["Accept"] = "application/json"

    def get(self, path: str, until: float, **query: str | int) -> Any | None:
        """Return what stands at a path, or None when there is nothing (404); ``until``: when to give up."""
        answer = self._tried(lambda: self._authorised(path, query, until), until)
        if answer.status == NOT_FOUND:
            return None
        _judge(answer, "the roster")
        return _json(answer.body)

    def rows(self, path: str, until: float, **query: str | int) -> Iterator[dict[str, Any]] | None:
        """Return all rows of a collection, page by page, or None when the server has no such path.

        A server may hand out fewer rows than asked, a wrong total or none: only an empty page is the end.
        """
        first = self._page(path, 0, until, query)
        return None if first is None else self._pages(path, first, until, query)

    def _pages(
        self, path: str, page: list[dict[str, Any]], until: float, query: Mapping[str, str | int]
    ) -> Iterator[dict[str, Any]]:
        seen: set[str] = set()
        offset = 0
        for _ in range(MOST_PAGES):
            if not page:
                return
            fresh = [row for row in page if (key := str(row.get("sourcedId") or "")) and key not in seen]
            if not fresh:
                raise _away(Fault.LOOP, "the server gives the same page again and again: its paging is broken.")
            seen.update(str(row["sourcedId"]) for row in fresh)
            yield from fresh
            offset += len(page)
            page = self._page(path, offset, until, query) or []
        raise _away(Fault.TOO_MUCH, f"the server gives more than {MOST_PAGES} pages. Is this the right school?")

    def _page(
        self, path: str, offset: int, until: float, query: Mapping[str, str | int]
    ) -> list[dict[str, Any]] | None:
        body = self.get(path, until, limit=self._options.page_size, offset=offset, sort="sourcedId", **query)
        return None if body is None else _list_in(body)

    def _authorised(self, path: str, query: Mapping[str, str | int], until: float) -> Answer:
        """Ask with our token; one that the server no longer takes is asked anew, once."""
        answer = Answer(UNAUTHORIZED, {}, b"")
        for _ in range(2):
            token = self._valid_token(until)
            url = self._options.base_url.rstrip("/") + "/" + path
            said = {"Authorization": f"Bearer {token}"}
            answer = self._once("GET", url, until, params=dict(query), headers=said)
            if answer.status != UNAUTHORIZED:
                break
            self._forget(token)
        return answer

    def _forget(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def _valid_token(self, until: float) -> str:
        with self._lock:
            if not self._token or monotonic() > self._token_until:
                self._token, self._token_until = self._new_token(until)
            return self._token

    def _new_token(self, until: float) -> tuple[str, float]:
        """Ask a token by client credentials, id and secret as HTTP Basic (RFC 6749 section 2.3.1)."""
        options = self._options
        who = (quote_plus(options.client_id), quote_plus(options.client_secret))
        form = {"grant_type": "client_credentials", "scope": options.asked_scopes}
        answer = self._tried(lambda: self._once("POST", options.token_url, until, auth=who, data=form), until)
        if answer.status in (400, UNAUTHORIZED, FORBIDDEN, NOT_FOUND):
            raise _away(
                Fault.CREDENTIALS,
                f"{_host(options.token_url)} gives no token (HTTP {answer.status}). Check token_url, client_id, "
                "client_secret and the scopes that this client may have.",
            )
        _judge(answer, "the token endpoint")
        body = _json(answer.body)
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise _away(Fault.NONSENSE, "the token endpoint gives an answer without a token. Check token_url.")
        lasts = body.get("expires_in")
        seconds = float(lasts) if str(lasts).replace(".", "", 1).isdigit() else HOUR
        return token, monotonic() + max(seconds - EARLY, seconds / 2)

    def _tried(self, ask: Callable[[], Answer], until: float) -> Answer:
        """Ask again, ever later, what may go well the next time, as long as there is time for it."""
        for attempt in range(TRIES):
            answer, fault = _outcome(ask)
            if answer and answer.status not in AGAIN:
                return answer
            pause = _pause(answer, attempt)
            if attempt == TRIES - 1 or monotonic() + pause > until:
                break
            sleep(pause)
        if fault:
            raise fault
        assert answer  # noqa: S101  # one of the two is always there
        return answer

    def _once(self, method: str, url: str, until: float, **what: Any) -> Answer:
        """Ask once, within the time that is left; never follow a redirect: it would carry our token elsewhere."""
        left = until - monotonic()
        if left <= 0:
            raise _slow(url)
        limits = (min(CONNECT, left), min(self._options.timeout_seconds, left))
        try:
            with self._session.request(
                method, url, timeout=limits, allow_redirects=False, stream=True, **what
            ) as answer:
                return Answer(answer.status_code, answer.headers, _body(answer, until))
        except requests.exceptions.SSLError as fault:
            raise _certificate(url, fault) from None
        except (requests.RequestException, HTTPError) as fault:
            raise _slow(url) if _timed_out(fault) else _away(Fault.AWAY, f"{_host(url)} does not answer.") from None


def path_of(*parts: str) -> str:
    """Return a path in which an id can be nothing but an id."""
    return "/".join(quote(part, safe="") for part in parts)


def _outcome(ask: Callable[[], Answer]) -> tuple[Answer | None, SourceUnavailable | None]:
    try:
        return ask(), None
    except SourceUnavailable as fault:
        if fault.code != Fault.AWAY:
            raise
        return None, fault


def _pause(answer: Answer | None, attempt: int) -> float:
    """Return how long to wait: what the server asks (``Retry-After``), else twice as long each time."""
    asked = answer.headers.get("Retry-After", "") if answer else ""
    wait = _seconds(asked, answer.headers.get("Date", "")) if answer and asked else None
    if wait is None:
        wait = FIRST_PAUSE * 2**attempt * random.uniform(0.8, 1.2)  # noqa: S311  # to not meet again, no secret
    return min(max(wait, 0.0), LONGEST_PAUSE) if wait <= LONGEST_PAUSE else float("inf")


def _seconds(asked: str, date: str) -> float | None:
    """Read ``Retry-After``, seconds or a moment; the moment counts from the server's own clock."""
    if asked.strip().isdigit():
        return float(asked)
    try:
        return (parsedate_to_datetime(asked) - parsedate_to_datetime(date)).total_seconds()
    except (TypeError, ValueError):
        return None


def _body(answer: requests.Response, until: float) -> bytes:
    """Read an answer whole, within bounds: one that drips or has no end is given up."""
    read = bytearray()
    # read1 gives what has come; read and iter_content wait for a whole chunk, at a server that drips for hours
    while part := answer.raw.read1(CHUNK, decode_content=True):
        read += part
        if monotonic() > until:
            raise _slow(answer.url)
        if len(read) > MOST_BYTES:
            raise _away(Fault.TOO_MUCH, f"{_host(answer.url)} sends more than 64 MiB at once. Lower page_size.")
    return bytes(read)


def _judge(answer: Answer, who: str) -> None:
    """Raise what a status means; nothing of the answer itself is repeated."""
    status = answer.status
    if status == OK:
        return
    if status in (TOO_MANY, UNAVAILABLE):
        raise _away(Fault.BUSY, f"{who} has no time for us (HTTP {status}). It is tried again later.")
    if status == UNAUTHORIZED:
        raise _away(Fault.CREDENTIALS, f"{who} does not take the token (HTTP 401). Check client, secret and scopes.")
    if status == FORBIDDEN:
        raise _away(Fault.FORBIDDEN, f"{who} says that this client may not read it (HTTP 403). Ask for the scopes.")
    if 300 <= status < 400:  # noqa: PLR2004  # redirects
        raise _away(Fault.REDIRECT, f"{who} sends us elsewhere (HTTP {status}). Put its real address in the options.")
    if status >= 500:  # noqa: PLR2004  # faults of the server
        raise _away(Fault.ERROR, f"{who} fails (HTTP {status}). Tell the supplier.")
    raise _away(Fault.NONSENSE, f"{who} refuses our question (HTTP {status}). Check base_url and version.")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _away(Fault.ENCODING, "an answer is not in UTF-8, so names would be wrong. Tell the supplier.") from None
    except (ValueError, RecursionError):
        raise _away(Fault.NONSENSE, "an answer is not JSON. Check base_url.") from None


def _list_in(body: Any) -> list[dict[str, Any]]:
    """Return the list of a page, under whatever name it stands."""
    lists = [body] if isinstance(body, list) else []
    if isinstance(body, dict):
        lists = [value for value in body.values() if isinstance(value, list)]
    if len(lists) != 1:
        raise _away(Fault.NONSENSE, "a page without its list. Check base_url and version.")
    return [row for row in lists[0] if isinstance(row, dict)]


def _away(code: Fault, why: str) -> SourceUnavailable:
    return SourceUnavailable(code=code, why=f"OneRoster: {why}")


def _slow(url: str) -> SourceUnavailable:
    return _away(Fault.SLOW, f"{_host(url)} takes too long to answer.")


def _certificate(url: str, fault: Exception) -> SourceUnavailable:
    said = str(fault)
    if "expired" in said:
        return _away(Fault.CERTIFICATE, f"the certificate of {_host(url)} has expired. Its owner must renew it.")
    if "CERTIFICATE_VERIFY_FAILED" in said or "doesn't match" in said:
        why = f"the certificate of {_host(url)} is not trusted. Put its issuer in ca_file, or correct the address."
        return _away(Fault.CERTIFICATE, why)
    return _away(Fault.AWAY, f"no encrypted connection with {_host(url)}.")


def _timed_out(fault: Exception) -> bool:
    return isinstance(fault, requests.Timeout) or "timed out" in str(fault).casefold()


def _host(url: str) -> str:
    return urlsplit(url).hostname or "the server"
