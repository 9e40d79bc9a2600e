"""School days: weekends, free days of the region, own free days, and the two nights on which the clock jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from holidays.constants import OPTIONAL, PUBLIC, SCHOOL
from holidays.countries import Netherlands
from hypothesis import given
from hypothesis import strategies as st

from meldcode_plugin.rules.calendar import SchoolCalendar, free_days

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
SUMMER_2026 = {"noord": date(2026, 7, 4), "midden": date(2026, 7, 18), "zuid": date(2026, 7, 11)}
SUMMER_2027 = {"noord": date(2027, 7, 10), "midden": date(2027, 7, 17), "zuid": date(2027, 7, 24)}
PUBLIC_2026 = [
    "2026-01-01",
    "2026-04-03",
    "2026-04-06",
    "2026-04-27",
    "2026-05-05",
    "2026-05-14",
    "2026-05-25",
    "2026-12-25",
]


@pytest.mark.parametrize("start", [SUMMER_2026, SUMMER_2027])
@pytest.mark.parametrize("region", ["noord", "midden", "zuid"])
def test_summer_break_is_six_weeks_per_region(region, start):
    """The regions leave for summer in the weeks that the ministry set (Regeling 2025-2030)."""
    free = free_days(region, start[region].year)
    assert all(start[region] + timedelta(days=day) in free for day in range(44))
    assert start[region] - timedelta(days=1) not in free
    assert start[region] + timedelta(days=44) not in free


@pytest.mark.parametrize("day", [date.fromisoformat(day) for day in PUBLIC_2026])
def test_public_holiday_is_no_school_day(day):
    """The days of the Algemene termijnenwet, article 3, are free in every region."""
    assert [SchoolCalendar(region).is_school_day(day) for region in ("noord", "midden", "zuid")] == [False] * 3


def test_own_day_of_the_school_is_free():
    """A study day of one school is no school day there, and is one elsewhere."""
    day = date(2026, 11, 24)
    assert SchoolCalendar("midden").is_school_day(day)
    assert not SchoolCalendar("midden", own_days=frozenset({day})).is_school_day(day)


@pytest.mark.parametrize(
    ("moment", "days", "expected"),
    [
        ("2026-11-24 10:15", 1, "2026-11-25 10:15"),  # Tuesday
        ("2026-11-27 16:00", 1, "2026-11-30 16:00"),  # over a weekend
        ("2026-11-28 14:00", 1, "2026-12-01 07:30"),  # Saturday counts from Monday 07.30
        ("2026-10-16 15:00", 1, "2026-10-26 15:00"),  # over the autumn break and the night that ends summer time
        ("2026-12-18 12:00", 3, "2027-01-06 12:00"),  # over Christmas, into another year
        ("2027-03-25 08:00", 1, "2027-03-30 08:00"),  # over Easter, and the night that summer time begins
        ("2026-07-17 17:00", 1, "2026-08-31 17:00"),  # over the summer
        ("2026-07-20 09:00", 2, "2026-09-02 07:30"),  # in the summer
        ("2028-02-25 12:00", 1, "2028-03-06 12:00"),  # over 29 February and the spring break
    ],
)
def test_add_school_days(moment, days, expected):
    """A term in school days keeps the school's clock, over breaks, years and summer time (region midden)."""
    found = SchoolCalendar("midden").add_school_days(local(moment), days)
    assert local(expected) == found


def test_next_morning_is_half_past_seven_on_the_school_clock():
    """07.30 in Amsterdam is 05.30 UTC in summer and 06.30 UTC in winter; late at night it is already tomorrow there."""
    calendar = SchoolCalendar("midden")
    assert datetime(2026, 9, 15, 5, 30, tzinfo=UTC) == calendar.next_morning(datetime(2026, 9, 14, 10, tzinfo=UTC))
    assert datetime(2026, 11, 26, 6, 30, tzinfo=UTC) == calendar.next_morning(
        datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    )


def test_year_without_a_table_has_no_breaks():
    """Beyond the published table reminders come too early, never too late."""
    assert SchoolCalendar("midden").is_school_day(date(2040, 7, 30))


@given(st.integers(0, 4 * 365 * 24 * 60), st.integers(1, 10), st.sampled_from(["noord", "zuid"]))
def test_a_term_ends_on_a_school_day_and_never_early(minute, days, region):
    """Whatever the moment: the end is a school day, later, and between lie exactly so many school days."""
    calendar, start = SchoolCalendar(region), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    end = calendar.add_school_days(start, days)
    first, last = calendar.local_date(start), calendar.local_date(end)
    passed = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert calendar.is_school_day(last)
    assert end > start
    assert sum(map(calendar.is_school_day, passed)) == days + (not calendar.is_school_day(first))


def local(text: str) -> datetime:
    """Return a moment on the school's clock, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM).astimezone(UTC)


@pytest.mark.parametrize("region", ["noord", "midden", "zuid"])
def test_the_table_read_alone_is_the_one_of_the_library(region: str):
    """One country's file, read without the two hundred others, gives the same days."""
    for year in range(2024, 2032):
        whole = Netherlands(subdiv=region.capitalize(), years=year, categories=(PUBLIC, OPTIONAL, SCHOOL), expand=False)
        assert frozenset(whole) == free_days(region, year)
