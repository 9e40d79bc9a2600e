"""The people around a case: owner, deputy, hand-over with yes or no, kept out, and who comes when nobody may."""

from __future__ import annotations

from uuid import UUID

import pytest

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed, NotVisible
from meldcode_plugin.rules.entries import DirectorInformed
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, circle, people, steps
from tests.world import MONDAY, World


def _around(world: World, viewer: Viewer, case: UUID) -> circle.Circle:
    with world.work(viewer) as work:
        return cases.dossier(work, case).circle


def _offer(world: World, case: UUID, to: Viewer, note: str = "Ik ga met verlof.") -> UUID:
    with world.work(world.ib) as work:
        circle.hand_over(work, case, to.person_id, note)
    with world.work(to) as work:
        return circle.offers(work)[-1].id


def _sees(world: World, viewer: Viewer, case: UUID) -> bool:
    try:
        with world.work(viewer) as work:
            cases.dossier(work, case)
    except NotVisible:
        return False
    return True


def test_who_takes_up_a_case_owns_it_and_another_can_take_it_over(world: World, case: UUID):
    """R10: a case has an owner by name; a colleague can take it at once, and cannot take what is theirs already."""
    assert (around := _around(world, world.second_ib, case)).owner
    assert (around.owner.name, around.deputy, around.is_owner) == ("Marijke van Dam", None, False)
    with world.work(world.second_ib) as work:
        circle.take(work, case)
    assert _around(world, world.second_ib, case).is_owner
    with world.work(world.second_ib) as work, pytest.raises(AlreadyDone):
        circle.take(work, case)


def test_a_hand_over_changes_nothing_until_it_is_accepted(world: World, case: UUID):
    """The old owner stays; who it is offered to reads the note and not the case; accepted, it is theirs."""
    offer = _offer(world, case, world.af)
    assert (around := _around(world, world.ib, case)).is_owner
    assert around.offer
    assert (around.offered_to, around.offer.accepted) == ("Anja Faber", None)
    assert not _sees(world, world.af, case)
    with world.work(world.af) as work:
        (waiting,) = circle.offers(work)
        assert (waiting.name, waiting.note, waiting.is_visible) == ("Marijke van Dam", "Ik ga met verlof.", False)
    with world.work(world.af) as work:
        assert circle.accept(work, offer) == case
    around = _around(world, world.af, case)
    assert (around.is_owner, around.may_change) == (True, True)
    with world.work(world.af) as work:
        assert circle.offers(work) == []


def test_a_refused_hand_over_comes_back_with_its_reason(world: World, case: UUID):
    """Without a reason it is not refused; with one the owner reads who said no, and why."""
    offer = _offer(world, case, world.af)
    with world.work(world.af) as work, pytest.raises(InputRefused):
        circle.refuse(work, offer, "  ")
    with world.work(world.af) as work:
        circle.refuse(work, offer, "Ik ken dit gezin.")
    around = _around(world, world.ib, case)
    assert around.offer
    assert (around.is_owner, around.offer.accepted, around.offer.reason) == (True, False, "Ik ken dit gezin.")
    assert not _sees(world, world.af, case)
    with world.work(world.af) as work, pytest.raises(NotVisible):
        circle.accept(work, offer)


@pytest.mark.parametrize("name", ["ib", "second_ib", "director", "board", "teacher", "excluded_ib", "other_school_ib"])
def test_nobody_else_answers_a_hand_over(world: World, case: UUID, name: str):
    """Not who offered it, not an IB-er who sees the case, and nobody from outside."""
    offer = _offer(world, case, world.af)
    for answer in (circle.accept, lambda work, one: circle.refuse(work, one, "Nee.")):
        with world.work(getattr(world, name)) as work, pytest.raises(NotVisible):
            answer(work, offer)


