"""Work: one viewer and one transaction. What is unsealed here was noted here, or it stays sealed."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam, event, func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from meldcode_plugin.errors import LogUnavailable, NotVisible
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.terms import Terms
from meldcode_plugin.store import accesslog, visibility
from meldcode_plugin.store.accesslog import Note, Tag
from meldcode_plugin.store.guard import GuardedSession, GuardRefused
from meldcode_plugin.store.keys import KeyCache, Keys, RootKeys

PATIENCE = 10.0
"""Seconds that a transaction waits for its turn on SQLite, when somebody waits for a page."""
UNWATCHED = 60.0
"""The same for a command or a job, at which nobody waits for a page."""
_UNWATCHED = ContextVar("meldcode_unwatched", default=False)
TURN_MS = 5


class Clock(Protocol):
    """The only source of the time."""

    def __call__(self) -> datetime:
        """Return the moment in UTC."""


def utc_now() -> datetime:
    """Return the moment of the machine's clock, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one clock that Work.now stands on


class Work:
    """One viewer, one transaction, one list of what was noted for the access log."""

    def __init__(self, connection: Connection, viewer: Viewer, now: datetime, store: Store) -> None:
        """Open the inner session, which writes; the viewer's, which reads, is opened when it is asked for."""
        self._connection = connection
        self.viewer, self.now, self.school_id = viewer, now, viewer.school_id
        self.blob_dir, self.calendar, self.terms = store.blob_dir, store.calendar, store.terms
        reason = viewer.system or "store"
        system = Viewer.for_system(viewer.school_id, reason)
        self.inner = GuardedSession(connection, info={"viewer": system, "inner": True})
        self.keys = Keys(store.cache, self.inner, viewer.school_id)
        self.postgresql = connection.dialect.name == "postgresql"
        self.hints: list[tuple[str, UUID]] = []
        self.appended: set[UUID] = set()
        self._notes: list[Note] = []
        self._noted: set[UUID] = set()
        self._noted_changes: set[UUID] = set()

    @cached_property
    def session(self) -> GuardedSession:
        """The viewer's session, on the same connection: it gets what the viewer may see."""
        hour = self.now.replace(minute=0, second=0, microsecond=0)
        return GuardedSession(self._connection, info={"viewer": self.viewer, "hour": hour})

    @property
    def _sessions(self) -> list[GuardedSession]:
        return [self.session, self.inner] if "session" in vars(self) else [self.inner]

    def note(
        self,
        event: Tag,
        case_id: UUID | None = None,
        object_id: UUID | None = None,
        *,
        action: str = "R",
        object_hash: bytes | None = None,
    ) -> None:
        """Promise a line in the access log (action: C, R, U, D or E); only then `may_unseal` says yes."""
        self._notes.append(Note(event, action, case_id, object_id, object_hash))
        if case_id:
            self._noted.add(case_id)
            if action != "R":
                self._noted_changes.add(case_id)

    def deny(self, event: Tag, object_id: UUID | None = None) -> None:
        """Promise a line about something that was refused."""
        self._notes.append(Note(event, "R", None, object_id, outcome="denied"))

    def may_unseal(self, case_id: UUID) -> None:
        """Refuse unless this transaction already holds a line for that dossier and a person asks."""
        if self.viewer.system or case_id not in self._noted:
            raise GuardRefused("no log line, no plaintext")

    def has_noted(self, event: Tag, case_id: UUID) -> bool:
        """Tell whether a line about a dossier with this event was promised in this transaction."""
        return any(note.event is event and note.case_id == case_id for note in self._notes)

    def one_at_a_time(self, key: bytes) -> None:
        """Let transactions with the same key wait for each other here; SQLite's writers already do.

        Two that take several keys take them in the order of their bytes, and before they lock a row.
        """
        if self.postgresql:
            number = int.from_bytes(key[-8:], "big", signed=True)
            self._connection.execute(_QUEUE, {"number": number})

    def after_commit(self, event: str, row: UUID) -> None:
        """Leave a hint that goes out once the transaction stands; the row itself is the message."""
        self.hints.append((event, row))

    def finish(self) -> None:
        """Flush, check that every touched case was noted, and write the log last."""
        touched: set[UUID] = set()
        for session in self._sessions:
            session.flush()
            touched |= session.info.get("touched", set())
        if touched - self._noted_changes:
            raise GuardRefused("a case changed without a line in the access log")
        accesslog.write(self, self._notes)

    def close(self) -> None:
        """Forget every row and every plaintext of this transaction."""
        for session in self._sessions:
            session.close()


@dataclass
class Store:
    """The database with its keys and files; hands out `Work` and nothing else."""

    engine: Engine
    root: RootKeys
    blob_dir: Path
    calendar: SchoolCalendar
    clock: Clock = utc_now
    terms: Terms = field(default_factory=Terms)
    cache: KeyCache = field(init=False)

    def __post_init__(self) -> None:
        """Refuse to start while a table has no rule."""
        visibility.check()
        self.cache = KeyCache(self.root)

    @contextmanager
    def work(self, viewer: Viewer) -> Iterator[Work]:
        """Open a transaction for one viewer; commit at the end, roll back on any error.

        What the viewer may not see is logged in a transaction of its own, since the first one is gone.
        A database that is locked, full or away takes no line of the log either: `LogUnavailable`.
        """
        try:
            with self.engine.connect() as connection, connection.begin():
                _school_of(connection, viewer)
                work = Work(connection, viewer, self.clock(), self)
                try:
                    yield work
                    work.finish()
                finally:
                    work.close()
        except NotVisible:
            self._denied(viewer)
            raise
        except OperationalError as fault:
            raise LogUnavailable from fault

    def _denied(self, viewer: Viewer) -> None:
        if viewer.system:
            return
        with self.engine.connect() as connection, connection.begin():
            _school_of(connection, viewer)
            work = Work(connection, viewer, self.clock(), self)
            work.deny(Tag.DENIED)
            work.finish()
            work.close()


_SCHOOL = select(func.set_config("meldcode.school", bindparam("school", type_=sa.String), True))
_QUEUE = select(func.pg_advisory_xact_lock(bindparam("number", type_=sa.BigInteger)))


def _school_of(connection: Connection, viewer: Viewer) -> None:
    """Tell PostgreSQL's row-level security for which school this transaction works (the fifth lock)."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SCHOOL, {"school": str(viewer.school_id)})


@contextmanager
def unwatched() -> Iterator[None]:
    """Let what runs inside wait longer for its turn on SQLite than a page does."""
    before = _UNWATCHED.set(True)
    try:
        yield
    finally:
        _UNWATCHED.reset(before)


def make_engine(url: str | sa.URL) -> Engine:
    """Return our own engine for a database; the host's engine and its settings stay untouched."""
    engine = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_settings)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_settings(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={TURN_MS}",
        "secure_delete=ON",
        "temp_store=MEMORY",
        "recursive_triggers=ON",  # without it REPLACE deletes past the triggers of the walls
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    """Take the write lock at once: a deferred BEGIN was measured at 452,017 busy errors against 0.

    Who waits asks again after a few milliseconds, each as often as another. SQLite's own handler lets
    who waits longest ask least: of 16 writers 10 were sent away within 12 s, against none in this way.
    """
    driver, until = connection.connection.cursor(), monotonic() + (UNWATCHED if _UNWATCHED.get() else PATIENCE)
    while not _begun(driver, last=monotonic() > until):
        sleep(random.uniform(0.001, 0.004))  # noqa: S311  # to not meet again, no secret


def _begun(driver: Any, *, last: bool) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as busy:
        if last or busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise LogUnavailable from busy
        return False
    return True
