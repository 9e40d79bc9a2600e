"""The access log, its head and the dossiers of its lists: who read or changed what, chained per school; no content."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class LogLine(Guarded, Base):
    """One line (NEN 7513 by analogy). Insert and select only; the database refuses the rest.

    ``case_id``: the dossier it is about; each of a list has a row in `LogSubject`.
    """

    __tablename__ = "meldcode_log_line"
    __table_args__ = (sa.UniqueConstraint("school_id", "seq"), sa.Index("ix_meldcode_log_case", "case_id", "seq"))
    school_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_school.id"))  # the first of those two finds it
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[str] = mapped_column(sa.String(1))
    event: Mapped[str] = mapped_column(sa.String(40))
    outcome: Mapped[str] = mapped_column(sa.String(10))
    actor_id: Mapped[UUID]
    roles: Mapped[str] = mapped_column(sa.String(40))
    system: Mapped[str] = mapped_column(sa.String(60))
    sign_in_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    object_id: Mapped[UUID | None]
    object_hash: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class LogSubject(Guarded, Base):
    """A dossier whose name stood in a list, by the line that tells who saw that list. As frozen as the line.

    No index by dossier: each of a hundred rows would write a page of its own, at every look at a worklist.
    """

    __tablename__ = "meldcode_log_subject"
    __table_args__ = ({"sqlite_with_rowid": False},)
    id = None  # type: ignore[assignment]  # it has none of its own
    school_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_school.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(primary_key=True)


class LogHead(Guarded, Base):
    """The end of a school's chain; locked last and briefly in every transaction that logs."""

    __tablename__ = "meldcode_log_head"
    __table_args__ = (sa.UniqueConstraint("school_id"),)
    seq: Mapped[int]
    mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
