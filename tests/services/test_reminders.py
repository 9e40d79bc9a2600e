"""Who is mailed, when, how often, and who may know of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from meldcode_plugin.post import Known, Outbox
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import cases, people, reminders, signals
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store import reminders as store
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail, SweepMark
from tests.faults.posts import Fails, counted, sweep, to
from tests.world import World

IB_ERS = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]
"""Of `pupil`; the third one is kept away from her."""
FRIDAY_NIGHT = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)


def test_a_new_signal_is_told_at_once_to_the_ib_ers(world: World, outbox: Outbox):
    """Both IB-ers get one mail each; who is kept away from the child, and everybody else, gets none."""
    world.record()
    counts = sweep(world, outbox)
    again = sweep(world, outbox)
    assert to(outbox) == IB_ERS
    assert (counts.told, counts.sent, again.told, again.sent) == (1, 2, 0, 0)


def test_reminders_climb_the_chain_by_school_day(world: World, outbox: Outbox):
    """Nobody opens it: IB-ers after one school day, the deputy after two, the director after three, then silence."""
    world.record()
    per_day = []
    for _ in range(6):
        outbox.sent.clear()
        sweep(world, outbox)
        per_day.append(to(outbox))
        world.clock.forward(days=1)
    assert per_day == [IB_ERS, IB_ERS, ["anja@wilgenhof.example"], ["ruud@wilgenhof.example"], [], []]


def test_acute_danger_waits_for_no_school_day(world: World, outbox: Outbox):
    """Friday night: at once, after one hour with the deputy, after two hours the director, though mails went today."""
    world.clock.moment = FRIDAY_NIGHT
    world.record(world.signal(acute=True))
    per_hour = []
    for _ in range(4):
        outbox.sent.clear()
        sweep(world, outbox)
        per_hour.append(to(outbox))
        world.clock.forward(hours=1)
    assert per_hour == [IB_ERS, ["anja@wilgenhof.example", *IB_ERS], ["ruud@wilgenhof.example"], []]


def test_nothing_goes_out_before_it_is_due(world: World, outbox: Outbox):
    """One second before the school day has passed there is no reminder; a second later there is."""
    world.record()
    sweep(world, outbox)
    world.clock.forward(days=1, seconds=-1)
    early = sweep(world, outbox).sent
    world.clock.forward(seconds=1)
    assert (early, sweep(world, outbox).sent) == (0, 2)


def test_who_opens_the_dossier_ends_its_reminders(world: World, outbox: Outbox):
    """Once an IB-er has opened it nobody is reminded of opening any more; of a later signal they are."""
    world.record()
    sweep(world, outbox)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.dossier(work, case_id)
    world.clock.forward(days=3)
    silent = sweep(world, outbox)
    world.record()
    assert (silent.told, silent.sent, sweep(world, outbox).sent) == (0, 0, 2)


def test_the_writer_who_reads_back_ends_nothing(world: World, outbox: Outbox):
    """The teacher reads her own signal again: the IB-ers are still reminded."""
    (entry,) = world.record().entry_ids
    sweep(world, outbox)
    with world.work(world.teacher) as work:
        signals.my_signal(work, entry)
    world.clock.forward(days=1)
    assert sweep(world, outbox).sent == 2


def test_opened_between_telling_and_sending_calls_the_mail_off(world: World):
    """A mail that waits for another try is not sent once the dossier was opened."""
    post = Fails(known=Known.AWAY)
    world.record()
    sweep(world, post)
    case_id = world.case_of()
    with world.work(world.second_ib) as work:
        cases.dossier(work, case_id)
    world.clock.forward(minutes=2)
    post.known = None
    assert (sweep(world, post).called_off, post.sent) == (2, [])


def test_a_signal_that_was_moved_away_is_no_longer_mailed(world: World):
    """It stood on the wrong pupil and was moved before the mail went: only the right pupil's IB-ers hear of it."""
    post = Fails(known=Known.AWAY)
    (entry,) = world.record(about=world.other_pupil).entry_ids
    sweep(world, post)
    with world.work(world.ib) as work:
        cases.move_signal(work, entry, world.pupil, "Verkeerde leerling gekozen.")
    world.clock.forward(minutes=2)
    post.known = None
    assert sweep(world, post).called_off == 3
    assert to(post) == IB_ERS


