"""The school whose pages are looked at: one for a whole file, or a fresh one for a test that changes it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.school import School, fill, start, stop
from tests.machine.databases import Database
from tests.world import World, copy_world


@pytest.fixture
def own_school(browser: Browser, sqlite_seed: World, tmp_path: Path) -> Iterator[School]:
    """A fresh school without a single signal, for a test that changes it."""
    with _running(browser, sqlite_seed, tmp_path) as school:
        yield school


@pytest.fixture(scope="module")
def served(browser: Browser, sqlite_seed: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A school with something on every page, for all tests of a file."""
    with _running(browser, sqlite_seed, tmp_path_factory.mktemp("school")) as school:
        fill(school)
        yield school


@contextmanager
def _running(browser: Browser, seed: World, folder: Path) -> Iterator[School]:
    """Run a school on a copy of a world."""
    url = f"sqlite:///{shutil.copy(seed.folder / 'meldcode.sqlite', folder)}"
    school = start(copy_world(seed, Database("sqlite", url, url), folder), browser)
    yield school
    stop(school)


@pytest.fixture
def school(served: School) -> Iterator[School]:
    """The school, with its browser windows closed after the test."""
    yield served
    served.close_all()
