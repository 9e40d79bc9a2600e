"""Tries the school's OpenID provider, and our own address as a browser sees it, for `meldcode doctor`; no store."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import current_app, url_for

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.settings import Settings
from meldcode_plugin.web import causes, profiles
from meldcode_plugin.web.provider import CALL_SECONDS, provider_of
from meldcode_plugin.web.verify import Asked

SOON_DAYS = 14
TELL = "Tell who runs the provider, or look at MELDCODE_OIDC_ISSUER."


def try_provider(settings: Settings) -> Iterator[tuple[bool | None, str]]:
    """Yield (right, wrong or doubtful, words) about discovery, keys, the client and the redirect address."""
    provider = provider_of(current_app)
    try:
        metadata = provider.metadata()
        yield True, f"Discovery: {settings.oidc_issuer} answers as itself. Profile: {settings.oidc_profile}."
        count = len(provider.keys())
    except SignInRefused as why:
        yield (
            False,
            f"Discovery fails: {causes.for_log(why.code).rstrip('.')}. May this machine reach MELDCODE_OIDC_ISSUER?",
        )
        return
    yield bool(count), f"Keys: {count} are published." if count else f"Keys: 0 are published. {TELL}"
    if profiles.of(settings).only_userinfo and metadata.userinfo_endpoint is None:
        yield False, f"Userinfo: this profile needs it and the provider publishes none. {TELL}"
    back = settings.public_url + url_for("meldcode.sign_in_back")
    yield from _client(provider.authorization_url(_asked(settings), "s" * 43, "v" * 43, back, silent=True), back)


def try_address(settings: Settings, now: datetime) -> Iterator[tuple[bool | None, str]]:
    """Yield lines about the address of our pages: whether it answers, its certificate, and the cookies it gives."""
    where = urlsplit(settings.public_url)
    if not settings.secure:
        yield False, "MELDCODE_PUBLIC_URL is not https: cookies can be read on the way. Only for a trial."
        return
    line = http.client.HTTPSConnection(
        where.hostname or "", where.port, timeout=CALL_SECONDS, context=ssl.create_default_context()
    )
    try:
        line.connect()
        yield from _certificate(line.sock.getpeercert(), where.netloc, now)
        line.request("GET", url_for("meldcode.sign_in"))
        answer = line.getresponse()
        yield from _cookies(answer, where.netloc)
    except ssl.SSLCertVerificationError as why:
        yield False, f"The certificate of {where.netloc} is not trusted ({why.verify_message}). Renew or replace it."
    except (OSError, http.client.HTTPException) as why:
        said = f"Seen from this machine {where.netloc} gives no page ({type(why).__name__})."
        yield False, f"{said} Does the name lead here, also in /etc/hosts? Do nginx and the application run?"
    finally:
        line.close()


def _certificate(found: Any, place: str, now: datetime) -> Iterator[tuple[bool | None, str]]:
    days = (datetime.fromtimestamp(ssl.cert_time_to_seconds(found["notAfter"]), UTC) - now).days
    said = f"The certificate of {place} is trusted, for {days} days more."
    yield (True, said) if days > SOON_DAYS else (None, f"{said} Renew it, and see why it did not happen by itself.")


def _cookies(answer: http.client.HTTPResponse, place: str) -> Iterator[tuple[bool | None, str]]:
    """The start of a sign-in gives a cookie: it must come as we send it, through whatever stands before us."""
    cookies = answer.msg.get_all("Set-Cookie") or []
    if answer.status >= requests.codes.bad_request or not cookies:
        yield False, f"{place} answers {answer.status} and no sign-in begins. See the log: journalctl -u meldcode-web"
        return
    wanted = ("__host-", "secure", "httponly", "samesite=lax", "path=/")
    weak = sorted({part for one in cookies for part in wanted if part not in one.casefold()})
    if weak:
        yield False, f"A cookie came without {', '.join(weak)}: something before us rewrites it. Compare nginx.conf."
    else:
        yield True, "Cookies are __Host-, Secure, HttpOnly and SameSite=Lax."
    if answer.getheader("Strict-Transport-Security") is None:
        yield (
            None,
            "Strict-Transport-Security does not come: the server before us takes it away, or the host must add it.",
        )


def _asked(settings: Settings) -> Asked:
    return Asked(settings.oidc_issuer, settings.oidc_client_id, "doctor")


def _client(address: str, back: str) -> Iterator[tuple[bool | None, str]]:
    """Ask for a sign-in without a page: a provider that knows us sends the browser back to our own address."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(address, allow_redirects=False, timeout=CALL_SECONDS)
    except requests.RequestException as why:
        yield False, f"Client: the page to sign in does not answer ({type(why).__name__}). {TELL}"
        return
    to = answer.headers.get("Location", "")
    if to.startswith(back + "?"):
        said = parse_qs(urlsplit(to).query).get("error", [""])[0]
        known = said in ("", "login_required", "interaction_required", "consent_required")
        wrong = f"Client: the provider says {said}. Look at how MELDCODE_OIDC_CLIENT_ID is registered there."
        yield known, "Client and redirect address are known." if known else wrong
    elif answer.status_code < requests.codes.bad_request:
        yield None, f"Client: the provider shows a page of its own. Sign in once; the redirect address is {back}"
    else:
        yield (
            False,
            f"Client: the provider refuses ({answer.status_code}). Register {back} for MELDCODE_OIDC_CLIENT_ID.",
        )


def skew(settings: Settings, now: datetime) -> timedelta | None:
    """Return how far the provider's clock is from ours, by the date of its answer; None when it says nothing."""
    try:
        answer = requests.head(settings.oidc_issuer, timeout=CALL_SECONDS, allow_redirects=False)
        return abs(parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC) - now)
    except (requests.RequestException, KeyError, ValueError):
        return None


def seen(words: str, settings: Settings) -> Iterator[tuple[bool | None, str]]:
    """Yield lines about the claims of the last sign-ins: their names, and whether those that we use are there."""
    names = set(words.split(", "))
    yield True, f"Claims of the last sign-in: {words}."
    profile = profiles.of(settings)
    used = {settings.staff_claim.partition(".")[0], profile.account, profile.home or profile.account}
    for name in sorted(used - names):
        yield None, f"The claim {name} did not come. {causes.TO_DO['account']}"
    if "auth_time" not in names:
        yield None, f"auth_time does not come. {causes.TO_DO['auth_time']}"
