"""When something that must happen again and again last happened: no person and no child in it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class HealthMark(Guarded, Base):
    """One row per kind: the last beat, worker, timer, backup, sweep or sign-in.

    ``words``: names of claims, never values; of a sweep the number of damaged rows that it met.
    """

    __tablename__ = "meldcode_health_mark"
    __table_args__ = (sa.UniqueConstraint("school_id", "kind"),)
    kind: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(sa.String(1000), default="")
