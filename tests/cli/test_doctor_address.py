"""The doctor looks at the address of the pages as a browser does: certificate, cookies, and what stands before them."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from meldcode_plugin import Meldcode
from meldcode_plugin.web import trial
from meldcode_plugin.web.gate import STANDALONE
from tests.integrations.server import certificate
from tests.provider.harness import World as Gatehouse

Before = Callable[[Any], Any]


@contextmanager
def served(gatehouse: Gatehouse, certificate_file: Path, before: Before | None = None) -> Iterator[Flask]:
    """Serve the pages by https on loopback, as they stand at their own address, with something before them or not."""
    gatehouse.fresh()
    with socket.create_server(("localhost", 0)) as one:
        port = one.getsockname()[1]
    app = Flask(STANDALONE)
    app.config.update({k: v for k, v in gatehouse.app.config.items() if k.startswith("MELDCODE_")})
    app.config["MELDCODE_PUBLIC_URL"] = f"https://localhost:{port}"
    door = Meldcode().init_app(app, clock=gatehouse.clock)
    if before:
        app.wsgi_app = before(app.wsgi_app)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file)
    server = make_server("localhost", port, app, threaded=True, ssl_context=context)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield app
    finally:
        server.shutdown()
        door.store.engine.dispose()


def address(app: Flask) -> list[tuple[bool | None, str]]:
    """Return what the doctor says of the address."""
    door = app.extensions["meldcode"]
    with app.test_request_context(base_url=door.settings.public_url):
        return list(trial.try_address(door.settings, door.store.clock()))


def test_our_own_address_is_looked_at_as_a_browser_does(
    gatehouse: Gatehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A trusted certificate and cookies that come as they were sent are right; nothing else is said."""
    own = certificate(tmp_path, days=400)
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with served(gatehouse, own) as app:
        lines = address(app)
    assert [True, True] == [right for right, _ in lines], lines
    assert "days more" in lines[0][1]
    assert "__Host-" in lines[1][1]


def _without(word: str) -> Before:
    """Something before the pages that takes a word out of each head."""

    def before(inner: Any) -> Any:
        def app(environ: Any, start: Any) -> Any:
            def begin(status: str, heads: list[tuple[str, str]], *more: Any) -> Any:
                kept = [(name, value.replace(word, "")) for name, value in heads if name != word]
                return start(status, kept, *more)

            return inner(environ, begin)

        return app

    return before


@pytest.mark.parametrize(
    ("days", "trusted", "before", "words"),
    [
        (-3, True, None, "certificate has expired"),
        (400, False, None, "not trusted"),
        (9, True, None, "Renew it"),
        (400, True, _without("; Secure"), "without secure"),
        (400, True, _without("__Host-"), "without __host-"),
        (400, True, _without("Set-Cookie"), "no sign-in begins"),
        (400, True, _without("Strict-Transport-Security"), "Strict-Transport-Security"),
    ],
)
def test_what_is_wrong_at_our_own_address_is_named(
    gatehouse: Gatehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    trusted: bool,  # noqa: FBT001  # a column of the table above
    before: Before | None,
    words: str,
):
    """An old or strange certificate, and whatever stands before us and changes what we send."""
    own = certificate(tmp_path, days=days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with served(gatehouse, own, before) as app:
        lines = address(app)
    assert words in " ".join(text for right, text in lines if right is not True), lines


def test_an_address_that_nobody_serves_is_wrong(gatehouse: Gatehouse):
    """Nobody listens, or there is no https at all."""
    gatehouse.fresh()
    settings = gatehouse.door.settings
    for url, words in (("https://localhost:1", "/etc/hosts"), ("http://localhost", "MELDCODE_PUBLIC_URL")):
        with gatehouse.app.test_request_context():
            lines = list(trial.try_address(settings.model_copy(update={"public_url": url}), gatehouse.clock()))
        assert [False] == [right for right, _ in lines]
        assert words in lines[0][1]
