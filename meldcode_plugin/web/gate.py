"""The gate before every page: who is asking, is the request their own, which headers go out; it knows no page."""

from __future__ import annotations

import hmac
import secrets
from io import RawIOBase
from urllib.parse import urlencode, urlsplit
from uuid import UUID, uuid4

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from meldcode_plugin.errors import MeldcodeError
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.uploads import MAX_BYTES
from meldcode_plugin.services import attachments, drafts, signins
from meldcode_plugin.services.door import Door
from meldcode_plugin.web import rates
from meldcode_plugin.web.provider import provider_of

STANDALONE = "meldcode_plugin"
"""Name of the application that `create_app` makes; any other one is a host."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BARE = frozenset({"static", "healthz", "readyz", "metrics", "launch", "backchannel_logout"})
"""Pages that look at no cookie: what comes in proves itself, or there is nothing to prove."""
OPEN = BARE | {"sign_in", "sign_in_back", "sign_out", "signed_out", "launched", "danger"}
"""The only pages for whom nobody is signed in. Every page that is not named here is closed."""
UPLOADS = frozenset({"signal", "signal_of_pupil", "signal_without_pupil", "add_attachment", "step"})
"""Forms that carry files."""
SEARCHES = frozenset({"search_cases", "search_excluded", "search_access"})
OFTEN = "Je zocht heel vaak achter elkaar. Wacht een minuut en zoek dan opnieuw."
DRAFTED = UPLOADS - {"step"} | {"save_draft"}
"""Forms whose words are kept as a draft when the sign-in ended while they were typed."""
FORM_BYTES = 2 * 1024 * 1024
UPLOAD_BYTES = 4 * MAX_BYTES + FORM_BYTES
"""Several large files at once, for who has no script that sends them one by one."""
CSRF_FIELD = "csrf_token"
KEY = "key"
CONTROLS = frozenset({CSRF_FIELD, "action", KEY})
"""Fields of a form that nobody typed."""


def door() -> Door:
    """Return the door of this application."""
    found: Door = current_app.extensions["meldcode"]
    return found


def viewer() -> Viewer:
    """Return who is asking; only for pages that are not open."""
    found: Viewer = g.meldcode_viewer
    return found


def form_key(*, again: bool = False) -> UUID:
    """Return the key that a form carries: the same form, sent twice, is one thing. A new form gets a new one.

    In an address, unlike in a field, the back button brings it back. ``again``: what was sent with the key stands
    already, and what is in the form now is something else.
    """
    if again:
        return uuid4()
    return request.args.get(KEY, type=UUID) or request.form.get(KEY, type=UUID) or uuid4()


def keyless() -> AnyResponse | None:
    """Return the way to the same page with a key in its address, when a form is opened by an address without one."""
    if request.method == "POST" or KEY in request.args:
        return None
    asked = urlencode([*request.args.items(multi=True), (KEY, uuid4())])
    return redirect(f"{url_for(str(request.endpoint), **(request.view_args or {}))}?{asked}", 303)


def guard(pages: Blueprint) -> None:
    """Put the gate before every page of the blueprint, and its headers on every answer."""
    pages.before_request(admit)
    pages.after_request(close)
    pages.context_processor(lambda: {"csrf_token": csrf_token, "csp_nonce": g.get("csp_nonce", "")})


# --- coming in -----------------------------------------------------------------------------------


def admit() -> AnyResponse | None:
    """Let a request through to its page, or answer it here."""
    endpoint = (request.endpoint or "").rpartition(".")[2]
    g.csp_nonce = secrets.token_urlsafe(16)
    g.meldcode_viewer = g.meldcode_sign_in = None
    request.max_content_length = UPLOAD_BYTES if endpoint in UPLOADS else FORM_BYTES
    request.max_form_memory_size = FORM_BYTES
    request._get_file_stream = _sealed  # type: ignore[assignment]  # noqa: SLF001  # werkzeug's place for it
    if endpoint in BARE:
        return None
    _look()
    if g.meldcode_viewer is None:
        return None if endpoint in OPEN else _nobody(endpoint)
    if request.method not in SAFE:
        return _unsafe() or _too_often(endpoint)
    return None


def _too_often(endpoint: str) -> AnyResponse | None:
    person = str(viewer().person_id)
    if endpoint not in SEARCHES or rates.within(rates.SEARCHES, "search", person):
        return None
    return message(429, OFTEN)


def _sealed(*_: object, **__: object) -> RawIOBase:
    """Take the files of a form in sealed: werkzeug itself would put the larger ones on disk in clear."""
    return attachments.spool(door())


def cookie_name() -> str:
    """Return the name of the cookie; with https the browser itself guards it by the __Host- prefix."""
    return "__Host-meldcode" if door().settings.secure else "meldcode"


def _look() -> None:
    """Load the sign-in of this browser with the roles of this moment (T11, T17)."""
    handle = request.cookies.get(cookie_name(), "")
    if not handle:
        return
    settings = door().settings
    with door().system("sign-in") as work:
        found = signins.find(work, handle, idle_minutes=settings.idle_minutes, absolute_hours=settings.absolute_hours)
        person = signins.viewer(work, found) if found else None
    if found and person:
        g.meldcode_sign_in, g.meldcode_viewer = found, person if found.live else None
        g.meldcode_ended = None if found.live else person


def _nobody(endpoint: str) -> AnyResponse:
    """Answer a request for a closed page of whom nobody is signed in. No typed word is lost."""
    if _in_background():
        _keep_draft(endpoint)
        return make_response("", 401)
    if request.method in SAFE:
        return redirect(url_for("meldcode.sign_in", terug=own_path()))
    if foreign():
        return refused()
    key = _keep_draft(endpoint)
    if key is None:
        return resend(401)
    back = url_for("meldcode.signal", key=key)
    return redirect(url_for("meldcode.sign_in", terug=back, bewaard=1), 303)


def _unsafe() -> AnyResponse | None:
    if foreign():
        return refused()
    given = request.form.get(CSRF_FIELD) or request.headers.get("X-CSRF-Token", "")
    if hmac.compare_digest(given.encode(errors="replace"), csrf_token().encode()):
        return None
    return make_response("", 403) if _in_background() else resend(403)


def _in_background() -> bool:
    """Tell whether a script asks and not a person: then a page would not be seen."""
    return request.headers.get("Sec-Fetch-Dest") == "empty" or "X-CSRF-Token" in request.headers


def own_path() -> str:
    """Return the path and query of this request, to come back to."""
    query = request.query_string.decode(errors="replace")
    return request.script_root + request.path + (f"?{query}" if query else "")


# --- forged requests -----------------------------------------------------------------------------


def csrf_token() -> str:
    """Return the token that a form of this browser must carry: only who holds its cookie can make it."""
    if "meldcode_csrf" not in g:
        handle = request.cookies.get(cookie_name(), "")
        g.meldcode_csrf = hmac.digest(handle.encode(errors="replace"), b"meldcode form", "sha256").hex()
    found: str = g.meldcode_csrf
    return found


def origin_of(address: str) -> str:
    """Return scheme, host and port as a browser writes them in ``Origin``."""
    parts = urlsplit(address)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def foreign() -> bool:
    """Tell whether the browser says that another site sent this request (T19).

    A page without referrer sends ``Origin: null`` to its own site; then only ``Sec-Fetch-Site`` tells.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none"):
        return True
    if origin == "null":
        return site != "same-origin"
    return origin is not None and origin != origin_of(door().settings.public_url)