def test_a_newer_offer_takes_the_place_of_the_older_one(world: World, case: UUID):
    """Only the newest can be accepted: a case has one owner."""
    older = _offer(world, case, world.af)
    newer = _offer(world, case, world.second_ib)
    with world.work(world.af) as work, pytest.raises(NotVisible):
        circle.accept(work, older)
    with world.work(world.second_ib) as work:
        circle.accept(work, newer)
    assert _around(world, world.second_ib, case).is_owner


@pytest.mark.parametrize("name", ["teacher", "director", "board", "excluded_ib", "ib", "admin"])
def test_it_is_offered_only_to_who_can_handle_it(world: World, case: UUID, name: str):
    """Not to oneself, to somebody without the role, or to somebody who is kept out of it."""
    with world.work(world.ib) as work, pytest.raises(InputRefused):
        circle.hand_over(work, case, getattr(world, name).person_id, "")
    with world.work(world.ib) as work, pytest.raises(InputRefused):
        circle.hand_over(work, case, None, "")


def test_the_deputy_sees_the_case_and_is_somebody_else_than_the_owner(world: World, case: UUID):
    """An AF as deputy comes to the case; taken away again it is gone; the owner can not be their own deputy."""
    with world.work(world.ib) as work:
        circle.set_deputy(work, case, world.af.person_id)
    assert _sees(world, world.af, case)
    with world.work(world.ib) as work:
        circle.set_deputy(work, case, None)
    assert not _sees(world, world.af, case)
    with world.work(world.ib) as work, pytest.raises(InputRefused):
        circle.set_deputy(work, case, world.ib.person_id)


@pytest.mark.parametrize(
    "name", ["teacher", "af", "director", "board", "fg", "admin", "excluded_ib", "other_school_ib"]
)
def test_others_change_nothing_around_a_case(world: World, case: UUID, name: str):
    """Who does not handle the case can not take it, hand it over, choose a deputy or keep somebody out."""
    viewer, person = getattr(world, name), world.colleague.person_id
    for act in (
        lambda work: circle.take(work, case),
        lambda work: circle.hand_over(work, case, world.second_ib.person_id, ""),
        lambda work: circle.set_deputy(work, case, world.second_ib.person_id),
        lambda work: circle.keep_out(work, case, person, "Familie."),
        lambda work: circle.choices(work, case),
    ):
        with world.work(viewer) as work, pytest.raises(NotVisible):
            act(work)


def test_an_informed_director_reads_the_circle_and_changes_nothing(world: World, case: UUID):
    """R20: the director sees who owns the case; owner and deputy are chosen by who handles it."""
    with world.work(world.ib) as work:
        steps.add(work, case, DirectorInformed(told_on=MONDAY.date()))
    around = _around(world, world.director, case)
    assert around.owner
    assert (around.owner.name, around.may_change) == ("Marijke van Dam", False)
    with world.work(world.director) as work, pytest.raises(NotAllowed):
        circle.take(work, case)


def test_who_is_kept_out_loses_the_case_at_once(world: World, case: UUID):
    """5.2: an excluded owner owns nothing, the deputy moves up, and an offer to somebody excluded is over."""
    with world.work(world.ib) as work:
        circle.set_deputy(work, case, world.af.person_id)
        circle.hand_over(work, case, world.second_ib.person_id, "")
        circle.keep_out(work, case, world.second_ib.person_id, "Zij is de tante.")
    assert not _sees(world, world.second_ib, case)
    with world.work(world.second_ib) as work:
        assert circle.offers(work) == []
    with world.work(world.ib) as work:
        people.exclude_self(work, case)
    around = _around(world, world.af, case)
    assert around.owner
    assert (around.owner.name, around.deputy) == ("Anja Faber", None)


def test_keeping_out_asks_who_and_why(world: World, case: UUID):
    """Without a person or a reason nobody is kept out."""
    with world.work(world.ib) as work, pytest.raises(InputRefused) as why:
        circle.keep_out(work, case, None, " ")
    assert set(why.value.fields) == {"outsider", "why"}


