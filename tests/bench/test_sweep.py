"""How long a sweep takes among few and among very many open reminders, and how fast mails go out. Prints ratios."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.documents.mails import action_waits
from meldcode_plugin.post import Outbox, SmtpPost
from meldcode_plugin.services import reminders
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.database import measure
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.store.work import utc_now
from tests.faults.mailserver import HOST, MailServer, mailserver
from tests.world import World, scaled

__all__ = ["mailserver"]
FEW, MANY, DUE = scaled(2_500, 10_000), scaled(50_000, 1_000_000), scaled(50, 1_000)
"""With MELD_SCALE=20 these are the sizes of the figure."""
MAILS, BATCH, ROUNDS = 500, 10_000, 2
ABSURD = 4
"""A sweep that reads every open row takes twenty times as long; a busy machine hardly this."""


@pytest.mark.timeout(3600)
def test_a_sweep_among_many_open_reminders(world: World):
    """As many due rows among few open ones, then among very many: the time must hardly grow.

    Of each size the quickest round counts. The work of this process is told beside the time on the clock, for the
    clock also sees what else the machine does.
    """
    world.record()
    case, open_now = world.case_of(), 0
    spent: dict[int, tuple[float, float]] = {}
    for wanted in (FEW, MANY):
        _lay(world, case, wanted - open_now, due=False)
        open_now = wanted
        rounds = [_swept(world, case) for _ in range(ROUNDS)]
        spent[wanted] = min(clock for clock, _ in rounds), min(work for _, work in rounds)
    (few, few_work), (many, many_work) = spent[FEW], spent[MANY]
    print(
        f"\n{world.database.kind}: sweep of {DUE:,} due rows among {FEW:,} open: {few:.2f} s, "
        f"among {MANY:,}: {many:.2f} s, {many / few:.2f} times (work of this process {many_work / few_work:.2f} times)"
    )
    assert many < ABSURD * few


def _swept(world: World, case: UUID) -> tuple[float, float]:
    """Return the seconds, on the clock and of work, until the due rows are told; a sweep ends after a minute."""
    _lay(world, case, DUE, due=True)
    began, work, told = time.perf_counter(), time.process_time(), 0
    while told < DUE:
        told += (now := reminders.sweep(world.door, DUE, Outbox()).told)
        assert now, "a sweep found nothing although rows are due"
    took = time.perf_counter() - began, time.process_time() - work
    world.clock.forward(days=1)
    return took


def _lay(world: World, case: UUID, number: int, *, due: bool) -> None:
    """Put rows in as the store would: those that are open fall due in a year, half of them were told before."""
    at = world.clock.moment + (timedelta(0) if due else timedelta(days=365))
    engine = world.peek()
    for first in range(0, number, BATCH):
        rows = [
            _row(world, case, at, told=not due and one % 2 == 0) for one in range(first, min(first + BATCH, number))
        ]
        with engine.begin() as connection:
            connection.execute(sa.insert(Reminder.__table__), rows)
    measure(engine)
    if world.database.kind == "postgresql":
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE meldcode_reminder")


def _row(world: World, case: UUID, at: datetime, *, told: bool) -> dict:
    row = dict.fromkeys((column.name for column in Reminder.__table__.c), None)
    row |= {"id": new_id(), "school_id": world.school_id, "case_id": case, "kind": "signal_new", "audience": "owner"}
    row |= {"acute": False, "due_at": at, "since": at, "dedup_key": uuid4().hex, "touched_at": world.clock.moment}
    return row | {"state": "told" if told else "waiting"}


def test_how_fast_mails_go_out(mailserver: MailServer):
    """Composed and handed to a server on this machine over lines that stay open."""
    began, work = time.perf_counter(), time.process_time()
    with SmtpPost(HOST, mailserver.port).kept() as line:
        for _ in range(MAILS):
            line.send(_mail())
    rate, took = MAILS / (time.perf_counter() - began), (time.process_time() - work) / MAILS
    print(f"\n{rate:.0f} mails a second, over {mailserver.connections} lines; {took * 1000:.2f} ms of work each")
    assert len(mailserver.mails) == MAILS
    assert mailserver.connections == MAILS / 50


def _mail() -> EmailMessage:
    return action_waits("ib@school.example", "meldcode@school.example", "https://sis.example", uuid4(), utc_now())
