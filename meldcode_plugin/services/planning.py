"""Planning: the same clocks for who handles cases, for the director and for the board; each sees what is theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules.deadlines import rungs_of
from meldcode_plugin.rules.facts import Role, State, Viewer
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import OF_LAW, REMINDER_NAMES, Audience, Kind
from meldcode_plugin.services.cases import CaseLine, lines_of
from meldcode_plugin.store import clocks as store
from meldcode_plugin.store import reminders
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.clocks import Running
from meldcode_plugin.store.work import Work

NEWS = (Kind.SIGNAL_NEW, Kind.SIGNAL_UNOPENED)
WEEKS, MOST, WEEK = 6, 200, timedelta(days=7)
LONG_AGO = timedelta(days=92)
"""A request or a leak of longer ago has no clock any more: the longest runs three months."""
HANDS = {
    Role.IB: (Audience.OWNER,),
    Role.AF: (Audience.OWNER, Audience.DEPUTY),
    Role.DIRECTOR: (Audience.DIRECTOR,),
    Role.BOARD: (Audience.BOARD,),
    Role.FG: (Audience.FG,),
    Role.ADMIN: (Audience.ADMIN,),
}
"""Which reminders are whose, by role. Which cases they see with it, visibility says."""


@dataclass(frozen=True)
class Task:
    """What one case asks: the reminder, since when or on which day, and of which child."""

    kind: str
    day: date
    line: CaseLine | None
    id: UUID
    open_now: bool


@dataclass(frozen=True)
class Week:
    """The tasks of one week, which begins on a Monday."""

    monday: date
    tasks: list[Task]


@dataclass(frozen=True)
class Late:
    """One case as the board may see it: a number, the step, and how many days it is late."""

    number: str
    state: State
    days: int


@dataclass(frozen=True)
class Planning:
    """What is due now, what the coming weeks bring, and what climbed up of cases that the viewer does not read."""

    now: list[Task]
    weeks: list[Week]
    late: list[Late]
    unread: int


def planning(work: Work) -> Planning:
    """Return the viewer's clocks. Each child that it names is a read that is logged."""
    require(work.viewer, Permission.TERMS_READ)
    audiences = audiences_of(work.viewer)
    until = work.now + timedelta(weeks=WEEKS)
    found = store.running(work, audiences, until, MOST) + store.of_school(work, audiences, until)
    tasks = _tasks(work, sorted(_once(found), key=lambda one: one.due_at))
    late, unread = _late(work)
    return Planning([one for one in tasks if one.open_now], _weeks(tasks), late, unread)


def audiences_of(viewer: Viewer) -> list[str]:
    """Return whose reminders a viewer sees."""
    return sorted({audience.value for role, mine in HANDS.items() if viewer.has(role) for audience in mine})


def _once(found: Iterable[Running]) -> list[Running]:
    """Keep the first of what is asked again, or of what is asked of two at once.

    Of a case that is what the screen calls the same; of the school two requests stay two.
    """
    return list({_same(one): one for one in sorted(found, key=_latest)}.values())


def _same(one: Running) -> tuple[UUID | None, str]:
    return one.case_id, REMINDER_NAMES[one.kind] if one.case_id else one.matter


def _latest(one: Running) -> float:
    return -one.due_at.timestamp()


def _tasks(work: Work, found: list[Running]) -> list[Task]:
    lines = lines_of(work, [one.case_id for one in found if one.case_id])
    return [
        Task(
            one.kind,
            work.calendar.local_date(one.due_at),
            lines[one.case_id] if one.case_id else None,
            one.id,
            one.due_at <= work.now,
        )
        for one in found
    ]


def _weeks(tasks: list[Task]) -> list[Week]:
    ahead = [one for one in tasks if not one.open_now]
    mondays = sorted({one.day - timedelta(days=one.day.weekday()) for one in ahead})
    return [Week(monday, [one for one in ahead if timedelta(0) <= one.day - monday < WEEK]) for monday in mondays]


def _late(work: Work) -> tuple[list[Late], int]:
    """Return for the board what climbed to it, and for the director how many cases that are not told yet."""
    if work.viewer.has(Role.BOARD):
        rows = store.overdue(work, Audience.BOARD, MOST)
        return [Late(number_of(case), State(state), (work.now - at).days) for case, state, at in rows], 0
    if work.viewer.has(Role.DIRECTOR):
        every = {case for case, _, _ in store.overdue(work, Audience.DIRECTOR, MOST)}
        mine = {one.case_id for one in store.running(work, [Audience.DIRECTOR], work.now, MOST)}
        return [], len(every - mine)
    return [], 0


def number_of(case_id: UUID) -> str:
    """Return the number under which a case can be spoken of without a name."""
    return case_id.hex[-6:].upper()


def done(work: Work, reminder_id: UUID) -> None:
    """Say that what was asked of the school is done."""
    require(work.viewer, Permission.TERMS_READ)
    store.done(work, reminder_id, audiences_of(work.viewer))
    work.note(Tag.TERM_DONE, None, reminder_id, action="U")


def start(work: Work, key: UUID, what: str, day: date | None) -> None:
    """Let the clock of a request or a leak run from the day on which it came; no word about it is kept.

    The key of the form makes it once. Raises `InputRefused` when it is none of these, or the day can not be.
    """
    require(work.viewer, Permission.TERMS_START)
    today = work.calendar.local_date(work.now)
    wrong = {} if what in OF_LAW else {"what": "Kies wat er binnenkwam."}
    if day is None or not today - LONG_AGO <= day <= today:
        wrong["day"] = "Kies de dag waarop het binnenkwam: vandaag, of hooguit drie maanden geleden."
    if wrong or day is None:
        raise InputRefused(wrong)
    since = work.now if day == today else work.calendar.morning_of(day)
    for kind in (Kind.BREACH, Kind.LEAK) if what == Kind.BREACH else (Kind(what),):
        reminders.schedule(work, rungs_of(work.terms[kind], kind, since, work.calendar, case_id=None, anchor=key))
    work.note(Tag.TERM_STARTED, None, key, action="C")


@dataclass(frozen=True)
class Day:
    """What the worklist shows besides what is new: due, standing still, and waiting for Veilig Thuis."""

    due: list[tuple[CaseLine, list[str]]]
    stuck: list[CaseLine]
    for_approval: list[CaseLine]


def day_of(work: Work) -> Day:
    """Return what is asked of the viewer today; a case with news stands under what is new, and not here too."""
    kinds: dict[UUID, list[str]] = {}
    for one in _once(store.running(work, audiences_of(work.viewer), work.now, MOST, but=NEWS)):
        if one.case_id:
            kinds.setdefault(one.case_id, []).append(one.kind)
    lines = lines_of(work, kinds)
    calm = {case: line for case, line in lines.items() if line.state is not State.NEW_SIGNAL}
    asked = {case: [kind for kind in kinds[case] if kind not in (Kind.NO_MOVEMENT, Kind.APPROVAL)] for case in calm}
    return Day(
        [(calm[case], found) for case, found in asked.items() if found],
        [calm[case] for case in calm if kinds[case] == [Kind.NO_MOVEMENT]],
        [line for case, line in lines.items() if Kind.APPROVAL in kinds[case]],
    )
