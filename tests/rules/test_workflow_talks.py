"""Steps 2 and 3: talking it over, the talk with parents, the reasons not to, the child (R18-R32, R37)."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules import workflow
from meldcode_plugin.rules.workflow import Action, refusals
from tests.rules.desk import DEPUTY, DIRECTOR, IB, TEACHER, TODAY, Desk, a, ready


def rules(desk, action):
    """The rules that refuse an act now."""
    return [no.rule for no in refusals(desk.story, action, TODAY)]


# --- step 3 ------------------------------------------------------------------------------------------


@pytest.mark.rule("R23", "R31")
def test_a_talk_is_what_is_expected():
    """Without a talk and without a reason the report waits."""
    desk = ready("talk")
    assert rules(desk, Action.REPORT) == ["R31"]
    assert {"R29", "R31"} <= set(desk.missing())
    desk.put(e.ParentConversation)
    assert rules(desk, Action.REPORT) == []


@pytest.mark.rule("R24")
def test_teacher_ib_and_director_are_expected_at_the_talk():
    """The form starts with all three there; a missing one needs no permission."""
    talk = a(e.ParentConversation)
    assert (talk.teacher, talk.ib, talk.director) == ("yes", "yes", "yes")
    assert Desk().refused(e.ParentConversation, director="no") == []


@pytest.mark.rule("R25", "R36")
@pytest.mark.parametrize("purpose", [e.Purpose.TALK, e.Purpose.WEIGHING])
def test_help_with_the_talk_or_the_weighing_is_a_consultation(purpose):
    """Help is asked at any step, and says what it was for."""
    desk = ready()
    veilig_thuis = {"partner": e.Partner.VEILIG_THUIS, "vt_contact": "advies_anoniem"}
    assert desk.refused(e.Consultation, purpose=purpose, **veilig_thuis) == []
    assert e.PURPOSE_NAMES[purpose]


@pytest.mark.rule("R26")
def test_preparation_sheet_holds_what_a_talk_needs():
    """Goal, facts, who says what, interpreter, safety, place and time, aftercare for the child."""
    asked = set(e.TalkPreparation.model_fields)
    assert {"goal", "facts", "who_says", "interpreter", "safety", "planned_on", "where", "aftercare"} <= asked


@pytest.mark.rule("R27")
def test_reaction_comes_before_what_the_school_thinks():
    """The four parts stand in their order; without a reaction nothing can be kept, without the fourth it can."""
    order = [
        name for name in e.ParentConversation.model_fields if name in ["goal", "facts", "reaction", "interpretation"]
    ]
    assert order == ["goal", "facts", "reaction", "interpretation"]
    with pytest.raises(ValueError, match="reaction"):
        a(e.ParentConversation, reaction="  ", interpretation="Wij denken aan slaan.")
    said = e.ParentConversation.model_fields["reaction"].json_schema_extra
    assert said == {"missing": "Vul eerst de reactie van de ouder in. Daarna kun je opschrijven wat jij ervan denkt."}
    assert a(e.ParentConversation).interpretation == ""


@pytest.mark.rule("R28")
@pytest.mark.parametrize("kind", list(e.SignalKind))
def test_only_facts_can_be_ticked_as_told(kind):
    """What was seen and what the child said can be ticked; a hypothesis, a diagnosis and hearsay can not."""
    desk = Desk()
    told = desk.put(e.Signal, by=TEACHER, signal_kind=kind)
    may = kind in (e.SignalKind.FACT, e.SignalKind.CHILD_STATEMENT)
    assert desk.refused(e.ParentConversation, facts_told=(told,)) == ([] if may else ["R28-facts_told"])


@pytest.mark.rule("R28")
def test_signals_of_another_case_can_not_be_ticked():
    """An id that is not in this story is refused, also beside a good one."""
    desk = Desk()
    told = desk.put(e.Signal, by=TEACHER)
    assert desk.refused(e.ParentConversation, facts_told=(told, uuid4())) == ["R28-facts_told"]


@pytest.mark.rule("R29")
def test_parent_with_custody_who_was_not_spoken_is_a_gap():
    """Two parents with custody, one spoken: the gap stands in the list and does not stop a report (LKC 108725)."""
    desk = ready()
    father = desk.put(e.Party, name="Vader", relation="vader")
    assert desk.story.unreached(e.Stage.SIGNALS) == {"vader"}
    assert rules(desk, Action.REPORT) == []
    before = desk.missing()
    desk.put(e.ParentConversation, parties=(father,))
    desk.put(e.TalkShared)
    assert desk.story.unreached(e.Stage.SIGNALS) == set()
    assert before.count("R29") == 2
    assert "R29" not in desk.missing()


@pytest.mark.rule("R29")
def test_newest_entry_on_a_name_tells_who_has_custody():
    """Custody that turns out to be with one parent alone takes the other out of the gap."""
    desk = Desk()
    desk.put(e.Party, name="Vader", custody="yes")
    desk.put(e.Party, name="VADER", custody="no")
    assert desk.story.with_custody == set()


@pytest.mark.rule("R29")
def test_who_was_spoken_is_ticked_when_custody_is_known():
    """A talk that names nobody, or somebody outside the case, is refused beside that field."""
    desk = Desk()
    assert desk.refused(e.ParentConversation) == []
    mother = desk.put(e.Party)
    signal = desk.put(e.Signal, by=TEACHER)
    assert desk.refused(e.ParentConversation) == ["R29-parties"]
    assert desk.refused(e.ParentConversation, parties=(mother, uuid4())) == ["R29-parties"]
    assert desk.refused(e.ParentConversation, parties=(signal,)) == ["R29-parties"]
    assert desk.refused(e.ParentConversation, parties=(mother,)) == []


@pytest.mark.rule("R29")
def test_only_people_count_as_spoken():
    """An id of something else in the list of who was spoken reaches nobody."""
    desk = Desk()
    desk.put(e.Party)
    desk.put(e.ParentConversation, parties=(desk.put(e.Signal, by=TEACHER), uuid4()))
    assert desk.story.unreached(e.Stage.SIGNALS) == {"moeder"}


@pytest.mark.rule("R29")
def test_nobody_with_custody_on_paper_is_a_gap():
    """A case in which nobody has custody asks for the parents."""
    desk = Desk()
    before = desk.missing().count("R29")
    desk.put(e.Party, custody="unknown")
    assert desk.missing().count("R29") == before == 1
    desk.put(e.Party)
    assert [point for point in desk.missing() if point == "R29"] == ["R29"]  # now: not spoken yet


@pytest.mark.rule("R30")
def test_parents_can_add_their_own_view():
    """Their words are an entry of their own, also when the case is closed."""
    desk = Desk()
    desk.put(e.Closed)
    assert desk.refused(e.ParentStatement) == []


@pytest.mark.rule("R31")
def test_waiver_has_one_of_two_grounds_and_a_reason():
    """There is no third ground; safety says whose; a word is no reason."""
    assert set(e.Ground) == {e.Ground.SAFETY, e.Ground.BREAK_CONTACT}
    assert Desk().refused(e.TalkWaiver, whose_safety="") == ["R31-whose_safety"]
    assert Desk().refused(e.TalkWaiver, whose_safety="", ground=e.Ground.BREAK_CONTACT) == []
    with pytest.raises(ValueError, match="reasons"):
        a(e.TalkWaiver, reasons="Gevaarlijk")
    with pytest.raises(ValueError, match="ground"):
        a(e.TalkWaiver, ground="geen_tijd")


@pytest.mark.rule("R31")
@pytest.mark.parametrize(
    ("role", "by", "agrees", "counts"),
    [
        ("D", DIRECTOR, "yes", True),
        ("D", DIRECTOR, "no", False),
        ("D", IB, "yes", False),  # the very person who decided
        ("IB", DEPUTY, "yes", False),
    ],
)
def test_waiver_counts_when_the_director_confirms_it(role, by, agrees, counts):
    """Who decided can not confirm it; an IB-er's yes is not the director's."""
    desk = ready("talk")
    waiver = desk.put(e.TalkWaiver)
    assert next(no.sentence for no in refusals(desk.story, Action.REPORT, TODAY)).startswith("De directeur heeft")
    desk.approve(waiver, role, by, agrees, text="Zie mijn notitie.")
    assert (rules(desk, Action.REPORT) == []) is counts


@pytest.mark.rule("R31")
def test_later_no_of_the_director_takes_the_yes_back():
    """The newest word counts."""
    desk = ready("talk")
    waiver = desk.put(e.TalkWaiver)
    desk.approve(waiver, "D", DIRECTOR)
    desk.approve(waiver, "D", DIRECTOR, "no", text="Toch praten.")
    assert rules(desk, Action.REPORT) == ["R31"]


@pytest.mark.rule("R31")
def test_second_waiver_that_waits_takes_nothing_back():
    """One confirmed reason is enough, whatever else was proposed since."""
    desk = ready("talk")
    desk.approve(desk.put(e.TalkWaiver), "D", DIRECTOR)
    desk.put(e.TalkWaiver, ground=e.Ground.BREAK_CONTACT)
    assert rules(desk, Action.REPORT) == []


@pytest.mark.rule("R31")
def test_waiver_for_one_parent_leaves_the_other_to_be_spoken():
    """Not talking with one is not a reason to talk with nobody."""
    desk = ready("talk")
    mother = next(entry.id for entry, _ in desk.story.all(e.Party))
    father = desk.put(e.Party, name="Vader", relation="vader")
    assert desk.refused(e.TalkWaiver, parties=(uuid4(),)) == ["R29-parties"]
    first = desk.put(e.TalkWaiver, parties=(father,))
    desk.approve(first, "D", DIRECTOR)
    assert desk.story.unreached(e.Stage.SIGNALS) == {"moeder"}
    assert rules(desk, Action.REPORT) == ["R31"]
    second = desk.put(e.TalkWaiver, parties=(mother,))
    assert rules(desk, Action.REPORT) == ["R31"]
    desk.approve(second, "D", DIRECTOR)
    assert rules(desk, Action.REPORT) == []


@pytest.mark.rule("R31", "R55")
@pytest.mark.parametrize(("stage", "left_out"), [(e.Stage.SIGNALS, "notice"), (e.Stage.REPORT, "talk")])
def test_one_waiver_never_stands_for_the_other(stage, left_out):
    """Not discussing the signals says nothing about the report, and the other way round."""
    desk = ready(left_out)
    desk.approve(desk.put(e.TalkWaiver, stage=stage), "D", DIRECTOR)
    assert rules(desk, Action.REPORT) == ["R50" if left_out == "notice" else "R31"]


@pytest.mark.rule("R32")
def test_help_alone_needs_a_talk():
    """A waiver is there to report: help without talking to the family is refused, as decision and as plan."""
    desk = ready("talk")
    desk.approve(desk.put(e.TalkWaiver), "D", DIRECTOR)
    desk.put(e.Weighing, unsafe="no", able="yes", accept="yes")
    only_help = {"protect": "yes", "report": "no", "help": "yes"}
    assert desk.refused(e.Decision, **only_help) == ["R32"]
    assert rules(desk, Action.HELP_ONLY) == ["R32"]
    assert desk.refused(e.HelpPlan) == []  # it was decided to report: help comes beside it
    desk.put(e.ParentConversation)
    assert desk.refused(e.Decision, **only_help) == []
    assert rules(desk, Action.HELP_ONLY) == []


@pytest.mark.rule("R32")
def test_help_plan_without_talk_or_report_is_refused():
    """The plan can not slip past the decision."""
    desk = Desk()
    assert desk.refused(e.HelpPlan) == ["R32"]
    desk.put(e.Report, emergency=True)
    assert desk.refused(e.HelpPlan) == []


@pytest.mark.rule("R32")
@pytest.mark.parametrize(
    ("reason", "free"),
    [("geen_vermoeden", True), ("ongegrond", True), ("dubbel", True), ("school_verlaten_overgedragen", False)],
)
def test_waived_case_closes_only_without_suspicion(reason, free):
    """Report, talk after all, or close because there is no suspicion any more."""
    desk = Desk()
    desk.approve(desk.put(e.TalkWaiver), "D", DIRECTOR)
    desk.put(e.TransferTalk)
    assert desk.refused(e.Closed, reason=reason) == ([] if free else ["R32-reason"])
    desk.put(e.ParentConversation)
    assert desk.refused(e.Closed, reason=reason) == []


@pytest.mark.rule("R37")
def test_talk_with_the_child_is_answered():
    """The question is answered before a report; no is a good answer; a talk that was to come is asked for."""
    desk = ready("child")
    assert rules(desk, Action.REPORT) == ["R37"]
    desk.put(e.ChildConversation, useful="yes", possible="no")
    assert rules(desk, Action.REPORT) == []
    assert "R37" not in desk.missing()
    desk.put(e.ChildConversation, useful="yes", possible="yes")
    assert rules(desk, Action.REPORT) == []
    assert "R37" in desk.missing()
    desk.put(e.ChildConversation, useful="yes", possible="yes", held_on=TODAY, verbatim="Ik wil niet naar huis.")
    assert "R37" not in desk.missing()


@pytest.mark.rule("R37")
@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"verbatim": "Au."}, ["R37-held_on"]),
        ({"held_on": TODAY}, ["R37-verbatim"]),
        ({"held_on": TODAY, "verbatim": "Au.", "permission": "refused"}, ["R37-permission_ground"]),
        ({"held_on": TODAY, "verbatim": "Au.", "permission": "not_asked"}, ["R37-permission_ground"]),
        ({"held_on": TODAY, "verbatim": "Au.", "permission": "refused", "spontaneous": "yes"}, []),
        ({"held_on": TODAY, "verbatim": "Au.", "permission": "refused", "permission_ground": "Veiligheid."}, []),
        ({"held_on": TODAY, "verbatim": "Au.", "permission": "given"}, []),
        ({"permission": "refused"}, []),
    ],
)
def test_words_of_the_child_have_a_day_and_a_ground(more, refused):
    """A child that tells of its own accord is always heard; a planned talk without permission says why."""
    assert Desk().refused(e.ChildConversation, **more) == refused


@pytest.mark.rule("R29")
def test_report_of_the_talk_goes_to_parents():
    """Until it is shared the list asks for it; a newer talk asks again."""
    desk = ready()
    assert "R29" in desk.missing()
    desk.put(e.TalkShared)
    assert "R29" not in desk.missing()
    desk.put(e.ParentConversation)
    assert "R29" in desk.missing()


def test_what_happened_does_not_lie_ahead():
    """Every date of what has been is today at the latest; a plan may lie ahead."""
    tomorrow = TODAY + timedelta(days=1)
    for kind, field in [
        (e.Consultation, "held_on"),
        (e.DirectorInformed, "told_on"),
        (e.TalkShared, "shared_on"),
        (e.ParentStatement, "received_on"),
        (e.HelpEffectCheck, "checked_on"),
        (e.Report, "made_on"),
        (e.SignallerFeedback, "given_on"),
        (e.InformationRequest, "asked_on"),
    ]:
        assert f"R11-{field}" in Desk().refused(kind, **{field: tomorrow})
        assert f"R11-{field}" not in Desk().refused(kind, **{field: TODAY})
    assert Desk().refused(e.TalkPreparation, planned_on=tomorrow) == []


@pytest.mark.parametrize("partner", [e.Partner.EXPERT, e.Partner.VEILIG_THUIS])
def test_special_forms_ask_an_expert(partner):
    """Honour, forced marriage, leaving behind and mutilation: an expert before the report; not when it is none."""
    desk = ready()
    desk.put(e.SpecialForm)
    assert rules(desk, Action.REPORT) == ["2.1"]
    assert "2.1" in desk.missing()
    desk.put(e.Consultation, partner=e.Partner.CARE_TEAM)
    assert rules(desk, Action.REPORT) == ["2.1"]
    desk.put(e.Consultation, partner=partner)
    assert rules(desk, Action.REPORT) == []


def test_special_form_that_is_taken_back_asks_nobody():
    """The newest thought counts."""
    desk = ready()
    desk.put(e.SpecialForm)
    desk.put(e.SpecialForm, form=e.Special.NONE)
    assert rules(desk, Action.REPORT) == []


@pytest.mark.rule("R29")
def test_who_was_ticked_is_not_asked_by_name_again():
    """Ticked people are kept by their names; where nobody can be ticked the names are asked."""
    desk = Desk()
    assert desk.refused(e.ParentConversation, parents="") == ["R29-parents"]
    mother, father = desk.put(e.Party), desk.put(e.Party, name="Vader", relation="vader")
    talk = a(e.ParentConversation, parties=(mother, father), parents="")
    assert workflow.stamped(desk.story, talk).parents == "Moeder, Vader"
    assert workflow.stamped(desk.story, a(e.ParentConversation, parties=(mother,), parents="Oma")).parents == "Oma"
    long = tuple(desk.put(e.Party, name=letter * 200) for letter in "ab")
    kept = workflow.stamped(desk.story, a(e.ParentConversation, parties=long, parents=""))
    assert e.ParentConversation.model_validate_json(kept.model_dump_json()) == kept
