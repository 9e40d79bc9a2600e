"""Whether the installation is ready, and how its reminders go, as numbers; it opens no dossier and names nobody."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from meldcode_plugin.errors import KeyUnavailable, MeldcodeError
from meldcode_plugin.services import health, reminders
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import database, marks, outbox, people
from meldcode_plugin.store.work import Work

LATE = timedelta(minutes=15)
SILENT = timedelta(minutes=3)
FREE = 0.05
"""The part of the disk that must be free."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """One thing that was tried. ``needed``: without it no signal can be kept; else it only makes mails late."""

    name: str
    ok: bool
    needed: bool
    words: str = ""

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.name}: {'ok' if self.ok else self.words}"


def checks(door: Door) -> list[Check]:
    """Try everything that the installation stands on; none of it depends on a school's cases."""
    return [
        _tried("database", lambda: _write(door), "the database takes no row: is it there, locked or full?"),
        _tried(
            "keys", lambda: _unwrap(door), "the key file does not open the school's keys: is it there and readable?"
        ),
        _tried("tables", lambda: _newest(door), "the tables are of another version: run 'meldcode db upgrade'"),
        _tried("disk", lambda: _room(door), "less than 5% of the disk of MELDCODE_BLOB_DIR is free: make room"),
        *_late(door),
    ]


def _tried(name: str, attempt: Callable[[], bool], words: str) -> Check:
    try:
        return Check(name, attempt(), needed=True, words=words)
    except (MeldcodeError, OSError, *database.BROKEN) as fault:
        log.warning("Not ready: %s (%s).", name, type(fault).__name__)
        return Check(name, ok=False, needed=True, words=words)


def _write(door: Door) -> bool:
    with door.system("readiness") as work:
        marks.try_out(work)
    return True


def _unwrap(door: Door) -> bool:
    """Unwrap a key now, past those that this process still remembers."""
    with door.system("readiness") as work:
        work.keys.proven("log")
    return True


def _newest(door: Door) -> bool:
    return database.current(door.store.engine) == database.newest()


def _room(door: Door) -> bool:
    disk = shutil.disk_usage(door.settings.blob_dir)
    return disk.free > FREE * disk.total


def _late(door: Door) -> list[Check]:
    words = {
        "sweep": "no sweep ran for 3 minutes, so no mail goes out: start worker and beat, or run 'meldcode sweep'",
        "reminders": "a reminder waits over 15 minutes: does the worker run, does 'meldcode sweep' say faulty: 0?",
        "rows": "a reminder, a mail or the address of a person is damaged: the log of the machine has their ids",
    }
    try:
        with door.system("readiness") as work:
            now, swept, oldest = work.now, outbox.swept_at(work), outbox.oldest_due(work)
            damaged = _faulty(work) + len(_unread(work))
    except (MeldcodeError, *database.BROKEN):
        return [Check(name, ok=False, needed=False, words=text) for name, text in words.items()]
    ok = {
        "sweep": swept is not None and abs(now - swept) <= SILENT,
        "reminders": oldest is None or now - oldest <= LATE,
        "rows": not damaged,
    }
    return [Check(name, ok[name], needed=False, words=text) for name, text in words.items()]


def _faulty(work: Work) -> int:
    """Return how many damaged rows the last sweep met; it named each in the log."""
    mark = marks.all_marks(work).get(reminders.FAULTY)
    return int(mark.words) if mark else 0


def _unread(work: Work) -> list[UUID]:
    """Return whose address can not be read; a key that is away is no fault of theirs, and has a line of its own."""
    try:
        found = people.damaged(work)
    except KeyUnavailable:
        return []
    for person in found:
        log.warning("The row of person %s is damaged: nobody can mail them.", person)
    return found


@dataclass(frozen=True)
class Figure:
    """One number for who watches the installation, with what it means."""

    name: str
    meaning: str
    value: float


def figures(door: Door) -> list[Figure]:
    """Return the numbers: ages in seconds and counts, of all rows together; -1 is never."""
    with door.system("metrics") as work:
        now, kept = work.now, health.all_of(work)
        standing = outbox.standing(work)
        faulty, unread = _faulty(work), len(_unread(work))
        ages = {
            "sweep": ("since a sweep ran to its end", outbox.swept_at(work)),
            "worker": ("since a worker did a job", kept.get("worker")),
            "beat": ("since the beat asked for a sweep", kept.get("beat")),
            "anchor": ("since the end of the log was written outside the database", kept.get("anchor")),
        }
    found = [
        Figure(f"{name}_age_seconds", f"Seconds {meaning}.", -1 if at is None else (now - at).total_seconds())
        for name, (meaning, at) in ages.items()
    ]
    return [
        *found,
        Figure("reminders_due", "Reminders that are due and not told yet.", standing.due),
        Figure("reminders_oldest_due_seconds", "Seconds that the oldest of them is late.", standing.due_seconds),
        Figure("mails_waiting", "Mails that wait to be sent.", standing.mails),
        Figure("mails_oldest_seconds", "Seconds that the oldest of them waits.", standing.mail_seconds),
        Figure("mails_given_up", "Mails that were given up and still matter.", standing.given_up),
        Figure("rows_damaged", "Reminders and mails that the last sweep could not read or tell.", faulty),
        Figure("addresses_damaged", "People whose mail address can not be read.", unread),
    ]


def exposition(found: list[Figure]) -> str:
    """Return the numbers as Prometheus reads them (text format 0.0.4)."""
    lines = []
    for one in found:
        name = f"meldcode_{one.name}"
        lines += [f"# HELP {name} {one.meaning}", f"# TYPE {name} gauge", f"{name} {one.value:g}"]
    return "\n".join(lines) + "\n"
