"""The people around a case: hand-overs, shares, family links and break-glass; who sees a row is said elsewhere.

What ends by itself ends on a whole hour, so that THE sentence needs the running hour and no finer clock.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, CaseScoped, Guarded, Moment


class Succession(CaseScoped, Base):
    """A case offered to somebody else. The owner stays until ``accepted`` is true; the note and the reason are sealed.

    ``accepted`` is None while nobody answered; ``ended_at`` says when it was answered or withdrawn.
    """

    __tablename__ = "meldcode_succession"
    from_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    to_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    offered_at: Mapped[datetime] = mapped_column(Moment)
    note: Mapped[bytes]
    accepted: Mapped[bool | None]
    reason: Mapped[bytes | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Share(CaseScoped, Base):
    """A case, or chosen entries of it, for one person to read until ``until`` (a whole hour)."""

    __tablename__ = "meldcode_share"
    __table_args__ = (sa.Index("ix_meldcode_share_reader", "school_id", "person_id", "until"),)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    whole: Mapped[bool]
    question: Mapped[bytes]
    shared_by: Mapped[UUID]
    shared_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SharedEntry(CaseScoped, Base):
    """One entry that a share opens."""

    __tablename__ = "meldcode_shared_entry"
    __table_args__ = (sa.UniqueConstraint("share_id", "entry_id"),)
    share_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_share.id"), index=True)
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_entry.id"), index=True)


class FamilyLink(CaseScoped, Base):
    """Two cases of children of one family; each child is weighed apart (domain 5.2). One row per pair."""

    __tablename__ = "meldcode_family_link"
    other_case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_case.id"), index=True)
    linked_by: Mapped[UUID]
    linked_at: Mapped[datetime] = mapped_column(Moment)
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class BreakGlass(Guarded, Base):
    """Somebody read a case that was not theirs, with a reason, until ``until`` (a whole hour); judged afterwards.

    Without a case nothing was there to read; that it was asked stays on the list all the same.
    """

    __tablename__ = "meldcode_break_glass"
    __table_args__ = (sa.Index("ix_meldcode_break_glass_reader", "school_id", "person_id", "until"),)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    pupil_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    case_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("meldcode_case.id"), index=True)
    reason: Mapped[bytes]
    broken_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    reviewed_by: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None] = mapped_column(Moment)
