"""The pages of the IB-er: werkvoorraad and dossier, take up, add, move, close; who may is asked by the services."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import (
    AlreadyAdded,
    AlreadyDone,
    InputRefused,
    NotAllowed,
    NotVisible,
    SourceUnavailable,
    StepRefused,
)
from meldcode_plugin.rules.entries import KEEPING, Closed, Reopened, Snoozable, TalkPreparation
from meldcode_plugin.rules.facts import State
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import REMINDER_NAMES
from meldcode_plugin.rules.workflow import BESIDE, Action
from meldcode_plugin.services import (
    attachments,
    cases,
    circle,
    family,
    kin,
    people,
    planning,
    pupils,
    reminders,
    roster,
    signals,
    steps,
)
from meldcode_plugin.services.pupils import PupilCard
from meldcode_plugin.web import timeline
from meldcode_plugin.web.files import hand_out
from meldcode_plugin.web.forms.cases import MoveForm, SearchForm
from meldcode_plugin.web.forms.circle import KinForm, chosen
from meldcode_plugin.web.forms.signals import CorrectionForm, FollowUpForm
from meldcode_plugin.web.forms.steps import BY_KIND, KINDS, MADE_BY, ClosingForm, read_back
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.readings import NAMES
from meldcode_plugin.web.words import today

APART = {"gesloten": cases.closed, "lopend": cases.running}
"""What stands apart from the day, and is shown when asked."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/werkvoorraad", "worklist", worklist)
    pages.add_url_rule("/werkvoorraad/zoek", "search_cases", search, methods=["POST"])
    case, entry = "/dossier/<uuid:case>", "/dossier/<uuid:case>/signaal/<uuid:entry>"
    pages.add_url_rule(case, "dossier", dossier)
    pages.add_url_rule(f"{case}/bijlage/<uuid:attachment>", "attachment", attachment)
    for rule, name, view in (
        (f"{case}/oppakken", "accept", accept),
        (f"{case}/sluiten", "close", close),
        (f"{case}/betrokken", "exclude_self", exclude_self),
        (f"{entry}/vervolg", "follow_up", follow_up),
        (f"{entry}/correctie", "correct", correct),
        (f"{entry}/verplaatsen", "move", move),
    ):
        pages.add_url_rule(rule, name, view, methods=["POST"])


# --- werkvoorraad --------------------------------------------------------------------------------


def worklist() -> Response:
    """Show the day: what is new, due, stuck, and waits for Veilig Thuis; with ``?lopend`` or ``?gesloten`` the rest."""
    return _worklist(SearchForm(), None, {})


def _worklist(
    form: SearchForm, found: list[tuple[PupilCard, cases.CaseLine | None]] | None, faults: dict[str, str]
) -> Response:
    page = max(0, request.args.get("bladzijde", 0, type=int))
    asked = next((found for name, found in APART.items() if name in request.args), cases.worklist)
    with door().work(viewer()) as work:
        work_list = asked(work, page)
        day = None if page or asked is not cases.worklist else planning.day_of(work)
        standing = reminders.standing(work)
        changed = roster.waiting(work)
    html = render_template(
        "meldcode/cases/worklist.html",
        **NAMES,
        work=work_list,
        stands=timeline.standing(),
        news=timeline.news(),
        today_asks=day,
        asked=REMINDER_NAMES,
        snoozable=[one.value for one in Snoozable],
        keeping=[one.value for one in KEEPING],
        standing=standing,
        changed=changed,
        form=form,
        found=found,
        faults=faults,
        today=today(),
    )
    return make_response(html, 422 if faults else 200)


def search() -> Response:
    """Search a pupil in the school's own system and show whether a dossier is there."""
    require(viewer(), Permission.CASE_LIST)
    form = SearchForm(request.form)
    if faults := form.faults():
        return _worklist(form, None, faults)
    try:
        cards = pupils.search(door(), viewer(), form.words.data)
    except SourceUnavailable as why:
        return _worklist(form, None, {"words": why.sentence})
    with door().work(viewer()) as work:
        found = cases.search(work, cards)
    return _worklist(form, found, {})


# --- dossier -------------------------------------------------------------------------------------


def dossier(case: UUID) -> Response:
    """Show a dossier as the document that it is; or, of a preparation, the sheet to print (R26).

    With ``?bij`` the forms of one signal stand in it.
    """
    if "bij" in request.args and (way := keyless()):
        return way
    return _sheet(case, request.args["blad"]) if "blad" in request.args else show_dossier(case)


def _sheet(case: UUID, entry: str) -> Response:
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        beside = steps.beside(work, shown, TalkPreparation)
    found = [item for item in shown.timeline if str(item.id) == entry and isinstance(item.content, TalkPreparation)]
    if not found:
        raise NotVisible
    page = render_template(
        "meldcode/cases/sheet.html",
        dossier=shown,
        sheet=found[0],
        facts=beside.offered["facts_told"],
        danger=beside.danger,
        read_back=read_back,
    )
    return make_response(page)


