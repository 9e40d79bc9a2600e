"""How long a sweep takes among few and among very many open reminders, and how fast mails go out. Prints ratios."""

from __future__ import annotations

import itertools
import os
import time
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.documents.mails import action_waits
from meldcode_plugin.post import Outbox, SmtpPost
from meldcode_plugin.services import reminders
from meldcode_plugin.store.database import measure
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.store.work import utc_now
from tests.faults.mailserver import HOST, MailServer, mailserver
from tests.machine.figures import Figures
from tests.world import World, scaled

__all__ = ["mailserver"]
FEW, MANY, DUE = scaled(2_500, 10_000), scaled(50_000, 1_000_000), scaled(500, 1_000)
"""With MELD_SCALE=20 these are the sizes of the figure."""
MAILS, ROUNDS = 500, 2
LAID = itertools.count(1)
ABSURD = 4
"""A sweep that reads every open row works twenty times as long; a busy machine hardly this."""


@dataclass
class Spent:
    """What a sweep took: seconds on the clock and of work, of this process and of the database's, and questions."""

    clock: float
    work: float
    questions: int


@pytest.mark.timeout(3600)
def test_a_sweep_among_many_open_reminders(world: World, figures: Figures):
    """As many due rows among few open ones, then among very many: the work and the questions must hardly grow.

    Of each size the round with the least work counts. The clock also sees what else the machine does, so it is
    told and not judged.
    """
    world.record()
    case, open_now = world.case_of(), 0
    _calm(world)
    spent: dict[int, Spent] = {}
    for wanted in (FEW, MANY):
        _lay(world, case, wanted - open_now, due=False)
        open_now = wanted
        spent[wanted] = min((_swept(world, case) for _ in range(ROUNDS)), key=lambda one: one.work)
    few, many = spent[FEW], spent[MANY]
    figures(
        f"sweep of {DUE:,} due rows on {world.database.kind}: work {few.work:.2f} s among {FEW:,} open, "
        f"{many.work:.2f} s among {MANY:,}, {many.work / few.work:.2f} times; "
        f"clock {few.clock:.2f} and {many.clock:.2f} s, {many.clock / few.clock:.2f} times; "
        f"questions {few.questions / DUE:.2f} and {many.questions / DUE:.2f} for each due row"
    )
    assert many.work < ABSURD * few.work
    assert many.questions < 1.1 * few.questions


def _swept(world: World, case: UUID) -> Spent:
    """Return what it takes until the due rows are told; a sweep ends after a minute."""
    _lay(world, case, DUE, due=True)
    engine, asked = world.store.engine, itertools.count()
    backend = _backend(world)
    count = sa.event.listens_for(engine, "before_cursor_execute")(lambda *_: next(asked))
    began, work, told = time.perf_counter(), _work(backend), 0
    while told < DUE:
        told += (now := reminders.sweep(world.door, DUE, Outbox()).told)
        assert now, "a sweep found nothing although rows are due"
    took = Spent(time.perf_counter() - began, _work(backend) - work, next(asked))
    sa.event.remove(engine, "before_cursor_execute", count)
    _calm(world)
    return took


def _calm(world: World) -> None:
    """Let a week go by in which all mails go out, so that every round begins alike."""
    for _ in range(7):
        reminders.sweep(world.door, DUE, Outbox())
        world.clock.forward(days=1)


def _backend(world: World) -> int | None:
    """Return the process of PostgreSQL that answers this one; SQLite works in this process itself."""
    if world.database.kind != "postgresql":
        return None
    with world.store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _work(backend: int | None) -> float:
    """Return the seconds of work so far, of this process and of the one that answers it."""
    if backend is None:
        return time.process_time()
    fields = Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _lay(world: World, case: UUID, number: int, *, due: bool) -> None:
    """Put rows in as the store would: those that are open fall due in a year, half of them were told before.

    The database makes them itself: to make a million of them here would take longer than all that is measured.
    """
    at = world.clock.moment + (timedelta(0) if due else timedelta(days=365))
    numbers = sa.select(sa.literal(1).label("n")).cte(recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < number))
    of_row = sa.literal(next(LAID) << 32, sa.BigInteger) + numbers.c.n
    postgresql = world.database.kind == "postgresql"
    hexed = sa.func.lpad(sa.func.to_hex(of_row), 32, "0") if postgresql else sa.func.printf("%032x", of_row)
    row = {"id": sa.cast(hexed, sa.Uuid()) if postgresql else hexed, "dedup_key": hexed}
    row |= {"school_id": world.school_id, "case_id": case, "kind": "signal_new", "audience": "owner", "acute": False}
    row |= {"due_at": at, "since": at, "touched_at": world.clock.moment}
    row["state"] = sa.case((sa.and_(sa.literal(not due), numbers.c.n % 2 == 0), "told"), else_="waiting")
    table = Reminder.__table__
    cells = [
        cell if isinstance(cell, sa.ColumnElement) else sa.literal(cell, table.c[name].type)
        for name, cell in row.items()
    ]
    with world.peek().begin() as connection:
        connection.execute(sa.insert(table).from_select(list(row), sa.select(*cells).select_from(numbers)))
        if postgresql:
            connection.exec_driver_sql("ANALYZE meldcode_reminder")
    measure(world.peek())


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
