"""Training per employee: recording it ends or moves the reminder, and nobody is asked who left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import InputRefused, NotAllowed, NotVisible
from meldcode_plugin.post import Outbox
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services import log, people, planning, training, upkeep
from meldcode_plugin.services.training import Course, Member
from meldcode_plugin.store.models.people import RoleGrant
from meldcode_plugin.store.models.reminders import Reminder, ReminderState
from meldcode_plugin.store.models.training import Training
from tests.faults.posts import sweep, to
from tests.services.test_signals import at_once
from tests.world import World

TODAY, BEFORE = date(2026, 11, 23), date(2026, 11, 20)
OCTOBER = date(2027, 10, 1)
STAFF = ("teacher", "colleague", "parent", "ib", "second_ib", "excluded_ib", "af", "director", "board", "fg", "admin")


def record(world: World, day: date, *who: str, kind: str = "training", by: Viewer | None = None) -> None:
    """Record a training of some people."""
    with world.work(by or world.director) as work:
        training.record(work, {getattr(world, name).person_id for name in who or STAFF}, kind, day)


def members(world: World, by: Viewer | None = None) -> dict[str, Member]:
    """Return who stands on the page, by name, in its order."""
    with world.work(by or world.director) as work:
        return {one.name: one for one in training.page(work).members}


def courses(world: World, who: Viewer) -> list[Course]:
    """Return what is asked of one person."""
    return members(world)[who.name].courses


def asked(world: World) -> dict[str, dict[str, date]]:
    """Return by kind who is told on which day, of all that is not settled."""
    found: dict[str, dict[str, date]] = {}
    with world.system() as work:
        rows = work.inner.scalars(sa.select(Reminder).where(Reminder.state != ReminderState.SETTLED)).all()
        for row in rows:
            if row.kind in ("training", "af_refresher"):
                found.setdefault(row.kind, {})[row.audience] = work.calendar.local_date(row.due_at)
    return found


def on(world: World, day: date) -> None:
    """Be at a day, at nine, and let the hourly look at training run; the other dates of the school stay out of it."""
    world.clock.moment = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    with world.system() as work:
        training.lay_down(work)


@pytest.mark.rule("R59")
def test_who_never_had_training_is_asked_about_in_october(world: World, outbox: Outbox):
    """Nobody hears of it before; then the director, and after twenty school days the board, by the neutral mail."""
    on(world, TODAY)
    assert {"director": OCTOBER, "board": date(2027, 11, 5)} == asked(world)["training"]
    told = []
    for day in (OCTOBER - timedelta(days=1), OCTOBER, date(2027, 11, 4), date(2027, 11, 5)):
        on(world, day)
        before = len(outbox.sent)
        sweep(world, outbox)
        told.append([mail["To"] for mail in outbox.sent[before:]])
    assert [[], [world.director.email], [], [world.board.email]] == told
    assert all("choling" not in str(mail) for mail in outbox.sent)
    with world.work(world.director) as work:
        assert Kind.TRAINING in [one.kind for one in planning.planning(work).now]


@pytest.mark.rule("R59")
def test_recording_moves_the_reminder_to_who_is_next(world: World):
    """All but one had training: the reminder is about the one; then about the first of the others."""
    others = [name for name in STAFF if name != "teacher"]
    record(world, TODAY, *others)
    assert OCTOBER == asked(world)["training"]["director"]
    record(world, BEFORE, "teacher")
    assert {"director": date(2027, 11, 22), "board": date(2027, 12, 20)} == asked(world)[
        "training"
    ]  # 20 November: Saturday
    record(world, TODAY, "teacher")
    assert date(2027, 11, 23) == asked(world)["training"]["director"]


@pytest.mark.rule("R59")
def test_recording_settles_what_was_told(world: World, outbox: Outbox):
    """The director was mailed; the team has training: nothing is due any more and the board hears nothing."""
    on(world, OCTOBER)
    sweep(world, outbox)
    record(world, OCTOBER)
    on(world, date(2027, 12, 1))
    sweep(world, outbox)
    with world.work(world.director) as work:
        assert Kind.TRAINING not in [one.kind for one in planning.planning(work).now]
    assert world.board.email not in to(outbox)
    assert date(2028, 10, 2) == asked(world)["training"]["director"]


@pytest.mark.rule("R59")
def test_the_refresher_of_an_aandachtsfunctionaris_is_two_yearly(world: World):
    """Two years from the role, then two years from the refresher; without the role nobody is asked."""
    upkeep.tidy(world.door)
    first = asked(world)["af_refresher"]["director"]
    record(world, TODAY, "af", kind="af_refresher", by=world.af)
    again = asked(world)["af_refresher"]["director"]
    record(world, BEFORE, "af", kind="af_refresher")
    assert [date(2028, 11, 23)] * 2 == [first, again]
    assert again == asked(world)["af_refresher"]["director"]
    assert [None, TODAY] == [one.had_on for one in courses(world, world.af)]
    with world.work(world.board) as work:
        grant = next(one for one in people.page(work).grants if one.role is Role.AF)
        people.end_role(work, grant.id)
    upkeep.tidy(world.door)
    assert "af_refresher" not in asked(world)
    assert [Kind.TRAINING] == [one.kind for one in courses(world, world.af)]


@pytest.mark.rule("R59")
def test_a_proposed_role_asks_nothing_yet(world: World):
    """Only what a second person confirmed counts."""
    with world.work(world.director) as work:
        people.propose_role(work, world.colleague.person_id, Role.AF)
    assert [Kind.TRAINING] == [one.kind for one in courses(world, world.colleague)]


@pytest.mark.rule("R59")
def test_nobody_is_asked_about_who_left(world: World):
    """The last one without training leaves: at once the reminder is about those who stay."""
    record(world, TODAY, *(name for name in STAFF if name != "teacher"))
    with world.work(world.director) as work:
        people.leave(work, world.teacher.person_id)
    assert date(2027, 11, 23) == asked(world)["training"]["director"]
    assert world.teacher.name not in members(world)
    with pytest.raises(InputRefused) as why:
        record(world, TODAY, "teacher", "ib")
    assert {"people": training.GONE} == why.value.fields


def test_a_mistake_is_taken_back(world: World):
    """What stood before counts again, and what was due is due again; twice is once."""
    record(world, date(2026, 1, 12))
    record(world, TODAY, "teacher")
    row = courses(world, world.teacher)[0].row
    assert row
    for _ in range(2):
        with world.work(world.af) as work:
            training.withdraw(work, row)
    (found,) = courses(world, world.teacher)
    assert (date(2026, 1, 12), date(2027, 1, 12)) == (found.had_on, found.due_on)
    record(world, TODAY, *(name for name in STAFF if name != "teacher"))
    assert date(2027, 1, 12) == asked(world)["training"]["director"]


def test_the_same_training_stands_once_however_often_it_is_sent(world: World):
    """Eight at once, and with somebody more: one row for each person."""
    at_once(8, lambda _: record(world, TODAY, "teacher", "ib"))
    record(world, TODAY, "teacher", "ib", "af")
    with world.system() as work:
        assert 3 == work.inner.scalar(sa.select(sa.func.count(Training.id)))


def test_who_is_first_due_stands_first(world: World):
    """The overdue, then who is next, and by name among equals."""
    record(world, date(2024, 5, 13), "ib", "admin")
    record(world, date(2026, 2, 2), "af")
    with world.work(world.director) as work:
        page = training.page(work)
    names = [one.name for one in page.members]
    assert [world.admin.name, world.ib.name, world.af.name, "Bea Stuur"] == names[:4]
    assert [True, True, False, False] == [one.late for one in page.members[:4]]
    assert (2, {Kind.TRAINING: 12, Kind.REFRESHER: 24}, True) == (page.late, page.months, page.has_af)


def test_due_today_is_not_late_yet(world: World):
    """The day itself is in time; the day after is not."""
    record(world, TODAY, "teacher")
    world.clock.moment = datetime(2027, 11, 23, 9, tzinfo=UTC)
    assert not members(world)[world.teacher.name].late
    world.clock.forward(days=1)
    assert members(world)[world.teacher.name].late


@pytest.mark.parametrize(
    ("who", "kind", "day", "fields"),
    [
        ((), "training", TODAY, {"people": training.NOBODY}),
        (("fg",), "training", TODAY + timedelta(days=1), {"day": training.WHEN}),
        (("fg",), "training", None, {"day": training.WHEN}),
        (("fg",), "training", date(2016, 11, 22), {"day": training.WHEN}),
        (("fg",), "training", date(2016, 11, 23), {}),
        (("fg",), "holiday", TODAY, {"kind": training.WHICH}),
        (("fg", "af"), "af_refresher", TODAY, {"people": training.NO_AF}),
        (("other_school_teacher",), "training", TODAY, {"people": training.GONE}),
    ],
)
def test_what_can_not_be_is_refused(
    world: World, who: tuple[str, ...], kind: str, day: date | None, fields: dict[str, str]
):
    """Nobody, somebody of another school, a day to come or of long ago, a kind that is none: and nothing is kept."""
    wrong: dict[str, str] = {}
    try:
        with world.work(world.director) as work:
            training.record(work, {getattr(world, name).person_id for name in who}, kind, day)
    except InputRefused as why:
        wrong = why.fields
    assert fields == wrong
    with world.system() as work:
        assert (0 if fields else 1) == work.inner.scalar(sa.select(sa.func.count(Training.id)))


def test_director_and_aandachtsfunctionaris_record_and_the_board_reads(world: World):
    """Domain 5.1 and R59; to everybody else the page does not exist, and the rows do not either."""
    record(world, TODAY, "teacher", by=world.af)
    assert TODAY == members(world, world.board)[world.teacher.name].courses[0].had_on
    with pytest.raises(NotAllowed):
        record(world, TODAY, "ib", by=world.board)
    with pytest.raises(NotAllowed), world.work(world.board) as work:
        training.withdraw(work, uuid4())
    for who in (world.teacher, world.ib, world.fg, world.admin):
        with pytest.raises(NotAllowed):
            members(world, who)
        with world.work(who) as work:
            assert [] == work.session.scalars(sa.select(Training)).all()


def test_it_is_not_ended_by_saying_that_it_is_done(world: World):
    """Only recording ends it: a button that somebody kept open does nothing."""
    on(world, OCTOBER)
    with world.work(world.director) as work:
        (mine,) = [one.id for one in planning.planning(work).now if one.kind == Kind.TRAINING]
    with pytest.raises(NotVisible), world.work(world.director) as work:
        planning.done(work, mine)
    assert OCTOBER == asked(world)["training"]["director"]


def test_each_record_is_in_the_log(world: World):
    """A line for each person of whom something was recorded or taken away."""
    record(world, TODAY, "teacher", "ib")
    row = courses(world, world.ib)[0].row
    assert row
    with world.work(world.director) as work:
        training.withdraw(work, row)
    with world.work(world.fg) as work:
        events = [line.event for line in log.page(work, None).lines]
    assert ["training.withdrawn", "training.recorded", "training.recorded"] == [
        one for one in events if one.startswith("training")
    ]


def test_a_role_that_was_given_again_counts_from_then(world: World):
    """Who was aandachtsfunctionaris before, and is again without any refresher, has two years from the new day."""
    with world.system() as work:
        old = work.inner.scalars(sa.select(RoleGrant).where(RoleGrant.role == Role.AF.value)).one()
        old.ended_at = work.now
    world.clock.forward(days=100)
    with world.work(world.director) as work:
        grant: UUID = people.propose_role(work, world.af.person_id, Role.AF)
    with world.work(world.board) as work:
        people.confirm_role(work, grant)
    upkeep.tidy(world.door)
    assert date(2029, 3, 5) == asked(world)["af_refresher"]["director"]


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
