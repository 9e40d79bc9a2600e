"""Rosters that nobody would think of, one after the other: no case changes school, pupil, words or readers by them."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, people, roster
from meldcode_plugin.sis import Fault, Guardian, OtherId, Pupil
from meldcode_plugin.store.models.cases import Case
from tests.machine.figures import Figures
from tests.services.test_roster import AYA, BRAM, Town, record
from tests.world import World, scaled

ROSTERS = scaled(75, 300)
"""Every day a look at some, on both databases; MELD_SCALE=4 is the full run."""
NOOR = Pupil("3", "Noor Smit", date(2017, 5, 5), "Groep 6", (), (OtherId("identifier", "ll-3"),))
HERE = (AYA, BRAM, NOOR)
MAILS = (
    None,
    "",
    "thuis@elders.example",
    "ingrid@wilgenhof.example",
    "SANNE@wilgenhof.example ",
    "noor@wilgenhof.example",
)

ids = st.lists(
    st.builds(
        OtherId, st.sampled_from(("identifier", "eckid")), st.sampled_from(("ll-1", "ll-2", "ll-3", "")), st.booleans()
    ),
    max_size=3,
).map(tuple)
guardians = st.lists(st.builds(Guardian, st.just("Ouder"), st.sampled_from(MAILS)), max_size=2).map(tuple)
pupils = st.builds(
    Pupil,
    id=st.sampled_from(("1", "2", "3", "4", "5", "x1", "")),
    name=st.sampled_from((*(one.name for one in HERE), "Zoë Jansen", "")),
    birth_date=st.sampled_from((*(one.birth_date for one in HERE), None)),
    group=st.sampled_from(("Groep 4", None)),
    guardians=guardians,
    other_ids=ids,
)
whole = st.lists(pupils, min_size=1, max_size=8, unique_by=lambda one: one.id).map(tuple)
doubled = st.lists(pupils, max_size=8).map(tuple)
rosters = st.integers(0, 9).flatmap(lambda kind: {0: st.sampled_from(Fault), 1: doubled}.get(kind, whole))
"""Mostly such as an adapter could give; now and then two pupils with one number, or no answer at all."""


@pytest.fixture(scope="module")
def town(lasting_world: World) -> Town:
    """Three children with dossiers, one of them closed, and people who are kept away from them."""
    town = Town(pupils=HERE)
    lasting_world.door.source = town
    found = [record(lasting_world, one.id) for one in HERE]
    with lasting_world.work(lasting_world.ib) as work:
        cases.accept(work, found[2])
    lasting_world.close(found[2])
    with lasting_world.work(lasting_world.director) as work:
        people.exclude(work, lasting_world.colleague.person_id, "1", "Zij is de tante.")
        people.exclude(work, lasting_world.second_ib.person_id, "5", "Hij is de oom.")
    roster.sync(lasting_world.door)
    return town


def test_no_case_changes_school_or_readers(lasting_world: World, town: Town, figures: Figures):
    """Whatever a roster says, each case stays as it is, and the same people see it, and no other."""
    before, looks = stand(lasting_world), []

    @settings(
        max_examples=ROSTERS,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(said=rosters)
    def look(said: tuple[Pupil, ...] | Fault) -> None:
        town.fault = SourceUnavailable(code=said, why="Wrong.") if isinstance(said, Fault) else None
        town.pupils = HERE if isinstance(said, Fault) else said
        looks.append(roster.sync(lasting_world.door))
        assert before == stand(lasting_world)

    look()
    good = [one for one in looks if not one.fault]
    asked = sum(one.notices for one in good)
    kind = lasting_world.database.kind
    figures(f"rosters on {kind}: {len(looks)} of 300, {len(good)} compared, {asked} questions, no case changed")
    assert len(good) > len(looks) // 5
    assert asked > 0


def stand(world: World) -> tuple[list[Any], dict[UUID, set[str]]]:
    """Return each case as its row has it, and by whom it can be seen."""
    table = Case.__table__
    columns = [column for name, column in table.c.items() if name not in ("wrapped_key", "sealed_pupil")]
    with world.peek().connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.select(*columns).order_by(table.c.id))]
    readers: dict[UUID, set[str]] = {}
    for name, viewer in everybody(world):
        with world.glance(viewer) as work:
            for case_id in work.session.scalars(sa.select(Case.id)):
                readers.setdefault(case_id, set()).add(name)
    return rows, readers


def everybody(world: World) -> list[tuple[str, Viewer]]:
    """Return all people of both schools."""
    found = ((one.name, getattr(world, one.name)) for one in fields(world))
    return [(name, viewer) for name, viewer in found if isinstance(viewer, Viewer)]
