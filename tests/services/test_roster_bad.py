"""Real adapters over systems that are wrong: no dossier and no reader changes, the reason is told, teachers record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from meldcode_edexml import source as edexml_source
from meldcode_oneroster import source as oneroster_source
from meldcode_plugin.services import pupils, roster, signals
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.sis import Fault
from tests.integrations.school import SCHOOL as CODE
from tests.integrations.server import Manners, RosterServer
from tests.integrations.test_edexml import BAD, edexml
from tests.integrations.test_oneroster import FAULTS, QUICK, SCHOOL
from tests.machine.figures import Figures
from tests.services.test_roster_generated import stand
from tests.world import World

HALF = {"half": (Fault.FEWER, {"half": True})}
Spoil = tuple[str, Fault, Callable[[], None]]


@pytest.fixture
def known(world: World) -> World:
    """A world with dossiers of three pupils of the invented school, whatever its system says from now on."""
    for child in SCHOOL.children()[:3]:
        world.record(about=pupils.PupilCard(child.id, child.name, child.born, None))
    return world


def through_all(world: World, faults: list[Spoil], mend: Callable[[], None]) -> None:
    """Look at the roster at each fault, and let a teacher record about a pupil at each."""
    for name, code, spoil in faults:
        mend()
        assert "" == roster.sync(world.door).fault, name
        before = stand(world)
        spoil()
        told = roster.sync(world.door)
        assert (code, 0, True) == (told.fault, told.notices, bool(told.why)), name
        assert not [child.name for child in SCHOOL.children() if child.name in told.why]
        assert any(not one.ok and one.text for one in roster.check(world.door)), name
        assert before == stand(world), name
        with world.work(world.teacher) as work:
            card = pupils.PupilCard(SCHOOL.children()[0].id, known=False)
            assert signals.record(work, card, NewSignals(key=uuid4(), signals=(world.signal(),))), name


def test_a_server_that_is_wrong_changes_nothing(known: World, figures: Figures):
    """Half a school, a foreign one, wrong encoding, 500s, a page loop, silence and what else a server can do."""
    with RosterServer(SCHOOL, Manners.real_ones()) as server:
        known.door.source = oneroster_source(server.options(**QUICK))

        def mend() -> None:
            server.manners = Manners.real_ones()

        def spoil(bad: dict[str, Any]) -> Callable[[], None]:
            return lambda: [setattr(server.manners, key, value) for key, value in bad.items()] and None

        faults = [(name, code, spoil(bad)) for name, (code, bad) in (FAULTS | HALF).items()]
        through_all(known, faults, mend)
    figures(f"a server that is wrong on {known.database.kind}: {len(faults)} ways, no dossier and no reader changed")


def test_a_file_that_is_wrong_changes_nothing(known: World, tmp_path: Path, figures: Figures):
    """A DTD, a million rows, duplicate keys, half a file, another school and what else can stand in a file."""
    path = tmp_path / "edexml.xml"
    known.door.source = edexml_source({"path": str(path), "school": CODE})

    def write(body: Callable[[], bytes]) -> Callable[[], None]:
        return lambda: path.write_bytes(body()) and None

    whole = edexml(SCHOOL)
    half = {"half": (Fault.FEWER, lambda: edexml(type(SCHOOL)(20, 0)))}
    faults = [(name, code, write(body)) for name, (code, body) in (BAD | half).items()]
    through_all(known, faults, write(lambda: whole))
    figures(f"a file that is wrong on {known.database.kind}: {len(faults)} ways, no dossier and no reader changed")
