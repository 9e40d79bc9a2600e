"""Figures of the fault suite, printed at the end of the run; it knows no fault."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.mailserver import mailserver

__all__ = ["mailserver"]

KEY = pytest.StashKey[list[str]]()
Figures = Callable[[str], None]


def pytest_configure(config: pytest.Config) -> None:
    """Begin without figures."""
    config.stash[KEY] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was counted."""
    lines = config.stash[KEY]
    if lines:
        terminalreporter.section("faults: lost, doubled, late")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture
def figures(pytestconfig: pytest.Config) -> Figures:
    """Hand in a line with what was counted."""
    return pytestconfig.stash[KEY].append
