"""The clocks of one case: each line of the table (domain section 4) as a question to its story; it knows no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from meldcode_plugin.rules import conditions as c
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.deadlines import Due, rungs_of
from meldcode_plugin.rules.entries import (
    Closed,
    Consultation,
    Decision,
    DirectorInformed,
    HelpEffectCheck,
    HelpPlan,
    OwnRole,
    ParentConversation,
    Partner,
    Reopened,
    Report,
    Signal,
    SignalAccepted,
    SignallerFeedback,
    Snoozed,
    SpecialForm,
    Stage,
    TalkPreparation,
    TalkShared,
    VtFeedback,
    Weighing,
)
from meldcode_plugin.rules.facts import NOBODY, CloseReason
from meldcode_plugin.rules.story import CaseStory, Recorded
from meldcode_plugin.rules.terms import ACUTE_REPORT, PERSONAL, SECOND_LOOK, STRUCTURAL, TABLE, Kind, Line, Terms
from meldcode_plugin.rules.workflow import waiting_for

BOTH_TOLD = 2
"""Veilig Thuis tells twice: whether it takes the report up, and how it ended (domain section 2.3)."""


@dataclass(frozen=True)
class Clock:
    """One clock that runs: of what, because of which entry, from when.

    ``line`` replaces the school's line; ``longer`` makes its terms longer; ``nth`` tells two clocks on one entry apart.
    """

    kind: Kind
    anchor: UUID
    since: datetime | date
    line: Line | None = None
    longer: int = 0
    nth: str = ""


Question = Callable[[CaseStory, date], Iterator[Clock]]


def due(
    case_id: UUID, story: CaseStory, today: date, calendar: SchoolCalendar, terms: Terms, *, closed: bool
) -> list[Due]:
    """Return everything that falls due in a case as long as nothing is added to it.

    The same story always gives the same keys. New signals that nobody opened are not among it: they fall
    due with the signal itself, which nobody has read by then.
    """
    found: list[Due] = []
    for question in WHEN_CLOSED if closed else WHEN_OPEN:
        for clock in question(story, today):
            found += _ticking(case_id, clock, story, calendar, terms)
    return found


def _ticking(case_id: UUID, clock: Clock, story: CaseStory, calendar: SchoolCalendar, terms: Terms) -> list[Due]:
    line = (clock.line or terms[clock.kind]).shifted(clock.longer)
    since = clock.since if isinstance(clock.since, datetime) else calendar.morning_of(clock.since)
    made = rungs_of(line, clock.kind, since, calendar, case_id=case_id, anchor=f"{clock.anchor}{clock.nth}")
    snoozed = _snoozed(clock.kind, since, story)
    if snoozed is None or line.acute:
        return made
    entry, until = snoozed
    later = max(calendar.morning_of(until) - made[0].due_at, timedelta(0))
    return [
        Due(case_id, one.kind, one.audience, one.since, one.due_at + later, one.acute, f"{one.dedup_key}/{entry.seq}")
        for one in made
    ]


def _snoozed(kind: Kind, since: datetime, story: CaseStory) -> tuple[Recorded, date] | None:
    """Return the newest putting off of this kind that was said after its clock began."""
    found = [
        (entry, said.until) for entry, said in story.all(Snoozed) if said.what.value == kind.value and entry.at >= since
    ]
    return found[-1] if found else None


def snoozable(story: CaseStory, today: date, calendar: SchoolCalendar, terms: Terms) -> set[Kind]:
    """Return what runs now in an open case and may be put off with a reason; never what is acute."""
    found = due(NOBODY, story, today, calendar, terms, closed=False)
    return {one.kind for one in found if not one.acute} - {Kind.APPROVAL}


# --- step 1 and 2 -----------------------------------------------------------------------------------


def _acute(story: CaseStory, _today: date) -> Iterator[Clock]:
    acted = [entry for entry, _ in (*story.all(Report), *story.all(Weighing), *story.all(Decision))]
    acted += [entry for entry, talk in story.all(Consultation) if talk.partner is Partner.VEILIG_THUIS]
    last = max((entry.seq for entry in acted), default=0)
    for entry, signal in story.all(Signal):
        if signal.acute and entry.seq > last:
            yield Clock(Kind.ACUTE, entry.id, entry.at)


def _unlinked(story: CaseStory, _today: date) -> Iterator[Clock]:
    taken_up = {entry.refers_to for entry, _ in story.all(SignalAccepted)}
    for entry, signal in story.all(Signal):
        if signal.subject is not None and entry.id not in taken_up:
            yield Clock(Kind.UNLINKED, entry.id, entry.at)


def _consultation(story: CaseStory, _today: date) -> Iterator[Clock]:
    if not story.consulted and (first := next(_since_closing(story, Signal), None)):
        yield Clock(Kind.CONSULTATION, first.id, first.at)


def _director(story: CaseStory, _today: date) -> Iterator[Clock]:
    if not story.has(DirectorInformed) and (talk := _talked_over(story)):
        yield Clock(Kind.DIRECTOR, talk.id, talk.at)


def _talked_over(story: CaseStory) -> Recorded | None:
    """Return the talk that ended step 2 (R19)."""
    return next((entry for entry, talk in story.all(Consultation) if story.seen_by_two(entry, talk)), None)


def _since_closing(
    story: CaseStory, *kinds: type[Signal | Decision | HelpPlan | Report | Closed]
) -> Iterator[Recorded]:
    closed = story.seq_of(Closed)
    return (entry for entry in story.entries if isinstance(entry.payload, kinds) and entry.seq > closed)


def _hypotheses(story: CaseStory, _today: date) -> Iterator[Clock]:
    for entry in story.open_hypotheses:
        yield Clock(Kind.HYPOTHESIS, entry.id, entry.at)


# --- step 3 and 4 -----------------------------------------------------------------------------------


def _talk(story: CaseStory, _today: date) -> Iterator[Clock]:
    talk = _talked_over(story)
    waived = story.waived(Stage.SIGNALS) or story.waiting_waivers(Stage.SIGNALS)
    if talk is None or waived or story.fresh(ParentConversation):
        return
    opened = story.last(Reopened)
    since = max(talk.at, opened[0].at) if opened else talk.at
    if not story.fresh(TalkPreparation):
        yield Clock(Kind.TALK_PLANNED, talk.id, since)
    yield Clock(Kind.TALK_HELD, talk.id, since)


def _talk_recorded(story: CaseStory, _today: date) -> Iterator[Clock]:
    planned = story.fresh(TalkPreparation)
    if planned and planned[1].planned_on and planned[0].seq > story.seq_of(ParentConversation):
        yield Clock(Kind.TALK_RECORDED, planned[0].id, planned[1].planned_on)


def _talk_shared(story: CaseStory, _today: date) -> Iterator[Clock]:
    talk = story.fresh(ParentConversation)
    if talk and talk[0].seq > story.seq_of(TalkShared):
        yield Clock(Kind.TALK_SHARED, talk[0].id, talk[1].held_on)


def _weighing(story: CaseStory, today: date) -> Iterator[Clock]:
    hasty = any(signal.acute for _, signal in story.all(Signal)) or story.has(SpecialForm)
    shorter = min(0, STRUCTURAL - TABLE[Kind.WEIGHING].rungs[0].after) if hasty else 0
    talk, waivers = story.fresh(ParentConversation), story.waivers(Stage.SIGNALS)
    if story.fresh(Weighing) is None and talk:
        yield Clock(Kind.WEIGHING, talk[0].id, talk[1].held_on, longer=shorter)
    elif story.fresh(Weighing) is None and waivers:
        yield Clock(Kind.WEIGHING, waivers[-1][0].id, waivers[-1][0].at, longer=shorter)
    elif (signal := story.last(Signal)) and c.NEWS(story, today):
        yield Clock(Kind.WEIGHING, signal[0].id, signal[0].at, longer=shorter)
    elif (look := story.last(HelpEffectCheck)) and c.HELP_FAILS(story, today):
        yield Clock(Kind.WEIGHING, look[0].id, look[0].at, longer=shorter)


# --- step 5 -----------------------------------------------------------------------------------------


def _approval(story: CaseStory, _today: date) -> Iterator[Clock]:
    for entry in waiting_for(story, "D", NOBODY):
        yield Clock(Kind.APPROVAL, entry.id, entry.at)


def _report(story: CaseStory, today: date) -> Iterator[Clock]:
    decided = story.fresh(Decision)
    if decided and c.REPORTED(story, today):
        acute = any(
            isinstance(entry.payload, Signal) and entry.payload.acute for entry in _since_closing(story, Signal)
        )
        yield Clock(Kind.REPORT, decided[0].id, decided[0].at, line=ACUTE_REPORT if acute else None)


def _veilig_thuis(story: CaseStory, _today: date) -> Iterator[Clock]:
    found = story.fresh(Report)
    if found is None:
        return
    entry, report = found
    heard = sum(one.seq > entry.seq for one, _ in story.all(VtFeedback))
    if not heard:
        if not report.spoke_with:
            yield Clock(Kind.VT_RECEIPT, entry.id, entry.at)
        yield Clock(Kind.VT_FEEDBACK, entry.id, report.made_on)
    if heard < BOTH_TOLD:
        yield Clock(Kind.VT_INVESTIGATION, entry.id, report.made_on)


def _own_role(story: CaseStory, _today: date) -> Iterator[Clock]:
    """Ask on the day until which it was agreed whether school still does its part, and what comes next (R47)."""
    agreed = {entry.seq: (entry.id, role.until) for entry, role in story.all(OwnRole)}
    agreed |= {entry.seq: (entry.id, one.own_role_until) for entry, one in story.all(Report) if one.own_role}
    newest = max(agreed, default=0)
    if newest > story.seq_of(Closed) and (until := agreed[newest][1]):
        yield Clock(Kind.OWN_ROLE, agreed[newest][0], until)


def _supplement(story: CaseStory, today: date) -> Iterator[Clock]:
    found = [entry for entry, report in story.all(Report) if report.emergency]
    if found and c.AFTERWARDS(story, today):
        yield Clock(Kind.SUPPLEMENT, found[-1].id, found[-1].at)


def _help(story: CaseStory, _today: date) -> Iterator[Clock]:
    found = story.fresh(HelpPlan)
    if found is None:
        return
    entry, plan = found
    looks = [(one, look) for one, look in story.all(HelpEffectCheck) if one.seq > entry.seq]
    if not looks:
        yield Clock(Kind.HELP_STARTED, entry.id, entry.at)
    if looks and looks[-1][1].checked_on >= plan.effect_due:
        one, look = looks[-1]
        yield Clock(Kind.EFFECT, one.id, look.checked_on, longer=TABLE[Kind.EFFECT].every)
    else:
        yield Clock(Kind.EFFECT, entry.id, plan.effect_due)


def _feedback(story: CaseStory, today: date) -> Iterator[Clock]:
    if c.SIGNALLER(story, today) is None:
        return
    told = story.seq_of(SignallerFeedback)
    plans = (one for one in story.entries if isinstance(one.payload, Decision | HelpPlan | Report | Closed))
    first = next(one for one in plans if one.seq > told)
    yield Clock(Kind.FEEDBACK, first.id, first.at)


# --- always -----------------------------------------------------------------------------------------


def _no_movement(story: CaseStory, _today: date) -> Iterator[Clock]:
    if story.entries:
        last = story.entries[-1]
        yield Clock(Kind.NO_MOVEMENT, last.id, last.at)


def _after_closing(story: CaseStory, _today: date) -> Iterator[Clock]:
    found = story.last(Closed)
    if found:
        entry = found[0]
        yield Clock(Kind.AFTER_CLOSING, entry.id, entry.at)
        yield Clock(Kind.AFTER_CLOSING, entry.id, entry.at, longer=SECOND_LOOK, nth="/2")


def _retention(story: CaseStory, _today: date) -> Iterator[Clock]:
    """Ask whether it must still be kept: two years after closing, one when the suspicion was refuted.

    The term itself counts from the day on which the child left the school (`rules.destroying`). Nobody tells us for
    certain which day that was; whoever is asked knows, and puts it off with the reason.
    """
    if found := story.last(Closed):
        entry, closed = found
        refuted = closed.reason is CloseReason.UNFOUNDED
        yield Clock(Kind.REFUTED if refuted else Kind.RETENTION, entry.id, entry.at)


WHEN_CLOSED: tuple[Question, ...] = (_feedback, _after_closing, _retention)
WHEN_OPEN: tuple[Question, ...] = (
    *(_acute, _unlinked, _consultation, _director, _hypotheses),
    *(_talk, _talk_recorded, _talk_shared, _weighing),
    *(_approval, _report, _veilig_thuis, _own_role, _supplement, _help, _feedback),
    _no_movement,
)
"""What is asked of a case, in the order of the table."""
OF_STORY = frozenset(Kind) - {Kind.SIGNAL_NEW, Kind.SIGNAL_UNOPENED, Kind.GLASS, Kind.ROSTER} - PERSONAL
"""What is worked out from the story of a case; the rest is settled by opening the dossier, or by an answer."""
