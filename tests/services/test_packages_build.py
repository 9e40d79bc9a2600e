"""A package is built as its requester, step by step, once, and the same however often; what fails says why."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import AlreadyDone, NotVisible
from meldcode_plugin.services import packages, packages_build, people, upkeep
from meldcode_plugin.services.packages_build import Build
from meldcode_plugin.services.packages_papers import STEPS
from meldcode_plugin.store import attachments as attachment_store
from meldcode_plugin.store import packages as store
from meldcode_plugin.store import packages_files as files
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.attachments import Attachment
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.models.packages import Package, PackageFile
from meldcode_plugin.store.models.people import Person, RoleGrant
from meldcode_plugin.store.packages import Overtaken
from tests.packing import SHORT, ask, case_with, look, result, seal_of, start_over
from tests.world import World

on_sqlite = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""For what the database has no part in."""
LARGE = b"Een lange brief.\n" * 250_000
ROOM = 3_000_000
"""Bytes that a file may have on the full disk: more than the database, less than the long brief."""


def test_a_package_is_built_in_nine_steps(world: World):
    """After one sweep all steps are done in order, all files are there, and the log tells it as the requester's."""
    case = case_with(world)
    package = ask(world, case)
    assert (look(world, case, package).state, look(world, case, package).done) == ("requested", ())
    assert packages_build.sweep(world.door) == 1
    shown = look(world, case, package)
    assert (shown.state, shown.done, shown.live) == ("ready", STEPS, False)
    assert [file.role for file in shown.files] == ["main", "annex", "attachment", "manifest"]
    assert [file.name for file in shown.files] == ["pakket.pdf", "bijlage-n.pdf", "brief-0.txt", "manifest.json"]
    assert {"package.requested", "package.built", "package.ready"} <= logged(world, world.ib.person_id)
    assert packages_build.sweep(world.door) == 0


def test_a_rebuild_gives_the_same_bytes(world: World):
    """All forgotten and built again: every hash and the seal are the same, also when the case moved on since."""
    case = case_with(world, (SHORT, SHORT * 3), signals=3)
    package = ask(world, case)
    packages_build.build(world.door, package)
    before, seal = result(look(world, case, package)), seal_of(world, package)
    world.record(world.signal("Dit kwam later."))
    start_over(world, package)
    world.clock.forward(hours=3)
    packages_build.build(world.door, package)
    shown = look(world, case, package)
    assert result(shown) == before
    assert seal_of(world, package) == seal
    assert shown.moved_on


def test_what_comes_in_makes_it_old(world: World):
    """Taking up a signal says nothing new; a signal that comes in does."""
    case = case_with(world)
    package = ask(world, case)
    assert not look(world, case, package).moved_on
    world.record(world.signal("Dit kwam later."))
    assert look(world, case, package).moved_on


@pytest.mark.parametrize("loss", ["role", "left", "excluded"])
def test_who_lost_the_right_gets_no_package(world: World, loss: str):
    """The requester lost role, work or sight of the case: the build stops with a clear state, and nothing is made."""
    case = case_with(world)
    package = ask(world, case)
    _lose(world, loss)
    packages_build.sweep(world.door)
    shown = look(world, case, package, world.second_ib)
    assert (shown.state, shown.error, shown.done, shown.files) == ("stopped", "right_lost", (), ())


def test_a_right_that_comes_back_lets_it_be_built_further(world: World):
    """Stopped while the role was gone; with the role back another IB-er tries again, and it is built."""
    case = case_with(world)
    package = ask(world, case)
    _lose(world, "role")
    packages_build.sweep(world.door)
    with world.system() as work:
        grant = work.inner.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == world.ib.person_id)).one()
        grant.ended_at = None
    with world.work(world.second_ib) as work:
        packages.retry(work, case, package)
    packages_build.sweep(world.door)
    assert look(world, case, package).state == "ready"


