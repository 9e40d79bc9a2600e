"""The school's own code: what can be a version of it, and that a case is judged by the one it began under."""

from __future__ import annotations

import pytest

from meldcode_plugin.rules import catalogue
from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.code import CodeText, Link, refusals
from meldcode_plugin.rules.weighing import CURRENT, TABLES
from tests.rules.desk import TODAY, Desk, reads_well

FIVE = {"suspicion": "open", "unsafe": "open"}


@pytest.mark.rule("R61")
def test_what_the_plugin_brings_is_a_whole_version():
    """Five steps by name, the newest questions, words for who signals and for who reports; nothing to mend."""
    own = CodeText()
    assert refusals(own) == {}
    assert (len(own.steps), own.weighing) == (5, CURRENT)
    assert all(reads_well(text) for text in (own.support, own.feedback))


@pytest.mark.rule("R61")
@pytest.mark.parametrize(
    ("more", "fields"),
    [
        ({"step2": ""}, ["step2"]),
        ({"step5": "x" * 81}, ["step5"]),
        ({"weighing": 9}, ["weighing"]),
        ({"support": " ", "feedback": ""}, ["support", "feedback"]),
        ({"contacts": "x" * 2001}, ["contacts"]),
        ({"links": "Onze map"}, ["links"]),
        ({"links": "Onze map | http://school.example/map"}, ["links"]),
        ({"links": "Onze map | javascript:alert(1)"}, ["links"]),
        ({"links": "Onze map | https://school.example/map\n\n"}, []),
    ],
)
def test_a_version_that_can_not_be_read_is_refused(more, fields):
    """Each field says what is wrong with it; a link leads to a page by https and nowhere else."""
    found = refusals(CodeText(**more))
    assert list(found) == fields
    assert all(reads_well(sentence) for sentence in found.values())


@pytest.mark.rule("R61")
def test_a_case_is_weighed_by_its_own_version():
    """Under the older code the five questions are not asked, and answering them is refused."""
    assert [len(TABLES[number].questions) for number in (1, 2)] == [0, 5]
    assert Desk(code_version=1).refused(e.Weighing, **FIVE) == []
    assert Desk(code_version=1).refused(e.Weighing) == ["R61-suspicion", "R61-unsafe"]
    assert Desk(code_version=2).refused(e.Weighing, **FIVE) == ["R61-suspicion"]


@pytest.mark.rule("R56")
def test_lists_of_signals_reach_from_four_to_twelve_and_below():
    """The seed's lists end at eight; ours leave no child of a primary school out, and each has every kind of sign."""
    lists = catalogue.lists_for(None, TODAY)
    ages = {age for one in lists for age in range(one.age_from, one.age_to + 1)}
    assert ages >= set(range(13))
    assert all(items for one in lists for _, items in one.groups())


@pytest.mark.rule("R56")
def test_a_school_adds_its_own_background():
    """Each line is a name and a page; empty lines are no links."""
    text = CodeText(links="Map Veilig op school | https://school.example/map\n\nNJi | https://nji.example/a?b=1 ")
    assert text.background == (
        Link("Map Veilig op school", "https://school.example/map"),
        Link("NJi", "https://nji.example/a?b=1"),
    )
