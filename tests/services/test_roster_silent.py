"""What the roster said of parents who work here counts on a day on which the school's system is silent, and no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import NotVisible, SourceUnavailable
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import pupils
from meldcode_plugin.sis import Fault, Guardian
from meldcode_plugin.store import ledger
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.models.roster import StaffGuardian
from tests.services.test_roster import AYA, BRAM, Town, look, record
from tests.world import World

MOTHER = Guardian("Sanne de Boer", " Sanne@Wilgenhof.example")
SILENT = SourceUnavailable(code=Fault.AWAY, why="Away.")


@pytest.fixture
def town(world: World) -> Town:
    """The roster of the world's first school."""
    made = Town()
    world.door.source = made
    return made


def may_open(world: World, viewer: Viewer, pupil_id: str) -> bool:
    """Tell whether the form about a pupil opens for somebody."""
    try:
        pupils.find(world.door, viewer, pupil_id)
    except NotVisible:
        return False
    return True


def test_a_silent_system_tells_no_parent_that_there_is_a_signal(world: World, town: Town):
    """The form about their own child stays closed for a colleague, with and without a dossier; others may open it."""
    town.instead(replace(AYA, guardians=(MOTHER,)), BRAM)
    look(world)
    town.fault = SILENT
    bare = [may_open(world, who, "1") for who in (world.teacher, world.colleague)]
    record(world, "1", by=world.colleague)
    assert [False, True] == bare == [may_open(world, who, "1") for who in (world.teacher, world.colleague)]
    with world.system() as work:
        assert people_store.is_excluded(work, world.teacher.person_id, ledger.pupil_index(work, "1"))


def test_who_starts_here_is_known_as_a_parent_by_the_staff_list(world: World, town: Town):
    """A colleague whose first sign-in is on a silent day: the roster said that they work here and are a guardian."""
    named = (Guardian("Juf", "juf@wilgenhof.example"), Guardian("Meester", "meester@wilgenhof.example"))
    town.instead(replace(AYA, guardians=named), BRAM)
    look(world)
    town.fault = SILENT
    starts = world.enrol("juf", "Juf", email="juf@wilgenhof.example")
    left = world.enrol("meester", "Meester", email="meester@wilgenhof.example")
    assert [False, True, True] == [
        may_open(world, who, pupil_id) for who, pupil_id in ((starts, "1"), (starts, "2"), (left, "1"))
    ]


def test_of_guardians_who_do_not_work_here_nothing_is_kept(world: World, town: Town):
    """One row for the mother who works here, none for a thousand others; gone when the roster says so no more."""
    others = tuple(Guardian(f"Ouder {n}", f"ouder{n}@thuis.example") for n in range(1000))
    town.instead(replace(AYA, guardians=(MOTHER, *others)), replace(BRAM, guardians=others))
    look(world)
    assert [1] == [len(pairs(world))]
    town.fault = SILENT
    look(world)
    assert [1] == [len(pairs(world))]
    town.fault = None
    town.instead(AYA, BRAM)
    look(world)
    assert ([], True) == (pairs(world), may_open(world, world.teacher, "1"))


def pairs(world: World) -> list[StaffGuardian]:
    """Return what is kept of pupils with a guardian who works here."""
    with world.system() as work:
        return list(work.inner.scalars(sa.select(StaffGuardian)))
