"""One hostile provider for the whole run, and a school's application beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.provider.harness import Clock, World, make_world
from tests.provider.hostile import Provider


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    """A provider on loopback; every case gives it other lies to tell."""
    found = Provider(Clock()).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def world(provider: Provider, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A real application on a real SQLite file."""
    folder = tmp_path_factory.mktemp("school")
    database = shutil.copy(sqlite_template, folder / "meldcode.sqlite")
    clock = provider.clock
    assert isinstance(clock, Clock)
    return make_world(folder, provider, clock, f"sqlite:///{database}")
