"""The page *toegang*: cases without a handler, and break-glass with a reason; who judges it does so on the log."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import InputRefused, SourceUnavailable
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import break_glass as service
from meldcode_plugin.services import circle, pupils
from meldcode_plugin.services.pupils import PupilCard
from meldcode_plugin.web.forms.cases import SearchForm
from meldcode_plugin.web.forms.circle import GlassForm, chosen
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.sso import ask_again
from meldcode_plugin.web.words import today

NOTHING = "Er is geen dossier dat je kunt lezen. Dat je het vroeg, staat in het logboek."


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    page = "/noodtoegang"
    pages.add_url_rule(page, "access", access)
    for rule, name, view in (
        (page, "break_glass", break_glass),
        (f"{page}/zoek", "search_access", search),
        (f"{page}/<uuid:number>/aanwijzen", "appoint", appoint),
        (f"{page}/<uuid:glass>/gezien", "review_glass", review),
    ):
        pages.add_url_rule(rule, name, view, methods=["POST"])


def access() -> Response:
    """Show the director or the board the cases to which no IB-er can come, and the way in with a reason."""
    return _show()


def _show(
    faults: dict[str, str] | None = None,
    about: str = "",
    said: str = "",
    found: list[PupilCard] | None = None,
) -> Response:
    with door().work(viewer()) as work:
        numbers = circle.without_handler(work)
    page = render_template(
        "meldcode/circle/access.html",
        numbers=numbers,
        form=GlassForm(request.form),
        found=found,
        faults=faults or {},
        about=about,
        said=said,
        today=today(),
    )
    return make_response(page, 422 if faults else 200)


def appoint(number: UUID) -> Response:
    """Make somebody the owner of a case to which no IB-er can come."""
    person = chosen(request.form.get("person"))
    try:
        with door().work(viewer()) as work:
            circle.appoint(work, number, person)
    except InputRefused as why:
        return _show(why.fields, f"-{number}")
    return redirect(url_for("meldcode.access"), 303)


def search() -> Response:
    """Search the pupil whose dossier must be read now."""
    require(viewer(), Permission.BREAK_GLASS)
    if faults := SearchForm(request.form).faults():
        return _show(faults)
    return _found({})


def _found(faults: dict[str, str]) -> Response:
    try:
        cards = pupils.search(door(), viewer(), request.form.get("words", ""))
    except SourceUnavailable as why:
        return _show({"words": why.sentence})
    return _show(faults, found=cards)


def break_glass() -> Response:
    """Open a dossier with a reason, after a fresh sign-in."""
    require(viewer(), Permission.BREAK_GLASS)
    if (again := ask_again(url_for("meldcode.access"))) is not None:
        return again
    form = GlassForm(request.form)
    if faults := form.faults():
        return _found(faults)
    try:
        child = pupils.find(door(), viewer(), form.pupil.data or "").card
        with door().work(viewer()) as work:
            case = service.break_glass(work, child.id, form.reason.data or "")
    except InputRefused as why:
        return _found(why.fields)
    if case is None:
        return _show(said=NOTHING)
    return redirect(url_for("meldcode.dossier", case=case), 303)


def review(glass: UUID) -> Response:
    """Sign a use of break-glass off as seen."""
    with door().work(viewer()) as work:
        service.review(work, glass)
    return redirect(url_for("meldcode.log"), 303)
