"""What who can reach the database might do to the access log; each must be found."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from meldcode_plugin.store import accesslog
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.crypto import Ring
from meldcode_plugin.store.models.log import LogHead, LogLine, LogSubject

LINES = 10
"""Lines per school in the run of tamperings; 200 schools of 10 lines are the 2,000 rows of the figure."""

Rows = list[dict[str, Any]]
Tampering = Callable[[Connection, Rows, int], None]
LOG, HEAD, SUBJECT = LogLine.__table__, LogHead.__table__, LogSubject.__table__


def _put(connection: Connection, row: dict[str, Any], **columns: Any) -> None:
    """Change a line; the dossiers of its list go along to its new number."""
    if "seq" in columns:
        there = connection.scalar(select(LOG.c.seq).where(LOG.c.id == row["id"]))
        connection.execute(update(SUBJECT).where(*_of(row, there)).values(seq=columns["seq"]))
    connection.execute(update(LOG).where(LOG.c.id == row["id"]).values(**columns))


def _of(row: dict[str, Any], seq: int | None = None) -> tuple[Any, ...]:
    """Tell of a dossier whether it stands in the list of this line."""
    return SUBJECT.c.school_id == row["school_id"], SUBJECT.c.seq == (row["seq"] if seq is None else seq)


def _list_of(connection: Connection, row: dict[str, Any]) -> list[UUID]:
    return sorted(connection.scalars(select(SUBJECT.c.case_id).where(*_of(row))))


def _end(connection: Connection, row: dict[str, Any], **over: Any) -> None:
    """Let the head say that this is the last line."""
    values = {"seq": row["seq"], "mac": row["mac"]} | over
    connection.execute(update(HEAD).where(HEAD.c.school_id == row["school_id"]).values(**values))


def _shift(connection: Connection, rows: Rows, by: int) -> None:
    """Move these lines up or down, as who wants no gap does; one by one, since no two may have one number."""
    for row in rows if by < 0 else reversed(rows):
        _put(connection, row, seq=row["seq"] + by)


def change_a_field(connection: Connection, rows: Rows, k: int) -> None:
    """Let somebody else have done it."""
    fields = {"actor_id": new_id(), "event": "case.listed2", "action": "D", "outcome": "denied", "roles": "D"}
    fields |= {"case_id": new_id(), "object_id": new_id(), "system": "x", "object_hash": os.urandom(32)}
    name = sorted(fields)[k % len(fields)]
    _put(connection, rows[k], **{name: fields[name]})


def change_the_mac(connection: Connection, rows: Rows, k: int) -> None:
    """Put other bytes for the seal of a line, and in the head when it is the last."""
    _put(connection, rows[k], mac=os.urandom(32))


def remove(connection: Connection, rows: Rows, k: int) -> None:
    """Take a line out and close the gap."""
    connection.execute(delete(SUBJECT).where(*_of(rows[k])))
    connection.execute(delete(LOG).where(LOG.c.id == rows[k]["id"]))
    _shift(connection, rows[k + 1 :], -1)
    last = rows[-1] if k + 1 < len(rows) else rows[k - 1]
    _end(connection, last, seq=len(rows) - 1)


def insert_one(connection: Connection, rows: Rows, k: int) -> None:
    """Put in a line that never happened and make room for it."""
    _shift(connection, rows[k:], 1)
    connection.execute(insert(LOG).values(rows[k] | {"id": new_id(), "actor_id": new_id(), "mac": os.urandom(32)}))
    _end(connection, rows[-1], seq=len(rows) + 1)


def duplicate(connection: Connection, rows: Rows, k: int) -> None:
    """Put in a line for a second time, seal and all."""
    _shift(connection, rows[k + 1 :], 1)
    connection.execute(insert(LOG).values(rows[k] | {"id": new_id(), "seq": rows[k]["seq"] + 1}))
    _end(connection, rows[-1], seq=len(rows) + 1)


def swap(connection: Connection, rows: Rows, k: int) -> None:
    """Let two lines change places."""
    one, other = rows[k], rows[k - 1]
    _put(connection, one, seq=-1)
    _put(connection, other, seq=one["seq"])
    _put(connection, one, seq=other["seq"])


def rechain(connection: Connection, rows: Rows, k: int) -> None:
    """Change a line and seal it and all later ones anew, with a key that is not the school's."""
    ring = Ring("log", {1: os.urandom(32)})
    previous = rows[k - 1]["mac"] if k else accesslog.START
    for row in rows[k:]:
        changed = row | ({"actor_id": new_id()} if row is rows[k] else {})
        changed["mac"] = previous = ring.mac(*accesslog._canonical(changed, previous, _list_of(connection, row)))
        _put(connection, row, actor_id=changed["actor_id"], mac=previous)
    _end(connection, rows[-1], mac=previous)


