"""Two schools of a board in one database, each with its own settings, key file and folder: apart by rows and by key."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

import meldcode_memory
from meldcode_plugin.errors import KeyUnavailable, NotVisible
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import backups, cases, installation, people, pupils, signals
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.base import Base
from meldcode_plugin.store.keys import RootKeys, new_key_file
from meldcode_plugin.store.work import Store, make_engine
from tests.world import ISSUER, World


@pytest.fixture
def second(world: World, tmp_path: Path):
    """The process of a second school on the same database, with a key file of its own."""
    folder = tmp_path / "second"
    folder.mkdir()
    (folder / "blobs").mkdir()
    new_key_file(folder / "root.key")
    changed = {"school": "97XX00", "key_file": folder / "root.key", "blob_dir": folder / "blobs"}
    settings = world.door.settings.model_copy(update=changed)
    keys = RootKeys(settings.key_file)
    store = Store(make_engine(world.database.url), keys, settings.blob_dir, world.store.calendar, world.clock)
    door = Door(settings, store, meldcode_memory.source({}))
    installation.add_school(door, "De Eik")
    yield door
    store.engine.dispose()


def somebody(door: Door, subject: str, *roles: Role) -> Viewer:
    """Enrol somebody at the school of a door."""
    with door.system("test") as work:
        person = people.enrol(work, ISSUER, subject, subject, f"{subject}@school.example")
        for role in roles:
            people_store.add_grant(work, person, role, confirmed_by=person)
    return Viewer(door.school_id, person, frozenset({Role.STAFF, *roles}))


def record(door: Door, by: Viewer, world: World, text: str) -> UUID:
    """Record a signal about Aya at a school and return its entry."""
    card = pupils.card_of(door.source.pupil("2601"))
    with door.work(by) as work:
        return signals.record(work, card, NewSignals(key=uuid4(), signals=(world.signal(text),))).entry_ids[0]


def test_what_is_of_one_school_does_not_exist_at_the_other(world: World, second: Door):
    """The same child number, the same account, the same role: each school finds its own, and of the other nothing."""
    ib, teacher = somebody(second, "ib", Role.IB), somebody(second, "teacher")
    entry = record(second, teacher, world, "Van de Eik.")
    world.record(world.signal("Van de Wilgenhof."))
    case = world.case_of()
    with second.work(ib) as work:
        ((_, line),) = cases.search(work, [pupils.card_of(second.source.pupil("2601"))])
        assert line is not None
        shown = cases.dossier(work, line.id)
        assert ["Van de Eik."] == [item.content.text for item in shown.timeline]
    for door, viewer, ids in ((second, ib, (case, uuid4())), (world.door, world.ib, (line.id, uuid4()))):
        said = set()
        for one in ids:
            with pytest.raises(NotVisible) as why, door.work(viewer) as work:
                cases.dossier(work, one)
            said.add(str(why.value))
        assert 1 == len(said)
    with pytest.raises(NotVisible), world.work(world.teacher) as work:
        signals.my_signal(work, entry)


def test_the_key_of_one_school_opens_nothing_of_another(world: World, second: Door):
    """Who has one school's key file and the whole database reads that school alone."""
    somebody(second, "teacher")
    stranger = Store(second.store.engine, world.store.root, second.store.blob_dir, world.store.calendar, world.clock)
    door = Door(second.settings, stranger, second.source)
    with pytest.raises(KeyUnavailable), door.system("test") as work:
        work.keys.school("people")
    assert {"97XX00", "98YY00", "99ZZ00"} == {code for code, _ in installation.school_list(second)}


def test_a_viewer_of_one_school_sees_no_row_of_another_in_any_table(world: World, second: Door):
    """Whichever table is asked, and by the system itself: every row carries the school of the transaction."""
    record(second, somebody(second, "teacher"), world, "Van de Eik.")
    world.record()
    for door in (world.door, second):
        with door.system("test") as work:
            for mapper in Base.registry.mappers:
                if "school_id" in mapper.columns:
                    rows = work.inner.scalars(sa.select(mapper.class_)).all()
                    assert {door.school_id} >= {row.school_id for row in rows}


def test_each_school_has_its_own_backup(world: World, second: Door, tmp_path: Path):
    """A backup of one school holds no row of another, and opens with its own key alone."""
    record(second, somebody(second, "teacher"), world, "Van de Eik.")
    world.record()
    one = backups.make(second, tmp_path / "eik.backup")
    both = backups.make(world.door, tmp_path / "wilgenhof.backup")
    assert one.rows < both.rows
    with pytest.raises(Exception, match=r"backup|beschadigd"):
        backups.restore(world.door, one.path, [])
