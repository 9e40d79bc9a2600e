"""A damaged row of a reminder, of its mail or of a person holds up no other; once whole again it goes out, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import KeyUnavailable
from meldcode_plugin.post import Known, Outbox
from meldcode_plugin.services import readiness, shares
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.store.models.people import Person
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail
from tests.faults.posts import Fails, sweep, to
from tests.world import World

IB_ERS = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]
MANY = 20
on_sqlite = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""For cells that only SQLite lets in."""


def test_a_damaged_reminder_holds_up_no_other(world: World, outbox: Outbox, caplog: pytest.LogCaptureFixture):
    """One of twenty goes to a link of the chain that does not exist: nineteen are told, the log names only its id."""
    _record_many(world)
    bad = _one_due(world)
    with _damaged(world, Reminder, bad, audience="Sanne"):
        counts = sweep(world, outbox)
        again = sweep(world, outbox)
    assert (counts.told, counts.faulty) == (MANY - 1, 1)
    assert (again.told, again.sent, again.faulty) == (0, 0, 1)
    assert set(IB_ERS) < set(to(outbox))
    assert str(bad) in caplog.text
    assert "Sanne" not in caplog.text


def test_a_reminder_that_is_whole_again_is_told_once(world: World, outbox: Outbox):
    """It stays late on the page of who watches, and on the next day it goes out; nothing is lost or doubled."""
    _record_many(world)
    with _damaged(world, Reminder, _one_due(world), audience="nobody"):
        sweep(world, outbox)
        world.clock.forward(minutes=16)
        sweep(world, outbox)
        late = _wrong(world)
        due = _figure(world, "reminders_due"), _figure(world, "rows_damaged")
    healed = sweep(world, outbox)
    with world.system() as work:
        mails = Counter(work.inner.scalars(sa.select(ReminderMail.reminder_id)))
        untold = work.inner.scalars(
            sa.select(Reminder.id).where(Reminder.state == "waiting", Reminder.due_at <= work.now)
        )
        assert list(untold) == []
    assert (late, due) == (["reminders", "rows"], (1, 1))
    assert (_wrong(world), _figure(world, "rows_damaged")) == ([], 0)
    assert (healed.told, healed.faulty, len(mails)) == (1, 0, MANY)


def test_more_damaged_reminders_than_a_batch_holds_hide_no_other(world: World, outbox: Outbox):
    """All that is acute is damaged and stands in front: the calm one behind it is told all the same."""
    _record_many(world, acute=True)
    with world.peek().begin() as connection:
        connection.execute(sa.update(Reminder).values(audience="nobody"))
    world.record(about=world.own_child)
    counts = sweep(world, outbox, 5)
    assert (counts.told, counts.faulty, set(to(outbox)) > set(IB_ERS)) == (1, MANY, True)


@on_sqlite
def test_a_reminder_that_can_not_be_read_holds_up_no_other(world: World, outbox: Outbox):
    """Its moment is no moment: the row itself does not come out of the database."""
    _record_many(world)
    with world.peek().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE meldcode_reminder SET since = 'niets' "
            "WHERE id = (SELECT id FROM meldcode_reminder WHERE kind = 'signal_new' LIMIT 1)"
        )
    counts = sweep(world, outbox)
    assert (counts.told, counts.faulty) == (MANY - 1, 1)


def test_a_mail_whose_reminder_is_damaged_holds_up_no_other(world: World, outbox: Outbox):
    """What one person was asked lost its key: the other mails to her go as one, hers to others too; healed it goes."""
    post = Fails(known=Known.AWAY)
    world.record()
    world.record(about=world.other_pupil)
    sweep(world, post)
    case = world.case_of()
    with world.work(world.ib) as work:
        new = NewShare(world.second_ib.person_id, "zorgteam", "Wat zie jij?", date(2026, 12, 1), None)
        shares.share(work, case, new)
    world.clock.forward(minutes=2)
    with world.system() as work:
        bad = work.inner.scalars(sa.select(Reminder.id).where(Reminder.kind == "case_shared")).one()
    with _damaged(world, Reminder, bad, dedup_key="case_shared/weg"):
        counts = sweep(world, outbox)
    assert counts.faulty == 1
    assert Counter(to(outbox)) == dict.fromkeys([*IB_ERS, "irene@wilgenhof.example"], 1)
    world.clock.forward(days=1)
    sweep(world, outbox)
    assert Counter(to(outbox))["ingrid@wilgenhof.example"] == 2


