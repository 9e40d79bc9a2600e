"""The table of reminders and terms: a test for each line, named after it, on a case with its story."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.clocks import due, snoozable
from meldcode_plugin.rules.deadlines import Audience, Due, again
from meldcode_plugin.rules.terms import Kind, Terms
from meldcode_plugin.rules.workflow import may_add_when_closed
from tests.rules.desk import DIRECTOR, MOMENT, TEACHER, TODAY, Desk, a, ready

CALENDAR, TERMS, CASE = SchoolCalendar("midden"), Terms(), uuid4()
OWN, DEP, DIR, BRD, FG, ADMIN, AUTHOR = Audience
"""Owner, deputy, director, board, who guards the data, and who keeps the systems."""


def running(desk: Desk, kind: Kind, *, closed: bool = False, terms: Terms = TERMS) -> list[Due]:
    """Return what runs of a kind."""
    return [one for one in due(CASE, desk.story, TODAY, CALENDAR, terms, closed=closed) if one.kind is kind]


def days(found: list[Due]) -> list[tuple[Audience, str]]:
    """Return who is told, and on which day and hour of the school's clock."""
    zone = CALENDAR.zone
    return [(one.audience, f"{one.due_at.astimezone(zone):%m-%d %H:%M}") for one in found]


def talked_over() -> Desk:
    """Return a case of which the signals were talked over on Tuesday 24 November at 10.00."""
    desk = Desk()
    desk.put(e.Signal, TEACHER)
    desk.put(e.Consultation)
    return desk


def test_acute_danger_is_on_paper_the_same_day():
    """After 4 hours the IB-er, after 8 the director, by the clock; a report, a weighing or Veilig Thuis ends it."""
    desk = Desk()
    desk.put(e.Signal, TEACHER, acute=True)
    found = running(desk, Kind.ACUTE)
    hours = [(one.due_at - MOMENT) / timedelta(hours=1) for one in found]
    assert [(OWN, 4), (DIR, 8)] == [(one.audience, after) for one, after in zip(found, hours, strict=True)]
    assert all(one.acute for one in found)
    for kind, more in (
        (e.Report, {"emergency": True}),
        (e.Weighing, {}),
        (e.Consultation, {"partner": "veilig_thuis"}),
    ):
        other = Desk()
        other.put(e.Signal, TEACHER, acute=True)
        other.put(kind, **more)
        assert running(other, Kind.ACUTE) == []


def test_signal_to_first_consultation_takes_five_school_days():
    """Five school days, and the director after the sixth; it ends with a talk of two people (R19)."""
    desk = Desk()
    desk.put(e.Signal, TEACHER)
    assert [(OWN, "12-01 10:00"), (DIR, "12-02 10:00")] == days(running(desk, Kind.CONSULTATION))
    desk.put(e.Consultation)
    assert running(desk, Kind.CONSULTATION) == []


def test_first_signaller_hears_something_after_the_plan_and_at_the_end():
    """Five school days after the decision the IB-er, ten the director; again after closing."""
    desk = ready()
    assert [(OWN, "12-01 10:00"), (DIR, "12-08 10:00")] == days(running(desk, Kind.FEEDBACK))
    desk.put(e.SignallerFeedback)
    assert running(desk, Kind.FEEDBACK) == []
    desk.put(e.Closed)
    assert [OWN, DIR] == [one.audience for one in running(desk, Kind.FEEDBACK, closed=True)]


def test_director_is_informed_within_two_school_days():
    """Two school days after the talk with the IB-er; the deputy after three."""
    desk = talked_over()
    assert [(OWN, "11-26 10:00"), (DEP, "11-27 10:00")] == days(running(desk, Kind.DIRECTOR))
    desk.put(e.DirectorInformed)
    assert running(desk, Kind.DIRECTOR) == []


def test_open_hypothesis_is_looked_at_every_four_weeks():
    """Its author and the owner are asked after 28 days at 07.30, and again 28 days later; an outcome ends it."""
    desk = Desk()
    one = desk.put(e.Signal, TEACHER, signal_kind="hypothesis")
    desk.put(e.Signal, TEACHER, signal_kind="hypothesis")
    found = running(desk, Kind.HYPOTHESIS)
    assert [(OWN, "12-22 07:30"), (AUTHOR, "12-22 07:30")] * 2 == days(found)
    second, of_author = (again(due, CALENDAR, TERMS) for due in found[:2])
    assert second is not None
    assert of_author is not None
    assert [(OWN, "01-19 07:30"), (AUTHOR, "01-19 07:30")] == days([second, of_author])
    assert {f"{found[0].dedup_key}#2", f"{found[0].dedup_key}#3"} == {
        second.dedup_key,
        again(second, CALENDAR, TERMS).dedup_key,
    }
    desk.put(e.FollowUp, TEACHER, refers_to=one)
    assert len(running(desk, Kind.HYPOTHESIS)) == 2


