"""The other route: a worry about a professional goes to the board or the director, never to a dossier (R15-R17)."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyAdded, InputRefused, NotVisible
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import allegations, cases
from meldcode_plugin.web.forms.circle import chosen
from meldcode_plugin.web.forms.staffroute import AskForm, NoteForm, RegisterForm
from meldcode_plugin.web.forms.steps import BY_KIND, read_back
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.readings import NAMES

INSPECTOR = "0900-1113111"
"""The national line of the vertrouwensinspecteur, on workdays from 8 to 17 h (domain section 2.4)."""


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/medewerker", "staff_route", staff_route, methods=["GET", "POST"])
    pages.add_url_rule("/register", "register", register)
    pages.add_url_rule("/register", "keep_taken", keep_taken, methods=["POST"])
    pages.add_url_rule("/register/<uuid:line>/aanvullen", "add_note", add_note, methods=["POST"])
    pages.add_url_rule("/dossier/<uuid:case>/overnemen", "take_to_register", take_to_register)


def staff_route() -> Response:
    """Ask the one question, say whom to call, and keep a note of it only when the writer confirms that."""
    if request.method == "GET":
        return keyless() or _ask(AskForm())
    form = RegisterForm(request.form)
    if not form.sexual.picked():
        return _ask(form, {"sexual": "Kies een antwoord. Weet je het niet? Kies dan 'Weet ik niet'."})
    if request.form.get("action") != "keep":
        return _card(form, {})
    try:
        return _keep(form)
    except InputRefused as why:
        return _card(form, why.fields)
    except AlreadyAdded as why:
        return _card(form, {}, why.sentence)


def _ask(form: AskForm, faults: dict[str, str] | None = None) -> Response:
    kept = "bewaard" in request.args
    page = render_template("meldcode/staffroute/ask.html", form=form, faults=faults or {}, kept=kept, key=form_key())
    return make_response(page, 422 if faults else 200)


def _card(form: RegisterForm, faults: dict[str, str], said: str = "") -> Response:
    shown = {"form": form, "faults": faults, "said": said, "key": form_key(again=bool(said)), "inspector": INSPECTOR}
    return make_response(render_template("meldcode/staffroute/call.html", **shown), _status(faults, said))


def _status(faults: dict[str, str], said: str) -> int:
    return 422 if faults else 409 if said else 200


def _keep(form: RegisterForm) -> Response:
    if faults := form.faults():
        raise InputRefused(faults)
    with door().work(viewer()) as work:
        allegations.record(work, form.allegation(form_key()))
    return redirect(url_for("meldcode.staff_route", bewaard=1), 303)


def register() -> Response:
    """Show the register to the director or the board."""
    return keyless() or _register({}, "")


def _register(faults: dict[str, str], about: str, said: str = "") -> Response:
    with door().work(viewer()) as work:
        rows = allegations.page(work)
    page = render_template(
        "meldcode/staffroute/register.html",
        rows=rows,
        form=NoteForm(request.form if about else None),
        faults=faults,
        about=about,
        said=said,
        key=form_key(again=bool(said)),
        inspector=INSPECTOR,
        names=dict(NoteForm().about.options),
    )
    return make_response(page, _status(faults, said))


def add_note(line: UUID) -> Response:
    """Add a later line: who informed whom and when, the vertrouwensinspecteur, a talk."""
    require(viewer(), Permission.REGISTER_KEEP)
    form = NoteForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            allegations.add_note(work, line, form.made(form_key()))
    except InputRefused as why:
        return _register(why.fields, f"-{line}")
    except AlreadyAdded as why:
        return _register({}, f"-{line}", why.sentence)
    return redirect(url_for("meldcode.register"), 303)


def take_to_register(case: UUID) -> Response:
    """Show a case that goes on by this route beside an empty form: nothing is copied by itself (R17)."""
    require(viewer(), Permission.REGISTER_KEEP)
    return keyless() or _taking(case, RegisterForm(), {})


def _taking(case: UUID, form: RegisterForm, faults: dict[str, str], said: str = "") -> Response:
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        if not shown.closed_by_staff_route:
            raise NotVisible
    page = render_template(
        "meldcode/staffroute/take_over.html",
        **NAMES,
        dossier=shown,
        form=form,
        faults=faults,
        said=said,
        key=form_key(again=bool(said)),
        inspector=INSPECTOR,
        steps_by_kind=BY_KIND,
        read_back=read_back,
    )
    return make_response(page, _status(faults, said))


def keep_taken() -> Response:
    """Keep in the register what the director or the board wrote from a case."""
    require(viewer(), Permission.REGISTER_KEEP)
    form, case = RegisterForm(request.form), chosen(request.form.get("from_case"))
    try:
        wrong = form.faults() | ({} if form.sexual.picked() else {"sexual": "Kies een antwoord."})
        if wrong:
            raise InputRefused(wrong)
        with door().work(viewer()) as work:
            allegations.take_over(work, form.allegation(form_key()))
    except (InputRefused, AlreadyAdded) as why:
        if case is None:
            raise
        faults = why.fields if isinstance(why, InputRefused) else {}
        return _taking(case, form, faults, "" if faults else why.sentence)
    return redirect(url_for("meldcode.register"), 303)