def refused() -> AnyResponse:
    """Answer a request that another site sent in this person's name."""
    return message(403, "Dit formulier kwam van een andere website. Daarom doen we er niets mee.")


# --- words that may not be lost ------------------------------------------------------------------


def _typed() -> dict[str, str]:
    fields = request.form.to_dict(flat=False)
    return {name: "\n".join(values) for name, values in fields.items() if name not in CONTROLS}


def _keep_draft(endpoint: str) -> UUID | None:
    """Store what was typed as the author's draft, when a sign-in that ended by itself says who that is."""
    author: Viewer | None = g.get("meldcode_ended")
    if author is None or endpoint not in DRAFTED or request.method in SAFE or foreign() or not _typed():
        return None
    try:
        key = UUID(str((request.view_args or {}).get("key") or request.form.get("key", "")))
        with door().work(author) as work:
            drafts.save(work, key, None, _typed())
    except (ValueError, MeldcodeError):
        return None
    return key


def resend(status: int) -> AnyResponse:
    """Show everything that was posted, in a form that can be sent again after signing in."""
    fields = [(name, text) for name, text in request.form.items(multi=True) if name != CSRF_FIELD]
    page = render_template(
        "meldcode/signin/resend.html",
        fields=fields,
        address=own_path(),
        signed_in=g.meldcode_viewer is not None,
        sign_in=url_for("meldcode.sign_in"),
        files=any(file.filename for file in request.files.values()),
    )
    return make_response(page, status)


# --- plain pages ---------------------------------------------------------------------------------


def message(status: int, text: str, *, more: str = "", link: str = "", label: str = "") -> AnyResponse:
    """Show one sentence, perhaps a second, and perhaps where to go next."""
    page = render_template("meldcode/signin/message.html", text=text, more=more, link=link, label=label)
    return make_response(page, status)


def not_found() -> AnyResponse:
    """Answer for what is missing, foreign, excluded or destroyed: always the same bytes (T6)."""
    return make_response(render_template("meldcode/404.html"), 404)


# --- going out -----------------------------------------------------------------------------------


def close(response: Response) -> Response:
    """Set the headers of every answer; a cached page on a shared computer is a leak (T12)."""
    heads = response.headers
    nonce = f"'nonce-{g.csp_nonce}' 'strict-dynamic'" if "csp_nonce" in g else "'none'"
    heads["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            f"script-src {nonce}",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            f"form-action 'self' {' '.join(_form_targets())}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
        )
    )
    if request.endpoint is None or not request.endpoint.endswith(".static"):
        heads["Cache-Control"] = "no-store"
    heads["X-Content-Type-Options"] = "nosniff"
    heads["X-Frame-Options"] = "DENY"
    heads["Referrer-Policy"] = "no-referrer"
    heads["Cross-Origin-Opener-Policy"] = "same-origin"
    heads["Cross-Origin-Resource-Policy"] = "same-origin"
    heads["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    if current_app.import_name == STANDALONE and door().settings.secure:  # inside a host, this is the host's to say
        heads["Strict-Transport-Security"] = "max-age=31536000"
    return response


def _form_targets() -> list[str]:
    """Return the origins to which a form may lead: signing out ends at the provider."""
    return sorted({origin_of(address) for address in provider_of(current_app).addresses()})