def test_one_calm_mail_a_day(world: World, outbox: Outbox):
    """Three signals on a day: one mail per IB-er now, one for the other two at 07.30 on the next school day."""
    world.record()
    sweep(world, outbox)
    world.record(about=world.other_pupil)
    world.record(about=world.own_child)
    same_day = sweep(world, outbox)
    world.clock.moment = datetime(2026, 11, 24, 6, 29, tzinfo=UTC)
    early = sweep(world, outbox).sent
    world.clock.forward(minutes=1)
    next_day = sweep(world, outbox)
    assert (same_day.sent, early, next_day.sent) == (1, 0, 2), "Irene is only told of the other two, on the first day"
    assert Counter(to(outbox)) == {
        "ingrid@wilgenhof.example": 2,
        "marijke@wilgenhof.example": 2,
        "irene@wilgenhof.example": 1,
    }


def test_calm_mails_due_together_are_one_mail(world: World, outbox: Outbox):
    """Three signals before the sweep came round: each IB-er gets one mail."""
    for about in (world.pupil, world.other_pupil, world.own_child):
        world.record(about=about)
    counts = sweep(world, outbox)
    assert (counts.told, Counter(to(outbox))["marijke@wilgenhof.example"]) == (3, 1)


def test_an_acute_mail_does_not_wait_for_tomorrow(world: World, outbox: Outbox):
    """After a calm mail today an acute one still goes at once, and does not use up the calm one."""
    world.record()
    sweep(world, outbox)
    world.record(world.signal(acute=True), about=world.other_pupil)
    assert sweep(world, outbox).sent == 3


def test_an_acute_mail_goes_by_itself(world: World, outbox: Outbox):
    """A calm and an acute signal before the sweep came round: two mails, the acute one first."""
    world.record()
    world.record(world.signal(acute=True), about=world.other_pupil)
    sweep(world, outbox)
    assert Counter(to(outbox))["marijke@wilgenhof.example"] == 2
    assert "irene@wilgenhof.example" in [mail["To"] for mail in outbox.sent[:3]], "she is told of the acute one alone"


@pytest.mark.parametrize("change", ["role ended", "left the school", "kept away"])
def test_who_should_no_longer_know_gets_no_mail(world: World, change: str):
    """Between telling and sending the IB-er lost the role, left, or is kept away: no mail goes to her."""
    post = Fails(known=Known.AWAY)
    world.record()
    sweep(world, post)
    CHANGES[change](world)
    world.clock.forward(minutes=2)
    post.known = None
    sweep(world, post)
    assert to(post) == ["ingrid@wilgenhof.example"]


@pytest.mark.parametrize("change", ["role ended", "left the school", "kept away"])
def test_another_is_told_when_the_only_one_no_longer_may_know(world: World, change: str):
    """The only IB-er lost the role, left, or is kept away before her mail went: the deputy hears of it in a minute."""
    post = Fails(known=Known.AWAY)
    keep_away(world, world.second_ib.person_id)
    world.record()
    sweep(world, post)
    CHANGES[change](world)
    post.known = None
    for _ in range(3):
        world.clock.forward(minutes=1)
        sweep(world, post)
    assert to(post) == ["anja@wilgenhof.example"]


def test_the_next_in_the_chain_is_asked_when_a_link_is_empty(world: World, outbox: Outbox):
    """All IB-ers are kept away from this child: the deputy hears of a new signal at once."""
    for one in (world.ib, world.second_ib):
        keep_away(world, one.person_id)
    world.record()
    sweep(world, outbox)
    assert to(outbox) == ["anja@wilgenhof.example"]


def test_without_anybody_to_tell_a_reminder_waits(world: World, outbox: Outbox):
    """Nobody with a duty may know: the reminder stays, and goes out once there is somebody."""
    for one in (world.ib, world.second_ib, world.af, world.director, world.board):
        keep_away(world, one.person_id)
    world.record()
    sweep(world, outbox)
    new = world.enrol("new", "Nienke Smit", Role.IB, email="nienke@wilgenhof.example")
    world.clock.forward(minutes=15)
    sweep(world, outbox)
    assert to(outbox) == [new.email]


