"""Keys: from a file that nobody else may read, turned while people work, destroyed for good."""

from __future__ import annotations

import base64
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from meldcode_plugin.errors import KeyUnavailable, SettingsWrong, TamperedData
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, drafts, signals
from meldcode_plugin.store import keys, ledger, schools
from meldcode_plugin.store.keys import RootKeys, new_key_file, require_key_file
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.work import Store
from tests.world import World

CASES = 12


def _remove(path: Path) -> None:
    path.unlink()


def _put(text: str) -> Callable[[Path], None]:
    def put(path: Path) -> None:
        path.chmod(0o600)
        path.write_text(text)

    return put


KEY = base64.b64encode(os.urandom(32)).decode()
FAULTS: dict[str, Callable[[Path], None]] = {
    "no file": _remove,
    "open to the group": lambda path: path.chmod(0o440),
    "open to all": lambda path: path.chmod(0o644),
    "empty": _put(""),
    "another key of the same name": _put(f"k1 {KEY}\n"),
    "another name": _put(f"k7 {KEY}\n"),
    "half a key": _put(f"k1 {KEY[:20]}\n"),
    "no name": _put(KEY),
    "not a key": _put("k1 geheim!\n"),
    "bytes": lambda path: (path.chmod(0o600), path.write_bytes(os.urandom(64)))[0],
}


@pytest.mark.parametrize("name", FAULTS)
def test_without_its_key_nothing_is_stored_and_nothing_read(world: World, name: str):
    """A key file that is missing, open to others, broken or wrong: the answer is KeyUnavailable, and no row."""
    world.record()
    FAULTS[name](world.folder / "root.key")
    world.store.cache.forget()
    with pytest.raises(KeyUnavailable):
        world.record(world.signal("Dit mag nergens staan."))
    with pytest.raises(KeyUnavailable), world.work(world.teacher) as work:
        drafts.save(work, UUID(int=1), None, {"text": "Dit mag nergens staan."})
    with pytest.raises(KeyUnavailable), world.work(world.teacher) as work:
        signals.mine(work)
    with world.peek().connect() as connection:
        assert [connection.scalar(select(func.count()).select_from(t.__table__)) for t in (Entry, Submission)] == [1, 1]
    assert list(world.store.blob_dir.iterdir()) == []


def test_new_key_file_is_for_its_owner_alone(tmp_path: Path):
    """The file can be read by its owner and by nobody else, and a second key comes after the first."""
    path = tmp_path / "root.key"
    assert [new_key_file(path), new_key_file(path)] == ["k1", "k2"]
    root = RootKeys(path)
    assert (path.stat().st_mode & 0o777, list(root.read()), root.current()) == (0o400, ["k1", "k2"], "k2")


def test_missing_key_file_names_what_to_do(tmp_path: Path):
    """Who installs is told which setting to mend and which command to type."""
    with pytest.raises(SettingsWrong, match=r"MELDCODE_KEY_FILE.*meldcode keys new"):
        require_key_file(tmp_path / "root.key")


def test_every_school_has_its_own_keys(world: World):
    """No two schools and no two purposes share a key."""
    found = set()
    for school in (world.school_id, world.other_school_id):
        with world.system(school) as work:
            found |= {work.keys.school(purpose).versions[1] for purpose in keys.PURPOSES}
    assert len(found) == 2 * len(keys.PURPOSES)


def test_every_case_has_its_own_key(world: World):
    """No two cases share a key."""
    ids = _cases(world)
    with world.glance(world.ib) as work:
        found = {work.keys.case(work.inner.get_one(Case, one)).versions[1] for one in ids}
    assert len(found) == CASES


def test_destroyed_case_can_not_be_read_and_others_can(world: World):
    """With the key of one case destroyed, its words stay sealed even for who holds the rows; others open."""
    world.record()
    world.record(about=world.other_pupil)
    gone, there = world.case_of(), world.case_of(world.other_pupil)
    with world.glance(world.ib) as work:
        entry = work.inner.scalars(select(Entry).where(Entry.case_id == gone)).one()
        case = work.inner.get_one(Case, gone)
        ledger.destroy(work, case, "termijn")
        work.note(cases.Tag.CASE_READ, gone)
        with pytest.raises(KeyUnavailable):
            ledger.unseal(work, case, entry)
        assert (case.wrapped_key, case.sealed_pupil, case.pupil_index) == (None, None, None)
        assert cases.dossier(work, there).timeline[0].content is not None


