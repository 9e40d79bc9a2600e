"""Who is mailed, when, how often, and what is left of a mail when the post does not work."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import NotAllowed
from meldcode_plugin.post import Known, Outbox, PostFailed
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import cases, people, reminders
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store import reminders as store
from meldcode_plugin.store.models.reminders import MailState, Reminder, ReminderMail, SweepMark
from tests.world import MONDAY, World

FRIDAY_NIGHT = datetime(2026, 11, 27, 21, 0, tzinfo=UTC)


def test_a_new_signal_is_told_at_once_to_the_ib_ers(world: World, outbox: Outbox):
    """Both IB-ers get one mail each; who is kept away from the child, and everybody else, gets none."""
    world.record()
    counts = sweep(world, outbox)
    again = sweep(world, outbox)
    assert to(outbox) == ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]
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
    ib_ers = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]
    assert per_day == [ib_ers, ib_ers, ["anja@wilgenhof.example"], ["ruud@wilgenhof.example"], [], []]


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
    ib_ers = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]
    assert per_hour == [ib_ers, ["anja@wilgenhof.example", *ib_ers], ["ruud@wilgenhof.example"], []]


def test_nothing_goes_out_before_it_is_due(world: World, outbox: Outbox):
    """One second before the school day has passed there is no reminder; a second later there is."""
    world.record()
    sweep(world, outbox)
    world.clock.forward(days=1, seconds=-1)
    early = sweep(world, outbox).sent
    world.clock.forward(seconds=1)
    assert (early, sweep(world, outbox).sent) == (0, 2)


def test_who_opens_the_dossier_ends_its_reminders(world: World, outbox: Outbox):
    """Once an IB-er has opened it nobody is reminded any more; of a later signal they are."""
    world.record()
    sweep(world, outbox)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.dossier(work, case_id)
    world.clock.forward(days=10)
    silent = sweep(world, outbox)
    world.record()
    assert (silent.told, silent.sent, sweep(world, outbox).sent) == (0, 0, 2)


def test_a_reader_who_does_not_handle_cases_ends_nothing(world: World, outbox: Outbox):
    """A mail that waits is called off by who acts, not by who merely was mailed."""
    world.record()
    sweep(world, outbox)
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
        store.for_new_signal(work, case_id, entry, acute=False)
    rows = counted(world, Reminder)
    assert (rows, sweep(world, outbox).sent) == (4, 2)


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


def test_a_server_that_is_away_costs_time_and_nothing_else(world: World):
    """A hundred tries while the server is away: nothing is given up; it comes back and each IB-er has one mail."""
    post = Fails(known=Known.AWAY)
    world.record()
    for _ in range(100):
        sweep(world, post)
        world.clock.forward(minutes=1)
    post.known = None
    sweep(world, post)
    assert to(post) == ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]


def test_a_server_that_is_away_stops_the_sweep(world: World):
    """The first mail finds the server away: the other is not tried in this sweep, and is the first in the next."""
    post = Fails(known=Known.AWAY)
    world.record()
    sweep(world, post)
    first = list(post.tried)
    world.clock.forward(minutes=1)
    sweep(world, post)
    assert len(first) == 1
    assert len({mail["To"] for mail in post.tried}) == 2


@pytest.mark.parametrize("known", [Known.UNKNOWN, Known.REFUSED])
def test_a_mail_that_may_have_left_is_tried_five_times_with_one_message_id(world: World, known: Known):
    """In doubt, or refused for good: five tries with the same Message-ID per person, then the director sees it."""
    post = Fails(known=known)
    world.record()
    for _ in range(200):
        sweep(world, post)
        world.clock.forward(minutes=10)
        if world.clock.moment - MONDAY > timedelta(hours=23):
            break
    tries = Counter((mail["To"], mail["Message-ID"]) for mail in post.tried)
    with world.work(world.director) as work:
        given_up = reminders.failed(work)
    assert sorted(tries.values()) == [5, 5]
    assert given_up == 2


def test_only_the_director_and_the_board_see_how_many_mails_were_given_up(world: World):
    """For the others the number does not exist."""
    for viewer in (world.teacher, world.ib, world.af, world.fg, world.admin):
        with pytest.raises(NotAllowed), world.work(viewer) as work:
            reminders.failed(work)


def test_given_up_mails_no_longer_count_once_somebody_acted(world: World):
    """The dossier was opened after all: the director has nothing left to look after."""
    post = Fails(known=Known.REFUSED)
    world.record()
    for _ in range(100):
        sweep(world, post)
        world.clock.forward(minutes=10)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.dossier(work, case_id)
    with world.work(world.director) as work:
        assert reminders.failed(work) == 0


def test_who_was_overtaken_marks_nothing(world: World, outbox: Outbox):
    """A sweep hangs past its lease, a second one sends: the same Message-ID, and the first can not mark any more."""
    slow = Hangs()
    world.record(about=world.own_child)
    hanging = threading.Thread(target=sweep, args=(world, slow, 1))
    hanging.start()
    slow.reached.wait(20)
    world.clock.forward(minutes=6)
    sweep(world, outbox)
    marked = mails(world)
    slow.go_on.set()
    hanging.join(20)
    overtaken = slow.sent[0]
    assert overtaken["Message-ID"] in [mail["Message-ID"] for mail in outbox.sent if mail["To"] == overtaken["To"]]
    assert mails(world) == marked
    assert all(state == MailState.SENT for state, *_ in marked)


def test_eight_sweeps_at_once_send_each_mail_once(world: World, outbox: Outbox):
    """Eight sweeps over forty acute reminders: eighty mails, each with its own Message-ID, none twice."""
    pupils = [pupil.id for pupil in world.door.source.search("a", 20)]
    for number in range(40):
        world.record(world.signal(acute=True), about=world.card(pupils[number % len(pupils)]))
    sweeps = [threading.Thread(target=sweep, args=(world, outbox)) for _ in range(8)]
    for one in sweeps:
        one.start()
    for one in sweeps:
        one.join(120)
    rows = counted(world, ReminderMail)
    ids = {mail["Message-ID"] for mail in outbox.sent}
    figures(f"8 sweeps at once on {world.database.kind}: {rows} mails due, {len(outbox.sent)} sent, {len(ids)} ids")
    assert rows == len(outbox.sent) == len(ids) > 80


@pytest.mark.parametrize("jump", [{"minutes": 10}, {"days": 1}, {"days": 365}])
def test_a_clock_that_ran_ahead_loses_and_doubles_nothing(world: World, outbox: Outbox, jump: dict[str, int]):
    """The clock runs ahead while mails are under way and is set right: each once, none early, 15 minutes late at most."""
    world.record()
    world.clock.forward(**jump)
    sweep(world, Fails(known=Known.AWAY))
    with pytest.raises(KeyboardInterrupt):
        sweep(world, Killed())
    world.clock.moment = MONDAY
    for _ in range(15):
        world.clock.forward(minutes=1)
        sweep(world, outbox)
    assert to(outbox) == ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]


@pytest.mark.parametrize("jump", [{"minutes": -1}, {"minutes": -10}, {"hours": -1}])
def test_a_clock_that_was_set_back_loses_and_doubles_nothing(world: World, outbox: Outbox, jump: dict[str, int]):
    """The clock is set back while mails are under way: nothing goes before it is due, then each goes once."""
    world.record()
    sweep(world, Fails(known=Known.AWAY))
    with pytest.raises(KeyboardInterrupt):
        sweep(world, Killed())
    world.clock.forward(**jump)
    early = sweep(world, outbox).sent
    world.clock.moment = MONDAY
    for _ in range(15):
        world.clock.forward(minutes=1)
        sweep(world, outbox)
    assert early == 0
    assert to(outbox) == ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]


@pytest.mark.parametrize(
    "night",
    [
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC),  # summer time begins at 01.00 UTC
        datetime(2026, 10, 24, 22, 30, tzinfo=UTC),  # summer time ends at 01.00 UTC, in the autumn break
        datetime(2028, 2, 28, 23, 30, tzinfo=UTC),  # 29 February, in the spring break
    ],
)
def test_odd_nights(world: World, outbox: Outbox, night: datetime):
    """Swept every ten minutes through an odd night: acute mails come within ten minutes, each once."""
    world.clock.moment = night
    world.record(world.signal(acute=True))
    came = []
    for _ in range(24):
        before = len(outbox.sent)
        sweep(world, outbox)
        came += [world.clock.moment - night] * (len(outbox.sent) - before)
        world.clock.forward(minutes=10)
    assert [late / timedelta(hours=1) for late in came] == [0, 0, 1, 1, 1, 2]


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
            last = reminders.last_sweep(work)
    assert silent == [True, False, False, True]
    assert last == MONDAY


def test_who_was_mailed_sees_how_many_dossiers_wait(world: World, outbox: Outbox):
    """A number and no more; who is kept away from one later, does not count it."""
    world.record()
    world.record(about=world.other_pupil)
    world.clock.forward(days=5)
    sweep(world, outbox)

    def waiting() -> int:
        with world.work(world.director) as work:
            return reminders.waiting_for_viewer(work)

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


@dataclass(kw_only=True)
class Fails(Outbox):
    """A post that fails as it is told, and keeps what was tried."""

    known: Known | None = None
    tried: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """Fail, or keep the mail."""
        self.tried.append(message)
        if self.known is not None:
            raise PostFailed(self.known, "test")
        super().send(message)


class Killed(Outbox):
    """A post during which the process is told to stop."""

    def send(self, message: EmailMessage) -> None:
        """Stop, as after Ctrl-C: what was taken stays taken."""
        raise KeyboardInterrupt(message["Message-ID"])


@dataclass(kw_only=True)
class Hangs(Outbox):
    """A post that waits until it may go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def send(self, message: EmailMessage) -> None:
        """Wait, then keep the mail."""
        self.reached.set()
        self.go_on.wait(20)
        super().send(message)


def sweep(world: World, post: Outbox, limit: int = reminders.LIMIT) -> reminders.Counts:
    """Sweep the world's school with this post."""
    return reminders.sweep(world.door, limit, post)


def figures(line: str) -> None:
    """Print a figure of this suite, past pytest's capture."""
    sys.__stdout__.write(f"\n{line}\n")


def to(post: Outbox) -> list[str]:
    """Return to whom mails went, sorted."""
    return sorted(mail["To"] for mail in post.sent)


def counted(world: World, table: type[Reminder | ReminderMail]) -> int:
    """Return the number of rows."""
    with world.system() as work:
        return work.inner.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def mails(world: World) -> list[tuple[str, int, int, str]]:
    """Return state, attempt, fence and message id of every mail."""
    columns = (ReminderMail.state, ReminderMail.attempt, ReminderMail.fence, ReminderMail.message_id)
    with world.system() as work:
        return sorted(tuple(row) for row in work.inner.execute(sa.select(*columns)))


def keep_away(world: World, person_id) -> None:
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
