"""One hostile provider for the whole run, and schools beside it; it knows no case."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine.databases import Database
from tests.provider.harness import Clock, World, make_world
from tests.provider.hostile import Provider


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """A provider on loopback; every case gives it other lies to tell."""
    found = Provider(Clock()).start()
    yield found
    found.stop()


@pytest.fixture
def gatehouse(provider: Provider, database: Database, tmp_path: Path) -> Iterator[World]:
    """A fresh application for one test, on both kinds of database."""
    clock = provider.clock
    assert isinstance(clock, Clock)
    provider.reset()
    made = make_world(tmp_path, provider, clock, database.url)
    yield made
    made.door.store.engine.dispose()


@pytest.fixture(scope="module")
def entrance(provider: Provider, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A real application on a real SQLite file."""
    folder = tmp_path_factory.mktemp("school")
    database = shutil.copy(sqlite_template, folder / "meldcode.sqlite")
    clock = provider.clock
    assert isinstance(clock, Clock)
    made = make_world(folder, provider, clock, f"sqlite:///{database}")
    yield made
    made.door.store.engine.dispose()
