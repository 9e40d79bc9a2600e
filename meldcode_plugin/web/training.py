"""The page *scholing*: who had training in the meldcode when, who is due again, and a form that records it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import training as service
from meldcode_plugin.web.forms.training import TrainingForm
from meldcode_plugin.web.gate import door, viewer


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/scholing", "training", training)
    pages.add_url_rule("/scholing", "record_training", record, methods=["POST"])
    pages.add_url_rule("/scholing/<uuid:row>/weg", "withdraw_training", withdraw, methods=["POST"])


def training() -> Response:
    """Show everybody; with ``iedereen`` in the address each box is ticked, also without a script."""
    return _show(TrainingForm(), {}, everybody="iedereen" in request.args)


def _show(form: TrainingForm, faults: dict[str, str], *, everybody: bool = False) -> Response:
    with door().work(viewer()) as work:
        page = service.page(work)
    ticked = {str(one.id) for one in page.members} if everybody else set(form.people.data or ())
    shown = {"page": page, "form": form, "faults": faults, "ticked": ticked}
    return make_response(render_template("meldcode/people/training.html", **shown), 422 if faults else 200)


def record() -> Response:
    """Record a training of several people at once."""
    require(viewer(), Permission.TRAINING_RECORD)
    form = TrainingForm(request.form)
    unread = form.faults()
    try:
        with door().work(viewer()) as work:
            service.record(work, form.who(), form.kind.picked(), form.day.data)
    except InputRefused as why:
        return _show(form, why.fields | unread)
    return redirect(url_for("meldcode.training"), 303)


def withdraw(row: UUID) -> Response:
    """Take back what was recorded by mistake; sent twice it is gone once."""
    with door().work(viewer()) as work:
        service.withdraw(work, row)
    return redirect(url_for("meldcode.training"), 303)
