"""Brothers and sisters: a proposal and a link for who may see both cases, and not a word for anybody else (5.2)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from meldcode_memory.twins import AwaySource
from meldcode_plugin.errors import AlreadyDone, NotVisible
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, circle, family, log, signals
from meldcode_plugin.services.family import Sibling
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.visibility import OF_TWO_CASES
from tests.world import World

AYA, ADAM = "2601", "2301"


def _siblings(world: World, viewer: Viewer, case: UUID) -> list[Sibling]:
    proposed = family.siblings_by_the_system(world.door, world.pupil)
    with world.work(viewer) as work:
        cases.dossier(work, case)
        return family.siblings(work, case, proposed)


def _link(world: World, pair: tuple[UUID, UUID]) -> UUID:
    with world.work(world.ib) as work:
        family.link(work, *pair)
    (found,) = _siblings(world, world.ib, pair[0])
    assert found.link_id
    return found.link_id


def test_the_system_proposes_and_a_person_links(world: World, pair: tuple[UUID, UUID]):
    """Nothing is linked by itself; linked, it shows in both cases, and linking again changes nothing."""
    (found,) = _siblings(world, world.ib, pair[0])
    assert (found.case_id, found.pupil and found.pupil.name, found.link_id) == (pair[1], "Adam Benali", None)
    link = _link(world, pair)
    assert _link(world, (pair[1], pair[0])) == link
    with world.work(world.second_ib) as work:
        cases.dossier(work, pair[1])
        assert [(one.case_id, one.link_id) for one in family.siblings(work, pair[1])] == [(pair[0], link)]


def test_each_child_is_weighed_apart(world: World, pair: tuple[UUID, UUID]):
    """A link brings no entry from one case into the other."""
    _link(world, pair)
    with world.work(world.ib) as work:
        assert [len(cases.dossier(work, one).timeline) for one in pair] == [1, 1]


def test_who_may_see_one_of_them_learns_nothing_of_the_other(world: World, pair: tuple[UUID, UUID]):
    """Neither the proposal nor the link shows, and linking or ending it does not work."""
    link = _link(world, pair)
    with world.work(world.ib) as work:
        circle.set_deputy(work, pair[0], world.af.person_id)
        circle.keep_out(work, pair[1], world.second_ib.person_id, "Zij is de tante.")
    for viewer in (world.af, world.second_ib):
        assert _siblings(world, viewer, pair[0]) == []
        with world.work(viewer) as work, pytest.raises(NotVisible):
            family.link(work, *pair)
        with world.work(viewer) as work, pytest.raises(AlreadyDone):
            family.unlink(work, pair[0], link)


def test_the_log_of_one_case_says_nothing_of_the_other(world: World, pair: tuple[UUID, UUID]):
    """That there is a link stands in the log of both cases, for the FG to read and for nobody else."""
    link = _link(world, pair)
    with world.work(world.ib) as work:
        family.unlink(work, pair[0], link)
    assert set(OF_TWO_CASES) == {Tag.FAMILY_LINKED, Tag.FAMILY_UNLINKED}
    for viewer, expected in ((world.fg, 4), (world.ib, 0), (world.second_ib, 0), (world.af, 0)):
        with world.work(viewer) as work:
            assert sum(line.event in OF_TWO_CASES for line in log.page(work).lines) == expected
    with world.work(world.ib) as work:
        read = [line.event for line in cases.dossier(work, pair[0]).readers]
    assert read
    assert not set(read) & set(OF_TWO_CASES)


def test_a_siblings_teacher_sees_nothing(world: World, pair: tuple[UUID, UUID]):
    """Who signalled about one child reads their own signal, and no link."""
    _link(world, pair)
    with world.work(world.colleague) as work:
        assert [one.pupil.name for one in signals.mine(work) if one.pupil] == ["Adam Benali"]
    for one in pair:
        with world.work(world.colleague) as work, pytest.raises(NotVisible):
            family.link(work, one, pair[0])


def test_a_link_ends_in_both(world: World, pair: tuple[UUID, UUID]):
    """Ended it is a proposal again; a link that is not of this case ends nothing."""
    link = _link(world, pair)
    world.record(about=world.other_pupil)
    other = world.case_of(world.other_pupil)
    with world.work(world.ib) as work, pytest.raises(AlreadyDone):
        family.unlink(work, other, link)
    with world.work(world.ib) as work:
        family.unlink(work, pair[1], link)
    (found,) = _siblings(world, world.ib, pair[0])
    assert found.link_id is None


def test_a_case_is_no_sibling_of_itself_or_of_nothing(world: World, pair: tuple[UUID, UUID]):
    """Only another case that is there."""
    for other in (pair[0], uuid4(), None):
        with world.work(world.ib) as work, pytest.raises(NotVisible):
            family.link(work, pair[0], other)


def test_a_silent_system_proposes_nothing(world: World, pair: tuple[UUID, UUID]):
    """The page still opens, without proposals; a child without a card has none."""
    card = world.pupil
    world.door.source = AwaySource()
    assert family.siblings_by_the_system(world.door, card) == ()
    assert family.siblings_by_the_system(world.door, None) == ()
    with world.work(world.ib) as work:
        assert family.siblings(work, pair[0]) == []


@pytest.fixture
def pair(world: World) -> tuple[UUID, UUID]:
    """The cases of Aya and her brother Adam; a colleague wrote about Adam."""
    world.record()
    world.record(about=world.card(ADAM), by=world.colleague)
    return world.case_of(), world.case_of(world.card(ADAM))