def test_the_director_appoints_where_no_ib_er_may_come(world: World):
    """5.2: the director knows the number, not the child; who is appointed handles the case."""
    case = _closed_to_all_ibs(world)
    assert not _sees(world, world.director, case)
    with world.work(world.director) as work:
        (number,) = circle.without_handler(work)
    assert (number.id, [one.name for one in number.able]) == (case, ["Anja Faber"])
    with world.work(world.director) as work, pytest.raises(InputRefused):
        circle.appoint(work, case, world.director.person_id)
    with world.work(world.director) as work:
        circle.appoint(work, case, world.af.person_id)
    assert _around(world, world.af, case).is_owner
    assert not _sees(world, world.director, case)
    with world.work(world.director) as work:
        assert circle.without_handler(work) == []


def test_without_ib_er_and_af_the_director_handles_it(world: World):
    """Where AFs are kept out too the director owns the case, takes it up and adds to it."""
    case = _closed_to_all_ibs(world)
    _keep_out(world, case, world.af)
    with world.work(world.director) as work:
        circle.appoint(work, case, world.director.person_id)
    with world.work(world.director) as work:
        assert cases.accept(work, case) == 1
        steps.add(work, case, DirectorInformed(told_on=MONDAY.date()))
        shown = cases.dossier(work, case)
    assert (shown.may_handle, shown.circle.is_owner, shown.circle.may_change) == (True, True, True)


def test_the_board_stands_in_where_the_director_is_excluded(world: World):
    """5.2: with the director excluded too, the board knows the number, handles the case and says yes or no."""
    case = _closed_to_all_ibs(world)
    for viewer in (world.board, world.director):
        with world.work(viewer) as work:
            assert len(circle.without_handler(work)) == (1 if viewer is world.director else 0)
    _keep_out(world, case, world.af)
    _keep_out(world, case, world.director)
    with world.work(world.director) as work:
        assert circle.without_handler(work) == []
    with world.work(world.director) as work, pytest.raises(NotVisible):
        circle.appoint(work, case, world.board.person_id)
    with world.work(world.board) as work:
        circle.appoint(work, case, world.board.person_id)
    with world.work(world.board) as work:
        assert cases.accept(work, case) == 1
        assert cases.dossier(work, case).may_close


def test_the_board_sees_what_an_excluded_director_was_informed_of(world: World, case: UUID):
    """5.1: the board sees a whole case only where every director is excluded; then as the director would."""
    with world.work(world.ib) as work:
        steps.add(work, case, DirectorInformed(told_on=MONDAY.date()))
    assert not _sees(world, world.board, case)
    with world.work(world.ib) as work:
        circle.keep_out(work, case, world.director.person_id, "Hij is de vader.")
    assert _sees(world, world.board, case)
    assert not _sees(world, world.director, case)


@pytest.mark.parametrize("name", ["teacher", "ib", "af", "fg", "admin"])
def test_others_know_no_numbers(world: World, name: str):
    """Only director and board see that there is a case without a handler."""
    case = _closed_to_all_ibs(world)
    viewer = getattr(world, name)
    for act in (circle.without_handler, lambda work: circle.appoint(work, case, viewer.person_id)):
        with world.work(viewer) as work, pytest.raises(NotAllowed):
            act(work)


def _keep_out(world: World, case: UUID, viewer: Viewer) -> None:
    with world.system() as work:
        people.people.add_exclusion(work, viewer.person_id, "Familie.", case_id=case)


def _closed_to_all_ibs(world: World) -> UUID:
    world.record(about=world.other_pupil)
    case = world.case_of(world.other_pupil)
    for viewer in (world.second_ib, world.excluded_ib, world.ib):
        with world.work(viewer) as work:
            people.exclude_self(work, case)
    return case


@pytest.fixture
def case(world: World) -> UUID:
    """A case about Aya that the IB-er took up."""
    world.record()
    found = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, found)
    return found
