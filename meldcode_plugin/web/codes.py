"""*Onze meldcode*: steps, contacts, lists of signals and background for all staff; the director changes it."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyDone, InputRefused
from meldcode_plugin.rules import catalogue
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.weighing import TABLES
from meldcode_plugin.services import codes
from meldcode_plugin.web.forms.codes import CodeForm
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.words import today


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/onze-meldcode", "code", code)
    pages.add_url_rule("/onze-meldcode/wijzigen", "change_code", change, methods=["GET", "POST"])


def code() -> Response:
    """Show the school's code with everything that helps to look and to call (R1, R56)."""
    with door().work(viewer()) as work:
        found = codes.current(work)
    page = render_template(
        "meldcode/codes/code.html",
        code=found,
        lists=catalogue.lists_for(None, today()),
        table=TABLES[found.text.weighing],
    )
    return make_response(page)


def change() -> Response:
    """Show what can be changed, or keep it as a new version."""
    require(viewer(), Permission.CODE_CHANGE)
    if request.method == "GET":
        return _show(None, {})
    form = CodeForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            codes.change(work, form.text(), request.form.get("seen", 0, type=int))
    except InputRefused as why:
        return _show(form, why.fields)
    except AlreadyDone as why:
        return _show(form, {}, why.sentence)
    return redirect(url_for("meldcode.code"), 303)


def _show(form: CodeForm | None, faults: dict[str, str], said: str = "") -> Response:
    with door().work(viewer()) as work:
        found = codes.current(work)
    started = form or CodeForm(data=found.text.model_dump() | {"weighing": str(found.text.weighing)})
    page = render_template("meldcode/codes/change.html", code=found, form=started, faults=faults, said=said)
    return make_response(page, 422 if faults else 409 if said else 200)
