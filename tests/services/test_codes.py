"""The school's own code by version: the director makes one, a case keeps the one that it began under (R61)."""

from __future__ import annotations

import pytest

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed, StepRefused
from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.code import STEP_NAMES, CodeText
from meldcode_plugin.services import cases, codes, steps
from tests.rules.desk import a
from tests.world import World

OWN = CodeText(step1="Kijken", weighing=1, feedback="Wij kijken mee.", support="Bel Ruud.")


def change(world: World, text: CodeText = OWN, seen: int = 1) -> int:
    """Make a version as the director."""
    with world.work(world.director) as work:
        return codes.change(work, text, seen)


def running(world: World, pupil: str) -> steps.Standing:
    """Take up a signal about a pupil and return where the case stands."""
    card = world.card(pupil)
    world.record(about=card)
    case_id = world.case_of(card)
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    with world.work(world.ib) as work:
        return steps.standing(work, cases.dossier(work, case_id))


def test_a_case_keeps_the_version_that_it_began_under(world: World):
    """The first case goes on under the first code, with five questions; the next one begins under the new one."""
    first = running(world, "2601")
    assert change(world) == 2
    again = running(world, "2601")
    second = running(world, "2602")
    assert (first.code.number, again.code.number, second.code.number) == (1, 1, 2)
    assert (again.code.text.steps[0], second.code.text.steps[0]) == (STEP_NAMES[0], "Kijken")
    for pupil, asked in (
        ("2601", frozenset()),
        ("2602", frozenset({"suspicion", "unsafe", "able", "accept", "result"})),
    ):
        case_id = world.case_of(world.card(pupil))
        with world.work(world.ib) as work:
            shown = cases.dossier(work, case_id)
            assert steps.beside(work, shown, e.Weighing).not_asked == asked


def test_a_weighing_is_kept_with_the_table_of_its_case(world: World):
    """Under the older code the five questions are refused, and what is kept says which table was in force."""
    change(world)
    running(world, "2602")
    case_id = world.case_of(world.other_pupil)
    with pytest.raises(StepRefused), world.work(world.ib) as work:
        steps.add(work, case_id, a(e.Weighing))
    with world.work(world.ib) as work:
        steps.add(work, case_id, a(e.Weighing, suspicion="open", unsafe="open"))
    with world.work(world.ib) as work:
        kept = cases.dossier(work, case_id).timeline[-1].content
    assert isinstance(kept, e.Weighing)
    assert kept.code_version == 1


def test_all_staff_read_it_and_the_director_alone_makes_a_version(world: World):
    """Who made it and when stands there; nobody else's is kept."""
    for who in (world.teacher, world.ib, world.board, world.admin):
        with pytest.raises(NotAllowed), world.work(who) as work:
            codes.change(work, OWN, 1)
    change(world)
    with world.work(world.teacher) as work:
        found = codes.current(work)
    assert (found.number, found.text, found.made_at) == (2, OWN, world.clock())
    assert found.made_by == world.director.name


def test_another_school_has_its_own(world: World):
    """What one school changes, another does not read."""
    change(world)
    with world.work(world.other_school_teacher) as work:
        assert codes.current(work) == codes.Code(1, CodeText())


def test_two_at_once_make_no_version_unseen(world: World):
    """Who wrote on an older version is asked to read the newer one first; a version with a fault is none."""
    change(world)
    with pytest.raises(AlreadyDone):
        change(world)
    with pytest.raises(InputRefused) as refused:
        change(world, CodeText(step3=""), 2)
    assert list(refused.value.fields) == ["step3"]
    assert change(world, OWN, 2) == 3


def test_the_feedback_is_the_words_of_the_school(world: World):
    """The form of the IB-er starts with them, and who reports reads what the school promises."""
    change(world)
    running(world, "2602")
    case_id = world.case_of(world.other_pupil)
    with world.work(world.ib) as work:
        shown = cases.dossier(work, case_id)
        assert steps.beside(work, shown, e.SignallerFeedback).prefill.values == {"text": "Wij kijken mee."}
        assert steps.beside(work, shown, e.Report).support == "Bel Ruud."
        assert steps.beside(work, shown, e.Decision).support == ""
