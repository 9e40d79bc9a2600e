"""The forms of the IB-er: search a pupil, move a signal; they store nothing."""

from __future__ import annotations

from wtforms import Form

from meldcode_plugin.web.forms.fields import Line, Words

SEARCH = "Vul ten minste twee letters van de naam in."
CHOOSE_PUPIL = "Kies de leerling bij wie het signaal hoort."
WHY_MOVE = "Schrijf op waarom je het signaal verplaatst."
SHORTEST = 2


class SearchForm(Form):
    """Words of a pupil's name."""

    words = Line("Naam van de leerling")

    def faults(self) -> dict[str, str]:
        """Return what is missing."""
        return {} if len(self.words.data or "") >= SHORTEST else {"words": SEARCH}


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
