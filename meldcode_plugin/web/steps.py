"""The forms of the five steps: one page for every kind, with what was seen before beside it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, InputRefused, NotAllowed, PauseFirst, Refusal, StepRefused
from meldcode_plugin.rules import uploads
from meldcode_plugin.rules.entries import KIND_NAMES, Party, Payload
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.prefill import Prefill
from meldcode_plugin.services import attachments, cases, circle, pupils, steps
from meldcode_plugin.services.cases import Dossier
from meldcode_plugin.services.steps import NO_FILES, Files
from meldcode_plugin.sis import Guardian
from meldcode_plugin.web.cases import show_dossier
from meldcode_plugin.web.files import take_in
from meldcode_plugin.web.forms.steps import BY_KIND, FORMS, KINDS, StepForm, read_back
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.readings import NAMES
from meldcode_plugin.web.words import say, short_day, today

HELP_ASKED = {
    "voorbereiding": ("gespreksvoorbereiding", "Vraag hulp bij dit gesprek"),
    "gesprek": ("gespreksvoorbereiding", "Vraag hulp bij dit gesprek"),
    "wegen": ("weging", "Vraag hulp bij het wegen, bijvoorbeeld aan Veilig Thuis"),
}
"""From which forms a consultation begins, and for what (R25, R36)."""
PASSED = "passed"
"""The field in which a form carries the warnings that its reader has seen."""
KEPT, REMOVE = "kept", "remove"
"""The fields that name the files which wait and go along, and the one that goes no longer."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/dossier/<uuid:case>/stap/<name>", "step", step, methods=["GET", "POST"])
    pages.add_url_rule("/dossier/<uuid:case>/instemmen/<uuid:entry>", "approve", approve, methods=["POST"])


def step(case: UUID, name: str) -> Response:
    """Show the form of a kind, or add what was typed to the dossier."""
    require(viewer(), Permission.CASE_READ)
    if name not in KINDS:
        abort(404)
    if request.method == "GET":
        return keyless() or _show(case, name, None)
    form = FORMS[name](request.form)
    files, refused = _take_in(case, name) if KINDS[name].files else (NO_FILES, {})
    payload, faults = (None, {}) if REMOVE in request.form else form.made()
    if payload is None or faults | refused:
        return _show(case, name, form, faults | refused)
    return _add(case, name, form, payload, files)


def _add(case: UUID, name: str, form: StepForm, payload: Payload, files: Files) -> Response:
    """Add it, once, however often the form arrives."""
    try:
        with door().work(viewer()) as work:
            steps.add(work, case, payload, request.form.getlist(PASSED), files, key=form_key())
    except AlreadyAdded as why:
        return _show(case, name, form, again=why.sentence)
    except InputRefused as why:
        return _show(case, name, form, why.fields)
    except AlreadyDone as why:
        return _show(case, name, form, refused=[why.sentence])
    except PauseFirst as why:
        return _show(case, name, form, warnings=why.warnings)
    except StepRefused as why:
        beside = {no.field: no.sentence for no in why.refusals if no.field in form}
        return _show(case, name, form, beside, [no.sentence for no in why.refusals if no.field not in form])
    return redirect(url_for("meldcode.dossier", case=case), 303)


def _take_in(case: UUID, name: str) -> tuple[Files, dict[str, str]]:
    """Keep the files that came along, whatever else is wrong, and take away the one that is not wanted any more."""
    waiting, gone = attachments.place(case, name), request.form.get(REMOVE, type=UUID)
    with door().work(viewer()) as work:
        circle.require_handling(work, case)
        if gone:
            attachments.unstage(work, waiting, gone)
    came, refused = take_in(waiting)
    return Files(waiting, (*request.form.getlist(KEPT, type=UUID), *came)), refused


def _show(
    case: UUID,
    name: str,
    form: StepForm | None,
    faults: dict[str, str] | None = None,
    refused: Sequence[str] = (),
    warnings: Sequence[Refusal] = (),
    again: str = "",
) -> Response:
    """Show the form with what was typed in it, or started from what is on paper."""
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        if not shown.may_handle:
            raise NotAllowed
        beside = steps.beside(work, shown, KINDS[name].payload)
        staged = attachments.staged(work, attachments.place(case, name)) if KINDS[name].files else []
    known = _guardians(shown) if KINDS[name].payload is Party and form is None else ()
    html = render_template(
        "meldcode/cases/step.html",
        **NAMES,
        kind=KINDS[name],
        name=name,
        form=form or FORMS[name](data=beside.prefill.values | _chosen(known) | _asked_for(name)),
        known=known,
        help_asked=HELP_ASKED.get(name),
        after={"interpretation": "reaction"} if name == "gesprek" else {},
        steps_by_kind=BY_KIND,
        read_back=read_back,
        faults=faults or {},
        key=form_key(again=bool(again)),
        staged=staged,
        accept=uploads.ACCEPT,
        refused=refused,
        warnings=warnings,
        again=again,
        dossier=shown,
        beside=beside,
        sources=_sources(shown, beside.prefill),
        today=today(),
    )
    return make_response(html, 422 if faults else 409 if refused or warnings or again else 200)


def _guardians(shown: Dossier) -> tuple[Guardian, ...]:
    """Return the guardians that the school's system names and the dossier does not yet (R29)."""
    found = pupils.guardians(door(), viewer(), shown.pupil) if shown.pupil else ()
    there = {item.content.name for item in shown.timeline if isinstance(item.content, Party)}
    return tuple(one for one in found if one.name not in there)


def _chosen(known: Sequence[Guardian]) -> dict[str, str]:
    """Return how the form starts for the guardian that was chosen from the list above it."""
    number = request.args.get("ouder", -1, type=int)
    if not 0 <= number < len(known):
        return {}
    one = known[number]
    custody = {True: "yes", False: "no", None: "unknown"}[one.has_custody]
    return {"name": one.name, "relation": one.relation or "", "custody": custody, "contact": one.email or ""}


def _asked_for(name: str) -> dict[str, str]:
    """Return for what a consultation is, when it was begun from another form (R25, R36)."""
    asked = request.args.get("waarvoor", "")
    return {"purpose": asked} if name == "overleg" and asked in {what for what, _ in HELP_ASKED.values()} else {}


def _sources(shown: Dossier, known: Prefill) -> dict[str, list[tuple[UUID, str]]]:
    """Return by field the entries of the dossier that its answer comes from, as a link reads (R57)."""
    labels = {}
    for item in shown.timeline:
        if item.content is not None:
            signal_kind = getattr(item.content, "signal_kind", None)
            what = KIND_NAMES[signal_kind] if signal_kind else BY_KIND[item.kind].name if item.kind in BY_KIND else ""
            labels[item.id] = f"{say(what)}, {short_day(item.recorded_at)}"
    return {name: [(one, labels[one]) for one in ids if one in labels] for name, ids in known.sources.items()}


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
    except StepRefused as why:
        beside = {no.field: no.sentence for no in why.refusals if no.field}
        said = [no.sentence for no in why.refusals if not no.field]
        return show_dossier(case, beside, f"instemmen-{entry}", said)
    return redirect(url_for("meldcode.dossier", case=case), 303)
