"""The other route: a worry about a professional goes to the board or the director, never to a dossier (R15-R17)."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.services import allegations
from meldcode_plugin.web.forms.staffroute import AskForm, RegisterForm
from meldcode_plugin.web.gate import door, viewer

INSPECTOR = "0900-1113111"
"""The national line of the vertrouwensinspecteur, on workdays from 8 to 17 h (domain section 2.4)."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/medewerker", "staff_route", staff_route, methods=["GET", "POST"])
    pages.add_url_rule("/register", "register", register)


def staff_route() -> Response:
    """Ask the one question, say whom to call, and keep a note of it only when the writer confirms that."""
    if request.method == "GET":
        return _ask(AskForm())
    form = RegisterForm(request.form)
    if not form.sexual.picked():
        return _ask(form, {"sexual": "Kies een antwoord. Weet je het niet? Kies dan 'Weet ik niet'."})
    if request.form.get("action") != "keep":
        return _card(form, {})
    try:
        return _keep(form)
    except InputRefused as why:
        return _card(form, why.fields)


def _ask(form: AskForm, faults: dict[str, str] | None = None) -> Response:
    kept = "bewaard" in request.args
    page = render_template("meldcode/staffroute/ask.html", form=form, faults=faults or {}, kept=kept)
    return make_response(page, 422 if faults else 200)


def _card(form: RegisterForm, faults: dict[str, str]) -> Response:
    page = render_template("meldcode/staffroute/call.html", form=form, faults=faults, key=_key(), inspector=INSPECTOR)
    return make_response(page, 422 if faults else 200)


def _key() -> UUID:
    try:
        return UUID(request.form.get("key", ""))
    except ValueError:
        return uuid4()


def _keep(form: RegisterForm) -> Response:
    if faults := form.faults():
        raise InputRefused(faults)
    with door().work(viewer()) as work:
        allegations.record(work, form.allegation(_key()))
    return redirect(url_for("meldcode.staff_route", bewaard=1), 303)


def register() -> Response:
    """Show the register to the director or the board."""
    with door().work(viewer()) as work:
        rows = allegations.page(work)
    return make_response(render_template("meldcode/staffroute/register.html", rows=rows))
