"""What falls due in a case is kept as rows by whoever adds to it, is told in time, and changes nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from meldcode_plugin.post import Outbox
from meldcode_plugin.rules.entries import (
    Closed,
    Consultation,
    Decision,
    DirectorInformed,
    FollowUp,
    HelpPlan,
    OwnRole,
    Payload,
    Reopened,
    Report,
    SignallerFeedback,
    Snoozed,
    Subject,
    TalkPreparation,
    Weighing,
)
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services import cases, people, planning, signals, steps, upkeep
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.reminders import Reminder, ReminderState
from tests.faults.posts import sweep, to
from tests.rules.desk import MOMENT, a
from tests.world import World

IB_ERS = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]


def open_rows(world: World) -> dict[str, list[str]]:
    """Return by kind who is told, of all that is not settled."""
    found: dict[str, list[str]] = {}
    with world.system() as work:
        rows = work.inner.scalars(
            sa.select(Reminder)
            .where(Reminder.state != ReminderState.SETTLED)
            .order_by(Reminder.due_at, Reminder.audience)
        )
        for row in rows:
            found.setdefault(row.kind, []).append(row.audience)
    return found


def taken_up(world: World) -> UUID:
    """Record a signal on a Tuesday and let the IB-er take it up."""
    world.clock.moment = MOMENT
    world.record()
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    return case


def add(world: World, case: UUID, *payloads: Payload) -> None:
    """Let the IB-er add to the dossier."""
    for payload in payloads:
        with world.work(world.ib) as work:
            steps.add(work, case, payload)


def test_a_new_signal_lays_down_what_needs_no_words(world: World):
    """A teacher sends a signal: whoever must open it, and whoever must talk it over, are there at once."""
    world.record()
    assert {
        "signal_new": ["owner"],
        "signal_unopened": ["owner", "deputy", "director"],
        "first_consultation": ["owner", "director"],
    } == open_rows(world)


def test_what_is_acute_or_about_nobody_lays_down_more(world: World):
    """Acute danger must be on paper the same day; a signal without a pupil must be decided on."""
    world.record(world.signal(acute=True, subject=Subject(who="Een meisje in de auto")), no_pupil=True)
    found = open_rows(world)
    assert (["owner", "director"], ["owner", "director"]) == (found["acute_unrecorded"], found["signal_unlinked"])


def test_each_step_ends_its_clock_and_begins_the_next(world: World):
    """Taken up, talked over, told, decided: what runs is what the rules say of that moment."""
    case = taken_up(world)
    first = set(open_rows(world))
    add(world, case, a(Consultation))
    second = set(open_rows(world))
    add(world, case, a(DirectorInformed), a(TalkPreparation), a(Decision))
    third = set(open_rows(world))
    assert {"first_consultation", "no_movement"} == first
    assert {"director_informed", "talk_planned", "talk_held", "no_movement"} == second
    assert {"talk_held", "approval", "report", "signaller_feedback", "no_movement"} == third


def test_the_same_story_keeps_the_same_rows(world: World):
    """Worked out again by the next entry, what still runs stays the row that it was, and no row is doubled."""
    case = taken_up(world)
    add(world, case, a(Consultation))
    before = _ids(world, Kind.TALK_HELD)
    add(world, case, a(DirectorInformed))
    assert before == _ids(world, Kind.TALK_HELD)
    assert len(before) == 2


def test_a_reminder_changes_nothing_in_the_case(world: World, outbox: Outbox):
    """A year of sweeps over an open case: not an entry, a state or a step more than before."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(Decision))
    before = _case(world, case)
    for _ in range(52):
        sweep(world, outbox)
        world.clock.forward(days=7)
    assert before == _case(world, case)
    assert len(outbox.sent) > 5


