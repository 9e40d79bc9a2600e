"""What falls due when, and to whom it is told: after a signal, for a school, and once more; it knows no clock.

A reminder only tells: it never closes, reports or moves anything on (domain section 4). School days
are for the calm terms alone. Acute danger is counted in hours on the clock and waits for no school day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.terms import CHAIN, OF_LAW, OF_STAFF, Audience, Kind, Line, Terms, Unit, chain_from, when

__all__ = [
    "ASKED_AGAIN",
    "CHAIN",
    "NEW_SIGNAL",
    "OF_SCHOOL",
    "Audience",
    "Due",
    "Kind",
    "again",
    "chain_from",
    "for_new_signal",
    "of_school",
    "rungs_of",
    "wait_until",
]

HOUR = timedelta(hours=1)
NEW_SIGNAL = (Kind.SIGNAL_NEW, Kind.SIGNAL_UNOPENED)
"""What is settled once somebody who handles cases has opened the dossier."""
OF_SCHOOL = (
    Kind.HOLIDAY,
    Kind.YEAR_CHANGE,
    Kind.CONTACT_DATA,
    Kind.LOG_REVIEW,
    Kind.EVALUATION,
    Kind.REGISTER,
    *OF_LAW,
    Kind.LEAK,
    *OF_STAFF,
)
"""What falls due for the school and not for one case; who says that it is done settles it, or records it (OF_STAFF)."""
ASKED_AGAIN = "#"
"""In a key: what follows counts how often the same thing is asked again."""
SHORT_BREAK, SUMMER = 7, 28
"""Closed days in a row after which a child is out of sight, and after which a new school year begins."""
BACK, AHEAD = timedelta(days=14), timedelta(days=45)
"""How far behind and ahead of today the dates of the school are laid down."""
AUGUST, JUNE, QUARTERS = 8, 6, (1, 4, 7, 10)


@dataclass(frozen=True)
class Due:
    """One reminder to come: about which case, to whom in the chain, from which moment (UTC).

    ``since`` is the moment from which its term counts. ``dedup_key`` is the same whenever the same
    reminder is worked out again, so a second sweep, a second beat or a clock that jumps can not make a
    second one. ``case_id`` is None for what concerns the whole school.
    """

    case_id: UUID | None
    kind: Kind
    audience: Audience
    since: datetime
    due_at: datetime
    acute: bool
    dedup_key: str


def rungs_of(
    line: Line, kind: Kind, since: datetime, calendar: SchoolCalendar, *, case_id: UUID | None, anchor: object
) -> list[Due]:
    """Return what one line of the table makes of one fact: a reminder for each rung of its escalation."""
    return [
        Due(
            case_id,
            kind,
            rung.audience,
            since,
            when(line.unit, since, rung.after, calendar),
            line.acute,
            f"{kind}/{anchor}/{rung.audience}",
        )
        for rung in line.rungs
    ]


def for_new_signal(
    case_id: UUID,
    entry_id: UUID,
    recorded_at: datetime,
    calendar: SchoolCalendar,
    *,
    acute: bool,
    terms: Terms | None = None,
    more: Iterable[Kind] = (),
) -> list[Due]:
    """Return what falls due while nobody acts on a new signal (domain section 4, the first three lines).

    Calm: the IB-er at once and after 1 school day, the deputy after 2, the director after 3.
    Acute: the IB-er at once and after 1 hour, the deputy with that second mail, the director after 2 hours;
    and it is to be on paper the same day what was done. ``more``: what else falls due, since the case
    began with it, or since it is about a child without a pupil record.
    """
    terms = terms or Terms()
    calm = terms[Kind.SIGNAL_UNOPENED]
    hours = (1, 1, 2)

    def one(kind: Kind, audience: Audience, at: datetime) -> Due:
        return Due(case_id, kind, audience, recorded_at, at, acute, f"{kind}/{entry_id}/{audience}")

    found = [one(Kind.SIGNAL_NEW, Audience.OWNER, recorded_at)]
    for rung, after in zip(calm.rungs, hours, strict=True):
        at = recorded_at + after * HOUR if acute else when(calm.unit, recorded_at, rung.after, calendar)
        found.append(one(Kind.SIGNAL_UNOPENED, rung.audience, at))
    for kind in (*([Kind.ACUTE] if acute else []), *more):
        found += rungs_of(terms[kind], kind, recorded_at, calendar, case_id=case_id, anchor=entry_id)
    return found


def again(due: Due, calendar: SchoolCalendar, terms: Terms) -> Due | None:
    """Return when the same is asked again because nothing happened, or None when it is asked once."""
    every, first = terms[due.kind].every if due.kind in terms.table else 0, terms.table.get(due.kind)
    if not every or first is None or due.audience not in (first.rungs[0].audience, Audience.AUTHOR):
        return None
    base, _, number = due.dedup_key.partition(ASKED_AGAIN)
    at = when(Unit.DAYS, due.due_at, every, calendar)
    key = f"{base}{ASKED_AGAIN}{int(number or 1) + 1}"
    return Due(due.case_id, due.kind, due.audience, due.since, at, due.acute, key)


# --- the school as a whole --------------------------------------------------------------------------


def of_school(today: date, calendar: SchoolCalendar, terms: Terms) -> list[Due]:
    """Return what falls due for the school about now: before breaks, in August, each quarter, each year.

    Nothing of these dates is known but the calendar; who did it says so.
    """
    found: list[Due] = []
    for kind, day in _dates(today, calendar):
        since = calendar.morning_of(day)
        found += rungs_of(terms[kind], kind, since, calendar, case_id=None, anchor=day)
    return [due for due in found if today - BACK <= calendar.local_date(due.due_at) <= today + AHEAD]


def _dates(today: date, calendar: SchoolCalendar) -> Iterator[tuple[Kind, date]]:
    for first, last in calendar.breaks(today - BACK, today + 2 * AHEAD, SHORT_BREAK):
        yield Kind.HOLIDAY, first
        if (last - first).days >= SUMMER:
            yield Kind.YEAR_CHANGE, first
    for year in (today.year - 1, today.year, today.year + 1):
        yield Kind.CONTACT_DATA, calendar.next_school_day(date(year, AUGUST, 1) - timedelta(days=1))
        yield Kind.EVALUATION, calendar.next_school_day(date(year, JUNE, 1) - timedelta(days=1))
        for month in QUARTERS:
            yield Kind.LOG_REVIEW, calendar.next_school_day(date(year, month, 1) - timedelta(days=1))


# --- one mail a day ---------------------------------------------------------------------------------


def wait_until(now: datetime, mailed_at: Iterable[datetime], calendar: SchoolCalendar) -> datetime | None:
    """Return the moment until which a calm mail to one person waits, or None when it may go now.

    ``mailed_at`` are the moments of the calm mails to this person. One such mail a day says it all
    ("er staat een actie voor je klaar"), so the next one waits for the next school day, 07.30. Acute
    mails never wait and do not count.
    """
    today = calendar.local_date(now)
    if all(calendar.local_date(at) != today for at in mailed_at):
        return None
    return calendar.next_morning(now)
