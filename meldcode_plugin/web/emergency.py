"""*Nu gevaar*: anybody on staff says whom they called; it learns nothing about a dossier and tells nothing (R58)."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadySent, InputRefused
from meldcode_plugin.services import pupils, signals
from meldcode_plugin.services.pupils import FoundPupil
from meldcode_plugin.web.forms.emergency import EmergencyForm
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.words import clock, today

AGAIN, WRONG = 409, 422


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    both = ["GET", "POST"]
    pages.add_url_rule("/leerling/<path:pupil_id>/spoed", "emergency_of_pupil", of_pupil, methods=both)
    pages.add_url_rule("/spoed", "emergency", without_pupil, methods=both)


def of_pupil(pupil_id: str) -> Response:
    """Take down what was done about a pupil of the school."""
    return _desk(pupils.find(door(), viewer(), pupil_id))


def without_pupil() -> Response:
    """Take down what was done about a child that is not looked up now: nobody has the time."""
    return _desk(None)


def _desk(found: FoundPupil | None) -> Response:
    if way := keyless():
        return way
    if request.method == "GET":
        now = clock(door().store.clock())
        return _show(found, EmergencyForm(data={"made_by": viewer().name, "made_on": today()}), form_key(), now=now)
    form, key = EmergencyForm(request.form), form_key()
    try:
        if faults := form.faults(with_pupil=found is not None):
            raise InputRefused(faults)
        _keep(found, form, key)
    except InputRefused as why:
        return _show(found, form, key, why.fields, status=WRONG)
    except AlreadySent:
        return _show(found, form, uuid4(), again=key, status=AGAIN)
    return redirect(url_for("meldcode.recorded", key=key), 303)


def _keep(found: FoundPupil | None, form: EmergencyForm, key: UUID) -> None:
    card, mails = (found.card, found.guardian_mails) if found else (None, ())
    with door().work(viewer()) as work:
        signals.record(work, card, form.emergency(key, with_pupil=found is not None), mails)


def _show(
    found: FoundPupil | None,
    form: EmergencyForm,
    key: UUID,
    faults: dict[str, str] | None = None,
    *,
    again: UUID | None = None,
    now: str = "",
    status: int = 200,
) -> Response:
    page = render_template(
        "meldcode/signals/emergency.html",
        form=form,
        key=key,
        faults=faults or {},
        again=again,
        now_clock=now,
        card=found.card if found else None,
        today=today(),
    )
    return make_response(page, status)
