"""The schema forwards and back, on data, on both databases, beside the tables of a host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from meldcode_plugin.rules.entries import Signal
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import backups, cases, drafts, installation, people, pupils, signals
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import database as schema
from meldcode_plugin.store import signals as signal_store
from meldcode_plugin.store.base import PREFIX, Base
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.work import make_engine
from tests.machine.databases import Database
from tests.migrations.make_kept import KEPT
from tests.world import World, door_of, make_world

VERSIONS = "meldcode_alembic_version"


def test_up_gives_the_tables_of_the_models(empty: sa.Engine):
    """From nothing, the migrations end in exactly the tables that the code describes."""
    schema.upgrade(empty)
    schema.differences(empty)
    assert {*Base.metadata.tables, VERSIONS} == _ours(empty)


def test_the_newest_step_is_the_end_of_the_chain(empty: sa.Engine):
    """What a page asks without the tool of the migrations is what that tool would answer."""
    assert schema.current(empty) == ""
    schema.upgrade(empty)
    assert schema.current(empty) == schema.newest() == ScriptDirectory.from_config(schema._scripts()).get_current_head()


def test_a_forgotten_migration_is_seen(empty: sa.Engine):
    """When table and code differ, the check says so."""
    schema.upgrade(empty, "1")
    with empty.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE meldcode_school ADD COLUMN extra integer")
    with pytest.raises(Exception, match=r"New upgrade operations detected|not up to date"):
        schema.differences(empty)


def test_up_twice_changes_nothing(empty: sa.Engine):
    """Migrating what is up to date is fine."""
    schema.upgrade(empty)
    schema.upgrade(empty)
    schema.differences(empty)


def test_down_to_nothing_and_up_again(empty: sa.Engine):
    """All the way down nothing of ours is left but the empty table of versions; and up again it is whole."""
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    assert _ours(empty) == {VERSIONS}
    schema.upgrade(empty)
    schema.differences(empty)


def test_down_and_up_on_data(empty_database: Database, empty: sa.Engine, tmp_path: Path):
    """With everything in it, the schema goes down to its first revision and up again: not a row and not a word lost."""
    schema.upgrade(empty)
    world = make_world(empty_database, tmp_path)
    key = _fill(world)
    before = _counts(world)
    world.store.engine.dispose()
    schema.downgrade(empty, "1")
    assert _counts(world).items() <= before.items()
    if empty.dialect.name == "postgresql":
        assert _seen_by_owner(empty) == before["meldcode_entry"]
    schema.upgrade(empty)
    schema.differences(empty)
    assert _counts(world) == before
    _read_all(world, key)
    world.store.engine.dispose()


def test_walls_are_back_after_down_and_up(empty_database: Database, empty: sa.Engine, tmp_path: Path):
    """Down and up again, log and ledger are as frozen as before, and without walls they are not."""
    schema.upgrade(empty)
    world = make_world(empty_database, tmp_path)
    world.record()
    world.store.engine.dispose()
    schema.downgrade(empty, "1")
    with world.peek().connect() as connection:
        assert connection.exec_driver_sql("UPDATE meldcode_log_line SET action = action").rowcount > 0
        connection.rollback()
    schema.upgrade(empty)
    with world.peek().connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append only"):
        connection.exec_driver_sql("UPDATE meldcode_log_line SET action = action")


def test_an_older_program_opens_a_draft_that_was_handed_on(empty_database: Database, empty: sa.Engine, tmp_path: Path):
    """Its reminder goes, since that program has no words for it; the draft is sealed as before, and stays."""
    schema.upgrade(empty)
    world = make_world(empty_database, tmp_path)
    with world.work(world.teacher) as work:
        drafts.save(work, uuid4(), world.pupil, {"fact-text": "Half geschreven."})
    with world.work(world.director) as work:
        people.leave(work, world.teacher.person_id)
    before = _counts(world)
    world.store.engine.dispose()
    schema.downgrade(empty, "10")
    after = _counts(world)
    gone = {name: count - after[name] for name, count in before.items() if count != after.get(name, 0)}
    assert {"meldcode_reminder": 1, "meldcode_reminder_mail": 1} == gone
    with world.system() as work:
        (row,) = work.inner.scalars(sa.select(Draft))
        plain = json.loads(work.keys.school("drafts").unseal(row.sealed, *signal_store._draft_bound(row)))
    assert (2, "Half geschreven.") == (len(plain), plain[1]["fact-text"])
    world.store.engine.dispose()


def test_tables_of_a_host_are_left_alone(empty: sa.Engine):
    """A host's tables, its version table and its rows stay as they are, up and down, and are never compared."""
    with empty.begin() as connection:
        for line in (
            "CREATE TABLE pupil (id integer primary key, name text)",
            "CREATE TABLE alembic_version (version_num varchar(32) primary key)",
            "CREATE TABLE meld (id integer)",
            "INSERT INTO pupil VALUES (1, 'Sam')",
            "INSERT INTO alembic_version VALUES ('host-7')",
        ):
            connection.exec_driver_sql(line)
    for move in (schema.upgrade, schema.differences, lambda engine: schema.downgrade(engine, "base")):
        move(empty)
        with empty.connect() as connection:
            assert [(1, "Sam")] == [*map(tuple, connection.exec_driver_sql("SELECT * FROM pupil"))]
            assert [("host-7",)] == [*map(tuple, connection.exec_driver_sql("SELECT * FROM alembic_version"))]
    assert {"pupil", "alembic_version", "meld"} == set(sa.inspect(empty).get_table_names()) - {VERSIONS}


