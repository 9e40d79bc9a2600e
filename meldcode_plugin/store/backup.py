"""Takes all rows and files of one school out of the installation, and puts them back; it opens no word.

Out: one moment of the database, while others go on writing. Back: into a database without that school, all or
nothing, and closed under another code until its chains were walked. What was destroyed after the backup stays so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from meldcode_plugin.errors import BackupRefused, TamperedData
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.store import archive, blobs, database
from meldcode_plugin.store.archive import Head, Writer
from meldcode_plugin.store.base import Base, new_id
from meldcode_plugin.store.models.cases import Destruction
from meldcode_plugin.store.models.circle import Share, SharedEntry, Succession
from meldcode_plugin.store.models.people import Exclusion
from meldcode_plugin.store.models.schools import School
from meldcode_plugin.store.work import Store

BATCH = 500
CLOSED = "~"
"""In front of the code of a school that was put back and is not open yet."""
NOT_BACK = ("meldcode_sign_in", "meldcode_login_state", "meldcode_launch")
"""Who was signed in then must sign in again: a sign-in that ended since must not come back."""
CASES, DESTROYED = "meldcode_case", "meldcode_destruction"
SEALED_BY_SCHOOL: tuple[Any, ...] = (SharedEntry, Share, Succession, Exclusion)
"""What is said of a case under the key of the school, so that its own key does not take it along."""
_GO_WITH_CASE = frozenset(table.__tablename__ for table in SEALED_BY_SCHOOL)


@dataclass(frozen=True)
class Destroyed:
    """One line of the destruction ledger as it is kept outside the database."""

    case_id: UUID
    at: Any
    by: UUID
    basis: str


# --- out -------------------------------------------------------------------------------------------


def take(store: Store, school_id: UUID, code: str, path: Path) -> dict[str, int]:
    """Write all rows and files of a school into ``path``; returns how many of each."""
    revision = database.current(store.engine)
    head = Head(code, store.clock().isoformat(timespec="seconds"), revision, store.root.current())
    with archive.written(path, store.root, head) as out:
        with _snapshot(store, school_id) as connection:
            for table in _tables():
                _take_rows(connection, table, school_id, out)
        for file in sorted(blobs.folder(store.blob_dir, school_id).iterdir()):
            if len(file.name) == len(school_id.hex) and file.is_file():
                out.file(file)
    return out.counts


def _tables() -> list[sa.Table]:
    return [table for table in Base.metadata.sorted_tables if table.name not in NOT_BACK]


@contextmanager
def _snapshot(store: Store, school_id: UUID) -> Iterator[Connection]:
    """Open a transaction that sees one moment and keeps nobody from writing."""
    engine = store.engine
    if engine.dialect.name == "sqlite":  # the store's own transactions take the write lock at once
        reader = sa.create_engine(engine.url, poolclass=sa.NullPool)
        sa.event.listen(reader, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
        sa.event.listen(reader, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        with reader.begin() as connection:
            yield connection
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        _for_school(connection, school_id)
        yield connection


def _for_school(connection: Connection, school_id: UUID) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.set_config("meldcode.school", str(school_id), True)))


def _take_rows(connection: Connection, table: sa.Table, school_id: UUID, out: Writer) -> None:
    mine = table.c.id if table.name == School.__tablename__ else table.c.school_id
    rows = connection.execution_options(yield_per=BATCH).execute(
        sa.select(table).where(mine == school_id).order_by(*table.primary_key)
    )
    out.table(table.name, list(table.c.keys()))
    for row in rows:
        out.row(table.name, list(row))


# --- back ------------------------------------------------------------------------------------------


def put_back(store: Store, code: str, path: Path, destroyed: Mapping[UUID, Destroyed]) -> tuple[Head, UUID]:
    """Bring the school of a backup into the database, closed; returns its head and the school's id.

    Raises `BackupRefused` when it is another school's, when the database is of another version or already
    holds this school, and `TamperedData` when a byte of the file was changed; then no row came back.
    """
    with archive.opened(path, store.root) as (head, records):
        _fits(store, code, head)
        with store.engine.connect() as connection, connection.begin():
            _refuse_twice(connection, code)
            back = _Back(store, connection, destroyed)
            for kind, data in records:
                back.take(kind, data)
    if back.school_id is None:
        raise BackupRefused("There is no school in this backup.")
    return head, back.school_id


def _fits(store: Store, code: str, head: Head) -> None:
    if head.school != code:
        raise BackupRefused(f"This is a backup of school {head.school}, and MELDCODE_SCHOOL is {code}.")
    if (held := database.current(store.engine)) != head.revision:
        raise BackupRefused(
            f"The backup has tables of version {head.revision}, the database of version {held or 'none'}. In an empty "
            f"database run 'meldcode db upgrade {head.revision}' and restore; then 'meldcode db upgrade' and "
            "'meldcode restore --finish'."
        )


def _refuse_twice(connection: Connection, code: str) -> None:
    held = connection.scalars(sa.select(School.code).where(School.code.in_((code, CLOSED + code)))).first()
    if held is not None:
        raise BackupRefused(
            f"The database already holds school {held}, and nothing of it can be deleted. Restore into a new database."
        )


class _Back:
    """A school that comes back, record by record: rows in batches, files in pieces."""

    def __init__(self, store: Store, connection: Connection, destroyed: Mapping[UUID, Destroyed]) -> None:
        self._store, self._connection, self._destroyed = store, connection, destroyed
        self.school_id: UUID | None = None
        self._table: sa.TableClause | None = None
        self._rows: list[dict[str, Any]] = []
        self._file: tuple[BinaryIO, Path] | None = None
        self._gone_files: set[str] = set()
        self._noted: set[UUID] = set()

    def take(self, kind: bytes, data: bytes) -> None:
        """Take one record."""
        if kind == archive.ROW:
            self._take_row(json.loads(data))
        elif kind == archive.PIECE:
            if self._file is not None:
                self._file[0].write(data)
        else:
            self._end_what_came()
            if kind == archive.COLUMNS:
                self._begin_table(*json.loads(data))
            elif kind == archive.FILE:
                self._begin_file(data.decode())
            elif kind == archive.END:
                self._destroy_again()

    def _begin_table(self, name: str, *columns: str) -> None:
        """Name a table as it was then: only its columns of then, with the types of now."""
        if self.school_id is not None:
            _for_school(self._connection, self.school_id)
        known = Base.metadata.tables[name].c
        found = (sa.column(column, known[column].type if column in known else None) for column in columns)
        self._table = sa.table(name, *found)

    def _take_row(self, values: list[Any]) -> None:
        if self._table is None:
            raise TamperedData
        row = dict(zip(self._table.c.keys(), map(archive.typed, values), strict=True))
        if self._table.name in _GO_WITH_CASE and row["case_id"] in self._destroyed:
            return
        self._rows.append(self._as_it_may_come_back(row))
        if len(self._rows) == BATCH:
            self._insert()

    def _as_it_may_come_back(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row as it may come back: the school closed, a destroyed case without its key."""
        name = self._table.name if self._table is not None else ""
        if name == School.__tablename__:
            self.school_id = row["id"]
            return row | {"code": CLOSED + row["code"]}
        if name == CASES and (gone := self._destroyed.get(row["id"])):
            return row | {"wrapped_key": None, "sealed_pupil": None, "pupil_index": None, "destroyed_at": gone.at}
        if name == DESTROYED:
            self._noted.add(row["case_id"])
        elif row.get("case_id") in self._destroyed and row.get("blob"):
            self._gone_files.add(row["blob"].hex)
        return row

    def _insert(self) -> None:
        if self._rows and self._table is not None:
            self._connection.execute(sa.insert(self._table), self._rows)
        self._rows = []

    def _begin_file(self, name: str) -> None:
        """Begin a file that comes back; that of a destroyed case does not."""
        if self.school_id is None:
            raise TamperedData
        if name in self._gone_files:
            return
        path = blobs.folder(self._store.blob_dir, self.school_id) / UUID(name).hex
        fresh = path.with_name(path.name + ".new")
        self._file = os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"), path

    def _end_what_came(self) -> None:
        self._insert()
        if self._file is None:
            return
        out, path = self._file
        with out:
            out.flush()
            os.fsync(out.fileno())
        path.with_name(path.name + ".new").replace(path)
        self._file = None

    def _destroy_again(self) -> None:
        """Write the destructions that came after the backup into the ledger of the database."""
        gone = (one for one in self._destroyed.values() if one.case_id not in self._noted)
        rows = [
            {
                "id": new_id(),
                "school_id": self.school_id,
                "case_id": one.case_id,
                "destroyed_at": one.at,
                "destroyed_by": one.by,
                "basis": one.basis,
            }
            for one in gone
        ]
        if rows:
            self._connection.execute(sa.insert(Destruction), rows)


def closed_school(store: Store, code: str) -> UUID | None:
    """Return the id of a school that was put back and is not open yet."""
    with store.engine.connect() as connection:
        return connection.scalar(sa.select(School.id).where(School.code == CLOSED + code))


def open_school(store: Store, school_id: UUID, code: str) -> None:
    """Give a school that came back its own code: from here on pages and tasks find it."""
    with store.engine.begin() as connection:
        connection.execute(sa.update(School).where(School.id == school_id).values(code=code))


def destructions(store: Store, school_id: UUID) -> list[Destroyed]:
    """Return the destruction ledger of a school as the database holds it, oldest first."""
    with store.work(Viewer.for_system(school_id, "destruction ledger")) as work:
        rows = work.inner.scalars(sa.select(Destruction).order_by(Destruction.destroyed_at, Destruction.id))
        return [Destroyed(row.case_id, row.destroyed_at, row.destroyed_by, row.basis) for row in rows]
