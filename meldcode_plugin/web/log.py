"""The page *logboek*: who read or changed what, in words; reading it is itself logged."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from meldcode_plugin.services import break_glass
from meldcode_plugin.services import log as service
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.readings import NAMES


def add_to(pages: Blueprint) -> None:
    """Add this page to the blueprint."""
    pages.add_url_rule("/logboek", "log", log)


def log() -> Response:
    """Show the newest lines, or those before one of them; all, or those about one dossier."""
    about = request.args.get("dossier", type=UUID)
    with door().work(viewer()) as work:
        page = service.page(work, request.args.get("voor", type=int), about)
        glass = break_glass.to_judge(work)
    return make_response(render_template("meldcode/log/log.html", page=page, about=about, glass=glass, **NAMES))
