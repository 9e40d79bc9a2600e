"""Reminders, the mails they become and the mark of the last sweep: the rows are the messages, no word in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class ReminderState(StrEnum):
    """A reminder waits until it is due, is then told to people, and is settled once somebody acted."""

    WAITING = "waiting"
    TOLD = "told"
    SETTLED = "settled"


class MailState(StrEnum):
    """A mail waits, is being sent under a lease, and ends in one of three ways."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Reminder(Guarded, Base):
    """What falls due about one case. To whom is worked out when it is due: roles change, people leave.

    ``case_id`` is NULL for what concerns the whole school. ``since`` is the moment from which its term counts.

    Nobody takes a row before ``held_until``; ``touched_at`` says when that was decided, so that a
    clock which was wrong for a while can not hold a row for ever.
    """

    __tablename__ = "meldcode_reminder"
    __table_args__ = (
        sa.UniqueConstraint("school_id", "dedup_key"),
        sa.Index("ix_meldcode_reminder_due", "school_id", "state", "due_at"),
        sa.Index("ix_meldcode_reminder_kind", "school_id", "state", "kind", "due_at"),
    )
    case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("meldcode_case.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    audience: Mapped[str] = mapped_column(sa.String(10))
    acute: Mapped[bool]
    since: Mapped[datetime | None] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    dedup_key: Mapped[str] = mapped_column(sa.String(120))
    state: Mapped[str] = mapped_column(sa.String(10), default=ReminderState.WAITING.value)
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    touched_at: Mapped[datetime] = mapped_column(Moment)


class ReminderMail(Guarded, Base):
    """One reminder for one person. Rows of one person that go out as one mail share ``message_id``.

    ``fence`` grows with every take: who was overtaken can mark nothing any more. ``attempt`` counts
    the takes after which the mail may have left; ``last_error`` is a code, never a server's words.
    """

    __tablename__ = "meldcode_reminder_mail"
    __table_args__ = (
        sa.UniqueConstraint("school_id", "reminder_id", "person_id"),
        sa.Index("ix_meldcode_reminder_mail_due", "school_id", "state", "touched_at"),
        sa.Index("ix_meldcode_reminder_mail_person", "school_id", "person_id", "state"),
    )
    reminder_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_reminder.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"))
    acute: Mapped[bool]
    state: Mapped[str] = mapped_column(sa.String(10), default=MailState.WAITING.value)
    attempt: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    touched_at: Mapped[datetime] = mapped_column(Moment)
    message_id: Mapped[UUID]
    last_error: Mapped[str] = mapped_column(sa.String(40), default="")


class SweepMark(Guarded, Base):
    """When the last sweep of a school ended."""

    __tablename__ = "meldcode_sweep_mark"
    __table_args__ = (sa.UniqueConstraint("school_id"),)
    swept_at: Mapped[datetime] = mapped_column(Moment)
