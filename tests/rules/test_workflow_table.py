"""Under which step the page asks what, against a table that was written by hand, and how refusals add up."""

from __future__ import annotations

import pytest

from meldcode_plugin.rules import conditions
from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import CloseReason
from meldcode_plugin.rules.workflow import AFTER_REPORT, OPEN
from tests.rules.desk import TEACHER, Desk

BY_STEP = {
    1: "KIN HYPOTHESES NEWS",
    2: "CONSULT DIRECTOR EXPERT",
    3: "CUSTODY TALK TALK_CONFIRMED SPOKEN SHARED CHILD CHILD_SPOKEN",
    4: "WEIGHED DOUBT",
    5: "NOTHING_DECIDED REPORTED HELP_PLANNED EFFECT HELP_FAILS SIGNALLER",
}
REPORTING = "DECIDED AGREED_IB AGREED_D AGREED NOTICE NOTICE_CONFIRMED TOLD OBJECTIONS CONSENT SECRECY"
REPORTED = "OWN_ROLE VT_HEARD"
"""From the domain's steps (sections 1.1-1.6), never from the code."""


def test_each_step_asks_what_the_code_asks_there():
    """Nothing is forgotten, and nothing stands under another step."""
    expected = [(step, getattr(conditions, name)) for step, names in BY_STEP.items() for name in names.split()]
    assert expected == list(OPEN)
    assert [(5, getattr(conditions, name)) for name in f"{REPORTING} {REPORTED}".split()] == list(AFTER_REPORT)


@pytest.mark.rule("R6", "R42")
def test_a_closing_is_told_everything_that_it_lacks():
    """A reason that says help was given, and a hypothesis that is still open: both are named."""
    desk = Desk()
    desk.put(e.Signal, TEACHER, signal_kind=e.SignalKind.HYPOTHESIS)
    assert {"R6", "R42-reason"} <= set(desk.refused(e.Closed, reason=CloseReason.HELPED))


@pytest.mark.rule("R49")
def test_taken_over_stands_on_a_report_and_an_answer():
    """Word of Veilig Thuis without a report of the school is not enough, nor the other way round."""
    desk = Desk()
    desk.put(e.VtFeedback)
    assert "R49-reason" in desk.refused(e.Closed, reason=CloseReason.TAKEN_OVER)
    desk.put(e.Report)
    assert "R49-reason" not in desk.refused(e.Closed, reason=CloseReason.TAKEN_OVER)


@pytest.mark.rule("R43")
def test_a_late_report_without_help_before_is_not_asked_to_weigh_again():
    """Where nothing was decided before, there is nothing to weigh anew: only that is said."""
    found = Desk().refused(e.Report, late="stopt_niet")
    assert "R43" in found
    assert "R43-late" not in found
