"""The forms around a case: to whom it goes, who stands in, who is kept out; they store nothing."""

from __future__ import annotations

from uuid import UUID

from wtforms import Form

from meldcode_plugin.web.forms.fields import Line, Words


def chosen(text: str | None) -> UUID | None:
    """Return the id that a list sent, or None for nothing or nonsense."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


class CircleForm(Form):
    """Everything that can be typed on the page of the circle; each button reads its own part."""

    successor = Line("Aan wie draag je het dossier over?")
    note = Words("Wat moet deze persoon weten?")
    stand_in = Line("Wie is vervanger?")
    outsider = Line("Wie mag dit dossier niet zien?")
    why = Words("Waarom niet?")

    def faults(self) -> dict[str, str]:
        """Return what is too long."""
        self.validate()
        return {name: texts[0] for name, texts in self.errors.items() if texts}


class AnswerForm(Form):
    """What somebody says to a hand-over."""

    reason = Words("Waarom neem je het dossier niet over?")
