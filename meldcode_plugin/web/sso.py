"""Sign-in through the school's own OpenID provider, and signing out again; the checks stand in verify."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, current_app, g, jsonify, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from meldcode_plugin.errors import SignInRefused
from meldcode_plugin.services import health, signins
from meldcode_plugin.services.signins import STATE_MINUTES, Account, Memo, new_secret
from meldcode_plugin.web import causes, profiles, rates, verify
from meldcode_plugin.web.gate import cookie_name, door, message, own_path, viewer
from meldcode_plugin.web.provider import Provider, ProviderAway, provider_of
from meldcode_plugin.web.verify import Asked

FRESH_SECONDS = 300
"""How recent signing in must be for the acts that ask it again."""
LONGEST_RETURN = 2000
FRAMES = frozenset({"iframe", "frame", "embed", "object"})
SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
CLEARED = '"cache"'
"""What a browser forgets at signing out. Cookies and storage are the host's too, so they stay."""
log = logging.getLogger("meldcode.sign_in")


def add_to(pages: Blueprint) -> None:
    """Add the pages of signing in and out to the blueprint."""
    pages.add_url_rule("/aanmelden", "sign_in", sign_in)
    pages.add_url_rule("/aanmelden/terug", "sign_in_back", sign_in_back)
    pages.add_url_rule("/afmelden", "sign_out", sign_out, methods=["POST"])
    pages.add_url_rule("/afgemeld", "signed_out", signed_out)
    pages.add_url_rule("/backchannel-logout", "backchannel_logout", backchannel_logout, methods=["POST"])


# --- to the provider -----------------------------------------------------------------------------


def sign_in() -> AnyResponse:
    """Send the browser to the provider; who is signed in already goes on, unless a fresh sign-in is asked."""
    back, again = own_return(request.args.get("terug", "")), "opnieuw" in request.args
    if g.meldcode_viewer is not None and not again:
        return redirect(back)
    if "bewaard" in request.args:
        return message(
            200,
            "Je bent te lang niet actief geweest. Je concept is bewaard.",
            link=url_for("meldcode.sign_in", terug=back),
            label="Log opnieuw in",
        )
    return begin(back, max_age=FRESH_SECONDS if again else None)


def own_return(wanted: str) -> str:
    """Return the address to go on to: only a path of our own pages, else the first page."""
    root = url_for("meldcode.sign_in").removesuffix("aanmelden")
    plain = wanted.isprintable() and not set(wanted) & set("\\ ") and len(wanted) <= LONGEST_RETURN
    inside = wanted.startswith(root) and ".." not in wanted and not wanted.startswith(url_for("meldcode.sign_in"))
    return wanted if plain and inside else root


def begin(back: str, *, silent: bool = False, max_age: int | None = None) -> AnyResponse:
    """Keep what this sign-in asks, bind it to this browser, and go to the provider."""
    if request.headers.get("Sec-Fetch-Dest") in FRAMES:
        return message(403, "Inloggen kan hier niet.", more="Open deze pagina in een eigen tabblad.")
    settings, state, browser = door().settings, new_secret(), _browser()
    acr = settings.oidc_acr if max_age is not None else ()
    memo = Memo(new_secret(), new_secret(), back, silent=silent, max_age=max_age, acr=acr)
    try:
        address = _provider().authorization_url(_asked(memo), state, memo.verifier, _callback(), silent=silent)
    except SignInRefused as why:
        return _refuse(why, back)
    with door().system("sign-in") as work:
        signins.tidy(work, absolute_hours=settings.absolute_hours)
        signins.remember(work, state, browser, memo)
    response = redirect(address)
    _set_cookie(response, _login_cookie(), browser, STATE_MINUTES * 60)
    return response


def ask_again(back: str | None = None) -> AnyResponse | None:
    """Return the way to a fresh sign-in when the last one is too old, else None. Ask before any look-up."""
    since = viewer().auth_time
    if since is not None and door().store.clock() - since < timedelta(seconds=FRESH_SECONDS):
        return None
    return redirect(url_for("meldcode.sign_in", opnieuw=1, terug=back or own_path()), 303)


def _browser() -> str:
    # Two tabs may sign in at once: they share the mark of the browser, each has its own state.
    held = request.cookies.get(_login_cookie(), "")
    return held if SECRET.fullmatch(held) else new_secret()


def _asked(memo: Memo) -> Asked:
    settings = door().settings
    also = profiles.issuers(settings)
    return Asked(settings.oidc_issuer, settings.oidc_client_id, memo.nonce, memo.max_age, memo.acr, also)


def _callback() -> str:
    return door().settings.public_url + url_for("meldcode.sign_in_back")


def _provider() -> Provider:
    return provider_of(current_app)


def _login_cookie() -> str:
    return cookie_name() + "-login"


def _set_cookie(response: AnyResponse, name: str, value: str, seconds: int | None) -> None:
    # Lax and not Strict: the browser comes back from the provider's site, and must bring its cookie.
    secure = door().settings.secure
    response.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="Lax")


# --- back from the provider ----------------------------------------------------------------------


