"""What the school's own roster said: further ids of pupils, what changed there, and how each daily look went."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, CaseScoped, Guarded, Moment


class PupilLink(Guarded, Base):
    """One more thing by which a pupil is known, as a keyed index; the words behind it are kept nowhere.

    ``pupil_index`` is the one that cases and exclusions carry and that never changes. ``what``: ``id`` an id that
    stays with a child, ``number`` a further number of the system itself, ``about`` name and birth date, ``refused``
    a number of which somebody said that it is another child.
    """

    __tablename__ = "meldcode_pupil_link"
    __table_args__ = (sa.UniqueConstraint("school_id", "pupil_index", "link_index", "what"),)
    pupil_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    link_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16), index=True)
    what: Mapped[str] = mapped_column(sa.String(10))
    found_at: Mapped[datetime] = mapped_column(Moment)


class StaffGuardian(Guarded, Base):
    """A pupil and a guardian of theirs who works at the school, as keyed indexes: known without any signal (5.2).

    Of other guardians nothing is kept. A good look at the roster replaces all of it.
    """

    __tablename__ = "meldcode_staff_guardian"
    __table_args__ = (sa.UniqueConstraint("school_id", "pupil_index", "mail_index"),)
    pupil_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    mail_index: Mapped[bytes] = mapped_column(sa.LargeBinary(16), index=True)


class RosterNotice(CaseScoped, Base):
    """Something that changed in the roster about the pupil of a case; a person says what it means."""

    __tablename__ = "meldcode_roster_notice"
    kind: Mapped[str] = mapped_column(sa.String(12))
    subject: Mapped[bytes] = mapped_column(sa.LargeBinary(16))
    sealed: Mapped[bytes]
    found_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    settled_by: Mapped[UUID | None]
    agreed: Mapped[bool | None]


class RosterSync(Guarded, Base):
    """One look at the whole roster: when, how many there were, and what was wrong, as a code; nobody by name."""

    __tablename__ = "meldcode_roster_sync"
    started_at: Mapped[datetime] = mapped_column(Moment, index=True)
    ended_at: Mapped[datetime] = mapped_column(Moment)
    pupils: Mapped[int]
    guardians: Mapped[int]
    staff: Mapped[int]
    notices: Mapped[int]
    fault: Mapped[str] = mapped_column(sa.String(20))
