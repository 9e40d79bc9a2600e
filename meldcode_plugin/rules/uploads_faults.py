"""Why a file is refused, and the sentence that its owner reads; it opens no file."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """One reason to refuse a file."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"
    MISNAMED = "misnamed"
    OTHER_KIND = "other_kind"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    HIDDEN_ARCHIVE = "hidden_archive"
    PROGRAM_TEXT = "program_text"
    TEST_VIRUS = "test_virus"
    MACROS = "macros"
    EMBEDDED = "embedded"
    OUTSIDE = "outside"
    BOMB = "bomb"
    PASSWORD = "password"  # noqa: S105  # a reason, no secret
    PDF_PROGRAM = "pdf_program"
    PDF_LAUNCH = "pdf_launch"
    PDF_SENDS = "pdf_sends"
    PDF_EMBEDDED = "pdf_embedded"
    PDF_OUTSIDE = "pdf_outside"
    PDF_MEDIA = "pdf_media"
    PDF_FORM = "pdf_form"
    NOT_CHECKED = "not_checked"


_AGAIN = "Open het bestand, sla het opnieuw op en kies het nog een keer."
_AS_PDF = "Sla het op als PDF en kies die PDF."
_PRINT = "Open het, kies “Afdrukken naar PDF” en kies die nieuwe PDF."

SENTENCES: dict[Fault, str] = {
    Fault.EMPTY: "“{name}” is leeg. Kies het bestand opnieuw.",
    Fault.TOO_LARGE: "“{name}” is groter dan 25 MB. Maak het bestand kleiner of splits het.",
    Fault.UNKNOWN: "“{name}” is een soort bestand dat we niet bewaren. Kies {accepted}.",
    Fault.MISNAMED: "“{name}” heet {claimed}, maar is {found}. " + _AGAIN,
    Fault.OTHER_KIND: "“{name}” is {found}. Dat bewaren we niet. {advice}",
    Fault.BROKEN: "“{name}” is niet compleet of beschadigd. " + _AGAIN,
    Fault.TOO_MANY_PIXELS: "“{name}” heeft te veel beeldpunten. Maak de foto kleiner en kies hem opnieuw.",
    Fault.HIDDEN_ARCHIVE: "In “{name}” zit een ander bestand verstopt. " + _AGAIN,
    Fault.PROGRAM_TEXT: "“{name}” is een webpagina of een programma. Sla de tekst op als gewone tekst of als PDF.",
    Fault.TEST_VIRUS: "“{name}” wordt door virusscanners tegengehouden. Dit bestand bewaren we niet.",
    Fault.MACROS: "In “{name}” zit een programma (een macro). " + _AS_PDF,
    Fault.EMBEDDED: "In “{name}” zit een ander bestand. " + _AS_PDF,
    Fault.OUTSIDE: "“{name}” haalt zelf iets van een andere plek op. " + _AS_PDF,
    Fault.BOMB: "“{name}” wordt bij het openen veel te groot. " + _AS_PDF,
    Fault.PASSWORD: "Op “{name}” zit een wachtwoord. Haal het wachtwoord eraf en kies het bestand opnieuw.",
    Fault.PDF_PROGRAM: "In “{name}” zit een programma (JavaScript). " + _PRINT,
    Fault.PDF_LAUNCH: "“{name}” kan een programma op je computer starten. " + _PRINT,
    Fault.PDF_SENDS: "“{name}” kan gegevens versturen. " + _PRINT,
    Fault.PDF_EMBEDDED: "In “{name}” zit een ander bestand. " + _PRINT,
    Fault.PDF_OUTSIDE: "“{name}” haalt zelf iets van een andere plek op. " + _PRINT,
    Fault.PDF_MEDIA: "In “{name}” zit beeld of geluid dat kan afspelen. " + _PRINT,
    Fault.PDF_FORM: "“{name}” is een formulier van een soort die niet overal opent. " + _PRINT,
    Fault.NOT_CHECKED: "We kunnen “{name}” nu niet controleren. Probeer het later opnieuw. Je tekst is bewaard.",
}


class OtherKind(Exception):  # a verdict, turned into InputRefused by `uploads.judge`
    """The file is of a kind that is known and not accepted; says which, and what to do instead."""

    def __init__(self, found: str, advice: str) -> None:
        """Keep the Dutch name of the kind with its article, and the advice."""
        super().__init__(found)
        self.found, self.advice = found, advice


class Unfit(Exception):  # a verdict on a file, turned into InputRefused by `uploads.judge`
    """A file was found unfit; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        """Keep the fault."""
        super().__init__(fault.value)
        self.fault = fault
