"""The same clocks on every page: who handles cases, the director and the board each see what is theirs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import InputRefused, NotAllowed, NotVisible
from meldcode_plugin.post import Outbox
from meldcode_plugin.rules.entries import Consultation, Decision, DirectorInformed, FollowUp, Report, Snoozed
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services import cases, people, planning, signals, upkeep
from meldcode_plugin.services.planning import Day, Planning
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.reminders import Reminder, ReminderState
from tests.faults.posts import sweep, to
from tests.rules.desk import a
from tests.services.test_clocks import add, taken_up
from tests.world import World


def seen(world: World, who: Viewer) -> Planning:
    """Return what somebody sees on the page of terms."""
    with world.work(who) as work:
        return planning.planning(work)


def today(world: World, who: Viewer) -> Day:
    """Return what somebody's day asks."""
    with world.work(who) as work:
        return planning.day_of(work)


def test_what_is_due_stands_in_the_day_of_the_ib_er(world: World):
    """Nothing at first; after five school days the talk is due, and after ten the case stands still."""
    case = taken_up(world)
    world.clock.forward(days=6)
    before = today(world, world.ib)
    world.clock.forward(days=1)
    after = today(world, world.ib)
    assert ([], []) == (before.due, before.stuck)
    assert [(case, [Kind.CONSULTATION])] == [(line.id, kinds) for line, kinds in after.due]
    add(world, case, a(Consultation, held_on=world.clock.moment.date()), a(DirectorInformed))
    add(world, case, Snoozed(what="talk_planned", until=_in(world, 60), reason="Moeder is tot dan in het buitenland."))
    add(world, case, Snoozed(what="talk_held", until=_in(world, 60), reason="Moeder is tot dan in het buitenland."))
    world.clock.forward(days=16)
    assert ([], 1) == (today(world, world.ib).due, len(today(world, world.ib).stuck))


def test_a_case_with_news_stands_under_what_is_new_alone(world: World):
    """What is new and due at once is shown once."""
    world.record()
    world.clock.forward(days=10)
    day = today(world, world.ib)
    assert ([], []) == (day.due, day.stuck)


def test_what_moved_does_not_stand_still(world: World):
    """A teacher's follow-up after ten quiet days: the case no longer stands still."""
    (entry,) = world.record().entry_ids
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    add(world, case, a(Consultation, held_on=world.clock.moment.date()))
    world.clock.forward(days=20)
    stuck = [one.kind for one in seen(world, world.ib).now]
    with world.work(world.teacher) as work:
        signals.follow_up(work, entry, FollowUp(text="Zij is er weer."))
    assert Kind.NO_MOVEMENT in stuck
    assert Kind.NO_MOVEMENT not in [one.kind for one in seen(world, world.ib).now]


def test_who_is_kept_away_sees_nothing_of_it(world: World):
    """Not the child, not the reminder, not in any week."""
    taken_up(world)
    found = seen(world, world.excluded_ib)
    assert ([], []) == (found.now, found.weeks)


def test_weeks_hold_what_is_to_come(world: World):
    """Each week begins on a Monday and holds its own days, once each."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(DirectorInformed))
    weeks = seen(world, world.ib).weeks
    assert all(week.monday.weekday() == 0 for week in weeks)
    assert all(week.monday <= task.day < week.monday + timedelta(days=7) for week in weeks for task in week.tasks)
    kinds = [task.kind for week in weeks for task in week.tasks]
    assert sorted([Kind.TALK_PLANNED, Kind.TALK_HELD, Kind.NO_MOVEMENT]) == sorted(kinds)


def test_director_is_asked_to_agree(world: World):
    """A decision waits under 'vraagt jouw akkoord' of the director who was told, and of nobody else."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(DirectorInformed), a(Decision))
    assert [case] == [line.id for line in today(world, world.director).for_approval]
    assert [] == today(world, world.ib).for_approval