def test_owner_then_director_then_board(world: World, outbox: Outbox):
    """Nothing happens for 25 school days: the owner, the director, and the board at last."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(DirectorInformed), a(Weighing))
    told = {}
    for _ in range(60):
        sweep(world, outbox)
        for mail in outbox.sent:
            told.setdefault(mail["To"].split("@")[0], world.clock.moment)
        outbox.sent.clear()
        world.clock.forward(days=1)
    assert ["marijke", "ruud", "bea"] == sorted(told, key=told.get)


def _guessed(world: World) -> UUID:
    """Let a teacher write down a thought that the IB-er takes up; return its entry."""
    world.clock.moment = MOMENT
    world.record(world.signal(kind="hypothesis"))
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    with world.work(world.teacher) as work:
        (mine,) = signals.mine(work)
    assert not mine.asked
    return mine.id


def _weeks_later(world: World, outbox: Outbox, weeks: int) -> int:
    """Sweep so many weeks later; return how many mails the teacher got."""
    outbox.sent.clear()
    world.clock.forward(days=7 * weeks)
    sweep(world, outbox)
    return to(outbox).count(world.teacher.email)


def test_who_wrote_a_hypothesis_is_asked_until_there_is_a_note(world: World, outbox: Outbox):
    """After four weeks, and four later; their own page asks the same until they added something (R6)."""
    guess = _guessed(world)
    assert [0, 1, 0, 1] == [_weeks_later(world, outbox, weeks) for weeks in (3, 2, 1, 3)]
    with world.work(world.teacher) as work:
        assert [True] == [one.asked for one in signals.mine(work)]
        signals.follow_up(work, guess, a(FollowUp))
    assert 0 == _weeks_later(world, outbox, 5)
    with world.work(world.teacher) as work:
        assert [False] == [one.asked for one in signals.mine(work)]


def test_a_note_of_the_ib_er_ends_it_and_the_page_of_the_author_tells_nothing(world: World, outbox: Outbox):
    """No mail goes out any more; what the page asks stands on what the author wrote, and on nobody else."""
    guess, case = _guessed(world), world.case_of()
    with world.work(world.ib) as work:
        signals.follow_up(work, guess, a(FollowUp), case_id=case)
    assert 0 == _weeks_later(world, outbox, 5)
    with world.work(world.teacher) as work:
        assert [True] == [one.asked for one in signals.mine(work)]


def test_an_author_who_is_kept_out_is_not_asked(world: World, outbox: Outbox):
    """Nobody is asked instead of them, and the row waits for nobody."""
    _guessed(world)
    with world.work(world.director) as work:
        people.exclude(work, world.teacher.person_id, world.pupil.id, "relative")
    assert 0 == _weeks_later(world, outbox, 5)
    with world.system() as work:
        state = sa.select(Reminder.state).where(Reminder.audience == "author")
        assert [ReminderState.SETTLED] == list(work.inner.scalars(state))


def test_who_is_a_party_is_skipped(world: World, outbox: Outbox):
    """The director is kept away from this child: what would climb to the director goes to the board."""
    case = taken_up(world)
    with world.work(world.board) as work:
        people.exclude(work, world.director.person_id, world.pupil.id, "Familie.")
    add(world, case, a(Decision))
    sweep(world, outbox)
    assert "bea@bestuur.example" in to(outbox)
    assert "ruud@wilgenhof.example" not in to(outbox)


def test_no_movement_waits_when_a_teacher_adds_something(world: World, outbox: Outbox):
    """A follow-up of the teacher moves the case: nobody is told after ten school days that nothing happens."""
    (entry,) = world.record().entry_ids
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    sweep(world, outbox)
    world.clock.forward(days=12)
    with world.work(world.teacher) as work:
        signals.follow_up(work, entry, FollowUp(text="Zij is er weer."))
    world.clock.forward(days=2)
    sweep(world, outbox)
    with world.system() as work:
        rows = work.inner.scalars(sa.select(Reminder).where(Reminder.kind == Kind.NO_MOVEMENT)).all()
        (first,) = [row for row in rows if row.audience == "owner"]
        assert ReminderState.WAITING == first.state
        assert first.due_at > world.clock.moment + timedelta(days=13)


def test_what_nobody_answers_is_asked_again(world: World, outbox: Outbox):
    """Veilig Thuis says nothing: the IB-er is asked on day 7 and each week after, once a week."""
    case = taken_up(world)
    add(world, case, Report(made_on=date(2026, 11, 23), how="telefoon", emergency=True, spoke_with="Mw. De Wit"))
    world.clock.moment = datetime(2026, 11, 30, 8, tzinfo=UTC)
    for _ in range(3):
        sweep(world, outbox)
        world.clock.forward(days=7)
    keys = _keys(world, Kind.VT_FEEDBACK)
    assert 4 == len(keys)
    assert sorted(key.partition("#")[2] for key in keys) == ["", "2", "3", "4"]


def test_put_off_means_later_and_not_never(world: World, outbox: Outbox):
    """The IB-er puts the talk off until 14 December with a reason: nobody hears of it before, then they do."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(DirectorInformed), a(TalkPreparation))
    until, reason = date(2026, 12, 14), "Moeder ligt tot die dag in het ziekenhuis."
    add(world, case, Snoozed(what="talk_held", until=until, reason=reason))
    with world.system() as work:
        rows = work.inner.scalars(
            sa.select(Reminder).where(Reminder.kind == Kind.TALK_HELD, Reminder.state == ReminderState.WAITING)
        ).all()
    assert [datetime(2026, 12, 14, 6, 30, tzinfo=UTC), "owner"] == [rows[0].due_at, rows[0].audience]
    assert len(rows) == 2


def test_after_closing_only_the_looks_are_left(world: World):
    """Closing ends what ran; three and six months later somebody looks. Opened again, the looks are gone."""
    case = taken_up(world)
    add(world, case, a(Consultation))
    add(world, case, a(Closed))
    closed = open_rows(world)
    add(world, case, a(Reopened))
    kept = {"retention": ["director", "owner"]}
    assert {"signaller_feedback": ["owner", "director"], "after_closing": ["owner", "owner"]} | kept == closed
    assert not {"after_closing", "retention"} & set(open_rows(world))


