"""The page *mensen en rollen*: who holds which role by whose hand, who is kept away from which child."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyDone, InputRefused, SecondPersonNeeded, SourceUnavailable
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import people as service
from meldcode_plugin.services import pupils, reminders
from meldcode_plugin.services.pupils import PupilCard
from meldcode_plugin.web.forms.cases import SearchForm
from meldcode_plugin.web.forms.people import ExcludeForm, LeaveForm, RoleForm
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.readings import NAMES
from meldcode_plugin.web.sso import ask_again
from meldcode_plugin.web.words import today


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule("/mensen", "people", people)
    role, kept = "/mensen/rol/<uuid:grant>", "/mensen/uitsluiting/<uuid:exclusion>"
    for rule, name, view in (
        ("/mensen/rol", "propose_role", propose_role),
        (f"{role}/bevestigen", "confirm_role", confirm_role),
        (f"{role}/beeindigen", "end_role", end_role),
        ("/mensen/vertrokken", "leave", leave),
        ("/mensen/<uuid:person>/terug", "come_back", come_back),
        ("/mensen/zoek", "search_excluded", search),
        ("/mensen/uitsluiten", "exclude", exclude),
        (f"{kept}/bevestigen", "confirm_exclusion", confirm_exclusion),
        (f"{kept}/afwijzen", "reject_exclusion", reject_exclusion),
    ):
        pages.add_url_rule(rule, name, view, methods=["POST"])


def people() -> Response:
    """Show everybody with their roles, and who is kept away."""
    return _show()


def _show(
    faults: dict[str, str] | None = None,
    said: str = "",
    role: RoleForm | None = None,
    kept_away: ExcludeForm | None = None,
    left: LeaveForm | None = None,
    found: list[PupilCard] | None = None,
) -> Response:
    with door().work(viewer()) as work:
        page = service.page(work)
        standing = reminders.standing(work)
    html = render_template(
        "meldcode/people/people.html",
        page=page,
        standing=standing,
        faults=faults or {},
        said=said,
        role=role or RoleForm(),
        kept_away=kept_away or ExcludeForm(),
        left=left or LeaveForm(),
        found=found,
        **NAMES,
        order=list(Role),
        today=today(),
    )
    return make_response(html, 422 if faults else 409 if said else 200)


def _back() -> Response:
    return redirect(url_for("meldcode.people"), 303)


def propose_role() -> Response:
    """Propose a role; a second person confirms it."""
    if (again := ask_again(url_for("meldcode.people"))) is not None:
        return again
    form = RoleForm(request.form)
    person = form.person_id()
    if (faults := form.faults()) or person is None:
        return _show(faults, role=form)
    try:
        with door().work(viewer()) as work:
            service.propose_role(work, person, Role(form.role.data))
    except AlreadyDone as why:
        return _show(said=why.sentence, role=form)
    return _back()


def confirm_role(grant: UUID) -> Response:
    """Confirm what somebody else proposed about a third person."""
    if (again := ask_again(url_for("meldcode.people"))) is not None:
        return again
    try:
        with door().work(viewer()) as work:
            service.confirm_role(work, grant)
    except (AlreadyDone, SecondPersonNeeded) as why:
        return _show(said=why.sentence)
    return _back()


def end_role(grant: UUID) -> Response:
    """End a role at once, or withdraw a proposal."""
    if (again := ask_again(url_for("meldcode.people"))) is not None:
        return again
    try:
        with door().work(viewer()) as work:
            service.end_role(work, grant)
    except AlreadyDone as why:
        return _show(said=why.sentence)
    return _back()


def leave() -> Response:
    """Say that somebody no longer works here."""
    if (again := ask_again(url_for("meldcode.people"))) is not None:
        return again
    require(viewer(), Permission.PEOPLE_CHANGE)
    form = LeaveForm(request.form)
    person = form.person_id()
    if (faults := form.faults()) or person is None:
        return _show(faults, left=form)
    try:
        with door().work(viewer()) as work:
            service.leave(work, person)
    except InputRefused as why:
        return _show(why.fields, left=form)
    except AlreadyDone as why:
        return _show(said=why.sentence, left=form)
    return _back()


def come_back(person: UUID) -> Response:
    """Say that somebody works here again."""
    if (again := ask_again(url_for("meldcode.people"))) is not None:
        return again
    with door().work(viewer()) as work:
        service.come_back(work, person)
    return _back()


def search() -> Response:
    """Search the pupil from whom somebody must be kept away."""
    require(viewer(), Permission.PEOPLE_CHANGE)
    form = ExcludeForm(request.form)
    if faults := SearchForm(request.form).faults():
        return _show(faults, kept_away=form)
    return _found(form, {})


def _found(form: ExcludeForm, faults: dict[str, str]) -> Response:
    try:
        cards = pupils.search(door(), viewer(), form.words.data or "")
    except SourceUnavailable as why:
        return _show({"words": why.sentence}, kept_away=form)
    return _show(faults, kept_away=form, found=cards)


def exclude() -> Response:
    """Keep somebody away from a pupil, at once."""
    require(viewer(), Permission.PEOPLE_CHANGE)
    form = ExcludeForm(request.form)
    person = form.person_id()
    if (faults := form.faults()) or person is None:
        return _found(form, faults)
    child = pupils.find(door(), viewer(), form.pupil.data).card
    with door().work(viewer()) as work:
        # the reason is sealed and says about whom it is: who judges it later must know that
        service.exclude(work, person, child.id, f"{child.name}: {form.reason.data}")
    return _back()


def confirm_exclusion(exclusion: UUID) -> Response:
    """Say that somebody is rightly kept away."""
    with door().work(viewer()) as work:
        service.confirm_exclusion(work, exclusion)
    return _back()


def reject_exclusion(exclusion: UUID) -> Response:
    """Say that somebody need not be kept away."""
    with door().work(viewer()) as work:
        service.reject_exclusion(work, exclusion)
    return _back()
