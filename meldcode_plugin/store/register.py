"""Named reads and writes of the staff register, under its own key; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from meldcode_plugin.errors import AlreadyAdded
from meldcode_plugin.store import people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.crypto import same
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.signals import queue_for
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class RegisterRow:
    """One line with its content as bytes."""

    id: UUID
    recorded_at: datetime
    author: str
    board_only: bool
    content: bytes
    refers_to: UUID | None = None


def add(work: Work, key: UUID, content: bytes, *, board_only: bool, refers_to: UUID | None = None) -> UUID:
    """Add a line under the key of its form and return its id; the same form twice is one line, other words are refused.

    The key of one person's form says nothing about another's.
    """
    queue_for(work, key)
    ring = work.keys.school("register")
    beneath = [refers_to.bytes] if refers_to else []
    body_mac = ring.mac("body", work.viewer.person_id.bytes, content, *beneath)
    row_id = UUID(bytes=ring.index(work.viewer.person_id.bytes, key.bytes))
    held = work.inner.scalars(select(StaffAllegation.body_mac).where(StaffAllegation.id == row_id)).one_or_none()
    if held is not None:
        if not same(held, body_mac):
            raise AlreadyAdded
        return row_id
    row = StaffAllegation(id=row_id, school_id=work.school_id, author_id=work.viewer.person_id, board_only=board_only)
    row.recorded_at, row.body_mac, row.refers_to = work.now, body_mac, refers_to
    row.sealed = ring.seal(content, work.school_id.bytes, row_id.bytes, "register")
    work.inner.add(row)
    work.note(Tag.REGISTER_RECORDED, object_id=row_id, action="C")
    return row_id


def visible(work: Work, line_id: UUID) -> StaffAllegation | None:
    """Return a first line that the viewer may read, or None."""
    found = select(StaffAllegation).where(StaffAllegation.id == line_id, StaffAllegation.refers_to.is_(None))
    return work.session.scalars(found).one_or_none()


def rows(work: Work) -> list[RegisterRow]:
    """Return the lines that the viewer may see, newest first."""
    found = list(work.session.scalars(select(StaffAllegation).order_by(StaffAllegation.recorded_at.desc())))
    names = people.names(work, {row.author_id for row in found})
    ring = work.keys.school("register")
    return [
        RegisterRow(
            row.id,
            row.recorded_at,
            names.get(row.author_id, ""),
            row.board_only,
            ring.unseal(row.sealed, work.school_id.bytes, row.id.bytes, "register"),
            row.refers_to,
        )
        for row in found
    ]
