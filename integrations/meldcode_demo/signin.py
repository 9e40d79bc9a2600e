"""How people sign in to the school's own system: at the same provider as the plugin, as another client."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec
from urllib.parse import urlencode

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, redirect, render_template, request, session, url_for
from requests import RequestException

from meldcode_plugin.services import signins

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from meldcode_plugin.services.door import Door

P = ParamSpec("P")
GROUPS = {"medewerkers", "bestuur"}
"""Who may use the school's system; parents and pupils have their own."""


@dataclass(frozen=True)
class User:
    """Who is signed in to the school's system."""

    id: str
    name: str
    email: str


def add_to(app: Flask) -> None:
    """Add signing in and out to the school's system."""
    oauth = OAuth(app)
    oauth.register(
        "school",
        client_id=app.config["SIS_CLIENT_ID"],
        client_secret=app.config["SIS_CLIENT_SECRET"],
        server_metadata_url=app.config["MELDCODE_OIDC_ISSUER"] + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email groups", "code_challenge_method": "S256", "timeout": 10},
    )
    app.extensions["sis_oauth"] = oauth
    app.add_url_rule("/aanmelden", "sign_in", sign_in)
    app.add_url_rule("/aangemeld", "signed_in", signed_in)
    app.add_url_rule("/uitloggen", "sign_out", sign_out, methods=["POST"])
    app.add_url_rule("/uitgelogd", "signed_out", signed_out)


def user() -> User | None:
    """Return who is signed in, or None."""
    return User(**session["user"]) if "user" in session else None


def form_token() -> str:
    """Return what a form of this session must send back, so that no other site can send it."""
    return str(session.get("form", ""))


def own_form() -> bool:
    """Tell whether the form that came in is one of this session."""
    sent = request.form.get("form_token", "")
    return bool(sent) and secrets.compare_digest(sent.encode(), form_token().encode())


def needs_user(view: Callable[P, Any]) -> Callable[P, Any]:
    """Let only people who are signed in see a page; send others to the provider and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
        if user() is None:
            return redirect(url_for("sign_in", next=request.full_path.rstrip("?")))
        return view(*args, **kwargs)

    return guarded


def _school() -> Any:
    return current_app.extensions["sis_oauth"].school


def sign_in() -> Response:
    """Send the browser to the provider."""
    wanted = request.args.get("next", "/")
    session["next"] = wanted if wanted.startswith("/") and wanted[1:2] not in ("/", "\\") else "/"
    try:
        answer: Response = _school().authorize_redirect(current_app.config["SIS_URL"] + url_for("signed_in"))
    except (OAuthError, RequestException):
        abort(503)
    return answer


def signed_in() -> Response | tuple[str, int]:
    """Take the answer of the provider."""
    issuer, client = current_app.config["MELDCODE_OIDC_ISSUER"], current_app.config["SIS_CLIENT_ID"]
    essential = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}}
    try:
        token = _school().authorize_access_token(claims_options=essential)
    except (OAuthError, RequestException, ValueError):
        return redirect(url_for("home"))
    claims = token["userinfo"]
    if not GROUPS & set(claims.get("groups", [])):
        return render_template("sis/message.html", text="Dit systeem is alleen voor medewerkers van de school."), 403
    wanted = session.get("next", "/")
    session.clear()
    session["user"] = {"id": claims["sub"], "name": claims["name"], "email": claims["email"]}
    session["id_token"], session["form"] = token["id_token"], secrets.token_urlsafe(16)
    return redirect(wanted)


def sign_out() -> Response:
    """Sign out here, of the plugin in it, and of the provider: the next person signs in as themselves."""
    if not own_form():
        abort(400)
    hint, config = session.get("id_token", ""), current_app.config
    session.clear()
    _sign_out_of_plugin()
    back = {"client_id": config["SIS_CLIENT_ID"], "post_logout_redirect_uri": config["SIS_URL"] + url_for("signed_out")}
    end = _school().load_server_metadata()["end_session_endpoint"]
    return redirect(f"{end}?{urlencode({'id_token_hint': hint, **back})}")


def _sign_out_of_plugin() -> None:
    """End the plugin's sign-in of this browser, which has its own cookie; the plugin also ends it by itself."""
    door: Door = current_app.extensions["meldcode"]
    handle = request.cookies.get("__Host-meldcode") or request.cookies.get("meldcode", "")
    idle, absolute = door.settings.idle_minutes, door.settings.absolute_hours
    with door.system("host sign-out") as work:
        if found := signins.find(work, handle, idle_minutes=idle, absolute_hours=absolute):
            signins.end(work, found)


def signed_out() -> str:
    """Say that nobody is signed in any more."""
    return render_template("sis/message.html", text="Je bent uitgelogd.", link="Opnieuw inloggen")
