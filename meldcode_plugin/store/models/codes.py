"""The school's own reporting code, a row for each version; a version is never changed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class CodeVersion(Guarded, Base):
    """One version: its texts and contacts are sealed, since they name people. Number 1 is the plugin's own, no row."""

    __tablename__ = "meldcode_code_version"
    __table_args__ = (sa.UniqueConstraint("school_id", "number"),)
    number: Mapped[int]
    sealed: Mapped[bytes]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(Moment)
