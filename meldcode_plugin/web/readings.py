"""How the values of the rules and the log read on the screen; it knows no page."""

from __future__ import annotations

from meldcode_plugin.rules import catalogue
from meldcode_plugin.rules.cautions import CAUTIONS
from meldcode_plugin.rules.entries import BASIS_NAMES, DIRECTION_NAMES, KIND_NAMES, STATUS_NAMES
from meldcode_plugin.rules.facts import CLOSE_NAMES, ROLE_NAMES, STATE_NAMES
from meldcode_plugin.rules.roster import NO, SENTENCES, WHAT_NOW, YES
from meldcode_plugin.services.packages_handover import CHANNEL_NAMES

EVENTS = {
    "signal.recorded": "legde een signaal vast",
    "signal.many": "legde heel veel signalen vast binnen een uur",
    "signal.read": "las een signaal",
    "signal.followed_up": "voegde een vervolg toe",
    "signal.corrected": "verbeterde een signaal",
    "signal.accepted": "pakte een signaal op",
    "signal.moved": "verplaatste een signaal",
    "case.listed": "zag het dossier in een lijst",
    "case.read": "las het dossier",
    "case.closed": "sloot het dossier",
    "destruction.proposed": "stelde voor om het dossier te vernietigen",
    "case.destroyed": "vernietigde het dossier",
    "destruction.listed": "las de lijst van vernietigde dossiers",
    "case.rewrapped": "vernieuwde de sleutel van het dossier",
    "owner.changed": "veranderde de eigenaar van het dossier",
    "deputy.changed": "veranderde de vervanger",
    "succession.offered": "bood het dossier aan een ander aan",
    "succession.answered": "gaf antwoord op een overdracht",
    "kin.answered": "gaf antwoord over familie op school",
    "case.shared": "deelde het dossier met iemand",
    "share.ended": "trok het delen in",
    "share.read": "las wat gedeeld is",
    "share.advised": "gaf advies",
    "family.linked": "koppelde het dossier aan dat van een broertje of zusje",
    "family.unlinked": "haalde een koppeling weg",
    "glass.broken": "gebruikte de noodtoegang",
    "glass.reviewed": "beoordeelde een noodtoegang",
    "attachment.added": "voegde een bijlage toe",
    "attachment.read": "opende een bijlage",
    "attachment.removed": "haalde een bijlage weg",
    "package.requested": "vroeg een meldpakket aan",
    "package.built": "liet een meldpakket maken",
    "package.ready": "kreeg een meldpakket klaar",
    "package.ended": "zag een meldpakket stoppen",
    "package.read": "bekeek een meldpakket",
    "package.fetched": "haalde een meldpakket op",
    "package.annex_fetched": "haalde bijlage N van een meldpakket op",
    "step.added": "legde een stap vast",
    "package.handed_over": "legde een overdracht van een meldpakket vast",
    "roster.noticed": "zag in het leerlingsysteem iets veranderen",
    "roster.answered": "gaf antwoord op een verandering in het leerlingsysteem",
    "register.recorded": "zette iets in het register",
    "register.read": "las het register",
    "role.proposed": "stelde een rol voor",
    "role.confirmed": "bevestigde een rol",
    "role.ended": "beëindigde een rol",
    "exclusion.proposed": "sloot iemand uit",
    "exclusion.confirmed": "bevestigde een uitsluiting",
    "exclusion.rejected": "wees een uitsluiting af",
    "person.enrolled": "kwam er voor het eerst",
    "sign_in.started": "logde in",
    "sign_in.ended": "logde uit",
    "sign_in.refused": "werd geweigerd bij het inloggen",
    "launch.refused": "werd geweigerd bij de start vanuit het leerlingsysteem",
    "code.changed": "maakte een nieuwe versie van de meldcode van school",
    "term.started": "startte een klok voor een verzoek of een datalek",
    "term.done": "zette een taak van de school op gedaan",
    "training.recorded": "legde scholing van een medewerker vast",
    "training.withdrawn": "haalde scholing van een medewerker weg",
    "log.read": "las het logboek",
    "school.restored": "zette een reservekopie terug",
    "access.denied": "vroeg iets wat niet mag of niet bestaat",
}
"""What happened, as a person would say it; an event that is not here shows its own name."""

NAMES = {
    "roster_sentences": SENTENCES,
    "roster_now": WHAT_NOW,
    "roster_yes": YES,
    "roster_no": NO,
    "kinds": KIND_NAMES,
    "directions": DIRECTION_NAMES,
    "statuses": STATUS_NAMES,
    "states": STATE_NAMES,
    "closings": CLOSE_NAMES,
    "bases": BASIS_NAMES,
    "role_names": ROLE_NAMES,
    "events": EVENTS,
    "signs": catalogue.known,
    "warned": {one.code: one.sentence for one in CAUTIONS},
}
"""For the templates that show entries, people or the log."""

PACKAGE_NAMES = {
    "variant_names": {
        "melding": "Meldpakket voor Veilig Thuis",
        "ouders": "Afschrift voor ouders",
        "advies": "Samenvatting zonder namen, voor advies",
    },
    "package_states": {
        "requested": "Aangevraagd",
        "building": "Wordt gemaakt",
        "ready": "Klaar",
        "failed": "Mislukt",
        "cancelled": "Geannuleerd",
        "stopped": "Gestopt",
    },
    "step_names": {
        "freeze": "Dossier vastgezet",
        "collect": "Inhoud verzameld",
        "check": "Bijlagen nagekeken",
        "render": "Documenten gemaakt",
        "copy": "Bijlagen meegenomen",
        "manifest": "Lijst van bestanden gemaakt",
        "seal": "Pakket verzegeld",
        "reopen": "Alles opnieuw geopend en vergeleken",
        "ready": "Klaar om over te dragen",
    },
    "package_errors": {
        "attachment": "Een bijlage is beschadigd of weg. Maak een nieuw pakket zonder deze bijlage.",
        "changed": "Het dossier is intussen veranderd. Maak een nieuw pakket.",
        "no_space": "Er is geen ruimte meer op de schijf. Waarschuw de beheerder en probeer het daarna opnieuw.",
        "interrupted": "Het maken is vijf keer afgebroken. Waarschuw de beheerder en probeer het daarna opnieuw.",
        "paper": "Het document kon niet worden gezet. Waarschuw de beheerder en probeer het daarna opnieuw.",
        "damaged": "Een bestand van dit pakket is beschadigd. Waarschuw de beheerder en maak een nieuw pakket.",
        "right_lost": "Wie dit pakket aanvroeg, mag dit dossier nu niet meer zien. Vraag zelf een pakket aan.",
    },
    "package_fault": "Het maken is niet gelukt. Probeer het opnieuw. Lukt het weer niet? Waarschuw de beheerder.",
    "channels": CHANNEL_NAMES,
    "hand_over_states": {"prepared": "Staat klaar", "handed_over": "Overgedragen", "confirmed": "Ontvangst bevestigd"},
}
"""For the templates that show packages."""