@on_sqlite
def test_a_mail_that_can_not_be_read_holds_up_no_other(world: World, outbox: Outbox):
    """The first mail in the row is unreadable: the other one goes, and nobody's goes twice."""
    world.record()
    sweep(world, Fails(known=Known.AWAY))
    world.clock.forward(minutes=2)
    with world.peek().begin() as connection:
        connection.exec_driver_sql(
            "UPDATE meldcode_reminder_mail SET held_until = '0' "
            "WHERE id = (SELECT id FROM meldcode_reminder_mail ORDER BY touched_at, fence, id LIMIT 1)"
        )
    counts = sweep(world, outbox)
    assert (counts.sent, counts.faulty, len(outbox.sent)) == (1, 1, 1)
    assert (_wrong(world), _figure(world, "rows_damaged")) == (["rows"], 1)


def test_a_person_whose_address_names_an_unknown_key_is_skipped(
    world: World, outbox: Outbox, caplog: pytest.LogCaptureFixture
):
    """The first byte pair of her cell says another key: the others are told, and who watches sees that it is there."""
    world.record()
    with world.system() as work:
        sealed = work.inner.get_one(Person, world.ib.person_id).sealed
    with _damaged(world, Person, world.ib.person_id, sealed=sealed[:2] + b"\x00\x63" + sealed[4:]):
        counts = sweep(world, outbox)
        wrong = _wrong(world), _figure(world, "addresses_damaged")
        assert str(world.ib.person_id) in caplog.text
    assert (counts.told, to(outbox)) == (1, ["ingrid@wilgenhof.example"])
    assert (wrong, _wrong(world)) == ((["rows"], 1), [])


def test_a_key_that_is_away_is_the_fault_of_no_row(world: World, outbox: Outbox):
    """Nothing is told past anybody, the sweep says so, and with the key back all goes as it should."""
    world.record()
    world.store.cache.forget()
    (world.folder / "root.key").rename(world.folder / "away.key")
    with pytest.raises(KeyUnavailable):
        sweep(world, outbox)
    assert _wrong(world) == ["keys", "sweep"]
    (world.folder / "away.key").rename(world.folder / "root.key")
    counts = sweep(world, outbox)
    assert (counts.told, counts.faulty, to(outbox)) == (1, 0, IB_ERS)


def _record_many(world: World, *, acute: bool = False) -> None:
    for pupil in world.door.source.search("a", MANY):
        world.record(world.signal(acute=acute), about=world.card(pupil.id))


def _wrong(world: World) -> list[str]:
    """Return what /readyz says is not right."""
    return [one.name for one in readiness.checks(world.door) if not one.ok]


def _figure(world: World, name: str) -> float:
    return {one.name: one.value for one in readiness.figures(world.door)}[name]


def _one_due(world: World) -> UUID:
    """Return a reminder from the middle of what is due."""
    with world.system() as work:
        due = sa.select(Reminder.id).where(Reminder.due_at <= work.now).order_by(Reminder.id)
        return work.inner.scalars(due).all()[MANY // 2]


@contextmanager
def _damaged(world: World, table: Any, row: UUID, **cells: object) -> Iterator[None]:
    """Write other cells into a row, as nobody but a fault or an intruder does, and put them back."""
    columns = [getattr(table, name) for name in cells]
    with world.peek().begin() as connection:
        whole = connection.execute(sa.select(*columns).where(table.id == row)).one()
        connection.execute(sa.update(table).where(table.id == row).values(**cells))
    yield
    with world.peek().begin() as connection:
        connection.execute(sa.update(table).where(table.id == row).values(**whole._mapping))


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
