"""The usual ways in and out, against two providers that others wrote."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from meldcode_demo.people import SANNE
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import signins
from tests.provider.harness import Clock, make_app, settings, sign_ins
from tests.provider.launching import launch_token
from tests.provider.others import Surfer, canaille, free_port, oidc_provider, serving


@dataclass
class School:
    """A school's application on its own address, with a provider that others wrote."""

    app: Flask
    home: str
    issuer: str

    def surfer(self) -> Surfer:
        """Return a person with a new browser."""
        return Surfer(self.home)

    def viewer(self, surfer: Surfer) -> Viewer:
        """Return who the application thinks that this browser is."""
        with self.app.extensions["meldcode"].system("test") as work:
            found = signins.find(work, surfer.session.cookies["meldcode"], idle_minutes=15, absolute_hours=8)
            assert found
            who = signins.viewer(work, found)
        assert who
        return who

    @property
    def count(self) -> int:
        """How many sign-ins there are."""
        return len(sign_ins(self.app.extensions["meldcode"]))


def at_node(surfer: Surfer, login: str = "anja") -> Surfer:
    """Sign in at oidc-provider's own pages, and agree."""
    return surfer.fill_in(login=login, password="any").fill_in(prompt="consent")


def at_canaille(surfer: Surfer, login: str = "sanne") -> Surfer:
    """Sign in at canaille's own pages; 0.3.6 makes one person's token twice within a second, and then breaks down."""
    time.sleep(max(0.0, SIGNED_IN.get(login, 0.0) + 1.1 - time.monotonic()))
    surfer.fill_in(login=login).fill_in(password=f"{login}-wilgenhof")
    SIGNED_IN[login] = time.monotonic()
    return surfer


SIGNED_IN: dict[str, float] = {}
"""When each person last came from canaille, in seconds of the steady clock."""


def path(surfer: Surfer) -> str:
    """Return where the browser stands, at the school's application."""
    assert surfer.page.url.startswith(surfer.home), surfer.page.url
    return urlsplit(surfer.page.url).path


DIFFERENT = [
    {},
    {"alg": "PS256"},
    {"alg": "ES256"},
    {"auth": "client_secret_post"},
    {"claimsInToken": True},
    {"alg": "ES256", "auth": "client_secret_post", "claimsInToken": True},
]


@pytest.mark.parametrize("differs", DIFFERENT, ids=str)
def test_oidc_provider_signs_in_and_out(differs: dict[str, Any], open_school: Callable[..., Any]):
    """Whatever the algorithm, the client's proof and the place of the claims."""
    with open_school(oidc_provider, **differs) as school:
        surfer = at_node(school.surfer().go("/meldcode/nu-gevaar").go("/meldcode/aanmelden?terug=/meldcode/nu-gevaar"))
        assert path(surfer) == "/meldcode/nu-gevaar"
        who = school.viewer(surfer)
        assert (who.name, who.email) == ("Mevrouw anja", "anja@school.example")
        surfer.fill_in(csrf_token=surfer.csrf())
        assert school.count == 0
        surfer.fill_in(logout="yes")
        assert path(surfer) == "/meldcode/afgemeld"
        surfer.go("/meldcode/aanmelden")
        assert surfer.page.url.startswith(school.issuer), "the provider asks who it is again"


def test_a_pupil_is_kept_out(node_school: School):
    """Somebody with an account who is no member of staff reads whom to ask."""
    surfer = at_node(node_school.surfer().go("/meldcode/aanmelden"), "leerling7")
    assert surfer.page.status_code == 403
    assert "hoort niet bij een medewerker" in surfer.page.text
    assert node_school.count == 0


def test_signing_out_at_the_provider_ends_our_session(node_school: School):
    """The provider's back-channel logout reaches us, and ends this session and no other."""
    surfer, other = node_school.surfer(), node_school.surfer()
    at_node(surfer.go("/meldcode/aanmelden"))
    at_node(other.go("/meldcode/aanmelden"), "berend")
    assert node_school.count == 2
    surfer.go(node_school.issuer + "/session/end").fill_in(logout="yes")
    assert node_school.count == 1
    assert node_school.viewer(other).name == "Mevrouw berend"


def test_a_fresh_sign_in_is_asked_and_proven(node_school: School):
    """The provider is asked for a sign-in of the last five minutes and says when it was."""
    surfer = at_node(node_school.surfer().go("/meldcode/aanmelden"))
    before = surfer.session.cookies["meldcode"]
    surfer.go("/meldcode/aanmelden?opnieuw=1&terug=/meldcode/nu-gevaar")
    assert path(surfer) == "/meldcode/nu-gevaar"
    assert surfer.session.cookies["meldcode"] != before
    assert node_school.viewer(surfer).auth_time is not None
    assert node_school.count == 1


