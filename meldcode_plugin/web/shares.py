"""The pages of sharing: share and withdraw by who handles a case; read and advise by whom it is shared with."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, InputRefused
from meldcode_plugin.services import shares as service
from meldcode_plugin.web.circle import changed, show
from meldcode_plugin.web.files import hand_out
from meldcode_plugin.web.forms.circle import AdviceForm, ShareForm
from meldcode_plugin.web.forms.steps import BY_KIND, read_back
from meldcode_plugin.web.gate import door, form_key, keyless, viewer
from meldcode_plugin.web.readings import NAMES
from meldcode_plugin.web.words import today


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    case, share = "/dossier/<uuid:case>/kring/delen", "/gedeeld/<uuid:share>"
    pages.add_url_rule(case, "share_case", share_case, methods=["POST"])
    pages.add_url_rule(f"{case}/<uuid:share>/intrekken", "withdraw_share", withdraw_share, methods=["POST"])
    pages.add_url_rule(share, "shared", shared)
    pages.add_url_rule(f"{share}/bijlage/<uuid:attachment>", "shared_attachment", shared_attachment)
    pages.add_url_rule(f"{share}/advies", "advise", advise, methods=["POST"])


def share_case(case: UUID) -> Response:
    """Share a case, or pieces of it, with one person until a day."""
    new, faults = ShareForm(request.form).made()
    if faults:
        return show(case, faults)
    return changed(case, lambda work: service.share(work, case, new))


def withdraw_share(case: UUID, share: UUID) -> Response:
    """End a share at once."""
    return changed(case, lambda work: service.withdraw(work, case, share))


def shared(share: UUID) -> Response:
    """Show what was shared with the viewer."""
    return keyless() or _show(share)


def _show(share: UUID, faults: dict[str, str] | None = None, said: str = "", *, again: bool = False) -> Response:
    with door().work(viewer()) as work:
        found = service.read(work, share)
    page = render_template(
        "meldcode/circle/shared.html",
        **NAMES,
        shared=found,
        form=AdviceForm(request.form),
        steps_by_kind=BY_KIND,
        read_back=read_back,
        key=form_key(again=again),
        faults=faults or {},
        said=said,
        today=today(),
    )
    return make_response(page, 422 if faults else 409 if said else 200)


def shared_attachment(share: UUID, attachment: UUID) -> Response:
    """Hand out a file of what was shared."""
    with door().work(viewer()) as work:
        found = service.open_file(work, share, attachment)
    return hand_out(found)


def advise(share: UUID) -> Response:
    """Add advice."""
    form = AdviceForm(request.form)
    try:
        if faults := form.faults():
            raise InputRefused(faults)
        with door().work(viewer()) as work:
            service.advise(work, share, form.advice.data or "", key=form_key())
    except InputRefused as why:
        return _show(share, why.fields)
    except (AlreadyAdded, AlreadyDone) as why:
        return _show(share, said=why.sentence, again=isinstance(why, AlreadyAdded))
    return redirect(url_for("meldcode.shared", share=share), 303)
