"""The pages of the school's own system: groups, pupils, and the button that starts a signal at the plugin."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask, Response, abort, current_app, jsonify, render_template
from joserfc import jwt
from joserfc.jwk import OctKey

from meldcode_demo.signin import User, form_token, needs_user, user
from meldcode_memory import PUPILS, SCHOOL_NAME
from meldcode_memory.source import plain
from meldcode_plugin.sis import Pupil

MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
GROUPS = tuple(sorted({pupil.group for pupil in PUPILS if pupil.group}))
BY_ID = {pupil.id: pupil for pupil in PUPILS}
TEACHERS = {"Groep 4": "Sanne de Boer", "Groep 7": "Joris Hendriks en Noor el Amrani"}
LAUNCH_SECONDS = 60
ERRORS = {400: "Dit formulier is te oud.", 404: "Pagina niet gevonden.", 503: "Inloggen kan nu niet."}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Frame:
    """What every page needs; one name in the templates, so that it is in no plugin's way."""

    user: User | None
    form_token: str
    school: str = SCHOOL_NAME
    groups: tuple[str, ...] = GROUPS


def add_to(app: Flask) -> None:
    """Add the pages to the school's system."""
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/groepen/<name>", "group", group)
    app.add_url_rule("/leerlingen/<pupil_id>", "pupil", pupil)
    app.add_url_rule("/leerlingen/<pupil_id>/startbewijs", "launch_token", launch_token_again)
    app.add_template_filter(day)
    app.context_processor(lambda: {"sis": Frame(user(), form_token())})
    app.after_request(_headers)
    for status, text in ERRORS.items():
        app.register_error_handler(status, _error_page(status, text))


def _error_page(status: int, text: str) -> Any:
    return lambda _: (render_template("sis/message.html", text=text), status)


def _headers(response: Response) -> Response:
    """Set our own headers where the plugin has not set its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def day(when: date | None) -> str:
    """Return a day as people write it: 4 mrt 2019."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if when else "onbekend"


@needs_user
def home() -> str:
    """Show the groups."""
    count = {name: sum(one.group == name for one in PUPILS) for name in GROUPS}
    return render_template("sis/home.html", count=count, teachers=TEACHERS)


@needs_user
def group(name: str) -> str:
    """Show the pupils of one group."""
    found = sorted((one for one in PUPILS if one.group == name), key=lambda one: plain(one.name))
    if not found:
        abort(404)
    return render_template("sis/group.html", name=name, pupils=found, teacher=TEACHERS[name])


def _pupil_and_user(pupil_id: str) -> tuple[Pupil, User]:
    found, who = BY_ID.get(pupil_id), user()
    if found is None or who is None:
        abort(404)
    return found, who


@needs_user
def pupil(pupil_id: str) -> str:
    """Show one pupil, with a launch token that was signed just now."""
    found, who = _pupil_and_user(pupil_id)
    siblings = [BY_ID[other] for other in found.sibling_ids]
    return render_template("sis/pupil.html", pupil=found, siblings=siblings, token=launch_token(found, who))


@needs_user
def launch_token_again(pupil_id: str) -> Response:
    """Sign a new launch token for a page that has stood open for a while."""
    return jsonify(token=launch_token(*_pupil_and_user(pupil_id)))


def launch_token(pupil: Pupil, who: User) -> str:
    """Say, signed, who clicked for which pupil: for one minute, and once (by its ``jti``)."""
    config, now = current_app.config, int(time.time())  # noqa: TID251  # a host's own clock, not the plugin's
    claims = {
        "iss": config["MELDCODE_LAUNCH_ISSUER"],
        "aud": config["MELDCODE_PUBLIC_URL"],
        "iat": now,
        "exp": now + LAUNCH_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "sub": who.id,
        "email": who.email,
        "school": config["MELDCODE_SCHOOL"],
        "pupil": pupil.id,
        "name": pupil.name,
        "dob": pupil.birth_date.isoformat() if pupil.birth_date else None,
        "group": pupil.group,
    }
    return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, OctKey.import_key(config["MELDCODE_LAUNCH_SECRET"]))
