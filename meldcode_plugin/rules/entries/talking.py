"""Step 3: talking with parents and child, or the reasons not to (R23-R32, R37)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, REASONED, SHORT, Step, YesNo

REACTION_FIRST = "Vul eerst de reactie van de ouder in. Daarna kun je opschrijven wat jij ervan denkt."


class TalkPreparation(Step):
    """The sheet for a talk with parents, printable (R26)."""

    kind: Literal["talk_preparation"] = "talk_preparation"
    v: Literal[1] = 1
    planned_on: date | None = Field(None, title="Wanneer is het gesprek?")
    where: str = Field("", title="Waar, en hoe laat?", max_length=SHORT)
    goal: str = Field(title="Wat wil je bereiken?", min_length=1, max_length=LONG)
    facts: str = Field("", title="Welke feiten noem je?", max_length=LONG)
    who_says: str = Field("", title="Wie zegt wat?", max_length=LONG)
    interpreter: str = Field("", title="Is er een tolk nodig?", max_length=SHORT)
    safety: str = Field("", title="Is het veilig voor iedereen?", max_length=LONG)
    aftercare: str = Field("", title="Wie let daarna op het kind?", max_length=LONG)


class ParentConversation(Step):
    """A talk with parents in its order: goal, facts, reaction, and only then what the school thinks (R27).

    ``parties`` names the people who were spoken; left empty, ``parents`` is kept as their names.
    ``facts_told`` names the signals that were told; a hypothesis can not be among them (R28).
    """

    kind: Literal["parent_conversation"] = "parent_conversation"
    v: Literal[1] = 1
    held_on: date = Field(title="Wanneer?")
    place: str = Field("", title="Waar?", max_length=SHORT)
    parties: tuple[UUID, ...] = Field(
        (), title="Met wie sprak je?", description="Hebben beide ouders gezag? Praat dan met allebei."
    )
    parents: str = Field(
        "",
        title="Hoe heten de ouders die je sprak?",
        description="Alleen als je hierboven niemand koos.",
        max_length=SHORT,
    )
    teacher: YesNo = Field("yes", title="Was de leerkracht erbij?")
    ib: YesNo = Field("yes", title="Was de IB-er erbij?")
    director: YesNo = Field("yes", title="Was de directeur erbij?")
    absent: str = Field("", title="Was een van hen er niet bij? Waarom?", max_length=SHORT)
    present: str = Field("", title="Wie waren er nog meer bij?", max_length=SHORT)
    goal: str = Field(title="1. Welk doel vertelde je?", min_length=1, max_length=LONG)
    facts: str = Field(title="2. Welke feiten en waarnemingen vertelde je?", min_length=1, max_length=LONG)
    facts_told: tuple[UUID, ...] = Field((), title="Welke signalen besprak je?")
    reaction: str = Field(
        title="3. Wat was de reactie van de ouder?",
        description="Schrijf de woorden van de ouder op. Wilde de ouder niet reageren? Schrijf dat op.",
        min_length=1,
        max_length=LONG,
        json_schema_extra={"missing": REACTION_FIRST},
    )
    interpretation: str = Field(
        "",
        title="4. Wat vertelde je daarna over wat jij denkt?",
        description=REACTION_FIRST,
        max_length=LONG,
    )
    agreements: str = Field("", title="Wie doet wat, en wanneer?", max_length=LONG)


class TalkShared(Step):
    """Parents got the report of the talk, and what they said of it (R29)."""

    kind: Literal["talk_shared"] = "talk_shared"
    v: Literal[1] = 1
    shared_on: date = Field(title="Wanneer kregen ouders het verslag?")
    who: str = Field(title="Wie kreeg het?", min_length=1, max_length=SHORT)
    comment: str = Field("", title="Wat zeiden ouders over het verslag?", max_length=LONG)
    signed: Literal["yes", "no", "nvt"] = Field("nvt", title="Tekenden zij het verslag?")


class ParentStatement(Step):
    """The parents' own view in their own words, beside the school's (R30)."""

    kind: Literal["parent_statement"] = "parent_statement"
    v: Literal[1] = 1
    by: str = Field(title="Van wie?", min_length=1, max_length=SHORT)
    received_on: date = Field(title="Wanneer kreeg je het?")
    text: str = Field(title="Wat schreef of zei deze ouder?", min_length=1, max_length=LONG)


class Stage(StrEnum):
    """What is not discussed: the signals (step 3) or the report (step 5). Two decisions, never one."""

    SIGNALS = "signalen"
    REPORT = "melding"


class Ground(StrEnum):
    """The only two grounds of the code (R31, R55)."""

    SAFETY = "veiligheid"
    BREAK_CONTACT = "contact_verbreken"


GROUND_NAMES = {
    Ground.SAFETY: "De veiligheid van het kind, van jezelf of van een ander is in gevaar",
    Ground.BREAK_CONTACT: "Goede redenen om te denken dat ouders het contact verbreken",
}


class TalkWaiver(Step):
    """No talk about the signals, or none about the report; decided by one, confirmed by another (R31, R55).

    ``parties`` names those whom it is about; nobody named means everybody.
    """

    kind: Literal["talk_waiver"] = "talk_waiver"
    v: Literal[1] = 1
    stage: Stage = Field(title="Waarover praat je niet met ouders?")
    parties: tuple[UUID, ...] = Field((), title="Om wie gaat het? Kies niemand als het om iedereen gaat.")
    ground: Ground = Field(title="Op welke grond?")
    whose_safety: str = Field("", title="Gaat het om veiligheid: van wie?", max_length=SHORT)
    reasons: str = Field(title="Waarom?", min_length=REASONED, max_length=LONG)
    consulted: str = Field("", title="Met wie overlegde je hierover?", max_length=SHORT)


class ChildConversation(Step):
    """Whether a talk with the child is useful and possible, and what was said (R37)."""

    kind: Literal["child_conversation"] = "child_conversation"
    v: Literal[1] = 1
    useful: YesNo = Field(title="Is een gesprek met het kind zinvol?")
    possible: YesNo = Field(title="Is het mogelijk?")
    why: str = Field(title="Waarom wel of niet?", min_length=1, max_length=LONG)
    held_on: date | None = Field(None, title="Sprak je het kind: wanneer?")
    held_by: str = Field("", title="Wie sprak het kind?", max_length=SHORT)
    spontaneous: Literal["yes", "no", "nvt"] = Field("nvt", title="Begon het kind er zelf over?")
    verbatim: str = Field(
        "",
        title="Wat zei het kind, letterlijk?",
        description="Kan de politie het kind nog horen? Stel dan geen vragen.",
        max_length=LONG,
    )
    in_confidence: Literal["yes", "no", "nvt"] = Field(
        "nvt",
        title="Vroeg het kind om het niet door te vertellen?",
        description="Beloof geen geheimhouding. Zeg dat je misschien hulp moet vragen.",
    )
    permission: Literal["given", "refused", "not_asked", "nvt"] = Field("nvt", title="Gaven ouders toestemming?")
    permission_ground: str = Field("", title="Waarom niet gevraagd, of toch gesproken?", max_length=LONG)
