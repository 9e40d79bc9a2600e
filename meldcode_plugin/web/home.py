"""The first page by role, the card for danger, and the answer to an address that does not exist."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.policy import Permission, may
from meldcode_plugin.services import circle, shares
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
    """Say that the database and the keys answer too."""
    with door().system("readiness"):
        return healthz()
