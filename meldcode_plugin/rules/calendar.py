"""Which days are school days, in Dutch local time; it knows no clock, no database and no school by name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

DAY_STARTS = time(7, 30)
"""When a school day begins for reminders: before the children come in."""

LONGEST_BREAK = 60
"""Days after which a search for a school day gives up: no break in the Netherlands is longer."""

FRIDAY = 5


@dataclass(frozen=True)
class SchoolCalendar:
    """The school days of one school: no weekends, no free days of its region, no own free days.

    ``region`` is noord, midden or zuid, as the ministry spreads the breaks; ``own_days`` are
    the days that this school is closed besides (study days). Years that the holiday table does not
    hold yet have no breaks: a reminder then comes too early, never too late.
    """

    region: str
    timezone: str = "Europe/Amsterdam"
    own_days: Collection[date] = field(default=frozenset())

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the school's days begin and end."""
        return ZoneInfo(self.timezone)

    def local_date(self, moment: datetime) -> date:
        """Return the date on the wall of the school at this moment."""
        return moment.astimezone(self.zone).date()

    def is_school_day(self, day: date) -> bool:
        """Tell whether the school is open on this day."""
        return day.isoweekday() <= FRIDAY and day not in free_days(self.region, day.year) and day not in self.own_days

    def next_school_day(self, day: date) -> date:
        """Return the first school day after this day."""
        for ahead in range(1, LONGEST_BREAK):
            if self.is_school_day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        return day + timedelta(days=1)

    def next_morning(self, moment: datetime) -> datetime:
        """Return 07.30 on the first school day after the local date of ``moment``, in UTC."""
        return self._at(self.next_school_day(self.local_date(moment)), DAY_STARTS)

    def morning_of(self, day: date) -> datetime:
        """Return 07.30 on this day on the school's clock, in UTC, whether the school is open or not."""
        return self._at(day, DAY_STARTS)

    def school_days_before(self, day: date, days: int) -> date:
        """Return the school day that lies this many school days before ``day``."""
        for _ in range(days):
            day = next(
                (day - timedelta(days=back) for back in range(1, LONGEST_BREAK) if self._open(day, -back)),
                day - timedelta(days=1),
            )
        return day

    def breaks(self, first: date, last: date, longer_than: int) -> list[tuple[date, date]]:
        """Return first and last day of each stretch of more than so many closed days that begins in this time."""
        found, day = [], first
        while day <= last:
            end = day
            while not self.is_school_day(end) and (end - day).days < 2 * LONGEST_BREAK:
                end += timedelta(days=1)
            if (end - day).days > longer_than and self.is_school_day(day - timedelta(days=1)):
                found.append((day, end - timedelta(days=1)))
            day = max(end, day + timedelta(days=1))
        return found

    def _open(self, day: date, ahead: int) -> bool:
        return self.is_school_day(day + timedelta(days=ahead))

    def add_school_days(self, moment: datetime, days: int) -> datetime:
        """Return the moment that lies this many school days later, in UTC.

        It keeps the time on the clock of the school, whatever summer time does between. A moment on
        a closed day counts from 07.30 on the next school day.
        """
        local = moment.astimezone(self.zone)
        day, clock = local.date(), local.time()
        if not self.is_school_day(day):
            day, clock = self.next_school_day(day), DAY_STARTS
        for _ in range(days):
            day = self.next_school_day(day)
        return self._at(day, clock)

    def _at(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock.replace(fold=0), self.zone).astimezone(UTC)


@cache
def free_days(region: str, year: int) -> frozenset[date]:
    """Return the public holidays and school breaks of a region in a year.

    Public holidays after the Algemene termijnenwet, article 3; breaks after the Regeling vaststelling
    schoolvakanties 2025-2030 (Christmas, May and summer are binding, autumn and spring are advice).
    """
    from holidays.constants import OPTIONAL, PUBLIC, SCHOOL  # noqa: PLC0415  # on demand: most processes need no date

    table = _netherlands()(subdiv=region.capitalize(), years=year, categories=(PUBLIC, OPTIONAL, SCHOOL), expand=False)
    return frozenset(table)


@cache
def _netherlands() -> Any:
    """Return the table of the Netherlands without those of two hundred other countries.

    ``holidays.countries`` loads them all: 5 MiB and 70 ms in every web process, at its first signal.
    """
    import holidays  # noqa: PLC0415  # on demand, as above

    loader = SourceFileLoader("meldcode_netherlands", str(Path(holidays.__file__).parent / "countries/netherlands.py"))
    module = ModuleType(loader.name)
    loader.exec_module(module)
    return module.Netherlands