def sign_in_back() -> AnyResponse:
    """Check what the browser brings back, and sign the person in."""
    with door().system("sign-in") as work:
        state, browser = request.args.get("state", ""), request.cookies.get(_login_cookie(), "")
        memo = signins.recall(work, state, browser)
    if memo is None:
        return _refuse(SignInRefused("state"), own_return(""))
    if memo.silent and "code" not in request.args:
        # Nobody signed in, whatever the provider says of it or forgets to say: now it shows its page.
        return begin(memo.return_to)
    try:
        return _enter(memo, _account(memo))
    except SignInRefused as why:
        return _refuse(why, memo.return_to, logged=True)


def _account(memo: Memo) -> Account:
    provider, settings = _provider(), door().settings
    code = verify.callback(request.args.to_dict(flat=False), provider.metadata())
    raw, access_token = provider.exchange(code, memo.verifier, _callback())
    claims = provider.claims(_asked(memo), raw, access_token)
    came = sorted(claims)
    claims = profiles.read(claims, settings)
    g.meldcode_claims = came
    return Account(
        settings.oidc_issuer,
        claims["sub"],
        verify.screen_name(claims),
        verify.verified_mail(claims),
        claims.get("sid"),
        claims.get("auth_time"),
    )


def _enter(memo: Memo, account: Account) -> AnyResponse:
    if not rates.within(rates.SIGN_INS, "sign-in", account.issuer, account.subject):
        raise SignInRefused("often")
    if door().settings.staff_in_roster and not signins.known_or_in_roster(door(), account):
        raise SignInRefused("roster_staff")
    with door().system("sign-in") as work:
        handle = signins.start(work, account, instead_of=request.cookies.get(cookie_name(), ""))
        health.saw_claims(work, g.get("meldcode_claims", ()))
    if handle is None:
        raise SignInRefused("gone")
    response = redirect(memo.return_to, 303)
    _set_cookie(response, cookie_name(), handle, None)
    return response


def _refuse(why: SignInRefused, back: str, *, logged: bool = False) -> AnyResponse:
    """Show why signing in did not work and what to do; the log gets the name of the check, no person."""
    log.warning("sign-in refused: %s", causes.for_log(why.code))
    if logged:
        with door().system("sign-in") as work:
            signins.note_refused(work)
    again = url_for("meldcode.sign_in", terug=back)
    if isinstance(why, ProviderAway):
        return message(503, why.sentence, link=again, label="Probeer opnieuw")
    text, more = causes.CAUSES.get(why.code, (why.sentence, causes.OTHER_CAUSE.format(code=why.code)))
    status = 403 if why.code in causes.NOT_ALLOWED else 400
    return message(status, text, more=more, link=again, label="Inloggen")


# --- out -----------------------------------------------------------------------------------------


def sign_out() -> AnyResponse:
    """End the sign-in here first, then at the provider when it has a page for that."""
    if g.meldcode_sign_in is not None:
        with door().system("sign-out") as work:
            signins.end(work, g.meldcode_sign_in)
    response = redirect(_provider_sign_out() or url_for("meldcode.signed_out"), 303)
    response.delete_cookie(cookie_name(), path="/", secure=door().settings.secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = CLEARED
    return response


def _provider_sign_out() -> str | None:
    try:
        endpoint = _provider().metadata().end_session_endpoint
    except SignInRefused:
        return None
    settings = door().settings
    query = {
        "client_id": settings.oidc_client_id,
        "post_logout_redirect_uri": settings.public_url + url_for("meldcode.signed_out"),
    }
    return None if endpoint is None else endpoint + ("&" if "?" in endpoint else "?") + urlencode(query)


def signed_out() -> AnyResponse:
    """Say that nobody is signed in here any more, and let the browser forget what it kept."""
    page = message(200, "Je bent uitgelogd.", link=url_for("meldcode.sign_in"), label="Opnieuw inloggen")
    page.headers["Clear-Site-Data"] = CLEARED
    return page


def backchannel_logout() -> AnyResponse:
    """Take a logout token from the provider (OpenID Connect Back-Channel Logout 1.0)."""
    tokens = request.form.getlist("logout_token")
    try:
        _end_by_token(tokens[0] if len(tokens) == 1 else "")
    except ProviderAway as why:
        return _logout_fault(503, why.code)
    except SignInRefused as why:
        return _logout_fault(400, why.code)
    return make_response("", 200)


def _end_by_token(token: str) -> None:
    ending, issuer = _provider().ending(token), door().settings.oidc_issuer
    with door().system("sign-out") as work:
        until = work.now + timedelta(seconds=verify.OLDEST_LOGOUT + 2 * verify.LEEWAY)
        if not signins.first_use(work, "logout", ending.jti, until):
            raise SignInRefused("jti")
        signins.end_by_provider(work, issuer, ending.subject, ending.sid)


def _logout_fault(status: int, code: str) -> AnyResponse:
    log.warning("logout token refused: %s", code)
    return make_response(jsonify(error="invalid_request", error_description=code), status)
