"""A real application on a real SQLite file beside a provider on loopback, and a browser; it knows no case."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from meldcode_plugin import Meldcode
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import signins
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import schools
from meldcode_plugin.store.keys import new_key_file
from meldcode_plugin.store.models.signins import SignIn
from tests.provider.hostile import CLIENT, SECRET, Provider
from tests.world import school_of

PUBLIC = "http://localhost"
LAUNCH_ISSUER, LAUNCH_SECRET = "https://sis.example", "a launch secret of thirty-two bytes or more"


class Clock:
    """A clock that goes on by itself and can be moved."""

    def __init__(self) -> None:
        """Begin at the machine's time."""
        self.moved = timedelta()

    def __call__(self) -> datetime:
        """Return the moment."""
        return datetime.now(UTC) + self.moved  # noqa: TID251  # the clock that tests move

    def advance(self, **by: float) -> None:
        """Move the clock forward: ``advance(minutes=11)``."""
        self.moved += timedelta(**by)


@dataclass
class World:
    """One school's application with its provider."""

    app: Flask
    provider: Provider
    clock: Clock

    @property
    def door(self) -> Door:
        """The door of the application."""
        found: Door = self.app.extensions["meldcode"]
        return found

    def fresh(self) -> Browser:
        """Let the provider answer by the book, let the application forget it, and open a new browser."""
        self.provider.reset()
        self.app.extensions.pop("meldcode_provider", None)
        return Browser(self)

    def sign_ins(self) -> set[Any]:
        """Return the ids of all sign-ins that exist."""
        return sign_ins(self.door)

    def rows(self, column: Any) -> list[Any]:
        """Return one column of all rows of this school, as the database holds it."""
        return rows(self.door, column)


@dataclass
class Browser:
    """A browser as far as signing in goes: cookies, and redirects followed by hand."""

    world: World
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        """Begin without cookies."""
        self.client = self.world.app.test_client()

    def ask(self, address: str = "/meldcode/aanmelden") -> str:
        """Ask to sign in; return the address at the provider to which the application sends us."""
        answer = self.client.get(address)
        assert answer.status_code == 302, answer.text
        return str(answer.location)

    @staticmethod
    def provide(address: str) -> str:
        """Go to the provider, where somebody is signed in; return the address that it sends us back to."""
        answer = requests.get(address, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, address: str = "/meldcode/aanmelden") -> Any:
        """Go the whole way; return the answer to the callback."""
        first = self.client.get(address)
        if first.status_code != 302:  # the application would not even begin
            return first
        return self.client.get(self.provide(first.location))

    @property
    def signed_in(self) -> bool:
        """Whether the application knows this browser: then it does not send it to the provider."""
        return str(self.client.get("/meldcode/aanmelden").location).startswith("/meldcode/")

    def csrf(self) -> str:
        """Return the token that this browser finds in every form."""
        return hmac.digest(self.cookie().encode(), b"meldcode form", "sha256").hex()

    def sign_out(self) -> Any:
        """Press the button to sign out."""
        return self.client.post("/meldcode/afmelden", data={"csrf_token": self.csrf()})

    def viewer(self) -> Viewer:
        """Return who the application thinks that this browser is."""
        with self.world.door.system("test") as work:
            found = signins.find(work, self.cookie(), idle_minutes=15, absolute_hours=8)
            who = signins.viewer(work, found) if found else None
        assert who
        return who

    def cookie(self) -> str:
        """Return the handle that this browser holds."""
        found = self.client.get_cookie("meldcode")
        return found.value if found else ""


def sign_ins(door: Door) -> set[Any]:
    """Return the ids of all sign-ins of an application."""
    return set(rows(door, SignIn.id))


def rows(door: Door, column: Any) -> list[Any]:
    """Return one column of all rows of the school of an application, as the database holds it."""
    school = door.school_id  # asked before the transaction, since the first time it is a transaction itself
    with Session(door.store.engine) as session:
        school_of(session.connection(), school)
        return list(session.scalars(select(column)))


def with_cookie(world: World, handle: str) -> Browser:
    """Return another browser that somebody gave this handle."""
    browser = Browser(world)
    browser.client.set_cookie("meldcode", handle)
    return browser


def query(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def settings(folder: Path, issuer: str, database: str) -> dict[str, Any]:
    """Return the settings of a school in this folder."""
    return {
        "MELDCODE_SCHOOL": "00AA",
        "MELDCODE_PUBLIC_URL": PUBLIC,
        "MELDCODE_DATABASE_URL": database,
        "MELDCODE_OIDC_ISSUER": issuer,
        "MELDCODE_OIDC_CLIENT_ID": CLIENT,
        "MELDCODE_OIDC_CLIENT_SECRET": SECRET,
        "MELDCODE_OIDC_ACR": "urn:school:two-factors",
        "MELDCODE_KEY_FILE": folder / "root.key",
        "MELDCODE_BLOB_DIR": folder / "blobs",
        "MELDCODE_LAUNCH_ISSUER": LAUNCH_ISSUER,
        "MELDCODE_LAUNCH_SECRET": LAUNCH_SECRET,
        "MELDCODE_METRICS_TOKEN": "a token for who watches the machine",
    }


def make_world(folder: Path, provider: Provider, clock: Clock, database: str) -> World:
    """Return the application of a school that has this provider, on this database with its schema."""
    return World(make_app(folder, clock, settings(folder, provider.issuer, database)), provider, clock)


def make_app(folder: Path, clock: Clock, config: dict[str, Any]) -> Flask:
    """Return a host with the plugin inside, and its school."""
    new_key_file(folder / "root.key")
    app = Flask("host")
    app.config |= config
    door = Meldcode().init_app(app, clock=clock)
    schools.add(door.store, "00AA", "School van de proef")
    return app
