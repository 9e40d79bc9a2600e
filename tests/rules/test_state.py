"""The state of a case, folded from its kinds of entries alone: no word has to be opened for it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import (
    ACT_OF,
    CLOSE_NAMES,
    STATE_NAMES,
    STEP_OF,
    WAKES,
    CaseFacts,
    CloseReason,
    Event,
    State,
    fold,
)


def state(*kinds, start=None):
    """The state after these kinds of entries."""
    facts = start or CaseFacts()
    for kind in kinds:
        facts = fold(facts, Event(uuid4(), kind, None))
    return facts.state


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ((), State.STEP1),
        (("follow_up", "party"), State.STEP1),
        (("consultation",), State.STEP2),
        (("director_informed",), State.STEP2),
        (("talk_preparation",), State.STEP3),
        (("parent_conversation",), State.STEP3),
        (("talk_waiver",), State.STEP3),
        (("child_conversation",), State.STEP3),
        (("weighing",), State.STEP4),
        (("decision",), State.STEP5),
        (("weighing", "consultation"), State.STEP4),
        (("decision", "parent_conversation", "weighing"), State.STEP5),
        (("decision", "help_plan"), State.HELP_FOLLOW),
        (("help_plan", "help_effect_check", "weighing", "decision"), State.HELP_FOLLOW),
        (("help_plan", "report"), State.REPORTED_WAITING),
        (("report",), State.REPORTED_WAITING),
        (("report", "help_plan"), State.REPORTED_WAITING),
        (("report", "consultation"), State.REPORTED_WAITING),
        (("report", "vt_feedback"), State.REPORTED_FOLLOW),
        (("report", "vt_feedback", "help_plan"), State.REPORTED_FOLLOW),
        (("report", "vt_feedback", "report"), State.REPORTED_WAITING),
        (("decision", "closed"), State.CLOSED),
        (("closed", "vt_feedback", "parent_statement"), State.CLOSED),
        (("closed", "help_plan"), State.CLOSED),
        (("closed", "reopened"), State.REOPENED),
        (("closed", "reopened", "party"), State.REOPENED),
        (("closed", "reopened", "consultation"), State.STEP2),
        (("closed", "reopened", "help_plan"), State.HELP_FOLLOW),
        (("closed", "report"), State.REPORTED_WAITING),
    ],
)
def test_case_stands_at_the_furthest_step_or_the_last_act(kinds, expected):
    """Steps run through each other and never go back; help, report and closing lead on; closed is opened by two."""
    assert state(*kinds) is expected


def test_waiting_signal_makes_a_case_new():
    """Until it is taken up or moved; after a closing the case starts again (R43)."""
    for end in ("signal_accepted", "signal_moved_away"):
        signal = uuid4()
        closed = CaseFacts(stands=State.CLOSED)
        facts = fold(closed, Event(signal, "signal", None, acute=True, waits=True))
        assert (facts.state, facts.acute, facts.unread) == (State.NEW_SIGNAL, True, {signal})
        facts = fold(facts, Event(uuid4(), end, signal))
        assert (facts.state, facts.acute, facts.unread) == (State.REOPENED, False, frozenset())


def test_only_taking_up_or_moving_settles_a_signal():
    """A follow-up under it does not, and taking up one leaves what was taken up before."""
    first, second = uuid4(), uuid4()
    facts = CaseFacts()
    for signal in (first, second):
        facts = fold(facts, Event(signal, "signal", None, waits=True))
    facts = fold(facts, Event(uuid4(), "follow_up", first))
    assert facts.unread == {first, second}
    for signal in (first, second):
        facts = fold(facts, Event(uuid4(), "signal_accepted", signal))
    assert facts.unread == frozenset()


def test_waiting_signal_leaves_help_and_report_where_they_were():
    """Once it is taken up the case stands where it stood."""
    for stood in (State.HELP_FOLLOW, State.REPORTED_WAITING, State.STEP4):
        signal = uuid4()
        facts = fold(CaseFacts(stands=stood), Event(signal, "signal", None, waits=True))
        assert (facts.state, facts.acute) == (State.NEW_SIGNAL, False)
        assert fold(facts, Event(uuid4(), "signal_accepted", signal)).state is stood


def test_calm_signal_does_not_calm_an_acute_one():
    """Acute stays until all that waits is taken up."""
    facts = fold(CaseFacts(), Event(uuid4(), "signal", None, acute=True, waits=True))
    facts = fold(facts, Event(uuid4(), "signal", None, waits=True))
    assert facts.acute


def test_kinds_in_the_fold_exist_and_names_are_there():
    """A kind that was renamed would silently move no case; each state and reason has its words."""
    known = {kind.model_fields["kind"].default for kind in e.KINDS}
    assert {*ACT_OF, *STEP_OF, *WAKES} <= known
    assert set(STATE_NAMES) == set(State)
    assert set(CLOSE_NAMES) == set(CloseReason)
