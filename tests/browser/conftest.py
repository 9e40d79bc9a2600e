"""The school whose pages are looked at: one for a whole file, or a fresh one for a test that changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.school import School, fill, start, stop
from tests.machine.databases import Database
from tests.world import make_world


@pytest.fixture
def own_school(browser: Browser, sqlite_template: Path, tmp_path: Path) -> Iterator[School]:
    """A fresh school without a single signal, for a test that changes it."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'meldcode.sqlite')}"
    school = start(make_world(Database("sqlite", url, url), tmp_path), browser)
    yield school
    stop(school)


@pytest.fixture(scope="module")
def served(browser: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with something on every page, for all tests of a file."""
    folder = tmp_path_factory.mktemp("school")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'meldcode.sqlite')}"
    school = start(make_world(Database("sqlite", url, url), folder), browser)
    fill(school)
    yield school
    stop(school)


@pytest.fixture
def school(served: School) -> Iterator[School]:
    """The school, with its browser windows closed after the test."""
    yield served
    served.close_all()
