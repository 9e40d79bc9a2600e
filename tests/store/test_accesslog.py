"""The access log: whoever changes a line of it is found, and without it nothing is shown or changed."""

from __future__ import annotations

from time import monotonic
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from meldcode_plugin.errors import LogUnavailable, NotVisible, TamperedData
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, signals
from meldcode_plugin.store import accesslog, ledger, rights, schools
from meldcode_plugin.store import work as work_room
from meldcode_plugin.store.accesslog import Anchor, Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.log import LogHead, LogLine
from meldcode_plugin.store.work import Store, Work
from tests.machine.figures import Figures
from tests.services.test_signals import at_once
from tests.store.tamperings import LINES, LOG, OF_LISTS, TAMPERINGS, Rows
from tests.world import World, scaled, school_of, without_triggers


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_each_tampering_is_found(logs: Logs, kind: str, figures: Figures):
    """Of every line, whatever is done to it, the verifier says so."""
    with logs.engine.connect() as connection:
        missed = [
            (school, k) for school in logs.lines for k in range(LINES) if not logs.found(connection, school, k, kind)
        ]
    tried = len(logs.lines) * LINES
    figures(f"log, {logs.world.database.kind}, {kind}: {tried} of 2,000 rows tried, {len(missed)} missed")
    assert missed == []


@pytest.mark.parametrize("kind", OF_LISTS)
def test_each_change_of_a_list_is_found(logs: Logs, kind: str, figures: Figures):
    """Whichever dossier is taken out of a list, put into one or moved, the verifier says so."""
    of_list = kind != "to_a_list"
    with logs.engine.connect() as connection:
        tried = [(s, k) for s, rows in logs.lines.items() for k in range(LINES) if (not rows[k]["case_id"]) is of_list]
        missed = [(school, k) for school, k in tried if not logs.found(connection, school, k, kind)]
    figures(f"lists in the log, {logs.world.database.kind}, {kind}: {len(tried)} tried, {len(missed)} missed")
    assert (missed, len(tried)) == ([], len(logs.lines) * LINES // 2)


def test_an_untouched_log_has_no_fault(logs: Logs):
    """The verifier that finds everything finds nothing where nothing is."""
    for school, anchor in logs.anchors.items():
        with logs.world.system(school) as work:
            assert accesslog.verify(work, [anchor]) == []


@pytest.mark.parametrize("table", [*rights.FROZEN, "meldcode_entry"])
@pytest.mark.parametrize("what", ["UPDATE {} SET school_id = school_id", "DELETE FROM {}"])
def test_database_refuses_to_change_the_frozen(world: World, table: str, what: str):
    """The database itself refuses to change or delete what is final, also for who passes by row security."""
    world.record()
    world.record(about=world.other_pupil)
    _read_worklist(world)
    with world.system() as work:
        ledger.destroy(work, work.inner.scalars(select(Case)).first(), "test")
    with world.peek().connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append only"):
        connection.exec_driver_sql(what.format(table))


def test_entry_may_lose_its_words_and_nothing_else(world: World):
    """The one change that the database allows on an entry is that its words go."""
    world.record()
    with world.peek().begin() as connection:
        connection.exec_driver_sql("UPDATE meldcode_entry SET sealed = NULL")
        with pytest.raises(sa.exc.DBAPIError, match="append only"):
            connection.exec_driver_sql("UPDATE meldcode_entry SET acute = NOT acute")


def test_replace_does_not_pass_by_the_triggers(world: World):
    """SQLite's REPLACE, which deletes silently, is stopped too."""
    world.record()
    if world.database.kind == "sqlite":
        with world.store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="append only"):
            connection.exec_driver_sql("REPLACE INTO meldcode_log_line SELECT * FROM meldcode_log_line LIMIT 1")


def test_no_log_no_change(world: World, broken_log: None):
    """When a line can not be written, the signal is not stored either."""
    with pytest.raises(LogUnavailable):
        world.record()
    with world.glance(world.ib) as work:
        assert work.inner.scalar(select(func.count()).select_from(Case)) == 1


def test_no_log_no_plaintext(world: World, broken_log: None):
    """When a line can not be written, the transaction that opened a dossier gives no answer."""
    with pytest.raises(LogUnavailable):
        _read_worklist(world)
    with pytest.raises(LogUnavailable), world.work(world.teacher) as work:
        signals.mine(work)


def test_full_disk_stores_nothing(world: World):
    """On a full disk a signal is refused whole, and later everything works again."""
    if world.database.kind == "sqlite":
        sa.event.listen(world.store.engine, "checkout", _full)
        with pytest.raises(LogUnavailable):
            world.record(world.signal("x" * 20_000))
        sa.event.remove(world.store.engine, "checkout", _full)
        world.store.engine.dispose()
        assert [*world.record().kinds] == ["fact"]


def test_database_that_stays_locked_shows_nothing(world: World, monkeypatch: pytest.MonkeyPatch):
    """When another holds the log for too long, the request ends with an answer and without words."""
    world.record()
    holder = _hold_the_log(world, monkeypatch)
    try:
        with pytest.raises(LogUnavailable):
            _read_worklist(world)
    finally:
        holder.close()
    assert len(_read_worklist(world).new) == 1


def test_nobody_starves_at_a_busy_counter(world: World):
    """Many who read and write at once for a while each get their turn; nobody is sent away."""
    until = monotonic() + 3

    def busy(_: int) -> int:
        turns = 0
        while monotonic() < until:
            with world.work(world.ib) as work:
                work.note(Tag.LOG_READ)
            turns += 1
        return turns

    assert min(at_once(12, busy)) > 0


