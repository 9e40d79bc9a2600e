"""What falls due after a new signal, who is next in the chain, and how many mails a person gets in a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.deadlines import OF_SCHOOL, Audience, Kind, chain_from, for_new_signal, wait_until
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.terms import DUTY, DUTY_OF_SCHOOL, TABLE

CALENDAR = SchoolCalendar("midden")
FRIDAY = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
CASE, ENTRY = uuid4(), uuid4()


def test_calm_signal_counts_school_days():
    """At once and after one school day the IB-er, after two the deputy, after three the director; no weekends."""
    dues = for_new_signal(CASE, ENTRY, FRIDAY, CALENDAR, acute=False)
    expected = [
        (Kind.SIGNAL_NEW, Audience.OWNER, FRIDAY),
        (Kind.SIGNAL_UNOPENED, Audience.OWNER, FRIDAY + timedelta(days=3)),
        (Kind.SIGNAL_UNOPENED, Audience.DEPUTY, FRIDAY + timedelta(days=4)),
        (Kind.SIGNAL_UNOPENED, Audience.DIRECTOR, FRIDAY + timedelta(days=5)),
    ]
    assert expected == [(due.kind, due.audience, due.due_at) for due in dues]
    assert not any(due.acute for due in dues)


@pytest.mark.parametrize(
    "moment",
    [
        FRIDAY + timedelta(hours=9),
        datetime(2026, 7, 25, 3, 0, tzinfo=UTC),  # in the summer break
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),  # half an hour before summer time begins
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # the hour that comes twice
    ],
)
def test_acute_signal_counts_hours_on_the_clock(moment):
    """Acute danger never waits for a school day: one real hour, then two; four and eight to have it on paper."""
    dues = for_new_signal(CASE, ENTRY, moment, CALENDAR, acute=True)
    hours = [(due.due_at - moment) / timedelta(hours=1) for due in dues]
    chain = [Audience.OWNER, Audience.OWNER, Audience.DEPUTY, Audience.DIRECTOR, Audience.OWNER, Audience.DIRECTOR]
    assert hours == [0, 1, 1, 2, 4, 8]
    assert chain == [due.audience for due in dues]
    assert all(due.acute for due in dues)


def test_same_signal_gives_the_same_keys():
    """Worked out again, at another moment, a reminder has the same key; another signal has other keys."""
    first = [due.dedup_key for due in for_new_signal(CASE, ENTRY, FRIDAY, CALENDAR, acute=False)]
    again = [due.dedup_key for due in for_new_signal(CASE, ENTRY, FRIDAY + timedelta(days=400), CALENDAR, acute=False)]
    other = [due.dedup_key for due in for_new_signal(CASE, uuid4(), FRIDAY, CALENDAR, acute=False)]
    assert first == again
    assert len({*first, *other}) == 8


def test_chain_goes_up_to_the_board():
    """From the deputy up stand the director and the board; who stands beside is asked nothing of a case."""
    assert [role for _, role in chain_from(Audience.DEPUTY)] == [Role.AF, Role.DIRECTOR, Role.BOARD]
    assert [role for _, role in chain_from(Audience.FG)] == [Role.FG, Role.DIRECTOR, Role.BOARD]
    assert [role for _, role in chain_from(Audience.ADMIN)] == [Role.ADMIN, Role.DIRECTOR, Role.BOARD]
    assert {Role.IB, Role.AF, Role.DIRECTOR, Role.BOARD} == DUTY
    assert {Role.FG, Role.ADMIN} == DUTY_OF_SCHOOL - DUTY
    asked = {rung.audience for kind, line in TABLE.items() if kind not in OF_SCHOOL for rung in line.rungs}
    assert not {Audience.FG, Audience.ADMIN} & asked


@pytest.mark.parametrize(
    ("mailed", "expected"),
    [
        ([], None),
        (
            [datetime(2026, 11, 26, 22, 30, tzinfo=UTC)],
            None,
        ),  # yesterday, half past eleven at night on the school's clock
        ([datetime(2026, 11, 26, 23, 30, tzinfo=UTC)], datetime(2026, 11, 30, 6, 30, tzinfo=UTC)),  # today there
        ([FRIDAY - timedelta(hours=3)], datetime(2026, 11, 30, 6, 30, tzinfo=UTC)),
        ([FRIDAY + timedelta(days=365)], None),  # a clock that was wrong
    ],
)
def test_one_calm_mail_a_day(mailed, expected):
    """After a calm mail today the next one waits for 07.30 on the next school day, by the school's own date."""
    assert expected == wait_until(FRIDAY, mailed, CALENDAR)
