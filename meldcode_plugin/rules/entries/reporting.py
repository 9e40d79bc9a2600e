"""Step 5: telling the family, reporting to Veilig Thuis, and what comes back (R47, R49-R53, R57, R58)."""

from __future__ import annotations

from datetime import date, time
from typing import Literal
from uuid import UUID

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, SHORT, Step, YesNo

UNTIL = "Op die dag krijgt wie het dossier behandelt een herinnering: blijft het zo, en wat komt erna?"


class ReportNotice(Step):
    """The family was told of the report: why, and their reaction (R50, R52, R53).

    ``parties`` names who was told. Each objection is an entry of its own.
    """

    kind: Literal["report_notice"] = "report_notice"
    v: Literal[1] = 1
    told_on: date = Field(title="Wanneer vertelde je het?")
    told: Literal["ouders", "leerling", "beiden"] = Field(
        "ouders",
        title="Aan wie?",
        description="Is de leerling 16 jaar of ouder? Bespreek het dan met de leerling zelf.",
    )
    parties: tuple[UUID, ...] = Field((), title="Welke ouders weten het nu?")
    how: str = Field(title="Wie vertelde het, aan wie en hoe?", min_length=1, max_length=SHORT)
    why: str = Field(title="1. Waarom meld je, en met welk doel? Wat vertelde je?", min_length=1, max_length=LONG)
    reaction: str = Field(title="2. Wat was de reactie?", min_length=1, max_length=LONG)
    objected: YesNo = Field(title="3. Waren er bezwaren?", description="Leg daarna elk bezwaar apart vast.")
    child_view: str = Field("", title="Wat vindt het kind ervan (vanaf 12 jaar)?", max_length=LONG)


class Objection(Step):
    """One objection to the report: met, or weighed against the need with nature and severity (R53)."""

    kind: Literal["objection"] = "objection"
    v: Literal[1] = 1
    by: str = Field(title="Wie heeft dit bezwaar?", min_length=1, max_length=SHORT)
    text: str = Field(title="Wat is het bezwaar?", min_length=1, max_length=LONG)
    accommodated: YesNo = Field(title="Kon je eraan tegemoetkomen?")
    how: str = Field("", title="Kon dat wel: hoe?", max_length=LONG)
    weighed: str = Field("", title="Kon dat niet: waarom weegt de veiligheid zwaarder?", max_length=LONG)
    severity: str = Field("", title="Kon dat niet: hoe telden de aard en de ernst mee?", max_length=LONG)
    outcome: str = Field(title="Wat gaf de doorslag?", min_length=1, max_length=LONG)


class ConsentEffort(Step):
    """What was done to get the family to agree: an effort, never a condition (R51)."""

    kind: Literal["consent_effort"] = "consent_effort"
    v: Literal[1] = 1
    asked: YesNo = Field(title="Vroeg je om toestemming?")
    asked_on: date | None = Field(None, title="Wanneer?")
    answer: Literal["yes", "no", "partly", "nvt"] = Field("nvt", title="Wat was het antwoord?")
    efforts: str = Field(title="Wat deed je om ouders mee te krijgen?", min_length=1, max_length=LONG)


class ConfidentialityCheck(Step):
    """The six questions before a secret is broken (R57); five yes or no with words, the fifth a list."""

    kind: Literal["confidentiality_check"] = "confidentiality_check"
    v: Literal[1] = 1
    consulted: YesNo = Field(title="1. Is er overlegd met een collega?")
    consulted_why: str = Field("", title="Met wie, of waarom niet?", max_length=LONG)
    vt_asked: YesNo = Field(title="2. Is Veilig Thuis om advies gevraagd?", description="Nee mag ook. Zeg dan waarom.")
    vt_asked_why: str = Field("", title="Wat was het advies, of waarom niet?", max_length=LONG)
    enough_facts: YesNo = Field(title="3. Zijn er genoeg feiten en signalen?")
    enough_facts_why: str = Field("", title="Welke, of waarom niet?", max_length=LONG)
    weighed: YesNo = Field(title="4. Zijn de belangen zorgvuldig afgewogen?")
    weighed_why: str = Field("", title="Hoe, of waarom niet?", max_length=LONG)
    contacts: str = Field(
        title="5. Welke contacten met het gezin waren er over de melding?", min_length=1, max_length=LONG
    )
    effort: YesNo = Field(title="6. Is geprobeerd om ouders te laten meewerken?")
    effort_why: str = Field("", title="Hoe, of waarom niet?", max_length=LONG)


