"""Brings a database to a revision: tables by the migrations, then the walls that the database itself guards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

import meldcode_migrations

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection

# alembic brings 13 MiB along, and a web process never migrates: it is loaded by who calls it.

VERSIONS = "meldcode_alembic_version"


class Refused(Exception):
    """The database did not do what was asked; ``short`` is its own first line, without an address."""

    def __init__(self, why: BaseException) -> None:
        """Keep the first line of the driver."""
        self.short = str(getattr(why, "orig", why)).strip().splitlines()[0][:200]
        super().__init__(self.short)


BROKEN = (SQLAlchemyError, Refused)
"""Whatever a database that is away, locked or full raises."""


@contextmanager
def said_no() -> Iterator[None]:
    """Turn what a driver raises into `Refused`."""
    try:
        yield
    except (DBAPIError, OSError) as why:
        raise Refused(why) from why


def _config(connection: Connection) -> Config:
    config = _scripts()
    config.attributes["connection"] = connection
    return config


def _scripts() -> Config:
    from alembic.config import Config  # noqa: PLC0415  # on demand, see above

    config = Config()
    config.set_main_option("script_location", str(Path(meldcode_migrations.__file__).parent))
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; on PostgreSQL as the owner of the tables, never as the app's role."""
    from alembic import command  # noqa: PLC0415  # on demand, see above

    with said_no(), engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to a revision."""
    from alembic import command  # noqa: PLC0415  # on demand, see above

    with said_no(), engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def differences(engine: Engine) -> None:
    """Raise when the migrations do not end in the tables that the models describe."""
    from alembic import command  # noqa: PLC0415  # on demand, see above

    with engine.begin() as connection:
        command.check(_config(connection))


def measure(engine: Engine) -> None:
    """Let SQLite count what its indexes hold; PostgreSQL does so by itself.

    Uncounted it may choose the index of the school, and then a page takes longer with every dossier.
    """
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit=1000")  # a sample: it takes milliseconds
            connection.exec_driver_sql("ANALYZE")


def write_through(engine: Engine) -> None:
    """Let SQLite empty its write-ahead log into the database, where what was deleted is overwritten."""
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()  # in a transaction SQLite refuses it
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()


def current(engine: Engine) -> str:
    """Return the revision of the database; empty when it has no tables of ours."""
    held = ""
    with said_no(), engine.connect() as connection:
        if inspect(connection).has_table(VERSIONS):
            held = connection.scalar(select(column("version_num")).select_from(table(VERSIONS))) or ""
    return held


def newest() -> str:
    """Return the revision that this version of the plugin needs: what the last step makes."""
    last = max(Path(meldcode_migrations.__file__).parent.glob("versions/[0-9]*.py"), key=lambda path: path.name)
    found = re.search(r'^revision = "(.+)"$', last.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""
