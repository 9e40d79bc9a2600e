"""Tries the school's OpenID provider without signing anybody in, for `meldcode doctor`; it knows no store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, urlsplit

import requests
from flask import current_app, url_for

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.settings import Settings
from meldcode_plugin.web import causes, profiles
from meldcode_plugin.web.provider import CALL_SECONDS, provider_of
from meldcode_plugin.web.verify import Asked


def try_provider(settings: Settings) -> Iterator[tuple[bool | None, str]]:
    """Yield (right, wrong or doubtful, words) about discovery, keys, the client and the redirect address."""
    provider = provider_of(current_app)
    try:
        metadata = provider.metadata()
        yield True, f"Discovery: {settings.oidc_issuer} answers as itself. Profile: {settings.oidc_profile}."
        count = len(provider.keys())
    except SignInRefused as why:
        yield False, f"Discovery: {causes.for_log(why.code)} See MELDCODE_OIDC_ISSUER."
        return
    yield bool(count), f"Keys: {count} are published."
    if profiles.of(settings).only_userinfo and metadata.userinfo_endpoint is None:
        yield False, "Userinfo: this profile needs it and the provider publishes none."
    back = settings.public_url + url_for("meldcode.sign_in_back")
    yield from _client(provider.authorization_url(_asked(settings), "s" * 43, "v" * 43, back, silent=True), back)


def _asked(settings: Settings) -> Asked:
    return Asked(settings.oidc_issuer, settings.oidc_client_id, "doctor")


def _client(address: str, back: str) -> Iterator[tuple[bool | None, str]]:
    """Ask for a sign-in without a page: a provider that knows us sends the browser back to our own address."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(address, allow_redirects=False, timeout=CALL_SECONDS)
    except requests.RequestException as why:
        yield False, f"Client: the page to sign in does not answer ({type(why).__name__})."
        return
    to = answer.headers.get("Location", "")
    if to.startswith(back + "?"):
        said = parse_qs(urlsplit(to).query).get("error", [""])[0]
        known = said in ("", "login_required", "interaction_required", "consent_required")
        yield known, "Client and redirect address are known." if known else f"Client: the provider says {said}."
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
