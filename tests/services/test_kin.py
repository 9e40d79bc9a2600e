"""The question at opening: does a parent or relative work here (domain 5.2)."""

from __future__ import annotations

from uuid import UUID

import pytest

from meldcode_plugin.errors import InputRefused, NotVisible
from meldcode_plugin.services import cases, kin, steps
from tests.world import World


def _points(world: World, case: UUID) -> tuple[str, bool]:
    with world.work(world.ib) as work:
        standing = steps.standing(work, cases.dossier(work, case))
    return standing.kin, "5.2" in [point.rule for point in standing.open_points]


@pytest.mark.parametrize("said", ["", "misschien"])
def test_nothing_is_taken_up_without_an_answer(world: World, case: UUID, said: str):
    """The first time the question must be answered; the signal stays new until it is."""
    with world.work(world.ib) as work, pytest.raises(InputRefused) as why:
        kin.take_up(work, case, said, None)
    assert set(why.value.fields) == {"kin"}
    with world.work(world.ib) as work:
        assert cases.dossier(work, case).waiting == 1


def test_no_closes_the_question_and_it_is_asked_once(world: World, case: UUID):
    """Answered with no it is no open point; the next signal is taken up without being asked again."""
    assert _points(world, case) == ("", True)
    with world.work(world.ib) as work:
        assert kin.take_up(work, case, "no", None) == 1
    assert _points(world, case) == ("no", False)
    world.record(world.signal("Nog iets."), about=world.other_pupil)
    with world.work(world.ib) as work:
        assert kin.take_up(work, case, "", None) == 1


def test_yes_keeps_that_person_out_at_once(world: World, case: UUID):
    """Without a person it is refused; with one that person no longer comes to the case."""
    with world.work(world.ib) as work, pytest.raises(InputRefused) as why:
        kin.take_up(work, case, "yes", None)
    assert set(why.value.fields) == {"kin_person"}
    with world.work(world.ib) as work:
        kin.take_up(work, case, "yes", world.second_ib.person_id)
    assert _points(world, case) == ("yes", False)
    with world.work(world.second_ib) as work, pytest.raises(NotVisible):
        cases.dossier(work, case)


def test_not_knowing_stays_an_open_point_until_it_is_known(world: World, case: UUID):
    """'Weet niet' lets the case be taken up, and keeps asking."""
    with world.work(world.ib) as work:
        kin.take_up(work, case, "unknown", None)
    assert _points(world, case) == ("unknown", True)
    with world.work(world.ib) as work:
        kin.answer(work, case, "no", None)
    assert _points(world, case) == ("no", False)


@pytest.mark.parametrize("name", ["teacher", "af", "director", "board", "fg", "admin", "other_school_ib"])
def test_others_are_not_asked(world: World, case: UUID, name: str):
    """Who does not handle the case can not answer, nor learn that there is one."""
    for act in (kin.take_up, kin.answer):
        with world.work(getattr(world, name)) as work, pytest.raises(NotVisible):
            act(work, case, "no", None)


@pytest.fixture
def case(world: World) -> UUID:
    """A new case about Bram."""
    world.record(about=world.other_pupil)
    return world.case_of(world.other_pupil)