@pytest.mark.parametrize("wrapped", [b"", b"\x01", b"\x01\x01\x00\x01", b"\x01\x01\xff\xff" + bytes(300), bytes(400)])
def test_broken_case_key_is_refused_without_a_crash(world: World, wrapped: bytes):
    """A case key that somebody cut or filled with zeros gives one of the two known refusals."""
    world.record()
    with world.glance(world.ib) as work:
        case = work.inner.scalars(select(Case)).one()
        case.wrapped_key = wrapped
        with work.inner.no_autoflush, pytest.raises((TamperedData, KeyUnavailable)):
            work.keys.case(case)


def test_keys_turn_while_people_read_and_write(world: World):
    """Root key and school key are turned under load: nobody gets an error, and afterwards the old root is needless."""
    _cases(world)
    stop, faults = threading.Event(), []
    readers = [threading.Thread(target=_busy, args=(world, stop, faults, who)) for who in (world.ib, world.teacher)]
    for reader in readers:
        reader.start()
    new_key_file(world.folder / "root.key")
    rewrapped = schools.rewrap(world.store, world.school_id)
    turned = schools.rotate_cases(world.store, world.school_id)
    stop.set()
    for reader in readers:
        reader.join()
    assert (faults, rewrapped) == ([], len(keys.PURPOSES))
    assert turned >= CASES
    schools.rewrap(world.store, world.other_school_id)
    _forget_old_root(world)
    assert len(_names(_fresh(world), world)) >= CASES


def test_turning_that_was_cut_short_goes_on(world: World, monkeypatch: pytest.MonkeyPatch):
    """Stopped halfway, everything can be read with both keys; the next run does the rest and no more."""
    monkeypatch.setattr(schools, "BATCH", 5)
    _cases(world)
    with pytest.raises(KeyboardInterrupt):
        schools.rotate_cases(_tired(world.store, after=3), world.school_id)
    assert _versions(world) == {1: CASES - 5, 2: 5}
    assert len(_names(world.store, world)) == CASES
    assert schools.rewrap_cases(world.store, world.school_id, 2) == CASES - 5
    assert schools.rewrap_cases(world.store, world.school_id, 2) == 0
    assert (_versions(world), len(_names(_fresh(world), world))) == ({2: CASES}, CASES)


def test_a_process_with_old_keys_reads_what_a_new_key_wraps(world: World):
    """A web worker that unwrapped its keys long ago asks again when a case names a key that it lacks."""
    _cases(world)
    old = _fresh(world)
    assert len(_names(old, world)) == CASES
    schools.rotate_cases(world.store, world.school_id)
    assert len(_names(old, world)) == CASES


def _cases(world: World) -> list[UUID]:
    for number in range(CASES):
        world.record(about=replace(world.pupil, id=f"x{number}", name=f"Kind {number}"))
    with world.glance(world.ib) as work:
        return list(work.inner.scalars(select(Case.id)))


def _names(store: Store, world: World) -> set[str]:
    with store.work(world.ib) as work:
        return {line.pupil.name for line in cases.worklist(work).new if line.pupil}


def _busy(world: World, stop: threading.Event, faults: list[Exception], who: Viewer) -> None:
    number = 0
    while not stop.is_set():
        try:
            if who is world.ib:
                _names(world.store, world)
            else:
                world.record(about=replace(world.pupil, id=f"y{number}"))
        except Exception as fault:  # noqa: BLE001  # any fault at all is what we look for
            faults.append(fault)
        number += 1


def _forget_old_root(world: World) -> None:
    path = world.folder / "root.key"
    lines = path.read_text().splitlines()
    path.chmod(0o600)
    path.write_text(lines[-1] + "\n")


def _fresh(world: World) -> Store:
    """Return the store as a process that has just started sees it."""
    old = world.store
    return Store(old.engine, old.root, old.blob_dir, old.calendar, old.clock)


def _tired(store: Store, after: int) -> Store:
    """Return the same store with a clock that stops the program at its n-th look."""
    looks = iter(range(1, after))

    def clock():
        if next(looks, None) is None:
            raise KeyboardInterrupt
        return store.clock()

    tired = Store(store.engine, store.root, store.blob_dir, store.calendar, clock)
    tired.cache = store.cache
    return tired


def _versions(world: World) -> dict[int, int]:
    counted: dict[int, int] = {}
    with world.system() as work:
        assert 2 in work.inner.scalars(select(SchoolKey.version).where(SchoolKey.purpose == "cases")).all()
        for wrapped in work.inner.scalars(select(Case.wrapped_key)):
            version = int.from_bytes(wrapped[2:4], "big")
            counted[version] = counted.get(version, 0) + 1
    return counted
