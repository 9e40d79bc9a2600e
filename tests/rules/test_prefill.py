"""What a form can already say from the story, and what can be ticked in it."""

from __future__ import annotations

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.prefill import offers, prefill
from tests.rules.desk import DIRECTOR, TEACHER, Desk, a, ready

SIX = ("consulted", "vt_asked", "enough_facts", "weighed", "effort")


@pytest.mark.rule("R57")
def test_six_questions_start_from_the_story():
    """What is on paper is a yes with where it stands; the rest is a no without a reason yet."""
    desk = ready()
    found = prefill(desk.story, e.ConfidentialityCheck)
    assert [found.values[name] for name in SIX] == ["yes", "no", "yes", "yes", "no"]
    assert found.values["consulted_why"] == "24-11-2026: Intern begeleider"
    assert found.values["enough_facts_why"] == "Feiten en uitspraken in het dossier: 1"
    assert found.values["weighed_why"] == "Gewogen op 24-11-2026"
    assert found.values["contacts"] == "24-11-2026: IB-er"
    assert not {"vt_asked_why", "effort_why"} & set(found.values)
    assert found.sources["consulted"] == (desk.story.all(e.Consultation)[0][0].id,)
    assert found.sources["enough_facts"] == (desk.story.all(e.Signal)[0][0].id,)


@pytest.mark.rule("R57")
def test_advice_effort_and_waiver_are_found():
    """Veilig Thuis counts as the second question, not the first; no contact is said as such."""
    desk = Desk()
    desk.put(e.Consultation, partner=e.Partner.VEILIG_THUIS, vt_contact="advies_anoniem")
    desk.put(e.ConsentEffort)
    desk.approve(desk.put(e.TalkWaiver, stage=e.Stage.REPORT), "D", DIRECTOR)
    found = prefill(desk.story, e.ConfidentialityCheck)
    assert [found.values[name] for name in SIX] == ["no", "yes", "no", "no", "yes"]
    assert found.values["vt_asked_why"] == "24-11-2026: Veilig Thuis (advies)"
    assert found.values["effort_why"] == "Twee keer gebeld."
    assert found.values["contacts"] == "Geen contact over de melding"


def test_what_is_filled_in_is_a_form_that_can_be_kept():
    """Every name in it is a field, and with the reasons added it is complete."""
    found = prefill(ready().story, e.ConfidentialityCheck)
    check = a(e.ConfidentialityCheck, **found.values, vt_asked_why="Niet nodig.", effort_why="Komt nog.")
    assert Desk().refused(check) == []


def test_signaller_hears_that_it_was_taken_up_and_no_more():
    """The words are the school's; another kind starts empty."""
    said = "Dank je. Je signaal is opgepakt. Meer mogen we nu niet vertellen. Zie je iets nieuws? Leg het vast."
    assert prefill(Desk().story, e.SignallerFeedback).values == {"text": said}
    assert prefill(ready().story, e.Decision).values == {}


@pytest.mark.rule("R28", "R34")
def test_forms_offer_what_may_be_ticked():
    """Facts to tell hold no hypothesis; people appear once; a weighing may stand on signals, advice and talks."""
    desk = Desk()
    fact = desk.put(e.Signal, by=TEACHER)
    guess = desk.put(e.Signal, by=TEACHER, signal_kind=e.SignalKind.HYPOTHESIS, text="Slaag.")
    desk.put(e.Party, custody="unknown")
    mother = desk.put(e.Party)
    advice, talk = desk.put(e.Consultation), desk.put(e.ParentConversation)
    found = offers(desk.story)
    assert found["facts_told"] == [(fact, "Een blauwe plek op de linkerarm.")]
    assert found["parties"] == [(mother, "Moeder (moeder)")]
    assert found["evidence"] == [
        (fact, "Een blauwe plek op de linkerarm."),
        (guess, "HYPOTHESE: Slaag."),
        (advice, "24-11-2026: Intern begeleider"),
        (talk, "20-11-2026: gesprek met Moeder"),
    ]
