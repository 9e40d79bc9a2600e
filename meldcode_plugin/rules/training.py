"""When each person who works here is due for training in the meldcode again (R59); it knows no clock and no name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.deadlines import Due, rungs_of
from meldcode_plugin.rules.terms import OF_STAFF, Kind, Terms, months_later

OCTOBER = 10
"""In its first days the team is asked who never had training as far as anybody knows."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Employee:
    """Somebody who works here: when they came, since when they are aandachtsfunctionaris, what they had when last."""

    id: UUID
    came: date
    af_since: date | None
    had: Mapping[Kind, date]


def due_on(kind: Kind, one: Employee, calendar: SchoolCalendar, terms: Terms) -> date | None:
    """Return the school day on which somebody is due for this; None when it is not asked of them.

    So many months after the last time. Who never had training is due on the first of October after they came, who
    never had a refresher so many months after they became aandachtsfunctionaris.
    """
    if kind is Kind.REFRESHER and one.af_since is None:
        return None
    since = one.had.get(kind) or (one.af_since if kind is Kind.REFRESHER else None)
    day = months_later(since, terms[kind].months) if since else _october_after(one.came)
    return calendar.next_school_day(day - DAY)


def _october_after(came: date) -> date:
    first = date(came.year, OCTOBER, 1)
    return first if came < first else first.replace(year=came.year + 1)


def of_staff(staff: Iterable[Employee], calendar: SchoolCalendar, terms: Terms) -> list[Due]:
    """Return what falls due for the school: of each kind the moment of who is first, and nobody's name."""
    everybody, found = list(staff), []
    for kind in OF_STAFF:
        days = [day for one in everybody if (day := due_on(kind, one, calendar, terms))]
        if days:
            first = min(days)
            found += rungs_of(terms[kind], kind, calendar.morning_of(first), calendar, case_id=None, anchor=first)
    return found
