"""The form of an emergency: whom somebody called, when, and what was agreed; it stores nothing (R58)."""

from __future__ import annotations

from uuid import UUID

from wtforms import Form

from meldcode_plugin.rules.entries import Report, Signal, SignalKind, Subject
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.web.forms.fields import Choice, Clock, Day, Line, Words

CALLED = [("telefoon", "Veilig Thuis"), ("112", "112")]
WHO = "Schrijf op om welk kind het gaat, zo goed als je het weet."
WHAT = "Schrijf kort op wat er aan de hand is."
WHOM = "Kies wie er is gebeld."
WHEN = "Vul in wanneer er is gebeld."


class EmergencyForm(Form):
    """What is asked of whoever called, and no more: all else comes afterwards."""

    who = Line("Om welk kind gaat het?")
    how = Choice("Wie is er gebeld?", CALLED)
    made_by = Line("Wie belde?")
    made_on = Day("Wanneer?")
    made_at = Clock("Hoe laat?")
    what = Words("Wat is er aan de hand?")
    spoke_with = Line("Met wie is gesproken?")
    agreed = Words("Wat is afgesproken?")

    def faults(self, *, with_pupil: bool) -> dict[str, str]:
        """Return what is missing or wrong, as far as the form itself can tell, in the order of the page."""
        self.validate()
        wrong = {name: str(texts[0]) for name, texts in self.errors.items() if texts}
        if not with_pupil and not self.who.data:
            wrong["who"] = WHO
        if not self.how.picked():
            wrong["how"] = WHOM
        if not self.made_on.data:
            wrong.setdefault("made_on", WHEN)
        if not self.what.data:
            wrong["what"] = WHAT
        return {name: wrong[name] for name in self._fields if name in wrong}

    def emergency(self, key: UUID, *, with_pupil: bool) -> NewSignals:
        """Return what was typed: a fact that is acute, and the report that was made."""
        subject = None if with_pupil else Subject(who=self.who.data or "")
        seen = Signal(
            bundle=key,
            signal_kind=SignalKind.FACT,
            text=self.what.data or "",
            observed_on=self.made_on.data,
            acute=True,
            subject=subject,
        )
        report = Report.model_validate(
            {
                "made_on": self.made_on.data,
                "made_at": self.made_at.data,
                "made_by": self.made_by.data or "",
                "how": self.how.picked(),
                "spoke_with": self.spoke_with.data or "",
                "agreed": self.agreed.data or "",
                "emergency": True,
            }
        )
        return NewSignals(key=key, signals=(seen,), report=report)