def test_a_launch_passes_the_provider_in_silence(node_school: School):
    """Who is signed in at the provider goes from the pupil page to the form without a question."""
    surfer = at_node(node_school.surfer().go("/meldcode/aanmelden"))
    surfer.session.cookies.pop("meldcode")
    token = launch_token(aud=node_school.home, sub="anja")
    surfer.page = surfer.session.post(node_school.home + "/meldcode/start", data={"token": token}, timeout=20)
    assert path(surfer).startswith("/meldcode/signaal/")


def test_a_launch_asks_who_it_is_when_nobody_is_signed_in(node_school: School):
    """The silent question fails, the provider shows its page, and the form comes after it."""
    surfer, token = node_school.surfer(), launch_token(aud=node_school.home, sub="anja")
    surfer.page = surfer.session.post(node_school.home + "/meldcode/start", data={"token": token}, timeout=20)
    at_node(surfer)
    assert path(surfer).startswith("/meldcode/signaal/")


def test_canaille_signs_in_and_out(canaille_school: School):
    """The provider of the demo: in, known by name, out at both."""
    before = canaille_school.count
    surfer = at_canaille(canaille_school.surfer().go("/meldcode/aanmelden?terug=/meldcode/nu-gevaar"))
    assert path(surfer) == "/meldcode/nu-gevaar"
    assert canaille_school.viewer(surfer).name == SANNE.name
    surfer.fill_in(csrf_token=surfer.csrf())
    assert canaille_school.count == before
    assert surfer.page.url.startswith(canaille_school.issuer), "canaille asks whether to sign out there too"


def test_a_launch_asks_who_it_is_when_canaille_forgets_to_name_itself(canaille_school: School):
    """It promises an issuer with every answer and leaves it out of a silent no: the person still gets its page."""
    surfer, token = canaille_school.surfer(), launch_token(aud=canaille_school.home, email=SANNE.email)
    surfer.page = surfer.session.post(canaille_school.home + "/meldcode/start", data={"token": token}, timeout=20)
    at_canaille(surfer)
    assert path(surfer).startswith(("/meldcode/start/", "/meldcode/signaal/"))


def test_canaille_proves_a_fresh_sign_in(canaille_school: School):
    """Who signed in just now goes on; the provider says when that was."""
    surfer = at_canaille(canaille_school.surfer().go("/meldcode/aanmelden"), "joris")
    time.sleep(1.1)  # canaille makes a second token
    surfer.go("/meldcode/aanmelden?opnieuw=1&terug=/meldcode/nu-gevaar")
    assert path(surfer) == "/meldcode/nu-gevaar"
    assert canaille_school.viewer(surfer).auth_time is not None


def test_canaille_keeps_the_board_out_of_a_school_that_takes_staff_alone(canaille_school: School):
    """Another group at the same provider is no staff here."""
    before = canaille_school.count
    surfer = at_canaille(canaille_school.surfer().go("/meldcode/aanmelden"), "hans")
    assert surfer.page.status_code == 403
    assert canaille_school.count == before


def test_both_providers_are_asked_nothing_that_they_do_not_know(canaille_school: School, node_school: School):
    """Discovery of both passes our checks as it is."""
    for school in (canaille_school, node_school):
        found = requests.get(school.issuer + "/.well-known/openid-configuration", timeout=10).json()
        assert found["issuer"] == school.issuer


@pytest.fixture(scope="module")
def open_school(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Open a school with a provider for as long as a ``with`` lasts."""

    @contextlib.contextmanager
    def opened(provider: Callable[..., Any], **differs: Any) -> Iterator[School]:
        folder, port = tmp_path_factory.mktemp("school"), free_port()
        home = f"http://127.0.0.1:{port}"
        database = shutil.copy(sqlite_template, folder / "meldcode.sqlite")
        with provider(home, folder, **differs) as issuer:
            config = settings(folder, issuer, f"sqlite:///{database}")
            config |= {"MELDCODE_PUBLIC_URL": home, "MELDCODE_OIDC_ACR": ()}
            config["MELDCODE_OIDC_TOKEN_AUTH"] = differs.get("auth", "client_secret_basic")
            app = make_app(folder, Clock(), config)
            with serving(app, port):
                yield School(app, home, issuer)
            app.extensions["meldcode"].store.engine.dispose()

    return opened


@pytest.fixture
def node_school(open_school: Callable[..., Any]) -> Iterator[School]:
    """A school with oidc-provider."""
    with open_school(oidc_provider) as school:
        yield school


@pytest.fixture(scope="module")
def canaille_school(open_school: Callable[..., Any]) -> Iterator[School]:
    """A school with canaille."""
    with open_school(canaille) as school:
        yield school
