"""Sign-ins, half-done sign-ins, launches and used tokens: secrets are kept as hashes or sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class SignIn(Guarded, Base):
    """One browser in which somebody is signed in; the browser holds a handle, this row its hash."""

    __tablename__ = "meldcode_sign_in"
    __table_args__ = (sa.UniqueConstraint("school_id", "handle_hash"),)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    handle_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    subject_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16), index=True)
    sid_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16), index=True)
    auth_time: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    last_seen: Mapped[datetime] = mapped_column(Moment)


class LoginState(Guarded, Base):
    """A sign-in under way at the provider: found by its state and its browser, once."""

    __tablename__ = "meldcode_login_state"
    __table_args__ = (sa.UniqueConstraint("school_id", "state_hash"),)
    state_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    browser_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    sealed: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Launch(Guarded, Base):
    """A launch from the student information system; its id is the key of the form that it opens."""

    __tablename__ = "meldcode_launch"
    __table_args__ = (sa.UniqueConstraint("school_id", "handle_hash"),)
    handle_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    sealed: Mapped[bytes]
    person_id: Mapped[UUID | None]
    """Whose launch it turned out to be; from then on it works for nobody else."""
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class LaunchPerson(Guarded, Base):
    """Which person a user of the student information system is, once that was established."""

    __tablename__ = "meldcode_launch_person"
    __table_args__ = (sa.UniqueConstraint("school_id", "user_index"),)
    user_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(Moment)


class UsedToken(Guarded, Base):
    """The id of a one-time token that was used, until it would have expired anyway."""

    __tablename__ = "meldcode_used_token"
    __table_args__ = (sa.UniqueConstraint("school_id", "token_hash"),)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
