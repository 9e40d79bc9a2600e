"""Break-glass: with a reason, for hours, reading alone; told at once, marked in the log, judged afterwards."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed, NotVisible, SecondPersonNeeded
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import break_glass, cases, circle, log, people, reminders
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail
from tests.world import World

REASON = "De IB-er is ziek en de politie belt over dit kind."


def _break(world: World, viewer: Viewer, pupil: str = "2601") -> UUID | None:
    with world.work(viewer) as work:
        return break_glass.break_glass(work, pupil, REASON)


def _reads(world: World, viewer: Viewer, case: UUID) -> bool:
    try:
        with world.work(viewer) as work:
            return cases.dossier(work, case).circle.by_glass
    except NotVisible:
        return False


@pytest.mark.parametrize("name", ["director", "board"])
def test_with_a_reason_it_is_read_for_hours_and_not_changed(world: World, case: UUID, name: str):
    """5.1: before it does not exist; then it is read, in no list; nothing can be done in it; it ends by itself."""
    viewer = getattr(world, name)
    assert not _reads(world, viewer, case)
    assert _break(world, viewer) == case
    with world.work(viewer) as work:
        shown = cases.dossier(work, case)
    assert (shown.may_handle, shown.may_close, shown.circle.by_glass, len(shown.timeline)) == (False, False, True, 1)
    for act in (cases.accept, people.exclude_self, circle.take):
        with world.work(viewer) as work, pytest.raises(NotVisible):
            act(work, case)
    world.clock.forward(hours=3, minutes=59)
    assert _reads(world, viewer, case)
    world.clock.forward(minutes=1)
    assert not _reads(world, viewer, case)


def test_without_a_real_reason_nothing_opens(world: World, case: UUID):
    """A word is no reason."""
    with world.work(world.director) as work, pytest.raises(InputRefused):
        break_glass.break_glass(work, "2601", "   nodig                          ")
    assert not _reads(world, world.director, case)


@pytest.mark.parametrize("name", ["teacher", "ib", "af", "fg", "admin", "other_school_ib"])
def test_others_have_no_glass_to_break(world: World, case: UUID, name: str):
    """Only director and board."""
    with world.work(getattr(world, name)) as work, pytest.raises(NotAllowed):
        break_glass.break_glass(work, "2601", REASON)


def test_exclusion_beats_a_reason_and_asking_is_never_free(world: World, case: UUID):
    """Kept out and nothing there look the same to who asks; both stand on the list of who judges."""
    with world.work(world.ib) as work:
        circle.keep_out(work, case, world.director.person_id, "Hij is de vader.")
    assert (_break(world, world.director), _break(world, world.director, "2605")) == (None, None)
    assert not _reads(world, world.director, case)
    with world.work(world.fg) as work:
        assert [line.row.case_id for line in break_glass.to_judge(work)] == [None, None]


def test_an_exclusion_afterwards_ends_it_at_once(world: World, case: UUID):
    """Who is kept out while reading reads no further."""
    _break(world, world.director)
    with world.work(world.ib) as work:
        circle.keep_out(work, case, world.director.person_id, "Hij is de vader.")
    assert not _reads(world, world.director, case)


def test_what_is_ones_own_needs_no_glass(world: World, case: UUID):
    """An informed director goes on to the dossier; nobody is alarmed."""
    with world.system() as work:
        work.inner.get_one(Case, case).director_informed_at = world.clock()
        work.note(Tag.CASE_READ, case, action="U")
    assert _break(world, world.director) == case
    with world.work(world.fg) as work:
        assert break_glass.to_judge(work) == []


def test_the_owner_and_the_director_are_mailed_at_once(world: World, case: UUID):
    """The mail says what every mail says; who is mailed is the IB-er and the director."""
    with world.work(world.ib) as work:
        cases.accept(work, case)
    _break(world, world.board)
    outbox = _Outbox()
    reminders.sweep(world.door, post=outbox)  # type: ignore[arg-type]  # takes mails as the real one does
    assert sorted(outbox.to) == ["marijke@wilgenhof.example", "ruud@wilgenhof.example"]
    assert not any("Benali" in text or "politie" in text for text in outbox.texts)
    with world.system() as work:
        found = work.inner.execute(select(Reminder.kind).join(ReminderMail, ReminderMail.reminder_id == Reminder.id))
        assert set(found.scalars()) == {"break_glass"}


def test_each_reading_is_marked_in_the_log(world: World, case: UUID):
    """Every line of the reader about that case carries the mark, and no other line does."""
    _break(world, world.board)
    assert _reads(world, world.board, case)
    with world.work(world.ib) as work:
        cases.dossier(work, case)
    with world.glance(world.fg) as work:
        lines = work.session.execute(select(LogLine.actor_id, LogLine.outcome).where(LogLine.case_id == case)).all()
    marked = {outcome for actor, outcome in lines if actor == world.board.person_id}
    others = {outcome for actor, outcome in lines if actor != world.board.person_id}
    assert (marked, others) == ({"glass"}, {"ok"})
    with world.work(world.fg) as work:
        shown = log.page(work).lines
    assert {line.name for line in shown if line.by_glass} == {"Bea Stuur"}
    assert not any(line.denied for line in shown if line.by_glass)


def test_who_judges_signs_once_and_never_their_own(world: World, case: UUID):
    """AF and FG see the reason and sign it off; who broke it can not, whatever other role they hold."""
    _break(world, world.board)
    with world.work(world.af) as work:
        (line,) = break_glass.to_judge(work)
        assert (line.name, line.row.reason, line.row.case_id, line.may_review) == ("Bea Stuur", REASON, case, True)
    both = Viewer(world.school_id, world.board.person_id, frozenset({Role.BOARD, Role.FG}))
    with world.work(both) as work, pytest.raises(SecondPersonNeeded):
        break_glass.review(work, line.row.id)
    with world.work(world.af) as work:
        break_glass.review(work, line.row.id)
    with world.work(world.fg) as work, pytest.raises(AlreadyDone):
        break_glass.review(work, line.row.id)
    with world.work(world.fg) as work:
        (line,) = break_glass.to_judge(work)
    assert (line.reviewer, line.may_review) == ("Anja Faber", False)


@pytest.mark.parametrize("name", ["teacher", "ib", "director", "board", "admin"])
def test_nobody_else_judges(world: World, case: UUID, name: str):
    """The list is empty for others, and they sign nothing."""
    _break(world, world.board)
    with world.work(world.fg) as work:
        (line,) = break_glass.to_judge(work)
    with world.work(getattr(world, name)) as work:
        assert break_glass.to_judge(work) == []
    with world.work(getattr(world, name)) as work, pytest.raises(NotAllowed):
        break_glass.review(work, line.row.id)


def test_an_af_who_is_kept_out_does_not_judge_about_that_child(world: World, case: UUID):
    """5.2: an exclusion beats this role too, by child and by case."""
    _break(world, world.board)
    with world.work(world.ib) as work:
        circle.keep_out(work, case, world.af.person_id, "Zij is de buurvrouw.")
    with world.work(world.af) as work:
        assert break_glass.to_judge(work) == []


class _Outbox:
    """Takes mails in."""

    def __init__(self) -> None:
        self.to: list[str] = []
        self.texts: list[str] = []

    def send(self, mail: object) -> None:
        """Keep one mail."""
        self.to.append(mail["To"])  # type: ignore[index]  # an EmailMessage
        self.texts.append(str(mail))


@pytest.fixture
def case(world: World) -> UUID:
    """A case about Aya of which the director was not informed, with no reminder of its own."""
    world.record()
    found = world.case_of()
    with world.work(world.ib) as work:
        cases.dossier(work, found)
        for row in work.inner.scalars(select(Reminder)):
            row.state = "settled"
    return found
