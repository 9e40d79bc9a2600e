"""The page *signaal vastleggen*: from a pupil, a launch, a draft, or without a pupil; it stores nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from meldcode_plugin.errors import (
    AlreadySent,
    InputRefused,
    KeyUnavailable,
    LogUnavailable,
    MeldcodeError,
    NotVisible,
    TamperedData,
)
from meldcode_plugin.rules import recording, uploads
from meldcode_plugin.rules.entries import Signal
from meldcode_plugin.services import attachments, drafts, pupils, signals
from meldcode_plugin.services.drafts import Draft
from meldcode_plugin.services.pupils import FoundPupil
from meldcode_plugin.services.signals import NewSignals, Receipt
from meldcode_plugin.web import looking
from meldcode_plugin.web.files import LOST, take_in
from meldcode_plugin.web.forms.signals import SignalForm
from meldcode_plugin.web.gate import CSRF_FIELD, door, form_key, keyless, viewer
from meldcode_plugin.web.words import clock, say, size, today

AWAY = (KeyUnavailable, LogUnavailable, TamperedData)
CONTROLS = frozenset({CSRF_FIELD, LOST, "action", "key"})
GOOD, AGAIN, WRONG, CLOSED = 200, 409, 422, 503


@dataclass(frozen=True)
class Sheet:
    """One form on the desk: its key, the child it is about, where it is posted, what to say about it."""

    key: UUID
    found: FoundPupil | None
    address: str
    faults: dict[str, str]
    away: str = ""
    again: UUID | None = None

    @property
    def status(self) -> int:
        """What the answer is called in HTTP."""
        return CLOSED if self.away else AGAIN if self.again else WRONG if self.faults else GOOD


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    both = ["GET", "POST"]
    pages.add_url_rule("/leerling/<path:pupil_id>/signaal", "signal_of_pupil", signal_of_pupil, methods=both)
    pages.add_url_rule("/signaal", "signal_without_pupil", signal_without_pupil, methods=both)
    pages.add_url_rule("/signaal/<uuid:key>", "signal", signal, methods=both)
    pages.add_url_rule("/signaal/<uuid:key>/bijlage", "add_attachment", add_attachment, methods=["POST"])
    pages.add_url_rule("/concept/<uuid:key>", "save_draft", save_draft, methods=["POST"])
    pages.add_url_rule("/vastgelegd/<uuid:key>", "recorded", recorded)


# --- where the form comes from -------------------------------------------------------------------


def signal_of_pupil(pupil_id: str) -> Response:
    """Open the form by the deep link of a pupil page, or take what was typed."""
    found = pupils.find(door(), viewer(), pupil_id)
    return _desk(Sheet(form_key(), found, url_for("meldcode.signal_of_pupil", pupil_id=pupil_id), {}))


def signal_without_pupil() -> Response:
    """Open the form for a child without a pupil record (R13), or take what was typed."""
    return _desk(Sheet(form_key(), None, url_for("meldcode.signal_without_pupil"), {}))


def signal(key: UUID) -> Response:
    """Open a draft or a launch, or take what was typed; what was sent before leads to its receipt."""
    draft = _draft(key)
    if draft is None and request.method == "GET":
        if _receipt(key) is None:
            raise NotVisible
        return redirect(url_for("meldcode.recorded", key=key), 303)
    sheet = Sheet(key, _pupil_of(draft), url_for("meldcode.signal", key=key), {})
    return _desk(sheet) if request.method == "POST" or draft is None else _show_draft(sheet, draft)


def _draft(key: UUID) -> Draft | None:
    with door().work(viewer()) as work:
        try:
            return drafts.load(work, key)
        except NotVisible:
            return None


def _receipt(key: UUID) -> Receipt | None:
    with door().work(viewer()) as work:
        try:
            return signals.receipt(work, key)
        except NotVisible:
            return None


def _pupil_of(draft: Draft | None) -> FoundPupil | None:
    """Return the child of a draft; when the draft is gone, the child that the form itself names."""
    if draft is not None and draft.card is not None:
        return pupils.find(door(), viewer(), draft.card.id, launched=draft.card)
    named = request.form.get("pupil_id", "") or (draft.fields.get("pupil_id", "") if draft else "")
    return pupils.find(door(), viewer(), named) if named else None


# --- what is done with it ------------------------------------------------------------------------


def _desk(sheet: Sheet) -> Response:
    if request.method == "GET":
        return _open(sheet)
    form = SignalForm(request.form)
    action, _, which = request.form.get("action", "send").partition(":")
    if form.about_staff:
        return _other_route(sheet)
    try:
        return _send(sheet, form) if action == "send" else _keep(sheet, form, which)
    except InputRefused as why:
        _save(sheet)
        return _show(replace(sheet, faults=why.fields), form)
    except AlreadySent:
        return _show(_next(sheet), form)
    except AWAY as why:
        return _show(replace(sheet, away=why.sentence), form)


def _open(sheet: Sheet) -> Response:
    """Show a blank form; who comes back to one finds what was saved in it, or the receipt when it was sent."""
    if way := keyless():
        return way
    if _draft(sheet.key) or _receipt(sheet.key):
        return redirect(url_for("meldcode.signal", key=sheet.key), 303)
    return _show(sheet, SignalForm.blank(today()))


def _next(sheet: Sheet) -> Sheet:
    """Return a fresh form for the same child, with what was typed: what was sent stays as it was (R6)."""
    key = uuid4()
    fresh = replace(sheet, key=key, again=sheet.key, address=url_for("meldcode.signal", key=key))
    _save(fresh)
    return fresh


def _other_route(sheet: Sheet) -> Response:
    """R15: a worry about a professional is no signal; nothing that was typed stays (domain 5.3)."""
    _forget(sheet.key)
    return redirect(url_for("meldcode.staff_route"), 303)


def _forget(key: UUID) -> None:
    with door().work(viewer()) as work:
        attachments.unstage(work, key)
        drafts.discard(work, key)


def _send(sheet: Sheet, form: SignalForm) -> Response:
    """Send it, once. Whatever is wrong is said in one go, and everything typed stays."""
    _, refused = take_in(sheet.key)
    faults = form.faults() | refused
    new = () if form.errors else form.signals(sheet.key, looking.known(request.form))
    if faults and not form.errors:
        faults = recording.refusals(new, today(), with_pupil=sheet.found is not None) | faults
    card, mails = (sheet.found.card, sheet.found.guardian_mails) if sheet.found else (None, ())
    with door().work(viewer()) as work:
        sent = signals.sent(work, sheet.key)
        if sent is None and not faults:
            signals.send(work, card, NewSignals(key=sheet.key, signals=new), mails)
    if sent is not None:
        return _sent_before(sent, new)
    if faults:
        raise InputRefused(faults)
    return redirect(url_for("meldcode.recorded", key=sheet.key), 303)


def _sent_before(sent: Receipt, new: tuple[Signal, ...]) -> Response:
    """The same words again, after a double click or a retry: the same receipt. Other words: `AlreadySent`."""
    with door().work(viewer()) as work:
        try:
            stored = tuple(signals.my_signal(work, entry).content for entry in sent.entry_ids)
        except NotVisible:
            stored = ()
    if stored != new:
        raise AlreadySent
    return redirect(url_for("meldcode.recorded", key=sent.key), 303)


def _keep(sheet: Sheet, form: SignalForm, which: str) -> Response:
    """Keep it as a draft, perhaps with a file more or less, and go on from there."""
    if _receipt(sheet.key) is not None:
        return _send(sheet, form)
    if which:
        _unstage(sheet.key, which)
    _save(sheet)
    _, refused = take_in(sheet.key)
    if refused:
        raise InputRefused(refused)
    return redirect(url_for("meldcode.signal", key=sheet.key), 303)


def _save(sheet: Sheet) -> None:
    with door().work(viewer()) as work:
        drafts.save(work, sheet.key, sheet.found.card if sheet.found else None, _typed())


def _typed() -> dict[str, str]:
    return {name: "\n".join(texts) for name, texts in request.form.lists() if name not in CONTROLS}


def save_draft(key: UUID) -> Response:
    """Keep what is being typed; the answer says when, and gives the hints on the wording."""
    form = SignalForm(request.form)
    if form.about_staff:
        _forget(key)
        return make_response("", 204)
    draft = _draft(key)
    found = _pupil_of(draft) if draft is None else None
    with door().work(viewer()) as work:
        saved = drafts.save(work, key, found.card if found else None, _typed())
    return make_response(jsonify(saved=clock(saved), nudges=looking.nudges(form)))


# --- files ---------------------------------------------------------------------------------------


def _unstage(key: UUID, which: str) -> None:
    try:
        upload = UUID(which)
    except ValueError:
        return
    with door().work(viewer()) as work:
        attachments.unstage(work, key, upload)


def add_attachment(key: UUID) -> Response:
    """Take in files: from the script one by one, or with the whole form when there is no script."""
    if request.accept_mimetypes.best != "application/json":
        draft = _draft(key)
        return _desk(Sheet(key, _pupil_of(draft), url_for("meldcode.signal", key=key), {}))
    try:
        _, refused = take_in(key)
    except MeldcodeError as why:
        refused = {uploads.FIELD: why.sentence}
    with door().work(viewer()) as work:
        staged = attachments.staged(work, key)
    kept = [
        {"id": str(one.id), "name": one.name, "size": size(one.size), "hints": [say(hint) for hint in one.hints]}
        for one in staged
    ]
    return make_response(jsonify(files=kept, refused=say(refused.get(uploads.FIELD, ""))))


# --- showing it ----------------------------------------------------------------------------------


def _show_draft(sheet: Sheet, draft: Draft) -> Response:
    typed = MultiDict(draft.fields)
    form = SignalForm(typed) if drafts.worth_keeping(draft.fields) else SignalForm.blank(today())
    if form.about_staff:
        return _other_route(sheet)
    return _show(sheet, form, draft)


def _show(sheet: Sheet, form: SignalForm, draft: Draft | None = None) -> Response:
    typed = draft.fields if draft else request.form
    page = render_template(
        "meldcode/signals/record.html",
        key=sheet.key,
        card=sheet.found.card if sheet.found else None,
        source_down=sheet.found is not None and sheet.found.source_down,
        address=sheet.address,
        form=form,
        faults=looking.in_order(form, sheet.faults),
        away=sheet.away,
        again=sheet.again,
        typed=typed,
        nudges=looking.nudges(form),
        catalogue=looking.catalogue(sheet.found.card if sheet.found else None, today()),
        accept=uploads.ACCEPT,
        saved_at=draft.saved_at if draft and typed else None,
        begun_by=draft.begun_by if draft else "",
        today=today(),
        **_beside(sheet, draft),
    )
    return make_response(page, sheet.status)


def _beside(sheet: Sheet, draft: Draft | None) -> dict[str, object]:
    """Return the files that wait with this form, and other drafts about the same child."""
    if sheet.away:
        return {"staged": [], "earlier": []}
    with door().work(viewer()) as work:
        staged = attachments.staged(work, sheet.key)
        others = drafts.mine(work) if sheet.found and request.method == "GET" and draft is None else []
    child = sheet.found.card.id if sheet.found else ""
    same = [one for one in others if one.card and one.card.id == child and drafts.worth_keeping(one.fields)]
    return {"staged": staged, "earlier": same}


def recorded(key: UUID) -> Response:
    """Show the receipt: what was sent and when, and nothing about what it met."""
    with door().work(viewer()) as work:
        receipt = signals.receipt(work, key)
    return make_response(render_template("meldcode/signals/recorded.html", receipt=receipt))