def test_the_owner_of_a_case_goes_before_the_other_ib_ers(world: World, outbox: Outbox):
    """A new signal in a case that has an owner is told to the owner alone."""
    world.record()
    case_id = world.case_of()
    with world.work(world.second_ib) as work:
        cases.accept(work, case_id)
    world.clock.forward(days=1)
    world.record()
    sweep(world, outbox)
    assert to(outbox) == ["ingrid@wilgenhof.example"]


def test_another_school_is_left_alone(world: World, outbox: Outbox):
    """A sweep of one school tells and mails nothing of another."""
    world.record(by=world.other_school_teacher)
    assert (sweep(world, outbox).told, outbox.sent) == (0, [])


def test_the_same_reminder_is_kept_once(world: World, outbox: Outbox):
    """Scheduled again for the same signal, also at another moment, it makes no second row and no second mail."""
    entry = world.record().entry_ids[0]
    case_id = world.case_of()
    world.clock.forward(seconds=30)
    with world.system() as work:
        store.for_new_signal(work, work.inner.get(Case, case_id), work.inner.get(Entry, entry))
    rows = counted(world, Reminder)
    assert (rows, sweep(world, outbox).sent) == (6, 2)


def test_nobody_but_the_system_sees_reminders(world: World, outbox: Outbox):
    """Whoever asks sees no row of reminders, mails or sweeps: they would tell that a case exists."""
    world.record()
    sweep(world, outbox)
    seen = []
    for viewer in (world.teacher, world.ib, world.director, world.board, world.fg, world.admin, world.other_school_ib):
        with world.work(viewer) as work:
            seen += [work.session.scalars(sa.select(table.id)).all() for table in (Reminder, ReminderMail, SweepMark)]
    assert not any(seen)
    assert counted(world, ReminderMail) == 2


def test_the_last_sweep_is_known(world: World, outbox: Outbox):
    """Without a sweep for 15 minutes the pages can say that no mail goes out."""
    silent = []
    for minutes in (0, 15, 1):
        world.clock.forward(minutes=minutes)
        if not minutes:
            with world.work(world.ib) as work:
                silent.append(reminders.is_silent(work))
            sweep(world, outbox)
        with world.work(world.ib) as work:
            silent.append(reminders.is_silent(work))
    assert silent == [True, False, False, True]


def test_who_was_mailed_sees_how_many_dossiers_wait(world: World, outbox: Outbox):
    """A number and no more; who is kept away from one later, does not count it."""
    world.record()
    world.record(about=world.other_pupil)
    world.clock.forward(days=5)
    sweep(world, outbox)

    def waiting() -> int:
        with world.work(world.director) as work:
            return reminders.standing(work).waiting

    before = waiting()
    keep_away(world, world.director.person_id)
    assert (before, waiting()) == (2, 1)


def test_a_mail_holds_no_name_and_no_word(world: World, outbox: Outbox):
    """Whatever it is about, the mails differ in addressee, date and random id alone."""
    world.record(world.signal("Canarie zegt het."))
    world.record(world.signal("Canarie acuut.", acute=True), about=world.other_pupil)
    sweep(world, outbox)
    texts = {mail.get_body(("plain",)).get_content() for mail in outbox.sent}
    everything = "".join(mail.as_string() for mail in outbox.sent).casefold()
    words = ["canarie", world.pupil.name.casefold(), world.other_pupil.name.casefold(), "sanne", "acuut", "signal"]
    expected = "Er staat een actie voor je klaar. Log in om die te bekijken.\n\nhttp://localhost:5000/meldcode/\n"
    assert {mail["Subject"] for mail in outbox.sent} == {"Er staat een actie voor je klaar"}
    assert texts == {expected}
    assert [word for word in words if word in everything] == []


def keep_away(world: World, person_id: UUID) -> None:
    """Keep somebody away from `pupil`, by the director or, for the director, by the board."""
    by = world.board if person_id == world.director.person_id else world.director
    with world.work(by) as work:
        people.exclude(work, person_id, world.pupil.id, "Familie.")


def _end_role(world: World) -> None:
    with world.work(world.director) as work:
        (grant,) = [one for one in people_store.open_grants(work) if one.person_id == world.ib.person_id]
        people.end_role(work, grant.id)


def _leave(world: World) -> None:
    with world.system() as work:
        people_store.get(work, world.ib.person_id).active = False


CHANGES = {
    "role ended": _end_role,
    "left the school": _leave,
    "kept away": lambda world: keep_away(world, world.ib.person_id),
}


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
