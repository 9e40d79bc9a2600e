"""The form of each step, made from its payload class: labels stand beside the data that they name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from wtforms import Form, SelectMultipleField

from meldcode_plugin.rules import entries
from meldcode_plugin.rules.entries import SHORT, VALUE_NAMES, Payload
from meldcode_plugin.rules.facts import CLOSE_NAMES
from meldcode_plugin.rules.filling import DEPENDS
from meldcode_plugin.rules.terms import REMINDER_NAMES
from meldcode_plugin.web.forms.fields import Choice, Clock, Day, Line, Tick, Words
from meldcode_plugin.web.words import say

HIDDEN = frozenset({"kind", "v", "code_version", "passed"})
NOT_READ = frozenset({"about", "seen_seq", "facts_told", "parties", "evidence", "role"})
"""What points at other entries: a number says nothing to a reader."""
NO_ANSWER = ("", None, (), False)
NOT_ASKED = ("nvt", "open")
"""Choices that say nothing in a dossier; the same letters typed as words are words, and stay."""
MISSING = "Vul dit in."
CHOOSE = "Kies een antwoord."
WHICH_TRIGGER = "Kies of het niet stopt, of opnieuw begint."
TRIGGERS = [("stopt_niet", "Het stopt niet"), ("begint_opnieuw", "Het begint opnieuw")]
"""The two triggers of a report after help; they are stored apart (R43)."""
TOO_SHORT = "Leg dit uit in ten minste één zin."
WORDS = {
    "yes": "Ja",
    "no": "Nee",
    "doubt": "Ik twijfel",
    "open": "Nog niet beantwoord",
    "nvt": "Niet van toepassing",
    "unknown": "Niet bekend",
    "partly": "Deels",
    "given": "Ja",
    "refused": "Nee",
    "not_asked": "Niet gevraagd",
    "": "Nee",
    "stopt_niet": "Ja: het stopt niet",
    "begint_opnieuw": "Ja: het begint opnieuw",
    "formulier": "Via het formulier",
    "telefoon": "Per telefoon",
    "112": "Via 112",
    "hulp_gestopt": "De hulp is gestopt",
    "suspected": "Ja: misschien doet deze persoon het",
    "victim": "Ja: misschien is deze persoon zelf slachtoffer",
    "melding": "Over de melding",
    **VALUE_NAMES,
    **{reason.value: name for reason, name in CLOSE_NAMES.items()},
    **REMINDER_NAMES,
}


@dataclass(frozen=True)
class Kind:
    """A kind of entry as a page names it: its class, its step, what it is called, when it helps.

    ``files``: which files go with it, where any do.
    """

    payload: type[Payload]
    step: int
    name: str
    button: str
    help: str = ""
    files: str = ""


KINDS: dict[str, Kind] = {
    "overleg": Kind(
        entries.Consultation,
        2,
        "Overleg",
        "Overleg vastleggen",
        "Je mag advies vragen zonder naam te noemen. Advies is geen melding.",
    ),
    "bijzonder": Kind(
        entries.SpecialForm,
        2,
        "Bijzondere vorm van geweld",
        "Bijzondere vorm van geweld",
        "Denk je aan eergerelateerd geweld, huwelijksdwang, achterlating of meisjesbesnijdenis? "
        "Overleg altijd eerst met een deskundige.",
    ),
    "directeur": Kind(
        entries.DirectorInformed,
        2,
        "Directeur is op de hoogte",
        "Directeur is op de hoogte",
        "Vanaf nu ziet de directeur dit dossier ook.",
    ),
    "voorbereiding": Kind(entries.TalkPreparation, 3, "Voorbereiding van een gesprek", "Gesprek voorbereiden"),
    "gesprek": Kind(
        entries.ParentConversation,
        3,
        "Gesprek met ouders",
        "Gesprek vastleggen",
        "Volgorde: 1 vertel het doel, 2 vertel wat je zag, 3 vraag om een reactie, "
        "4 vertel pas daarna "
        "wat jij ervan denkt.",
    ),
    "ouders": Kind(entries.ParentStatement, 3, "Wat ouders zelf zeggen", "Woorden van ouders toevoegen"),
    "verslag": Kind(entries.TalkShared, 3, "Verslag naar ouders", "Verslag aan ouders gegeven"),
    "geen-gesprek": Kind(
        entries.TalkWaiver,
        3,
        "Geen gesprek",
        "Geen gesprek: waarom niet?",
        "Een gesprek overslaan mag alleen als de veiligheid in gevaar is, of als je goede redenen hebt "
        "om te denken dat ouders het contact verbreken. Leg uit waarom. De directeur beslist mee.",
    ),
    "kind": Kind(
        entries.ChildConversation,
        3,
        "Gesprek met het kind",
        "Gesprek met het kind",
        "Stel alleen open vragen. Beloof nooit dat je het geheim houdt.",
    ),
    "wegen": Kind(
        entries.Weighing,
        4,
        "Weging",
        "Wegen",
        "Hoe groot is het risico? Wat is er aan de hand en hoe ernstig is het? Twijfel je? Bel Veilig Thuis.",
        "Voeg hier het ingevulde risicotaxatie-instrument toe: een foto, PDF, Word-bestand of tekst.",
    ),
    "besluit": Kind(
        entries.Decision,
        5,
        "Besluit",
        "Besluit nemen",
        "Besluit 1: is melden nodig? Besluit 2: kun je (ook) hulp bieden of regelen? "
        "Beide mag ja zijn. Bij twijfel over de veiligheid: melden.",
    ),
    "hulp": Kind(entries.HelpPlan, 5, "Hulp", "Hulp regelen"),
    "effect": Kind(entries.HelpEffectCheck, 5, "Effect van de hulp", "Effect van hulp bekijken"),
    "mededeling": Kind(
        entries.ReportNotice,
        5,
        "Ouders weten van de melding",
        "Melding bespreken met ouders",
        "Je probeert ouders mee te krijgen. Toestemming is niet nodig om te melden. Vertel het ze wel vooraf.",
    ),
    "bezwaar": Kind(
        entries.Objection,
        5,
        "Bezwaar",
        "Bezwaar vastleggen",
        "Wat vinden ouders moeilijk? Kun je daar iets aan doen? Zo niet: waarom weegt de veiligheid zwaarder?",
    ),
    "toestemming": Kind(
        entries.ConsentEffort,
        5,
        "Ouders meekrijgen",
        "Toestemming: wat deed je?",
        "Je probeert ouders mee te krijgen. Toestemming is niet nodig om te melden. Vertel het ze wel vooraf.",
    ),
    "geheimhouding": Kind(entries.ConfidentialityCheck, 5, "Geheimhouding", "Zes vragen over geheimhouding"),
    "alsnog": Kind(
        entries.Report,
        5,
        "Alsnog melden",
        "Alsnog melden",
        "Er was hulp, of het dossier was gesloten. Stopt het niet, of begint het opnieuw? Meld het dan alsnog.",
    ),
    "melding": Kind(
        entries.Report,
        5,
        "Melding bij Veilig Thuis",
        "Melding vastleggen",
        "Spreek met Veilig Thuis af wat school zelf blijft doen.",
    ),
    "eigen-rol": Kind(
        entries.OwnRole,
        5,
        "Wat school blijft doen",
        "Eigen rol na de melding",
        "Spreek met Veilig Thuis af wat school zelf blijft doen.",
    ),
    "inlichtingen": Kind(
        entries.InformationRequest,
        5,
        "Vraag van Veilig Thuis",
        "Vraag van Veilig Thuis beantwoorden",
        "Geef alleen wat Veilig Thuis nodig heeft.",
    ),
    "terugkoppeling": Kind(entries.VtFeedback, 5, "Bericht van Veilig Thuis", "Terugkoppeling van Veilig Thuis"),
    "signaleerder": Kind(
        entries.SignallerFeedback, 5, "Terug naar wie signaleerde", "Terugkoppeling aan wie signaleerde"
    ),
    "betrokkene": Kind(
        entries.Party, 1, "Betrokkene", "Betrokkene toevoegen", "Hebben beide ouders gezag? Praat dan met allebei."
    ),
    "overdracht": Kind(
        entries.TransferTalk,
        5,
        "Overdracht",
        "Overdracht vastleggen",
        "Het dossier zelf gaat niet mee naar een andere school.",
    ),
    "heropenen": Kind(entries.Reopened, 5, "Heropend", "Zaak heropenen"),
    "uitstellen": Kind(
        entries.Snoozed,
        0,
        "Herinnering uitgesteld",
        "Herinnering uitstellen",
        "Dit verandert niets aan het dossier. Je krijgt de herinnering later opnieuw.",
    ),
}
MADE_BY = {kind.payload: name for name, kind in KINDS.items() if name != "alsnog"}
"""The name of the form that makes a kind of entry, without the second one that reports."""
BY_KIND = {str(kind.payload.model_fields["kind"].default): kind for kind in KINDS.values()}


def _choices(annotation: Any) -> list[tuple[str, str]] | None:
    """Return the values of a field that has a few, with their Dutch words."""
    if get_origin(annotation) is Literal:
        values = [str(value) for value in get_args(annotation)]
    elif isinstance(annotation, type) and issubclass(annotation, StrEnum):
        values = [member.value for member in annotation]
    else:
        return None
    return [(value, WORDS.get(value, value.capitalize())) for value in values]


def _field(info: FieldInfo) -> Any:
    annotation: Any = info.annotation
    label = info.title or ""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    if (choices := _choices(annotation)) is not None:
        return Choice(label, choices, default=None if info.is_required() else str(info.default))
    if annotation is bool:
        return Tick(label)
    if annotation is date:
        return Day(label)
    if annotation is time:
        return Clock(label)
    if get_origin(annotation) is tuple:
        return SelectMultipleField(label, choices=[], validate_choice=False)
    long = max((getattr(one, "max_length", 0) or 0 for one in info.metadata), default=0)
    return Line(label) if long <= SHORT else Words(label)


class StepForm(Form):
    """The form of one kind; `made` gives the payload, `faults` a sentence per field."""

    payload: type[Payload]

    def shown(self, not_asked: Collection[str] = ()) -> list[Any]:
        """Return the fields in the order of the payload, without those that this case does not ask."""
        return [self[name] for name in self.payload.model_fields if name in self and name not in not_asked]

    def optional(self, name: str) -> bool:
        """Tell whether a field may stay empty, whatever the other answers are."""
        return not (self.payload.model_fields[name].is_required() or name in DEPENDS.get(self.payload, ()))

    def hint(self, name: str) -> str:
        """Return what stands under the question of a field, or nothing."""
        return self.payload.model_fields[name].description or ""

    def _values(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, info in self.payload.model_fields.items():
            if name in self:
                field = self[name]
                value = field.picked() if isinstance(field, Choice) else field.data
                if not (value in (None, "", []) and not info.is_required()):
                    found[name] = tuple(UUID(one) for one in value) if isinstance(value, list) else value
        return found

    def made(self) -> tuple[Payload | None, dict[str, str]]:
        """Return the payload, or what is wrong with each field."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        try:
            return (None, wrong) if wrong else (self.payload(**self._values()), {})
        except (ValidationError, ValueError) as fault:
            found = fault.errors() if isinstance(fault, ValidationError) else []
            return None, wrong | {str(one["loc"][0]): self._sentence(str(one["loc"][0]), one["type"]) for one in found}

    def _sentence(self, name: str, kind: str) -> str:
        if kind == "string_too_short" and self[name].data:
            return TOO_SHORT
        more = self.payload.model_fields[name].json_schema_extra
        usual = CHOOSE if isinstance(self[name], Choice) else MISSING
        return str(more.get("missing", usual)) if isinstance(more, dict) else usual


