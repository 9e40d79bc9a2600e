"""Schools and their keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment, new_id


class School(Base):
    """One school of the installation. Its code and name are public facts."""

    __tablename__ = "meldcode_school"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)


class SchoolKey(Guarded, Base):
    """One version of one school key, wrapped by the root key ``root``."""

    __tablename__ = "meldcode_school_key"
    __table_args__ = (sa.UniqueConstraint("school_id", "purpose", "version"),)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    version: Mapped[int]
    root: Mapped[str] = mapped_column(sa.String(40))
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Moment)
