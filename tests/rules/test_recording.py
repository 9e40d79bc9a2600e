"""What a signal must hold before it is sent: each rule with its sentence, at its own field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from meldcode_plugin.rules import recording
from meldcode_plugin.rules.entries import Diagnosis, FollowUp, Signal, SignalKind, Source, Subject
from meldcode_plugin.rules.recording import follow_up_refusals, refusals

TODAY = date(2026, 11, 23)
TOMORROW = TODAY + timedelta(days=1)
WHO = {"professional": "dr. Vos", "profession": "kinderarts"}
TABLE: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "R4: a fact of today": ({"observed_on": TODAY}, {}),
    "R4: a fact without a date": ({}, {}),
    "R4: a fact of tomorrow": ({"observed_on": TOMORROW}, {"fact-observed_on": recording.FUTURE}),
    "R5: a hypothesis": ({"signal_kind": "hypothesis"}, {}),
    "R8: hearsay": ({"signal_kind": "third_party"}, {"third_party-source_name": recording.NO_SOURCE}),
    "R8: with a name": ({"signal_kind": "third_party", "source": Source(name="oma")}, {}),
    "R8: with a relation": ({"signal_kind": "third_party", "source": Source(relation="buur")}, {}),
    "R8: with a number alone": (
        {"signal_kind": "third_party", "source": Source(contact="06")},
        {"third_party-source_name": recording.NO_SOURCE},
    ),
    "R8: shielded": (
        {"signal_kind": "third_party", "source": Source(shielded=True)},
        {"third_party-source_why": recording.WHY_SHIELDED},
    ),
    "R8: shielded with a reason": (
        {"signal_kind": "third_party", "source": Source(shielded=True, why_shielded="bang")},
        {},
    ),
    "R9: of nobody": ({"signal_kind": "diagnosis"}, {"diagnosis-professional": recording.NO_PROFESSIONAL}),
    "R9: without a date": (
        {"signal_kind": "diagnosis", "diagnosis": Diagnosis(**WHO)},
        {"diagnosis-made_on": recording.NO_DATE},
    ),
    "R9: of tomorrow": (
        {"signal_kind": "diagnosis", "diagnosis": Diagnosis(**WHO, made_on=TOMORROW)},
        {"diagnosis-made_on": recording.FUTURE},
    ),
    "R9: with all of it": ({"signal_kind": "diagnosis", "diagnosis": Diagnosis(**WHO, made_on=TODAY)}, {}),
}


def signal(**fields: Any) -> Signal:
    """Return a signal, by default a fact."""
    return Signal(**({"bundle": uuid4(), "signal_kind": "fact", "text": "x"} | fields))


@pytest.mark.parametrize("name", TABLE)
def test_refusals(name: str):
    """Each rule asks what it asks, at its own field, and no more."""
    fields, expected = TABLE[name]
    assert refusals((signal(**fields),), TODAY, with_pupil=True) == expected


def test_no_signal_at_all():
    """R4: without a kind there is nothing to send."""
    assert refusals((), TODAY, with_pupil=True) == {"kinds": recording.CHOOSE}


def test_every_signal_of_a_form_is_looked_at():
    """Faults in two kinds of one form are both said."""
    both = (signal(observed_on=TOMORROW), signal(signal_kind="diagnosis"))
    assert set(refusals(both, TODAY, with_pupil=True)) == {"fact-observed_on", "diagnosis-professional"}


def test_without_a_pupil():
    """R13: without a pupil somebody must be described; with one, nobody need be."""
    assert refusals((signal(),), TODAY, with_pupil=False) == {"subject-who": recording.NO_SUBJECT}
    assert refusals((signal(subject=Subject(who="een baby")),), TODAY, with_pupil=False) == {}


@pytest.mark.parametrize("kind", list(SignalKind))
def test_follow_up(kind: SignalKind):
    """R6: only under a hypothesis must a follow-up say what became of it, and on what that rests."""
    asks = kind is SignalKind.HYPOTHESIS
    bare, half = FollowUp(text="x"), FollowUp(text="x", status="confirmed")
    assert follow_up_refusals(bare, kind) == ({"status": recording.NO_STATUS} if asks else {})
    assert follow_up_refusals(half, kind) == ({"basis": recording.NO_BASIS} if asks else {})
    assert follow_up_refusals(half.model_copy(update={"basis": "gesprek"}), kind) == {}


def test_sentences_are_plain():
    """Every sentence that is read says something to do, without an exclamation mark."""
    sentences = [value for name, value in vars(recording).items() if name.isupper()]
    assert len(sentences) == 10
    assert all(text.endswith(".") and "!" not in text for text in sentences)
