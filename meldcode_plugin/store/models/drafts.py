"""Drafts: sealed, for their author alone, gone after 14 days."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class Draft(Guarded, Base):
    """What somebody is typing, by the key of the form."""

    __tablename__ = "meldcode_draft"
    __table_args__ = (sa.UniqueConstraint("school_id", "person_id", "key"),)
    person_id: Mapped[UUID]
    key: Mapped[UUID]
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime] = mapped_column(Moment, index=True)
