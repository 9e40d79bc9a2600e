"""The pages of the meldpakket: which there are, choose and preview, how far one is, sheets to copy and to call from."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, Refusal, StepRefused
from meldcode_plugin.rules.dossier import Variant, copy_sheet, phone_checklist
from meldcode_plugin.rules.entries import Consultation, Partner, TalkWaiver
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import packages, packages_choice, packages_handover
from meldcode_plugin.services.packages_choice import Desk, Preview
from meldcode_plugin.web.forms.packages import FORMS, TICKED, ChoiceForm, DoneForm, begun
from meldcode_plugin.web.forms.steps import BY_KIND, read_back
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.readings import NAMES, PACKAGE_NAMES
from meldcode_plugin.web.words import today

LOOK_FIRST = "Bekijk eerst het voorbeeld. Klopt het? Stel het pakket dan vast."
ROOT = "/dossier/<uuid:case>/meldpakket"
ONE = f"{ROOT}/<uuid:package>"


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule(ROOT, "packages", shelf)
    pages.add_url_rule(f"{ROOT}/nieuw/<variant>", "new_package", choose, methods=["GET", "POST"])
    pages.add_url_rule(ONE, "package", package)
    pages.add_url_rule(f"{ONE}/voortgang", "package_progress", progress)
    pages.add_url_rule(f"{ONE}/overschrijven", "copy_sheet", sheet)
    pages.add_url_rule(f"{ONE}/bellen", "phone_checklist", phone)
    pages.add_url_rule(f"{ONE}/annuleren", "cancel_package", cancel, methods=["POST"])
    pages.add_url_rule(f"{ONE}/opnieuw", "retry_package", retry, methods=["POST"])


def shelf(case: UUID) -> Response:
    """Show which packages there are, and which can be made."""
    with door().work(viewer()) as work:
        found = packages.shelf(work, case)
    return make_response(
        render_template("meldcode/packages/list.html", shelf=found, today=today(), **NAMES, **PACKAGE_NAMES)
    )


# --- choosing --------------------------------------------------------------------------------------


def choose(case: UUID, variant: str) -> Response:
    """Show what can go along; show the preview of what was chosen; or freeze exactly what was shown."""
    require(viewer(), Permission.PACKAGE)
    if variant not in {one.value for one in Variant}:
        abort(404)
    if way := keyless():
        return way
    before = _id(request.values.get("aanvulling", ""))
    with door().work(viewer()) as work:
        desk = packages_choice.desk(work, case, Variant(variant), before)
    entries = [item.id for item in _listed(desk)]
    if request.method == "GET":
        return _choosing(desk, begun(desk.variant, entries, desk.earlier.selection if desk.earlier else None), before)
    form = FORMS[desk.variant](request.form)
    selection, faults = form.selection(request.form, entries, [card.id for card in desk.context.files])
    wanted = packages_choice.preview(
        desk,
        packages_choice.ask_school(door(), desk),
        selection,
        emergency=form.emergency.data,
        reach=form.reach.data or "",
    )
    if request.form.get("action") != "freeze" or faults:
        return _choosing(desk, form, before, wanted, faults)
    return _freeze(desk, form, wanted, before)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        abort(404)


def _freeze(desk: Desk, form: ChoiceForm, wanted: Preview, before: UUID | None) -> Response:
    """Freeze what was shown, and nothing else."""
    if request.form.get("seen") != _mark(desk, wanted):
        return _choosing(desk, form, before, wanted, said=LOOK_FIRST)
    try:
        with door().work(viewer()) as work:
            made = packages_choice.request(work, form_key(), desk, wanted, before)
    except StepRefused:
        return _choosing(desk, form, before, wanted)
    except (AlreadyAdded, AlreadyDone) as why:
        return _choosing(desk, form, before, wanted, said=str(why), again=isinstance(why, AlreadyAdded))
    return redirect(url_for("meldcode.package", case=desk.dossier.id, package=made), 303)


def _mark(desk: Desk, wanted: Preview) -> str:
    """Return what proves that this very choice was looked at, of the dossier as it stands; it says no word of it."""
    chosen = wanted.choice.selection.model_dump_json(), wanted.choice.emergency, wanted.choice.context.reporter.reach
    return hashlib.sha256(f"{desk.dossier.id} {desk.head_seq} {chosen}".encode()).hexdigest()


def _choosing(
    desk: Desk,
    form: ChoiceForm,
    before: UUID | None,
    wanted: Preview | None = None,
    faults: dict[str, str] | None = None,
    said: str = "",
    *,
    again: bool = False,
) -> Response:
    missing = wanted.missing if wanted else [] if desk.variant is not Variant.REPORT else desk.refused
    beside = (faults or {}) | _beside(form, missing if wanted else [])
    html = render_template(
        "meldcode/packages/choose.html",
        **NAMES,
        **PACKAGE_NAMES,
        desk=desk,
        form=form,
        key=form_key(again=again),
        before=before,
        listed=_listed(desk),
        asked=packages_choice.asked(desk),
        offered=_offered(desk),
        typed=request.form if wanted else _reasons(desk),
        wanted=wanted,
        seen=_mark(desk, wanted) if wanted else "",
        faults=beside,
        refused=[no.sentence for no in missing if not no.field or no.field not in beside],
        said=said,
        steps_by_kind=BY_KIND,
        read_back=read_back,
        today=today(),
    )
    return make_response(html, 422 if faults else 409 if said else 200)


def _beside(form: ChoiceForm, missing: list[Refusal]) -> dict[str, str]:
    """Return what is missing by the field beside which it is read."""
    named = {no.field: no.sentence for no in missing if no.field}
    return {name: said for name, said in named.items() if name in form or name.startswith("left_out-")}


def _listed(desk: Desk) -> list[Any]:
    """Return the entries that can go along or not: what was seen, and what was done; of the last none for advice."""
    asked = {"signal", "party"} if desk.variant is Variant.ADVICE else {"signal", *BY_KIND}
    return [item for item in desk.dossier.timeline if item.content and item.kind in asked]


def _reasons(desk: Desk) -> dict[str, str]:
    """Return what was said of entries and files in the package that is added to."""
    if desk.earlier is None:
        return {}
    chosen = desk.earlier.selection
    why = {f"why-{one}": why for one, why in (chosen.left_out | chosen.files | chosen.files_out).items()}
    return why | {f"known-{one}": said for one, said in chosen.files_known.items()}


def _offered(desk: Desk) -> dict[str, list[tuple[UUID, str]]]:
    """Return by field the entries that can be ticked in it; advice is about nobody, so nothing of them is asked."""
    if desk.variant is Variant.ADVICE:
        return {name: [] for name in TICKED}
    story = desk.story
    people = [(entry.id, f"{party.name} ({party.relation})") for entry, party in story.people.values()]
    waivers = [(entry.id, waiver.reasons) for entry, waiver in story.all(TalkWaiver)]
    talks = [(one.id, talk.persons) for one, talk in story.all(Consultation) if talk.partner is Partner.CONFIDANT]
    return {"secret_parties": people, "copy_for": people, "open_waivers": waivers, "confidant_agrees": talks}


# --- one package -----------------------------------------------------------------------------------


def package(case: UUID, package: UUID) -> Response:
    """Show how far a package is, what it holds, or why it failed."""
    return show(case, package)


def show(case: UUID, package: UUID, said: str = "", faults: dict[str, str] | None = None) -> Response:
    """Show a package, perhaps with what could not be done or what is wrong with what was filled in."""
    with door().work(viewer()) as work:
        found = packages.show(work, case, package)
        hand_overs = packages_handover.lines(work, case, package)
    html = render_template(
        "meldcode/packages/show.html",
        **NAMES,
        **PACKAGE_NAMES,
        package=found,
        hand_overs=hand_overs,
        steps=packages.STEPS,
        done_form=DoneForm(request.form if faults else None),
        faults=faults or {},
        said=said,
    )
    return make_response(html, 422 if faults else 409 if said else 200)


def progress(case: UUID, package: UUID) -> Response:
    """Tell a script how far a package is."""
    with door().work(viewer()) as work:
        found = packages.progress(work, case, package)
    return jsonify(state=found.state.value, done=len(found.done), of=len(packages.STEPS))


def cancel(case: UUID, package: UUID) -> Response:
    """Call a package off."""
    try:
        with door().work(viewer()) as work:
            packages.cancel(work, case, package)
    except AlreadyDone as why:
        return show(case, package, why.sentence)
    return redirect(url_for("meldcode.package", case=case, package=package), 303)


def retry(case: UUID, package: UUID) -> Response:
    """Let a package that failed be built further."""
    try:
        with door().work(viewer()) as work:
            packages.retry(work, case, package)
    except AlreadyDone as why:
        return show(case, package, why.sentence)
    return redirect(url_for("meldcode.package", case=case, package=package), 303)


def sheet(case: UUID, package: UUID) -> Response:
    """Show the text of each block apart, for the boxes of a web form."""
    return _sheet(case, package, "sheet.html", copy_sheet)


def phone(case: UUID, package: UUID) -> Response:
    """Show what to tell on the telephone, and what to write down of the call."""
    return _sheet(case, package, "phone.html", phone_checklist)


def _sheet(case: UUID, package: UUID, template: str, make: Any) -> Response:
    with door().work(viewer()) as work:
        found = packages.show(work, case, package)
        _, printed = packages.papers(work, case, package)
    html = render_template(
        f"meldcode/packages/{template}", package=found, sections=make(printed.papers.main), **PACKAGE_NAMES
    )
    return make_response(html)