class Report(Step):
    """A report that was made to Veilig Thuis, and the part that the school keeps (R44-R47, R58)."""

    kind: Literal["report"] = "report"
    v: Literal[1] = 1
    made_on: date = Field(title="Wanneer meldde je?")
    how: Literal["telefoon", "formulier", "112"] = Field(title="Hoe?")
    made_at: time | None = Field(None, title="Hoe laat?")
    made_by: str = Field("", title="Wie belde of meldde?", max_length=SHORT)
    spoke_with: str = Field("", title="Met wie sprak je?", max_length=SHORT)
    agreed: str = Field("", title="Wat is afgesproken?", max_length=LONG)
    reference: str = Field("", title="Nummer van de melding", max_length=SHORT)
    emergency: bool = Field(
        default=False,
        title="Dit was een spoedmelding",
        description="Bij spoed mag iedereen melden. Alles wat nog mist, leg je daarna vast.",
    )
    late: Literal["", "stopt_niet", "begint_opnieuw"] = Field("", title="Is dit een melding na hulp?")
    own_role: str = Field("", title="Wat doet school zelf na de melding?", max_length=LONG)
    own_role_who: str = Field("", title="Wie doet dat?", max_length=SHORT)
    own_role_until: date | None = Field(None, title="Tot wanneer?", description=UNTIL)
    own_role_limits: str = Field("", title="Waar ligt de grens?", max_length=LONG)

    @property
    def acute(self) -> bool:
        """Tell whether whoever handles the case is told at once (R58)."""
        return self.emergency


class OwnRole(Step):
    """What the school keeps doing after a report, agreed with Veilig Thuis (R47); the newest one counts."""

    kind: Literal["own_role"] = "own_role"
    v: Literal[1] = 1
    what: str = Field(title="Wat doet school zelf na de melding?", min_length=1, max_length=LONG)
    who: str = Field(title="Wie doet dat?", min_length=1, max_length=SHORT)
    until: date | None = Field(None, title="Tot wanneer?", description=UNTIL)
    limits: str = Field(title="Waar ligt de grens?", min_length=1, max_length=LONG)
    agreed_with: str = Field("", title="Met wie bij Veilig Thuis sprak je dit af?", max_length=SHORT)


class VtFeedback(Step):
    """What Veilig Thuis tells of the report and of its steps (R49)."""

    kind: Literal["vt_feedback"] = "vt_feedback"
    v: Literal[1] = 1
    received_on: date = Field(title="Wanneer?")
    sender: str = Field(title="Van wie?", min_length=1, max_length=SHORT)
    content: str = Field(title="Wat vertelde Veilig Thuis?", min_length=1, max_length=LONG)
    agreed: str = Field("", title="Wat is afgesproken?", max_length=LONG)


class InformationRequest(Step):
    """Veilig Thuis asked something, and what the school gave: only what is needed (domain section 2.3)."""

    kind: Literal["information_request"] = "information_request"
    v: Literal[1] = 1
    asked_on: date = Field(title="Wanneer vroeg Veilig Thuis dit?")
    asked_by: str = Field(title="Wie vroeg het?", min_length=1, max_length=SHORT)
    question: str = Field(title="Wat wilde Veilig Thuis weten?", min_length=1, max_length=LONG)
    given: str = Field(title="Wat gaf school als antwoord?", min_length=1, max_length=LONG)
    ground: str = Field(title="Waarom was dat nodig?", min_length=1, max_length=LONG)
    parents: YesNo = Field(title="Weten ouders dit?")
    parents_ground: str = Field("", title="Zo niet: waarom niet?", max_length=LONG)


class SignallerFeedback(Step):
    """What the one who signalled heard back; nothing of the file (domain section 4)."""

    kind: Literal["signaller_feedback"] = "signaller_feedback"
    v: Literal[1] = 1
    given_on: date = Field(title="Wanneer?")
    text: str = Field(title="Wat vertelde je?", min_length=1, max_length=LONG)
