"""The forms around a case: to whom it goes, who stands in, who is kept out; they store nothing."""

from __future__ import annotations

from uuid import UUID

from wtforms import Form, SelectMultipleField

from meldcode_plugin.rules.circle import SHARE_NAMES
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.web.forms.fields import Choice, Day, Line, Words


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


class KinForm(Form):
    """The question whether a parent or relative works here."""

    kin = Choice(
        "Werkt een ouder of familielid op school of bij het bestuur?",
        [("no", "Nee"), ("yes", "Ja"), ("unknown", "Weet ik niet")],
    )
    kin_person = Line("Wie is dat?")


class ShareForm(Form):
    """What is shared, with whom, as what and until when."""

    reader = Line("Met wie deel je?")
    as_what = Choice("Als wat leest deze persoon mee?", [(value.value, name) for value, name in SHARE_NAMES.items()])
    question = Words("Wat wil je van deze persoon weten?")
    last_day = Day("Tot en met welke dag?")
    how_much = Choice("Wat deel je?", [("all", "Het hele dossier"), ("some", "Alleen wat ik aankruis")])
    pieces = SelectMultipleField("Wat kruis je aan?", choices=[], validate_choice=False)

    def made(self) -> tuple[NewShare, dict[str, str]]:
        """Return what was typed, and what is wrong with it as far as the form itself can tell."""
        self.validate()
        wrong = {name: str(texts[0]) for name, texts in self.errors.items() if texts}
        if not self.how_much.picked():
            wrong["how_much"] = "Kies of je alles deelt, of alleen wat je aankruist."
        ids = tuple(one for one in map(chosen, self.pieces.data or ()) if one)
        pieces = None if self.how_much.picked() == "all" else ids
        day = None if "last_day" in wrong else self.last_day.data
        new = NewShare(chosen(self.reader.data), self.as_what.picked(), self.question.data or "", day, pieces)
        return new, wrong


class AnswerForm(Form):
    """What somebody says to a hand-over."""

    reason = Words("Waarom neem je het dossier niet over?")


class AdviceForm(Form):
    """What a reader advises."""

    advice = Words("Wat is je advies?")

    def faults(self) -> dict[str, str]:
        """Return what is too long."""
        self.validate()
        return {name: texts[0] for name, texts in self.errors.items() if texts}


class GlassForm(Form):
    """Whose dossier must be read now, and why."""

    words = Line("Naam van de leerling")
    pupil = Line()
    reason = Words("Waarom moet je dit dossier nu lezen?")

    def faults(self) -> dict[str, str]:
        """Return what was not chosen or is too long."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        return wrong | ({} if self.pupil.data else {"pupil": "Kies de leerling."})
