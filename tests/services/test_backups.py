"""A backup holds all of a school and none of its words in clear; a restore brings all back but what was destroyed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import BackupRefused, SettingsWrong, TamperedData
from meldcode_plugin.services import backups, cases, circle, drafts, installation, signals
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import ledger
from meldcode_plugin.store.backup import CLOSED
from meldcode_plugin.store.base import Base
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.signins import SignIn
from meldcode_plugin.store.schools import by_code
from meldcode_plugin.store.work import Store, make_engine
from tests.machine.databases import Database
from tests.services.files import add
from tests.world import World

WORDS = "Zij zegt dat zij niet naar huis durft."


@pytest.fixture
def full(world: World) -> World:
    """A school with a signal with a file, a draft, a destroyed case, and a folder for backups."""
    world.door.settings = world.door.settings.model_copy(update={"backup_dir": world.folder / "backups"})
    return world


def other(world: World, database: Database, folder: Path) -> Door:
    """Return the same school's installation on another, empty database with another folder of files."""
    folder.mkdir()
    store = Store(make_engine(database.url), world.store.root, folder, world.store.calendar, world.clock)
    return Door(world.door.settings, store, world.door.source)


@pytest.fixture
def elsewhere(full: World, request: pytest.FixtureRequest, tmp_path: Path) -> Door:
    """The same school's installation on a new machine."""
    name = full.database.kind
    made: Database = request.getfixturevalue(f"{name}_elsewhere")
    door = other(full, made, tmp_path / "new-blobs")
    yield door
    door.store.engine.dispose()


@pytest.fixture
def sqlite_elsewhere(sqlite_template: Path, tmp_path: Path) -> Database:
    """A second SQLite file with the schema."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'elsewhere.sqlite')}"
    return Database("sqlite", url, url)


@pytest.fixture
def postgresql_elsewhere(postgresql_database: Database) -> Database:
    """A second PostgreSQL database with the schema."""
    return postgresql_database


def counts(door: Door, world: World) -> dict[str, int]:
    """Return how many rows of the school each table has."""
    found = {}
    with door.store.work(world.ib) as work:
        for table in Base.metadata.sorted_tables:
            mine = (table.c.school_id if "school_id" in table.c else table.c.id) == world.school_id
            rows = work.inner.connection().execute(sa.select(sa.func.count()).select_from(table).where(mine))
            found[table.name] = rows.scalar_one()
    return found


def fill(world: World) -> UUID:
    """Put something of everything in the school; return the id of the form with the file."""
    world.record(about=world.card("2604"), by=world.colleague)
    made = world.record(world.signal(WORDS), about=world.other_pupil)
    with world.work(world.ib) as work:
        assert 2 == len(cases.worklist(work).new)
    with world.work(world.teacher) as work:
        drafts.save(work, made.entry_ids[0], world.pupil, {"fact-text": "half getypt"})
    add(world, made.entry_ids[0])
    return made.entry_ids[0]


def destroy(world: World, pupil: str) -> UUID:
    """Destroy the dossier of a pupil, as the term of keeping does."""
    case_id = world.case_of(world.card(pupil))
    with world.work(world.ib) as work:
        ledger.destroy(work, work.inner.get_one(Case, case_id), "termijn")
    return case_id


def test_everything_comes_back(full: World, elsewhere: Door):
    """Rows, words, files, drafts and the log are as they were; who was signed in is not."""
    key = fill(full)
    before = counts(full.door, full)
    made = backups.make(full.door)
    restored = backups.restore(elsewhere, made.path, [backups.ledger_file(full.door)])
    assert ([], True, 0) == (restored.faults, restored.opened, restored.destroyed)
    after = counts(elsewhere, full)
    assert before["meldcode_log_line"] < after.pop("meldcode_log_line")
    assert {name: before[name] for name in after} == after
    with elsewhere.work(full.teacher) as work:
        assert [WORDS] == [one.content.text for one in signals.mine(work)]
        assert [str(key)] == [str(one.key) for one in drafts.mine(work)]
    assert [] == installation.verify(elsewhere, [])
    assert 1 == len(list((elsewhere.store.blob_dir / full.school_id.hex).iterdir()))


def test_a_backup_holds_no_word_and_no_key(full: World):
    """Who finds the file reads the school's code and a date, and nothing else."""
    fill(full)
    data = backups.make(full.door).path.read_bytes()
    keys = [line.split()[1] for line in (full.folder / "root.key").read_text().splitlines()]
    for word in (WORDS, "Bram", "Marijke", "wilgenhof", "meldcode_case", *keys):
        assert word.encode() not in data
    assert 0o600 == backups.make(full.door).path.stat().st_mode & 0o777