def test_a_refuted_suspicion_is_kept_longer_only_with_a_reason(world: World, outbox: Outbox):
    """A year after closing it is asked; put off with a reason it is quiet until then, and the case stays closed."""
    case = taken_up(world)
    add(world, case, a(SignallerFeedback))
    add(world, case, a(Closed, reason="ongegrond"))
    world.clock.forward(days=366)
    sweep(world, outbox)
    asked = [one.kind for one in seen(world)]
    until = (world.clock.moment + timedelta(days=200)).date()
    add(world, case, Snoozed(what="retention_refuted", until=until, reason="Moeder vroeg om het te bewaren."))
    quiet = [one.kind for one in seen(world)]
    world.clock.forward(days=201)
    assert ("retention_refuted" in asked, "retention_refuted" in quiet) == (True, False)
    assert "retention_refuted" in [one.kind for one in seen(world)]
    with world.work(world.ib) as work:
        assert [case] == [line.id for line in cases.closed(work).closed]


def seen(world: World) -> list[planning.Task]:
    """Return what is asked of the IB-er now."""
    with world.work(world.ib) as work:
        return planning.planning(work).now


def test_look_after_closing_is_not_asked_when_a_signal_opened_the_case(world: World, outbox: Outbox):
    """A teacher's signal opens the case again; the look that was planned falls away when its day comes."""
    case = taken_up(world)
    add(world, case, a(Closed))
    world.clock.forward(days=80)
    world.record()
    world.clock.forward(days=15)
    for _ in range(5):
        sweep(world, outbox)
    assert {ReminderState.SETTLED, ReminderState.WAITING} == _states(world, Kind.AFTER_CLOSING)


def test_whoever_sees_a_part_settles_nothing(world: World):
    """Work that did not read the dossier, as a teacher's, leaves what runs as it is."""
    case = taken_up(world)
    add(world, case, a(Consultation))
    before = open_rows(world)
    world.record()
    after = open_rows(world)
    assert {kind: rows for kind, rows in after.items() if not kind.startswith("signal_")} == before


@pytest.mark.parametrize("who", ["ib", "af"])
def test_dates_of_the_school_are_laid_down_once(world: World, outbox: Outbox, who: str):
    """Before the Christmas break the IB-ers are told to go through the open cases; laid down twice they are one."""
    world.clock.moment = datetime(2026, 12, 13, 9, tzinfo=UTC)
    for _ in range(2):
        upkeep.tidy(world.door)
    assert ["owner", "director"] == open_rows(world)["holiday"]
    world.clock.moment = datetime(2026, 12, 14, 6, 29, tzinfo=UTC)
    early = sweep(world, outbox).sent
    world.clock.forward(minutes=1)
    sweep(world, outbox)
    assert (0, [*IB_ERS[:1], "irene@wilgenhof.example", *IB_ERS[1:]]) == (early, to(outbox))
    assert getattr(world, who).has(Role.STAFF)


def test_help_is_looked_at_on_the_agreed_day(world: World, outbox: Outbox):
    """The date stands in sealed words; the reminder comes on that day at 07.30 all the same."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(Decision))
    add(world, case, a(HelpPlan, effect_due=date(2027, 1, 12)))
    with world.system() as work:
        row = work.inner.scalars(sa.select(Reminder).where(Reminder.kind == Kind.EFFECT)).first()
        assert datetime(2027, 1, 12, 6, 30, tzinfo=UTC) == row.due_at


def test_own_role_is_asked_about_on_the_agreed_day_until_there_is_a_new_one(world: World, outbox: Outbox):
    """On the school's own morning it stands in the worklist and a mail goes; a new agreement ends it (R47)."""
    case = taken_up(world)
    add(world, case, a(Consultation), a(Report, emergency=True), a(OwnRole, until=date(2026, 11, 27)))
    world.clock.moment = datetime(2026, 11, 27, 6, 29, tzinfo=UTC)
    sweep(world, outbox)
    early = Kind.OWN_ROLE in [one.kind for one in seen(world)]
    world.clock.forward(minutes=1)
    sweep(world, outbox)
    (told,) = _states(world, Kind.OWN_ROLE)
    asked = [one.kind for one in seen(world)]
    add(world, case, a(OwnRole, until=date(2027, 2, 1)))
    assert (early, told, Kind.OWN_ROLE in asked) == (False, ReminderState.TOLD, True)
    assert Kind.OWN_ROLE not in [one.kind for one in seen(world)]
    assert {ReminderState.SETTLED, ReminderState.WAITING} == _states(world, Kind.OWN_ROLE)


def _case(world: World, case: UUID) -> tuple:
    with world.system() as work:
        row = work.inner.get(Case, case)
        count = work.inner.scalar(sa.select(sa.func.count()).select_from(Entry))
        return row.state, row.waiting, row.head_seq, row.head_mac, row.moved_at, row.owner_id, count


def _ids(world: World, kind: Kind) -> set[UUID]:
    with world.system() as work:
        return set(work.inner.scalars(sa.select(Reminder.id).where(Reminder.kind == kind)))


def _keys(world: World, kind: Kind) -> list[str]:
    with world.system() as work:
        return list(work.inner.scalars(sa.select(Reminder.dedup_key).where(Reminder.kind == kind)))


def _states(world: World, kind: Kind) -> set[str]:
    with world.system() as work:
        return set(work.inner.scalars(sa.select(Reminder.state).where(Reminder.kind == kind)))


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
