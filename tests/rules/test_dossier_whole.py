"""When a package can be made, and what belongs to it beside the signals: files, addresses, the other two shapes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from meldcode_plugin.documents import wrapping
from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import (
    Context,
    FileCard,
    Secret,
    Selection,
    Variant,
    compose,
    copy_sheet,
    files_along,
    lacking,
    phone_checklist,
)
from meldcode_plugin.rules.dossier.compose import ONLY_INSIDE
from meldcode_plugin.rules.dossier.given import SET_BYTES
from meldcode_plugin.rules.dossier.parts import texts
from tests.documents.cases import CHOSEN, DIRECTOR, IB, MADE, STAFF, TEACHER, Builder, context, emergency, short
from tests.documents.school_case import real
from tests.rules.papers import FACT, lacks, lines, made, papers_of, words


@pytest.mark.parametrize(
    ("leave", "rule"),
    [
        (e.Party, "block 4"),
        (e.Signal, "R45"),
        (e.ParentConversation, "R31"),
        (e.Weighing, "R33"),
        (e.ReportNotice, "R55"),
    ],
)
def test_no_report_without_its_blocks(leave: type, rule: str):
    """Each of the blocks that must be there is asked for, and the case that has all of them is not refused."""
    case = short()
    assert lacking(case.story, case.selection, Variant.REPORT, False) == []
    case_without = Builder()
    case_without.entries = [one for one in case.story.entries if not isinstance(one.payload, leave)]
    found = [one.rule for one in lacking(case_without.story, case.selection, Variant.REPORT, False)]
    assert found == [rule]


@pytest.mark.parametrize("field", ["acute", "child_now", "worry", "question", "own_role"])
def test_no_report_without_what_only_people_can_say(field: str):
    """The refusal names the field to fill."""
    assert lacks(short(), **{field: ""}) == [field]


@pytest.mark.rule("R58")
def test_emergency_needs_the_first_six_blocks_and_no_more():
    """The rest is printed as following within two school days; without danger being asked it does not go either."""
    case = emergency()
    assert lacks(case, emergency=True) == []
    assert len(lacks(case)) > 3
    assert lacks(case, emergency=True, acute="") == ["acute"]
    papers = papers_of(case)
    assert "binnen twee schooldagen" in "\n".join(papers.main.block("14").paragraphs)
    assert [row[0] for row in papers.main.block("21").tables[0].rows] == ["Melder, intern begeleider"]


def test_all_blocks_are_there_in_their_order():
    """A report has blocks 1 to 21, also those that say that nothing was written."""
    case = short()
    papers = papers_of(case)
    assert [block.number for block in papers.main.blocks] == [str(number) for number in range(1, 22)]
    assert [block.number for block in papers.main.blocks if block.empty] == []


def test_old_attachment_stays_or_is_explained():
    """Older than a year it goes along only with its reason, and the list says so; what stays is counted."""
    case = Builder()
    noted = case.signal(FACT, "een plek")
    days = (MADE.date() - timedelta(days=366), MADE.date() - timedelta(days=365))
    old, new = (FileCard(UUID(int=at), noted, f"{at}.pdf", 1, day, "ab") for at, day in enumerate(days, 1))
    given = {"files": (old, new)}
    both = CHOSEN.model_copy(update={"files": {old.id: "", new.id: ""}})
    assert files_along(case.story, context(**given), both, Variant.REPORT) == (new,)
    assert "Weggelaten: 1 bestand. Reden: ouder dan een jaar." in words(made(case, chosen=both, **given).main)
    told = CHOSEN.model_copy(update={"files": {old.id: "De eerste brief.", new.id: ""}})
    assert files_along(case.story, context(**given), told, Variant.REPORT) == (old, new)
    assert "De eerste brief. (ouder dan een jaar)" in words(made(case, chosen=told, **given).main)
    assert files_along(case.story, context(**given), CHOSEN, Variant.REPORT) == ()
    assert files_along(case.story, context(**given), told, Variant.ADVICE) == ()


@pytest.mark.rule("R35")
@pytest.mark.parametrize(("risk", "goes"), [("", True), ("Vader dreigde de juf.", False)])
def test_instrument_of_a_weighing_with_risk_to_staff_stays_out_of_the_copy(risk: str, goes: bool):  # noqa: FBT001  # a table
    """What may stand in it never reaches the family, chosen or not; Veilig Thuis gets it when it is chosen."""
    case = Builder()
    weighed = case.put(e.Weighing, risk_to_staff=risk)
    file = FileCard(UUID(int=1), weighed, "lirik.pdf", 1, MADE.date(), "ab")
    chosen = CHOSEN.model_copy(update={"files": {file.id: ""}})
    for variant, along in ((Variant.REPORT, True), (Variant.PARENTS, goes)):
        assert files_along(case.story, context(files=(file,)), chosen, variant) == ((file,) if along else ())
        text = words(made(case, variant, chosen, files=(file,)).main)
        assert ("Weggelaten: 1 bestand. Reden: niet gekozen." in text) is not along


@pytest.mark.parametrize("media_type", wrapping.ENDINGS)
def test_a_file_that_no_browser_opens_is_told(media_type: str):
    """Who makes the package reads it beside the preview; not when the file stays, nor for what becomes pages."""
    case = Builder()
    noted = case.signal(FACT, "een plek")
    size = SET_BYTES + 1
    inside = FileCard(UUID(int=1), noted, "a", size, MADE.date(), "ab", media_type)
    pages = [FileCard(UUID(int=2), noted, "b", size, MADE.date(), "ab", kind) for kind in wrapping.PAGES]
    pages.append(FileCard(UUID(int=3), noted, "c", SET_BYTES, MADE.date(), "ab", "text/plain"))
    for files, chosen, told in (([inside], [inside], True), ([inside, *pages], pages, False)):
        along = CHOSEN.model_copy(update={"files": {one.id: "" for one in chosen}})
        assert (ONLY_INSIDE in made(case, chosen=along, files=tuple(files)).cautions) == told
    advice = CHOSEN.model_copy(update={"files": {inside.id: ""}})
    assert ONLY_INSIDE not in made(case, Variant.ADVICE, advice, files=(inside,)).cautions


def test_secret_address_is_in_the_annex_alone():
    """Of the child and of a parent, and nobody can find it back in a text."""
    case = Builder()
    party = case.put(e.Party, contact="Schuilstraat 9, 06 55 55 55 55")
    case.signal(FACT, "Zij wonen nu aan de Schuilstraat 9. Bel 0655555555.")
    chosen = CHOSEN.model_copy(update={"secret_parties": frozenset({party})})
    papers = made(case, chosen=chosen)
    assert "Schuilstraat" not in words(papers.main)
    assert "0655555555" not in words(papers.main)
    assert "Schuilstraat 9, 06 55 55 55 55" in words(papers.annex)


def test_what_may_not_go_is_not_in_the_annex():
    """The school says which parts of N go; with none of them there is no annex."""
    case = real()
    for allowed in (frozenset(), frozenset({Secret.SOURCES})):
        given = context(others=case.context.others, annex=allowed)
        papers = compose(case.story, given, case.selection, Variant.REPORT)
        assert bool(allowed) == (papers.annex is not None)
        assert "bij haar auto" not in words(papers.annex)


def test_later_notes_stand_under_their_signal():
    """A follow-up and a correction with its reason stay with what they are about; the old words stay too."""
    papers = papers_of(real())
    bruise = lines(papers)[0]
    assert "linkerbovenarm" in bruise.text
    assert any(note.startswith("Verbetering (") and "Reden:" in note for note in bruise.notes)


def test_same_input_gives_the_same_papers():
    """Composing twice gives equal papers, and the selection survives being kept as JSON."""
    one, two = real(), real()
    again = Selection.model_validate_json(two.selection.model_dump_json())
    assert again == one.selection
    for variant in Variant:
        first = compose(one.story, one.context, one.selection, variant)
        assert first == compose(two.story, two.context, again, variant)


def test_copy_sheet_holds_every_word_of_the_paper():
    """Each block is a section of plain text; nothing of the paper is missing there."""
    papers = papers_of(real())
    sheet = copy_sheet(papers.main)
    assert [one.number for one in sheet] == [block.number for block in papers.main.blocks]
    for block, section in zip(papers.main.blocks, sheet, strict=True):
        assert [text for line in block.lines for text in texts(line) if text not in section.text] == []
        assert [one.value for one in block.fields if one.value not in section.text] == []


def test_phone_checklist_ends_with_what_to_write_down():
    """It is short, in the order of a call, and its last point is the note of the call."""
    papers = papers_of(real())
    checks = phone_checklist(papers.main)
    assert [one.number for one in checks][:3] == ["1", "2", "3"]
    assert checks[-1].points[0] == "Met wie heb je gesproken?"
    assert max(len(point) for one in checks for point in one.points) <= 162


def test_context_says_who_wrote():
    """An author of whom nothing is known is somebody of the school; a role is enough for a function."""
    case = Builder()
    case.signal(FACT, "a", TEACHER)
    case.signal(FACT, "b", IB)
    bare: Context = context(staff={})
    assert [one.source for one in lines(compose(case.story, bare, CHOSEN, Variant.REPORT))] == [
        "Bron: eigen waarneming (medewerker van school)",
        "Bron: eigen waarneming (intern begeleider)",
    ]
    assert STAFF[DIRECTOR].function == "directeur"
