"""The forms of report packages: what goes along and what is told beside it, and the hand-over; they store nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, Literal, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from wtforms import Form, SelectMultipleField

from meldcode_plugin.rules.dossier import Selection, Variant
from meldcode_plugin.rules.dossier.body import OWN_LEFT, SIDES, Place
from meldcode_plugin.rules.entries import SHORT
from meldcode_plugin.services.packages_handover import CHANNEL_NAMES, Channel
from meldcode_plugin.web.forms.fields import Choice, Clock, Day, Line, Tick, Words

ADVICE = ("worry", "since", "why_now", "injury", "injury_places", "protective", "question")
CHILD = ("sex", "address", "secret_address", "at_school_since", "language", "interpreter")
TOLD = (
    *("acute", "child_now", "next_contact", "dangers", "agreements"),
    *("worry", "since", "why_now", "household", "injury", "injury_places", "network", "protective"),
    *("question", "own_role", "feedback"),
)
FIELDS = {
    Variant.ADVICE: ADVICE,
    Variant.PARENTS: (*TOLD, "copy_decided", "copy_for"),
    Variant.REPORT: ("form", *CHILD, *TOLD, "hidden_reporter", "hidden_ground", "secrecy_stays"),
}
"""What is asked beside the entries, by variant, in the order of the page."""
TICKED = ("untold", "open_waivers", "secret_parties", "confidant_agrees", "copy_for")
"""Fields that hold entries."""
VALUES = {"yes": "Ja", "no": "Nee", "unknown": "Dat weten we niet", "telefonisch": "Eerst gebeld, dit bevestigt het"}
VALUES |= {"schriftelijk": "Schriftelijk", "alsnog": "Alsnog, na hulp", "aanvullend": "Aanvulling"}
RECEIVER = "Vul in aan wie je het geeft: de organisatie, en zo mogelijk een naam."
CHANNEL = "Kies hoe je het overdraagt."
WHEN = "Vul in wanneer je het overdroeg."
LATER = "Dit moment ligt in de toekomst."


class Places(SelectMultipleField):
    """Places on the body to tick, by the side of the child. What is not in the list counts as no choice."""

    hint = OWN_LEFT
    sides = SIDES

    def __init__(self, label: str, **more: Any) -> None:
        """Take any value: `picked` knows the list."""
        super().__init__(label, choices=[], validate_choice=False, **more)

    def picked(self) -> tuple[Place, ...]:
        """Return the ticked places in their own order, so that equal choices are equal."""
        return tuple(one for one in Place if one.value in (self.data or ()))


def _field(name: str) -> Any:
    info = Selection.model_fields[name]
    label = info.title or ""
    if get_origin(info.annotation) is Literal:
        values = [str(value) for value in get_args(info.annotation) if value]
        return Choice(label, [(value, VALUES.get(value, value.capitalize())) for value in values], default=info.default)
    if info.annotation is bool:
        return Tick(label)
    if get_origin(info.annotation) is tuple:
        return Places(label)
    long = max((getattr(one, "max_length", 0) or 0 for one in info.metadata), default=SHORT + 1)
    return Line(label) if long <= SHORT else Words(label)


def _many(label: str = "") -> SelectMultipleField:
    return SelectMultipleField(label, choices=[], validate_choice=False)


class ChoiceForm(Form):
    """What goes into a package. ``goes`` and ``files`` are the entries and attachments that go along."""

    variant: Variant
    emergency = Tick("Dit is spoed: er moet nu worden gemeld")
    reach = Line("Hoe ben je de komende vijf dagen bereikbaar?")
    goes, files = _many(), _many()
    untold, open_waivers, secret_parties, confidant_agrees = _many(), _many(), _many(), _many()

    def shown(self) -> list[Any]:
        """Return the fields that are asked beside the entries."""
        return [self[name] for name in FIELDS[self.variant] if name not in TICKED]

    def selection(self, typed: Any, entries: Iterable[UUID], cards: Iterable[UUID]) -> tuple[Selection, dict[str, str]]:
        """Return the choice, and a sentence per field that can not be taken as it is; reasons come with ``typed``."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        goes, along = set(self.goes.data or ()), set(self.files.data or ())
        reason = {one: (typed.get(f"why-{one}") or "").strip() for one in (*entries, *cards)}
        found: dict[str, Any] = {
            "left_out": {one: reason[one] for one in entries if str(one) not in goes},
            "files": {one: reason[one] for one in cards if str(one) in along},
            "files_out": {one: reason[one] for one in cards if str(one) not in along and reason[one]},
            "files_known": {one: said for one in cards if (said := typed.get(f"known-{one}")) in ("yes", "no")},
        }
        found |= {name: frozenset(_ids(self[name].data)) for name in TICKED if name in self}
        found |= {field.name: field.data for field in self.shown()}
        found |= {field.name: field.picked() for field in self.shown() if isinstance(field, Choice | Places)}
        try:
            return Selection(**found), wrong
        except ValidationError as fault:
            faults = {str(one["loc"][0]): "Dit is te lang. Maak het korter." for one in fault.errors()}
            return Selection(), faults | wrong


