"""Step 5: the two decisions, who agrees, and the help with its effect (R40-R44, R54)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, REASONED, SHORT, Payload, Step, YesNo


class Decision(Step):
    """The two decisions: is a report needed, and is help (also) possible (R40, R54)."""

    kind: Literal["decision"] = "decision"
    v: Literal[1] = 1
    protect: Literal["yes", "no", "doubt"] = Field(
        title="Kun je het kind met hulp genoeg beschermen?", description="Bij twijfel over de veiligheid: melden."
    )
    report: YesNo = Field(title="Besluit 1: is melden nodig?")
    help: YesNo = Field(title="Besluit 2: kun je (ook) hulp bieden of regelen?")
    judgement: str = Field(title="Waarom, naar jouw eigen oordeel?", min_length=REASONED, max_length=LONG)


class Approval(Payload):
    """IB-er or director agrees, or says why not (R44); or confirms a waiver (R31).

    ``seen_seq`` is the last entry that stood on the page on which it was said.
    """

    kind: Literal["approval"] = "approval"
    v: Literal[1] = 1
    agrees: YesNo = Field(title="Ga je akkoord?")
    role: Literal["IB", "D"]
    about: UUID
    seen_seq: int
    text: str = Field("", title="Wil je er iets bij zeggen?", max_length=LONG)


class HelpPlan(Step):
    """Help with goals, people, a date and what it must bring (R41)."""

    kind: Literal["help_plan"] = "help_plan"
    v: Literal[1] = 1
    goals: str = Field(title="Wat moet de hulp bereiken?", min_length=1, max_length=LONG)
    provider: str = Field(title="Wie geeft de hulp?", min_length=1, max_length=SHORT)
    contact: str = Field("", title="Contact bij de hulpverlener", max_length=SHORT)
    tasks: str = Field("", title="Wie doet wat?", max_length=LONG)
    starts_on: date = Field(title="Wanneer begint de hulp?")
    effect: str = Field(title="Waaraan zie je dat het helpt?", min_length=1, max_length=LONG)
    effect_due: date = Field(title="Wanneer kijk je of het helpt?")
    case_manager: str = Field(title="Wie houdt het overzicht?", min_length=1, max_length=SHORT)
    consent: Literal["yes", "no", "partly"] = Field(title="Zijn ouders het eens met de hulp?")


class Effect(StrEnum):
    """What a look at the help shows (R42)."""

    BETTER = "verbetering"
    SAME = "gelijk"
    WORSE = "verslechtering"
    STOPPED = "hulp_gestopt"
    UNKNOWN = "onbekend"


class HelpEffectCheck(Step):
    """A dated look at what the help does (R42)."""

    kind: Literal["help_effect_check"] = "help_effect_check"
    v: Literal[1] = 1
    checked_on: date = Field(title="Wanneer keek je?")
    finding: Effect = Field(title="Wat zie je?")
    text: str = Field(title="Waaruit blijkt dat?", min_length=1, max_length=LONG)
