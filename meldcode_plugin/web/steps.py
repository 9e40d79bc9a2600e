"""The forms of the five steps: one page for every kind, with what was seen before beside it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyDone, StepRefused
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import cases, steps
from meldcode_plugin.web.cases import show_dossier
from meldcode_plugin.web.forms.steps import FORMS, KINDS, StepForm
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.readings import NAMES
from meldcode_plugin.web.words import today


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/dossier/<uuid:case>/stap/<name>", "step", step, methods=["GET", "POST"])
    pages.add_url_rule("/dossier/<uuid:case>/instemmen/<uuid:entry>", "approve", approve, methods=["POST"])


def step(case: UUID, name: str) -> Response:
    """Show the form of a kind, or add what was typed to the dossier."""
    require(viewer(), Permission.CASE_HANDLE)
    if name not in KINDS:
        abort(404)
    form = FORMS[name](request.form)
    if request.method == "GET":
        return _show(case, name, form, {}, [])
    payload, faults = form.made()
    if payload is None:
        return _show(case, name, form, faults, [])
    try:
        with door().work(viewer()) as work:
            steps.add(work, case, payload)
    except AlreadyDone as why:
        return _show(case, name, form, {}, [why.sentence])
    except StepRefused as why:
        beside = {no.field: no.sentence for no in why.refusals if no.field in form}
        return _show(case, name, form, beside, [no.sentence for no in why.refusals if no.field not in form])
    return redirect(url_for("meldcode.dossier", case=case), 303)


def _show(case: UUID, name: str, form: StepForm, faults: dict[str, str], refused: list[str]) -> Response:
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        offered = steps.offered(work, shown)
    html = render_template(
        "meldcode/cases/step.html",
        **NAMES,
        kind=KINDS[name],
        name=name,
        form=form,
        faults=faults,
        refused=refused,
        dossier=shown,
        offered=offered,
        today=today(),
    )
    return make_response(html, 422 if faults else 409 if refused else 200)


def approve(case: UUID, entry: UUID) -> Response:
    """Say yes or no to a decision or a waiver; on an older state the page says so, keeps the words and asks again."""
    try:
        with door().work(viewer()) as work:
            steps.approve(
                work,
                case,
                entry,
                agrees=request.form.get("agrees") == "yes",
                text=request.form.get("text", ""),
                seen_seq=request.form.get("seen_seq", 0, type=int),
            )
    except AlreadyDone as why:
        return show_dossier(case, said=why.sentence, about=f"instemmen-{entry}")
    return redirect(url_for("meldcode.dossier", case=case), 303)