def test_denied_is_logged_in_its_own_transaction(world: World):
    """Who asks for what does not exist for them leaves a line, though their transaction is gone."""
    world.record()
    case_id = world.case_of()
    with pytest.raises(NotVisible), world.work(world.excluded_ib) as work:
        cases.dossier(work, case_id)
    with world.glance(world.fg) as work:
        line = work.session.scalars(select(LogLine).order_by(LogLine.seq.desc()).limit(1)).one()
    assert (line.event, line.outcome, line.actor_id) == (Tag.DENIED, "denied", world.excluded_ib.person_id)


def test_anchor_of_another_hand_is_refused(world: World):
    """An anchor that the school's key did not sign, or that was changed, proves nothing and is refused."""
    with world.system() as work:
        line = accesslog.anchor(work)
        assert accesslog.read_anchor(work, line).seq == line["seq"]
        for wrong in ({"seq": 1}, {"mac": "00" * 32}, {"at": "2026-01-01"}, {"signature": "00" * 64}):
            with pytest.raises(TamperedData):
                accesslog.read_anchor(work, line | wrong)


def test_every_line_names_who_and_when(world: World):
    """A line holds the person, their roles, the moment and the dossier, and not one word of it."""
    world.record()
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.dossier(work, case_id)
    with world.glance(world.fg) as work:
        line = work.session.scalars(select(LogLine).where(LogLine.event == Tag.CASE_READ)).one()
    assert (line.actor_id, line.roles, line.case_id) == (world.ib.person_id, "IB,T", case_id)
    assert (line.at, line.action, line.outcome) == (world.clock(), "R", "ok")


class Logs:
    """Many schools, each with a short log; its lines can be tampered with and put back."""

    def __init__(self, world: World, count: int) -> None:
        """Make the schools and remember how their logs are."""
        self.world, self.store = world, world.store
        self.anchors: dict[UUID, Anchor] = {}
        self.lines: dict[UUID, Rows] = {}
        for number in range(count):
            school = schools.add(self.store, f"L{number}", "school")
            for line in range(LINES):
                with world.system(school) as work:
                    _note(work, line)
            with world.system(school) as work:
                head = work.inner.scalars(select(LogHead)).one()
                self.anchors[school] = Anchor(head.seq, head.mac)
                self.lines[school] = [_row(line) for line, _ in accesslog._lines(work.inner, school)]
        self.engine = without_triggers(world)
        self.quiet = Store(self.engine, self.store.root, self.store.blob_dir, self.store.calendar, self.store.clock)
        self.quiet.cache = self.store.cache

    def found(self, connection: Connection, school: UUID, k: int, kind: str) -> bool:
        """Tamper with line k of a school, verify, and put everything back; tell whether it was found."""
        needs_anchor = kind in ("cut", "restore") or (kind == "remove" and k == LINES - 1)
        with connection.begin() as transaction:
            (TAMPERINGS | OF_LISTS)[kind](connection, self.lines[school], k)
            work = self._work(connection, school)
            if kind == "restore":
                for _ in range(LINES):
                    work.note(Tag.CASE_READ, new_id(), new_id())
                work.finish()
            faults = accesslog.verify(work, [self.anchors[school]] if needs_anchor else [])
            work.close()
            transaction.rollback()
        return faults != []

    def _work(self, connection: Connection, school: UUID) -> Work:
        school_of(connection, school)
        return Work(connection, Viewer.for_system(school, "verify"), self.world.clock(), self.quiet)


def _note(work: Work, line: int) -> None:
    """Let every second line be a list of three."""
    if line % 2:
        work.note(Tag.CASE_READ, new_id(), new_id())
    else:
        for _ in range(3):
            work.note(Tag.CASE_LISTED, new_id())


def _row(line: LogLine) -> dict[str, Any]:
    return {column.name: getattr(line, column.name) for column in LOG.columns}


def _read_worklist(world: World) -> cases.Worklist:
    with world.work(world.ib) as work:
        return cases.worklist(work)


def _full(connection: Any, *_: Any) -> None:
    """Let the database file not grow any more."""
    connection.execute("PRAGMA max_page_count=1")


def _hold_the_log(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Open a transaction that holds what every line needs, and give who waits for it little patience."""
    engine = world.store.engine
    if world.database.kind == "sqlite":
        monkeypatch.setattr(work_room, "PATIENCE", 0.1)
    else:
        sa.event.listen(engine, "checkout", lambda c, *_: c.execute("SET lock_timeout='100ms'"))
    other = world.peek().connect()
    lock = "BEGIN IMMEDIATE" if world.database.kind == "sqlite" else "SELECT * FROM meldcode_log_head FOR UPDATE"
    other.exec_driver_sql(lock)
    return other


@pytest.fixture(scope="module")
def logs(lasting_world: World) -> Logs:
    """The schools of the run, with all walls of the database taken down."""
    return Logs(lasting_world, scaled(20, 200))


@pytest.fixture
def broken_log(world: World) -> None:
    """A log that takes no more lines, after one signal was recorded."""
    world.record()
    with world.peek().begin() as connection:
        if world.database.kind == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER stop BEFORE INSERT ON meldcode_log_line BEGIN SELECT RAISE(ABORT, 'stop'); END"
            )
        else:
            connection.exec_driver_sql("ALTER TABLE meldcode_log_line ADD CONSTRAINT stop CHECK (seq < 0) NOT VALID")
