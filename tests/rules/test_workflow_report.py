"""Step 5: the decisions, who agrees, telling the family, the report and what follows (R38, R40-R58)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import CloseReason
from meldcode_plugin.rules.workflow import (
    Action,
    approving,
    may_add_when_closed,
    open_points,
    refusals,
    waiting_for,
)
from tests.rules.desk import DEPUTY, DIRECTOR, IB, SAMPLES, TEACHER, TODAY, WORDS, Desk, a, ready

DUE = TODAY + timedelta(days=42)


def rules(desk, action=Action.REPORT, today=TODAY):
    """The rules that refuse an act now."""
    return [no.rule for no in refusals(desk.story, action, today)]


# --- deciding ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left_out", "rule"),
    [
        ("consultation", ["R19"]),
        ("director", ["R20"]),
        ("talk", ["R31"]),
        ("child", ["R37"]),
        ("weighing", ["R33"]),
        ("ib", ["R44"]),
        ("director_agrees", ["R44"]),
        ("notice", ["R50"]),
        ("secrecy", ["R57"]),
        ("decision", ["R40", "R44", "R44"]),
        ("", []),
    ],
)
def test_report_asks_every_step_and_no_order(left_out, rule):
    """Each thing that is left out is named with its rule, and the report itself is refused for it."""
    desk = ready(left_out)
    assert rules(desk) == rule
    assert desk.refused(e.Report) == rule


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    ("protect", "report", "help_too", "refused"),
    [
        ("yes", "no", "yes", []),
        ("no", "no", "yes", ["R40-report"]),
        ("doubt", "no", "yes", ["R40-report"]),
        ("doubt", "yes", "yes", []),
        ("no", "yes", "no", []),
        ("yes", "yes", "yes", []),
        ("yes", "no", "no", ["R40-help"]),
        ("no", "no", "no", ["R40-report", "R40-help"]),
    ],
)
def test_no_and_doubt_lead_to_a_report(protect, report, help_too, refused):
    """Two decisions, both may be yes; who can not protect or doubts it, reports; neither is no decision."""
    desk = ready()
    desk.put(e.Weighing, unsafe="no", able="yes", accept="yes")
    assert desk.refused(e.Decision, protect=protect, report=report, help=help_too) == refused


@pytest.mark.rule("R40")
def test_neither_is_right_when_there_is_no_suspicion():
    """The first question answered with no: nothing is decided but to close."""
    desk = ready()
    desk.put(e.Weighing, suspicion="no", unsafe="open")
    assert desk.refused(e.Decision, protect="yes", report="no", help="no") == []


@pytest.mark.rule("R40")
def test_open_points_follow_the_decision():
    """Weighed and not decided; decided to report and not reported; help promised and not on paper."""
    desk = ready("decision")
    assert "R40" in desk.missing()
    desk.put(e.Decision)
    assert {"R40", "R41"} <= set(desk.missing())
    desk.put(e.HelpPlan)
    desk.put(e.Report)
    assert not {"R40", "R41"} & set(desk.missing())


@pytest.mark.rule("R54")
@pytest.mark.parametrize(
    ("text", "own"),
    [
        (WORDS, True),
        ("Veilig Thuis adviseerde om hier een melding van te maken.", False),
        ("Op advies van Veilig Thuis doen wij een melding hiervan.", False),
        (f"{WORDS} Veilig Thuis adviseerde te melden.", True),
    ],
)
def test_own_judgement_is_more_than_the_advice(text, own):
    """That Veilig Thuis advised it is no reason by itself; beside an own reason it may stand."""
    assert ready().refused(e.Decision, judgement=text) == ([] if own else ["R54-judgement"])
    with pytest.raises(ValueError, match="judgement"):
        a(e.Decision, judgement="Erg genoeg.")


# --- who agrees --------------------------------------------------------------------------------------


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    ("ib", "director", "rule"),
    [
        (("yes", ""), ("yes", ""), []),
        (("no", "Eerst hulp."), ("yes", ""), []),
        (("yes", ""), ("no", "Eerst hulp."), []),
        (("no", ""), ("yes", ""), ["R44"]),
        (("yes", ""), ("no", ""), ["R44"]),
        (("no", "Nee."), ("no", "Nee."), ["R44"]),
    ],
)
def test_ib_and_director_both_say_what_they_think(ib, director, rule):
    """A no with its reason is kept and does not stop the other; two of them do."""
    desk = ready("ib")
    desk.entries = [entry for entry in desk.entries if not isinstance(entry.payload, e.Approval)]
    about = desk.story.last(e.Decision)[0].id
    desk.entries.sort(key=lambda entry: entry.seq)
    for role, by, (agrees, text) in (("IB", DEPUTY, ib), ("D", DIRECTOR, director)):
        desk.approve(about, role, by, agrees, text=text, seen_seq=90)
    assert rules(desk) == rule


@pytest.mark.rule("R44")
def test_one_person_with_two_roles_is_one_person():
    """Who is IB-er and director agrees once; another says the other yes."""
    desk = ready("director_agrees")
    about = desk.story.last(e.Decision)[0].id
    desk.approve(about, "D", IB)
    assert rules(desk) == ["R44"]
    desk.approve(about, "D", DIRECTOR)
    assert rules(desk) == []


@pytest.mark.rule("R44")
def test_new_decision_asks_both_again():
    """What they said of the old one does not count for the new one."""
    desk = ready()
    desk.put(e.Decision)
    assert rules(desk) == ["R44", "R44"]
    assert [no.sentence for no in refusals(desk.story, Action.REPORT, TODAY)] == [
        "De IB-er heeft nog niet ingestemd. Is het spoed? Kies 'spoedmelding'.",
        "De directeur heeft nog niet ingestemd. Is het spoed? Kies 'spoedmelding'.",
    ]


@pytest.mark.rule("R44")
def test_approval_on_an_older_state_is_asked_again():
    """Something came in after the page was drawn: the yes says so, does not count, and is asked again."""
    desk = ready("director_agrees")
    about = desk.story.last(e.Decision)[0].id
    late = e.Approval(agrees="yes", role="D", about=about, seen_seq=len(desk.entries))
    assert approving(desk.story, late) == []
    desk.put(e.Signal, by=TEACHER)
    assert [no.sentence for no in approving(desk.story, late)] == [
        "Er is intussen iets bijgekomen. Lees het eerst en beslis dan opnieuw."
    ]
    desk.put(late, by=DIRECTOR)
    assert rules(desk) == ["R44"]
    assert [entry.id for entry in waiting_for(desk.story, "D", DIRECTOR)] == [about]


@pytest.mark.rule("R44")
def test_what_the_other_says_is_no_news():
    """IB-er and director may answer on the same page, one after the other."""
    desk = ready("director_agrees")
    about = desk.story.last(e.Decision)[0].id
    seen = len(desk.entries)
    desk.approve(about, "IB", IB)
    both = e.Approval(agrees="yes", role="D", about=about, seen_seq=seen)
    assert approving(desk.story, both) == []


@pytest.mark.rule("R44")
def test_nobody_has_seen_what_is_still_to_come():
    """A number beyond the last entry is refused, and a no says why."""
    desk = ready()
    about = desk.story.last(e.Decision)[0].id
    ahead = e.Approval(agrees="yes", role="D", about=about, seen_seq=len(desk.entries) + 1)
    assert [no.rule for no in approving(desk.story, ahead)] == ["R44"]
    bare = e.Approval(agrees="no", role="D", about=about, seen_seq=len(desk.entries))
    assert [(no.rule, no.field, no.sentence) for no in approving(desk.story, bare)] == [
        ("R44", "text", "Schrijf op waarom je het niet eens bent.")
    ]
    assert approving(desk.story, bare.model_copy(update={"text": "Eerst praten."})) == []


@pytest.mark.rule("R44", "R31")
def test_each_is_asked_for_their_own_word():
    """The director is asked on decision and waivers, the IB-er on the decision; nobody on an own waiver."""
    desk = Desk()
    assert waiting_for(desk.story, "D", DIRECTOR) == []
    decision = desk.put(e.Decision)
    signals = desk.put(e.TalkWaiver)
    report = desk.put(e.TalkWaiver, stage=e.Stage.REPORT)
    assert [entry.id for entry in waiting_for(desk.story, "D", DIRECTOR)] == [decision, signals, report]
    assert [entry.id for entry in waiting_for(desk.story, "D", IB)] == [decision]
    assert [entry.id for entry in waiting_for(desk.story, "IB", DEPUTY)] == [decision]
    desk.approve(signals, "D", DIRECTOR)
    desk.approve(report, "D", DIRECTOR, "no", text="Praat wel.")
    desk.approve(decision, "IB", DEPUTY)
    assert [entry.id for entry in waiting_for(desk.story, "D", DIRECTOR)] == [decision]
    assert waiting_for(desk.story, "IB", DEPUTY) == []


# --- help --------------------------------------------------------------------------------------------


@pytest.mark.rule("R41")
def test_help_has_goal_helper_effect_day_and_manager():
    """None of them may be empty, and the look at the effect comes after the start."""
    for field in ("goals", "provider", "effect", "case_manager"):
        with pytest.raises(ValueError, match=field):
            a(e.HelpPlan, **{field: ""})
    desk = ready()
    assert desk.refused(e.HelpPlan, effect_due=TODAY - timedelta(days=1)) == ["R41-effect_due"]
    assert desk.refused(e.HelpPlan, effect_due=TODAY) == []


@pytest.mark.rule("R42")
def test_no_close_without_a_look_at_the_effect():
    """A look before the agreed day does not count, nor one that was written before the plan."""
    desk = ready("decision")
    desk.put(e.HelpEffectCheck, checked_on=DUE)
    desk.put(e.HelpPlan)
    closed = {"reason": CloseReason.HELPED}
    assert desk.refused(e.Closed, DUE, **closed) == ["R42"]
    desk.put(e.HelpEffectCheck, checked_on=DUE - timedelta(days=1))
    assert desk.refused(e.Closed, DUE, **closed) == ["R42"]
    assert "R42" in desk.missing(DUE)
    desk.put(e.HelpEffectCheck, checked_on=DUE)
    assert desk.refused(e.Closed, DUE, **closed) == []
    assert "R42" not in desk.missing(DUE)


@pytest.mark.rule("R42")
def test_newer_plan_has_its_own_day():
    """Help that changes is looked at again."""
    desk = ready("decision")
    desk.put(e.HelpPlan)
    desk.put(e.HelpEffectCheck)
    desk.put(e.HelpPlan, effect_due=DUE + timedelta(days=42))
    assert desk.refused(e.Closed, DUE, reason=CloseReason.HELPED) == ["R42"]


@pytest.mark.rule("R43")
@pytest.mark.parametrize("finding", list(e.Effect))
def test_help_that_fails_asks_to_weigh_again(finding):
    """The same, worse or stopped: weigh again; better or not known yet: no."""
    desk = ready("decision")
    desk.put(e.HelpPlan)
    desk.put(e.HelpEffectCheck, finding=finding)
    fails = finding in (e.Effect.SAME, e.Effect.WORSE, e.Effect.STOPPED)
    assert ("R43" in desk.missing()) is fails
    desk.put(e.Report)
    assert "R43" not in desk.missing()
    desk.put(e.HelpEffectCheck, finding=finding)
    assert ("R43" in desk.missing()) is fails
    desk.put(e.Weighing)
    assert "R43" not in desk.missing()


@pytest.mark.rule("R43")
def test_new_signal_after_help_or_closing_asks_to_weigh_again():
    """In the help phase and after a closing; not while nothing was decided yet."""
    fresh = Desk()
    fresh.put(e.Signal, by=TEACHER)
    assert "R43" not in fresh.missing()
    for turn in (e.HelpPlan, e.Closed):
        desk = ready()
        desk.put(turn)
        assert "R43" not in desk.missing()
        desk.put(e.Signal, by=TEACHER)
        assert "R43" in desk.missing()
        desk.put(e.Weighing)
        assert "R43" not in desk.missing()


@pytest.mark.rule("R43")
@pytest.mark.parametrize("trigger", ["stopt_niet", "begint_opnieuw"])
def test_late_report_needs_help_before_and_a_new_weighing(trigger):
    """The two triggers are kept apart; without help or closing before, it is an ordinary report."""
    desk = ready()
    assert rules(desk, Action.LATE_REPORT) == ["R43"]
    assert desk.refused(e.Report, late=trigger) == ["R43"]
    assert ready("talk").refused(e.Report, late=trigger) == ["R31", "R43"]
    desk.put(e.HelpPlan)
    assert rules(desk, Action.LATE_REPORT) == []
    assert desk.refused(e.Report, late=trigger) == ["R43-late"]
    desk.put(e.Weighing)
    assert desk.refused(e.Report, late=trigger) == []


@pytest.mark.rule("R43")
def test_late_report_of_a_closed_case_is_weighed_anew():
    """What was weighed before the closing is not what is reported now."""
    desk = ready()
    desk.put(e.Closed)
    assert "R43-late" in desk.refused(e.Report, late="begint_opnieuw")
    desk.put(e.Weighing)
    assert "R43-late" not in desk.refused(e.Report, late="begint_opnieuw")


@pytest.mark.rule("R43")
def test_case_that_was_closed_can_be_opened_to_report():
    """Opening it again to report needs a closing or help before; opening it otherwise needs a reason alone."""
    desk = Desk()
    assert desk.refused(e.Reopened) == []
    assert desk.refused(e.Reopened, late="stopt_niet") == ["R43"]
    desk.put(e.Closed)
    assert desk.refused(e.Reopened, late="stopt_niet") == []


@pytest.mark.rule("R43")
def test_what_was_decided_before_a_closing_is_of_another_time():
    """Opened again, the talk, the weighing, the decision and what stands on it are asked anew; who knows, knows."""
    desk = ready()
    desk.put(e.Closed)
    desk.put(e.Reopened)
    assert rules(desk) == ["R31", "R37", "R33", "R40", "R44", "R44", "R50", "R57"]
    ready("", desk)
    assert rules(desk) == []


@pytest.mark.rule("R43", "R58")
def test_closed_case_takes_what_comes_from_outside():
    """An emergency and a reopening open it; what the director, parents and Veilig Thuis hear or say stands beside."""
    beside = {
        *(e.DirectorInformed, e.ParentStatement, e.VtFeedback, e.InformationRequest),
        *(e.SignallerFeedback, e.TransferTalk, e.Reopened),
    }
    assert beside == {kind for kind in SAMPLES if may_add_when_closed(a(kind))}
    assert may_add_when_closed(a(e.Report, emergency=True))


@pytest.mark.rule("R44")
@pytest.mark.parametrize(
    ("ib", "director", "sentence"),
    [
        ("", "yes", "De IB-er heeft nog niet ingestemd"),
        ("yes", "", "De directeur heeft nog niet ingestemd"),
        ("no", "no", "De IB-er en de directeur zijn het allebei niet eens"),
    ],
)
def test_the_page_names_whose_word_is_missing(ib, director, sentence):
    """Once it is decided to report, the list says who has not said yes, in the words of the code."""
    desk = Desk()
    decision = desk.put(e.Decision)
    for role, by, agrees in (("IB", IB, ib), ("D", DIRECTOR, director)):
        if agrees:
            desk.approve(decision, role, by, agrees, text="Praat eerst." if agrees == "no" else "")
    found = [point.sentence for point in open_points(desk.story, TODAY) if point.rule == "R44"]
    assert [sentence in one for one in found] == [True]


@pytest.mark.rule("R31")
def test_the_page_asks_the_director_to_confirm_a_talk_that_is_left_out():
    """A waiver that nobody confirmed stands in the list under step 3."""
    desk = Desk()
    desk.put(e.TalkWaiver)
    wanted = "De directeur heeft nog niet ingestemd met het overslaan van het gesprek"
    assert [point.step for point in open_points(desk.story, TODAY) if point.sentence.startswith(wanted)] == [3]


@pytest.mark.rule("R32")
def test_who_reported_without_a_talk_may_close():
    """A waiver leads to a report or a talk; once it was reported, what Veilig Thuis took over can be closed."""
    desk = ready("talk")
    desk.approve(desk.put(e.TalkWaiver), "D", DIRECTOR)
    assert "R32-reason" in desk.refused(e.Closed, reason=CloseReason.TAKEN_OVER)
    desk.put(e.Report)
    desk.put(e.VtFeedback)
    assert "R32-reason" not in desk.refused(e.Closed, reason=CloseReason.TAKEN_OVER)
