"""What goes into a report package and what never does, rule by rule."""

from __future__ import annotations

from datetime import date

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import Selection, Variant, lacking
from meldcode_plugin.rules.dossier.parts import quoted, texts
from tests.documents.cases import CHOSEN, GYM, Builder, short
from tests.documents.school_case import real
from tests.rules.papers import FACT, GUESS, OTHERS, SAID, lacks, lines, made, papers_of, words


@pytest.mark.rule("R45")
def test_facts_come_first_in_order_of_time():
    """Block 8 stands before block 9 and is sorted by the day on which something was seen, not written."""
    case = Builder()
    case.signal(FACT, "derde", observed_on=date(2026, 9, 20))
    case.signal(SAID, "eerste", observed_on=date(2026, 9, 1))
    case.signal(GUESS, "een gedachte", observed_on=date(2026, 8, 1))
    case.signal(FACT, "tweede", observed_on=date(2026, 9, 2))
    papers = made(case)
    assert [one.text for one in lines(papers)] == ["“eerste”", "tweede", "derde"]
    assert [one.ref for one in lines(papers)] == ["8.1", "8.2", "8.3"]
    numbers = [block.number for block in papers.main.blocks]
    assert numbers.index("8") < numbers.index("9")


@pytest.mark.rule("R5")
def test_hypothesis_stands_apart_and_carries_its_label():
    """A hypothesis, and what somebody made of a fact, stand in block 9 and nowhere among the facts."""
    case = Builder()
    case.signal(FACT, "een plek", interpretation="dat komt van slaan")
    case.signal(GUESS, "misschien is er ruzie")
    papers = made(case)
    assert [(one.label, one.text) for one in lines(papers, "9")] == [
        ("HYPOTHESE", "misschien is er ruzie"),
        ("HYPOTHESE", "dat komt van slaan"),
    ]
    assert "dat komt van slaan" not in "\n".join(texts(papers.main.block("8")))


@pytest.mark.rule("R46")
@pytest.mark.parametrize("variant", Variant)
def test_every_line_has_its_kind_and_its_source_in_text(variant: Variant):
    """There is no line in any paper without a label and without Bron, and no record of the steps without Bron."""
    case = real()
    papers = papers_of(case, variant)
    found = [one for block in papers.main.blocks for one in block.lines]
    assert len(found) > 5
    assert {one.label for one in found} <= {"FEIT", "UITSPRAAK KIND", "VAN DERDEN", "HYPOTHESE", "DIAGNOSE"}
    records = [one for block in papers.main.blocks for one in block.records]
    assert [one for one in (*found, *records) if not one.source.startswith("Bron: ")] == []
    assert [one for one in found if not one.direction] == []


@pytest.mark.rule("R46")
def test_source_says_through_whom_and_of_whom_also():
    """Seen by oneself, heard through another, seen by oneself and by another: three different sentences."""
    case = Builder()
    oma = e.Source(name="Mieke de Graaf", relation="oma", may_be_named="yes", heard="directly")
    case.signal(FACT, "a", GYM)
    case.signal(OTHERS, "b", source=oma, observed_on=case.at.date())
    case.signal(FACT, "c", source=oma)
    sources = [one.source for one in lines(made(case))]
    assert sources == [
        "Bron: eigen waarneming (vakleerkracht gym)",
        "Bron: via Mieke de Graaf, oma, zag of hoorde het zelf, opgeschreven door leerkracht",
        "Bron: eigen waarneming (leerkracht); ook van Mieke de Graaf, oma, zag of hoorde het zelf",
    ]


@pytest.mark.rule("R7")
def test_contradicting_signal_is_never_dropped_in_silence():
    """It stands in block 8 and in 16; left out it needs a reason, and is then counted with that reason."""
    case = short()
    builder = Builder()
    builder.entries = list(case.story.entries)
    against = builder.signal(FACT, "Zij lachte de hele dag.", direction=e.Direction.CONTRADICTS)
    papers = made(builder)
    assert "Zij lachte de hele dag." in words(papers.main)
    table = papers.main.block("16").tables[0]
    assert [row[2] for row in table.rows] == ["Zij lachte de hele dag."]

    no_reason = CHOSEN.model_copy(update={"left_out": {against: ""}})
    assert "Dit spreekt de zorg tegen. Laat je het weg? Schrijf dan op waarom." in _said(builder, no_reason)
    reason = CHOSEN.model_copy(update={"left_out": {against: "Ging over een ander kind."}})
    assert _said(builder, reason) == []
    without = made(builder, chosen=reason)
    assert "lachte" not in words(without.main)
    assert "Weggelaten: 1 aantekening. Reden: Ging over een ander kind." in words(without.main)
    assert [(one.reason, one.count) for one in without.left_out] == [("Ging over een ander kind", 1)]


