"""The forms of a signal: five kinds with their own questions, a follow-up, a correction; they store nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from wtforms import Form, FormField

from meldcode_plugin.rules import recording
from meldcode_plugin.rules.entries import (
    Correction,
    Diagnosis,
    Direction,
    FollowUp,
    HypothesisStatus,
    Instrument,
    Signal,
    SignalKind,
    Source,
    Subject,
)
from meldcode_plugin.web.forms.fields import Choice, Clock, Day, Line, Tick, Words

UNTICKED = "Hier staat tekst, maar het vakje is niet aangevinkt. Vink het aan, of maak de tekst leeg."
NAME_INSTRUMENT = "Vul de naam van het instrument in, of maak de andere vakken leeg."
NO_CORRECTION = "Schrijf op hoe het wel moet zijn."
NO_REASON = "Schrijf op waarom je het verbetert."
NO_NOTE = "Schrijf op wat je wilt toevoegen."
PLACEHOLDER = "-"
SIGN = "sign-"

DIRECTIONS = [
    (Direction.SUPPORTS.value, "Ondersteunt de zorg"),
    (Direction.CONTRADICTS.value, "Spreekt de zorg tegen"),
    (Direction.NEUTRAL.value, "Neutraal"),
]
YES_NO = [("yes", "Ja"), ("no", "Nee"), ("unknown", "Weet ik niet")]
HEARD = [("directly", "Zelf gezien of gehoord"), ("via", "Van een ander gehoord"), ("unknown", "Weet ik niet")]
STATUSES = [
    (HypothesisStatus.CONFIRMED.value, "Bevestigd"),
    (HypothesisStatus.REFUTED.value, "Weerlegd"),
    (HypothesisStatus.UNCERTAIN.value, "Nog onzeker"),
]


class KindForm(Form):
    """What every kind asks: whether it is there, the words, and which way it points (R4, R7)."""

    on = Tick()
    text = Words()
    direction = Choice("Wat doet dit met je zorg?", DIRECTIONS, default=Direction.NEUTRAL.value)

    def more(self) -> dict[str, Any]:
        """Return what this kind holds besides its words."""
        return {}

    def signal(self, kind: SignalKind, common: dict[str, Any]) -> Signal:
        """Return the signal that was typed; without words it only serves to be checked."""
        direction = Direction(self.direction.picked())
        words = self.text.data or PLACEHOLDER
        return Signal(signal_kind=kind, direction=direction, text=words, **common, **self.more())


class MomentForm(KindForm):
    """A kind that happened somewhere: when, where, who was there."""

    observed_on = Day("Datum")
    observed_at = Clock("Tijd")
    place = Line("Waar was dat?")
    present = Line("Wie waren erbij?")

    def more(self) -> dict[str, Any]:
        """Return when and where, and who was there."""
        return {
            "observed_on": self.observed_on.data,
            "observed_at": self.observed_at.data,
            "place": self.place.data or "",
            "present": self.present.data or "",
        }


class FactForm(MomentForm):
    """What I saw. What I think of it has a field of its own (R4)."""

    text = Words("Wat zag je precies?")
    interpretation = Words("Wat denk je dat dit betekent?")

    def more(self) -> dict[str, Any]:
        """Return the moment, and the interpretation apart from the fact."""
        return super().more() | {"interpretation": self.interpretation.data or ""}


class ChildForm(MomentForm):
    """What the child said, in the child's own words."""

    text = Words("Wat zei het kind, letterlijk?")


class ThirdPartyForm(KindForm):
    """What somebody else told, with the source or why the source is shielded (R8)."""

    text = Words("Wat vertelde die persoon?")
    source_name = Line("Van wie hoorde je dit?")
    source_relation = Line("Wie is dat voor het kind?")
    source_contact = Line("Telefoon of e-mail van die persoon")
    source_on = Day("Wanneer hoorde je dit?")
    source_channel = Line("Hoe hoorde je dit?")
    source_heard = Choice("Heeft die persoon het zelf gezien of gehoord?", HEARD, default="unknown")
    source_knows = Choice("Weet die persoon dat je dit opschrijft?", YES_NO, default="unknown")
    source_named = Choice("Mag de naam van die persoon genoemd worden?", YES_NO, default="unknown")
    source_shielded = Tick("Bron afschermen")
    source_why = Words("Waarom wil de bron niet genoemd worden?")

    def more(self) -> dict[str, Any]:
        """Return the source."""
        return {
            "source": Source(
                name=self.source_name.data or "",
                relation=self.source_relation.data or "",
                contact=self.source_contact.data or "",
                received_on=self.source_on.data,
                channel=self.source_channel.data or "",
                heard=self.source_heard.picked(),
                knows_recorded=self.source_knows.picked(),
                may_be_named=self.source_named.picked(),
                shielded=self.source_shielded.data,
                why_shielded=self.source_why.data or "",
            )
        }


class HypothesisForm(KindForm):
    """What I think and do not know; the word HYPOTHESE goes with it everywhere (R5)."""

    text = Words("Wat denk je dat er aan de hand is?")


class DiagnosisForm(KindForm):
    """A diagnosis by somebody who may make one (R9)."""

    text = Words("Welke diagnose is gesteld?")
    professional = Line("Wie stelde de diagnose?")
    profession = Line("Wat is het beroep van die persoon?")
    number = Line("BIG- of SKJ-nummer")
    made_on = Day("Wanneer is de diagnose gesteld?")
    document = Line("In welk verslag of welke brief staat het?")

    def more(self) -> dict[str, Any]:
        """Return who made it and when; without a name and a profession there is none."""
        if not (self.professional.data and self.profession.data):
            return {}
        return {
            "diagnosis": Diagnosis(
                professional=self.professional.data,
                profession=self.profession.data,
                number=self.number.data or "",
                made_on=self.made_on.data,
                document=self.document.data or "",
            )
        }


