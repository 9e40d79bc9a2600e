"""What is left of a reminder when the post fails, a sweep is overtaken, or the clock jumps: late, never lost."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from meldcode_plugin.post import Known, Outbox
from meldcode_plugin.services import cases, reminders
from meldcode_plugin.store.models.reminders import MailState, ReminderMail
from tests.faults.posts import Fails, Hangs, Killed, counted, sweep, to
from tests.machine.figures import Figures
from tests.world import MONDAY, World

IB_ERS = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]


def test_a_server_that_is_away_costs_time_and_nothing_else(world: World):
    """A hundred tries while the server is away: nothing is given up; it comes back and each IB-er has one mail."""
    post = Fails(known=Known.AWAY)
    world.record()
    for _ in range(100):
        sweep(world, post)
        world.clock.forward(minutes=1)
    post.known = None
    sweep(world, post)
    assert to(post) == IB_ERS


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
        given_up = reminders.standing(work).undelivered
    assert sorted(tries.values()) == [5, 5]
    assert given_up == 2


def test_only_who_gives_roles_sees_how_many_mails_were_given_up(world: World):
    """The director and the board see the number; for the others there is none."""
    post = Fails(known=Known.REFUSED)
    world.record()
    for _ in range(100):
        sweep(world, post)
        world.clock.forward(minutes=10)
    seen = {}
    for name in ("director", "board", "teacher", "ib", "af", "fg", "admin", "other_school_ib"):
        with world.work(getattr(world, name)) as work:
            seen[name] = reminders.standing(work).undelivered
    assert {name for name, number in seen.items() if number} == {"director", "board"}


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
        assert reminders.standing(work).undelivered == 0


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


def test_who_was_overtaken_gives_nothing_back(world: World):
    """A sweep hangs past its lease and then fails, while a second one is still sending: the mail stays the second's."""
    first, second = Hangs(fault=Known.LATER), Hangs()
    tell_one_person(world)
    threads = []
    for post in (first, second):
        threads.append(threading.Thread(target=sweep, args=(world, post, 1)))
        threads[-1].start()
        post.reached.wait(20)
        world.clock.forward(minutes=6)
    taken = mails(world)
    first.go_on.set()
    threads[0].join(20)
    after = mails(world)
    second.go_on.set()
    threads[1].join(20)
    assert after == taken
    assert [(MailState.SENDING, 2, 2)] == [row[:3] for row in after]


def test_a_mail_that_may_have_left_takes_no_other_with_it(world: World, outbox: Outbox):
    """In doubt about the first mail, a second signal comes: the retry is the first alone, the second waits."""
    world.record()
    sweep(world, Fails(known=Known.UNKNOWN))
    world.clock.forward(minutes=6)
    world.record(about=world.other_pupil)
    sweep(world, outbox)
    states = Counter(state for state, *_ in mails(world))
    assert Counter(to(outbox)) == dict.fromkeys([*IB_ERS, "irene@wilgenhof.example"], 1)
    assert states == {MailState.SENT: 3, MailState.WAITING: 2}


def test_eight_sweeps_at_once_send_each_mail_once(world: World, outbox: Outbox, figures: Figures):
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
    """The clock runs ahead while mails are under way and is set right: each once, none early, soon."""
    world.record()
    world.clock.forward(**jump)
    sweep(world, Fails(known=Known.AWAY))
    with pytest.raises(KeyboardInterrupt):
        sweep(world, Killed())
    world.clock.moment = MONDAY
    for _ in range(15):
        world.clock.forward(minutes=1)
        sweep(world, outbox)
    assert to(outbox) == IB_ERS


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
    assert to(outbox) == IB_ERS


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


def tell_one_person(world: World) -> None:
    """Record a signal in a case that has an owner, who alone is told."""
    world.record()
    case_id = world.case_of()
    with world.work(world.second_ib) as work:
        cases.accept(work, case_id)
    world.record()


def mails(world: World) -> list[tuple[str, int, int, str]]:
    """Return state, attempt, fence and message id of every mail."""
    columns = (ReminderMail.state, ReminderMail.attempt, ReminderMail.fence, ReminderMail.message_id)
    with world.system() as work:
        return sorted(tuple(row) for row in work.inner.execute(sa.select(*columns)))


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
