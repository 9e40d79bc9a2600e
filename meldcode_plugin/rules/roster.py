"""What a change in the school's roster about the pupil of a case means and asks; it decides nothing about a case.

A roster is input and no authority (T10): it never moves, merges or closes a case, nor changes who reads it. Each
change is a task for whoever handles the case, and a person says what it means.
"""

from __future__ import annotations

from enum import StrEnum

MOST_LESS = 0.2
"""Part of the pupils that may be gone since the last good look; more is a fault of the roster, not of the school."""
SMALL = 10
"""Pupils that may be gone at any school, however small."""


class Change(StrEnum):
    """What was seen."""

    GONE = "gone"
    NEW_NUMBER = "new_number"
    SAME_CHILD = "same_child"
    DIFFERS = "differs"
    GUARDIAN = "guardian"


SENTENCES: dict[Change, str] = {
    Change.GONE: "Deze leerling staat niet in het leerlingsysteem. Het dossier blijft bestaan.",
    Change.NEW_NUMBER: "Het leerlingsysteem gebruikt een ander nummer voor deze leerling.",
    Change.SAME_CHILD: "In het leerlingsysteem staat een leerling die dezelfde kan zijn.",
    Change.DIFFERS: "Het leerlingsysteem noemt nu een andere naam of geboortedatum.",
    Change.GUARDIAN: "Een collega staat in het leerlingsysteem als ouder of verzorger van deze leerling.",
}
WHAT_NOW: dict[Change, str] = {
    Change.GONE: "Is de leerling van school gegaan? Zorg dan dat de zorg om dit kind niet stopt.",
    Change.NEW_NUMBER: "Controleer of dit klopt. Signalen over het nieuwe nummer komen in dit dossier.",
    Change.SAME_CHILD: "Er is niets samengevoegd. Signalen over die leerling komen nu in een eigen dossier.",
    Change.DIFFERS: "Is het een ander kind? Bel wie het leerlingsysteem beheert: een nummer is voor één kind. "
    "Verplaats signalen die over het andere kind gaan.",
    Change.GUARDIAN: "Klopt dit? Dan ziet deze collega het dossier niet meer.",
}
YES: dict[Change, str] = {
    Change.GONE: "Gezien",
    Change.NEW_NUMBER: "Ja, dit is dezelfde leerling",
    Change.SAME_CHILD: "Ja, dit is dezelfde leerling",
    Change.DIFFERS: "Ja, dit is dezelfde leerling",
    Change.GUARDIAN: "Ja, sluit deze collega uit",
}
NO: dict[Change, str] = {
    Change.NEW_NUMBER: "Nee, dit is een andere leerling",
    Change.SAME_CHILD: "Nee, dit is een andere leerling",
    Change.GUARDIAN: "Nee, dit klopt niet",
}
"""Where there is no 'no', the notice stays until it is no longer so, or somebody says yes."""


def is_too_few(before: int, now: int) -> bool:
    """Tell whether so many pupils are gone since the last good look that the roster itself must be wrong."""
    lost = before - now
    return now == 0 or (lost > SMALL and lost > before * MOST_LESS)
