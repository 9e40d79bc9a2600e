"""Two providers that others wrote, and a surfer who fills in their pages; it knows no case."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import secrets
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from flask import Flask
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from meldcode_demo.town import SETTINGS
from tests.machine.node import node, npm_ci
from tests.machine.process import server, until
from tests.provider.hostile import CLIENT, SECRET

NODE = Path(__file__).parent / "node"
ISSUER = re.compile(r"^http://127\.0\.0\.1:\d+$", re.MULTILINE)


PORTS = iter(random.sample(range(20_000, 32_000), 500))
"""Below the ports that the system itself gives to connections, each offered once."""


def free_port() -> int:
    """Return a port of loopback on which nobody listens."""
    for port in PORTS:
        with contextlib.suppress(OSError), socket.socket() as found:
            found.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@contextlib.contextmanager
def serving(app: Flask, port: int) -> Iterator[None]:
    """Serve an application on a port of loopback, in a thread."""
    running = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        running.shutdown()
        running.server_close()


@contextlib.contextmanager
def oidc_provider(home: str, folder: Path, **differs: Any) -> Iterator[str]:
    """Run oidc-provider from npm with our client; yield its issuer. ``differs``: alg, auth, claimsInToken."""
    npm_ci(NODE)
    asked = {
        "client": CLIENT,
        "secret": SECRET,
        "redirect": home + "/meldcode/aanmelden/terug",
        "signedOut": home + "/meldcode/afgemeld",
        "backchannel": home + "/meldcode/backchannel-logout",
        "alg": "RS256",
        "auth": "client_secret_basic",
        "claimsInToken": False,
    } | differs
    log = folder / "oidc-provider.log"
    with server([node(), str(NODE / "server.mjs"), json.dumps(asked)], log) as process:
        until(lambda: ISSUER.search(log.read_text()) is not None, process, log)
        found = ISSUER.search(log.read_text())
        assert found
        yield found.group()


@contextlib.contextmanager
def canaille(home: str, folder: Path) -> Iterator[str]:
    """Run the demo's canaille with our client; yield its issuer."""
    address = f"127.0.0.1:{free_port()}"
    settings = {
        "SIS_URL": home,
        "SIS_CLIENT_SECRET": secrets.token_urlsafe(),
        "MELDCODE_PUBLIC_URL": home,
        "MELDCODE_OIDC_CLIENT_SECRET": SECRET,
        "PROVIDER": {
            "database": f"sqlite:///{folder / 'canaille.sqlite'}",
            "secret": secrets.token_urlsafe(),
            "key": RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True),
            "address": address,
            "host": "127.0.0.1",
        },
    }
    (folder / "canaille.json").write_text(json.dumps(settings))
    line = [sys.executable, "-m", "gunicorn", "--bind", address, "--threads", "4", "meldcode_demo.provider:create()"]
    with_settings = ["env", f"{SETTINGS}={folder / 'canaille.json'}", f"PATH={os.environ['PATH']}", *line]
    log = folder / "canaille.log"
    with server(with_settings, log) as process:
        until(lambda: _answers(f"http://{address}/.well-known/openid-configuration"), process, log, 60)
        yield f"http://{address}"


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=2).ok
    except requests.RequestException:
        return False


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self.found.append((given.get("action", ""), {}))
        elif tag in ("input", "button") and given.get("name") and self.found:
            self.found[-1][1].setdefault(given["name"], given.get("value", ""))


@dataclass
class Surfer:
    """A person with a browser: keeps cookies, follows redirects, fills in forms."""

    home: str
    session: requests.Session = field(default_factory=requests.Session)
    page: Any = None

    def go(self, path: str) -> Surfer:
        """Open a page of the school's application."""
        self.page = self.session.get(urljoin(self.home, path), timeout=20)
        return self

    def csrf(self) -> str:
        """Return the token that stands in the forms of this page."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.page.text)
        assert found, self.page.text
        return found.group(1)

    def fill_in(self, **answers: str) -> Surfer:
        """Fill in the first form on the page that has these fields, and send it."""
        forms = _Forms()
        forms.feed(self.page.text)
        for action, fields in forms.found:
            if answers.keys() <= fields.keys():
                address = urljoin(self.page.url, action)
                self.page = self.session.post(address, data=fields | answers, timeout=20)
                return self
        raise AssertionError(f"no form with {sorted(answers)} on {self.page.url}: {self.page.text}")