def show_dossier(
    case: UUID,
    faults: dict[str, str] | None = None,
    about: str = "",
    said: str | list[str] = "",
    *,
    again: bool = False,
) -> Response:
    """Show it, perhaps with what is wrong with a form; ``about`` names that form and its entry.

    ``again``: what that form added stands already, and what is typed in it now is something else.
    """
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        standing = steps.standing(work, shown)
        siblings = family.siblings(work, case)
        asks = shown.circle.may_change and standing.kin in ("", "unknown")
        staff = circle.others(work, shown.circle) if asks else ()
        noticed = roster.noticed(work, case)
    posted = request.form if about else None
    html = render_template(
        "meldcode/cases/dossier.html",
        **NAMES,
        dossier=shown,
        contents=timeline.contents(shown),
        lines=timeline.lines(shown),
        readers=timeline.readers(shown),
        standing=standing,
        siblings=siblings,
        asked=KinForm(posted if about == "oppakken" else None),
        staff=staff,
        steps_by_kind=BY_KIND,
        step_kinds=KINDS,
        made_by=MADE_BY,
        read_back=read_back,
        open_kinds=_open_kinds(shown, standing),
        noticed=noticed,
        today=today(),
        key=form_key(again=again),
        faults=faults or {},
        about=about,
        said=[said] if isinstance(said, str) and said else said,
        typed=posted,
        opened=about.partition("-")[2] or request.args.get("bij", ""),
        closing=ClosingForm(posted if about == "sluiten" else None),
        follow_up=FollowUpForm,
        correction=CorrectionForm,
    )
    return make_response(html, 422 if faults else 409 if said else 200)


def _open_kinds(shown: cases.Dossier, standing: steps.Standing) -> list[str]:
    """Return the forms that can be used now: on a closed case what opens it and what is kept beside it (R43)."""
    if shown.state is State.CLOSED:
        return [name for name, kind in KINDS.items() if issubclass(kind.payload, (Reopened, *BESIDE))]
    late = not standing.refused[Action.LATE_REPORT]
    return [name for name in KINDS if name != "heropenen" and (late or name != "alsnog")]


def attachment(case: UUID, attachment: UUID) -> Response:
    """Hand out a file of a dossier; that it was read is logged before its first byte goes."""
    with door().work(viewer()) as work:
        cases.require_visible(work, case)
        found = attachments.open(work, case, attachment)
    return hand_out(found)


def accept(case: UUID) -> Response:
    """Take up what is new; the first time with the answer whether a relative works here."""
    form = KinForm(request.form)
    try:
        with door().work(viewer()) as work:
            kin.take_up(work, case, form.kin.picked(), chosen(form.kin_person.data))
    except InputRefused as why:
        return show_dossier(case, why.fields, "oppakken")
    return redirect(url_for("meldcode.dossier", case=case), 303)


def close(case: UUID) -> Response:
    """Close a dossier with its reason."""
    closed, faults = ClosingForm(request.form).made()
    if not isinstance(closed, Closed):
        return show_dossier(case, faults, "sluiten")
    try:
        with door().work(viewer()) as work:
            steps.close(work, case, closed)
    except AlreadyDone as why:
        return show_dossier(case, said=why.sentence, about="sluiten")
    except StepRefused as why:
        beside = {no.field: no.sentence for no in why.refusals if no.field}
        return show_dossier(case, beside, "sluiten", [no.sentence for no in why.refusals if not no.field])
    return redirect(url_for("meldcode.dossier", case=case), 303)


def exclude_self(case: UUID) -> Response:
    """'Ik ben zelf betrokken': from now on this dossier does not exist for the viewer."""
    with door().work(viewer()) as work:
        people.exclude_self(work, case)
    return redirect(url_for("meldcode.home"), 303)


def follow_up(case: UUID, entry: UUID) -> Response:
    """Add a later note under a signal (R6)."""
    form = FollowUpForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            signals.follow_up(work, entry, form.follow_up(), case_id=case, key=form_key())
    except InputRefused as why:
        return show_dossier(case, why.fields, f"vervolg-{entry}")
    except AlreadyAdded as why:
        return show_dossier(case, about=f"vervolg-{entry}", said=why.sentence, again=True)
    return redirect(url_for("meldcode.dossier", case=case) + f"#s-{entry}", 303)


def correct(case: UUID, entry: UUID) -> Response:
    """Add a correction with its reason under a signal."""
    form = CorrectionForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            signals.correct(work, entry, form.correction(), case_id=case, key=form_key())
    except InputRefused as why:
        return show_dossier(case, why.fields, f"correctie-{entry}")
    except AlreadyAdded as why:
        return show_dossier(case, about=f"correctie-{entry}", said=why.sentence, again=True)
    return redirect(url_for("meldcode.dossier", case=case) + f"#s-{entry}", 303)


# --- a signal on the wrong pupil -----------------------------------------------------------------


def move(case: UUID, entry: UUID) -> Response:
    """Search the right pupil, and move a signal there with a reason."""
    form = MoveForm(request.form)
    if request.form.get("action") != "move":
        return _moving(case, entry, form, {} if len(form.words.data or "") > 1 else SearchForm(request.form).faults())
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        found = pupils.find(door(), viewer(), form.pupil.data)
        with door().work(viewer()) as work:
            cases.move_signal(work, entry, found.card, form.reason.data, found.guardian_mails)
    except InputRefused as why:
        return _moving(case, entry, form, why.fields)
    return redirect(url_for("meldcode.dossier", case=case), 303)


def _moving(case: UUID, entry: UUID, form: MoveForm, faults: dict[str, str]) -> Response:
    require(viewer(), Permission.CASE_READ)
    found: list[PupilCard] = []
    try:
        found = pupils.search(door(), viewer(), form.words.data or "")
    except SourceUnavailable as why:
        faults = faults | {"words": why.sentence}
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        if not shown.may_handle:
            raise NotAllowed
        seen = {card.id for card, _ in cases.search(work, found)}
    signal = next((item for item in shown.timeline if item.id == entry), None)
    html = render_template(
        "meldcode/cases/move.html",
        **NAMES,
        dossier=shown,
        signal=signal,
        entry=entry,
        form=form,
        found=[card for card in found if card.id in seen],
        faults=faults,
        today=today(),
    )
    return make_response(html, 422 if faults else 200)
