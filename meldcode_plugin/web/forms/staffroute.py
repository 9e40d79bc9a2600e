"""The form of the staff route: what happened with a worry about a professional, and nothing more (domain 5.3)."""

from __future__ import annotations

from uuid import UUID

from wtforms import Form

from meldcode_plugin.services.allegations import NewAllegation, RegisterNote
from meldcode_plugin.web.forms.fields import Choice, Day, Line, Tick, Words

SEXUAL = [("yes", "Ja"), ("unknown", "Weet ik niet"), ("no", "Nee")]


class AskForm(Form):
    """The one question that decides who must be told (WPO 4a)."""

    sexual = Choice("Gaat het om (mogelijk) seksueel gedrag?", SEXUAL)
    about_director = Tick("Het gaat over de directeur")


class RegisterForm(AskForm):
    """What the register keeps, once the writer confirms it."""

    informed_by = Line("Wie informeerde?")
    informed = Line("Wie heb je geïnformeerd?")
    informed_on = Day("Wanneer deed je dat?")
    note = Words("Verslag van dat gesprek")
    confirmed = Tick("Ja, bewaar dit in het register")

    def faults(self) -> dict[str, str]:
        """Return what is missing or wrong, as far as the form itself can tell."""
        self.validate()
        wrong = {name: str(texts[0]) for name, texts in self.errors.items() if texts}
        if not self.confirmed.data:
            wrong["confirmed"] = "Zet een vinkje als je dit wilt bewaren. Anders bewaren we niets."
        return wrong

    def allegation(self, key: UUID) -> NewAllegation:
        """Return what was typed."""
        return NewAllegation.model_validate(
            {
                "key": key,
                "sexual": self.sexual.picked(),
                "about_director": self.about_director.data,
                "informed_by": self.informed_by.data or "",
                "informed": self.informed.data or "",
                "informed_on": self.informed_on.data,
                "note": self.note.data or "",
            }
        )


class NoteForm(Form):
    """A later line under one of the register."""

    about = Choice(
        "Wat is er gebeurd?",
        [
            ("informed", "Iemand is geïnformeerd"),
            ("inspector", "De vertrouwensinspecteur is geraadpleegd"),
            ("conversation", "Er was een gesprek"),
            ("aangifte", "Er is aangifte gedaan"),
        ],
    )
    informed_by = Line("Wie deed dat?")
    informed = Line("Wie is geïnformeerd of gesproken?")
    informed_on = Day("Wanneer?")
    note = Words("Verslag")

    def faults(self) -> dict[str, str]:
        """Return what is missing or wrong, as far as the form itself can tell."""
        self.validate()
        wrong = {name: str(texts[0]) for name, texts in self.errors.items() if texts}
        return wrong | ({} if self.about.picked() else {"about": "Kies wat er is gebeurd."})

    def made(self, key: UUID) -> RegisterNote:
        """Return what was typed."""
        return RegisterNote.model_validate(
            {
                "key": key,
                "about": self.about.picked(),
                "informed_by": self.informed_by.data or "",
                "informed": self.informed.data or "",
                "informed_on": self.informed_on.data,
                "note": self.note.data or "",
            }
        )
