"""The pages of the people around a case: owner, deputy, hand-over, kept out, family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed
from meldcode_plugin.rules.entries import KIND_NAMES, Signal
from meldcode_plugin.services import cases, family, kin, shares, steps
from meldcode_plugin.services import circle as service
from meldcode_plugin.services.cases import Item
from meldcode_plugin.web.forms.circle import AnswerForm, CircleForm, KinForm, ShareForm, chosen
from meldcode_plugin.web.forms.steps import BY_KIND
from meldcode_plugin.web.gate import door, viewer
from meldcode_plugin.web.readings import NAMES
from meldcode_plugin.web.words import say, today


def add_to(pages: Blueprint) -> None:
    """Add these pages to the blueprint."""
    page, offer = "/dossier/<uuid:case>/kring", "/overdracht/<uuid:offer>"
    pages.add_url_rule(page, "circle", circle)
    pages.add_url_rule("/gedeeld", "for_me", for_me)
    for rule, name, view in (
        (f"{page}/overnemen", "take_case", take_case),
        (f"{page}/overdragen", "hand_over", hand_over),
        (f"{page}/vervanger", "set_deputy", set_deputy),
        (f"{page}/uitsluiten", "keep_out", keep_out),
        (f"{page}/familie-op-school", "answer_kin", answer_kin),
        (f"{page}/familie", "link_family", link_family),
        (f"{page}/familie/<uuid:link>/los", "unlink_family", unlink_family),
        (f"{offer}/aannemen", "accept_offer", accept_offer),
        (f"{offer}/weigeren", "refuse_offer", refuse_offer),
    ):
        pages.add_url_rule(rule, name, view, methods=["POST"])


# --- around one case -----------------------------------------------------------------------------


def circle(case: UUID) -> Response:
    """Show who stands around a case, and what can be changed in that."""
    return show(case)


def show(case: UUID, faults: dict[str, str] | None = None, said: str = "") -> Response:
    """Show it, perhaps with what is wrong with a form."""
    with door().work(viewer()) as work:
        shown = cases.dossier(work, case)
        if not shown.circle.may_change:
            raise NotAllowed
        choices, shared = service.choices(work, case), shares.of_case(work, case)
        standing = steps.standing(work, shown)
    proposed = family.siblings_by_the_system(door(), shown.pupil)
    with door().work(viewer()) as work:
        siblings = family.siblings(work, case, proposed)
    form = CircleForm(request.form)
    page = render_template(
        "meldcode/circle/circle.html",
        **NAMES,
        dossier=shown,
        choices=choices,
        standing=standing,
        shared=shared,
        siblings=siblings,
        form=form,
        share=ShareForm(request.form),
        asked=KinForm(request.form),
        piece_name=piece_name,
        faults=faults or {},
        said=said,
        today=today(),
    )
    return make_response(page, 422 if faults else 409 if said else 200)


def changed(case: UUID, act: Callable[[Any], object]) -> Response:
    """Do one act around a case and show the page again; what is refused stands beside its field."""
    try:
        with door().work(viewer()) as work:
            act(work)
    except InputRefused as why:
        return show(case, why.fields)
    except AlreadyDone as why:
        return show(case, said=why.sentence)
    return redirect(url_for("meldcode.circle", case=case), 303)


def take_case(case: UUID) -> Response:
    """Become the owner."""
    return changed(case, lambda work: service.take(work, case))


def hand_over(case: UUID) -> Response:
    """Offer a case to somebody else."""
    form = CircleForm(request.form)
    if faults := form.faults():
        return show(case, faults)
    to, note = chosen(form.successor.data), form.note.data or ""
    return changed(case, lambda work: service.hand_over(work, case, to, note))


def set_deputy(case: UUID) -> Response:
    """Choose the deputy, or nobody."""
    person = chosen(request.form.get("stand_in"))
    return changed(case, lambda work: service.set_deputy(work, case, person))


def keep_out(case: UUID) -> Response:
    """Keep somebody out of this case."""
    form = CircleForm(request.form)
    if faults := form.faults():
        return show(case, faults)
    person, why = chosen(form.outsider.data), form.why.data or ""
    return changed(case, lambda work: service.keep_out(work, case, person, why))


def answer_kin(case: UUID) -> Response:
    """Say whether a parent or relative works here, once it is known."""
    form = KinForm(request.form)
    said, person = form.kin.picked(), chosen(form.kin_person.data)
    return changed(case, lambda work: kin.answer(work, case, said, person))


def link_family(case: UUID) -> Response:
    """Link the case of a brother or sister."""
    other = chosen(request.form.get("sibling"))
    return changed(case, lambda work: family.link(work, case, other))


def unlink_family(case: UUID, link: UUID) -> Response:
    """End a link."""
    return changed(case, lambda work: family.unlink(work, case, link))


def piece_name(item: Item) -> str:
    """Return how an entry is called in the list from which pieces are chosen."""
    if isinstance(item.content, Signal):
        return say(KIND_NAMES[item.content.signal_kind])
    return say(BY_KIND[item.kind].name) if item.kind in BY_KIND else ""


# --- offered to me -------------------------------------------------------------------------------


def for_me() -> Response:
    """Show what others hand over to the viewer."""
    return _for_me({}, "")


def _for_me(faults: dict[str, str], about: str) -> Response:
    with door().work(viewer()) as work:
        offers, lines = service.offers(work), shares.with_me(work)
    form = AnswerForm(request.form)
    page = render_template(
        "meldcode/circle/for_me.html", offers=offers, shares=lines, form=form, faults=faults, about=about
    )
    return make_response(page, 422 if faults else 200)


def accept_offer(offer: UUID) -> Response:
    """Take a case over."""
    with door().work(viewer()) as work:
        case = service.accept(work, offer)
    return redirect(url_for("meldcode.dossier", case=case), 303)


def refuse_offer(offer: UUID) -> Response:
    """Say no, with the reason."""
    try:
        with door().work(viewer()) as work:
            service.refuse(work, offer, request.form.get("reason", ""))
    except InputRefused as why:
        return _for_me(why.fields, str(offer))
    return redirect(url_for("meldcode.for_me"), 303)
