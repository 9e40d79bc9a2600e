"""The course of a case: taken up, moved, closed, opened again (R10, R43)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, REASONED, SHORT, Payload, Step, YesNo
from meldcode_plugin.rules.facts import CloseReason


class Snoozable(StrEnum):
    """Reminders that may be put off; what is acute, new or asked of the director is not among them."""

    CONSULTATION = "first_consultation"
    FEEDBACK = "signaller_feedback"
    DIRECTOR = "director_informed"
    HYPOTHESIS = "hypothesis_open"
    TALK_PLANNED = "talk_planned"
    TALK_HELD = "talk_held"
    TALK_RECORDED = "talk_recorded"
    TALK_SHARED = "talk_shared"
    WEIGHING = "weighing"
    NO_MOVEMENT = "no_movement"
    VT_RECEIPT = "vt_receipt"
    VT_FEEDBACK = "vt_feedback"
    VT_INVESTIGATION = "vt_investigation"
    OWN_ROLE = "own_role"
    HELP_STARTED = "help_started"
    EFFECT = "effect"
    RETENTION = "retention"
    REFUTED = "retention_refuted"


KEEPING = frozenset({Snoozable.RETENTION, Snoozable.REFUTED})
"""To put these off is to keep a closed dossier longer, a year at most, with the reason."""


class Basis(StrEnum):
    """Why a closed case is destroyed (domain section 4); it stays in the destruction ledger, in clear."""

    TERM = "bewaartermijn"
    REFUTED = "weerlegd"
    REQUEST = "verzoek"


BASIS_NAMES = {
    Basis.TERM: "De bewaartermijn is voorbij",
    Basis.REFUTED: "Het vermoeden is weerlegd, en het dossier is lang genoeg gesloten",
    Basis.REQUEST: "Het kind of de ouders vragen erom",
}


class SignalAccepted(Payload):
    """The IB-er took up a signal."""

    kind: Literal["signal_accepted"] = "signal_accepted"
    v: Literal[1] = 1


class SignalMovedAway(Payload):
    """A signal stood on the wrong pupil; its words are gone from here, the log keeps the act."""

    kind: Literal["signal_moved_away"] = "signal_moved_away"
    v: Literal[1] = 1
    reason: str = Field(min_length=1, max_length=LONG)


class SignalMovedHere(Payload):
    """A signal came from another dossier; why, and nothing about the other child."""

    kind: Literal["signal_moved_here"] = "signal_moved_here"
    v: Literal[1] = 1
    reason: str = Field(min_length=1, max_length=LONG)


class Closed(Step):
    """The case was closed: why, and whether parents know what goes on with their child (R38)."""

    kind: Literal["closed"] = "closed"
    v: Literal[1] = 1
    reason: CloseReason = Field(
        title="Waarom sluit je het dossier?", json_schema_extra={"missing": "Kies waarom je het dossier sluit."}
    )
    explanation: str = Field(
        title="Leg uit waarom",
        description="Is het vermoeden weerlegd? Schrijf dat duidelijk op.",
        min_length=1,
        max_length=LONG,
        json_schema_extra={"missing": "Schrijf op waarom je het dossier sluit."},
    )
    parents: Literal["yes", "no", "open"] = Field("open", title="Zijn de ouders geïnformeerd?")
    parents_ground: str = Field("", title="Zo niet: waarom niet?", max_length=LONG)


class Reopened(Step):
    """A closed case was opened again, with the reason (R43)."""

    kind: Literal["reopened"] = "reopened"
    v: Literal[1] = 1
    reason: str = Field(title="Waarom open je het dossier opnieuw?", min_length=1, max_length=LONG)
    late: Literal["", "stopt_niet", "begint_opnieuw"] = Field("", title="Wil je alsnog melden na hulp?")


class DestructionProposed(Payload):
    """Somebody proposed to destroy a closed case; a second person decides. Whatever is added after it ends it.

    ``left_on`` is the day on which the child left the school: from there the term of keeping counts.
    """

    kind: Literal["destruction_proposed"] = "destruction_proposed"
    v: Literal[1] = 1
    basis: Basis
    left_on: date | None = None
    reason: str = Field(min_length=REASONED, max_length=LONG)


class Party(Step):
    """Somebody in the case, with or without custody (LKC 108725). The newest entry on a name counts.

    ``part``: a suspicion about this person, which is no fact (R1), or an adult as the victim (R2).
    """

    kind: Literal["party"] = "party"
    v: Literal[1] = 1
    name: str = Field(title="Wie is het?", min_length=1, max_length=SHORT)
    relation: str = Field(title="Wat is de relatie met het kind?", min_length=1, max_length=SHORT)
    custody: Literal["yes", "no", "unknown"] = Field("unknown", title="Heeft deze persoon gezag?")
    works_here: Literal["yes", "no", "unknown"] = Field(
        "unknown", title="Werkt deze persoon op school of bij het bestuur?"
    )
    part: Literal["", "suspected", "victim"] = Field(
        "",
        title="Is er een vermoeden over deze persoon?",
        description="Een vermoeden is geen feit. Zo staat het ook in een meldpakket.",
    )
    born_on: date | None = Field(None, title="Wanneer is deze persoon geboren?")
    address: str = Field("", title="Waar woont deze persoon nu?", max_length=SHORT)
    contact: str = Field("", title="Hoe is deze persoon bereikbaar?", max_length=SHORT)


class KinAtSchool(Payload):
    """Whether a parent or relative works at the school or its board, asked when a case is taken up (domain 5.2).

    Who it is does not stand here: that person is kept out of the case, and the reason is with that.
    """

    kind: Literal["kin_at_school"] = "kin_at_school"
    v: Literal[1] = 1
    answer: Literal["yes", "no", "unknown"]


class TransferTalk(Step):
    """A talk with the next school; the file itself never moves (domain section 5.2)."""

    kind: Literal["transfer_talk"] = "transfer_talk"
    v: Literal[1] = 1
    held_on: date = Field(title="Wanneer?")
    school: str = Field(title="Met welke school en wie?", min_length=1, max_length=SHORT)
    what: str = Field(title="Wat besprak je?", min_length=1, max_length=LONG)
    parents: YesNo = Field(title="Weten ouders dit?")
    parents_ground: str = Field("", title="Zo niet: waarom niet?", max_length=LONG)


class Snoozed(Step):
    """A reminder of this case was put off until a day, with the reason; never one that is acute (domain section 4)."""

    kind: Literal["snoozed"] = "snoozed"
    v: Literal[1] = 1
    what: Snoozable = Field(title="Welke herinnering wil je uitstellen?")
    until: date = Field(title="Tot wanneer?")
    reason: str = Field(title="Waarom kan dit wachten?", min_length=REASONED, max_length=LONG)
