"""Cases: the clear columns that rights and reminders need; no word about a child in clear."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class Case(Guarded, Base):
    """One dossier. The pupil is sealed and found again by a keyed index (never unique).

    ``wrapped_key`` is the case's own key; without it nothing of the case can be read again.
    ``head_seq`` and ``head_mac`` close the chain of its entries.
    """

    __tablename__ = "meldcode_case"
    __table_args__ = (sa.Index("ix_meldcode_case_worklist", "school_id", "state", "moved_at"),)
    pupil_index: Mapped[bytes | None] = mapped_column(sa.LargeBinary(16), index=True)
    sealed_pupil: Mapped[bytes | None]
    wrapped_key: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(sa.String(20))
    waiting: Mapped[int] = mapped_column(default=0)
    acute: Mapped[bool] = mapped_column(default=False)
    owner_id: Mapped[UUID | None]
    deputy_id: Mapped[UUID | None]
    director_informed_at: Mapped[datetime | None] = mapped_column(Moment)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    moved_at: Mapped[datetime] = mapped_column(Moment)
    code_version: Mapped[int] = mapped_column(default=1)
    head_seq: Mapped[int] = mapped_column(default=0)
    head_mac: Mapped[bytes]
    destroyed_at: Mapped[datetime | None] = mapped_column(Moment)


class Destruction(Guarded, Base):
    """The destruction ledger: a restored backup replays it before it opens (G10)."""

    __tablename__ = "meldcode_destruction"
    case_id: Mapped[UUID] = mapped_column(unique=True)
    destroyed_at: Mapped[datetime] = mapped_column(Moment)
    destroyed_by: Mapped[UUID]
    basis: Mapped[str] = mapped_column(sa.String(40))
