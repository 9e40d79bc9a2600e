"""The terms of a school: its own dates, its own terms, what is put off, and the laws that hold for every line."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.clocks import OF_STORY, due, snoozable
from meldcode_plugin.rules.deadlines import OF_SCHOOL, Audience, for_new_signal, of_school
from meldcode_plugin.rules.entries import Snoozable
from meldcode_plugin.rules.terms import FIXED, PERSONAL, REMINDER_NAMES, TABLE, Kind, Terms, months_later
from tests.rules.desk import AF, DIRECTOR, IB, SAMPLES, TEACHER, TODAY, Desk, a
from tests.rules.test_clocks import BRD, CALENDAR, CASE, DEP, DIR, FG, OWN, TERMS, days, running, talked_over

# --- the school as a whole --------------------------------------------------------------------------


def of(kind: Kind, today: date) -> list[tuple[Audience, str]]:
    """Return what falls due for the school about a day."""
    return days([one for one in of_school(today, CALENDAR, TERMS) if one.kind is kind])


def test_before_each_holiday_of_more_than_a_week_open_cases_are_checked():
    """Five school days before the first closed day, the director two; a long weekend is no holiday."""
    assert [(OWN, "12-14 07:30"), (DIR, "12-17 07:30")] == of(Kind.HOLIDAY, date(2026, 12, 1))
    assert of(Kind.HOLIDAY, date(2026, 11, 1)) == [(OWN, "12-14 07:30")]
    assert [(OWN, "10-12 07:30"), (DIR, "10-15 07:30")] == of(Kind.HOLIDAY, date(2026, 10, 1))


def test_school_year_change_hands_over_the_owners():
    """Ten school days before the summer, the director five; not before Christmas."""
    assert [(OWN, "07-05 07:30"), (DIR, "07-12 07:30")] == of(Kind.YEAR_CHANGE, date(2027, 6, 20))
    assert of(Kind.YEAR_CHANGE, date(2026, 12, 10)) == []


@pytest.mark.parametrize(
    ("kind", "today", "expected"),
    [
        (Kind.CONTACT_DATA, date(2026, 8, 30), [(DEP, "08-31 07:30")]),
        (Kind.LOG_REVIEW, date(2026, 12, 20), [(DEP, "01-04 07:30"), (FG, "01-04 07:30"), (BRD, "01-25 07:30")]),
        (Kind.EVALUATION, date(2027, 5, 25), [(DIR, "06-01 07:30"), (DEP, "06-01 07:30"), (BRD, "06-29 07:30")]),
    ],
)
def test_each_year_and_quarter_the_school_looks_back(kind, today, expected):
    """Contact data in August, the log each quarter, evaluation each year: on a school day, 07.30."""
    assert expected == of(kind, today)


def test_dates_of_the_school_have_one_key_each_whenever_they_are_laid_down():
    """Worked out on another day they are the same reminders."""
    keys = [{one.dedup_key for one in of_school(date(2026, 12, day), CALENDAR, TERMS)} for day in (1, 2, 14)]
    assert keys[0] & keys[1] & keys[2]
    assert all(one.case_id is None for one in of_school(date(2026, 12, 1), CALENDAR, TERMS))


# --- terms, snoozing, laws --------------------------------------------------------------------------


def test_a_school_sets_its_own_terms():
    """Another first term moves those above it along; the other lines stay."""
    own = Terms.of({"talk_held": 5, "vt_feedback": 5})
    desk = talked_over()
    assert [(OWN, "12-01 10:00"), (DIR, "12-03 10:00")] == days(running(desk, Kind.TALK_HELD, terms=own))
    assert own[Kind.TALK_PLANNED] == TABLE[Kind.TALK_PLANNED]
    desk.put(e.Closed)
    later = Terms.of({"after_closing": 2})
    assert [(OWN, "01-24 07:30"), (OWN, "04-24 07:30")] == days(
        running(desk, Kind.AFTER_CLOSING, closed=True, terms=later)
    )


@pytest.mark.parametrize("changed", [{"talk": 5}, {"acute_unrecorded": 24}, {"talk_held": -1}, {"talk_held": 500}])
def test_what_is_no_term_is_refused(changed):
    """An unknown name, the clock of acute danger, and what can not be a term, are refused by name."""
    with pytest.raises(ValueError, match=next(iter(changed))):
        Terms.of(changed)


def test_a_reminder_is_put_off_with_a_reason():
    """The one that was put off comes on that day with its escalation behind it, under a key of its own."""
    desk = talked_over()
    before = running(desk, Kind.TALK_HELD)
    desk.put(e.Snoozed, what="talk_held", until=date(2026, 12, 21))
    after = running(desk, Kind.TALK_HELD)
    assert (OWN, "12-21 07:30") == days(after)[0]
    assert after[1].due_at - after[0].due_at == before[1].due_at - before[0].due_at
    assert {one.dedup_key for one in before}.isdisjoint(one.dedup_key for one in after)
    assert (OWN, "11-26 10:00") == days(running(desk, Kind.TALK_PLANNED))[0]


def test_putting_off_never_makes_a_reminder_come_sooner():
    """A day before its term leaves it where it was."""
    desk = talked_over()
    desk.put(e.Snoozed, what="talk_held", until=date(2026, 11, 25))
    assert (OWN, "12-08 10:00") == days(running(desk, Kind.TALK_HELD))[0]


def test_what_is_acute_can_not_be_put_off():
    """Neither the form nor the rules know a way."""
    desk = Desk()
    desk.put(e.Signal, TEACHER, acute=True)
    desk.put(e.Decision)
    never = {Kind.SIGNAL_NEW, Kind.SIGNAL_UNOPENED, Kind.ACUTE, Kind.APPROVAL, Kind.REPORT, Kind.SUPPLEMENT}
    assert {one.value for one in never} & {one.value for one in Snoozable} == set()
    assert never & snoozable(desk.story, TODAY, CALENDAR, TERMS) == set()
    assert {one.value for one in Snoozable} <= {one.value for one in Kind}


def test_a_day_to_put_off_until_lies_ahead_and_not_too_far():
    """Tomorrow to three months."""
    said = {days_: Desk().refused(e.Snoozed, until=TODAY + timedelta(days=days_)) for days_ in (0, 1, 92, 93)}
    wrong = ["section 4-until"]
    assert said == {0: wrong, 1: [], 92: [], 93: wrong}


def test_every_kind_has_a_line_and_a_name():
    """No kind is forgotten in the table, on the screen, or among what is worked out."""
    assert set(TABLE) == set(Kind) - {Kind.SIGNAL_NEW, Kind.GLASS} - PERSONAL
    assert set(REMINDER_NAMES) == set(Kind)
    assert set(OF_SCHOOL) < OF_STORY
    assert set(TABLE) > FIXED - {Kind.SIGNAL_NEW}


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
ACTS = st.lists(st.tuples(st.sampled_from(list(SAMPLES)), st.sampled_from([IB, TEACHER, AF, DIRECTOR])), max_size=12)


@given(MOMENTS, ACTS, st.booleans())
def test_whatever_is_written_a_reminder_lies_ahead_and_keeps_its_key(moment, acts, closed):
    """Any story at any moment: each key once, no term before it began, the same again, and nothing is changed."""
    desk = Desk()
    desk.now = moment
    for kind, who in acts:
        desk.put(kind, who)
    story = desk.story
    found = due(CASE, story, TODAY, CALENDAR, TERMS, closed=closed)
    keys = [one.dedup_key for one in found]
    assert len(set(keys)) == len(keys)
    assert all(one.due_at >= one.since for one in found)
    assert all(len(key) <= 120 for key in keys)
    assert found == due(CASE, desk.story, TODAY, CALENDAR, TERMS, closed=closed)
    assert story == desk.story


@given(MOMENTS, st.booleans(), st.sampled_from(["noord", "midden", "zuid"]))
def test_whoever_is_told_first_is_never_told_after_who_stands_above(moment, acute, region):
    """On every line the chain climbs in time, across breaks, summer time and 29 February."""
    calendar = SchoolCalendar(region)
    more = () if acute else (Kind.CONSULTATION, Kind.UNLINKED)
    found = for_new_signal(CASE, uuid4(), moment, calendar, acute=acute, more=more)
    for kind in {one.kind for one in found}:
        times = [one.due_at for one in found if one.kind is kind]
        assert times == sorted(times)
    assert all(one.due_at >= moment for one in found)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 24), 1, date(2026, 12, 24)),
        (date(2026, 12, 24), 1, date(2027, 1, 24)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day, months, expected):
    """29 February and short months."""
    assert expected == months_later(day, months)


def test_an_anchor_is_told_apart_in_the_key():
    """Two entries of a kind have two keys for each who is told."""
    desk = Desk()
    for _ in range(2):
        desk.put(a(e.Signal, signal_kind="hypothesis"), TEACHER)
    keys = {one.dedup_key for one in running(desk, Kind.HYPOTHESIS)}
    assert len(keys) == 4
    assert len({key.split("/")[1] for key in keys}) == 2
    assert all(str(UUID(key.split("/")[1])) in key for key in keys)