def test_talk_with_parents_is_planned_in_two_and_held_in_ten_school_days():
    """After step 2; the director two school days later. A waiver that waits for the director stops it too (R31)."""
    desk = talked_over()
    assert [(OWN, "11-26 10:00"), (DIR, "11-30 10:00")] == days(running(desk, Kind.TALK_PLANNED))
    assert [(OWN, "12-08 10:00"), (DIR, "12-10 10:00")] == days(running(desk, Kind.TALK_HELD))
    desk.put(e.TalkPreparation)
    assert running(desk, Kind.TALK_PLANNED) == []
    assert len(running(desk, Kind.TALK_HELD)) == 2
    for kind in (e.ParentConversation, e.TalkWaiver):
        other = talked_over()
        other.put(kind)
        assert running(other, Kind.TALK_HELD) == running(other, Kind.TALK_PLANNED) == []


def test_talk_record_is_final_in_three_school_days_and_with_parents_in_five():
    """Counted from the day of the talk, at 07.30; the deputy two school days later."""
    desk = talked_over()
    desk.put(e.TalkPreparation, planned_on=date(2026, 11, 25))
    assert [(OWN, "11-30 07:30"), (DEP, "12-02 07:30")] == days(running(desk, Kind.TALK_RECORDED))
    desk.put(e.ParentConversation, held_on=date(2026, 11, 25))
    assert running(desk, Kind.TALK_RECORDED) == []
    assert [(OWN, "12-02 07:30"), (DEP, "12-04 07:30")] == days(running(desk, Kind.TALK_SHARED))
    desk.put(e.TalkShared)
    assert running(desk, Kind.TALK_SHARED) == []


def test_weighing_follows_the_talk_in_five_school_days():
    """IB-er and director after five, then deputy and board; two school days when the signs are acute or structural."""
    desk = talked_over()
    desk.put(e.ParentConversation, held_on=date(2026, 11, 20))
    expected = [(OWN, "11-27 07:30"), (DIR, "11-27 07:30"), (DEP, "12-02 07:30"), (BRD, "12-07 07:30")]
    assert expected == days(running(desk, Kind.WEIGHING))
    desk.put(e.SpecialForm)
    assert (OWN, "11-24 07:30") == days(running(desk, Kind.WEIGHING))[0]
    desk.put(e.Weighing)
    assert running(desk, Kind.WEIGHING) == []


def test_weighing_follows_a_confirmed_waiver_a_new_signal_after_help_and_help_that_fails():
    """Without a talk the waiver begins it (R31); after help so does news, and a look that shows no help (R43)."""
    desk = talked_over()
    waiver = desk.put(e.TalkWaiver)
    assert running(desk, Kind.WEIGHING) == []
    desk.approve(waiver, "D", DIRECTOR)
    assert running(desk, Kind.WEIGHING) != []
    desk.put(e.Weighing)
    desk.put(e.HelpPlan)
    assert running(desk, Kind.WEIGHING) == []
    desk.put(e.Signal, TEACHER)
    assert running(desk, Kind.WEIGHING) != []
    desk.put(e.Weighing)
    desk.put(e.HelpEffectCheck, finding="gelijk")
    assert running(desk, Kind.WEIGHING) != []


def test_no_movement_tells_the_owner_after_ten_the_director_after_fifteen_and_the_board_after_twenty_five():
    """School days since the last entry, whatever it was; over the Christmas break."""
    desk = talked_over()
    expected = [(OWN, "12-08 10:00"), (DIR, "12-15 10:00"), (BRD, "01-12 10:00")]
    assert expected == days(running(desk, Kind.NO_MOVEMENT))
    desk.now += timedelta(days=1)
    desk.put(e.DirectorInformed)
    assert (OWN, "12-09 10:00") == days(running(desk, Kind.NO_MOVEMENT))[0]


def test_report_follows_the_decision_in_two_school_days_or_the_same_day():
    """Two school days and the director after three; in acute danger four hours and six, by the clock."""
    desk = ready()
    assert [(OWN, "11-26 10:00"), (DIR, "11-27 10:00")] == days(running(desk, Kind.REPORT))
    desk.put(e.Report)
    assert running(desk, Kind.REPORT) == []
    acute = Desk()
    acute.put(e.Signal, TEACHER, acute=True)
    acute.put(e.Decision)
    found = running(acute, Kind.REPORT)
    assert [(OWN, "11-24 14:00"), (DIR, "11-24 16:00")] == days(found)
    assert all(one.acute for one in found)