def _said(case: Builder, chosen: Selection, variant: Variant = Variant.REPORT) -> list[str]:
    return [one.sentence for one in lacking(case.story, chosen, variant, False)]


@pytest.mark.rule("R6")
def test_refuted_hypothesis_stays_unless_nobody_ever_heard_it():
    """Left out it is refused and stays in the paper all the same, until somebody says that nobody heard it."""
    case = Builder()
    guess = case.signal(GUESS, "een bloedziekte")
    case.put(e.FollowUp, refers_to=guess, status=e.HypothesisStatus.REFUTED, basis="brief")
    gone = CHOSEN.model_copy(update={"left_out": {guess: "klopte niet"}})
    assert "Een weerlegde hypothese blijft staan als iemand haar heeft gehoord." in _said(case, gone)
    assert "een bloedziekte" in words(made(case, chosen=gone).main)
    unheard = gone.model_copy(update={"untold": frozenset({guess})})
    assert "een bloedziekte" not in words(made(case, chosen=unheard).main)
    assert "weerlegd" in words(made(case).main)


@pytest.mark.rule("R35")
def test_risk_to_staff_is_in_the_annex_alone():
    """What threatens a colleague stands in N, and in no other paper and no other block."""
    case = real()
    for variant in Variant:
        papers = papers_of(case, variant)
        assert "bij haar auto" not in words(papers.main)
        assert (variant is Variant.REPORT) == ("bij haar auto" in words(papers.annex))


@pytest.mark.rule("R8")
def test_hidden_source_is_in_the_annex_alone():
    """Name, telephone number and the relation that points at one person are nowhere in the main part."""
    case = real()
    papers = papers_of(case)
    for trace in ("Petra", "Kloosterman", "06-12345678", "nummer 14", "bang voor"):
        assert trace not in words(papers.main)
        assert trace in words(papers.annex)
    assert "bron bekend bij school" in words(papers.main)


@pytest.mark.rule("R8")
def test_source_that_was_never_asked_is_not_named():
    """Unknown means no; and who makes the package reads that nobody asked."""
    case = Builder()
    case.signal(OTHERS, "Er was lawaai.", source=e.Source(name="Yusuf Arslan", relation="trainer"))
    papers = made(case)
    assert "Arslan" not in words(papers.main)
    assert any("niet gevraagd" in one for one in papers.cautions)


def test_parents_read_nothing_of_a_hidden_source():
    """Its words are out as well, for they can betray who said them; the copy counts that."""
    case = real()
    papers = papers_of(case, Variant.PARENTS)
    assert "schreeuwen" not in words(papers.main)
    assert "Reden: komt van een bron die niet genoemd kan worden." in words(papers.main)
    assert papers.annex is None


@pytest.mark.rule("R31", "R55")
def test_waiver_shows_its_ground_and_keeps_its_reasons_in_the_annex():
    """The reasons are in N, unless somebody judged that they endanger nobody; parents read no ground either."""
    case = real()
    waiver = next(entry.id for entry, _ in case.story.all(e.TalkWaiver))
    papers = papers_of(case)
    assert "ontvoering" not in words(papers.main)
    assert "ontvoering" in words(papers.annex)
    assert e.GROUND_NAMES[e.Ground.SAFETY] in words(papers.main)
    assert "ontvoering" in words(papers_of(case, open_waivers=frozenset({waiver})).main)
    parents = papers_of(case, Variant.PARENTS)
    assert e.GROUND_NAMES[e.Ground.SAFETY] not in words(parents.main)


def test_other_pupils_have_a_letter_instead_of_a_name():
    """In text, in a talk and in the name of a file; also in the annex, for another family is nobody's business."""
    case = real()
    for variant in Variant:
        papers = papers_of(case, variant)
        assert "Sem" not in words(papers.main)
        assert "Hoekstra" not in words(papers.main)
        assert "Sem" not in words(papers.annex)
    assert "Medeleerling A uit de klas" in words(papers_of(case).main)


def test_colleagues_are_a_function_and_no_name():
    """Only who reports and the second contact have a name, in the blocks where it must stand."""
    case = real()
    papers = papers_of(case)
    named = [block.number for block in papers.main.blocks if "Oosterbaan" in "\n".join(texts(block))]
    assert named == ["2", "21"]
    assert "Veenstra" not in words(papers.main)
    assert "Bouali" not in words(papers.main)


