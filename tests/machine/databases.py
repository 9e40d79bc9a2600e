"""Fresh databases with the product's own schema, on SQLite and on PostgreSQL; it knows no row in them."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from meldcode_plugin.store.database import upgrade
from meldcode_plugin.store.work import make_engine
from tests.machine.postgres import OWNER, Postgres

KINDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Database:
    """One database: ``url`` for the application, ``owner_url`` for who may change the schema."""

    kind: str
    url: str
    owner_url: str


def _migrate(url: str) -> None:
    """Make the tables as the product's own command does."""
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and nothing else, made once and copied often."""
    path = tmp_path_factory.mktemp("template") / "meldcode.sqlite"
    _migrate(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with the schema and nothing else."""
    name = postgres.create()
    _migrate(postgres.url(name, OWNER))
    return name


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Database:
    """A fresh SQLite file with the schema."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'meldcode.sqlite')}"
    return Database("sqlite", url, url)


@pytest.fixture
def postgresql_database(postgres: Postgres, postgresql_template: str) -> Iterator[Database]:
    """A fresh PostgreSQL database with the schema; the application is not its owner."""
    name = postgres.create(postgresql_template)
    yield Database("postgresql", postgres.url(name), postgres.url(name, OWNER))
    postgres.drop(name)


@pytest.fixture
def empty_postgresql(postgres: Postgres) -> Iterator[Database]:
    """A PostgreSQL database without any table, for the tests of the migrations."""
    name = postgres.create()
    yield Database("postgresql", postgres.url(name), postgres.url(name, OWNER))
    postgres.drop(name)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh database with the schema: the test runs on both kinds."""
    made: Database = request.getfixturevalue(f"{request.param}_database")
    return made


@pytest.fixture
def database_url(database: Database) -> str:
    """The address of a fresh database with the schema: the test runs on both kinds."""
    return database.url


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database without any table, of both kinds, for the tests of the migrations."""
    if request.param == "postgresql":
        made: Database = request.getfixturevalue("empty_postgresql")
        return made
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    return Database("sqlite", url, url)
