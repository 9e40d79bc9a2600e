"""Signals and what is written under them (step 1, R1-R17)."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, SHORT, Payload


class SignalKind(StrEnum):
    """What sort of information a signal is (R4); it can never change after sending."""

    FACT = "fact"
    CHILD_STATEMENT = "child_statement"
    THIRD_PARTY = "third_party"
    HYPOTHESIS = "hypothesis"
    DIAGNOSIS = "diagnosis"


KIND_NAMES = {
    SignalKind.FACT: "Feit of waarneming",
    SignalKind.CHILD_STATEMENT: "Uitspraak van het kind",
    SignalKind.THIRD_PARTY: "Informatie van iemand anders",
    SignalKind.HYPOTHESIS: "HYPOTHESE",
    SignalKind.DIAGNOSIS: "Diagnose",
}


class Direction(StrEnum):
    """Whether a signal makes the worry larger or smaller (R7)."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    NEUTRAL = "neutral"


DIRECTION_NAMES = {
    Direction.SUPPORTS: "Ondersteunt de zorg",
    Direction.CONTRADICTS: "Spreekt de zorg tegen",
    Direction.NEUTRAL: "Neutraal",
}


class HypothesisStatus(StrEnum):
    """What became of a hypothesis (R6)."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNCERTAIN = "uncertain"


STATUS_NAMES = {
    HypothesisStatus.CONFIRMED: "Bevestigd",
    HypothesisStatus.REFUTED: "Weerlegd",
    HypothesisStatus.UNCERTAIN: "Nog onzeker",
}


class Source(Payload):
    """Who told it (R8). ``shielded``: the source does not want to be named, ``why_shielded`` says why."""

    name: str = Field(default="", max_length=SHORT)
    relation: str = Field(default="", max_length=SHORT)
    contact: str = Field(default="", max_length=SHORT)
    received_on: date | None = None
    channel: str = Field(default="", max_length=SHORT)
    heard: Literal["directly", "via", "unknown"] = "unknown"
    knows_recorded: Literal["yes", "no", "unknown"] = "unknown"
    may_be_named: Literal["yes", "no", "unknown"] = "unknown"
    shielded: bool = False
    why_shielded: str = Field(default="", max_length=LONG)


class Diagnosis(Payload):
    """Who made a diagnosis, and when (R9)."""

    professional: str = Field(min_length=1, max_length=SHORT)
    profession: str = Field(min_length=1, max_length=SHORT)
    number: str = Field(default="", max_length=SHORT)
    made_on: date | None = None
    document: str = Field(default="", max_length=SHORT)


class Instrument(Payload):
    """A screening instrument that was used; using none is fine and needs no reason (R12)."""

    name: str = Field(min_length=1, max_length=SHORT)
    version: str = Field(default="", max_length=SHORT)
    filled_by: str = Field(default="", max_length=SHORT)
    filled_on: date | None = None
    result: str = Field(default="", max_length=LONG)


class Subject(Payload):
    """A child without a pupil record (R13): who it is, as far as known."""

    who: str = Field(min_length=1, max_length=SHORT)
    estimated_age: str = Field(default="", max_length=SHORT)
    relation: str = Field(default="", max_length=SHORT)
    how_known: str = Field(default="", max_length=LONG)


class Signal(Payload):
    """One recorded observation, statement, hypothesis or diagnosis (R3-R14).

    ``bundle`` is the same for signals that were sent with one form.
    """

    kind: Literal["signal"] = "signal"
    v: Literal[1] = 1
    bundle: UUID
    signal_kind: SignalKind
    direction: Direction = Direction.SUPPORTS
    text: str = Field(min_length=1, max_length=LONG)
    interpretation: str = Field(default="", max_length=LONG)
    observed_on: date | None = None
    observed_at: time | None = None
    place: str = Field(default="", max_length=SHORT)
    present: str = Field(default="", max_length=SHORT)
    source: Source | None = None
    diagnosis: Diagnosis | None = None
    catalogue: tuple[str, ...] = ()
    instrument: Instrument | None = None
    subject: Subject | None = None
    acute: bool = False

    @property
    def says_more(self) -> bool:
        """Tell whether it says when, where, from whom or about whom, beside its words."""
        around = self.observed_on or self.observed_at or self.place or self.present
        return bool(around or self.source or self.diagnosis or self.subject or self.instrument)


class FollowUp(Payload):
    """A later note under a signal; for a hypothesis it says what became of it and why (R6)."""

    kind: Literal["follow_up"] = "follow_up"
    v: Literal[1] = 1
    text: str = Field(min_length=1, max_length=LONG)
    status: HypothesisStatus | None = None
    basis: str = Field(default="", max_length=LONG)


class Correction(Payload):
    """A correction with its reason; the old words stay and stay readable."""

    kind: Literal["correction"] = "correction"
    v: Literal[1] = 1
    text: str = Field(min_length=1, max_length=LONG)
    reason: str = Field(min_length=1, max_length=LONG)
