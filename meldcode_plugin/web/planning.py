"""The page of terms: what is due, what the coming weeks bring, and what is late; who sees what, the service says."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import REMINDER_NAMES
from meldcode_plugin.services import planning as service
from meldcode_plugin.services import reminders
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.readings import NAMES


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/termijnen", "planning", planning)
    pages.add_url_rule("/termijnen/<uuid:term>/gedaan", "term_done", done, methods=["POST"])


def planning() -> Response:
    """Show what is due now and in the coming weeks."""
    require(viewer(), Permission.TERMS_READ)
    with door().work(viewer()) as work:
        found = service.planning(work)
        standing = reminders.standing(work)
    html = render_template(
        "meldcode/cases/planning.html", **NAMES, planning=found, standing=standing, asked=REMINDER_NAMES
    )
    return make_response(html)


def done(term: UUID) -> Response:
    """Say that what was asked of the school is done."""
    with door().work(viewer()) as work:
        service.done(work, term)
    return redirect(url_for("meldcode.planning"), 303)
