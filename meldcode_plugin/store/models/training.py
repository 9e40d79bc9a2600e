"""Who had which training in the meldcode when: no child and no case in it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class Training(Guarded, Base):
    """One training of one person. The same one is there once, however often it is sent; what was wrong is deleted."""

    __tablename__ = "meldcode_training"
    __table_args__ = (sa.UniqueConstraint("school_id", "person_id", "kind", "day"),)
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    day: Mapped[date]
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
