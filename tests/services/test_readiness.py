"""What the installation says of itself: what it stands on, how late its reminders are, the end of its log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meldcode_plugin import Meldcode
from meldcode_plugin.cli.mail import mail
from meldcode_plugin.post import Known, Outbox
from meldcode_plugin.services import anchors, health, installation, readiness
from meldcode_plugin.store import database
from tests.faults.mailserver import HOST, MailServer, mailserver
from tests.faults.posts import Fails, sweep
from tests.tasks.installation import config_of
from tests.world import World

__all__ = ["mailserver"]
TOKEN = "een-lang-geheim-woord"
on_sqlite = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""For what the database has no part in."""


class Disk(NamedTuple):
    """What the machine says of a disk."""

    total: int
    used: int
    free: int


def failing(world: World) -> list[str]:
    """Return the names of what is not right."""
    return [one.name for one in readiness.checks(world.door) if not one.ok]


def test_a_school_that_is_swept_is_ready(world: World, outbox: Outbox):
    """Database, keys, tables and disk are there, a sweep ran, nothing is late."""
    assert failing(world) == ["sweep"]
    sweep(world, outbox)
    assert failing(world) == []


def test_a_sweep_that_stopped_is_said_after_three_minutes(world: World, outbox: Outbox):
    """Three minutes are fine; a minute later it is said, and so is a clock that was set back."""
    sweep(world, outbox)
    found = []
    for minutes in (3, 1, -10):
        world.clock.forward(minutes=minutes)
        found.append(failing(world))
    assert found == [[], ["sweep"], ["sweep"]]


def test_a_reminder_that_is_late_is_said_after_fifteen_minutes(world: World, outbox: Outbox):
    """A signal waits and no sweep takes it: after 15 minutes it is late."""
    sweep(world, outbox)
    world.record()
    world.clock.forward(minutes=15)
    on_time = failing(world)
    world.clock.forward(minutes=1)
    assert (["sweep"], ["sweep", "reminders"]) == (on_time, failing(world))


def test_a_reminder_of_which_nobody_can_be_told_is_not_late(world: World, outbox: Outbox):
    """It waits for the school to appoint somebody; that is no fault of the installation."""
    world.record(by=world.other_school_teacher)
    sweep(world, outbox)
    world.clock.forward(minutes=20)
    sweep(world, outbox)
    assert failing(world) == []


def test_a_key_file_that_is_gone_is_seen_at_once(world: World, outbox: Outbox):
    """Also while this process still remembers the school's keys."""
    sweep(world, outbox)
    world.record()
    (world.folder / "root.key").rename(world.folder / "away.key")
    assert failing(world) == ["keys"]


def test_tables_of_another_version_are_seen(world: World, outbox: Outbox):
    """Somebody installed a newer program and forgot the tables."""
    sweep(world, outbox)
    database.downgrade(world.peek(), "5")
    assert "tables" in failing(world)


def test_a_full_disk_is_seen(world: World, outbox: Outbox, monkeypatch: pytest.MonkeyPatch):
    """Under five percent is too little."""
    sweep(world, outbox)
    found = []
    for free in (6, 5):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: Disk(100, 100 - free, free))
        found.append(failing(world))
    assert found == [[], ["disk"]]


def test_figures_are_numbers_without_a_case(world: World):
    """Ages and counts, as Prometheus reads them; not a name, an id or a word of a dossier."""
    post = Fails(known=Known.AWAY)
    before = {one.name: one.value for one in readiness.figures(world.door)}
    world.record()
    world.clock.forward(minutes=5)
    due = {one.name: one.value for one in readiness.figures(world.door)}
    sweep(world, post)
    health.mark(world.door, "worker")
    world.clock.forward(minutes=2)
    after = {one.name: one.value for one in readiness.figures(world.door)}
    text = readiness.exposition(readiness.figures(world.door))
    assert (-1, 0) == (before["sweep_age_seconds"], before["reminders_due"])
    assert (1, 300) == (due["reminders_due"], due["reminders_oldest_due_seconds"])
    assert (120, 120, 2, 0) == tuple(
        after[name] for name in ("sweep_age_seconds", "worker_age_seconds", "mails_waiting", "reminders_due")
    )
    assert all(
        re.fullmatch(r"# (HELP|TYPE) meldcode_\w+ .+|meldcode_\w+ -?[\d.e+]+", line) for line in text.splitlines()
    )


def test_the_end_of_the_log_is_kept_outside_the_database(world: World, tmp_path: Path):
    """A line at once, none within 14 minutes, the next after; the lines prove a log that was cut."""
    path = tmp_path / "anchors.jsonl"
    door = world.door
    door.settings = door.settings.model_copy(update={"anchor_file": path})
    wrote = []
    for minutes in (0, 10, 5, 14):
        world.clock.forward(minutes=minutes)
        world.record()
        wrote.append(anchors.keep(door))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [True, False, True, True] == wrote
    assert installation.verify(door, lines) == []


