"""The forms of *mensen en rollen*: propose a role, keep somebody away from a pupil; they store nothing."""

from __future__ import annotations

from uuid import UUID

from wtforms import Form

from meldcode_plugin.rules.facts import ROLE_NAMES, Role
from meldcode_plugin.web.forms.fields import Line, Words

APPOINTED = tuple(role for role in Role if role is not Role.STAFF)
"""Staff comes from the school's own sign-in; these are given here, by two people (T9)."""
CHOOSE_PERSON = "Kies een persoon."
CHOOSE_ROLE = "Kies een rol uit de lijst."
CHOOSE_PUPIL = "Kies de leerling."
WHY = "Schrijf op waarom deze persoon het dossier niet mag zien."


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


class RoleForm(Form):
    """Who gets which role."""

    person = Line("Wie?")
    role = Line("Welke rol?")

    roles = tuple((role.value, ROLE_NAMES[role]) for role in APPOINTED)

    def faults(self) -> dict[str, str]:
        """Return what was not chosen."""
        wrong = {} if self.person_id() else {"person": CHOOSE_PERSON}
        return wrong | ({} if self.role.data in {value for value, _ in self.roles} else {"role": CHOOSE_ROLE})

    def person_id(self) -> UUID | None:
        """Return the person that was chosen."""
        return _id(self.person.data)


class LeaveForm(Form):
    """Who no longer works here."""

    gone = Line("Wie werkt hier niet meer?")

    def faults(self) -> dict[str, str]:
        """Return what was not chosen."""
        return {} if self.person_id() else {"gone": CHOOSE_PERSON}

    def person_id(self) -> UUID | None:
        """Return the person that was chosen."""
        return _id(self.gone.data)


class ExcludeForm(Form):
    """Who is kept away from which pupil, and why."""

    words = Line("Naam van de leerling")
    pupil = Line()
    kept_away = Line("Wie mag dit niet zien?")
    reason = Words("Waarom?")

    def faults(self) -> dict[str, str]:
        """Return what is missing or too long."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        wrong |= {} if self.pupil.data else {"pupil": CHOOSE_PUPIL}
        wrong |= {} if self.person_id() else {"kept_away": CHOOSE_PERSON}
        return wrong | ({} if self.reason.data else {"reason": WHY})

    def person_id(self) -> UUID | None:
        """Return the person that was chosen."""
        return _id(self.kept_away.data)