def _ids(texts: Iterable[str] | None) -> list[UUID]:
    found = []
    for text in texts or ():
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _form_of(variant: Variant) -> type[ChoiceForm]:
    fields = {name: _field(name) for name in FIELDS[variant] if name not in TICKED}
    if "copy_for" in FIELDS[variant]:
        fields["copy_for"] = _many(Selection.model_fields["copy_for"].title or "")
    return type(f"{variant.name.title()}Form", (ChoiceForm,), {"variant": variant, **fields})


FORMS = {variant: _form_of(variant) for variant in Variant}


def begun(variant: Variant, entries: Iterable[UUID], earlier: Selection | None) -> ChoiceForm:
    """Return the form as it starts: everything goes along, or what went along in the package that is added to."""
    kept = earlier or Selection()
    start: dict[str, Any] = {name: getattr(kept, name) for name in FIELDS[variant] if name not in TICKED}
    start |= {name: [str(one) for one in getattr(kept, name)] for name in TICKED}
    start["goes"] = [str(one) for one in entries if one not in kept.left_out]
    start["files"] = [str(one) for one in kept.files]
    start["injury_places"] = [one.value for one in kept.injury_places]
    if earlier and variant is Variant.REPORT:
        start["form"] = "aanvullend"
    return FORMS[variant](data=start)


class HandOverForm(Form):
    """To whom a package goes, and how."""

    channel = Choice("Hoe draag je het over?", [(one.value, name) for one, name in CHANNEL_NAMES.items()])
    receiver = Line("Aan wie?")

    def faults(self) -> dict[str, str]:
        """Return what is missing or too long."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        wrong |= {} if self.channel.picked() else {"channel": CHANNEL}
        return wrong | ({} if self.receiver.data else {"receiver": RECEIVER})

    def picked(self) -> Channel:
        """Return the chosen channel."""
        return Channel(self.channel.picked())


class DoneForm(Form):
    """When a package was handed over, and under which number the receiver knows it."""

    day = Day("Op welke dag?")
    clock = Clock("Hoe laat?")
    reference = Line("Nummer of kenmerk van de ontvanger")

    def faults(self, now: datetime, zone: ZoneInfo) -> dict[str, str]:
        """Return what is missing, too long or not past yet."""
        self.validate()
        wrong = {name: texts[0] for name, texts in self.errors.items() if texts}
        wrong |= {name: WHEN for name in ("day", "clock") if not self[name].data and name not in wrong}
        return wrong or ({"day": LATER} if self.moment(zone) > now else {})

    def moment(self, zone: ZoneInfo) -> datetime:
        """Return the moment that was filled in, on the clock of the school."""
        return datetime.combine(self.day.data or date.min, self.clock.data or time.min, zone)
