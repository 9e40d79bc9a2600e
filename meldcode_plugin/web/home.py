"""The first page by role, the card for danger, and the answer to an address that does not exist."""

from __future__ import annotations

import hmac

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.policy import Permission, may
from meldcode_plugin.services import circle, readiness, shares
from meldcode_plugin.web.gate import door, viewer

FIRST = (
    (Permission.CASE_LIST, "meldcode.worklist"),
    (Permission.PEOPLE_READ, "meldcode.people"),
    (Permission.LOG_READ, "meldcode.log"),
    (Permission.SCHOOL_READ, "meldcode.school"),
)
"""Where somebody's day begins: the first that they may open; everybody else begins at their own signals.

Who is asked to take a case over, or without a worklist to read along, begins there: a mail brought them.
"""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/", "home", home)
    pages.add_url_rule("/nu-gevaar", "danger", danger)
    pages.add_url_rule("/healthz", "healthz", healthz)
    pages.add_url_rule("/readyz", "readyz", readyz)
    pages.add_url_rule("/<path:anything>", "nowhere", nowhere, methods=["GET", "POST"])


def add_metrics(pages: Blueprint) -> None:
    """Add the numbers for a machine; only where the school set a token, for else they do not exist."""
    pages.add_url_rule("/metrics", "metrics", metrics)


def home() -> Response:
    """Go to where this person's day begins."""
    if _is_asked():
        return redirect(url_for("meldcode.for_me"), 303)
    found = (endpoint for permission, endpoint in FIRST if may(viewer(), permission))
    return redirect(url_for(next(found, "meldcode.my_signals")), 303)


def _is_asked() -> bool:
    """Tell whether a hand-over waits for an answer, or something is shared with who has no worklist."""
    me = viewer()
    if not may(me, Permission.SHARE_READ):
        return False
    with door().work(me) as work:
        return bool(circle.offers(work) or (not may(me, Permission.CASE_LIST) and shares.with_me(work)))


def danger() -> Response:
    """Say whom to call, also to somebody who is not signed in."""
    return make_response(render_template("meldcode/danger.html"))


def nowhere(**_: str) -> Response:
    """Answer an address that does not exist as one that may not be seen."""
    raise NotVisible


def healthz() -> Response:
    """Say that this process answers."""
    return make_response("ok\n", {"Content-Type": "text/plain"})


def readyz() -> Response:
    """Say for each thing that we stand on whether it is there; 503 when no signal could be kept.

    What only makes mails late is said too, and counts with ``?strict=1``: a page that takes signals must not
    be taken away because the mail stands still.
    """
    found = readiness.checks(door())
    strict = "strict" in request.args
    ready = all(one.ok or not (one.needed or strict) for one in found)
    lines = "".join(f"{one}\n" for one in found)
    return make_response(lines, 200 if ready else 503, {"Content-Type": "text/plain"})


def metrics() -> Response:
    """Hand out numbers without a case to whoever holds the token."""
    token = door().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(errors="replace"), token.encode()):
        raise NotVisible
    text = readiness.exposition(readiness.figures(door()))
    return make_response(text, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
