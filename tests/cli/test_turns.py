"""On SQLite a command and a job wait longer for their turn than a page; who waits in vain is told what to do."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from meldcode_plugin import Meldcode
from meldcode_plugin.cli import keys, main
from meldcode_plugin.errors import LogUnavailable
from meldcode_plugin.store import work as work_room
from meldcode_plugin.tasks.upkeep import tidy
from tests.tasks.installation import config_of
from tests.world import World

PAGE, HELD = 0.1, 0.5
"""Seconds: how long a page waits here, and how long another program holds the database."""
pytestmark = pytest.mark.parametrize("world", ["sqlite"], indirect=True)


def test_a_command_waits_longer_than_a_page(world: World, app: Flask):
    """Another program holds the database for five times what a page waits: the keys turn all the same."""
    world.record()
    with _held(world):
        with pytest.raises(LogUnavailable), world.work(world.ib):
            pass
        found = _rotate(app)
    assert (found.exit_code, "1 case keys were wrapped again" in found.output) == (0, True)


def test_a_job_waits_longer_than_a_page(world: World, app: Flask):
    """A job of the worker gets its turn."""
    with _held(world) as held, app.app_context():
        tidy()
        assert held.is_set(), "it did not have to wait"


def test_after_a_command_a_page_waits_as_long_as_before(world: World, app: Flask):
    """A command, and a job, in the process of a page leave nothing behind."""
    _rotate(app)
    with app.app_context():
        tidy()
    with _held(world) as held:
        with pytest.raises(LogUnavailable), world.work(world.ib):
            pass
        assert not held.is_set()


def test_a_command_that_waits_in_vain_says_so(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """It does not wait for ever, and says in a line what to do."""
    settings = tmp_path / "settings.py"
    settings.write_text("".join(f"{key} = {str(value)!r}\n" for key, value in config_of(world).items()))
    monkeypatch.setenv("MELDCODE_SETTINGS", str(settings))
    monkeypatch.setattr(work_room, "UNWATCHED", PAGE)
    monkeypatch.setattr(sys, "argv", ["meldcode", "keys", "rotate"])
    with _held(world, 60), pytest.raises(SystemExit) as left:
        main()
    assert (left.value.code, "Nothing is lost: run it again later" in capsys.readouterr().err) == (1, True)


def _rotate(app: Flask) -> Result:
    return app.test_cli_runner().invoke(keys, ["rotate"])


@contextmanager
def _held(world: World, seconds: float = HELD) -> Iterator[threading.Event]:
    """Let another program hold the database so long, or until the block ends; the event says that it let go."""
    holder = sqlite3.connect(Path(str(sa.make_url(world.database.url).database)), check_same_thread=False)
    holder.isolation_level = None
    holder.execute("BEGIN IMMEDIATE")
    let_go = threading.Event()

    def release() -> None:
        let_go.set()
        holder.rollback()

    timer = threading.Timer(seconds, release)
    timer.start()
    yield let_go
    timer.cancel()
    timer.join()
    holder.close()


@pytest.fixture
def app(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application of the world's school, in which a page waits shortly."""
    monkeypatch.setattr(work_room, "PATIENCE", PAGE)
    made = Flask("school")
    made.config.update(config_of(world))
    door = Meldcode().init_app(made, clock=world.clock)
    yield made
    door.store.engine.dispose()
