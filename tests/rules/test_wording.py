"""Wording: hints where a fact reads as a guess or a diagnosis, and silence everywhere else."""

from __future__ import annotations

import pytest

from meldcode_plugin.rules.entries import SignalKind
from meldcode_plugin.rules.wording import HintCode, hints

GUESSES = [
    ("Ik denk dat hij thuis geslagen wordt.", "Ik denk"),
    ("Dat komt denk ik door de scheiding.", "denk ik"),
    ("Ik vermoed dat er thuis ruzie is.", "Ik vermoed"),
    ("Volgens mij slaapt ze slecht.", "Volgens mij"),
    ("Hij heeft waarschijnlijk niet gegeten.", "waarschijnlijk"),
    ("Het is MISSCHIEN de broer geweest.", "MISSCHIEN"),
    ("Moeder heeft vermoedelijk gedronken.", "vermoedelijk"),
    ("Ze wordt blijkbaar vaak alleen gelaten.", "blijkbaar"),
    ("Ik heb het gevoel dat er iets niet klopt.", "Ik heb het gevoel"),
    ("Ik heb sterk de indruk dat vader boos was.", "Ik heb sterk de indruk"),
    ("Daar heb ik een slecht gevoel bij.", "heb ik een slecht gevoel"),
    ("Ik vind dat de ouders te streng zijn.", "Ik vind dat"),
    ("Hij lijkt bang voor zijn vader.", "lijkt"),
    ("Ze leek verdrietig toen ze werd gehaald.", "leek"),
    ("Het lijkt alsof niemand hem ophaalt.", "lijkt alsof"),
    ("Het zou kunnen dat ze honger had.", "Het zou kunnen"),
    ("Naar mijn mening is dit verwaarlozing.", "Naar mijn mening"),
    ("Hij is mogelijk geslagen.", "mogelijk"),
    ("Het schijnt dat er politie aan de deur was.", "Het schijnt"),
    ("Vader zal wel weer boos zijn geweest.", "zal wel"),
    ("Ze leek bang om naar huis te gaan.", "leek"),
    ("Hij lijkt boos op zijn zus.", "lijkt"),
    ("Het lijkt wel of niemand hem wast.", "lijkt wel of"),
    ("Dat moet haast wel pijnlijk zijn.", "moet haast wel"),
    ("Ik ga ervan uit dat moeder het weet.", "Ik ga ervan uit"),
]
DIAGNOSES = [
    ("Hij heeft ADHD en was druk.", "ADHD"),
    ("Zij is autistisch en schreeuwde.", "autistisch"),
    ("Dit is typisch autisme.", "autisme"),
    ("Het kind heeft een trauma.", "trauma"),
    ("Ze is getraumatiseerd door de scheiding.", "getraumatiseerd"),
    ("Moeder heeft een depressie.", "depressie"),
    ("Vader is depressief en ligt op bed.", "depressief"),
    ("Hij heeft een hechtingsstoornis.", "hechtingsstoornis"),
    ("Kind met het syndroom van Down.", "syndroom"),
    ("Moeder heeft borderline.", "borderline"),
    ("Vader is alcoholist.", "alcoholist"),
    ("Hij heeft een angststoornis.", "angststoornis"),
    ("Zij heeft PDD-NOS.", "PDD-NOS"),
    ("Vader is een narcist.", "narcist"),
    ("Hij heeft ADD.", "ADD"),
    ("Ze heeft ptss.", "ptss"),
]
SILENT = [
    "Blauwe plek van 3 cm op linker bovenarm, gezien bij gym, 12 mei 10.15 uur.",
    "Ze leek te vallen en hield zich vast aan de tafel.",
    "Hij leek bijna van zijn stoel te vallen.",
    "Hij lijkt op zijn vader.",
    "Hij lijkt sprekend op zijn broer.",
    "Ik ben een leek op dit gebied.",
    "Moeder kwam zo snel mogelijk naar school.",
    "Het was niet mogelijk om moeder te bellen.",
    "De zon schijnt in het lokaal.",
    "De lamp schijnt op de tafel.",
    "Ik heb gebeld met moeder om 10.00 uur.",
    "Hij dacht na en tekende een huis.",
    "De traumahelikopter landde op het schoolplein.",
    "Zij had een gat in haar broek en droeg geen jas.",
    "Hij zegt: “Ik denk dat papa boos is.”",
    'Hij zei: "Misschien slaat hij mij weer."',
    "Hij zei: 'Ik denk dat mama weggaat.'",
    "'s Ochtends had hij geen brood bij zich en 's middags ook niet.",
    "Zij heeft foto's laten zien aan twee juffen.",
    "Vader rook naar drank en liep scheef.",
    "Het kind huilde een uur lang en at niets.",
    "Ze vindt dat lezen leuk is en las twee boeken.",
    "Hij voegde nog iets toe: add to cart stond op het scherm.",
    "Ze draagt een as van karton om een wiel.",
    "Moeder vertelde dat zij hulp vraagt bij de huisarts.",
    "De leerling verdacht niemand en ging buiten spelen.",
    "Hij is van de trap gevallen, zegt moeder.",
]