def cut(connection: Connection, rows: Rows, k: int) -> None:
    """Take away this line and all after it, and let the head say so."""
    for row in rows[k:]:
        connection.execute(delete(SUBJECT).where(*_of(row)))
    connection.execute(delete(LOG).where(LOG.c.id.in_([row["id"] for row in rows[k:]])))
    empty = {"school_id": rows[0]["school_id"], "seq": 0, "mac": accesslog.START}
    _end(connection, rows[k - 1] if k else empty)


def restore(connection: Connection, rows: Rows, k: int) -> None:
    """Put back the database of an earlier day, and let the application go on in it."""
    cut(connection, rows, k)


TAMPERINGS: dict[str, Tampering] = {
    one.__name__: one
    for one in (change_a_field, change_the_mac, remove, insert_one, duplicate, swap, rechain, cut, restore)
}


def take_out(connection: Connection, rows: Rows, k: int) -> None:
    """Let one of the dossiers not have been in the list."""
    first = _list_of(connection, rows[k])[0]
    connection.execute(delete(SUBJECT).where(*_of(rows[k]), SUBJECT.c.case_id == first))


def put_in(connection: Connection, rows: Rows, k: int) -> None:
    """Let another dossier have been in it."""
    connection.execute(insert(SUBJECT).values(_subject(rows[k])))


def exchange(connection: Connection, rows: Rows, k: int) -> None:
    """Let it have been another dossier."""
    take_out(connection, rows, k)
    put_in(connection, rows, k)


def move_on(connection: Connection, rows: Rows, k: int) -> None:
    """Let the whole list have been seen a line later; after the last, at a line that is not there."""
    connection.execute(update(SUBJECT).where(*_of(rows[k])).values(seq=rows[k]["seq"] + 1))


def keep_one(connection: Connection, rows: Rows, k: int) -> None:
    """Let the line be about one of them alone."""
    first = _list_of(connection, rows[k])[0]
    connection.execute(delete(SUBJECT).where(*_of(rows[k])))
    _put(connection, rows[k], case_id=first)


def add_beyond(connection: Connection, rows: Rows, k: int) -> None:
    """Put a dossier at a line that was never written."""
    connection.execute(insert(SUBJECT).values(_subject(rows[k]) | {"seq": len(rows) + 1 + k}))


def to_a_list(connection: Connection, rows: Rows, k: int) -> None:
    """Make of a dossier that was read one that was seen in a list: so it leaves what is asked of that dossier."""
    connection.execute(insert(SUBJECT).values(_subject(rows[k]) | {"case_id": rows[k]["case_id"]}))
    _put(connection, rows[k], case_id=None)


def _subject(row: dict[str, Any]) -> dict[str, Any]:
    return {"school_id": row["school_id"], "seq": row["seq"], "case_id": new_id()}


OF_LISTS: dict[str, Tampering] = {
    one.__name__: one for one in (take_out, put_in, exchange, move_on, keep_one, add_beyond, to_a_list)
}
