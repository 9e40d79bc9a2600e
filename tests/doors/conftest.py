"""The school whose doors are tried, once per file, and the provider that its sign-in page leads to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.doors.around import surround
from tests.doors.house import House, make_house, reach_every_state
from tests.machine.databases import Database
from tests.provider.hostile import Provider
from tests.world import make_world


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """The address of a provider that answers by the book."""
    provider = Provider(lambda: datetime.now(UTC)).start()  # noqa: TID251  # its own clock, which no test reads
    yield provider.issuer
    provider.stop()


@pytest.fixture(scope="module")
def house(issuer: str, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A school with one dossier about Aya, kept in each of its states."""
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'meldcode.sqlite')}"
    made = make_house(make_world(Database("sqlite", url, url), folder), issuer)
    reach_every_state(made, surround)
    yield made
    for app in (made.app, made.other_app):
        app.extensions["meldcode"].store.engine.dispose()
    made.world.store.engine.dispose()
