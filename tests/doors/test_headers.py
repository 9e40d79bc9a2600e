"""The headers of every answer, exactly: a page on a shared computer is not kept, framed or guessed at."""

from __future__ import annotations

import re

import pytest

from tests.doors.bodies import body_of, options_of
from tests.doors.house import House
from tests.doors.test_rights import LINES, Line

NONCE = re.compile(r"'nonce-[\w-]{22,}'")
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
POLICY = (
    "default-src 'none'; script-src NONCE 'strict-dynamic'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self' PROVIDER; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
SIGNING = ("/meldcode/aanmelden", "/meldcode/afmelden", "/meldcode/start/")
"""The only pages that set a cookie."""
ONCE = [line for line in LINES if line.state in ("-", "new")]


@pytest.mark.parametrize("line", ONCE, ids=str)
def test_every_answer_has_the_same_guards(house: House, issuer: str, line: Line):
    """Shown, refused or sent on, to each person: the same headers, and never to be kept."""
    house.ask("anonymous", "GET", "/meldcode/aanmelden")  # from here on the provider's addresses are known
    for subject in ("anonymous", "teacher", "reporter", "ib", "board"):
        if line.method == "POST":
            house.back_to("new")
        answer = house.ask(
            subject, line.method, house.path(line.rule), body_of(line.rule, house), **options_of(line.rule)
        )
        policy = NONCE.sub("NONCE", answer.headers["Content-Security-Policy"])
        expected = POLICY.replace("PROVIDER", issuer)
        assert policy == expected, subject
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS, subject
        kept = not line.rule.endswith("static/<path:filename>")
        assert (answer.headers.get("Cache-Control") == "no-store") == kept, subject
        assert answer.headers.get("Set-Cookie") is None or line.rule.startswith(SIGNING), subject


def test_signing_out_clears_the_browser(house: House):
    """Who signs out on a shared computer leaves nothing in its cache."""
    house.back_to("new")
    answer = house.ask("teacher", "POST", "/meldcode/afmelden")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert "meldcode=;" in answer.headers["Set-Cookie"]


def test_a_file_is_inert(house: House):
    """A file of a dossier is handed out with a type of ours and a name that can not break out."""
    house.back_to("new")
    answer = house.ask("ib", "GET", house.path("/meldcode/dossier/<uuid:case>/bijlage/<uuid:attachment>"))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''tekening.png"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
