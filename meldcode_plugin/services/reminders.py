"""Reminders: work out who must be told, mail them, mark it. The rows are the messages; late, never lost.

A sweep may run at any moment and beside another one. What is due is told in batches, all of a batch or none of
it; when that fails each half is tried by itself, so that one damaged row holds up no other. Each mail has two
short transactions with the sending between them, outside both. What dies in between is taken again by a later sweep.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from time import monotonic
from uuid import UUID

from meldcode_plugin.documents import mails
from meldcode_plugin.errors import KeyUnavailable, LogUnavailable
from meldcode_plugin.post import Known, Post, PostFailed, SmtpPost
from meldcode_plugin.rules.deadlines import wait_until
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.policy import Permission, may
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import marks
from meldcode_plugin.store import reminders as store
from meldcode_plugin.store.models.reminders import MailState, ReminderMail
from meldcode_plugin.store.reminders import Taken
from meldcode_plugin.store.reminders_batch import Batch, is_personal
from meldcode_plugin.store.work import Work

LIMIT = 200
"""Reminders, and mails, that one sweep takes at most; the next one comes within a minute."""
BATCH = 50
"""Reminders that are told in one transaction: a page on SQLite waits for it, so it must take no tenth of a second."""
BUDGET = 60.0
"""Seconds after which a sweep begins no new mail; a mail takes at most 30, a job is killed at 120."""
MOST_ATTEMPTS = 5
NOBODY_WAITS = timedelta(minutes=15)
AWAY_WAITS = timedelta(minutes=1)
LATER_WAITS = timedelta(minutes=5)
UNKNOWN_WAITS = store.LEASE
REFUSED_WAITS = tuple(timedelta(minutes=m) for m in (5, 30, 120, 720))
"""After a lasting refusal it is tried again for most of a day: it often is a mistake at a server, mended soon."""
FAULTY = "faulty"
"""The mark in which a sweep leaves how many damaged rows it met."""
SILENT_TOO_LONG = timedelta(minutes=15)

log = logging.getLogger(__name__)


@dataclass
class Counts:
    """What a sweep did: reminders told, mails sent, to be tried again, put off, called off and given up.

    ``faulty``: rows that could not be read or told; they stay as they are, and the next sweep tries them again.
    """

    told: int = 0
    sent: int = 0
    again: int = 0
    put_off: int = 0
    called_off: int = 0
    failed: int = 0
    faulty: int = 0

    def add(self, more: Counts) -> None:
        """Count what a transaction did, once it stands."""
        for name, number in vars(more).items():
            setattr(self, name, getattr(self, name) + number)

    def __str__(self) -> str:
        """Return the counts on one line."""
        return ", ".join(f"{name}: {number}" for name, number in vars(self).items())


def sweep(door: Door, limit: int = LIMIT, post: Post | None = None) -> Counts:
    """Tell and mail what is due now, at most ``limit`` of each; returns what was done.

    It stops when the mail server turns out to be away: the next sweep tries again.
    """
    counts, began = Counts(), monotonic()
    _tell_all(door, counts, limit, began + BUDGET / 2)
    with nullcontext(post) if post else SmtpPost.of(door.settings).kept() as line:
        _mail_all(door, line, counts, limit, began + BUDGET)
    with door.system("reminders: mark") as work:
        store.mark_sweep(work)
        marks.put(work, FAULTY, str(counts.faulty))
    return counts


def _apart(ids: list[UUID], act: Callable[[list[UUID]], None]) -> set[UUID]:
    """Do something with rows, all or none; when it fails with each half. Returns the rows that fail alone.

    A database or a key that is away is the fault of no row.
    """
    try:
        act(ids)
    except (KeyUnavailable, LogUnavailable):
        raise
    except Exception as fault:  # noqa: BLE001  # whatever a row brings about, it must hold up no other
        if len(ids) > 1:
            half = len(ids) // 2
            return _apart(ids[:half], act) | _apart(ids[half:], act)
        log.error("Reminder row %s is damaged (%s): the next sweep tries it again.", ids[0], type(fault).__name__)  # noqa: TRY400  # its words may hold what stood in the row
        return {ids[0]}
    return set()


def _tell_all(door: Door, counts: Counts, limit: int, end: float) -> None:
    """Tell what is due, batch by batch, past the rows that fail."""
    faulty: set[UUID] = set()
    while counts.told < limit and monotonic() < end:
        with door.system("reminders: look") as work:
            ids = store.due(work, min(limit - counts.told, BATCH), faulty)
        if not ids:
            break
        faulty |= _apart(ids, lambda some: _tell(door, some, counts))
    counts.faulty += len(faulty)


def _tell(door: Door, ids: list[UUID], counts: Counts) -> None:
    """Turn due reminders into mails, one per person and reminder, all or none."""
    with door.system("reminders: tell") as work:
        due = store.take_due(work, ids)
        batch, told = Batch(work, due), {}
        for reminder in due:
            if not batch.applies(reminder):
                store.drop(work, reminder)
            elif not batch.moved_on(reminder):
                if people := batch.audience(reminder):
                    told[reminder] = people
                elif is_personal(reminder):
                    store.drop(work, reminder)
                else:
                    store.hold_reminder(work, reminder, work.now + NOBODY_WAITS)
        store.tell(work, told)
        store.once_more(work, told)
    counts.told += len(told)


def _mail_all(door: Door, post: Post, counts: Counts, limit: int, end: float) -> None:
    """Send what waits, until the mail server is away, past the rows that fail."""
    faulty: set[UUID] = set()
    taken = 0
    while taken < limit and monotonic() < end and _mail_next(door, post, counts, faulty):
        taken += 1
    counts.faulty += len(faulty)


def _mail_next(door: Door, post: Post, counts: Counts, faulty: set[UUID]) -> bool:
    """Send one mail; false when there is none left to send now, or the mail server is away.

    When its rows can not be read, those that fail alone are added to ``faulty``, and the others are next.
    """
    ids: list[UUID] = []
    did = Counts()
    try:
        with door.system("reminders: take") as work:
            ids += store.next_mail(work, faulty)
            taken = _ready(work, store.mails(work, ids), did) if ids else None
            at = work.now
    except (KeyUnavailable, LogUnavailable):
        raise
    except Exception:
        if not ids:
            raise
        faulty |= _apart(ids, lambda some: _check(door, some, counts)) or set(ids)
        return True
    counts.add(did)
    if taken is None:
        return bool(ids)
    fault = _send(door, post, taken, at)
    _mark(door, taken, fault, counts)
    return fault is None or fault.known is not Known.AWAY


def _check(door: Door, ids: list[UUID], counts: Counts) -> None:
    """Look whether these rows still must be mailed, and send nothing."""
    did = Counts()
    with door.system("reminders: check") as work:
        _standing(work, store.mails(work, ids), did)
    counts.add(did)


def _ready(work: Work, rows: list[ReminderMail], counts: Counts) -> Taken | None:
    """Check again that these rows must be mailed, and now. If so, they are ours for the time of the lease."""
    rows, email = _standing(work, rows, counts)
    if not rows:
        return None
    lead = rows[0]
    if max(row.attempt for row in rows) >= MOST_ATTEMPTS:
        _give_up(rows, work, "no_answer", counts)
        return None
    mailed_at = store.calm_mails_to(work, lead.person_id, lead.message_id)
    until = None if lead.acute else wait_until(work.now, mailed_at, work.calendar)
    if until is None:
        return store.lease(work, rows, email)
    store.hold(work, rows, until)
    counts.put_off += len(rows)
    return None


def _standing(work: Work, rows: list[ReminderMail], counts: Counts) -> tuple[list[ReminderMail], str]:
    """Return the rows that still must be mailed, with the address; call off and put off the others."""
    standing, email, behind = [], "", store.behind(work, rows)
    batch = Batch(work, behind.values())
    for row in rows:
        reminder = behind.get(row.reminder_id)
        if reminder is None or not batch.applies(reminder):
            store.end(work, [row], MailState.CANCELLED, "")
            counts.called_off += 1
        elif reminder.due_at > work.now:
            # It was told by a clock that ran ahead and was set right since.
            store.hold(work, [row], reminder.due_at)
            counts.put_off += 1
        elif address := batch.address(reminder.case_id, row.person_id, chosen=is_personal(reminder)):
            standing.append(row)
            email = address
        else:
            store.end(work, [row], MailState.CANCELLED, "")
            (store.drop if is_personal(reminder) else store.tell_again)(work, reminder)
            counts.called_off += 1
    return standing, email


def _send(door: Door, post: Post, taken: Taken, at: datetime) -> PostFailed | None:
    """Send the mail, in no transaction; return what went wrong."""
    try:
        post.send(_mail(door, taken, at))
    except PostFailed as fault:
        return fault
    return None


def _mail(door: Door, taken: Taken, at: datetime) -> EmailMessage:
    settings = door.settings
    try:
        return mails.action_waits(taken.email, settings.mail_from, settings.public_url, taken.message_id, at)
    except (ValueError, LookupError):
        raise PostFailed(Known.REFUSED, "no_address") from None


def _mark(door: Door, taken: Taken, fault: PostFailed | None, counts: Counts) -> None:
    """Write down how it went, unless another sweep has taken the mail over since."""
    with door.system("reminders: mark") as work:
        rows = store.still_ours(work, taken)
        if not rows:
            return
        if fault is None:
            store.mark_sent(work, rows)
            counts.sent += 1
            return
        log.warning("A mail did not go: %s (%s).", fault.code, fault.known.name)
        _put_back(work, rows, taken, fault, counts)


def _put_back(work: Work, rows: list[ReminderMail], taken: Taken, fault: PostFailed, counts: Counts) -> None:
    """Let a mail wait for another try. What can not have left does not count as a try: it is only late."""
    left = fault.known in (Known.REFUSED, Known.UNKNOWN)
    if left and taken.attempt >= MOST_ATTEMPTS:
        _give_up(rows, work, fault.code, counts)
        return
    waits = {Known.AWAY: AWAY_WAITS, Known.LATER: LATER_WAITS, Known.UNKNOWN: UNKNOWN_WAITS}
    wait = waits.get(fault.known) or REFUSED_WAITS[min(taken.attempt, len(REFUSED_WAITS)) - 1]
    store.give_back(work, rows, work.now + wait, fault.code, taken.attempt if left else taken.attempt - 1)
    counts.again += 1


def _give_up(rows: list[ReminderMail], work: Work, code: str, counts: Counts) -> None:
    """After the last try a person must look: the director sees how many there are."""
    store.end(work, rows, MailState.FAILED, code)
    counts.failed += 1
    log.error("A mail was given up after %d tries: %s.", MOST_ATTEMPTS, code)


@dataclass(frozen=True)
class Standing:
    """How the reminders stand, as far as the viewer may know: numbers, no dossier.

    ``silent``: no mail goes out. ``waiting``: dossiers that the viewer was mailed about, because the one
    who must open them did not. ``undelivered``: mails that were given up.
    """

    silent: bool
    waiting: int
    undelivered: int


def standing(work: Work) -> Standing:
    """Return how the reminders stand. An IB-er sees on the worklist itself what waits."""
    viewer = work.viewer
    waiting = 0 if viewer.has(Role.IB) else store.told(work, viewer.person_id)
    # Who gives people their roles sees to it that they can be reached.
    undelivered = store.failed(work) if may(viewer, Permission.PEOPLE_CHANGE) else 0
    return Standing(is_silent(work), waiting, undelivered)


def is_silent(work: Work) -> bool:
    """Tell whether no sweep ran for 15 minutes: then no mail goes out, and the pages must say so."""
    mark = store.sweep_mark(work)
    return mark is None or abs(work.now - mark.swept_at) > SILENT_TOO_LONG