def test_a_right_lost_halfway_stops_it(world: World):
    """Three steps are done when the right goes: the fourth opens nothing."""
    case = case_with(world)
    package = ask(world, case)
    building = begun(world, package)
    steps = iter(building.steps())
    for _ in range(3):
        next(steps)()
    _lose(world, "excluded")
    with pytest.raises(NotVisible):
        next(steps)()
    assert look(world, case, package, world.second_ib).done == STEPS[:3]


@on_sqlite
@pytest.mark.parametrize("harm", ["changed", "cut", "gone", "taken away"])
def test_a_bad_attachment_is_named(world: World, harm: str):
    """A file that is changed, cut, gone or taken away: no package, and the page says which file it is about."""
    case = case_with(world, (SHORT, LARGE))
    package = ask(world, case)
    row = _harm(world, case, harm)
    packages_build.sweep(world.door)
    shown = look(world, case, package)
    assert (shown.state, shown.error, shown.files) == ("failed", "attachment", ())
    assert shown.about == ("" if harm == "taken away" else "brief-1.txt")
    with world.system() as work:
        assert work.inner.get_one(Package, package).error_about == row


@on_sqlite
def test_a_full_disk_fails_clearly_and_a_retry_goes_on(world: World):
    """The disk takes no more: failed for want of room; with room it goes on to the same package."""
    case = case_with(world, (SHORT, LARGE))
    package = ask(world, case)
    packages_build.build(world.door, package)
    whole = result(look(world, case, package))
    start_over(world, package)
    with full_disk():
        packages_build.build(world.door, package)
    shown = look(world, case, package)
    assert (shown.state, shown.error, shown.can_retry) == ("failed", "no_space", True)
    assert shown.done == STEPS[: STEPS.index("copy")]
    with world.work(world.ib) as work:
        packages.retry(work, case, package)
    packages_build.sweep(world.door)
    assert result(look(world, case, package)) == whole


@on_sqlite
def test_keys_that_are_away_only_make_it_later(world: World):
    """Without the key file nothing is opened and nothing is lost: a minute later it is built."""
    case = case_with(world)
    package = ask(world, case)
    file = world.folder / "root.key"
    taken = begun(world, package).taken
    file.rename(file.with_suffix(".away"))
    world.store.cache.forget()
    packages_build.build(world.door, package)
    file.with_suffix(".away").rename(file)
    world.clock.forward(seconds=200)
    packages_build.sweep(world.door)
    assert (look(world, case, package).state, taken.attempt) == ("ready", 1)


def test_an_overtaken_worker_marks_nothing(world: World):
    """A worker sleeps past its lease and another builds the package: the first can write down nothing more."""
    case = case_with(world)
    package = ask(world, case)
    slow = iter(begun(world, package).steps())
    next(slow)()
    world.clock.forward(seconds=151)
    assert packages_build.sweep(world.door) == 1
    before = result(look(world, case, package))
    with pytest.raises(Overtaken):
        next(slow)()
    assert (before[0], result(look(world, case, package))) == ("ready", before)


def test_nobody_takes_what_is_being_built(world: World):
    """Within the lease a second worker finds nothing to do."""
    case = case_with(world)
    package = ask(world, case)
    begun(world, package)
    assert packages_build.sweep(world.door) == 0
    packages_build.build(world.door, package)
    assert look(world, case, package).done == ()


def test_called_off_stops_the_worker_and_leaves_nothing(world: World):
    """Called off halfway: the worker marks nothing more, the files go, and it can not be called off twice."""
    case = case_with(world)
    package = ask(world, case)
    steps = iter(begun(world, package).steps())
    for _ in range(5):
        next(steps)()
    with world.work(world.ib) as work:
        packages.cancel(work, case, package)
    with pytest.raises(Overtaken):
        next(steps)()
    shown = look(world, case, package)
    assert (shown.state, shown.files) == ("cancelled", ())
    with world.system() as work:
        assert list(work.inner.scalars(sa.select(PackageFile))) == []
    with pytest.raises(AlreadyDone), world.work(world.ib) as work:
        packages.cancel(work, case, package)