class LateReportForm(StepForm):
    """A report after help: which of the two triggers it was is always said (R43)."""

    def made(self) -> tuple[Payload | None, dict[str, str]]:
        """Return the payload, or what is wrong with each field."""
        made, wrong = super().made()
        return (made, wrong) if self["late"].picked() else (None, wrong | {"late": WHICH_TRIGGER})


def form_of(payload: type[Payload], base: type[StepForm] = StepForm, without: tuple[str, ...] = ()) -> type[StepForm]:
    """Return the form class of a kind."""
    asked = {name: info for name, info in payload.model_fields.items() if name not in HIDDEN and name not in without}
    fields = {name: _field(info) for name, info in asked.items()}
    return type(f"{payload.__name__}Form", (base,), {"payload": payload, **fields})


FORMS = {name: form_of(kind.payload) for name, kind in KINDS.items()}
FORMS["melding"] = form_of(entries.Report, without=("late",))
FORMS["alsnog"] = form_of(entries.Report, LateReportForm)
FORMS["alsnog"].late = Choice("Waarom meld je alsnog?", TRIGGERS)
ClosingForm = form_of(entries.Closed)


def read_back(payload: Payload) -> list[tuple[str, Any]]:
    """Return label and value of what an entry holds, for the timeline; what is empty is left out."""
    found = []
    for name, info in payload.__class__.model_fields.items():
        value = getattr(payload, name)
        chosen = bool(_choices(info.annotation)) and isinstance(value, str)
        if name in HIDDEN or name in NOT_READ or value in NO_ANSWER or (chosen and value in NOT_ASKED):
            continue
        shown = say(WORDS.get(value, value.capitalize())) if chosen else value
        found.append((info.title or name, say("Ja") if value is True else shown))
    return found
