"""People: roles come by two hands, the last director stays, and nobody lifts what keeps them away."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed, NotVisible, SecondPersonNeeded
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import cases, circle, log, people
from meldcode_plugin.store import people as store
from meldcode_plugin.store.models.people import Person
from tests.services.test_signals import at_once
from tests.world import ISSUER, World


def test_role_counts_once_a_second_person_confirmed_it(world: World):
    """A proposed role is worth nothing; confirmed by another it is there."""
    grant = _propose(world, world.teacher, Role.IB)
    assert Role.IB not in _roles(world, world.teacher)
    with world.work(world.ib) as work:
        people.confirm_role(work, grant)
    assert Role.IB in _roles(world, world.teacher)


def test_who_proposed_it_can_not_confirm_it(world: World):
    """The director who proposed a role needs somebody else to confirm it."""
    grant = _propose(world, world.teacher, Role.IB)
    with pytest.raises(SecondPersonNeeded):
        _confirm(world, world.director, grant)


def test_nobody_confirms_their_own_role(world: World):
    """The person whom it is about can not confirm it, also when they may confirm others."""
    grant = _propose(world, world.ib, Role.DIRECTOR)
    with pytest.raises(SecondPersonNeeded):
        _confirm(world, world.ib, grant)
    assert Role.DIRECTOR not in _roles(world, world.ib)


@pytest.mark.parametrize("name", ["teacher", "ib", "af", "fg", "admin"])
def test_who_is_no_director_or_board_changes_no_role(world: World, name: str):
    """Nobody but director and board proposes, ends or excludes: an IT admin can give nobody a role, nor himself."""
    viewer: Viewer = getattr(world, name)
    grant = _propose(world, world.colleague, Role.IB)
    acts: list[tuple[Any, tuple[Any, ...]]] = [
        (people.propose_role, (viewer.person_id, Role.IB)),
        (people.end_role, (grant,)),
        (people.exclude, (world.ib.person_id, "2602", "x")),
    ]
    for act, arguments in acts:
        with pytest.raises(NotAllowed), world.work(viewer) as work:
            act(work, *arguments)


@pytest.mark.parametrize("name", ["teacher", "fg", "admin"])
def test_who_may_not_confirm_does_not(world: World, name: str):
    """A teacher, the FG and an IT admin can not be the second person."""
    grant = _propose(world, world.colleague, Role.IB)
    with pytest.raises(NotAllowed):
        _confirm(world, getattr(world, name), grant)


def test_a_role_is_proposed_and_confirmed_once(world: World):
    """The same role twice, or a confirmation twice, is refused as done."""
    grant = _propose(world, world.teacher, Role.IB)
    with pytest.raises(AlreadyDone):
        _propose(world, world.teacher, Role.IB)
    _confirm(world, world.ib, grant)
    with pytest.raises(AlreadyDone):
        _confirm(world, world.second_ib, grant)


def test_being_staff_is_not_appointed(world: World):
    """That somebody works here comes from the school's own sign-in and is no role to give."""
    with pytest.raises(InputRefused):
        _propose(world, world.teacher, Role.STAFF)


def test_last_director_stays(world: World):
    """The only director can not end their own role; once there is another, they can."""
    own = _grant_of(world, world.director, Role.DIRECTOR)
    with pytest.raises(AlreadyDone):
        _end(world, world.director, own)
    _confirm(world, world.ib, _propose(world, world.teacher, Role.DIRECTOR))
    _end(world, world.director, own)
    assert Role.DIRECTOR not in _roles(world, world.director)


def test_two_directors_who_end_each_other_leave_one(world: World):
    """When both directors are ended at the same moment, one of the two stays."""
    second = world.enrol("d2", "Tweede Directeur", Role.DIRECTOR)
    grants = [_grant_of(world, one, Role.DIRECTOR) for one in (world.director, second)]

    def end(number: int) -> str:
        try:
            _end(world, world.board, grants[number])
        except AlreadyDone:
            return "refused"
        return "ended"

    assert sorted(at_once(2, end)) == ["ended", "refused"]


def test_director_who_left_does_not_count(world: World):
    """A director who no longer works here does not stand in for the last one, and can be ended."""
    gone = world.enrol("d2", "Oude Directeur", Role.DIRECTOR)
    with world.system() as work:
        work.inner.get_one(Person, gone.person_id).active = False
    with pytest.raises(AlreadyDone):
        _end(world, world.board, _grant_of(world, world.director, Role.DIRECTOR))
    _end(world, world.board, _grant_of(world, gone, Role.DIRECTOR))


