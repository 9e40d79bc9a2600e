"""Where on the body an injury was: in words with numbers, and the same places for the drawing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meldcode_plugin.rules.dossier import Block, Selection, Variant, compose, copy_sheet
from meldcode_plugin.rules.dossier.body import OWN_LEFT, SIDES, Place
from tests.documents.cases import Case, short
from tests.documents.school_case import real
from tests.rules.papers import papers_of


def _block(case: Case, *places: Place, variant: Variant = Variant.REPORT) -> Block:
    block = papers_of(case, variant, injury_places=places).main.block("10")
    assert block is not None
    return block


def test_every_place_is_on_one_side_and_has_a_name_of_its_own():
    """There are few enough to read through, left has its right, and no two on a side are called the same."""
    assert [place for side in SIDES.values() for place in side] == list(Place)
    assert len(Place) == 24
    for side in SIDES.values():
        names = [place.words for place in side]
        assert len(set(names)) == len(names)
        assert {one.replace("linker", "rechter") for one in names if one.startswith("linker")} <= set(names)


@pytest.mark.parametrize("variant", [Variant.REPORT, Variant.PARENTS])
def test_ticked_places_are_numbered_in_words_and_for_the_drawing(variant: Variant):
    """The number in the words is the place in the drawing, whatever was ticked first, and it says whose left it is."""
    block = _block(real(), Place.BACK, Place.FACE, Place.LEFT_UPPER_ARM, variant=variant)
    said = {one.name: one.value for one in block.fields}
    assert block.body == (Place.FACE, Place.LEFT_UPPER_ARM, Place.BACK)
    assert said["Plaats, voorkant"] == "1\u00a0gezicht, 2\u00a0linkerbovenarm"
    assert said["Plaats, achterkant"] == "3\u00a0rug"
    assert block.paragraphs == (OWN_LEFT,)


def test_a_place_needs_no_text_and_a_text_no_place():
    """Either alone is an answer; without a place there is no drawing, and nothing is said of left and right."""
    alone, told = _block(short(), Place.BELLY), _block(real())
    assert [(one.name, one.value) for one in alone.fields] == [("Plaats, voorkant", "1\u00a0buik")]
    assert (told.body, told.paragraphs) == ((), ())
    assert [one.name for one in told.fields] == ["Wat is gezien", "Zie ook de regels"]


def test_places_can_be_copied_into_a_web_form():
    """A web form takes no drawing, and the words say it all."""
    sheet = {one.number: one.text for one in copy_sheet(papers_of(short(), injury_places=(Place.BACK,)).main)}
    assert sheet["10"] == f"{OWN_LEFT}\nPlaats, achterkant: 1\u00a0rug"


def test_advice_has_the_injury_and_its_places_without_a_name():
    """Who advises must know of it; a name that was typed with it is not in it (R22)."""
    case = real()
    given = replace(case.context, others=("Jan Rug",))
    chosen = case.selection.model_copy(update={"injury": "Blauwe plek, zegt Jan Rug.", "injury_places": (Place.BACK,)})
    block = compose(case.story, given, chosen, Variant.ADVICE).main.block("10")
    assert block is not None
    assert block.body == (Place.BACK,)
    said = " ".join(field.value for field in block.fields)
    assert "Blauwe plek" in said
    assert "Jan" not in said


def test_a_choice_from_before_places_still_gives_the_same_paper():
    """It is read as it was kept, and what is compared of its papers holds no trace of the new question."""
    case = real()
    kept = case.selection.model_dump(mode="json", exclude={"injury_places"})
    assert Selection.model_validate(kept) == case.selection
    assert [block for block in papers_of(case).main.as_json()["blocks"] if "body" in block] == []
    marked = papers_of(case, injury_places=(Place.BACK,)).main.as_json()["blocks"]
    assert [(block["number"], block["body"]) for block in marked if "body" in block] == [("10", ["achter-rug"])]


def test_a_pupil_who_is_called_as_a_place_moves_no_mark():
    """The name goes out of the words, as everywhere; the drawing still points at the back."""
    case = real()
    given = replace(case.context, others=("Jan Rug",))
    chosen = case.selection.model_copy(update={"injury_places": (Place.BACK,)})
    block = compose(case.story, given, chosen, Variant.REPORT).main.block("10")
    assert block is not None
    assert block.body == (Place.BACK,)
