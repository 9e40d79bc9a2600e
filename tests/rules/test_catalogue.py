"""Catalogue: the right list for an age, whole and checked, and no score anywhere."""

from __future__ import annotations

from datetime import date

import pytest

from meldcode_plugin.rules import catalogue
from meldcode_plugin.rules.catalogue import Group, SignList
from meldcode_plugin.rules.entries import Direction

DAY = date(2026, 11, 23)
YOUNG, OLDER = "0 tot 4 jaar", "4 tot en met 12 jaar"


@pytest.mark.parametrize(
    ("birth_date", "labels"),
    [
        (date(2026, 11, 23), [YOUNG]),
        (date(2023, 1, 1), [YOUNG]),
        (date(2022, 11, 24), [YOUNG]),
        (date(2022, 11, 23), [OLDER]),
        (date(2017, 6, 1), [OLDER]),
        (date(2013, 11, 24), [OLDER]),
        (date(2012, 5, 1), [OLDER]),
        (None, [YOUNG, OLDER]),
        (date(2027, 1, 1), [YOUNG, OLDER]),
    ],
)
def test_the_list_follows_the_age(birth_date: date | None, labels: list[str]):
    """The day before the fourth birthday gives the first list, the birthday itself the second; unknown gives both."""
    assert labels == [one.label for one in catalogue.lists_for(birth_date, DAY)]


@pytest.mark.parametrize(("day", "years"), [(date(2026, 2, 28), 1), (date(2026, 3, 1), 2)])
def test_born_on_29_february(day: date, years: int):
    """Who was born on 29 February is a year older on 1 March."""
    assert years == catalogue.age(date(2024, 2, 29), day)


def test_every_item_has_its_place_and_a_dutch_label():
    """Grouping loses no item and doubles none; the protective ones stand last."""
    for one in catalogue.lists_for(None, DAY):
        groups = one.groups()
        assert sorted(item.id for item in one.items) == sorted(item.id for _, items in groups for item in items)
        assert groups[-1][0] == "Wat het kind beschermt"


def test_the_whole_seed_is_there():
    """Both lists are complete, every id is found again, and both have acute and protective items."""
    assert tuple(len(one.items) for one in catalogue.lists_for(None, DAY)) == (27, 28)
    assert len(catalogue.by_id()) == 55
    for one in catalogue.lists_for(None, DAY):
        assert any(item.acute for item in one.items)
        assert sum(item.direction is Direction.CONTRADICTS for item in one.items) == 2


def test_protective_items_speak_against_the_worry():
    """A protective item has direction CONTRADICTS, every other one SUPPORTS (R7)."""
    for item in catalogue.by_id().values():
        assert (item.group is Group.PROTECTIVE) == (item.direction is Direction.CONTRADICTS)
        assert (item.group is Group.PROTECTIVE) == (item.forms == ())


def test_acute_is_told_for_ids_that_were_ticked():
    """One acute item is enough; unknown ids and none at all are not acute."""
    assert catalogue.is_acute(("s412-gedrag-kind-01", "s412-gedrag-kind-06"))
    assert not catalogue.is_acute(("s412-gedrag-kind-01", "gone-01"))
    assert not catalogue.is_acute(())


def test_known_keeps_the_order_of_the_catalogue():
    """Ids come back as items in catalogue order; an id of another version is left out."""
    found = catalogue.known(("s412-school-01", "s04-lichamelijk-01", "no-such-01"))
    assert [item.id for item in found] == ["s04-lichamelijk-01", "s412-school-01"]


def test_there_is_no_score():
    """No field of the catalogue counts, weighs or scores."""
    assert {"id", "group", "forms", "acute", "text"} == set(catalogue.Item.model_fields)
    assert {"label", "age_from", "age_to", "items"} == set(SignList.model_fields)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data["lists"]["a"].update(score=1),
        lambda data: data["lists"]["a"]["items"][0].update(gewicht=2),
        lambda data: data["lists"]["a"]["items"].append(data["lists"]["a"]["items"][0]),
        lambda data: data["lists"]["a"]["items"][0].update(cat="onbekend"),
        lambda data: data["lists"]["a"]["items"][0].update(vorm=["x"]),
        lambda data: data["lists"]["b"].update(age_from=5),
        lambda data: data["lists"]["b"].update(age_to=3),
        lambda data: data["lists"]["a"].update(items=[]),
    ],
)
def test_a_wrong_catalogue_is_refused(change):
    """A score, a double id, an unknown group or form, a gap in the ages: none of them loads."""
    data = small_catalogue()
    catalogue.read(small_catalogue())
    change(data)
    with pytest.raises(ValueError, match="validation error"):
        catalogue.read(data)


def small_catalogue() -> dict:
    """Return a catalogue of two lists with one item each."""

    def item(number: int) -> dict:
        text = "Iets dat je kunt zien op school"
        return {"id": f"s4-school-0{number}", "cat": "school", "vorm": ["v"], "acuut": False, "tekst": text}

    return {
        "version": 1,
        "lists": {
            "a": {"label": "A", "age_from": 0, "age_to": 3, "items": [item(1)]},
            "b": {"label": "B", "age_from": 4, "age_to": 12, "items": [item(2)]},
        },
    }