def test_who_left_is_out_at_once_and_comes_back_without_a_role(world: World):
    """Said twice is once: the account is off, roles and proposals have ended; back again, only staff is left."""
    _propose(world, world.ib, Role.AF)
    for _ in range(2):
        with world.work(world.director) as work:
            people.leave(work, world.ib.person_id)
    with world.system() as work:
        assert people.viewer_of(work, world.ib.person_id) is None
    for _ in range(2):
        with world.work(world.board) as work:
            people.come_back(work, world.ib.person_id)
    with world.system() as work:
        back = people.viewer_of(work, world.ib.person_id)
    assert back is not None
    assert frozenset({Role.STAFF}) == back.roles
    with world.work(world.director) as work:
        assert not [one for one in people.page(work).grants if one.person_id == world.ib.person_id]
    with world.work(world.fg) as work:
        events = [line.event for line in log.page(work, None).lines]
    assert (1, 1) == (events.count("person.left"), events.count("person.returned"))


def test_the_last_director_oneself_and_a_stranger_do_not_leave(world: World):
    """A director stays as long as there is no other; nobody says it of themselves, or of another school's people."""
    for by, who, refusal in (
        (world.board, world.director, AlreadyDone),
        (world.director, world.director, InputRefused),
        (world.director, world.other_school_teacher, NotVisible),
        (world.ib, world.teacher, NotAllowed),
    ):
        with pytest.raises(refusal), world.work(by) as work:
            people.leave(work, who.person_id)
    second = world.enrol("d2", "Tweede Directeur", Role.DIRECTOR)
    with world.work(second) as work:
        people.leave(work, world.director.person_id)
    with world.system() as work:
        assert people.viewer_of(work, world.director.person_id) is None


def test_withdrawn_proposal_can_not_be_confirmed(world: World):
    """A proposal that was withdrawn is gone."""
    grant = _propose(world, world.teacher, Role.IB)
    _end(world, world.director, grant)
    with pytest.raises(NotVisible):
        _confirm(world, world.ib, grant)


def test_first_people_of_a_school_are_installed_once(world: World):
    """At install the first director counts at once; a second one by the same way does not."""
    with world.system(world.other_school_id) as work:
        one, other = (people.enrol(work, ISSUER, name, name, "") for name in ("eerste", "tweede"))
        people.install(work, one, Role.DIRECTOR)
        people.install(work, other, Role.DIRECTOR)
        assert store.holders(work, Role.DIRECTOR) == [one]


def test_exclusion_counts_at_once_and_needs_a_reason(world: World):
    """Somebody whom the director excludes is kept out from that moment."""
    world.record(about=world.other_pupil)
    with pytest.raises(InputRefused), world.work(world.director) as work:
        people.exclude(work, world.ib.person_id, world.other_pupil.id, " ")
    with world.work(world.director) as work:
        people.exclude(work, world.ib.person_id, world.other_pupil.id, "Buurvrouw.")
    with world.work(world.ib) as work:
        assert cases.worklist(work).new == []


def test_nobody_judges_their_own_exclusion(world: World):
    """A director who is kept away from a child neither sees that row nor can reject it."""
    with world.work(world.board) as work:
        people.exclude(work, world.director.person_id, world.other_pupil.id, "Zijn nichtje.")
    with world.work(world.board) as work:
        row = next(one for one in people.page(work).exclusions if one.person_id == world.director.person_id)
    with world.work(world.director) as work:
        assert world.director.person_id not in {one.person_id for one in people.page(work).exclusions}
    for judge in (people.reject_exclusion, people.confirm_exclusion):
        with pytest.raises(NotVisible), world.work(world.director) as work:
            judge(work, row.id)


def test_director_does_not_learn_of_a_file_by_an_exclusion(world: World):
    """T6: that a parent was kept away by itself would tell that a file exists; who does not see it sees no row."""
    world.record(about=world.own_child, mails=world.mails_of(world.own_child.id))
    with world.work(world.director) as work:
        assert world.parent.person_id not in {one.person_id for one in people.page(work).exclusions}


def test_page_of_people_shows_reasons_to_who_decides_alone(world: World):
    """Roles are there for all who handle cases; who is kept away, and why, for director and board."""
    with world.work(world.ib) as work:
        assert people.page(work).exclusions == []
    with world.work(world.director) as work:
        assert ["Zij is de tante van dit kind."] == [one.reason for one in people.page(work).exclusions]
    with pytest.raises(NotAllowed), world.work(world.teacher) as work:
        people.page(work)


