"""The fifth lock, on PostgreSQL: the database itself keeps schools apart, whatever the application asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql

from meldcode_plugin.store import rights
from meldcode_plugin.store.base import Base
from meldcode_plugin.store.guard import tables_with_school
from tests.machine.postgres import ADMIN, APP, OWNER, Postgres

OURS, THEIRS = UUID(int=1), UUID(int=2)
TABLES = tables_with_school()


@pytest.mark.parametrize("setting", [None, "", str(THEIRS)])
@pytest.mark.parametrize("role", [APP, OWNER])
def test_without_the_right_school_every_table_is_empty(filled: Filled, role: str, setting: str | None):
    """No setting, an empty one or another school's: no rows and no error, for the application and for the owner."""
    with filled.connect(role, setting) as connection:
        assert dict.fromkeys(TABLES, 0) == {table: _count(connection, table) for table in TABLES}


def test_with_its_school_the_application_sees_its_rows(filled: Filled):
    """With the right setting the same rows are there, so that the emptiness above means something."""
    with filled.connect(APP, str(OURS)) as connection:
        assert dict.fromkeys(TABLES, 1) == {table: _count(connection, table) for table in TABLES}


@pytest.mark.parametrize("table", TABLES)
def test_row_for_another_school_is_refused(filled: Filled, table: str):
    """The application can not insert a row of another school, nor one without a school of its transaction."""
    for setting in (str(THEIRS), ""):
        with filled.connect(APP, setting) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege) as fault:
            _insert(connection, table, OURS)
        assert "row-level security" in str(fault.value)


@pytest.mark.parametrize("table", TABLES)
def test_rows_of_another_school_can_not_be_changed(filled: Filled, table: str):
    """Update and delete find no row of another school, or are not granted at all."""
    for what in ("UPDATE {} SET school_id = school_id", "DELETE FROM {}"):
        with filled.connect(APP, str(THEIRS)) as connection:
            try:
                assert connection.execute(sql.SQL(what).format(sql.Identifier(table))).rowcount == 0
            except psycopg.errors.InsufficientPrivilege:
                connection.rollback()


def test_walls_stand_around_every_table(filled: Filled):
    """Row-level security is on and forced for each table with a school, also for those that were added last."""
    with filled.connect(ADMIN, None) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relrowsecurity AND relforcerowsecurity"
        ).fetchall()
    assert sorted(name for (name,) in rows) == TABLES


def test_application_is_nobody_special(filled: Filled):
    """The application's role owns no table, is no superuser and does not pass by row-level security."""
    with filled.connect(ADMIN, None) as connection:
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s", [APP]
        ).fetchone()
        owned = connection.execute("SELECT count(*) FROM pg_tables WHERE tableowner = %s", [APP]).fetchone()
    assert (role, owned) == ((False, False, False), (0,))


@pytest.mark.parametrize("table", [*rights.FROZEN, "meldcode_entry"])
@pytest.mark.parametrize("what", ["UPDATE {} SET school_id = school_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_application_was_not_granted_to_change_the_frozen(filled: Filled, table: str, what: str):
    """On log, entries and destruction the application may insert and select; the right to change was never given."""
    with (
        filled.connect(APP, str(OURS)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"),
    ):
        connection.execute(sql.SQL(what).format(sql.Identifier(table)))


class Filled:
    """A database with one row of `OURS` in every table, whatever those rows would mean."""

    def __init__(self, postgres: Postgres, name: str) -> None:
        """Take a server and a database."""
        self.postgres, self.name = postgres, name

    def connect(self, role: str, setting: str | None) -> psycopg.Connection[Any]:
        """Open a transaction as a role, for a school."""
        connection = psycopg.connect(host=str(self.postgres.folder), dbname=self.name, user=role)
        if setting is not None:
            connection.execute("SELECT set_config('meldcode.school', %s, true)", [setting])
        return connection


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert row is not None
    return int(row[0])


def _insert(connection: psycopg.Connection[Any], table: str, school: UUID) -> None:
    columns = Base.metadata.tables[table].columns
    values = [school if column.name == "school_id" else _something(column) for column in columns]
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    marks = sql.SQL(", ").join(sql.Placeholder() for _ in values)
    connection.execute(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier(table), names, marks), values)


def _something(column: sa.Column[Any]) -> Any:
    kinds: dict[type, Any] = {UUID: uuid4(), bytes: b"x", bool: True, int: 1, str: "x"}
    return kinds.get(column.type.python_type, datetime(2026, 11, 23, tzinfo=UTC))


@pytest.fixture(scope="module")
def filled(postgres: Postgres, postgresql_template: str) -> Iterator[Filled]:
    """Such a database; its rows were put in by who passes by all checks."""
    made = Filled(postgres, postgres.create(postgresql_template))
    with made.connect(ADMIN, None) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in TABLES:
            _insert(connection, table, OURS)
    yield made
    postgres.drop(made.name)
