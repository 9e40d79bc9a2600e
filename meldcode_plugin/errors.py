"""Every way in which the plugin says no; it knows no room and no error ever carries personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class MeldcodeError(Exception):
    """Base of all refusals. ``sentence`` is what the person on the screen reads (Dutch, B1)."""

    sentence = "Er ging iets mis. Probeer het opnieuw."

    def __init__(self, sentence: str | None = None) -> None:
        """Take a sentence for this one refusal, or keep the sentence of the class."""
        super().__init__(sentence or self.sentence)
        self.sentence = sentence or self.sentence


class NotVisible(MeldcodeError):
    """Missing, foreign, excluded or destroyed: the viewer can not learn which (T6)."""

    sentence = "Pagina niet gevonden."


class NotAllowed(NotVisible):
    """The viewer's role may not do this; on the screen the same page as `NotVisible`."""


@dataclass(frozen=True)
class Refusal:
    """One reason why an act can not be done now: a rule number and the sentence that is read."""

    rule: str
    sentence: str
    field: str = ""


class StepRefused(MeldcodeError):
    """The code of conduct refuses this act; ``refusals`` says why, one sentence each."""

    def __init__(self, refusals: list[Refusal]) -> None:
        """Keep the refusals; the first one is the sentence on top of the page."""
        super().__init__(refusals[0].sentence)
        self.refusals = tuple(refusals)


class PauseFirst(MeldcodeError):
    """Nothing forbids this, but something gives pause: ``warnings`` are read first, then it can be sent again.

    The ``field`` of a warning is its code: who goes past it sends that code along.
    """

    def __init__(self, warnings: list[Refusal]) -> None:
        """Keep the warnings; the first one is the sentence on top of the page."""
        super().__init__(warnings[0].sentence)
        self.warnings = tuple(warnings)


class InputRefused(MeldcodeError):
    """What was typed can not be stored yet; ``fields`` maps a field's name to its sentence."""

    sentence = "Kijk de gemarkeerde velden na."

    def __init__(self, fields: dict[str, str]) -> None:
        """Keep one sentence per field; the page shows each beside its field."""
        super().__init__()
        self.fields = fields


class AlreadySent(MeldcodeError):
    """This form was sent before with other words: sent means final (R6)."""

    sentence = "Je kunt een verstuurd signaal niet veranderen. Voeg een vervolg toe."


class AlreadyAdded(MeldcodeError):
    """This form added its entry to a dossier before, with other words: those stand, and these come apart."""

    sentence = (
        "Dit formulier is al opgeslagen. Wat je nu typte staat er nog. Sla je dat ook op, dan komt het er apart bij."
    )


class AlreadyDone(MeldcodeError):
    """Somebody did this already, or the state it needs has passed."""

    sentence = "Dit is al gedaan. Ververs de pagina om te zien hoe het nu staat."


class SecondPersonNeeded(MeldcodeError):
    """The one who proposed, and the one it is about, can not confirm it (T9)."""

    sentence = "Een tweede persoon moet dit bevestigen. Dat kun jij zelf niet zijn."


class SourceUnavailable(MeldcodeError):
    """The student information system does not answer, or answers what can not be trusted.

    ``code`` is one of `meldcode_plugin.sis.Fault`; ``why`` says in English what the school's administrator
    can do. Neither ever carries an answer of the system itself.
    """

    sentence = "Het leerlingsysteem is nu niet bereikbaar. Je kunt wel een signaal vastleggen."

    def __init__(self, sentence: str | None = None, *, code: str = "away", why: str = "") -> None:
        """Keep the code of what is wrong and what to do about it."""
        super().__init__(sentence)
        self.code, self.why = code, why


class KeyUnavailable(MeldcodeError):
    """A key is missing or wrong: nothing is stored in clear and nothing can be read."""

    sentence = "Opslaan kan nu niet veilig. Schrijf het op papier, bewaar dat goed en bel de IB-er."


class TamperedData(MeldcodeError):
    """A sealed cell, a chain or a file is not what was written: it is not shown."""

    sentence = "Deze gegevens zijn beschadigd of veranderd. Waarschuw de beheerder."


class BackupRefused(MeldcodeError):
    """A backup that can not be made or put back; the message says what to do. It is for the command line."""


class LogUnavailable(MeldcodeError):
    """The access log can not be written, so nothing is shown or changed."""

    sentence = "Het logboek werkt niet. Daarom tonen we nu niets. Probeer het later opnieuw."


class PaperFailed(MeldcodeError):
    """A document could not be made whole, so there is none; ``code`` names what failed: logo, font, colour, text."""

    sentence = "Het document kon niet worden gemaakt. Probeer het opnieuw, of waarschuw de beheerder."
    SENTENCES: ClassVar[dict[str, str]] = {
        "logo": "Het logo van de school kan niet worden gelezen. Kies een PNG of JPEG van minder dan 512 kB.",
        "font": "Een lettertype van het document ontbreekt. Waarschuw de beheerder: het programma is niet heel.",
        "colour": "De kleur van de school klopt niet. Kies een kleur als #1b5e6f.",
        "file": "Een bijlage kan niet worden gelezen. Maak een nieuw pakket zonder deze bijlage.",
        "space": "Er is geen ruimte meer op de schijf. Waarschuw de beheerder en probeer het daarna opnieuw.",
    }

    def __init__(self, code: str) -> None:
        """Keep the code of what failed."""
        super().__init__(self.SENTENCES.get(code))
        self.code = code


class SignInRefused(MeldcodeError):
    """A sign-in that failed a check; ``code`` names the check, for the log and the tests."""

    sentence = "Inloggen is niet gelukt. Probeer het opnieuw."

    def __init__(self, code: str, sentence: str | None = None) -> None:
        """Keep the code of the check that failed."""
        super().__init__(sentence)
        self.code = code


class LaunchRefused(MeldcodeError):
    """A launch from the student information system that failed a check."""

    sentence = "Deze link werkt niet meer. Ga terug naar de leerling en klik opnieuw op Signaal vastleggen."

    def __init__(self, code: str, sentence: str | None = None) -> None:
        """Keep the code of the check that failed."""
        super().__init__(sentence)
        self.code = code


class SettingsWrong(MeldcodeError):
    """A setting is missing or wrong; the message names the MELDCODE_ key and what to do."""
