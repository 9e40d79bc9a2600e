"""What gives pause and stops nothing: each warning comes when it should, and is kept when somebody goes past it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.cautions import CAUTIONS, cautions, danger_at_talks
from meldcode_plugin.rules.workflow import adding, stamped
from tests.rules.desk import TEACHER, TODAY, Desk, a, reads_well, ready

CALENDAR = SchoolCalendar("midden")
FRIDAY = date(2026, 11, 27)
BEFORE_CHRISTMAS = date(2026, 12, 17)


def warned(desk, kind, **more):
    """The codes of the warnings before an entry."""
    return [one.code for one in cautions(desk.story, a(kind, **more), CALENDAR)]


@pytest.mark.rule("R50")
@pytest.mark.parametrize(
    ("day", "warns"), [(FRIDAY, True), (FRIDAY - timedelta(days=1), False), (date(2026, 12, 18), True), (None, False)]
)
def test_nobody_tells_parents_just_before_free_days(day, warns):
    """On Fridays and before a break; for the talk that is planned, the telling and the report alike."""
    desk = Desk()
    expected = ["before_free_days"] if warns else []
    assert warned(desk, e.TalkPreparation, planned_on=day) == expected
    if day:
        assert warned(desk, e.ReportNotice, told_on=day) == expected
        assert warned(desk, e.Report, made_on=day) == expected
        assert warned(desk, e.Report, made_on=day, emergency=True) == []


@pytest.mark.rule("R50")
def test_one_free_day_is_enough():
    """The day before a study day in the middle of the week."""
    calendar = SchoolCalendar("midden", own_days={TODAY + timedelta(days=1)})
    found = cautions(Desk().story, a(e.Report), calendar)
    assert [one.code for one in found] == ["before_free_days"]
    assert warned(Desk(), e.Report) == []


@pytest.mark.rule("R21")
def test_veilig_thuis_before_the_ib_warns_and_never_blocks():
    """Advice may come first; the order that is expected is said."""
    desk = Desk()
    desk.put(e.Signal, by=TEACHER)
    advice = {"partner": e.Partner.VEILIG_THUIS, "vt_contact": "advies_anoniem"}
    assert warned(desk, e.Consultation, **advice) == ["vt_before_ib"]
    assert desk.refused(e.Consultation, **advice) == []
    assert warned(desk, e.Consultation) == []
    desk.put(e.Consultation)
    assert warned(desk, e.Consultation, **advice) == []


@pytest.mark.rule("R24")
@pytest.mark.parametrize("who", ["teacher", "ib", "director"])
def test_missing_person_at_the_talk_needs_a_short_reason(who):
    """Each of the three is missed; with a reason nothing is said."""
    assert warned(Desk(), e.ParentConversation) == []
    assert warned(Desk(), e.ParentConversation, **{who: "no"}) == ["not_all_there"]
    assert warned(Desk(), e.ParentConversation, **{who: "no"}, absent="Ziek.") == []


@pytest.mark.rule("R31")
def test_fear_of_losing_contact_is_the_weaker_ground():
    """It is allowed, and asks for Veilig Thuis first."""
    assert warned(Desk(), e.TalkWaiver, ground=e.Ground.BREAK_CONTACT) == ["weaker_ground"]
    assert warned(Desk(), e.TalkWaiver) == []


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("talked", "reported", "warns"),
    [
        (TODAY, TODAY, True),
        (TODAY, TODAY + timedelta(days=1), False),
        (FRIDAY, FRIDAY + timedelta(days=2), True),
        (FRIDAY, FRIDAY + timedelta(days=3), False),
    ],
)
def test_report_right_after_the_talk_asks_to_weigh_again(talked, reported, warns):
    """Within a school day, without a new weighing; not in an emergency, not when it was weighed since."""
    desk = Desk()
    desk.put(e.Weighing)
    assert "no_new_weighing" not in warned(desk, e.Report, made_on=reported)
    desk.put(e.ParentConversation, held_on=talked)
    assert ("no_new_weighing" in warned(desk, e.Report, made_on=reported)) is warns
    assert "no_new_weighing" not in warned(desk, e.Report, made_on=reported, emergency=True)
    desk.put(e.Weighing)
    assert "no_new_weighing" not in warned(desk, e.Report, made_on=reported)


@pytest.mark.parametrize("kind", [e.TalkPreparation, e.ParentConversation, e.ReportNotice])
def test_special_form_warns_before_every_talk_with_the_family(kind):
    """In red at step 3 and before each such entry; nowhere else."""
    desk = Desk()
    assert (warned(desk, kind), danger_at_talks(desk.story)) == ([], "")
    desk.put(e.SpecialForm)
    assert warned(desk, kind) == ["special_form"]
    assert danger_at_talks(desk.story).startswith("Pas op.")
    assert warned(desk, e.ChildConversation) == []


def test_passed_warnings_stand_in_the_entry():
    """What somebody went past is kept with what they wrote; no warning is a refusal."""
    desk = ready()
    report = a(e.Report, made_on=FRIDAY)
    assert adding(desk.story, report, FRIDAY) == []
    codes = tuple(one.code for one in cautions(desk.story, report, CALENDAR))
    assert stamped(desk.story, report, codes).passed == ("before_free_days",)
    assert stamped(desk.story, report) == report
    for kind, name in ((e.Signal, "passed"), (e.Report, "code_version")):
        assert not hasattr(stamped(desk.story, a(kind), codes), name)


def test_every_warning_has_its_own_code_and_a_sentence():
    """Codes are what is stored: two of the same could not be told apart."""
    assert len({one.code for one in CAUTIONS}) == len(CAUTIONS) == 6
    assert all(reads_well(one.sentence) for one in CAUTIONS)
