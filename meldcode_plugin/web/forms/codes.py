"""The form of the school's own reporting code; it stores nothing."""

from __future__ import annotations

from wtforms import Form

from meldcode_plugin.rules.code import CodeText
from meldcode_plugin.rules.weighing import TABLES
from meldcode_plugin.web.forms.fields import Choice, Line, Words


class CodeForm(Form):
    """Names of the steps, texts and contacts."""

    step1 = Line("Stap 1")
    step2 = Line("Stap 2")
    step3 = Line("Stap 3")
    step4 = Line("Stap 4")
    step5 = Line("Stap 5")
    weighing = Choice("Welk afwegingskader geldt?", [(str(number), table.name) for number, table in TABLES.items()])
    contacts = Words("Wie bel je? Namen en nummers")
    phone = Line("Telefoonnummer van school")
    region = Line("Bij welk Veilig Thuis hoort school?")
    support = Words("Wat lees je bij een melding over steun van school?")
    feedback = Words("Wat hoort iemand terug die een signaal gaf?")
    links = Words("Waar staat meer?")

    def faults(self) -> dict[str, str]:
        """Return what is too long."""
        self.validate()
        return {name: str(texts[0]) for name, texts in self.errors.items() if texts}

    def text(self) -> CodeText:
        """Return what was typed."""
        typed = {name: field.data or "" for name, field in self._fields.items() if name != "weighing"}
        return CodeText.model_validate(typed | {"weighing": int(self.weighing.picked() or 0)})
