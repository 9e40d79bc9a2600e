"""The answer to what changed in the roster about the pupil of a dossier; the dossier itself asks it."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyDone, InputRefused
from meldcode_plugin.services import roster as service
from meldcode_plugin.web.cases import show_dossier
from meldcode_plugin.web.gate import door, viewer


def add_to(pages: Blueprint) -> None:
    """Add this address to the blueprint."""
    rule = "/dossier/<uuid:case>/leerlingsysteem/<uuid:notice>"
    pages.add_url_rule(rule, "roster_answer", roster_answer, methods=["POST"])


def roster_answer(case: UUID, notice: UUID) -> Response:
    """Keep what somebody says that a change means, and go back to the dossier."""
    try:
        with door().work(viewer()) as work:
            service.answer(work, case, notice, agrees={"yes": True, "no": False}.get(request.form.get("answer", "")))
    except AlreadyDone as why:
        return show_dossier(case, said=why.sentence)
    except InputRefused as why:
        return show_dossier(case, said=list(why.fields.values()))
    return redirect(url_for("meldcode.dossier", case=case), 303)
