"""The pages on which a person hands a package over: fresh sign-in first, pass-phrase once, then the copy itself."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyAdded, AlreadyDone
from meldcode_plugin.services import packages, packages_handover
from meldcode_plugin.web.forms.packages import DoneForm, HandOverForm
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.packages import ONE, show
from meldcode_plugin.web.readings import PACKAGE_NAMES
from meldcode_plugin.web.sso import ask_again

WHICH = f"{ONE}/overdracht/<uuid:handover>"


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    pages.add_url_rule(f"{ONE}/overdracht", "package_hand_over", hand_over, methods=["GET", "POST"])
    pages.add_url_rule(f"{WHICH}/kopie", "package_copy", copy)
    pages.add_url_rule(f"{WHICH}/bijlage-n", "annex_copy", annex)
    for name, endpoint, view in (
        ("wachtzin", "new_phrase", phrase),
        ("gedaan", "handed_over", done),
        ("bevestigd", "hand_over_confirmed", confirmed),
    ):
        pages.add_url_rule(f"{WHICH}/{name}", endpoint, view, methods=["POST"])


def hand_over(case: UUID, package: UUID) -> Response:
    """Ask how and to whom, and prepare a protected copy; its pass-phrase is shown this once."""
    if (again := ask_again(url_for("meldcode.package_hand_over", case=case, package=package))) is not None:
        return again
    form = HandOverForm(request.form)
    if request.method == "GET":
        return keyless() or _form(case, package, form)
    if faults := form.faults():
        return _form(case, package, form, faults)
    try:
        with door().work(viewer()) as work:
            words = packages_handover.prepare(work, case, package, form_key(), form.picked(), form.receiver.data)
    except (AlreadyAdded, AlreadyDone) as why:
        return _form(case, package, form, said=str(why), again=isinstance(why, AlreadyAdded))
    return _phrase(case, package, words)


def _form(
    case: UUID,
    package: UUID,
    form: HandOverForm,
    faults: dict[str, str] | None = None,
    said: str = "",
    *,
    again: bool = False,
) -> Response:
    with door().work(viewer()) as work:
        found = packages.whole(work, case, package)
    html = render_template(
        "meldcode/packages/handover.html",
        package=found,
        form=form,
        key=form_key(again=again),
        faults=faults or {},
        said=said,
        **PACKAGE_NAMES,
    )
    return make_response(html, 422 if faults else 409 if said else 200)


def _phrase(case: UUID, package: UUID, words: str) -> Response:
    """Show the pass-phrase, once; nothing of it is kept on the page's address."""
    with door().work(viewer()) as work:
        found = packages.whole(work, case, package)
        waiting = packages_handover.lines(work, case, package)[-1]
    html = render_template(
        "meldcode/packages/phrase.html", package=found, waiting=waiting, words=words, **PACKAGE_NAMES
    )
    return make_response(html)


def phrase(case: UUID, package: UUID, handover: UUID) -> Response:
    """Give another pass-phrase, when the first was lost before the copy left."""
    if (again := ask_again(url_for("meldcode.package", case=case, package=package))) is not None:
        return again
    try:
        with door().work(viewer()) as work:
            words = packages_handover.new_phrase(work, case, package, handover)
    except AlreadyDone as why:
        return show(case, package, why.sentence)
    return _phrase(case, package, words)


def copy(case: UUID, package: UUID, handover: UUID) -> Response:
    """Hand out the protected copy; that it was fetched is logged before its first byte goes."""
    return _hand_out(case, package, handover, annex=False)


def annex(case: UUID, package: UUID, handover: UUID) -> Response:
    """Hand out the protected copy of annex N, with a line of its own in the log."""
    return _hand_out(case, package, handover, annex=True)


def _hand_out(case: UUID, package: UUID, handover: UUID, *, annex: bool) -> Response:
    if (again := ask_again()) is not None:
        return again
    with door().work(viewer()) as work:
        found = packages_handover.fetch(work, case, package, handover, annex=annex)
    copy = found.packed()
    answer = Response(iter(copy), mimetype=packages_handover.COPY_TYPE)
    answer.call_on_close(copy.close)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(copy.name, safe='')}"
    answer.headers["Content-Length"] = str(copy.size)
    return answer


def done(case: UUID, package: UUID, handover: UUID) -> Response:
    """Write down when it was handed over."""
    form, zone = DoneForm(request.form), door().store.calendar.zone
    if faults := form.faults(door().store.clock(), zone):
        return show(case, package, faults=faults)
    try:
        with door().work(viewer()) as work:
            packages_handover.done(work, case, package, handover, form.moment(zone), form.reference.data or "")
    except AlreadyDone as why:
        return show(case, package, why.sentence)
    return redirect(url_for("meldcode.package", case=case, package=package), 303)


def confirmed(case: UUID, package: UUID, handover: UUID) -> Response:
    """Write down that the receiver confirmed it."""
    try:
        with door().work(viewer()) as work:
            packages_handover.confirm(work, case, package, handover)
    except AlreadyDone as why:
        return show(case, package, why.sentence)
    return redirect(url_for("meldcode.package", case=case, package=package), 303)
