"""Prints at the end of a run what the suites counted, in whichever process a test ran; it knows no suite."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import pytest

Figures = Callable[[str], None]


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Hand in a line with what was counted."""
    return lambda line: record_property("figure", line)


@pytest.fixture
def tally(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """Count under the names of the module's ``TABLE``; the counts of all its tests are added up."""
    counts: Counter[str] = Counter()
    yield counts
    record_property("tally", [request.module.TABLE, dict(counts)])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test carry the numbers of the rules that it proves."""
    for item in items:
        item.user_properties += [("rule", rule) for mark in item.iter_markers("rule") for rule in mark.args]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the lines, the sums, and which test proves which rule of the code (R18-R58)."""
    ended = [report for reports in terminalreporter.stats.values() for report in reports]
    told = [report for report in ended if getattr(report, "when", "") == "teardown"]
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for report in told:
        for name, value in report.user_properties:
            if name == "figure":
                terminalreporter.write_line(value)
            elif name == "tally":
                sums[value[0]].update(value[1])
    for table, counts in sums.items():
        terminalreporter.write_line(f"{table}: " + ", ".join(f"{name} {number}" for name, number in counts.items()))
    _rules(terminalreporter, told)


def _rules(terminalreporter: pytest.TerminalReporter, told: list[pytest.TestReport]) -> None:
    proved: dict[str, list[str]] = defaultdict(list)
    for report in told:
        for name, rule in report.user_properties:
            if name == "rule" and (test := report.nodeid.split("[")[0]) not in proved[str(rule)]:
                proved[str(rule)].append(test)
    asked = [f"R{number}" for number in range(18, 59)]
    if not any(proved[rule] for rule in asked):
        return
    terminalreporter.section("rule → test")
    for rule in asked:
        for test in sorted(proved[rule]):
            file, _, name = test.partition("::")
            terminalreporter.write_line(f"{rule:<4} {name}  {file}")
    empty = [rule for rule in asked if not proved[rule]]
    terminalreporter.write_line(f"without a test: {', '.join(empty) or 'none'}")