def test_director_who_was_not_told_sees_a_number(world: World):
    """A case that is late and of which the director knows nothing is counted, never named."""
    taken_up(world)
    world.clock.forward(days=14)
    found = seen(world, world.director)
    assert ([], [], 1) == (found.now, found.weeks, found.unread)
    with world.work(world.board) as work:
        people.exclude(work, world.director.person_id, world.pupil.id, "Familie.")
    assert seen(world, world.director).unread == 0


def test_board_sees_number_step_and_days(world: World):
    """After 25 school days the board sees a number, the step and how many days; no child, no link."""
    case = taken_up(world)
    add(world, case, a(Consultation))
    world.clock.moment = datetime(2027, 1, 15, 9, tzinfo=UTC)
    found = seen(world, world.board)
    assert [(case.hex[-6:].upper(), "step2", 3)] == [(one.number, one.state.value, one.days) for one in found.late]
    assert ([], []) == (found.now, found.weeks)


def test_whoever_has_no_part_in_the_chain_has_no_terms(world: World):
    """The page does not exist for a teacher."""
    with pytest.raises(NotAllowed):
        seen(world, world.teacher)


def test_who_keeps_the_systems_sees_nothing_of_a_case(world: World, outbox: Outbox):
    """Not what is due, late or unread of any case, not even of one that has their name on it; no mail of it either."""
    case = taken_up(world)
    add(world, case, a(Consultation))
    with world.peek().begin() as connection:
        connection.execute(sa.update(Case).where(Case.id == case).values(owner_id=world.admin.person_id))
    world.clock.moment = datetime(2027, 1, 15, 9, tzinfo=UTC)
    sweep(world, outbox)
    assert Planning([], [], [], 0) == seen(world, world.admin)
    assert world.admin.email not in to(outbox)
    assert outbox.sent != []


def test_what_is_asked_of_the_school_is_ticked_off(world: World, outbox: Outbox):
    """The IB-er went through the open cases before the break: it is gone for her and for the director."""
    world.clock.moment = datetime(2026, 12, 13, 9, tzinfo=UTC)
    upkeep.tidy(world.door)
    world.clock.moment = datetime(2026, 12, 18, 9, tzinfo=UTC)
    (mine,) = [one for one in seen(world, world.ib).now if one.kind == Kind.HOLIDAY]
    asked = [one.kind for one in seen(world, world.director).now]
    with world.work(world.ib) as work:
        planning.done(work, mine.id)
    upkeep.tidy(world.door)
    sweep(world, outbox)
    assert [Kind.HOLIDAY] == asked
    assert [] == seen(world, world.ib).now == seen(world, world.director).now
    assert outbox.sent == []


def began(world: World, who: Viewer, what: str, ago: int = 0, key: UUID | None = None) -> None:
    """Let somebody start a clock of the law."""
    with world.work(who) as work:
        planning.start(work, key or uuid4(), what, _in(world, -ago))


def kinds(world: World, who: Viewer) -> list[str]:
    """Return what is due now for somebody."""
    return [one.kind for one in seen(world, who).now]


def test_a_request_to_read_is_answered_within_a_month(world: World, outbox: Outbox):
    """The director at once, who guards the data on day 21, the board on day 28; done is done for all."""
    key = uuid4()
    for _ in range(2):
        began(world, world.director, "access_request", key=key)
    found = []
    for days in (0, 20, 1, 7):
        world.clock.forward(days=days)
        found.append([bool(kinds(world, who)) for who in (world.director, world.fg, world.board)])
    assert [[True, False, False], [True, False, False], [True, True, False], [True, True, True]] == found
    assert len(seen(world, world.director).now) == 1
    (mine,) = seen(world, world.fg).now
    with world.work(world.fg) as work:
        planning.done(work, mine.id)
    assert [[], [], []] == [kinds(world, who) for who in (world.director, world.fg, world.board)]
    sweep(world, outbox)
    assert outbox.sent == []


def test_two_requests_stay_two(world: World):
    """Both parents ask on one day: one is done, the other still stands."""
    for _ in range(2):
        began(world, world.director, "access_request")
    first, _ = seen(world, world.director).now
    with world.work(world.director) as work:
        planning.done(work, first.id)
    assert ["access_request"] == kinds(world, world.director)


