"""Step 4: weighing risk apart from nature and severity, with the five questions (R33-R39)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, SHORT, Step

Answer = Literal["yes", "no", "doubt", "open"]


class Level(StrEnum):
    """A judgement in words; nothing is computed from it (R33)."""

    LOW = "laag"
    MIDDLE = "midden"
    HIGH = "hoog"
    UNKNOWN = "onbekend"


class Weighing(Step):
    """One weighing. ``code_version`` names the table of questions that was in force (R61)."""

    kind: Literal["weighing"] = "weighing"
    v: Literal[1] = 1
    code_version: int = 2
    evidence: tuple[UUID, ...] = Field((), title="Waarop steunt je weging?")
    risk: Level = Field(title="Hoe groot is het risico?")
    risk_why: str = Field(title="Waarom is het risico zo groot of klein?", min_length=1, max_length=LONG)
    nature: str = Field(title="Wat is er aan de hand (aard)?", min_length=1, max_length=LONG)
    severity: Level = Field(title="Hoe ernstig is het?")
    severity_why: str = Field(title="Waarom is het zo ernstig of licht?", min_length=1, max_length=LONG)
    risk_to_staff: str = Field(
        "",
        title="Is er risico voor jou of een collega?",
        description="Dit gaat nooit mee naar het gezin.",
        max_length=LONG,
    )
    measures: str = Field("", title="Wat doen jullie daaraan?", max_length=LONG)
    instrument: str = Field("", title="Welk risicotaxatie-instrument gebruikte je?", max_length=SHORT)
    instrument_version: str = Field("", title="Welke versie?", max_length=SHORT)
    instrument_by: str = Field("", title="Wie vulde het in?", max_length=SHORT)
    instrument_on: date | None = Field(None, title="Wanneer?")
    instrument_result: str = Field("", title="Wat kwam daaruit?", max_length=LONG)
    no_instrument: str = Field("", title="Geen instrument gebruikt? Waarom niet?", max_length=LONG)
    suspicion: Answer = Field("open", title="1. Heb je een vermoeden van (dreiging van) geweld of mishandeling?")
    unsafe: Answer = Field("open", title="2. Is er acute of structurele onveiligheid?")
    able: Answer = Field("open", title="3. Kun je effectieve hulp bieden of organiseren?")
    accept: Answer = Field("open", title="4. Aanvaarden de betrokkenen hulp en zetten zij zich in?")
    result: Answer = Field("open", title="5. Leidt de hulp binnen de termijn tot resultaat?")
    answers_why: str = Field("", title="Waarop steunen deze antwoorden?", max_length=LONG)
