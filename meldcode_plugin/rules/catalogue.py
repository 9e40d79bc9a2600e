"""The catalogue of signals by age: a help to look, with no score and no threshold (R12, R56, domain section 8)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from meldcode_plugin.rules.entries import Direction

NOTE = "De lijst helpt je kijken. Eén signaal bewijst niets. Geen signaal bewijst ook niets."


class Form(StrEnum):
    """Which form of violence or neglect a sign may belong to."""

    PHYSICAL = "l"
    NEGLECT = "v"
    PSYCHOLOGICAL = "p"
    SEXUAL = "s"
    WITNESS = "g"


FORM_NAMES = {
    Form.PHYSICAL: "lichamelijk",
    Form.NEGLECT: "verwaarlozing",
    Form.PSYCHOLOGICAL: "psychisch",
    Form.SEXUAL: "seksueel",
    Form.WITNESS: "getuige van geweld",
}


class Group(StrEnum):
    """Where somebody sees a sign; the order is the order on the screen."""

    BODY = "lichamelijk"
    CARE = "verzorging"
    CHILD = "gedrag_kind"
    SAID = "uitspraak_kind"
    WITH_PARENT = "gedrag_bij_ouder"
    SCHOOL = "school"
    PARENT = "gedrag_ouder"
    HOME = "gezinssituatie"
    PROTECTIVE = "beschermend"


GROUP_NAMES = {
    Group.BODY: "Aan het lichaam",
    Group.CARE: "Verzorging",
    Group.CHILD: "Gedrag van het kind",
    Group.SAID: "Wat het kind vertelt",
    Group.WITH_PARENT: "Gedrag van het kind bij een ouder",
    Group.SCHOOL: "Op school",
    Group.PARENT: "Gedrag van een ouder",
    Group.HOME: "Thuis",
    Group.PROTECTIVE: "Wat het kind beschermt",
}


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(_Checked):
    """One sign that somebody can see. ``acute`` opens the card *Nu gevaar?* and does nothing else."""

    id: str = Field(pattern=r"^s\d+-[a-z-]+-\d{2}$")
    group: Group = Field(alias="cat")
    forms: tuple[Form, ...] = Field(alias="vorm")
    acute: bool = Field(alias="acuut")
    text: str = Field(alias="tekst", min_length=10, max_length=200)

    @property
    def direction(self) -> Direction:
        """What ticking it says about the worry: a protective sign makes it smaller (R7)."""
        return Direction.CONTRADICTS if self.group is Group.PROTECTIVE else Direction.SUPPORTS


class SignList(_Checked):
    """The signs for children of some years, both ends counted."""

    label: str
    age_from: int = Field(ge=0)
    age_to: int
    items: tuple[Item, ...] = Field(min_length=1)

    def groups(self) -> list[tuple[str, list[Item]]]:
        """Return the items by group with its Dutch label, in the order of the screen; no empty groups."""
        found = [(GROUP_NAMES[group], [i for i in self.items if i.group is group]) for group in Group]
        return [(label, items) for label, items in found if items]


class Catalogue(_Checked):
    """All lists of one version."""

    version: int
    lists: dict[str, SignList]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        spans = sorted((one.age_from, one.age_to) for one in self.lists.values())
        if any(start > end for start, end in spans):
            raise ValueError("a list ends before it begins")
        if any(after[0] != before[1] + 1 for before, after in pairwise(spans)):
            raise ValueError("the ages of the lists do not join")
        ids = [item.id for one in self.lists.values() for item in one.items]
        if len(ids) != len(set(ids)):
            raise ValueError("two items have one id")
        return self


@cache
def catalogue() -> Catalogue:
    """Return the catalogue that comes with the package, read and checked once."""
    text = files("meldcode_plugin.rules").joinpath("data", "signalen.yaml").read_text(encoding="utf-8")
    return read(yaml.safe_load(text))


def read(data: Any) -> Catalogue:
    """Check a catalogue; anything that does not belong in one raises ValueError."""
    return Catalogue.model_validate(data)


@cache
def by_id() -> dict[str, Item]:
    """Return every item by its id."""
    return {item.id: item for one in catalogue().lists.values() for item in one.items}


def lists_for(birth_date: date | None, day: date) -> list[SignList]:
    """Return the list for a child's age on a day; all lists when the age is not known.

    Who is older than the last list gets the last one.
    """
    lists = sorted(catalogue().lists.values(), key=lambda one: one.age_from)
    if birth_date is None or birth_date > day:
        return lists
    years = age(birth_date, day)
    return [one for one in lists if one.age_from <= years <= one.age_to] or lists[-1:]


def age(birth_date: date, day: date) -> int:
    """Return whole years; born on 29 February, a year is full on 1 March."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def known(ids: tuple[str, ...]) -> list[Item]:
    """Return the items with these ids in the order of the catalogue; an id of another version is left out."""
    return [item for key, item in by_id().items() if key in ids]


def is_acute(ids: tuple[str, ...]) -> bool:
    """Tell whether one of these items opens the card *Nu gevaar?*."""
    return any(item.acute for item in known(ids))