def test_hidden_reporter_is_named_in_the_annex_alone():
    """From Veilig Thuis the name is never hidden, from the family it is; the ground is asked for."""
    case = real()
    assert lacks(case, hidden_reporter=True) == ["hidden_ground"]
    papers = papers_of(case, hidden_reporter=True)
    assert "Oosterbaan" not in words(papers.main)
    assert "Oosterbaan" in words(papers.annex)
    parents = papers_of(case, Variant.PARENTS, hidden_reporter=True)
    assert "Oosterbaan" not in words(parents.main)
    assert "bijlage N" not in words(parents.main)


def test_confidant_is_only_said_to_have_been_spoken():
    """Question and advice stay out, unless the confidant agrees."""
    case = real()
    talk = next(entry.id for entry, one in case.story.all(e.Consultation) if one.partner is e.Partner.CONFIDANT)
    papers = papers_of(case)
    assert "Geheim" not in words(papers.main)
    assert "Externe vertrouwenspersoon, 15 oktober 2026" in words(papers.main)
    assert "Geheim A" in words(papers_of(case, confidant_agrees=frozenset({talk})).main)


@pytest.mark.rule("R57")
def test_six_questions_may_stay_at_school():
    """The package says that they are answered; with a tick they go along."""
    case = real()
    assert "Gesprek met moeder." not in words(papers_of(case).main)
    assert "Gesprek met moeder." in words(papers_of(case, secrecy_stays=False).main)


def test_words_of_one_parent_never_go_to_the_other():
    """A copy for the father holds nothing of the talk with the mother, and says that something is left out."""
    case = real()
    mother, father = (case.story.entries[number].id for number in (0, 1))
    for reader, reads in ((mother, True), (father, False)):
        papers = papers_of(case, Variant.PARENTS, copy_decided=True, copy_for=frozenset({reader}))
        assert reads == ("Zij schrok" in words(papers.main))
        assert reads == ("uit huis moet" in words(papers.main))
        assert reads != ("woorden van iemand anders" in words(papers.main))


def test_both_parents_together_read_only_what_was_said_to_both():
    """A copy for two is a copy for each of them: what one said alone is not in it."""
    case = real()
    both = frozenset(entry.id for entry in case.story.entries[:2])
    assert "Zij schrok" not in words(papers_of(case, Variant.PARENTS, copy_decided=True, copy_for=both).main)


def test_copy_for_parents_waits_for_the_director():
    """Without that decision, and without a reader, there is no copy."""
    case = real()
    assert lacks(case, Variant.PARENTS) == ["copy_decided", "copy_for"]


@pytest.mark.rule("R22")
def test_advice_is_about_nobody():
    """No name of child, family, school or staff, no birth date, no group, no address, no number, no place."""
    case = real()
    papers = papers_of(case, Variant.ADVICE)
    said = words(papers.main)
    traces = ["Noor", "Dalen", "Ilse", "Graaf", "Ruud", "Smit", "Peter", "Daan", "Mieke", "Wilgenhof", "17XY"]
    traces += ["2 maart 2018", "groep 5", "Kastanjelaan", "3512", "06 11 22", "Utrecht", "kleedkamer", "Oosterbaan"]
    assert [one for one in traces if one in said] == []
    assert "8 jaar" in said
    assert "Het kind" in said


@pytest.mark.rule("R37")
@pytest.mark.parametrize("asked", ["yes", "no"])
def test_what_a_child_asked_to_keep_is_told_with_that_wish_and_stays_out_of_the_copy(asked: str):
    """Veilig Thuis reads words and wish; parents read that words are left out, and not that the child asked."""
    case = Builder()
    talk = {"useful": "yes", "possible": "yes", "why": "Zij wilde praten.", "held_on": date(2026, 11, 19)}
    case.put(e.ChildConversation, **talk, verbatim="Papa mag het niet weten.", in_confidence=asked)
    report = words(made(case).main)
    copy = words(made(case, Variant.PARENTS).main)
    assert "Papa mag het niet weten." in report
    assert ("niet door te vertellen" in report) is (asked == "yes")
    assert ("Papa mag het niet weten." in copy) is (asked == "no")
    assert ("Weggelaten: de woorden van het kind." in copy) is (asked == "yes")
    assert "niet door te vertellen" not in copy


@pytest.mark.parametrize(
    ("typed", "shown"), [("Ik wil weg.", "“Ik wil weg.”"), ('"Ik wil weg."', '"Ik wil weg."'), ("", "")]
)
def test_own_words_get_one_pair_of_quotation_marks(typed, shown):
    """A child's words that were typed between marks are not put between a second pair."""
    assert quoted(typed) == shown
