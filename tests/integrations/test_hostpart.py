"""The adapter to the host parts of RosarioSIS and Gibbon, against a small server that speaks as they do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from meldcode_memory import PUPILS
from meldcode_memory import source as memory
from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import Pupil, StudentSource
from tests.integrations.contract import StudentSourceContract

SECRET = "een-geheim-van-minstens-32-tekens-lang"
ISSUER, AUDIENCE = "https://meldcode.school.example", "rosariosis"
SYSTEM = memory({})


class Server(ThreadingHTTPServer):
    """Answers as ``roster.php`` does; ``wrong`` answers something else."""

    daemon_threads = True
    wrong: Callable[[BaseHTTPRequestHandler], None] | None = None

    def __init__(self) -> None:
        """Listen at a free port."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.used: set[str] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/roster.php"


class Handler(BaseHTTPRequestHandler):
    """One question."""

    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Check the token, and answer."""
        if self.server.wrong:
            self.server.wrong(self)
            return
        if not self._may_ask():
            self.say(401, {"error": "unauthorized"})
            return
        asked = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        if "pupil" in asked:
            found = SYSTEM.pupil(asked["pupil"][0])
            self.say(200, {"pupils": [_told(found)] if found else []})
        elif "search" in asked:
            self.say(200, {"pupils": [_told(one) for one in SYSTEM.search(asked["search"][0], int(asked["limit"][0]))]})
        else:
            self.say(200, {"staff": [{"id": one.id, "name": one.name, "email": one.email} for one in SYSTEM.staff()]})

    def _may_ask(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"]).claims
        except JoseError:
            return False
        now = datetime.now(UTC).timestamp()  # noqa: TID251  # another system's clock
        fresh = claims["iat"] <= now + 60 and now <= claims["exp"] <= now + 120
        once = claims["jti"] not in self.server.used
        self.server.used.add(claims["jti"])
        return (claims["iss"], claims["aud"]) == (ISSUER, AUDIENCE) and fresh and once

    def say(self, status: int, what: Any) -> None:
        """Answer in JSON, or with these bytes."""
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _told(pupil: Pupil) -> dict[str, Any]:
    guardians = [
        {"name": one.name, "email": one.email, "relation": one.relation, "custody": one.has_custody}
        for one in pupil.guardians
    ]
    born = pupil.birth_date.isoformat() if pupil.birth_date else None
    return {"id": pupil.id, "name": pupil.name, "born": born, "group": pupil.group, "guardians": guardians}


@pytest.fixture
def server() -> Iterator[Server]:
    """A host part on loopback."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def options(server: Server) -> dict[str, Any]:
    """What an IT admin fills in."""
    return {"url": server.url, "secret": SECRET, "issuer": ISSUER, "audience": AUDIENCE}


@pytest.fixture
def source(options: dict[str, Any]) -> StudentSource:
    """The adapter, found by its name."""
    return sis.load("hostpart", options)


class TestHostPart(StudentSourceContract):
    """What every adapter must do."""

    @pytest.fixture
    def known(self) -> Pupil:
        """Pim van den Berg; the host part tells no siblings and no other ids."""
        found = next(pupil for pupil in PUPILS if pupil.id == "2612")
        return replace(found, sibling_ids=(), other_ids=())


def _heads(one: BaseHTTPRequestHandler, status: int, name: str, value: str) -> None:
    """Answer with heads alone."""
    one.send_response(status)
    one.send_header(name, value)
    one.end_headers()


WRONG: dict[str, Callable[[Any], None]] = {
    "500": lambda one: one.say(500, {}),
    "another page": lambda one: one.say(200, b"<html>Log in</html>"),
    "another shape": lambda one: one.say(200, {"pupils": [{"naam": "Pim"}], "staff": [1]}),
    "wrong encoding": lambda one: one.say(200, b'{"pupils": [{"id": "1", "name": "Zo\xeb"}], "staff": []}'),
    "a redirect": lambda one: _heads(one, 302, "Location", "/"),
    "too long": lambda one: one.say(200, b" " * (9 * 1024 * 1024)),
    "cut off": lambda one: _heads(one, 200, "Content-Length", "99"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_answer_is_a_silent_system(server: Server, source: StudentSource, wrong: str):
    """Whatever comes back, the plugin hears that the system is silent, and the admin which fault it was."""
    server.wrong = WRONG[wrong]
    with pytest.raises(SourceUnavailable):
        source.pupil("2612")
    with pytest.raises(SourceUnavailable):
        source.staff()
    (finding,) = source.check()
    assert not finding.ok
    assert "host part" in finding.text


def test_another_secret_is_refused(server: Server, options: dict[str, Any]):
    """Who does not hold the secret reads nothing, and the check says what to compare."""
    other = sis.load("hostpart", options | {"secret": "x" * 40})
    with pytest.raises(SourceUnavailable):
        other.staff()
    (finding,) = other.check()
    assert "'secret', 'issuer' and 'audience'" in finding.text


def test_nobody_at_home_is_a_silent_system(server: Server, options: dict[str, Any]):
    """No server at that address."""
    away = sis.load("hostpart", options | {"url": "http://127.0.0.1:1/roster.php"})
    with pytest.raises(SourceUnavailable):
        away.search("pim")


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"url": ""}, "url"),
        ({"url": "http://sis.school.example/roster.php"}, "https"),
        ({"secret": "kort"}, "32"),
        ({"tokn": "x"}, "tokn"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], changed: dict[str, str], word: str):
    """The start stops with what to change."""
    with pytest.raises(SettingsWrong, match=word):
        sis.load("hostpart", options | changed)
