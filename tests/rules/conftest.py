"""Prints which test proves which rule of the code (R18-R58), and which rules have none yet."""

from __future__ import annotations

from collections import defaultdict

import pytest

PROVED: dict[str, list[str]] = defaultdict(list)
ASKED = [f"R{number}" for number in range(18, 59)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remember for each rule the tests that carry its number."""
    for item in items:
        for mark in item.iter_markers("rule"):
            for rule in mark.args:
                name = item.nodeid.split("[")[0]
                if name not in PROVED[rule]:
                    PROVED[rule].append(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if not any(PROVED[rule] for rule in ASKED):
        return
    terminalreporter.section("rule → test")
    for rule in ASKED:
        for name in PROVED[rule]:
            file, _, test = name.partition("::")
            terminalreporter.write_line(f"{rule:<4} {test}  {file}")
    empty = [rule for rule in ASKED if not PROVED[rule]]
    terminalreporter.write_line(f"without a test: {', '.join(empty) or 'none'}")