@pytest.mark.parametrize(("sentence", "word"), GUESSES)
def test_a_guess_in_a_fact_gets_one_hint(sentence: str, word: str):
    """A guess in the field for facts is pointed at, with the very words, and nothing else is."""
    found = hints(SignalKind.FACT, sentence)
    assert [(HintCode.GUESS, word)] == [(hint.code, hint.word) for hint in found]
    assert word in found[0].sentence


@pytest.mark.parametrize(("sentence", "word"), DIAGNOSES)
def test_a_diagnosis_in_a_fact_gets_one_hint(sentence: str, word: str):
    """A diagnosis in the field for facts is pointed at (R9)."""
    assert [(HintCode.DIAGNOSIS, word)] == [(hint.code, hint.word) for hint in hints(SignalKind.FACT, sentence)]


@pytest.mark.parametrize("sentence", SILENT)
def test_plain_facts_get_no_hint(sentence: str):
    """What was seen, and what somebody literally said, is left alone."""
    assert hints(SignalKind.FACT, sentence) == []


@pytest.mark.parametrize("kind", [kind for kind in SignalKind if kind is not SignalKind.FACT])
def test_other_kinds_may_guess_and_name_a_diagnosis(kind: SignalKind):
    """A hypothesis is a guess, a child may say anything, and a diagnosis has its own field."""
    assert hints(kind, "Ik denk dat hij ADHD heeft, volgens mij.") == []


@pytest.mark.parametrize("kind", list(SignalKind))
@pytest.mark.parametrize("words", ["Handle with Care", "handle-with-care", "HANDLE WITH CARE", "handlewithcare", "HwC"])
def test_handle_with_care_is_not_recorded(kind: SignalKind, words: str):
    """Whatever the kind, a message of Handle with Care gets: do not record this."""
    (hint,) = hints(kind, f"We kregen een melding van {words} vanmorgen.")
    assert (HintCode.HANDLE_WITH_CARE, words) == (hint.code, hint.word)
    assert hint.sentence.startswith("Leg dit niet vast.")


def test_hints_stand_in_order_and_each_word_once():
    """Several hints come in the order of the text; the same word is named once."""
    text = "Waarschijnlijk heeft hij adhd. Waarschijnlijk ook een trauma, denk ik."
    found = [(hint.code.value, hint.word) for hint in hints(SignalKind.FACT, text)]
    assert found == [("guess", "Waarschijnlijk"), ("diagnosis", "adhd"), ("diagnosis", "trauma"), ("guess", "denk ik")]


def test_no_text_no_hint():
    """An empty field is fine here; the form says what is missing."""
    assert hints(SignalKind.FACT, "") == []


def test_a_long_text_is_looked_at_at_once():
    """The longest text that fits, made to trip the patterns, costs no noticeable time."""
    assert hints(SignalKind.FACT, "lijk " * 4_000) == []
    assert hints(SignalKind.FACT, "'" + "a' " * 6_000) == []
    assert hints(SignalKind.FACT, "a" * 20_000) == []
