"""The form of *scholing*: who had training, of which kind, on which day; whether that can be, the service says."""

from __future__ import annotations

from uuid import UUID

from wtforms import Form, SelectMultipleField

from meldcode_plugin.rules.facts import NOBODY
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.web.forms.fields import Choice, Day

COURSES = {Kind.TRAINING: "Scholing in de meldcode", Kind.REFRESHER: "Bijscholing aandachtsfunctionaris"}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return NOBODY


class TrainingForm(Form):
    """One day and one kind of training, for as many people as had it."""

    people = SelectMultipleField("Wie had scholing?", choices=[], validate_choice=False)
    kind = Choice(
        "Wat voor scholing was het?", [(kind.value, name) for kind, name in COURSES.items()], default=Kind.TRAINING
    )
    day = Day("Op welke dag?")

    def who(self) -> set[UUID]:
        """Return the people that were ticked; what is nobody's id counts as somebody who is not here."""
        return {_id(one) for one in self.people.data or ()}

    def faults(self) -> dict[str, str]:
        """Return what can not be read, as far as the form itself can tell."""
        self.validate()
        return {name: str(texts[0]) for name, texts in self.errors.items() if texts and name == "day"}