def test_what_was_destroyed_since_stays_destroyed(full: World, elsewhere: Door):
    """The ledger beside the backups is replayed before the school opens: no key of such a case comes back."""
    key = uuid4()
    add(full, key)
    full.record(full.signal("Dit moet weg."), about=full.card("2603"), key=key)
    full.record(full.signal("Dit was al weg."), about=full.card("2604"))
    full.record(full.signal("Dit blijft."), about=full.card("2605"))
    already = destroy(full, "2604")
    kept_out, case = counts(full.door, full)["meldcode_exclusion"], full.case_of(full.card("2603"))
    with full.work(full.ib) as work:
        circle.keep_out(work, case, full.parent.person_id, "Zij is de tante van dit kind.")
    made = backups.make(full.door)
    since = destroy(full, "2603")
    assert 1 == backups.keep_ledger(full.door)
    assert 0 == backups.keep_ledger(full.door)
    restored = backups.restore(elsewhere, made.path, [backups.ledger_file(full.door)])
    assert ([], True, 2) == (restored.faults, restored.opened, restored.destroyed)
    with elsewhere.store.work(full.ib) as work:
        rows = {row.id: row.wrapped_key for row in work.inner.connection().execute(sa.select(Case.__table__))}
        left = [line.pupil.id for line in cases.worklist(work).new]
    assert (None, None) == (rows[already], rows[since])
    assert kept_out == counts(elsewhere, full)["meldcode_exclusion"]
    assert ["2605"] == left
    assert [] == list((elsewhere.store.blob_dir / full.school_id.hex).glob("*"))
    assert [] == installation.verify(elsewhere, [])


def test_another_school_does_not_come_along(full: World, elsewhere: Door):
    """A backup is of one school: not a row of another is in it."""
    full.record(full.signal("Van hier."))
    made = backups.make(full.door)
    backups.restore(elsewhere, made.path, [])
    assert [("99ZZ00", "De Wilgenhof")] == installation.school_list(elsewhere)


def test_who_was_signed_in_must_sign_in_again(full: World, elsewhere: Door):
    """A sign-in that ended after the backup can not come back with it."""
    with full.door.system("sign-in") as work:
        work.inner.add(
            SignIn(
                school_id=full.school_id,
                person_id=full.ib.person_id,
                handle_hash=bytes(32),
                subject_index=bytes(16),
                created_at=work.now,
                last_seen=work.now,
            )
        )
    assert 1 == counts(full.door, full)["meldcode_sign_in"]
    backups.restore(elsewhere, backups.make(full.door).path, [])
    assert 0 == counts(elsewhere, full)["meldcode_sign_in"]


