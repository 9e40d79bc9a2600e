"""Entries of the ledger: kinds, ids and dates in clear, words sealed; never updated, never deleted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, CaseScoped, Guarded, Moment


class Entry(CaseScoped, Base):
    """One entry.

    ``mac`` runs over the previous mac, the clear columns and ``payload_hash``, so a payload that must go
    can go (``sealed`` becomes NULL) and the chain still proves that it stood here.
    """

    __tablename__ = "meldcode_entry"
    __table_args__ = (sa.UniqueConstraint("case_id", "seq"),)
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(30))
    author_id: Mapped[UUID] = mapped_column(index=True)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    refers_to: Mapped[UUID | None] = mapped_column(index=True)
    acute: Mapped[bool] = mapped_column(default=False)
    waits: Mapped[bool] = mapped_column(default=False)
    sealed: Mapped[bytes | None]
    payload_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))


class Submission(Guarded, Base):
    """A form that was sent: the same key and words give the same receipt, other words are refused."""

    __tablename__ = "meldcode_submission"
    __table_args__ = (sa.UniqueConstraint("school_id", "person_id", "key"),)
    person_id: Mapped[UUID]
    key: Mapped[UUID]
    body_mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    sealed: Mapped[bytes]
    sent_at: Mapped[datetime] = mapped_column(Moment)
