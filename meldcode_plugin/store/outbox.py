"""How the reminders and mails of a school stand as a whole: ages and counts, of no case and no person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func, select

from meldcode_plugin.store import reminders
from meldcode_plugin.store.models.reminders import MailState, Reminder, ReminderMail, ReminderState
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class Outbox:
    """Counts, and in seconds how long the oldest waits."""

    due: int
    due_seconds: float
    mails: int
    mail_seconds: float
    given_up: int


def swept_at(work: Work) -> datetime | None:
    """Return when a sweep last ran to its end."""
    mark = reminders.sweep_mark(work)
    return mark.swept_at if mark else None


def oldest_due(work: Work) -> datetime | None:
    """Return since when the oldest reminder is due that no sweep told; one that waits for somebody to tell is none."""
    return work.inner.scalar(select(func.min(Reminder.due_at)).where(*_due(work)))


def _due(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    free = sa.or_(Reminder.held_until.is_(None), Reminder.held_until <= work.now)
    return Reminder.state == ReminderState.WAITING, Reminder.due_at <= work.now, free


def standing(work: Work) -> Outbox:
    """Return the counts. A mail that waits for tomorrow, or for its next try, waits too."""
    due, oldest = work.inner.execute(select(func.count(), func.min(Reminder.due_at)).where(*_due(work))).one()
    waits = ReminderMail.state.in_((MailState.WAITING, MailState.SENDING))
    mails, first = work.inner.execute(select(func.count(), func.min(ReminderMail.touched_at)).where(waits)).one()
    return Outbox(due, _seconds(work, oldest), mails, _seconds(work, first), reminders.failed(work))


def _seconds(work: Work, since: datetime | None) -> float:
    return max(0.0, (work.now - since).total_seconds()) if since else 0.0
