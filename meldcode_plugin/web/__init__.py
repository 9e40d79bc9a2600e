"""The pages: one blueprint behind the gate, and how an error becomes a page; it knows no use case."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.wrappers import Response

from meldcode_plugin.errors import (
    KeyUnavailable,
    LogUnavailable,
    MeldcodeError,
    NotVisible,
    SourceUnavailable,
    TamperedData,
)
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.policy import Permission, may
from meldcode_plugin.services.door import Door
from meldcode_plugin.web import (
    break_glass,
    cases,
    circle,
    codes,
    destroying,
    emergency,
    gate,
    home,
    launch,
    log,
    mine,
    packages,
    packages_handover,
    people,
    planning,
    roster,
    school,
    shares,
    signals,
    sso,
    staffroute,
    steps,
    training,
    words,
)

AWAY = (KeyUnavailable, LogUnavailable, SourceUnavailable, TamperedData)
TOO_LARGE = "Dit bestand is te groot. Een bestand mag hooguit 25 MB zijn. Ga terug: je tekst staat er nog."
ODD = "Dit kan hier niet. Ga terug en probeer het opnieuw."
errors = logging.getLogger("meldcode.pages")


def register(app: Flask, door: Door) -> None:
    """Put all pages on the app, under /meldcode."""
    pages = Blueprint(
        "meldcode",
        __name__,
        url_prefix="/meldcode",
        template_folder="../templates",
        static_folder="../static/meldcode",
        static_url_path="/static",
    )
    gate.guard(pages)
    around = (circle, shares, break_glass, roster)
    beside = (
        emergency,
        mine,
        cases,
        *around,
        steps,
        packages,
        packages_handover,
        destroying,
        codes,
        planning,
        training,
    )
    for room in (sso, launch, signals, *beside, people, log, staffroute, school, home):
        room.add_to(pages)
    if door.settings.metrics_token:
        home.add_metrics(pages)
    pages.context_processor(lambda: _frame(door))
    pages.context_processor(words.names)
    pages.after_request(words.keep_language)
    _turn_errors_into_pages(pages)
    app.register_blueprint(pages)


def _frame(door: Door) -> dict[str, object]:
    """Return what the page around every page needs."""
    viewer = g.get("meldcode_viewer")
    return {
        "base": door.settings.base_template or "meldcode/layout.html",
        "phone": door.settings.phone_veilig_thuis,
        "board": (door.settings.board_name, door.settings.board_phone),
        "viewer": viewer,
        "now": door.store.clock(),
        "may": lambda name: viewer is not None and may(viewer, Permission[name]),
        "Role": Role,
    }


def _turn_errors_into_pages(pages: Blueprint) -> None:
    pages.register_error_handler(NotVisible, lambda _: gate.not_found())
    pages.register_error_handler(404, lambda _: gate.not_found())
    pages.register_error_handler(RequestEntityTooLarge, lambda _: gate.message(413, TOO_LARGE))
    pages.register_error_handler(HTTPException, _odd)
    pages.register_error_handler(MeldcodeError, _refused)
    pages.register_error_handler(Exception, _broken)
    for kind in AWAY:
        pages.register_error_handler(kind, _away)


def _refused(why: MeldcodeError) -> Response:
    return gate.message(409, why.sentence)


def _away(why: MeldcodeError) -> Response:
    """Something that we stand on is away: say what to do now, with the telephone numbers."""
    errors.error("%s", type(why).__name__)
    return _page(503, why.sentence)


def _page(status: int, sentence: str) -> Response:
    """Show the telephone numbers, and what was typed, so that it can be sent again."""
    typed = [(name, text) for name, text in request.form.items(multi=True) if name != gate.CSRF_FIELD]
    return make_response(render_template("meldcode/503.html", sentence=sentence, typed=typed), status)


def _odd(why: HTTPException) -> Response:
    return gate.message(why.code or 400, ODD)


def _broken(why: Exception) -> Response:
    """A fault of ours: its place goes to the log, its words do not, for they may hold a child's name."""
    place = why.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_qualname}:{place.tb_lineno}" if place else "?"
    errors.error("%s in %s", type(why).__name__, where)
    return _page(500, MeldcodeError.sentence)
