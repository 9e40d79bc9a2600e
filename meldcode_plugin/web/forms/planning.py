"""The form that starts a clock of the law: what came in, and on which day; nothing about whom or what."""

from __future__ import annotations

from datetime import date

from wtforms import Form

from meldcode_plugin.rules.terms import OF_LAW, Kind
from meldcode_plugin.web.forms.fields import Choice, Day

CAME_IN = {
    Kind.ACCESS: "Een verzoek om inzage",
    Kind.ACCESS_LONGER: "Een verzoek om inzage dat school met twee maanden verlengt",
    Kind.BREACH: "Een datalek",
}


class StartForm(Form):
    """What came in, and when."""

    what = Choice("Wat kwam er binnen?", [(kind.value, CAME_IN[kind]) for kind in OF_LAW])
    day = Day("Op welke dag?")

    def faults(self) -> dict[str, str]:
        """Return what can not be read, as far as the form itself can tell."""
        self.validate()
        return {name: str(texts[0]) for name, texts in self.errors.items() if texts and name == "day"}

    def came_on(self) -> date | None:
        """Return the day that was typed, or None."""
        return self.day.data or None
