"""When somebody is due for training again: a year, two years, across a leap day, and never on a closed day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meldcode_plugin.rules.deadlines import OF_SCHOOL, of_school
from meldcode_plugin.rules.terms import OF_STAFF, Audience, Kind, Terms
from meldcode_plugin.rules.training import Employee, due_on, of_staff
from tests.rules.test_clocks import CALENDAR, TERMS

CAME = date(2026, 3, 2)
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


def somebody(*, came: date = CAME, af_since: date | None = None, had: Mapping[Kind, date] | None = None) -> Employee:
    """Return a person who works here."""
    return Employee(uuid4(), came, af_since, had or {})


@pytest.mark.rule("R59")
@pytest.mark.parametrize(
    ("had", "due"),
    [
        (date(2026, 10, 5), date(2027, 10, 5)),
        (date(2025, 10, 10), date(2026, 10, 12)),  # a Saturday: the Monday after
        (date(2025, 12, 22), date(2027, 1, 4)),  # in the Christmas break: the first day after it
        (date(2028, 2, 29), date(2029, 2, 28)),  # a year without that day
    ],
)
def test_training_is_due_again_after_a_year_on_a_school_day(had: date, due: date):
    """The same day a year later, or the first school day after it."""
    assert due == due_on(Kind.TRAINING, somebody(had={Kind.TRAINING: had}), CALENDAR, TERMS)


@pytest.mark.rule("R59")
@pytest.mark.parametrize(
    ("came", "due"),
    [
        (date(2026, 9, 30), date(2026, 10, 1)),
        (date(2026, 10, 1), date(2027, 10, 1)),
        (date(2026, 11, 24), date(2027, 10, 1)),
        (date(2027, 12, 1), date(2028, 10, 2)),  # 1 October 2028 is a Sunday
    ],
)
def test_who_never_had_training_is_due_on_the_first_of_october_after_they_came(came: date, due: date):
    """Who comes on that day itself has a year."""
    assert due == due_on(Kind.TRAINING, somebody(came=came), CALENDAR, TERMS)


@pytest.mark.rule("R59")
def test_the_refresher_is_asked_of_an_aandachtsfunctionaris_alone():
    """Two years after the last one; without one, two years after they got the role."""
    since = date(2026, 11, 23)
    had = {Kind.REFRESHER: date(2027, 3, 1)}
    assert due_on(Kind.REFRESHER, somebody(had=had), CALENDAR, TERMS) is None
    assert date(2028, 11, 23) == due_on(Kind.REFRESHER, somebody(af_since=since), CALENDAR, TERMS)
    assert date(2029, 3, 1) == due_on(Kind.REFRESHER, somebody(af_since=since, had=had), CALENDAR, TERMS)


def test_one_kind_says_nothing_of_the_other():
    """A refresher is no training of the team, and the other way round."""
    one = somebody(af_since=CAME, had={Kind.REFRESHER: date(2027, 3, 1)})
    other = somebody(af_since=CAME, had={Kind.TRAINING: date(2027, 3, 1)})
    assert date(2026, 10, 1) == due_on(Kind.TRAINING, one, CALENDAR, TERMS)
    assert date(2028, 3, 6) == due_on(Kind.REFRESHER, other, CALENDAR, TERMS)


def test_the_school_is_told_of_who_is_first_director_before_board():
    """One row for each who is told, whatever the number of people; the board after twenty school days."""
    staff = [somebody(had={Kind.TRAINING: date(2026, 1, day)}) for day in (14, 12, 13)]
    found = of_staff(staff, CALENDAR, TERMS)
    at = [(one.audience, one.due_at) for one in found]
    assert [
        (Audience.DIRECTOR, datetime(2027, 1, 12, 6, 30, tzinfo=UTC)),
        (Audience.BOARD, datetime(2027, 2, 9, 6, 30, tzinfo=UTC)),
    ] == at
    assert ["training/2027-01-12/director", "training/2027-01-12/board"] == [one.dedup_key for one in found]
    assert {None} == {one.case_id for one in found}


def test_nobody_is_no_reminder():
    """Without people, and without an aandachtsfunctionaris, nothing is asked."""
    assert [] == of_staff([], CALENDAR, TERMS)
    assert {Kind.TRAINING} == {one.kind for one in of_staff([somebody()], CALENDAR, TERMS)}


def test_a_school_sets_another_number_of_months():
    """Training every two years, a refresher each year; the board still twenty school days later."""
    own = Terms.of({"training": 24, "af_refresher": 12})
    one = somebody(af_since=CAME, had={Kind.TRAINING: date(2026, 10, 5), Kind.REFRESHER: date(2026, 10, 5)})
    assert date(2028, 10, 5) == due_on(Kind.TRAINING, one, CALENDAR, own)
    assert date(2027, 10, 5) == due_on(Kind.REFRESHER, one, CALENDAR, own)
    assert own[Kind.TRAINING].rungs == TERMS[Kind.TRAINING].rungs
    with pytest.raises(ValueError, match="training must lie between 1 and 400"):
        Terms.of({"training": 0})


def test_the_calendar_of_the_school_asks_no_training():
    """What is asked about people comes from what was recorded, and from nothing else."""
    assert set(OF_STAFF) < set(OF_SCHOOL)
    year = [date(2026, 1, 1) + timedelta(days=days) for days in range(0, 365, 14)]
    assert not {one.kind for today in year for one in of_school(today, CALENDAR, TERMS)} & set(OF_STAFF)


@given(DAYS, st.none() | DAYS, st.none() | DAYS, st.none() | DAYS)
def test_nobody_is_ever_asked_early(came: date, af_since: date | None, training: date | None, refresher: date | None):
    """Whatever the days: on a school day, and a whole term after the last time."""
    had = {kind: day for kind, day in ((Kind.TRAINING, training), (Kind.REFRESHER, refresher)) if day}
    one = somebody(came=came, af_since=af_since, had=had)
    asked = {due.kind: CALENDAR.local_date(due.due_at) for due in reversed(of_staff([one], CALENDAR, TERMS))}
    assert {kind: due_on(kind, one, CALENDAR, TERMS) for kind in asked} == asked
    assert all(CALENDAR.is_school_day(due) for due in asked.values())
    for kind, days in ((Kind.TRAINING, 365), (Kind.REFRESHER, 730)):
        if kind in had and kind in asked:
            assert asked[kind] >= had[kind] + timedelta(days=days)
    assert had.get(Kind.TRAINING) or asked[Kind.TRAINING] > came
