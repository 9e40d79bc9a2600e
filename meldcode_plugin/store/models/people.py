"""People of the school, the roles they hold and the cases they are kept out of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class Person(Guarded, Base):
    """A random id, found again by a keyed index of (issuer, subject); name and mail are sealed."""

    __tablename__ = "meldcode_person"
    __table_args__ = (sa.UniqueConstraint("school_id", "account_index"),)
    account_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    mail_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16), index=True)
    sealed: Mapped[bytes]
    active: Mapped[bool] = mapped_column(default=True)
    enrolled_at: Mapped[datetime] = mapped_column(Moment)


class RoleGrant(Guarded, Base):
    """One role of one person. It counts from ``confirmed_at`` until ``ended_at`` (T9)."""

    __tablename__ = "meldcode_role_grant"
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(10))
    proposed_by: Mapped[UUID]
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class Exclusion(Guarded, Base):
    """Keeps one person away from one pupil or one case, whatever their roles (domain 5.2).

    It works from the moment it is proposed until somebody rejects it: too closed is mended
    with a click, too open is not. The reason is sealed.
    """

    __tablename__ = "meldcode_exclusion"
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    pupil_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16), index=True)
    case_id: Mapped[UUID | None] = mapped_column(index=True)
    sealed: Mapped[bytes]
    proposed_by: Mapped[UUID | None]
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    rejected_by: Mapped[UUID | None]
    rejected_at: Mapped[datetime | None] = mapped_column(Moment)


class GuardianMail(Guarded, Base):
    """A guardian's mail address as a keyed index, so that a parent who works here is kept out (5.2)."""

    __tablename__ = "meldcode_guardian_mail"
    __table_args__ = (sa.UniqueConstraint("school_id", "pupil_index", "mail_index"),)
    pupil_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    mail_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16), index=True)