class InstrumentForm(Form):
    """A screening instrument, if one was used (R12)."""

    name = Line("Naam van het instrument")
    version = Line("Versie")
    filled_by = Line("Door wie ingevuld?")
    filled_on = Day("Wanneer ingevuld?")
    result = Words("Uitkomst")

    def instrument(self) -> Instrument | None:
        """Return the instrument, or nothing when none was used."""
        if not self.name.data:
            return None
        return Instrument(**{name: value for name, value in self.data.items() if value})

    def nameless(self) -> bool:
        """Tell whether something was filled in without the name."""
        return not self.name.data and any(self.data.values())


class SubjectForm(Form):
    """A child without a pupil record (R13)."""

    who = Line("Over welk kind gaat het?")
    estimated_age = Line("Hoe oud is het kind ongeveer?")
    relation = Line("Bij wie hoort het kind?")
    how_known = Words("Hoe weet je van dit kind?")

    def subject(self) -> Subject | None:
        """Return the child, or nothing when it is not said who it is."""
        if not self.who.data:
            return None
        return Subject(**{name: value or "" for name, value in self.data.items()})


class SignalForm(Form):
    """The whole form: first the question about a professional (R15), then what was seen."""

    staff = Choice(
        "Gaat je zorg over een medewerker van school of een andere professional?",
        [("no", "Nee"), ("yes", "Ja")],
        default="no",
    )
    fact = FormField(FactForm)
    child_statement = FormField(ChildForm)
    third_party = FormField(ThirdPartyForm)
    hypothesis = FormField(HypothesisForm)
    diagnosis = FormField(DiagnosisForm)
    instrument = FormField(InstrumentForm)
    subject = FormField(SubjectForm)
    acute = Tick("Dit kan niet wachten: het kind is misschien nu niet veilig")

    @classmethod
    def blank(cls, today: date) -> SignalForm:
        """Return an empty form; what was seen, was most often seen today."""
        seen = {"observed_on": today}
        return cls(data={"fact": seen, "child_statement": seen})

    @property
    def about_staff(self) -> bool:
        """Tell whether the other route holds (R15-R17)."""
        return self.staff.picked() == "yes"

    def kinds(self) -> dict[SignalKind, KindForm]:
        """Return the form of each kind, in the order of the screen."""
        return {kind: self[kind.value].form for kind in SignalKind}

    def ticked(self) -> dict[SignalKind, KindForm]:
        """Return the kinds that the writer chose."""
        return {kind: part for kind, part in self.kinds().items() if part.on.data}

    def signals(self, key: UUID, signs: tuple[str, ...]) -> tuple[Signal, ...]:
        """Return one signal per chosen kind; what holds for all stands on the first."""
        chosen = self.ticked()
        first = {
            "catalogue": signs,
            "instrument": self.instrument.form.instrument(),
            "subject": self.subject.form.subject(),
        }
        common: dict[str, Any] = {"bundle": key, "acute": self.acute.data}
        return tuple(
            part.signal(kind, common | (first if not place else {}))
            for place, (kind, part) in enumerate(chosen.items())
        )

    def faults(self) -> dict[str, str]:
        """Return per field what can not be sent like this, as far as the form itself can tell."""
        self.validate()
        found = _flat(self.errors)
        for kind, part in self.kinds().items():
            if part.on.data and not part.text.data:
                found[f"{kind.value}-text"] = recording.NO_TEXT
            if part.text.data and not part.on.data:
                found[f"{kind.value}-on"] = UNTICKED
        if self.instrument.form.nameless():
            found["instrument-name"] = NAME_INSTRUMENT
        return found


class FollowUpForm(Form):
    """A later note under a signal; under a hypothesis it says what became of it (R6)."""

    text = Words("Wat wil je toevoegen?")
    status = Choice("Hoe staat het nu met de hypothese?", STATUSES)
    basis = Words("Waarop baseer je dit?")

    def faults(self) -> dict[str, str]:
        """Return per field what is missing or wrong."""
        self.validate()
        return _flat(self.errors) | ({} if self.text.data else {"text": NO_NOTE})

    def follow_up(self) -> FollowUp:
        """Return the note that was typed."""
        picked = self.status.picked()
        status = HypothesisStatus(picked) if picked else None
        return FollowUp(text=self.text.data, status=status, basis=self.basis.data or "")


class CorrectionForm(Form):
    """A correction with its reason; the first words stay readable."""

    text = Words("Hoe moet het wel zijn?")
    reason = Words("Waarom verbeter je dit?")

    def faults(self) -> dict[str, str]:
        """Return per field what is missing or wrong."""
        self.validate()
        missing = {"text": NO_CORRECTION, "reason": NO_REASON}
        return {name: text for name, text in missing.items() if not self[name].data} | _flat(self.errors)

    def correction(self) -> Correction:
        """Return the correction that was typed."""
        return Correction(text=self.text.data, reason=self.reason.data)


def _flat(errors: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Return the first sentence per field, with the name that the field has in the page."""
    found: dict[str, str] = {}
    for name, wrong in errors.items():
        if isinstance(wrong, Mapping):
            found |= _flat(wrong, f"{before}{name}-")
        elif wrong:
            found[f"{before}{name}"] = str(wrong[0])
    return found