def test_director_is_asked_at_once_to_agree():
    """A decision and a waiver wait for the director from the moment they are written (R31, R44)."""
    desk = talked_over()
    waiver = desk.put(e.TalkWaiver)
    decision = desk.put(e.Decision)
    assert [(DIR, "11-24 10:00")] * 2 == days(running(desk, Kind.APPROVAL))
    desk.approve(waiver, "D", DIRECTOR)
    desk.approve(decision, "D", DIRECTOR)
    assert running(desk, Kind.APPROVAL) == []


def test_veilig_thuis_confirms_receipt_within_a_school_day():
    """One school day, unless somebody there was spoken."""
    desk = ready()
    desk.put(e.Report, how="formulier")
    assert [(OWN, "11-25 10:00")] == days(running(desk, Kind.VT_RECEIPT))
    spoken = ready()
    spoken.put(e.Report, spoke_with="Mevrouw De Wit")
    assert running(spoken, Kind.VT_RECEIPT) == []


def test_veilig_thuis_is_asked_on_day_seven_and_weekly():
    """Seven days, also in a break: the clock of safety does not wait for a school day; then every week."""
    desk = ready()
    desk.put(e.Report, made_on=date(2026, 12, 18))
    (first,) = running(desk, Kind.VT_FEEDBACK)
    second = again(first, CALENDAR, TERMS)
    assert second is not None
    assert [(OWN, "12-25 07:30"), (OWN, "01-01 07:30")] == days([first, second])
    desk.put(e.VtFeedback)
    assert running(desk, Kind.VT_FEEDBACK) == running(desk, Kind.VT_RECEIPT) == []


def test_veilig_thuis_is_asked_in_week_eleven_how_the_investigation_goes():
    """After 70 days, and the director knows; ended when Veilig Thuis was heard twice."""
    desk = ready()
    desk.put(e.Report)
    desk.put(e.VtFeedback)
    assert [(OWN, "02-02 07:30"), (DIR, "02-02 07:30")] == days(running(desk, Kind.VT_INVESTIGATION))
    desk.put(e.VtFeedback)
    assert running(desk, Kind.VT_INVESTIGATION) == []


@pytest.mark.parametrize("form", ["report", "own_role"])
def test_own_role_after_the_report_is_looked_at_on_the_agreed_day(form):
    """On the day itself at 07.30, of a report or of an entry of its own; without a day nothing is asked (R47)."""
    desk, until = ready(), date(2026, 12, 22)
    desk.put(e.Report, own_role_until=until if form == "report" else None)
    if form == "own_role":
        assert running(desk, Kind.OWN_ROLE) == []
        desk.put(e.OwnRole, until=until)
    (found,) = running(desk, Kind.OWN_ROLE)
    assert (days([found]), again(found, CALENDAR, TERMS)) == ([(OWN, "12-22 07:30")], None)
    assert CALENDAR.local_date(found.since) == until
    assert Kind.OWN_ROLE in snoozable(desk.story, TODAY, CALENDAR, TERMS)
    desk.now = datetime(2026, 12, 22, 9, tzinfo=UTC)
    desk.put(e.Snoozed, what="own_role", until=date(2027, 1, 12))
    assert [(OWN, "01-12 07:30")] == days(running(desk, Kind.OWN_ROLE))


def test_the_newest_own_role_counts_until_the_case_is_closed():
    """A later agreement takes the place of the older, one without an end asks nothing; closing ends it for good."""
    desk = ready()
    desk.put(e.Report, own_role_until=date(2026, 12, 1))
    desk.put(e.OwnRole, until=date(2026, 12, 22))
    assert [(OWN, "12-22 07:30")] == days(running(desk, Kind.OWN_ROLE))
    desk.put(e.Report, emergency=True, own_role="")
    assert [(OWN, "12-22 07:30")] == days(running(desk, Kind.OWN_ROLE))
    desk.put(e.Report, own_role_until=date(2027, 1, 12))
    assert [(OWN, "01-12 07:30")] == days(running(desk, Kind.OWN_ROLE))
    endless = Desk()
    endless.entries = list(desk.entries)
    endless.put(e.OwnRole)
    assert running(endless, Kind.OWN_ROLE) == []
    desk.put(e.Closed)
    assert running(desk, Kind.OWN_ROLE, closed=True) == []
    desk.put(e.Reopened)
    assert running(desk, Kind.OWN_ROLE) == []


