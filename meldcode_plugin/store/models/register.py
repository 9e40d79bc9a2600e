"""The staff register: worries about a professional. No case, no pupil page, its own key (R15-R17)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, Guarded, Moment


class StaffAllegation(Guarded, Base):
    """One conversation about a professional. ``board_only``: the director does not see it."""

    __tablename__ = "meldcode_staff_allegation"
    author_id: Mapped[UUID]
    board_only: Mapped[bool]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    sealed: Mapped[bytes]
    body_mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    refers_to: Mapped[UUID | None] = mapped_column(index=True)
    """The line that this one adds to; what was written stays as it is."""
