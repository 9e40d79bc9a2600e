"""The pages *vernietigen* and *vernietigde dossiers*: propose, decide as a second person, and what remains."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyDone, SecondPersonNeeded, StepRefused
from meldcode_plugin.rules.entries import BASIS_NAMES
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.services import destroying as service
from meldcode_plugin.services.planning import number_of
from meldcode_plugin.web.forms.circle import chosen
from meldcode_plugin.web.forms.destroying import DestroyForm
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.sso import ask_again


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    page = "/dossier/<uuid:case>/vernietigen"
    pages.add_url_rule(page, "destroying", destroying)
    pages.add_url_rule(page, "propose_destruction", propose, methods=["POST"])
    pages.add_url_rule(f"{page}/besluiten", "destroy", destroy, methods=["POST"])
    pages.add_url_rule("/vernietigd", "destroyed", destroyed)


def destroying(case: UUID) -> Response:
    """Show the proposal that stands, or the form to make one."""
    return _show(case)


def _show(
    case: UUID, form: DestroyForm | None = None, faults: dict[str, str] | None = None, refused: tuple[str, ...] = ()
) -> Response:
    with door().work(viewer()) as work:
        page = service.page(work, case)
    html = render_template(
        "meldcode/cases/destroy.html",
        page=page,
        form=form or DestroyForm(),
        faults=faults or {},
        refused=refused,
        bases=BASIS_NAMES,
    )
    return make_response(html, 422 if faults else 409 if refused else 200)


def propose(case: UUID) -> Response:
    """Propose to destroy a dossier."""
    require(viewer(), Permission.CASE_DESTROY)
    form = DestroyForm(request.form)
    wanted, faults = form.made()
    if wanted is None:
        return _show(case, form, faults)
    try:
        with door().work(viewer()) as work:
            service.propose(work, case, wanted)
    except StepRefused as why:
        beside = {no.field: no.sentence for no in why.refusals if no.field in form}
        return _show(case, form, beside, tuple(no.sentence for no in why.refusals if no.field not in form))
    return redirect(url_for("meldcode.destroying", case=case), 303)


def destroy(case: UUID) -> Response:
    """Destroy what somebody else proposed, after a fresh sign-in."""
    require(viewer(), Permission.DESTROY_CONFIRM)
    if (again := ask_again(url_for("meldcode.destroying", case=case))) is not None:
        return again
    try:
        with door().work(viewer()) as work:
            service.destroy(work, case, chosen(request.form.get("proposal")))
    except StepRefused as why:
        return _show(case, refused=tuple(no.sentence for no in why.refusals))
    except (AlreadyDone, SecondPersonNeeded) as why:
        return _show(case, refused=(why.sentence,))
    service.carry_on(door())
    reads_ledger = may(viewer(), Permission.DESTROYED_READ)
    there = url_for("meldcode.destroyed") if reads_ledger else url_for("meldcode.worklist", vernietigd=1)
    return redirect(there, 303)


def destroyed() -> Response:
    """Show what was destroyed: the proof, which names no child."""
    with door().work(viewer()) as work:
        lines = service.destroyed(work)
    html = render_template("meldcode/cases/destroyed.html", lines=lines, bases=BASIS_NAMES, number_of=number_of)
    return make_response(html)
