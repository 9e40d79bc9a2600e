"""Step 5, after the decision: telling the family, reporting, closing (R47-R58)."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import CloseReason
from meldcode_plugin.rules.workflow import Action, open_points, refusals
from tests.rules.desk import DIRECTOR, TEACHER, TODAY, Desk, a, ready

DUE = TODAY + timedelta(days=42)


def rules(desk, action=Action.REPORT, today=TODAY):
    """The rules that refuse an act now."""
    return [no.rule for no in refusals(desk.story, action, today)]


# --- telling the family ------------------------------------------------------------------------------


@pytest.mark.rule("R50")
def test_every_parent_with_custody_is_told():
    """Who was told is ticked; who was not is a gap that stands in the list."""
    desk = ready()
    assert "R50" not in desk.missing()
    assert desk.refused(e.ReportNotice) == ["R50-parties"]
    assert desk.refused(e.ReportNotice, parties=(uuid4(),)) == ["R29-parties"]
    father = desk.put(e.Party, name="Vader", relation="vader")
    assert "R50" in desk.missing()
    assert rules(desk) == []
    desk.put(e.ReportNotice, parties=(father,))
    assert "R50" not in desk.missing()


@pytest.mark.rule("R51")
def test_consent_is_an_effort_and_never_a_gate():
    """Not asked, or refused: the list asks for the effort, the report goes on."""
    desk = ready()
    assert rules(desk) == []
    assert "R51" in desk.missing()
    desk.put(e.ConsentEffort, answer="no")
    assert rules(desk) == []
    assert "R51" not in desk.missing()


@pytest.mark.rule("R51", "R55")
def test_family_that_is_not_told_is_not_asked():
    """With a waiver for the report nobody asks for consent, and nobody has to be told."""
    desk = ready("notice")
    waiver = desk.put(e.TalkWaiver, stage=e.Stage.REPORT)
    assert rules(desk) == ["R55"]
    assert "R55" in desk.missing()
    desk.approve(waiver, "D", DIRECTOR)
    assert rules(desk) == []
    assert not {"R50", "R51", "R55"} & set(desk.missing())


@pytest.mark.rule("R55")
def test_talk_about_the_report_after_all_needs_no_waiver():
    """A waiver that nobody confirmed does not matter once the family knows."""
    desk = ready()
    desk.put(e.TalkWaiver, stage=e.Stage.REPORT)
    assert rules(desk) == []


BORN = {
    "unknown": None,
    "11": date(2014, 11, 25),
    "12": date(2014, 11, 24),
    "15": date(2010, 11, 25),
    "16": date(2010, 11, 24),
}


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    ("age", "told", "view", "refused"),
    [
        ("unknown", "ouders", "", []),
        ("unknown", "leerling", "", ["R52-told"]),
        ("11", "ouders", "", []),
        ("11", "beiden", "", []),
        ("12", "ouders", "", ["R52-child_view"]),
        ("12", "ouders", "Vindt het eng.", []),
        ("15", "ouders", "", ["R52-child_view"]),
        ("15", "leerling", "Vindt het goed.", ["R52-told"]),
        ("16", "leerling", "", []),
        ("16", "beiden", "", []),
        ("16", "ouders", "", ["R52-told"]),
    ],
)
def test_age_tells_with_whom_the_report_is_discussed(age, told, view, refused):
    """Below 16 and unknown: the parents; from 12 the child is asked as well; from 16 the pupil self."""
    assert Desk(BORN[age]).refused(e.ReportNotice, told=told, child_view=view) == refused


@pytest.mark.rule("R52")
@pytest.mark.parametrize(
    ("age", "told", "enough"),
    [
        ("15", "ouders", True),
        ("15", "beiden", True),
        ("15", "leerling", False),
        ("16", "leerling", True),
        ("16", "beiden", True),
        ("16", "ouders", False),
    ],
)
def test_report_waits_until_the_right_one_is_told(age, told, enough):
    """A child that turned 16 since is told before the report, whatever the parents know."""
    desk = ready("notice", Desk(BORN[age]))
    desk.put(e.ReportNotice, told=told)
    assert rules(desk) == desk.refused(e.Report) == ([] if enough else ["R50"])
    desk.put(e.Report, emergency=True)
    assert rules(desk, Action.CLOSE) == desk.refused(e.Closed) == ([] if enough else ["R58"])


@pytest.mark.rule("R52")
def test_parents_of_a_pupil_of_16_are_no_gap():
    """The pupil decides who knows."""
    desk = ready("notice", Desk(BORN["16"]))
    desk.put(e.ReportNotice, told="leerling")
    assert "R50" not in desk.missing()
    assert desk.refused(e.ReportNotice, told="leerling") == []


@pytest.mark.rule("R53")
def test_every_objection_is_met_or_weighed():
    """Objections that were made are on paper before the report; each says how it was met or why it does not weigh."""
    desk = ready("notice")
    desk.put(e.Objection)
    mother = desk.story.all(e.Party)[0][0].id
    desk.put(e.ReportNotice, objected="yes", parties=(mother,))
    assert rules(desk) == ["R53"]
    assert "R53" in desk.missing()
    desk.put(e.Objection)
    assert rules(desk) == []
    assert "R53" not in desk.missing()


@pytest.mark.rule("R53")
@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"accommodated": "yes", "weighed": "", "severity": ""}, ["R53-how"]),
        ({"accommodated": "yes", "weighed": "", "severity": "", "how": "Later gebeld."}, []),
        ({"weighed": ""}, ["R53-weighed"]),
        ({"severity": ""}, ["R53-severity"]),
        ({"weighed": "", "severity": ""}, ["R53-weighed", "R53-severity"]),
        ({}, []),
    ],
)
def test_weighing_an_objection_names_nature_and_severity(more, refused):
    """They have a field of their own."""
    assert Desk().refused(e.Objection, **more) == refused


# --- reporting ---------------------------------------------------------------------------------------


@pytest.mark.rule("R47")
def test_own_role_is_agreed_before_or_right_after():
    """What, who and the limits are asked with the report; after an emergency they are asked for until there."""
    assert ready().refused(e.Report, own_role="", own_role_who="", own_role_limits="") == [
        "R47-own_role",
        "R47-own_role_who",
        "R47-own_role_limits",
    ]
    desk = ready()
    desk.put(e.Report, emergency=True, own_role="", own_role_who="", own_role_limits="")
    assert "R47" in desk.missing()
    desk.put(e.OwnRole)
    assert "R47" not in desk.missing()
    asked = ready()
    asked.put(e.Report)
    assert "R47" not in asked.missing()


@pytest.mark.rule("R48")
def test_school_does_not_investigate():
    """No label, help text or sentence of the steps speaks of an investigation or an interrogation."""
    texts = [
        f"{field.title} {field.description} {field.json_schema_extra}"
        for kind in e.KINDS
        for field in kind.model_fields.values()
    ]
    assert len(texts) > 150
    words = ("onderzo", "verhoor", "bewij", "verdacht")
    assert [text for text in texts if any(word in text.lower() for word in words)] == []


@pytest.mark.rule("R49")
def test_silence_of_veilig_thuis_stands_in_the_list():
    """After each report until word came back; what school gives on request has its own entry and its reason."""
    desk = ready()
    assert "R49" not in desk.missing()
    desk.put(e.Report)
    assert "R49" in desk.missing()
    desk.put(e.VtFeedback)
    assert "R49" not in desk.missing()
    desk.put(e.Report)
    assert "R49" in desk.missing()
    assert desk.refused(e.InformationRequest, parents="no") == ["R38-parents_ground"]
    assert desk.refused(e.InformationRequest, parents="no", parents_ground="Gevaar.") == []


@pytest.mark.rule("R57")
def test_six_questions_are_answered_before_the_report():
    """Five are a yes or no, and a no has its reason; the fifth is a list that can not be empty."""
    desk = ready("secrecy")
    assert rules(desk) == ["R57"]
    for name in ("consulted", "vt_asked", "enough_facts", "weighed", "effort"):
        assert desk.refused(e.ConfidentialityCheck, **{name: "no"}) == [f"R57-{name}_why"]
        assert desk.refused(e.ConfidentialityCheck, **{name: "no", f"{name}_why": "Geen tijd."}) == []
    with pytest.raises(ValueError, match="contacts"):
        a(e.ConfidentialityCheck, contacts="")


@pytest.mark.rule("R58")
def test_emergency_goes_first_and_all_else_follows():
    """On an empty case it is recorded at once; what the code asks for a report is then asked for, and closing waits."""
    desk = Desk()
    bare = {"emergency": True, "how": "112", "own_role": "", "own_role_who": "", "own_role_limits": ""}
    assert desk.refused(e.Report, **bare) == []
    desk.put(e.Signal, by=TEACHER)
    desk.put(e.Report, by=TEACHER, **bare)
    asked = {"R19", "R20", "R29", "R31", "R37", "R33", "R40", "R44", "R50", "R57", "R47", "R49", "R51"}
    asked |= {"5.2", "section 4"}
    assert set(desk.missing()) == asked
    told = [point.sentence for point in open_points(desk.story, TODAY)]
    assert "De directeur heeft nog niet ingestemd." in told
    assert [sentence for sentence in told if "Is het spoed?" in sentence] == []
    assert [no.sentence for no in refusals(desk.story, Action.CLOSE, TODAY)] == [
        "Na de spoedmelding missen er nog 10 dingen. Maak die eerst af."
    ]
    ready("", desk)
    assert rules(desk, Action.CLOSE) == []
    assert "R40" not in desk.missing()


@pytest.mark.rule("R58")
def test_who_called_112_ticks_the_emergency():
    """Otherwise the ordinary gate would stand before what already happened."""
    assert ready().refused(e.Report, how="112") == ["R58-emergency"]
    assert ready().refused(e.Report, how="112", emergency=True) == []


@pytest.mark.rule("R58")
def test_emergency_of_an_earlier_round_does_not_come_back():
    """Closed and opened again, the old emergency asks for nothing."""
    desk = ready()
    desk.put(e.Report, emergency=True)
    desk.put(e.Closed)
    desk.put(e.Reopened)
    assert rules(desk, Action.CLOSE) == []


# --- closing -----------------------------------------------------------------------------------------


@pytest.mark.rule("R38")
@pytest.mark.parametrize(
    ("reason", "more", "refused"),
    [
        ("geen_vermoeden", {"parents": "open"}, ["R38-parents"]),
        ("geen_vermoeden", {"parents": "no"}, ["R38-parents_ground"]),
        ("geen_vermoeden", {"parents": "no", "parents_ground": "Gevaar."}, []),
        ("geen_vermoeden", {"parents": "yes"}, []),
        ("dubbel", {"parents": "open"}, []),
        ("route_beroepskracht", {"parents": "open"}, []),
    ],
)
def test_closing_asks_whether_parents_know(reason, more, refused):
    """Also when nothing is reported; a no has its reason."""
    assert Desk().refused(e.Closed, reason=reason, **more) == refused


def test_open_hypotheses_stop_report_and_closing():
    """Each is answered, if only with why it stays uncertain; the sentence counts them."""
    desk = ready()
    first = desk.put(e.Signal, by=TEACHER, signal_kind=e.SignalKind.HYPOTHESIS)
    desk.put(e.Signal, by=TEACHER, signal_kind=e.SignalKind.HYPOTHESIS)
    sentence = "Er staan nog 2 hypothesen open. Zet er een uitkomst bij of schrijf op waarom het nog onzeker is."
    assert [no.sentence for no in refusals(desk.story, Action.REPORT, TODAY)] == [sentence]
    desk.put(e.FollowUp, refers_to=first, status=None)
    assert "R6" in rules(desk, Action.CLOSE)
    desk.put(e.FollowUp, refers_to=first)
    one = sentence.replace("staan nog 2 hypothesen", "staat nog 1 hypothese")
    assert [no.sentence for no in refusals(desk.story, Action.REPORT, TODAY)] == [one]
    assert "R6" in desk.missing()


def test_decided_report_is_made_before_closing():
    """Unless the decision is another one by then."""
    desk = ready()
    assert desk.refused(e.Closed) == ["R40"]
    desk.put(e.Report)
    assert desk.refused(e.Closed) == []
    desk.put(e.Decision)
    assert desk.refused(e.Closed) == ["R40"]
    desk.put(e.Decision, report="no")
    assert desk.refused(e.Closed) == []


@pytest.mark.parametrize(
    ("reason", "needs", "refused"),
    [
        (CloseReason.HELPED, (e.HelpPlan,), ["R42-reason"]),
        (CloseReason.TAKEN_OVER, (e.Report, e.VtFeedback), ["R49-reason"]),
        (CloseReason.LEFT_SCHOOL, (e.TransferTalk,), ["section 5.2-reason"]),
    ],
)
def test_reason_that_says_it_happened_is_on_paper(reason, needs, refused):
    """Help that worked has a plan, a take-over has word of Veilig Thuis, a move has a talk with the next school."""
    desk = Desk()
    for kind in needs:
        assert refused[0] in desk.refused(e.Closed, DUE, reason=reason)
        desk.put(kind)
    desk.put(e.HelpEffectCheck)
    assert desk.refused(e.Closed, DUE, reason=reason) == []


def test_case_about_staff_closes_at_once():
    """The code does not apply to it (R17): neither hypotheses nor help hold it."""
    desk = ready()
    desk.put(e.Signal, by=TEACHER, signal_kind=e.SignalKind.HYPOTHESIS)
    desk.put(e.HelpPlan)
    assert desk.refused(e.Closed, reason=CloseReason.STAFF_ROUTE) == []


def test_transfer_says_whether_parents_know():
    """The talk with the next school goes with the parents' knowledge, or says why not."""
    assert Desk().refused(e.TransferTalk, parents="no") == ["R38-parents_ground"]
    assert Desk().refused(e.TransferTalk, parents="no", parents_ground="Gevaar.") == []


def test_signaller_hears_back_after_the_plan_and_at_the_end():
    """Nothing is asked while nothing is planned; each turn asks again."""
    desk = Desk()
    desk.put(e.Signal, by=TEACHER)
    assert "section 4" not in desk.missing()
    for turn in (e.Decision, e.HelpPlan, e.Report, e.Closed):
        desk.put(turn)
        assert "section 4" in desk.missing()
        desk.put(e.SignallerFeedback)
        assert "section 4" not in desk.missing()


def test_open_points_say_their_step():
    """An empty case lists what the code asks, step by step, with a sentence each."""
    found = open_points(Desk().story, TODAY)
    assert [(point.step, point.rule) for point in found] == [
        (1, "5.2"),
        (2, "R19"),
        (2, "R20"),
        (3, "R29"),
        (3, "R31"),
        (3, "R37"),
        (4, "R33"),
    ]
    assert all(point.sentence.endswith(".") for point in found)
