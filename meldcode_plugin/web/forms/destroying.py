"""The form that proposes to destroy a closed dossier; it decides nothing."""

from __future__ import annotations

from wtforms import Form

from meldcode_plugin.rules.entries import BASIS_NAMES, REASONED, Basis, DestructionProposed
from meldcode_plugin.web.forms.fields import Choice, Day, Words

KEEP = "Dan blijft dit dossier. Kies in het dossier voor langer bewaren, met de reden."
WHY = "Leg in ten minste één zin uit waarom dit dossier weg kan."


class DestroyForm(Form):
    """Why the dossier may go, since when the child is away, and whether somebody needs the dossier."""

    basis = Choice("Waarom kan dit dossier weg?", [(basis.value, name) for basis, name in BASIS_NAMES.items()])
    left_on = Day("Wanneer ging het kind van school?")
    needed = Choice(
        "Loopt er een klacht, een rechtszaak of een onderzoek van Veilig Thuis, of vroeg iemand om dit te bewaren?",
        [("no", "Nee"), ("yes", "Ja")],
    )
    reason = Words("Leg uit waarom")

    def made(self) -> tuple[DestructionProposed | None, dict[str, str]]:
        """Return the proposal, or what is wrong with it."""
        self.validate()
        wrong = {name: str(texts[0]) for name, texts in self.errors.items() if texts}
        basis, needed, reason = self.basis.picked(), self.needed.picked(), (self.reason.data or "").strip()
        if not basis:
            wrong["basis"] = "Kies waarom dit dossier weg kan."
        if needed != "no":
            wrong["needed"] = KEEP if needed else "Kies ja of nee."
        if len(reason) < REASONED:
            wrong.setdefault("reason", WHY)
        if wrong:
            return None, wrong
        left_on = self.left_on.data if basis == Basis.TERM else None
        return DestructionProposed(basis=Basis(basis), left_on=left_on, reason=reason), {}
