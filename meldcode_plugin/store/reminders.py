"""The named reads and writes of reminders and their mails; what they mean is said by the rules and the services."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import IntegrityError

from meldcode_plugin.rules import deadlines
from meldcode_plugin.rules.deadlines import NEW_SIGNAL, Audience, Due, Kind
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.people import Person
from meldcode_plugin.store.models.reminders import MailState, Reminder, ReminderMail, ReminderState, SweepMark
from meldcode_plugin.store.visibility import may_see
from meldcode_plugin.store.work import Work

LEASE = timedelta(minutes=5)
"""How long a mail belongs to the sweep that took it; longer than any mail may take."""
SKEW = timedelta(minutes=10)
"""A row touched this far in the future was touched by a clock that was wrong: its hold does not count."""
MOST_TOGETHER = 10_000
"""Reminders that go out as one mail at most, so that a change of them stays one that a database takes."""
PART = 100
TWO_DAYS = timedelta(days=2)
OPEN = (MailState.WAITING, MailState.SENDING)
_OPEN_OF_CASE = standing(
    select(Reminder)
    .where(
        Reminder.case_id == bindparam("case"),
        Reminder.kind.in_(bindparam("kinds", expanding=True)),
        Reminder.state != ReminderState.SETTLED,
    )
    .with_for_update(key_share=True)
)
_KEPT = standing(select(Reminder.dedup_key).where(Reminder.dedup_key.in_(bindparam("keys", expanding=True))))
_MARK = standing(select(SweepMark))


@dataclass(frozen=True)
class Taken:
    """One mail to one person, taken by one sweep. ``fence`` proves that it is still ours to mark."""

    person_id: UUID
    email: str
    message_id: UUID
    fence: int
    attempt: int


# --- what falls due ---------------------------------------------------------------------------------


def for_new_signal(work: Work, case: Case, entry: Entry) -> None:
    """Keep what falls due while nobody acts on this new signal; no word of the dossier is needed for it."""
    began = entry.seq == 1
    more = [Kind.CONSULTATION] if began else []
    more += [Kind.UNLINKED] if began and case.pupil_index is None else []
    schedule(
        work,
        deadlines.for_new_signal(
            case.id, entry.id, work.now, work.calendar, acute=entry.acute, terms=work.terms, more=more
        ),
    )


def schedule(work: Work, dues: Iterable[Due]) -> None:
    """Keep what falls due, in the transaction of the signal itself; what is kept already is left alone.

    Leaves the hint ``reminder_due`` when something is due at once.
    """
    wanted = {due.dedup_key: due for due in dues}
    for key in work.inner.scalars(_KEPT, {"keys": list(wanted)}):
        del wanted[key]
    rows = [_row(work, due) for due in wanted.values()]
    work.inner.add_all(rows)
    for row in rows:
        if row.due_at <= work.now:
            work.after_commit("reminder_due", row.id)


def _row(work: Work, due: Due) -> Reminder:
    return Reminder(
        id=new_id(),
        school_id=work.school_id,
        case_id=due.case_id,
        since=due.since,
        kind=due.kind.value,
        audience=due.audience.value,
        acute=due.acute,
        due_at=due.due_at,
        dedup_key=due.dedup_key,
        state=ReminderState.WAITING.value,
        touched_at=work.now,
    )


def settle(work: Work, case_id: UUID, kinds: Iterable[Kind] = NEW_SIGNAL) -> int:
    """End the reminders of these kinds about a case: somebody acted. Returns how many there were.

    Their mails are not sent any more, but for one that is under way at this very moment.
    """
    rows = work.inner.scalars(_OPEN_OF_CASE, {"case": case_id, "kinds": list(kinds)}).all()
    for row in rows:
        row.state, row.touched_at = ReminderState.SETTLED.value, work.now
    return len(rows)


def due(work: Work, most: int, but: Iterable[UUID] = ()) -> list[UUID]:
    """Return which reminders are due, acute first; on PostgreSQL past the rows that another sweep has locked.

    Their ids alone: a row that can not be read must not hide which others there are.
    """
    found = select(Reminder.id).where(*_due(work), Reminder.id.not_in(but))
    found = found.order_by(Reminder.acute.desc(), Reminder.due_at).limit(most)
    return list(work.inner.scalars(found.with_for_update(skip_locked=True)))


def take_due(work: Work, ids: Iterable[UUID]) -> list[Reminder]:
    """Take these reminders as far as they are still due, and no other sweep has them."""
    found = select(Reminder).where(Reminder.id.in_(ids), *_due(work)).order_by(Reminder.acute.desc(), Reminder.due_at)
    return list(work.inner.scalars(found.with_for_update(skip_locked=True)))


def _due(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return Reminder.state == ReminderState.WAITING, Reminder.due_at <= work.now, _free(work, Reminder)


def tell(work: Work, told: Mapping[Reminder, list[UUID]]) -> None:
    """Make one mail row per person who has none yet, and mark the reminders as told."""
    found = select(ReminderMail.reminder_id, ReminderMail.person_id)
    kept = {
        (one, who) for one, who in work.inner.execute(found.where(ReminderMail.reminder_id.in_(r.id for r in told)))
    }
    for reminder, people in told.items():
        work.inner.add_all(_mail_to(work, reminder, who) for who in people if (reminder.id, who) not in kept)
        reminder.state, reminder.touched_at = ReminderState.TOLD.value, work.now


def _mail_to(work: Work, reminder: Reminder, person_id: UUID) -> ReminderMail:
    return ReminderMail(
        id=new_id(),
        school_id=work.school_id,
        reminder_id=reminder.id,
        person_id=person_id,
        acute=reminder.acute,
        state=MailState.WAITING.value,
        touched_at=work.now,
        message_id=uuid4(),
    )


def tell_again(work: Work, reminder: Reminder) -> None:
    """Work out anew who must be told, because somebody who was told no longer may be."""
    reminder.state, reminder.touched_at = ReminderState.WAITING.value, work.now


def drop(work: Work, reminder: Reminder) -> None:
    """End a reminder that nobody needs any more."""
    reminder.state, reminder.touched_at = ReminderState.SETTLED.value, work.now


def hold_reminder(work: Work, reminder: Reminder, until: datetime) -> None:
    """Let a reminder wait, because nobody can be told yet."""
    reminder.held_until, reminder.touched_at = until, work.now


def once_more(work: Work, reminders: Iterable[Reminder]) -> None:
    """Keep the next time that the same is asked, when nothing came of reminders that were told now."""
    schedule(work, filter(None, (_later(work, reminder) for reminder in reminders)))


def _later(work: Work, reminder: Reminder) -> Due | None:
    since, at = reminder.since or reminder.due_at, reminder.due_at
    kind, link = Kind(reminder.kind), Audience(reminder.audience)
    due = Due(reminder.case_id, kind, link, since, at, reminder.acute, reminder.dedup_key)
    return deadlines.again(due, work.calendar, work.terms)


# --- mails ------------------------------------------------------------------------------------------


def next_mail(work: Work, but: Iterable[UUID] = ()) -> list[UUID]:
    """Claim the rows of the next mail to one person: acute first, then what was left alone longest.

    Calm rows of one person that were never tried go together. The person's row is locked, so that two
    sweeps can not both send a first mail of the day. Their ids alone, as with `due`.
    """
    mail = ReminderMail
    free = (mail.state.in_(OPEN), _free(work, mail), mail.id.not_in(but))
    found = select(mail.person_id, mail.message_id, mail.acute, mail.attempt).where(*free)
    found = found.order_by(mail.acute.desc(), mail.touched_at, mail.fence, mail.id).limit(1)
    lead = work.inner.execute(found.with_for_update(skip_locked=True)).first()
    if lead is None:
        return []
    work.inner.execute(select(Person.id).where(Person.id == lead.person_id).with_for_update(key_share=True))
    together = sa.or_(mail.message_id == lead.message_id, _joins(lead))
    rows = select(mail.id).where(mail.person_id == lead.person_id, *free, together).limit(MOST_TOGETHER)
    return list(work.inner.scalars(rows.with_for_update(skip_locked=True)))


def mails(work: Work, ids: Iterable[UUID]) -> list[ReminderMail]:
    """Return the rows that were claimed."""
    asked = (select(ReminderMail).where(ReminderMail.id.in_(some)) for some in parts(ids))
    return [row for question in asked for row in work.inner.scalars(question)]


def _joins(lead: Any) -> sa.ColumnElement[bool]:
    """A mail that may have left must stay as it was; only one that was never tried takes others with it."""
    if lead.acute or lead.attempt:
        return sa.false()
    return sa.and_(ReminderMail.acute.is_(False), ReminderMail.attempt == 0)


def _free(work: Work, row: type[Reminder | ReminderMail]) -> sa.ColumnElement[bool]:
    """Whether nobody holds a row any more; a hold by a clock that was wrong does not count."""
    return sa.or_(row.held_until.is_(None), row.held_until <= work.now, row.touched_at > work.now + SKEW)


def behind(work: Work, mails: Iterable[ReminderMail]) -> dict[UUID, Reminder]:
    """Return the reminders that these mails are for, by id; not those that were settled since they were told."""
    found: dict[UUID, Reminder] = {}
    for ids in parts({mail.reminder_id for mail in mails}):
        rows = work.inner.scalars(select(Reminder).where(Reminder.id.in_(ids), Reminder.state != ReminderState.SETTLED))
        found |= {row.id: row for row in rows}
    return found


def parts(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    """Return ids a hundred at a time: asked for more at once, SQLite reads all of the school instead."""
    rest = list(ids)
    for first in range(0, len(rest), PART):
        yield rest[first : first + PART]


def calm_mails_to(work: Work, person_id: UUID, but: UUID) -> list[datetime]:
    """Return when calm mails went, or may have gone, to a person these two days; not the mail ``but``."""
    rows = select(ReminderMail.touched_at).where(
        ReminderMail.person_id == person_id,
        ReminderMail.state.in_((MailState.SENT, MailState.SENDING)),
        ReminderMail.acute.is_(False),
        ReminderMail.message_id != but,
        ReminderMail.touched_at > work.now - TWO_DAYS,
    )
    return list(work.inner.scalars(rows))


def lease(work: Work, mails: list[ReminderMail], email: str) -> Taken:
    """Mark the rows as being sent by us alone, as one mail; this stands before a byte goes out."""
    lead = max(mails, key=lambda mail: mail.attempt)
    taken = Taken(lead.person_id, email, lead.message_id, max(mail.fence for mail in mails) + 1, lead.attempt + 1)
    for mail in mails:
        mail.state, mail.message_id = MailState.SENDING.value, taken.message_id
        mail.fence, mail.attempt = taken.fence, taken.attempt
        mail.held_until, mail.touched_at = work.now + LEASE, work.now
    return taken


def end(work: Work, mails: Iterable[ReminderMail], state: MailState, code: str) -> None:
    """End rows that will not be sent."""
    for mail in mails:
        mail.state, mail.last_error, mail.touched_at = state.value, code, work.now


def hold(work: Work, mails: Iterable[ReminderMail], until: datetime) -> None:
    """Let rows wait until this moment."""
    for mail in mails:
        mail.state = MailState.WAITING.value
        mail.held_until, mail.touched_at = until, work.now


def still_ours(work: Work, taken: Taken) -> list[ReminderMail]:
    """Return the rows of a mail that we took, as long as nobody overtook us; else an empty list."""
    found = select(ReminderMail).where(
        ReminderMail.message_id == taken.message_id,
        ReminderMail.fence == taken.fence,
        ReminderMail.state == MailState.SENDING,
    )
    return list(work.inner.scalars(found.with_for_update()))


def mark_sent(work: Work, mails: Iterable[ReminderMail]) -> None:
    """Mark rows as sent."""
    for mail in mails:
        mail.state, mail.last_error = MailState.SENT.value, ""
        mail.touched_at, mail.held_until = work.now, None


def give_back(work: Work, mails: Iterable[ReminderMail], until: datetime, code: str, attempt: int) -> None:
    """Let rows wait for another try; ``attempt`` is what counts so far."""
    for mail in mails:
        mail.state, mail.attempt, mail.last_error = MailState.WAITING.value, attempt, code
        mail.held_until, mail.touched_at = until, work.now


# --- how it goes ------------------------------------------------------------------------------------


def mails_by_state(work: Work) -> dict[str, int]:
    """Return how many mails of the school wait, went or were given up: numbers, of nobody."""
    found = select(ReminderMail.state, func.count(ReminderMail.message_id.distinct())).group_by(ReminderMail.state)
    return {str(state): int(count) for state, count in work.inner.execute(found)}


def failed(work: Work) -> int:
    """Return how many mails were given up while their reminder still stands."""
    found = (
        select(func.count(ReminderMail.message_id.distinct()))
        .join(Reminder, Reminder.id == ReminderMail.reminder_id)
        .where(ReminderMail.state == MailState.FAILED, Reminder.state == ReminderState.TOLD)
    )
    return work.inner.scalar(found) or 0


def told(work: Work, person_id: UUID) -> int:
    """Return about how many cases a person was mailed that still wait, and from which they are not kept out."""
    asker = Viewer(work.school_id, person_id, frozenset({Role.IB}))
    found = (
        select(func.count(Reminder.case_id.distinct()))
        .join(ReminderMail, ReminderMail.reminder_id == Reminder.id)
        .join(Case, Case.id == Reminder.case_id)
        .where(Reminder.state == ReminderState.TOLD, ReminderMail.person_id == person_id, may_see(asker, Case))
        .where(Reminder.kind.in_(NEW_SIGNAL))
    )
    return work.inner.scalar(found) or 0


def mark_sweep(work: Work) -> None:
    """Write down that a sweep ran to its end now."""
    if (mark := sweep_mark(work)) is not None:
        mark.swept_at = work.now
        return
    try:
        with work.inner.begin_nested():
            work.inner.add(SweepMark(id=new_id(), school_id=work.school_id, swept_at=work.now))
    except IntegrityError:
        # Another sweep made the first mark at this very moment: that says the same.
        return


def sweep_mark(work: Work) -> SweepMark | None:
    """Return the mark of the last sweep, or None when none ever ran."""
    return work.inner.scalars(_MARK).one_or_none()
