"""The page of terms: what is due, what the coming weeks bring, and what is late; who sees what, the service says."""

from __future__ import annotations

from uuid import UUID, uuid5

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import OF_STAFF, REMINDER_NAMES
from meldcode_plugin.services import planning as service
from meldcode_plugin.services import reminders
from meldcode_plugin.web.forms.planning import StartForm
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.readings import NAMES


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/termijnen", "planning", planning)
    pages.add_url_rule("/termijnen/klok", "start_term", start, methods=["POST"])
    pages.add_url_rule("/termijnen/<uuid:term>/gedaan", "term_done", done, methods=["POST"])


def planning() -> Response:
    """Show what is due now and in the coming weeks."""
    require(viewer(), Permission.TERMS_READ)
    return keyless() or _show(StartForm(), {}, form_key())


def _show(form: StartForm, faults: dict[str, str], key: UUID) -> Response:
    with door().work(viewer()) as work:
        found = service.planning(work)
        standing = reminders.standing(work)
    shown = {"planning": found, "standing": standing, "asked": REMINDER_NAMES, "form": form, "faults": faults}
    html = render_template("meldcode/cases/planning.html", **NAMES, **shown, key=key, of_staff=OF_STAFF)
    return make_response(html, 422 if faults else 200)


def start() -> Response:
    """Start the clock of a request or a leak."""
    require(viewer(), Permission.TERMS_START)
    form, key = StartForm(request.form), form_key()
    if faults := form.faults():
        return _show(form, faults, key)
    try:
        with door().work(viewer()) as work:
            what, day = form.what.picked(), form.came_on()
            service.start(work, uuid5(key, f"{what} {day}"), what, day)  # another day is another clock
    except InputRefused as why:
        return _show(form, why.fields, key)
    return redirect(url_for("meldcode.planning"), 303)


def done(term: UUID) -> Response:
    """Say that what was asked of the school is done."""
    with door().work(viewer()) as work:
        service.done(work, term)
    return redirect(url_for("meldcode.planning"), 303)
