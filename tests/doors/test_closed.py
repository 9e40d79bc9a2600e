"""What we stand on breaks: nothing is shown or half stored, the page says whom to call, and signals go in (T27)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from meldcode_memory.twins import AwaySource
from meldcode_plugin.sis import StudentSource
from meldcode_plugin.store import work
from meldcode_plugin.store.keys import PURPOSES
from tests.doors.bodies import SIGNAL
from tests.doors.house import House

PAGES = (
    ("ib", "/meldcode/werkvoorraad"),
    ("ib", "/meldcode/dossier/<uuid:case>"),
    ("ib", "/meldcode/dossier/<uuid:case>/bijlage/<uuid:attachment>"),
    ("reporter", "/meldcode/mijn-signalen"),
    ("reporter", "/meldcode/mijn-signalen/<uuid:entry>"),
    ("fg", "/meldcode/logboek"),
    ("board", "/meldcode/register"),
    ("director", "/meldcode/mensen"),
)
ABOUT_AYA = "/meldcode/leerling/<path:pupil_id>/signaal"
SECRETS = ("Benali", "niet naar huis", "Blauwe plek", "tante")
NUMBERS = ("0800-2000", "112")


def refused(house: House, subject: str, rule: str, method: str = "GET") -> None:
    """Ask, and see that the answer is a fault that says whom to call and tells nothing."""
    data = SIGNAL if method == "POST" else None
    answer = house.ask(subject, method, house.path(rule), data)
    text = answer.get_data(as_text=True)
    told = [word for word in SECRETS if word in text and (data is None or word not in str(data))]
    assert answer.status_code in (500, 503), rule
    assert told == []
    assert [number for number in NUMBERS if number not in text] == []


@pytest.mark.parametrize(("subject", "rule"), PAGES)
def test_no_key_no_page(keyless: House, subject: str, rule: str):
    """Without the key file nothing is shown."""
    refused(keyless, subject, rule)


def test_no_key_no_signal_in_clear(keyless: House):
    """Without the key file nothing of a signal is stored, not even as a draft; the page says whom to call."""
    before = keyless.rows()
    answer = keyless.ask("teacher", "POST", keyless.path(ABOUT_AYA), SIGNAL)
    assert answer.status_code in (500, 503)
    assert [number for number in NUMBERS if number not in answer.get_data(as_text=True)] == []
    assert keyless.rows() == before


@pytest.mark.parametrize(("subject", "rule"), [page for page in PAGES if page[1] != "/meldcode/mensen"])
def test_no_log_no_page(logless: House, subject: str, rule: str):
    """While the log can not be written nothing about a child or a colleague is shown; roles are no such thing."""
    refused(logless, subject, rule)


def test_no_log_no_signal(logless: House):
    """While the log can not be written nothing is stored; the page keeps the words."""
    before = logless.rows()
    answer = logless.ask("teacher", "POST", logless.path(ABOUT_AYA), SIGNAL)
    assert answer.status_code == 503
    assert "Blauwe plek op de arm." in answer.get_data(as_text=True)
    assert [number for number in NUMBERS if number not in answer.get_data(as_text=True)] == []
    assert {name: rows for name, rows in logless.rows().items() if name != "meldcode_draft"} == {
        name: rows for name, rows in before.items() if name != "meldcode_draft"
    }


@pytest.mark.parametrize(("subject", "rule"), [*PAGES, ("teacher", ABOUT_AYA)])
def test_a_locked_database_shows_nothing(locked: House, subject: str, rule: str):
    """A database that another holds gives a fault page with telephone numbers."""
    refused(locked, subject, rule)


def test_a_silent_student_system_stops_no_signal(house: House):
    """The roster does not answer: the form opens, says so, and the signal goes in."""
    house.back_to("new")
    door = house.door
    source: StudentSource = door.source
    before = len(house.rows()["meldcode_entry"])
    door.source = AwaySource()
    try:
        form = house.ask("teacher", "GET", house.path(ABOUT_AYA))
        sent = house.ask("teacher", "POST", house.path(ABOUT_AYA), SIGNAL)
        receipt = house.ask("teacher", "GET", sent.headers["Location"])
    finally:
        door.source = source
    assert (form.status_code, sent.status_code, receipt.status_code) == (200, 303, 200)
    assert len(house.rows()["meldcode_entry"]) == before + 1


def test_a_dead_broker_and_a_dead_mail_server_stop_no_signal(house: House):
    """An acute signal wakes the worker at once; with neither queue nor post it still goes in, its reminder too."""
    house.back_to("new")
    celery = house.app.extensions["celery"]
    kept = celery.conf.broker_url
    celery.conf.broker_url = "redis://127.0.0.1:1/0"
    try:
        sent = house.ask("teacher", "POST", house.path(ABOUT_AYA), SIGNAL | {"acute": "y"})
    finally:
        celery.conf.broker_url = kept
    assert sent.status_code == 303
    reminders = house.rows()["meldcode_reminder"]
    assert any("2026-11-23 09:00" in repr(row) or "datetime(2026, 11, 23, 9, 0" in repr(row) for row in reminders)


@pytest.fixture
def keyless(house: House) -> Iterator[House]:
    """The school while its key file is away, and nobody remembers a key."""
    house.back_to("new")
    file = house.world.folder / "root.key"
    away = file.with_suffix(".away")
    file.rename(away)
    house.door.store.cache.forget()
    yield house
    away.rename(file)
    house.door.store.cache.forget()


@pytest.fixture
def logless(house: House) -> Iterator[House]:
    """The school while the database refuses every line of the log."""
    house.back_to("new")
    with house.door.system("warm") as work:
        for purpose in PURPOSES:
            work.keys.school(purpose)
    trigger = "CREATE TRIGGER full BEFORE INSERT ON meldcode_log_line BEGIN SELECT RAISE(FAIL, 'disk full'); END"
    with sqlite3.connect(_file(house)) as connection:
        connection.execute(trigger)
    yield house
    with sqlite3.connect(_file(house)) as connection:
        connection.execute("DROP TRIGGER full")


@pytest.fixture
def locked(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """The school while another program holds its database; nobody waits long for it here."""
    house.back_to("new")
    monkeypatch.setattr(work, "PATIENCE", 0.05)
    holder = sqlite3.connect(_file(house), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    yield house
    holder.rollback()
    holder.close()


def _file(house: House) -> Path:
    return Path(str(sa.make_url(house.world.database.url).database))