@on_sqlite
def test_five_deaths_without_a_step_end_it(world: World):
    """Taken five times and nothing recorded: the sixth says that a person must look."""
    case = case_with(world)
    package = ask(world, case)
    for _ in range(5):
        begun(world, package)
        world.clock.forward(seconds=151)
    packages_build.sweep(world.door)
    shown = look(world, case, package)
    assert (shown.state, shown.error, shown.can_retry) == ("failed", "interrupted", True)


@on_sqlite
def test_a_changed_file_of_the_package_is_seen_before_it_is_ready(world: World):
    """A byte of a copy changes on the disk before it is opened again: not ready."""
    case = case_with(world)
    package = ask(world, case)
    steps = iter(begun(world, package).steps())
    for _ in range(STEPS.index("reopen")):
        next(steps)()
    with world.system() as work:
        blob = work.inner.scalars(sa.select(PackageFile.blob).where(PackageFile.role == "main")).one()
    _spoil(world, blob)
    world.clock.forward(seconds=151)
    packages_build.sweep(world.door)
    assert (look(world, case, package).state, look(world, case, package).error) == ("failed", "damaged")


@on_sqlite
def test_upkeep_leaves_its_files_and_clears_what_a_death_left(world: World):
    """After a day the files of a package are there; a file that lost its row in a crash is gone."""
    case = case_with(world)
    package = ask(world, case)
    packages_build.sweep(world.door)
    stray = next(iter((world.folder / "blobs").iterdir())) / "0f".zfill(32)
    stray.write_bytes(b"noise")
    for file in stray.parent.iterdir():
        os.utime(file, (world.clock().timestamp() - 90_000,) * 2)
    upkeep.tidy(world.door)
    assert not stray.exists()
    with world.work(world.ib) as work:
        row, package_row = packages.opened(work, case, package)
        work.note(Tag.PACKAGE_READ, case)
        found = [files.opened(work, row, one) for one in packages.listed(work, row, package_row)]
    assert [sum(map(len, one)) for one in found] == [file.size for file in look(world, case, package).files]


# --- helpers of these tests ------------------------------------------------------------------------


def begun(world: World, package: UUID) -> Build:
    """Take a package as a worker does, and do nothing yet."""
    with world.system() as work:
        taken = store.take(work, package)
        assert taken is not None
        viewer = people.viewer_of(work, taken.requester_id)
    assert viewer is not None
    return Build(world.door, viewer, taken)


def logged(world: World, person: UUID) -> set[str]:
    """Return the events of a person in the log."""
    with world.system() as work:
        return set(work.inner.scalars(sa.select(LogLine.event).where(LogLine.actor_id == person)))


def _lose(world: World, loss: str) -> None:
    me = world.ib.person_id
    if loss == "excluded":
        with world.work(world.director) as work:
            people.exclude(work, me, world.pupil.id, "Zij kent dit gezin.")
        return
    with world.system() as work:
        if loss == "left":
            work.inner.get_one(Person, me).active = False
        else:
            grant = work.inner.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == me)).one()
            grant.ended_at = world.clock()


def _harm(world: World, case: UUID, harm: str) -> UUID:
    """Harm the long brief; returns its id."""
    with world.system() as work:
        rows = list(work.inner.scalars(sa.select(Attachment).order_by(Attachment.added_at, Attachment.id)))
        row, blob = rows[-1].id, rows[-1].blob
    if harm == "taken away":
        with world.work(world.ib) as work:
            attachment_store.remove(work, store.lock_case(work, case), row)
        return row
    path = _path(world, blob)
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[: 1 << 17])
    else:
        _spoil(world, blob)
    return row


def _path(world: World, blob: UUID) -> Path:
    (found,) = (world.folder / "blobs").glob(f"*/{blob.hex}")
    return found


def _spoil(world: World, blob: UUID) -> None:
    path = _path(world, blob)
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow beyond a size: the kernel answers as when the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