def test_application_reads_the_migrated_database(empty_database: Database, empty: sa.Engine, tmp_path: Path):
    """The application's own role can do its work in what the owner migrated."""
    schema.upgrade(empty)
    world = make_world(empty_database, tmp_path)
    key = _fill(world)
    _read_all(world, key)
    world.store.engine.dispose()


def _fill(world: World) -> str:
    key = uuid4()
    world.record(world.signal("Woorden die moeten blijven."))
    world.record(about=world.other_pupil, by=world.colleague)
    with world.work(world.ib) as work:
        assert len(cases.worklist(work).new) == 2
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.other_pupil, {"text": "half getypt"})
    return str(key)


def _read_all(world: World, key: str) -> None:
    with world.work(world.teacher) as work:
        assert ["Woorden die moeten blijven."] == [one.content.text for one in signals.mine(work)]
        assert [key] == [str(one.key) for one in drafts.mine(work)]
    case_id = world.case_of()
    with world.work(world.ib) as work:
        assert len(cases.dossier(work, case_id).timeline) == 1
    assert installation.verify(world.door, []) == []


def _ours(engine: sa.Engine) -> set[str]:
    return {name for name in sa.inspect(engine).get_table_names() if name.startswith(PREFIX)}


def _counts(world: World) -> dict[str, int]:
    """Return the number of rows of every table that is there."""
    with world.peek().connect() as connection:
        there = sa.inspect(connection).get_table_names()
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name in there
        }


def _seen_by_owner(engine: sa.Engine) -> int:
    """Return how many entries the owner sees without a school: with the walls down, all."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables["meldcode_entry"])) or 0


@pytest.fixture
def empty(empty_database: Database) -> Iterator[sa.Engine]:
    """An engine of the owner on a database without any table."""
    engine = make_engine(empty_database.owner_url)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("kept", sorted(path.stem for path in KEPT.glob("*.backup")))
def test_upgrade_of_a_release_with_data_in_it(
    empty_database: Database, empty: sa.Engine, tmp_path: Path, kept: str
) -> None:
    """A school as an older release left it comes to the newest schema: each word is read, each chain holds."""
    schema.upgrade(empty, kept.rpartition("-")[2])
    door, expected = _door_of_kept(empty_database.owner_url, tmp_path, kept)
    revision = schema.current(empty)
    waiting = backups.restore(door, KEPT / f"{kept}.backup", [])
    assert waiting.opened == (revision == schema.newest())
    schema.upgrade(empty)
    schema.differences(empty)
    school_id = backups.closed_school(door)
    restored = backups.finish(door, school_id)
    assert (expected["school"], [], True) == (str(school_id), restored.faults, restored.opened)
    door.store.engine.dispose()
    app, _ = _door_of_kept(empty_database.url, tmp_path, kept)
    assert expected["said"] == _said(app, expected)
    app.store.engine.dispose()
    schema.downgrade(empty, revision)
    schema.upgrade(empty)
    again, _ = _door_of_kept(empty_database.url, tmp_path, kept)
    assert expected["said"] == _said(again, expected)
    again.store.engine.dispose()


def _door_of_kept(url: str, folder: Path, kept: str) -> tuple[Door, dict[str, Any]]:
    key = folder / "root.key"
    if not key.exists():
        key.write_bytes((KEPT / f"{kept}.key").read_bytes())
        key.chmod(0o400)
        (folder / "blobs").mkdir()
    expected = json.loads((KEPT / f"{kept}.json").read_text())
    return door_of(Database("", url, url), folder), expected


def _said(door: Door, expected: dict[str, Any]) -> dict[str, list[str]]:
    """Return what the IB-er reads in each dossier, as its teacher wrote it."""
    school, who = UUID(expected["school"]), expected["people"]
    ib = Viewer(school, UUID(who["ib"]), frozenset({Role.STAFF, Role.IB}))
    found: dict[str, list[str]] = {}
    for pupil in expected["said"]:
        with door.work(ib) as work:
            ((_, line),) = cases.search(work, [pupils.card_of(door.source.pupil(pupil))])
        assert line is not None
        with door.work(ib) as work:
            shown = cases.dossier(work, line.id).timeline
        found[pupil] = [item.content.text for item in shown if isinstance(item.content, Signal)]
        assert all(item.under for item in shown if isinstance(item.content, Signal))
    teacher = Viewer(school, UUID(who["teacher"]), frozenset({Role.STAFF}))
    with door.work(teacher) as work:
        assert 1 == len(drafts.mine(work))
        own = [signals.my_signal(work, one.id) for one in signals.mine(work)]
        assert len(expected["said"]) == sum(len(one.attachments) for one in own)
    return found