def test_file_of_an_emergency_is_completed_in_two_school_days():
    """What the code asks of a report follows after it (R58); ended when nothing is missing."""
    desk = Desk()
    desk.put(e.Signal, TEACHER, acute=True)
    desk.put(e.Report, emergency=True)
    assert [(OWN, "11-26 10:00"), (DIR, "11-27 10:00")] == days(running(desk, Kind.SUPPLEMENT))
    whole = Desk()
    whole.put(e.Report, emergency=True)
    assert running(ready(desk=whole), Kind.SUPPLEMENT) == []


def test_help_has_started_two_weeks_after_the_agreement():
    """After 14 days; any look at the help ends it."""
    desk = talked_over()
    desk.put(e.HelpPlan)
    assert [(OWN, "12-08 07:30")] == days(running(desk, Kind.HELP_STARTED))
    desk.put(e.HelpEffectCheck, checked_on=TODAY)
    assert running(desk, Kind.HELP_STARTED) == []


def test_effect_is_checked_on_the_agreed_date_and_every_six_weeks():
    """On the date of the plan, the director 14 days later; a look before that date moves nothing (R42)."""
    desk = talked_over()
    desk.put(e.HelpPlan, effect_due=date(2026, 12, 15))
    desk.put(e.HelpEffectCheck, checked_on=TODAY)
    assert [(OWN, "12-15 07:30"), (DIR, "12-29 07:30")] == days(running(desk, Kind.EFFECT))
    desk.put(e.HelpEffectCheck, checked_on=date(2026, 12, 15))
    found = running(desk, Kind.EFFECT)
    assert (OWN, "01-26 07:30") == days(found)[0]
    later = again(found[0], CALENDAR, TERMS)
    assert later is not None
    assert [(OWN, "03-09 07:30")] == days([later])


def test_after_closing_somebody_looks_after_three_and_six_months():
    """Two looks, at 07.30; in an open case there are none, and besides only the end of keeping runs in a closed one."""
    desk = talked_over()
    desk.put(e.SignallerFeedback)
    desk.now = datetime(2026, 11, 30, 9, tzinfo=UTC)
    desk.put(e.Closed)
    desk.put(e.SignallerFeedback)
    found = due(CASE, desk.story, TODAY, CALENDAR, TERMS, closed=True)
    looks = [one for one in found if one.kind is Kind.AFTER_CLOSING]
    assert [(OWN, "02-28 07:30"), (OWN, "05-30 07:30")] == days(looks)
    assert len({one.dedup_key for one in looks}) == 2
    assert {Kind.AFTER_CLOSING, Kind.RETENTION} == {one.kind for one in found}
    assert running(desk, Kind.AFTER_CLOSING) == []


def test_a_closed_case_is_asked_about_after_two_years_and_a_refuted_one_after_one():
    """Director and IB-er are asked whether it must still be kept, and each year again; never of an open case."""
    for reason, kind, year in (("hulp_geslaagd", Kind.RETENTION, 2028), ("ongegrond", Kind.REFUTED, 2027)):
        desk = talked_over()
        desk.put(e.Closed, reason=reason)
        found = running(desk, kind, closed=True)
        assert [DIR, OWN] == [one.audience for one in found]
        assert {date(year, 11, 24)} == {CALENDAR.local_date(one.due_at) for one in found}
        later = again(found[0], CALENDAR, TERMS)
        assert later is not None
        assert (later.due_at - found[0].due_at).days == 365
        assert running(desk, kind) == []


def test_a_closed_case_is_kept_longer_with_a_reason_a_year_at_most():
    """Putting the question off is the reasoned decision; a closed case takes it, and takes no other putting off."""
    desk = talked_over()
    desk.put(e.Closed, reason="ongegrond")
    today = date(2027, 11, 24)
    longest = {"what": "retention_refuted", "until": today + timedelta(days=366)}
    assert desk.refused(e.Snoozed, today, **longest) == []
    assert desk.refused(e.Snoozed, today, **longest | {"until": today + timedelta(days=367)}) == ["section 4-until"]
    assert may_add_when_closed(a(e.Snoozed, **longest))
    assert not may_add_when_closed(a(e.Snoozed))
    desk.put(e.Snoozed, **longest)
    found = running(desk, Kind.REFUTED, closed=True)
    assert {today + timedelta(days=366)} == {CALENDAR.local_date(one.due_at) for one in found}


def test_signal_that_is_linked_to_nobody_is_decided_on_in_ten_days():
    """A signal without a pupil: taken up or closed within ten school days, or the director hears of it."""
    desk = Desk()
    signal = desk.put(e.Signal, TEACHER, subject=e.Subject(who="Een meisje in de auto"))
    assert [(OWN, "12-08 10:00"), (DIR, "12-09 10:00")] == days(running(desk, Kind.UNLINKED))
    desk.put(e.SignalAccepted, refers_to=signal)
    assert running(desk, Kind.UNLINKED) == []
