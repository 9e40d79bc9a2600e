"""The pages of one's own: signals that were sent, with follow-up and correction, and drafts; nothing of others."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyAdded, InputRefused, NotVisible
from meldcode_plugin.services import attachments, codes, drafts, signals
from meldcode_plugin.web.files import hand_out
from meldcode_plugin.web.forms.signals import CorrectionForm, FollowUpForm
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.looking import first_words
from meldcode_plugin.web.readings import NAMES

ADD, MEND = "vervolg", "correctie"


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    one = "/mijn-signalen/<uuid:entry>"
    pages.add_url_rule("/mijn-signalen", "my_signals", my_signals)
    pages.add_url_rule(one, "my_signal", my_signal)
    pages.add_url_rule(f"{one}/bijlage/<uuid:attachment>", "my_attachment", my_attachment)
    pages.add_url_rule(f"{one}/vervolg", "follow_up_mine", follow_up, methods=["POST"])
    pages.add_url_rule(f"{one}/correctie", "correct_mine", correct, methods=["POST"])
    pages.add_url_rule("/concepten", "drafts", my_drafts)
    pages.add_url_rule("/concept/<uuid:key>/weg", "discard_draft", discard_draft, methods=["POST"])


def my_signals() -> Response:
    """List what the viewer sent, newest first."""
    with door().work(viewer()) as work:
        mine = signals.mine(work)
    return make_response(render_template("meldcode/signals/mine.html", mine=mine, **NAMES))


def my_signal(entry: UUID) -> Response:
    """Show one signal of one's own."""
    return keyless() or _show(entry, FollowUpForm(), CorrectionForm())


def _show(
    entry: UUID,
    follow_up: FollowUpForm,
    correction: CorrectionForm,
    faults: dict[str, str] | None = None,
    about: str = "",
    said: str = "",
) -> Response:
    with door().work(viewer()) as work:
        mine = signals.my_signal(work, entry)
        feedback = codes.current(work).text.feedback
    page = render_template(
        "meldcode/signals/one.html",
        mine=mine,
        feedback=feedback,
        **NAMES,
        follow_up=follow_up,
        correction=correction,
        key=form_key(again=bool(said)),
        faults=faults or {},
        about=about,
        said=said,
    )
    return make_response(page, 422 if faults else 409 if said else 200)


def my_attachment(entry: UUID, attachment: UUID) -> Response:
    """Hand out a file that the viewer sent along."""
    with door().work(viewer()) as work:
        mine = signals.my_signal(work, entry)
        if mine.case_id is None:
            raise NotVisible
        found = attachments.open(work, mine.case_id, attachment)
    return hand_out(found)


def follow_up(entry: UUID) -> Response:
    """Add a later note (R6); sent twice it stands there once."""
    form = FollowUpForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            signals.follow_up(work, entry, form.follow_up(), key=form_key())
    except InputRefused as why:
        return _show(entry, form, CorrectionForm(), why.fields, ADD)
    except AlreadyAdded as why:
        return _show(entry, form, CorrectionForm(), about=ADD, said=why.sentence)
    return redirect(url_for("meldcode.my_signal", entry=entry) + "#notes", 303)


def correct(entry: UUID) -> Response:
    """Add a correction with its reason."""
    form = CorrectionForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            signals.correct(work, entry, form.correction(), key=form_key())
    except InputRefused as why:
        return _show(entry, FollowUpForm(), form, why.fields, MEND)
    except AlreadyAdded as why:
        return _show(entry, FollowUpForm(), form, about=MEND, said=why.sentence)
    return redirect(url_for("meldcode.my_signal", entry=entry) + "#notes", 303)


def my_drafts() -> Response:
    """List the viewer's drafts that hold words."""
    with door().work(viewer()) as work:
        mine = [one for one in drafts.mine(work) if drafts.worth_keeping(one.fields)]
    return make_response(render_template("meldcode/signals/drafts.html", mine=mine, first_words=first_words))


def discard_draft(key: UUID) -> Response:
    """Throw a draft away, with its files."""
    with door().work(viewer()) as work:
        attachments.unstage(work, key)
        drafts.discard(work, key)
    return redirect(url_for("meldcode.drafts"), 303)
