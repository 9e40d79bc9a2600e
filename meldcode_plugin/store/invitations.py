"""Mails to one person who is asked something: a hand-over, a share, a draft of who left; nobody above them is told."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID, uuid4

from sqlalchemy import select

from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.circle import Share, Succession
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.reminders import MailState, Reminder, ReminderMail, ReminderState
from meldcode_plugin.store.reminders import parts
from meldcode_plugin.store.work import Work

PERSON = "person"
"""In the place of a link of the chain: this goes to the one who was chosen."""


def ask(work: Work, kind: Kind, about: UUID, case_id: UUID | None, person_id: UUID) -> None:
    """Mail somebody that something waits for them: the words of every mail, one calm mail a day.

    ``about`` is the id of the hand-over, the share or the draft. Leaves the hint ``reminder_due``.
    """
    row = Reminder(id=new_id(), school_id=work.school_id, case_id=case_id, kind=kind.value, audience=PERSON)
    row.acute, row.since, row.due_at, row.touched_at = False, work.now, work.now, work.now
    row.dedup_key, row.state = _key(kind, about), ReminderState.TOLD.value
    work.inner.add(row)
    work.inner.flush()
    mail = ReminderMail(id=new_id(), school_id=work.school_id, reminder_id=row.id, person_id=person_id, acute=False)
    mail.state, mail.touched_at, mail.message_id = MailState.WAITING.value, work.now, uuid4()
    work.inner.add(mail)
    work.after_commit("reminder_due", row.id)


def _key(kind: str, about: UUID) -> str:
    return f"{kind}/{about}"


def settle(work: Work, kind: Kind, about: UUID) -> None:
    """End it: it was answered, or withdrawn; a mail that did not go does not go any more."""
    for row in work.inner.scalars(select(Reminder).where(Reminder.dedup_key == _key(kind, about))):
        row.state, row.touched_at = ReminderState.SETTLED.value, work.now


def about(reminder: Reminder) -> UUID:
    """Return the id of the hand-over, the share or the draft that a question is about."""
    return UUID(reminder.dedup_key.partition("/")[2])


def waiting(work: Work, reminders: Iterable[Reminder]) -> set[UUID]:
    """Return which hand-overs still wait for an answer, which shares still run, and which drafts are still there."""
    found: set[UUID] = set()
    for ids in parts({about(reminder) for reminder in reminders}):
        offered = select(Succession.id).where(Succession.id.in_(ids), Succession.ended_at.is_(None))
        shared = select(Share.id).where(Share.id.in_(ids), Share.ended_at.is_(None), Share.until > work.now)
        kept = select(Draft.id).where(Draft.id.in_(ids))
        found |= {*work.inner.scalars(offered), *work.inner.scalars(shared), *work.inner.scalars(kept)}
    return found
