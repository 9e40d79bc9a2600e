"""What the database lets the application do, and what it must not: facts for `meldcode doctor`; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, func

from meldcode_plugin.store import database
from meldcode_plugin.store.base import Base

ROLES = sa.table("pg_roles", sa.column("rolname"), sa.column("rolsuper"), sa.column("rolbypassrls"))
CLASSES = sa.table(
    "pg_class",
    sa.column("relname"),
    sa.column("relowner"),
    sa.column("relkind"),
    sa.column("relrowsecurity"),
    sa.column("relforcerowsecurity"),
)
FROZEN = ("meldcode_log_line", "meldcode_log_subject", "meldcode_destruction")
OLDEST_POSTGRESQL = 130000


@dataclass(frozen=True)
class Facts:
    """What was found: version in words, faults with what to do, the database's time (None on SQLite)."""

    version: str
    faults: list[str]
    now: datetime | None


def facts(engine: Engine, clock: Callable[[], datetime]) -> Facts:
    """Look at version, role and walls; raises `database.Refused` when the database does not answer."""
    with database.said_no(), engine.connect() as connection:
        if engine.dialect.name != "postgresql":
            version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar())
            return Facts(f"SQLite {version}", _frozen_on_sqlite(connection), None)
        number = int(str(connection.exec_driver_sql("SHOW server_version_num").scalar()))
        now = connection.scalar(sa.select(func.clock_timestamp()))
        faults = _role(connection) + _walls(connection)
    if number < OLDEST_POSTGRESQL:
        faults.insert(0, "PostgreSQL is older than 13: take a newer one.")
    return Facts(f"PostgreSQL {number // 10000}", faults, now.astimezone(UTC) if now else clock())


def superuser(engine: Engine) -> bool:
    """Tell whether this address comes in as a role that passes every wall."""
    if engine.dialect.name != "postgresql":
        return False
    with database.said_no(), engine.connect() as connection:
        return any(_might(connection))


def _might(connection: Connection) -> tuple[bool, bool]:
    found = connection.execute(
        sa.select(ROLES.c.rolsuper, ROLES.c.rolbypassrls).where(ROLES.c.rolname == func.current_user())
    ).one()
    return bool(found[0]), bool(found[1])


def _role(connection: Connection) -> list[str]:
    """Say what the role of the application may and should not."""
    superuser, bypass = _might(connection)
    owned = connection.scalar(
        sa.select(func.count())
        .select_from(CLASSES)
        .where(
            CLASSES.c.relname.like("meldcode_%"),
            CLASSES.c.relkind == "r",
            func.pg_get_userbyid(CLASSES.c.relowner) == func.current_user(),
        )
    )
    faults = []
    if superuser or bypass:
        faults.append(
            "The role passes row-level security: ALTER ROLE ... NOSUPERUSER NOBYPASSRLS, or use meldcode_app."
        )
    if owned:
        faults.append(
            "The role owns the tables: let meldcode_owner own them, and the application come in as meldcode_app."
        )
    return faults


def _walls(connection: Connection) -> list[str]:
    walled = {
        row[0]
        for row in connection.execute(
            sa.select(CLASSES.c.relname).where(CLASSES.c.relrowsecurity, CLASSES.c.relforcerowsecurity)
        )
    }
    there = set(sa.inspect(connection).get_table_names())
    wanted = {name for name, table in Base.metadata.tables.items() if "school_id" in table.c} & there
    faults = [f"Row-level security is not forced on {name}: run 'meldcode db upgrade'." for name in wanted - walled]
    may = [
        (name, right)
        for name in sorted(set(FROZEN) & there)
        for right in ("UPDATE", "DELETE")
        if connection.scalar(sa.select(func.has_table_privilege(func.current_user(), name, right)))
    ]
    return faults + [
        f"The role may {right} in {name}, which only grows: REVOKE {right} ON {name}." for name, right in may
    ]


def _frozen_on_sqlite(connection: Connection) -> list[str]:
    found = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    missing = [name for name in FROZEN if f"{name}_no_update" not in found or f"{name}_no_delete" not in found]
    return [f"Nothing keeps {name} as it was written: run 'meldcode db upgrade'." for name in missing]
