"""The places on the body that block 10 can point at; it knows no case, and not how a body is drawn."""

from __future__ import annotations

from enum import Enum

BEHIND = "achter-"


class Place(Enum):
    """A place on the child's body, with the child's own left and right, in the order in which they are numbered.

    It is no text: the veil changes every text of a paper, and a mark must stay where it is.
    """

    FACE = "gezicht"
    LEFT_EAR = "linkeroor"
    RIGHT_EAR = "rechteroor"
    THROAT = "hals"
    CHEST = "borst"
    BELLY = "buik"
    GENITALS = "schaamstreek"
    LEFT_UPPER_ARM = "linkerbovenarm"
    RIGHT_UPPER_ARM = "rechterbovenarm"
    LEFT_FOREARM = "linkeronderarm"
    RIGHT_FOREARM = "rechteronderarm"
    LEFT_HAND = "linkerhand"
    RIGHT_HAND = "rechterhand"
    LEFT_THIGH = "linkerbovenbeen"
    RIGHT_THIGH = "rechterbovenbeen"
    LEFT_LOWER_LEG = "linkeronderbeen-of-voet"
    RIGHT_LOWER_LEG = "rechteronderbeen-of-voet"
    HEAD_BEHIND = "achter-achterhoofd-of-nek"
    BACK = "achter-rug"
    BUTTOCKS = "achter-billen"
    LEFT_ARM_BEHIND = "achter-linkerarm"
    RIGHT_ARM_BEHIND = "achter-rechterarm"
    LEFT_LEG_BEHIND = "achter-linkerbeen"
    RIGHT_LEG_BEHIND = "achter-rechterbeen"

    @property
    def words(self) -> str:
        """How it is called, on its side of the child."""
        return self.value.removeprefix(BEHIND).replace("-", " ")


SIDES = {
    "Voorkant": [one for one in Place if not one.value.startswith(BEHIND)],
    "Achterkant": [one for one in Place if one.value.startswith(BEHIND)],
}
OWN_LEFT = "Links en rechts zijn die van het kind zelf."


def in_words(places: tuple[Place, ...]) -> list[tuple[str, str]]:
    """Return per side of the child the places with their numbers, which are those of the drawing."""
    said = {place: f"{number}\u00a0{place.words}" for number, place in enumerate(places, 1)}
    return [
        (f"Plaats, {side.lower()}", ", ".join(said[one] for one in there if one in said))
        for side, there in SIDES.items()
    ]
