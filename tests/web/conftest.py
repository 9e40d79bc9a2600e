"""The application with a test client, on SQLite: no browser, no server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from meldcode_plugin.services import cases
from tests.doors.house import House, make_house
from tests.machine.databases import Database
from tests.world import ISSUER, make_world


@pytest.fixture
def house(sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    """A school with one signal about Aya, and everybody signed in."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'meldcode.sqlite')}"
    made = make_house(make_world(Database("sqlite", url, url), tmp_path), ISSUER)
    yield made
    for app in (made.app, made.other_app):
        app.extensions["meldcode"].store.engine.dispose()
    made.world.store.engine.dispose()


@pytest.fixture
def case(house: House) -> str:
    """A case that the IB-er took up."""
    with house.world.work(house.world.ib) as work:
        cases.accept(work, UUID(house.ids["case"]))
    return house.ids["case"]
