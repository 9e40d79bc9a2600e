"""The forms of the IB-er: search a pupil, close a dossier, move a signal; they store nothing."""

from __future__ import annotations

from wtforms import Form

from meldcode_plugin.rules.facts import CLOSE_NAMES, CloseReason
from meldcode_plugin.web.forms.fields import Choice, Line, Words

SEARCH = "Vul ten minste twee letters van de naam in."
CHOOSE_REASON = "Kies waarom je het dossier sluit."
EXPLAIN = "Schrijf op waarom je het dossier sluit."
CHOOSE_PUPIL = "Kies de leerling bij wie het signaal hoort."
WHY_MOVE = "Schrijf op waarom je het signaal verplaatst."
SHORTEST = 2


class SearchForm(Form):
    """Words of a pupil's name."""

    words = Line("Naam van de leerling")

    def faults(self) -> dict[str, str]:
        """Return what is missing."""
        return {} if len(self.words.data or "") >= SHORTEST else {"words": SEARCH}


class CloseForm(Form):
    """Why a dossier is closed."""

    reason = Choice("Waarom sluit je het dossier?", [(reason.value, name) for reason, name in CLOSE_NAMES.items()])
    explanation = Words("Leg uit waarom")

    def faults(self) -> dict[str, str]:
        """Return what is missing or too long."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        wrong |= {} if self.reason.picked() else {"reason": CHOOSE_REASON}
        return wrong | ({} if self.explanation.data else {"explanation": EXPLAIN})

    def picked(self) -> CloseReason:
        """Return the reason that was chosen."""
        return CloseReason(self.reason.picked())


class MoveForm(Form):
    """To which pupil a signal goes, and why."""

    words = Line("Naam van de goede leerling")
    pupil = Line()
    reason = Words("Waarom verplaats je het signaal?")

    def faults(self) -> dict[str, str]:
        """Return what is missing or too long."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        wrong |= {} if self.pupil.data else {"pupil": CHOOSE_PUPIL}
        return wrong | ({} if self.reason.data else {"reason": WHY_MOVE})
