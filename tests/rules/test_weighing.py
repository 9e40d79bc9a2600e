"""Step 4: what a weighing holds, and where the answers of each version of the code lead (R33-R36, R39, R61)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.story import QUESTIONS, answers_of
from meldcode_plugin.rules.weighing import CURRENT, TABLES, Outcome, outcome, unanswered, unknown
from meldcode_plugin.rules.workflow import Action, refusals, stamped
from tests.rules.desk import TEACHER, TODAY, Desk, a, ready

R, C, H, F = Outcome.REPORT, Outcome.CLOSE, Outcome.HELP, Outcome.FOLLOW
SHORT = {"y": "yes", "n": "no", "d": "doubt", "-": "open"}


def answers(letters):
    """The answers to the five questions, as five letters: y, n, d or - for open."""
    return {name: SHORT[letter] for name, letter in zip(QUESTIONS, letters, strict=True)}


@pytest.mark.rule("R33")
def test_risk_stands_apart_from_nature_and_severity():
    """Each is asked by itself with its reason, none may be left out, and nothing is added up."""
    for field in ("risk", "risk_why", "nature", "severity", "severity_why"):
        with pytest.raises(ValueError, match=field):
            a(e.Weighing, **{field: ""})
    assert not {"score", "total", "sum"} & set(e.Weighing.model_fields)


@pytest.mark.rule("R33")
def test_report_and_help_wait_for_a_weighing():
    """Neither is decided without it."""
    desk = ready("weighing")
    assert [no.rule for no in refusals(desk.story, Action.REPORT, TODAY)] == ["R33"]
    assert [no.rule for no in refusals(desk.story, Action.HELP_ONLY, TODAY)] == ["R33"]
    assert "R33" in desk.missing()


@pytest.mark.rule("R34")
def test_weighing_names_what_it_stands_on():
    """Signals, advice and talks of this very case can be ticked; another id can not."""
    desk = Desk()
    mine = desk.put(e.Signal, by=TEACHER)
    assert desk.refused(e.Weighing, evidence=(mine,)) == []
    assert desk.refused(e.Weighing, evidence=(mine, uuid4())) == ["R34-evidence"]


@pytest.mark.rule("R35")
def test_risk_to_staff_is_a_field_of_its_own():
    """Who sees risk for a colleague says what is done about it."""
    assert Desk().refused(e.Weighing, risk_to_staff="Vader dreigde.") == ["R35-measures"]
    assert Desk().refused(e.Weighing, risk_to_staff="Vader dreigde.", measures="Nooit alleen.") == []


@pytest.mark.rule("R36")
@pytest.mark.parametrize("letters", ["d----", "yd---", "ynd--", "ynyd-", "ynyyd"])
def test_doubt_asks_veilig_thuis(letters):
    """At any question; after the advice, or after a report, the list is silent."""
    desk = ready("weighing")
    desk.put(e.Weighing, **answers(letters))
    assert "R36" in desk.missing()
    desk.put(e.Consultation, partner=e.Partner.IB)
    assert "R36" in desk.missing()
    reported = ready("weighing")
    reported.put(e.Weighing, **answers(letters))
    reported.put(e.Report)
    assert "R36" not in reported.missing()
    desk.put(e.Consultation, partner=e.Partner.VEILIG_THUIS)
    assert "R36" not in desk.missing()


@pytest.mark.rule("R36")
def test_no_doubt_asks_nobody():
    """Sure answers leave Veilig Thuis alone."""
    assert "R36" not in ready().missing()


@pytest.mark.rule("R39")
@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"no_instrument": ""}, ["R39-no_instrument"]),
        ({"no_instrument": "", "instrument": "LIRIK"}, ["R39-instrument_result"]),
        ({"no_instrument": "", "instrument": "LIRIK", "instrument_result": "Zorgelijk."}, []),
        ({"no_instrument": "Geen tijd."}, []),
    ],
)
def test_instrument_or_the_reason_why_not(more, refused):
    """An instrument with what came out of it, or why none was used."""
    assert Desk().refused(e.Weighing, **more) == refused


@pytest.mark.rule("R40")
@pytest.mark.parametrize(
    ("letters", "leads", "waits"),
    [
        ("-----", None, "suspicion"),
        ("n----", C, None),
        ("y----", None, "unsafe"),
        ("d----", None, "unsafe"),
        ("yy---", R, None),
        ("yd---", R, None),
        ("yn---", None, "able"),
        ("ynn--", R, None),
        ("ynd--", R, None),
        ("yny--", None, "accept"),
        ("ynyn-", R, None),
        ("ynyd-", R, None),
        ("ynyy-", H, None),
        ("ynyyn", R, None),
        ("ynyyd", R, None),
        ("ynyyy", F, None),
        ("nyyyy", C, None),
    ],
)
def test_five_questions_lead_where_the_code_says(letters, leads, waits):
    """No suspicion closes; unsafety, no help, no effort or no result reports; doubt counts as a no to safety."""
    given = answers(letters)
    assert (outcome(2, given), unanswered(2, given)) == (leads, waits)
    desk = Desk()
    assert desk.refused(e.Weighing, **given) == ([f"R61-{waits}"] if waits else [])


@pytest.mark.rule("R40")
def test_help_alone_is_refused_when_the_questions_lead_to_a_report():
    """The table that was in force says report: help alone is no way out."""
    desk = ready()
    assert desk.refused(e.Decision, protect="yes", report="no") == ["R40"]
    desk.put(e.Weighing, **answers("ynyy-"))
    assert desk.refused(e.Decision, protect="yes", report="no") == []


def test_question_that_was_not_asked_is_open():
    """An answer that is not there counts as none."""
    assert (outcome(2, {}), unanswered(2, {"suspicion": "yes"})) == (None, "unsafe")
    assert outcome(2, {"suspicion": "yes", "unsafe": "no", "able": "yes", "accept": "yes"}) is H


def test_older_code_asks_no_questions():
    """Under version 1 the answers lead nowhere, nothing waits, and an answer is refused."""
    assert (outcome(1, answers("yy---")), unanswered(1, {}), unknown(1, answers("y----"))) == (
        None,
        None,
        ["suspicion"],
    )
    assert unknown(2, answers("yyyyy")) == []
    old = Desk(code_version=1)
    assert old.refused(e.Weighing, suspicion="open", unsafe="open") == []
    assert old.refused(e.Weighing) == ["R61-suspicion", "R61-unsafe"]


def test_case_keeps_the_version_under_which_it_started():
    """What is stored names the version of the case, and is read by that version for ever."""
    old = Desk(code_version=1)
    kept = stamped(old.story, a(e.Weighing, suspicion="open", unsafe="open"))
    assert kept.code_version == 1
    assert stamped(Desk().story, a(e.Weighing)).code_version == CURRENT == 2
    old.put(kept)
    old.put(e.ParentConversation)
    assert old.story.weighed() is None
    assert old.refused(e.Decision, protect="yes", report="no") == []
    assert old.refused(e.Decision, protect="doubt", report="no") == ["R40-report"]


def test_questions_of_a_version_never_change():
    """Their words are what people answered; a new wording is a new version."""
    assert {number: [q.text for q in table.questions] for number, table in TABLES.items()} == {
        1: [],
        2: [
            "1. Heb je een vermoeden van (dreiging van) geweld of mishandeling?",
            "2. Is er acute of structurele onveiligheid?",
            "3. Kun je effectieve hulp bieden of organiseren?",
            "4. Aanvaarden de betrokkenen hulp en zetten zij zich in?",
            "5. Leidt de hulp binnen de termijn tot resultaat?",
        ],
    }
    assert all(number == table.version and table.name for number, table in TABLES.items())


def test_form_asks_the_questions_in_the_words_of_the_table():
    """The labels of the fields are the questions of the version in force, in their order."""
    asked = [(q.name, q.text) for q in TABLES[CURRENT].questions]
    assert asked == [(name, e.Weighing.model_fields[name].title) for name in QUESTIONS]
    assert answers_of(a(e.Weighing)) == answers("yy---")
