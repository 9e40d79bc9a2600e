"""Skipping is data: what was left out stands in one list, with why, by whom, and who confirmed it."""

from __future__ import annotations

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.skips import SIX, skipped
from tests.rules.desk import DEPUTY, DIRECTOR, IB, Desk, ready


def said(desk):
    """What was skipped and why, in order."""
    return [(skip.what, skip.why) for skip in skipped(desk.story)]


@pytest.mark.rule("R31", "R55")
@pytest.mark.parametrize(
    ("stage", "what"),
    [
        ("signalen", "Geen gesprek met ouders over de signalen"),
        ("melding", "De melding is niet met ouders besproken"),
    ],
)
def test_a_waiver_names_its_ground_and_who_confirmed_it(stage, what):
    """Until the director says yes it stands there unconfirmed; one's own yes confirms nothing."""
    desk = Desk()
    waiver = desk.put(e.TalkWaiver, by=IB, stage=stage)
    (waiting,) = skipped(desk.story)
    assert (waiting.what, waiting.by, waiting.needs_yes, waiting.confirmed) == (what, IB, True, None)
    assert waiting.why.startswith("De veiligheid van het kind")
    assert waiting.why.endswith("Vader dreigde het kind mee te nemen naar het buitenland.")
    desk.approve(waiver, "D", IB)
    assert skipped(desk.story)[0].confirmed is None
    yes = desk.approve(waiver, "D", DIRECTOR)
    (confirmed,) = skipped(desk.story)
    assert confirmed.confirmed is not None
    assert (confirmed.confirmed.id, confirmed.confirmed.author) == (yes, DIRECTOR)
    desk.approve(waiver, "D", DIRECTOR, "no", text="Praat eerst.")
    assert skipped(desk.story)[0].confirmed is None


@pytest.mark.rule("R24", "R37", "R39")
def test_what_needs_no_yes_still_has_its_reason():
    """No talk with the child, somebody missing at the talk, no instrument: each with the words that were given."""
    desk = Desk()
    desk.put(e.ChildConversation, by=DEPUTY, useful="no", why="Zij is vier.")
    desk.put(e.ParentConversation, teacher="no", absent="Ziek.")
    desk.put(e.Weighing)
    assert said(desk) == [
        ("Geen gesprek met het kind", "Zij is vier."),
        ("Niet iedereen was bij het gesprek met ouders", "Ziek."),
        ("Geen risicotaxatie-instrument gebruikt", "Geen tijd."),
    ]
    assert skipped(desk.story)[0].by == DEPUTY
    assert not any(skip.needs_yes for skip in skipped(desk.story))


@pytest.mark.rule("R38", "R57")
def test_a_no_to_parents_or_to_one_of_the_six_is_a_skip():
    """Each no to the six questions is one; closing without parents knowing is one too."""
    desk = Desk()
    for name, what in SIX.items():
        desk.put(e.ConfidentialityCheck, **{name: "no", f"{name}_why": "Daarom."})
        assert said(desk)[-1] == (what, "Daarom.")
    desk.put(e.Closed, parents="no", parents_ground="Gevaar voor het kind.")
    assert said(desk)[-1] == ("Gesloten zonder dat ouders het weten", "Gevaar voor het kind.")
    assert len(said(desk)) == len(SIX) + 1


def test_nothing_skipped_is_an_empty_list():
    """A case in which all was done as asked shows nothing but what it did leave out."""
    desk = ready()
    assert [what for what, _ in said(desk)] == ["Geen gesprek met het kind", "Geen risicotaxatie-instrument gebruikt"]
    assert skipped(Desk().story) == []
