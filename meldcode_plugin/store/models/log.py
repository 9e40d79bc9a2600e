"""The access log and its head: who read or changed what, chained per school; no content."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class LogLine(Guarded, Base):
    """One line (NEN 7513 by analogy). Insert and select only; the database refuses the rest."""

    __tablename__ = "meldcode_log_line"
    __table_args__ = (sa.UniqueConstraint("school_id", "seq"), sa.Index("ix_meldcode_log_case", "case_id", "seq"))
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


class LogHead(Guarded, Base):
    """The end of a school's chain; locked last and briefly in every transaction that logs."""

    __tablename__ = "meldcode_log_head"
    __table_args__ = (sa.UniqueConstraint("school_id"),)
    seq: Mapped[int]
    mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