def test_a_changed_backup_brings_nothing(full: World, elsewhere: Door):
    """One changed byte anywhere, or an end that is gone: nothing came back."""
    fill(full)
    path = backups.make(full.door).path
    data = path.read_bytes()
    for number in range(0, len(data), len(data) // 40):
        path.write_bytes(data[:number] + bytes([data[number] ^ 1]) + data[number + 1 :])
        with pytest.raises((BackupRefused, TamperedData)):
            backups.restore(elsewhere, path, [])
    for length in (0, 10, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises((BackupRefused, TamperedData)):
            backups.restore(elsewhere, path, [])
    assert [] == installation.school_list(elsewhere)


def test_a_ledger_that_was_changed_is_refused(full: World, elsewhere: Door):
    """A line that we did not write destroys nothing and hides nothing."""
    full.record(full.signal(), about=full.card("2603"))
    path = backups.make(full.door).path
    destroy(full, "2603")
    backups.keep_ledger(full.door)
    file = backups.ledger_file(full.door)
    line = json.loads(file.read_text())
    line["line"][0] = str(full.school_id)
    file.write_text(json.dumps(line) + "\n")
    with pytest.raises(BackupRefused, match="line 1 is not what was written"):
        backups.restore(elsewhere, path, [file])


def test_a_school_is_not_restored_over_itself(full: World):
    """Nothing in the log can be deleted, so a restore asks for a new database."""
    made = backups.make(full.door)
    with pytest.raises(BackupRefused, match="new database"):
        backups.restore(full.door, made.path, [])


def test_a_backup_of_another_school_or_key_is_refused(full: World, elsewhere: Door):
    """The code of the settings and the key file must be those of the backup."""
    made = backups.make(full.door)
    stranger = Door(full.door.settings.model_copy(update={"school": "98YY00"}), elsewhere.store, full.door.source)
    with pytest.raises(BackupRefused, match="99ZZ00"):
        backups.restore(stranger, made.path, [])
    (full.folder / "root.key").rename(full.folder / "mine.key")
    installation.new_key_file(full.folder / "root.key")
    with pytest.raises((BackupRefused, TamperedData)):
        backups.restore(elsewhere, made.path, [])


def test_a_school_with_a_broken_chain_stays_closed(full: World, elsewhere: Door):
    """What somebody changed in the database before the backup is found, and the school opens only on purpose."""
    fill(full)
    with full.system() as work:
        case = work.inner.scalars(sa.select(Case)).first()
        case.waiting = 7
        work.note(ledger.Tag.CASE_READ, case.id, action="U")
    restored = backups.restore(elsewhere, backups.make(full.door).path, [])
    assert not restored.opened
    assert 1 == len(restored.faults)
    assert [(CLOSED + "99ZZ00", "De Wilgenhof")] == installation.school_list(elsewhere)
    with pytest.raises(SettingsWrong):
        _ = elsewhere.school_id
    assert by_code(elsewhere.store, "99ZZ00") is None
    again = backups.finish(elsewhere, backups.closed_school(elsewhere), accept=True)
    assert again.opened
    assert by_code(elsewhere.store, "99ZZ00") == full.school_id


def test_writers_go_on_while_a_backup_is_made(full: World, elsewhere: Door, monkeypatch: pytest.MonkeyPatch):
    """What is written while the backup runs is not in it, is not lost, and nobody waits for it."""
    full.record(full.signal("Van ervoor."), about=full.card("2603"))
    seen = backups.backup.archive.Writer.table

    def write_meanwhile(writer, name, columns):
        seen(writer, name, columns)
        if name == "meldcode_case":
            full.record(full.signal("Van erna."), about=full.card("2604"))

    monkeypatch.setattr(backups.backup.archive.Writer, "table", write_meanwhile)
    made = backups.make(full.door)
    monkeypatch.undo()
    assert backups.restore(elsewhere, made.path, []).opened
    with elsewhere.work(full.teacher) as work:
        assert ["Van ervoor."] == [one.content.text for one in signals.mine(work)]
    with full.work(full.teacher) as work:
        assert 2 == len(signals.mine(work))


def test_old_backups_go(full: World):
    """After so many days a backup goes, since what was destroyed may still be in it; the newest always stays."""
    first = backups.make(full.door).path
    full.clock.forward(days=34)
    second = backups.make(full.door)
    assert (0, True) == (second.removed, first.exists())
    full.clock.forward(days=2)
    third = backups.make(full.door)
    assert (1, False, True) == (third.removed, first.exists(), second.path.exists())
    assert [second.path, third.path] == backups.held(full.door)


def test_without_a_folder_it_says_what_to_set(world: World):
    """No folder and no file: the error names the setting."""
    with pytest.raises(BackupRefused, match="MELDCODE_BACKUP_DIR"):
        backups.make(world.door)
    assert 0 == backups.keep_ledger(world.door)
