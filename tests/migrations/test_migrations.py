"""The schema goes forwards and back, on rows, on both databases, and leaves a host's tables alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

import meldcode_migrations
from meldcode_plugin.services import installation
from meldcode_plugin.store.database import differences, downgrade, upgrade
from meldcode_plugin.store.work import make_engine
from tests.machine.databases import Database
from tests.world import World

VERSIONS = "meldcode_alembic_version"
HOST = ("CREATE TABLE report (title VARCHAR(20))", "INSERT INTO report VALUES ('rapport')")
APPEND_ONLY = ("meldcode_entry", "meldcode_log_line")


def test_last_step_is_what_the_models_describe(empty_database: Database):
    """After all steps nothing is left for Alembic to do."""
    with _owner(empty_database) as engine:
        upgrade(engine)
        differences(engine)


def test_all_the_way_there_and_back_leaves_nothing(empty_database: Database):
    """Back at the beginning, only the empty table of versions is left: no table, trigger or function."""
    with _owner(empty_database) as engine:
        upgrade(engine)
        downgrade(engine, "base")
        assert _tables(engine) == {VERSIONS}
        assert _leftovers(engine, empty_database.kind) == []


def test_each_step_can_be_taken_back_and_again(empty_database: Database):
    """Every single step goes up, down and up again."""
    with _owner(empty_database) as engine:
        for before, step in _steps():
            upgrade(engine, step)
            there = _tables(engine)
            downgrade(engine, before)
            upgrade(engine, step)
            assert _tables(engine) == there
        differences(engine)


def test_second_upgrade_changes_nothing(empty_database: Database):
    """Who types `db upgrade` twice has the same database."""
    with _owner(empty_database) as engine:
        upgrade(engine)
        once = _tables(engine)
        upgrade(engine)
        assert _tables(engine) == once


def test_tables_of_a_host_are_left_alone(empty_database: Database):
    """A host's table and its row stay, there and back, though the plugin's models do not know them."""
    with _owner(empty_database) as engine:
        with engine.begin() as connection:
            for line in HOST:
                connection.exec_driver_sql(line)
        upgrade(engine)
        differences(engine)
        downgrade(engine, "base")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT title FROM report").scalar() == "rapport"


def test_rows_survive_a_step_back_and_forth(filled: World):
    """One step back and forward again on a filled installation: every row is the same, and every chain holds."""
    before = _rows(filled)
    _one_back_and_forth(filled)
    assert _rows(filled) == before
    assert installation.verify(filled.door, []) == []
    assert filled.case_of()


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_walls_stand_again_after_a_step_back_and_forth(filled: World, table: str):
    """Ledger and log are append-only again: the owner of the tables cannot delete a line either."""
    _one_back_and_forth(filled)
    engine = filled.peek()
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append only"):
        connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608  # a name from this file
    engine.dispose()


def _steps() -> list[tuple[str, str]]:
    """All steps, oldest first, each with the one before it."""
    config = Config()
    config.set_main_option("script_location", str(Path(meldcode_migrations.__file__).parent))
    found = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    return [(str(step.down_revision or "base"), step.revision) for step in found]


@contextmanager
def _owner(database: Database) -> Iterator[sa.Engine]:
    engine = make_engine(database.owner_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _tables(engine: sa.Engine) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names() if name.startswith("meldcode_")}


def _leftovers(engine: sa.Engine, kind: str) -> list[str]:
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')",
        "postgresql": "SELECT proname FROM pg_proc WHERE starts_with(proname, 'meldcode')",
    }
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(asked[kind]).scalars())


def _rows(world: World) -> dict[str, list[str]]:
    """All rows of all tables, as who sees everything reads them."""
    engine = world.peek()
    with engine.connect() as connection:
        found = {
            name: sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {name}")))  # noqa: S608  # from the schema
            for name in _tables(engine)
        }
    engine.dispose()
    return found


def _one_back_and_forth(world: World) -> None:
    world.store.engine.dispose()
    before, last = _steps()[-1]
    with _owner(world.database) as engine:
        downgrade(engine, before)
        upgrade(engine, last)


@pytest.fixture
def filled(world: World) -> World:
    """An installation with signals of two pupils and one without a pupil, by two people."""
    world.record(world.signal(), world.signal("Ze zegt dat ze bang is.", "child_statement"))
    world.record(by=world.colleague, about=world.other_pupil)
    return world
