"""Rows as lists need them: some columns of a table instead of its whole object, which takes twice as long to make."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class CaseRow(NamedTuple):
    """What a list needs of a case, the pupil still sealed."""

    id: UUID
    pupil_index: bytes | None
    sealed_pupil: bytes | None
    wrapped_key: bytes | None
    state: str
    waiting: int
    acute: bool
    moved_at: datetime


class EntryRow(NamedTuple):
    """What a page needs of an entry, its words still sealed."""

    case_id: UUID
    id: UUID
    seq: int
    kind: str
    author_id: UUID
    recorded_at: datetime
    refers_to: UUID | None
    sealed: bytes | None
    payload_hash: bytes


class LogRow(NamedTuple):
    """One line of the access log as a page may show it."""

    case_id: UUID | None
    seq: int
    at: datetime
    event: str
    outcome: str
    actor_id: UUID
    object_id: UUID | None
