"""The button on a pupil page of the student information system: a signed token in, a form out; knows no form."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from meldcode_plugin.errors import LaunchRefused, SignInRefused
from meldcode_plugin.services import drafts, launches
from meldcode_plugin.services.launches import Clicked, Match, Taken
from meldcode_plugin.settings import Settings
from meldcode_plugin.sis import Pupil
from meldcode_plugin.web import sso, verify
from meldcode_plugin.web.gate import door, message, viewer
from meldcode_plugin.web.verify import Json

LIFE = 60
"""Seconds that a launch token may live."""
AHEAD = 5
"""Seconds that the clock of the other system may be ahead of ours."""
TOKEN_BYTES = 8192
GONE = LaunchRefused.sentence
OTHER = "Je bent hier ingelogd als een ander dan in het leerlingsysteem."
OTHER_MORE = "Meld je hier af. Ga daarna terug naar de leerling en klik opnieuw op Signaal vastleggen."
log = logging.getLogger("meldcode.launch")


def add_to(pages: Blueprint) -> None:
    """Add the two pages of a launch to the blueprint."""
    pages.add_url_rule("/start", "launch", launch, methods=["POST"])
    pages.add_url_rule("/start/<handle>", "launched", launched, methods=["GET", "POST"])


def launch() -> AnyResponse:
    """Take the token and answer 303, without a cookie in or out.

    A cross-site POST carries none of ours, and one that we set would replace the user's own sign-in.
    """
    tokens = request.form.getlist("token")
    try:
        handle = _kept(tokens[0] if len(tokens) == 1 else "")
    except (LaunchRefused, SignInRefused) as why:
        log.warning("launch refused: %s", why.code)
        return message(400, GONE)
    return redirect(url_for("meldcode.launched", handle=handle), 303)


def _kept(raw: str) -> str:
    settings, now = door().settings, door().store.clock()
    clicked, token_id, until = checked(opened(raw, settings), settings, now.timestamp())
    with door().system("launch") as work:
        handle = launches.keep(work, clicked, token_id, until)
    _require(handle, "replay")
    return handle or ""


def opened(raw: str, settings: Settings) -> Json:
    """Return the claims of a token that our shared secret signed with HS256, and nothing else."""
    if not settings.launch_secret or not settings.launch_issuer or len(raw) > TOKEN_BYTES:
        raise LaunchRefused("off" if len(raw) <= TOKEN_BYTES else "size")
    head = verify.header(raw, ("HS256",), ("JWT", None))
    return verify.signed_with_secret(raw, head, settings.launch_secret)


def checked(claims: Json, settings: Settings, now: float) -> tuple[Clicked, str, datetime]:
    """Check the claims; return who clicked for whom, the id of the token and until when it lives."""
    _require(claims.get("iss") == settings.launch_issuer, "iss")
    _require(claims.get("aud") in (settings.public_url, [settings.public_url]), "aud")
    _require(claims.get("school", settings.school) == settings.school, "school")
    issued, expires = verify.moment(claims, "iat", "iat"), verify.moment(claims, "exp", "exp")
    _require(issued <= now + AHEAD and verify.moment({"nbf": issued} | claims, "nbf", "nbf") <= now + AHEAD, "iat")
    _require(now < expires <= now + LIFE + AHEAD and 0 < expires - issued <= LIFE, "exp")
    token_id = verify.text(claims.get("jti"), "jti")
    user = verify.text(claims["sub"], "sub") if "sub" in claims else ""
    email = verify.text(claims["email"], "email") if claims.get("email") else ""
    _require(user or email, "sub")
    return Clicked(settings.launch_issuer, user, email, _pupil(claims)), token_id, datetime.fromtimestamp(expires, UTC)


def _require(condition: object, code: str) -> None:
    if not condition:
        raise LaunchRefused(code)


def _pupil(claims: Json) -> Pupil:
    name = verify.text(claims["name"], "name") if claims.get("name") else ""
    group = verify.text(claims["group"], "group") if claims.get("group") else None
    try:
        born = date.fromisoformat(claims["dob"]) if claims.get("dob") else None
    except (TypeError, ValueError):
        raise LaunchRefused("dob") from None
    return Pupil(verify.text(claims.get("pupil"), "pupil"), name, born, group)


def launched(handle: str) -> AnyResponse:
    """Let the person who clicked go on to the form; sign in first, silently where that can be."""
    if g.meldcode_viewer is None:
        return sso.begin(url_for("meldcode.launched", handle=handle), silent=True)
    settings, confirmed = door().settings, request.method == "POST"
    with door().system("launch") as work:
        taken = launches.take(work, handle, viewer(), g.meldcode_sign_in, settings.oidc_issuer, confirmed=confirmed)
    if taken is None:
        return message(410, GONE)
    return _outcome(taken, handle)


def _outcome(taken: Taken, handle: str) -> AnyResponse:
    if taken.match is Match.OTHER:
        log.warning("launch refused: person")
        return make_response(render_template("meldcode/signin/other.html", text=OTHER, more=OTHER_MORE), 403)
    if taken.match is Match.ASK:
        return make_response(render_template("meldcode/signin/same.html", handle=handle, email=taken.email))
    if taken.first:
        with door().work(viewer()) as work:
            drafts.save(work, taken.key, taken.card, {})
    return redirect(url_for("meldcode.signal", key=taken.key), 303)
