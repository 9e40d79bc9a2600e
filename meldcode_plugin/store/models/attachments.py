"""Files beside the ledger: staged uploads and attachments of entries; names, types and keys are sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, CaseScoped, Guarded, Moment


class Upload(Guarded, Base):
    """A file that waits for its form to be sent. For its author alone, gone after 14 days.

    ``wrapped_key`` is the file's own key under the school's key for drafts; ``blob`` names the file on disk.
    """

    __tablename__ = "meldcode_upload"
    __table_args__ = (sa.Index("ix_meldcode_upload_draft", "school_id", "person_id", "key"),)
    person_id: Mapped[UUID]
    key: Mapped[UUID]
    blob: Mapped[UUID]
    wrapped_key: Mapped[bytes]
    sealed: Mapped[bytes]
    saved_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Attachment(CaseScoped, Base):
    """A file under an entry. When it must go, key and words become NULL and the row stays."""

    __tablename__ = "meldcode_attachment"
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_entry.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(index=True)
    blob: Mapped[UUID]
    wrapped_key: Mapped[bytes | None]
    sealed: Mapped[bytes | None]
    added_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)
