"""A large school: the command that looks at its roster, in a process of its own, stays small; prints what it took."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from meldcode_plugin.services import roster
from meldcode_plugin.store.ledger import PupilCard
from tests.integrations.school import SCHOOL, TownSchool
from tests.integrations.server import Manners, RosterServer
from tests.integrations.test_edexml import edexml
from tests.integrations.test_oneroster_csv import town, zipped
from tests.machine.figures import Figures
from tests.tasks.installation import config_of
from tests.world import World

LARGE = TownSchool(2000, 5000, 150)
MOST_MIB = 150
SYNC = """
import re, sys, time
began = time.monotonic()
from pathlib import Path
from meldcode_plugin.cli import main
sys.argv = ["meldcode", "roster", "sync"]
try:
    main()
finally:
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
    print("peak", peak, "clock", time.monotonic() - began, "work", time.process_time())
"""


@pytest.fixture
def with_dossiers(world: World) -> World:
    """Thirty dossiers of pupils of the large school."""
    for child in LARGE.children()[::70]:
        world.record(about=PupilCard(child.id, child.name, child.born, "Groep 1"))
    return world


def looked(world: World, source: str, options: dict[str, Any]) -> tuple[float, str]:
    """Run the command as a timer does, all settings in its environment; return its peak in MiB, and a line."""
    found = {key: str(value) for key, value in config_of(world).items() if key.startswith("MELDCODE_")}
    found |= {"MELDCODE_SOURCE": source, "MELDCODE_SOURCE_OPTIONS": json.dumps(options)}
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MELDCODE_")}
    done = subprocess.run([sys.executable, "-c", SYNC], env=kept | found, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    _, peak, _, clock, _, work = done.stdout.splitlines()[-1].split()
    told = f"{float(peak):.0f} MiB, {float(clock):.1f} s on the clock, {float(work):.1f} s of work, start included"
    return float(peak), told


def ways(folder: Path) -> dict[str, dict[str, Any]]:
    """Write the large school as the files that systems export; return the options of each adapter to files."""
    folder.mkdir()
    (folder / "edexml.xml").write_bytes(edexml(TownSchool(3000, 0)))
    zipped(folder / "export.zip", town(school=LARGE))
    return {
        "oneroster_csv": {"path": str(folder / "export.zip"), "school": SCHOOL},
        "edexml": {"path": str(folder / "edexml.xml"), "school": SCHOOL},
    }


def test_a_large_school_is_looked_at_within_bounds(with_dossiers: World, tmp_path: Path, figures: Figures):
    """2,000 pupils and 5,000 guardians over the network, or in CSV, and 3,000 pupils in EDEXML: all, and in little."""
    with RosterServer(LARGE, Manners.real_ones()) as server:
        asked = {"oneroster": server.options(), **ways(tmp_path / "exports")}
        for source, options in asked.items():
            peak, told = looked(with_dossiers, source, options)
            with with_dossiers.system() as work:
                last = roster.last_sync(work)
            assert last is not None
            counts = (3000, 0) if source == "edexml" else (2000, 5000)
            assert ("", counts) == (last.fault, (last.pupils, last.guardians))
            kind = with_dossiers.database.kind
            figures(f"roster on {kind}, {source}: {counts[0]} pupils, {counts[1]} guardians: {told}")
            assert peak < MOST_MIB
