"""A school that comes back from its backup, and keys that turn while the one who turns them is killed.

Small every day; MELD_SCALE=100 makes it whole: 5,000 dossiers, 100 of them destroyed, 20 kills.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import MeldcodeError, NotVisible
from meldcode_plugin.services import backups, cases, installation
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import ledger
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.work import Store, make_engine
from tests.machine.figures import Figures
from tests.tasks.installation import config_of
from tests.world import World, scaled

DOSSIERS, DESTROYED, KILLS = scaled(50, 5000), scaled(4, 100), scaled(2, 20)
MOST_SECONDS = 15 * 60
LONGEST = 600 + 12 * DOSSIERS
"""Seconds for a whole test: laying so many dossiers takes a busy machine its time, and is not what is measured."""
SEED = 20261125
TURN = """
import os, sys
from flask import Flask
from meldcode_plugin import Meldcode
from meldcode_plugin.services import installation
app = Flask("turner")
app.config.update({name: value for name, value in os.environ.items() if name.startswith("MELDCODE_")})
door = Meldcode().init_app(app)
door.school_id
print("begun", flush=True)
installation.rotate(door)
print("done", flush=True)
"""


def pupil(number: int) -> PupilCard:
    """Return one of thousands of pupils."""
    return PupilCard(f"p-{number}", f"Leerling {number}", None, "5")


def fill(world: World) -> list[UUID]:
    """Record a signal about each pupil; return the dossiers that this opened."""
    for number in range(DOSSIERS):
        world.record(world.signal(f"Woorden over {number}."), about=pupil(number))
    return ids(world.door, world)


def ids(door: Door, world: World) -> list[UUID]:
    """Return the ids of all dossiers of the school, destroyed or not, as the owner of the machine sees them."""
    return [row.id for row in rows(door, world)]


def rows(door: Door, world: World) -> list[Any]:
    """Return id and wrapped key of every dossier of the school."""
    with door.store.work(world.ib) as work:
        table = Case.__table__
        mine = sa.select(table.c.id, table.c.wrapped_key).where(table.c.school_id == world.school_id)
        return list(work.inner.connection().execute(mine.order_by(table.c.id)))


def destroy(world: World, chosen: list[UUID]) -> None:
    """Destroy these dossiers."""
    for one in chosen:
        with world.work(world.ib) as work:
            ledger.destroy(work, work.inner.get_one(Case, one), "termijn")


@contextmanager
def elsewhere(world: World, request: pytest.FixtureRequest, folder: Path) -> Iterator[Door]:
    """Open the same school's installation on a new machine: an empty database, no files, the same key file."""
    if world.database.kind == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        url = f"sqlite:///{shutil.copy(template, folder / 'elsewhere.sqlite')}"
    else:
        url = request.getfixturevalue("postgresql_database").url
    blobs = folder / "elsewhere"
    blobs.mkdir()
    store = Store(make_engine(url), world.store.root, blobs, world.store.calendar, world.clock)
    yield Door(world.door.settings, store, world.door.source)
    store.engine.dispose()