def test_a_leak_is_mailed_at_once_and_the_board_after_two_days(world: World, outbox: Outbox):
    """Director, who guards the data and IT get their mail now, whatever was mailed today; the board after 48 hours."""
    began(world, world.fg, "data_breach")
    sweep(world, outbox)
    first = sorted(to(outbox))
    world.clock.forward(hours=48)
    sweep(world, outbox)
    assert sorted([world.director.email, world.fg.email, world.admin.email]) == first
    assert [world.board.email] == [one for one in to(outbox) if one not in first]


def test_who_keeps_the_systems_answers_for_the_leak_alone(world: World):
    """Closing the leak is theirs to tick off; what the law asks of the director stays, and the other way round."""
    for mine, theirs in (("admin", "director"), ("director", "admin")):
        began(world, world.fg, "data_breach")
        asked = {who: kinds(world, getattr(world, who)) for who in ("admin", "director", "fg")}
        with world.work(getattr(world, mine)) as work:
            planning.done(work, planning.planning(work).now[0].id)
        assert {"admin": [Kind.LEAK], "director": [Kind.BREACH], "fg": [Kind.BREACH]} == asked
        assert ([], 1) == (kinds(world, getattr(world, mine)), len(kinds(world, getattr(world, theirs))))
        with world.work(getattr(world, theirs)) as work:
            planning.done(work, planning.planning(work).now[0].id)


def test_who_guards_the_data_goes_through_the_log_too(world: World, outbox: Outbox):
    """Each quarter with the aandachtsfunctionaris; whoever did it says so for both."""
    world.clock.moment = datetime(2027, 1, 4, 6, tzinfo=UTC)
    upkeep.tidy(world.door)
    world.clock.moment = datetime(2027, 1, 4, 9, tzinfo=UTC)
    sweep(world, outbox)
    mailed = sorted(to(outbox))
    (mine,) = [one for one in seen(world, world.fg).now if one.kind == Kind.LOG_REVIEW]
    with world.work(world.fg) as work:
        planning.done(work, mine.id)
    assert sorted([world.af.email, world.fg.email]) == mailed
    assert Kind.LOG_REVIEW not in kinds(world, world.af)


@pytest.mark.parametrize(("what", "ago"), [("data_breach", -1), ("data_breach", 93), ("talk_held", 0), ("", 0)])
def test_only_a_clock_of_the_law_is_started_from_a_day_that_was(world: World, what: str, ago: int):
    """Not tomorrow, not longer ago than the longest term, and nothing that is asked of a case."""
    with pytest.raises(InputRefused):
        began(world, world.director, what, ago)


@pytest.mark.parametrize("who", ["teacher", "ib", "af", "admin"])
def test_who_answers_for_the_school_starts_these_clocks(world: World, who: str):
    """Director, board and who guards the data; nobody else."""
    with pytest.raises(NotAllowed):
        began(world, getattr(world, who), "data_breach")


def test_a_reminder_of_a_case_is_never_ticked_off(world: World):
    """Only what is written in the dossier ends it; a guessed number answers as one that does not exist."""
    taken_up(world)
    with world.system() as work:
        row = work.inner.scalars(sa.select(Reminder).where(Reminder.state == ReminderState.WAITING)).first()
        number = row.id
    with pytest.raises(NotVisible), world.work(world.ib) as work:
        planning.done(work, number)


def test_what_waits_for_veilig_thuis_stands_in_the_day(world: World):
    """A report without an answer is in the worklist; what merely runs is not, but for who asks."""
    case = taken_up(world)
    with world.work(world.ib) as work:
        before = (cases.worklist(work).running, [line.id for line in cases.running(work).running])
    add(world, case, a(Report, emergency=True))
    with world.work(world.ib) as work:
        after = [line.id for line in cases.worklist(work).running]
    assert (([], [case]), [case]) == (before, after)
    assert world.ib.has(Role.IB)


def _in(world: World, days: int) -> date:
    return (world.clock.moment + timedelta(days=days)).date()


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
