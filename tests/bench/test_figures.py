"""Prints what safety costs. Nothing here fails on a clock: the figures are ratios of medians of interleaved rounds."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.bench.clients import Client, serving
from tests.bench.school import School, fill
from tests.machine.databases import KINDS
from tests.machine.postgres import ADMIN, APP, Postgres
from tests.machine.process import short_folder

JOBS = ("record", "dossier", "worklist")
SMALL = 1_000
LARGE = int(float(os.environ.get("MELD_SCALE", "1")) * 100_000)
"""How many dossiers a small and a large school have."""
ROUNDS, IN_A_ROUND, WARM = 20, 4, 5
PAGE = Path(__file__).parents[2] / "docs/figures.md"
FIGURES = PAGE.with_suffix(".json")
START, END = "<!-- figures: written by tests/bench -->", "<!-- end of figures -->"
AIMS = {"ratio": 2.0, "growth": 1.2, "memory": 120, "import": 0.5}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_what_safety_costs(kind: str, request: pytest.FixtureRequest, figures: dict[str, Any]):
    """Each job on floor and product, on a small and a large school, round by round in turn."""
    with ExitStack() as stack:
        schools = {cases: _filled(kind, cases, request, stack) for cases in (SMALL, LARGE)}
        clients = {
            (what, cases): stack.enter_context(serving(what, school, f"{kind} {cases}"))
            for cases, school in schools.items()
            for what in ("floor", "product")
        }
        clients["logged", LARGE] = stack.enter_context(serving("logged", schools[LARGE], f"{kind} {LARGE}"))
        _rounds(list(clients.values()))
        figures[kind] = {job: _job(clients, job) for job in JOBS}
        figures[kind]["memory"] = round(clients["product", LARGE].memory(), 1)
        figures[kind]["fill seconds"] = round(schools[LARGE].seconds, 1)
    _print(kind, figures[kind])


def test_how_long_the_import_takes(figures: dict[str, Any]):
    """The package alone, and with everything that the application needs; beside Flask and SQLAlchemy alone."""
    wanted = {
        "import meldcode_plugin": "meldcode_plugin",
        "import of the whole application": "meldcode_plugin.extension",
        "import flask, sqlalchemy.orm (floor)": "flask, sqlalchemy.orm",
    }
    for name, modules in wanted.items():
        figures[name] = round(statistics.median(_import(modules) for _ in range(5)), 3)
        print(f"{name}: {figures[name]:.3f} s")


def _import(modules: str) -> float:
    program = f"import time; t = time.perf_counter(); import {modules}; print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _filled(kind: str, cases: int, request: pytest.FixtureRequest, stack: ExitStack) -> School:
    folder = stack.enter_context(short_folder(f"bench-{kind[:2]}"))
    if kind == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), folder / 'meldcode.sqlite')}"
        return fill(url, url, None, folder, cases)
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.create(request.getfixturevalue("postgresql_template"))
    stack.callback(postgres.drop, name)
    return fill(postgres.url(name), postgres.url(name, ADMIN), APP, folder, cases)


def _rounds(clients: list[Client]) -> None:
    """Ask everybody in turn, so that a slow moment of the machine hits all alike."""
    for client in clients:
        for job in JOBS:
            for _ in range(WARM):
                client.ask(job)
        client.times.clear()
    for _ in range(ROUNDS):
        for job in JOBS:
            for client in clients:
                for _ in range(IN_A_ROUND):
                    client.ask(job)


def _job(clients: dict[tuple[str, int], Client], job: str) -> dict[str, float]:
    middle = {key: statistics.median(client.times[job]) * 1000 for key, client in clients.items()}
    return {
        "floor ms": round(middle["floor", LARGE], 2),
        "product ms": round(middle["product", LARGE], 2),
        "ratio": round(middle["product", LARGE] / middle["floor", LARGE], 2),
        "ratio logged": round(middle["product", LARGE] / middle["logged", LARGE], 2),
        "ratio small": round(middle["product", SMALL] / middle["floor", SMALL], 2),
        "growth": round(middle["product", LARGE] / middle["product", SMALL], 2),
        "growth of the floor": round(middle["floor", LARGE] / middle["floor", SMALL], 2),
    }


def _print(kind: str, found: dict[str, Any]) -> None:
    print(f"\n{kind}: {SMALL:,} and {LARGE:,} cases, loaded in {found['fill seconds']} s")
    for job in JOBS:
        print(f"  {job:9}" + "".join(f"  {name} {value:>7}" for name, value in found[job].items()))
    print(f"  web process {found['memory']} MiB")


@pytest.fixture(scope="module")
def figures():
    """The figures of this run, written down for the page about them."""
    found: dict[str, Any] = {"aims": AIMS, "cases": {"small": SMALL, "large": LARGE}}
    yield found
    if LARGE >= 100_000 and set(KINDS) <= set(found):
        FIGURES.write_text(json.dumps(found, indent=1) + "\n")
        before, _, rest = PAGE.read_text().partition(START)
        PAGE.write_text(f"{before}{START}\n\n{_table(found)}\n{END}{rest.partition(END)[2]}")


def _table(found: dict[str, Any]) -> str:
    """Return the figures as the page shows them; what is over its aim is in bold."""
    heads = ("floor", "product", "times the floor", "times a floor that logs", "growth", "growth of the floor")
    lines = [f"| | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
    for kind in KINDS:
        for job in JOBS:
            one = found[kind][job]
            cells = (f"{one['floor ms']} ms", f"{one['product ms']} ms", _aim(one["ratio"], AIMS["ratio"]))
            grown = (str(one["ratio logged"]), _aim(one["growth"], AIMS["growth"]), str(one["growth of the floor"]))
            lines.append(f"| {kind}, {job} | {' | '.join((*cells, *grown))} |")
    memory = ", ".join(f"{_aim(found[kind]['memory'], AIMS['memory'])} MiB on {kind}" for kind in KINDS)
    seconds = ", ".join(f"{name}: {value} s" for name, value in found.items() if name.startswith("import"))
    return "\n".join((*lines, "", f"Web process: {memory}.", "", f"Imports: {seconds}.", ""))


def _aim(value: float, most: float) -> str:
    return str(value) if value <= most else f"**{value}**"