@pytest.mark.timeout(LONGEST)
def test_a_school_comes_back_and_what_was_destroyed_does_not(
    world: World, request: pytest.FixtureRequest, tmp_path: Path, figures: Figures
):
    """Every dossier is back and reads as it did; of those that were destroyed none, before or after the backup."""
    world.door.settings = world.door.settings.model_copy(update={"backup_dir": tmp_path / "backups"})
    there = fill(world)
    gone = random.Random(SEED).sample(there, DESTROYED)
    destroy(world, gone[: DESTROYED // 2])
    began = time.monotonic()
    made = backups.make(world.door)
    saved = time.monotonic() - began
    destroy(world, gone[DESTROYED // 2 :])
    backups.keep_ledger(world.door)
    with elsewhere(world, request, tmp_path) as door:
        began = time.monotonic()
        done = backups.restore(door, made.path, backups.ledgers_beside(door, made.path))
        took = time.monotonic() - began
        assert ([], True, DESTROYED) == (done.faults, done.opened, done.destroyed)
        keys = {row.id: row.wrapped_key for row in rows(door, world)}
        assert set(there) == set(keys)
        assert set(gone) == {one for one, key in keys.items() if key is None}
        for one in gone:
            with pytest.raises(NotVisible), door.work(world.ib) as work:
                cases.dossier(work, one)
        for one in random.Random(SEED).sample(sorted(set(there) - set(gone)), min(50, DOSSIERS - DESTROYED)):
            with door.work(world.ib) as work:
                assert cases.dossier(work, one).timeline[0].content.text.startswith("Woorden over ")
    figures(
        f"recovery on {world.database.kind}: {DOSSIERS} dossiers saved in {saved:.1f} s "
        f"({made.path.stat().st_size / 1e6:.1f} MB), back and walked in {took:.1f} s; "
        f"{len(gone)} of {DESTROYED} destroyed ones stay unreadable"
    )
    assert took < MOST_SECONDS


@pytest.mark.timeout(LONGEST)
def test_keys_turn_while_the_one_who_turns_them_is_killed(world: World, figures: Figures):
    """People read and write, the command is killed again and again, and in the end each dossier has the newest key."""
    there, dice, counts = fill(world), random.Random(SEED), Counter[str]()
    installation.new_key_file(world.folder / "root.key")
    over = threading.Event()
    people = [threading.Thread(target=_work_on, args=(world, there, over, counts, n)) for n in range(3)]
    for one in people:
        one.start()
    try:
        while counts["killed"] < KILLS and counts["turns"] < 6 * KILLS:
            _killed(world, dice.uniform(0.0, DOSSIERS / 5000), counts)
    finally:
        over.set()
        for one in people:
            one.join()
    turned = subprocess.run(_turner(world), capture_output=True, text=True, check=False)
    assert turned.returncode == 0, turned.stderr
    world.store.cache.forget()
    with world.store.work(world.ib) as work:
        epochs = sa.select(SchoolKey).where(SchoolKey.purpose == "cases")
        newest = max(row.version for row in work.inner.scalars(epochs))
        roots = {row.root for row in work.inner.scalars(sa.select(SchoolKey))}
    assert {newest} == {int.from_bytes(row.wrapped_key[2:4], "big") for row in rows(world.door, world)}
    assert {"k2"} == roots
    assert [] == installation.verify(world.door, [])
    for one in dice.sample(there, min(50, DOSSIERS)):
        with world.work(world.ib) as work:
            assert cases.dossier(work, one).timeline[0].content.text.startswith("Woorden over ")
    assert (0, KILLS) == (counts["errors"], counts["killed"])
    figures(
        f"keys on {world.database.kind}: {len(there)} dossiers turned through {counts['killed']} kills of {KILLS}, "
        f"{counts['reads']} reads and {counts['writes']} writes beside it, {counts['errors']} errors"
    )
    assert counts["reads"] > 0
    assert counts["writes"] > 0


def _work_on(world: World, there: list[UUID], over: threading.Event, counts: Counter[str], number: int) -> None:
    """Read dossiers and record signals until told to stop."""
    dice = random.Random(SEED + number)
    while not over.is_set():
        try:
            with world.work(world.ib) as work:
                cases.dossier(work, dice.choice(there))
            counts["reads"] += 1
            world.record(world.signal("Nog iets."), about=pupil(dice.randrange(DOSSIERS)))
            counts["writes"] += 1
        except MeldcodeError:
            counts["errors"] += 1


def _turner(world: World) -> list[str]:
    config = (f"{name}={value}" for name, value in config_of(world).items() if name.startswith("MELDCODE_"))
    return ["env", *config, sys.executable, "-c", TURN]


def _killed(world: World, after: float, counts: Counter[str]) -> None:
    """Turn the keys in a process of its own, and kill it some time after it began, if it is not ready by then."""
    with subprocess.Popen(_turner(world), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        time.sleep(after)
        os.kill(process.pid, 9)
        counts["turns"] += 1
        counts["killed"] += process.stdout.read() == ""
