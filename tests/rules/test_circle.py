"""Everybody around the child: custody, and whether each parent was spoken (LKC 108725)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.circle import PARTNER_OF, SHARE_NAMES, SharePurpose, kin, relatives
from tests.rules.desk import DIRECTOR, TODAY, Desk


@pytest.mark.rule("R29")
def test_a_parent_who_was_not_spoken_is_a_visible_gap():
    """Two parents with custody, one spoken: the other stands there as not spoken; who has no custody comes last."""
    desk = Desk()
    desk.put(e.Party, name="Oma Riet", relation="oma", custody="no")
    mother = desk.put(e.Party, name="Eva", relation="moeder", custody="yes")
    desk.put(e.Party, name="Mark", relation="vader", custody="yes", works_here="yes")
    desk.put(e.ParentConversation, parties=(mother,), held_on=TODAY)
    desk.put(e.ParentConversation, parties=(mother,), held_on=TODAY - timedelta(days=3))
    found = [(one.name, one.custody, one.spoken_on, one.left_out, one.works_here) for one in relatives(desk.story)]
    assert found == [
        ("Eva", "yes", TODAY, False, "unknown"),
        ("Mark", "yes", None, False, "yes"),
        ("Oma Riet", "no", None, False, "unknown"),
    ]


@pytest.mark.rule("R31")
def test_who_is_left_out_with_the_directors_yes_is_shown_as_such():
    """A waiver counts once the director agreed; for one parent it says nothing about the other."""
    desk = Desk()
    desk.put(e.Party, name="Eva", relation="moeder", custody="yes")
    father = desk.put(e.Party, name="Mark", relation="vader", custody="yes")
    waiver = desk.put(e.TalkWaiver, stage="signalen", parties=(father,))
    assert [one.left_out for one in relatives(desk.story)] == [False, False]
    desk.approve(waiver, "D", DIRECTOR)
    assert [(one.name, one.left_out) for one in relatives(desk.story)] == [("Eva", False), ("Mark", True)]
    everybody = desk.put(e.TalkWaiver, stage="signalen", parties=())
    desk.approve(everybody, "D", DIRECTOR)
    assert [one.left_out for one in relatives(desk.story)] == [True, True]


def test_the_newest_answer_about_relatives_counts():
    """Nobody asked is no answer; what is known later replaces 'weet niet'."""
    desk = Desk()
    assert kin(desk.story) == ""
    desk.put(e.KinAtSchool, answer="unknown")
    desk.put(e.KinAtSchool, answer="yes")
    assert kin(desk.story) == "yes"


def test_every_reader_has_a_name_and_a_place_in_step_two():
    """As whatever somebody reads along, their advice is a consultation with a partner."""
    assert set(SHARE_NAMES) == set(PARTNER_OF) == set(SharePurpose)