def test_first_sign_ins_at_once_make_one_person(world: World):
    """Somebody who signs in for the first time in several tabs is one person."""

    def enrol(_: int) -> UUID:
        with world.system() as work:
            return people.enrol(work, ISSUER, "new", "Nieuw", "nieuw@x.nl")

    assert len(set(at_once(8, enrol))) == 1


def test_account_is_issuer_and_subject_and_never_the_mail(world: World):
    """The same subject at another provider, or another subject with the same mail, is somebody else."""
    with world.system() as work:
        ids = [
            people.enrol(work, issuer, subject, "Naam", "zelfde@x.nl")
            for issuer, subject in ((ISSUER, "a"), (ISSUER, "b"), ("https://ander.example", "a"), (ISSUER, "a"))
        ]
        assert (len(set(ids)), ids[0]) == (3, ids[3])


def test_new_name_is_taken_over(world: World):
    """A name or mail address that changed at the provider is the one that is shown."""
    with world.system() as work:
        person = people.enrol(work, ISSUER, "teacher", "Sanne Visser", "sanne.visser@x.nl")
        found = store.get(work, person)
        assert found is not None
        assert ("Sanne Visser", "sanne.visser@x.nl") == store.readable(work, found.id, found.sealed)
        assert person == world.teacher.person_id


@pytest.mark.parametrize("cell", [b"\x01\x01\x00\x01" + bytes(300), b"\x01\x01\x00\x63" + bytes(300), b"?"])
def test_a_name_that_does_not_open_stops_nobody_else(world: World, cell: bytes):
    """Others read a dossier and the page of people all the same; whose it is signs in again, and it is whole."""
    world.record()
    case, who = world.case_of(), world.teacher
    with world.peek().begin() as connection:
        connection.execute(update(Person).where(Person.id == who.person_id).values(sealed=cell))
    with world.work(world.ib) as work:
        shown = cases.dossier(work, case)
        assert (store.UNREADABLE, True) == (shown.timeline[0].author, bool(circle.others(work, shown.circle)))
    with world.work(world.director) as work:
        assert store.UNREADABLE in {one.name for one in people.page(work).people}
    with world.system() as work:
        assert people.viewer_of(work, who.person_id) is None
        assert who.person_id == people.enrol(work, ISSUER, "teacher", who.name, who.email)
    with world.system() as work:
        back = people.viewer_of(work, who.person_id)
    assert back is not None
    assert (who.name, who.email) == (back.name, back.email)


@pytest.mark.parametrize("act", [people.confirm_role, people.end_role, people.reject_exclusion])
def test_what_does_not_exist_is_not_visible(world: World, act: Any):
    """A grant or exclusion that is not there, or is of another school, gives the one known answer."""
    with pytest.raises(NotVisible), world.work(world.director) as work:
        act(work, uuid4())


def test_grants_of_another_school_do_not_exist(world: World):
    """A director can not confirm, end or give roles in another school."""
    other = world.enrol("od", "Andere Directeur", Role.DIRECTOR, school_id=world.other_school_id)
    grant = _propose(world, world.teacher, Role.IB)
    for act, argument in ((people.confirm_role, grant), (people.end_role, grant)):
        with pytest.raises(NotVisible), world.work(other) as work:
            act(work, argument)
    with pytest.raises(NotVisible), world.work(other) as work:
        people.propose_role(work, world.teacher.person_id, Role.IB)


def test_everybody_is_listed_once(world: World):
    """The page lists everybody of the school, by name, and nobody of another."""
    with world.work(world.director) as work:
        names = [row.name for row in people.page(work).people]
        assert len(names) == work.inner.scalar(select(func.count()).select_from(Person))
    assert names == sorted(names, key=str.casefold)
    assert "Olga Prins" not in names


def _propose(world: World, whom: Viewer, role: Role) -> UUID:
    with world.work(world.director) as work:
        return people.propose_role(work, whom.person_id, role)


def _confirm(world: World, by: Viewer, grant: UUID) -> None:
    with world.work(by) as work:
        people.confirm_role(work, grant)


def _end(world: World, by: Viewer, grant: UUID) -> None:
    with world.work(by) as work:
        people.end_role(work, grant)


def _roles(world: World, of: Viewer) -> frozenset[Role]:
    with world.system() as work:
        return store.roles_of(work, of.person_id)


def _grant_of(world: World, viewer: Viewer, role: Role) -> UUID:
    with world.system() as work:
        return next(g.id for g in store.open_grants(work) if (g.person_id, g.role) == (viewer.person_id, role.value))
