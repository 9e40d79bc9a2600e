"""A thousand reminders through a storm of killed workers, emptied brokers, cut databases and a bad mail server."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from meldcode_plugin.store.models.reminders import MailState, Reminder, ReminderMail, ReminderState
from meldcode_plugin.store.work import utc_now
from tests.faults.mailserver import MailServer
from tests.machine.databases import Database
from tests.machine.figures import Figures
from tests.tasks.installation import Installation, child_of, installed
from tests.world import World

SEED = 20261124
SIGNALS = max(4, min(170, round(30 * float(os.environ.get("MELD_SCALE", "1")))))
"""Each acute signal falls due six times; with three IB-ers, a deputy and a director that is twelve mails."""
ROUNDS = 8
MAILS_A_ROUND = SIGNALS * 12 // ROUNDS
LEASE_MINUTES = 7.0
PAUSE_SECONDS = 0.05
"""How long the server thinks over a mail, so that a storm is over when its mails are and not before."""
PEOPLE = {"marijke": 3, "ingrid": 3, "irene": 3, "anja": 1, "ruud": 2}
BAD = [("MAIL", "451 later"), ("RCPT", "450 busy"), ("DATA", "drop"), ("dot", "452 full")]
IN_DOUBT = [("dot", "drop"), ("dot", "nonsense"), ("text", "drop")]


@dataclass
class Storm:
    """What goes wrong, drawn from seeded dice, and how often it did."""

    server: MailServer
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    counts: Counter[str] = field(default_factory=Counter)

    def weather(self, phase: str) -> dict[str, str]:
        """Draw what a line or a mail meets: mostly nothing, now and then a refusal, seldom a doubt."""
        number, opening = self.dice.random(), phase == "greeting"
        if number < 0.03 and not opening:
            self.counts["in doubt"] += 1
            return dict([self.dice.choice(IN_DOUBT)])
        if number < 0.10:
            self.counts["refused"] += 1
            return {"greeting": "drop"} if opening else dict([self.dice.choice(BAD)])
        return {}


@pytest.mark.timeout(900)
def test_a_storm_loses_nothing(world: World, school: Installation, storm: Storm, redis_socket: Path, figures: Figures):
    """Lost 0, unexpected 0; doubled only where nobody could know, and then under the same Message-ID."""
    _record(world)
    storm.server.dice, storm.server.pause = storm.weather, PAUSE_SECONDS
    with school.beat(EVERY="0.3"):
        for number in range(ROUNDS):
            _round(world.database, school, storm, redis_socket, number)
    storm.server.dice, storm.server.pause = None, 0
    _calm(world, school)
    delivered = Counter((mail["Message-ID"], mail["To"]) for mail in storm.server.mails)
    rows = _rows(world)
    lost = {key for key, state in rows.items() if state != MailState.SENT or key not in delivered}
    unexpected = set(delivered) - set(rows)
    doubled = sum(delivered.values()) - len(delivered)
    in_doubt = storm.counts["in doubt"] + storm.counts["killed"] + storm.counts["database cut"]
    figures(
        f"storm on {world.database.kind}: {SIGNALS * 6} reminders, {len(rows)} mails; lost {len(lost)}, "
        f"unexpected {len(unexpected)}, doubled {doubled} (same Message-ID, {in_doubt} moments of doubt); "
        + ", ".join(f"{name} {number}" for name, number in sorted(storm.counts.items()))
        + f"; seed {SEED}"
    )
    assert lost == set()
    assert unexpected == set()
    assert doubled <= in_doubt
    assert Counter(to.split("@")[0] for _, to in rows) == {name: each * SIGNALS for name, each in PEOPLE.items()}


def _record(world: World) -> None:
    """Record the signals nine hours ago, so that all that is acute about them is due."""
    world.clock.moment = utc_now() - timedelta(hours=9)
    cards = [world.card(str(2602 + number)) for number in range(8)]
    for number in range(SIGNALS):
        world.record(world.signal(acute=True), about=cards[number % len(cards)])


def _round(database: Database, school: Installation, storm: Storm, socket: Path, number: int) -> None:
    """Let a worker work for some mails while its broker is emptied and its database cut; then kill it."""
    ahead = str(number * LEASE_MINUTES)
    with redis.Redis(unix_socket_path=str(socket)) as broker, school.worker(AHEAD=ahead) as worker:
        for _ in range(2):
            wanted = storm.server.begun + storm.dice.randint(1, MAILS_A_ROUND)
            storm.server.wait(lambda wanted=wanted: storm.server.begun >= wanted, seconds=15)
            broker.flushall()
            storm.counts["broker emptied"] += 1
            storm.counts["database cut"] += _cut(database)
        child = child_of(worker)
        worker.kill()
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        worker.wait(10)
        storm.counts["killed"] += 1


def _cut(database: Database) -> int:
    """Cut every connection of the application to PostgreSQL; SQLite has none to cut."""
    if database.kind != "postgresql":
        return 0
    engine = sa.create_engine(sa.make_url(database.owner_url).set(username="meldcode_admin"))
    with engine.connect() as connection:
        cut = connection.exec_driver_sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).scalar_one()
    engine.dispose()
    return int(cut > 0)


def _calm(world: World, school: Installation) -> None:
    """Sweep on good days until nothing waits any more."""
    for number in range(ROUNDS, ROUNDS + 60):
        with school.sweep(ahead=number * LEASE_MINUTES) as process:
            assert process.wait(120) == 0, school.log("sweep.log")
        with world.system() as work:
            waiting = work.inner.scalar(
                sa.select(sa.func.count())
                .select_from(Reminder)
                .where(Reminder.state == ReminderState.WAITING, Reminder.acute)
            )
            under_way = work.inner.scalar(
                sa.select(sa.func.count())
                .select_from(ReminderMail)
                .where(ReminderMail.state.in_((MailState.WAITING, MailState.SENDING)))
            )
        if not waiting and not under_way:
            return
    pytest.fail(f"{waiting} reminders and {under_way} mails still wait")


def _rows(world: World) -> dict[tuple[str, str], str]:
    """Return the state of every mail by its Message-ID and address."""
    emails = {
        one.person_id: one.email for one in (world.ib, world.second_ib, world.excluded_ib, world.af, world.director)
    }
    columns = (ReminderMail.message_id, ReminderMail.person_id, ReminderMail.state)
    with world.system() as work:
        found = work.inner.execute(sa.select(*columns)).all()
    return {(f"<{message.hex}@localhost>", emails[person]): state for message, person, state in found}


@pytest.fixture
def storm(mailserver: MailServer) -> Storm:
    """A mail server in a storm."""
    return Storm(mailserver)


@pytest.fixture
def school(world: World, tmp_path: Path, mailserver: MailServer, broker_url: str) -> Iterator[Installation]:
    """The world's school with a broker and the mail server in the storm."""
    with installed(world, tmp_path / "school", mailserver.port, broker_url) as made:
        yield made