def test_without_a_file_no_end_of_the_log_is_kept(world: World):
    """It is off until the school says where."""
    assert not anchors.keep(world.door)


def test_pages_for_machines(world: World, client_of: Callable[..., FlaskClient], outbox: Outbox):
    """Ready while signals can be kept, strictly so only while mails go; the numbers are for who has the token."""
    client = client_of(MELDCODE_METRICS_TOKEN=TOKEN)
    plain, strict = client.get("/meldcode/readyz"), client.get("/meldcode/readyz?strict=1")
    assert (200, 503) == (plain.status_code, strict.status_code)
    assert "sweep: no sweep ran" in plain.text
    sweep(world, outbox)
    assert client.get("/meldcode/readyz?strict=1").status_code == 200
    asked = [
        client.get("/meldcode/metrics", headers=headers)
        for headers in ({}, _bearer("een-ander-geheim"), _bearer(TOKEN))
    ]
    assert [404, 404, 200] == [one.status_code for one in asked]
    assert "meldcode_sweep_age_seconds 0\n" in asked[-1].text
    (world.folder / "root.key").rename(world.folder / "away.key")
    assert client.get("/meldcode/readyz").status_code == 503


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _app(world: World, **more: object) -> Flask:
    app = Flask("school")
    app.config.update(config_of(world), **more)
    Meldcode().init_app(app, clock=world.clock)
    return app


@pytest.fixture
def client_of(world: World) -> Iterator[Callable[..., FlaskClient]]:
    """Make an application of the world's school with these settings; its lines to the database are closed."""
    made: list[Flask] = []

    def make(**more: object) -> FlaskClient:
        made.append(_app(world, **more))
        return made[-1].test_client()

    yield make
    for app in made:
        app.extensions["meldcode"].store.engine.dispose()


@on_sqlite
@pytest.mark.parametrize(
    ("faults", "settings", "code", "says"),
    [
        ({}, {"mail_port": 1}, "connect_ConnectionRefusedError", "MELDCODE_MAIL_PORT"),
        ({"greeting": "554 no"}, {}, "greeting_554", "port right"),
        ({}, {"mail_starttls": True}, "tls_SMTPNotSupportedError", "STARTTLS"),
        ({}, {"mail_user": "meldcode", "mail_password": "fout"}, "login_SMTPNotSupportedError", "MELDCODE_MAIL_USER"),
        ({"MAIL": "550 not you"}, {}, "sender_550", "MELDCODE_MAIL_FROM"),
        ({"RCPT": "550 unknown"}, {}, "rcpt_550", "spelled right"),
        ({"dot": "554 spam"}, {}, "dot_554", "spam"),
        ({"dot": "drop"}, {}, "dot_", "look whether it arrived"),
    ],
)
def test_a_mail_server_that_does_not_work_is_explained(
    world: World, mailserver: MailServer, faults: dict, settings: dict, code: str, says: str
):
    """`meldcode mail check` says where it went wrong and which setting to look at, and exits with 1."""
    mailserver.faults = faults
    found = _mail_check(world, mailserver, settings)
    assert found.exit_code == 1
    assert code in found.output
    assert says in found.output


@on_sqlite
def test_a_mail_server_that_works_gets_one_neutral_mail(world: World, mailserver: MailServer):
    """The mail of the reminders arrives, and the command says what to look for."""
    found = _mail_check(world, mailserver, {})
    assert (found.exit_code, len(mailserver.mails)) == (0, 1)
    assert "took the mail" in found.output
    assert mailserver.mails[0]["Subject"] == "Er staat een actie voor je klaar"


def _mail_check(world: World, server: MailServer, settings: dict):
    given = {"mail_host": HOST, "mail_port": server.port, **settings}
    app = _app(world, **{f"MELDCODE_{key.upper()}": value for key, value in given.items()})
    try:
        return app.test_cli_runner().invoke(mail, ["check", "ib@school.example"])
    finally:
        app.extensions["meldcode"].store.engine.dispose()


def test_a_sweep_by_hand_keeps_the_log_too(world: World, tmp_path: Path):
    """Without beat, `meldcode sweep` does all of it."""
    path = tmp_path / "anchors.jsonl"
    world.door.settings = world.door.settings.model_copy(update={"anchor_file": path, "mail_port": 1})
    said = installation.sweep(world.door)
    assert said.startswith("told: 0")
    assert len(path.read_text().splitlines()) == 1
    assert health.last(world.door)["timer"].at == world.clock.moment
    assert timedelta(0) == world.clock.moment - health.last(world.door)["anchor"].at


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
