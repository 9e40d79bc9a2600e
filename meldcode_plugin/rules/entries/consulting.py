"""Step 2: talking it over with colleagues and Veilig Thuis (R18-R22), and the special forms that ask an expert."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from meldcode_plugin.rules.entries.base import LONG, SHORT, Step


class Partner(StrEnum):
    """With whom a worry is talked over (R18, R19, and step 2 as it is named today)."""

    IB = "ib"
    SIGNALLER = "signaleerder"
    CARE_TEAM = "zorgteam"
    AF = "aandachtsfunctionaris"
    DIRECTOR = "directeur"
    VEILIG_THUIS = "veilig_thuis"
    CONFIDANT = "externe_vertrouwenspersoon"
    YOUTH_DOCTOR = "jeugdarts"
    SOCIAL_WORK = "schoolmaatschappelijk_werk"
    INJURY_EXPERT = "letselexpert"
    EXPERT = "deskundige"
    OTHER = "overig"


PARTNER_NAMES = {
    Partner.IB: "Intern begeleider",
    Partner.SIGNALLER: "Leerkracht of wie het signaal gaf",
    Partner.CARE_TEAM: "Zorgteam",
    Partner.AF: "Aandachtsfunctionaris",
    Partner.DIRECTOR: "Directeur",
    Partner.VEILIG_THUIS: "Veilig Thuis (advies)",
    Partner.CONFIDANT: "Externe vertrouwenspersoon",
    Partner.YOUTH_DOCTOR: "Jeugdarts",
    Partner.SOCIAL_WORK: "Schoolmaatschappelijk werk",
    Partner.INJURY_EXPERT: "Deskundige letselduiding",
    Partner.EXPERT: "Deskundige eergerelateerd geweld, huwelijksdwang, achterlating of genitale verminking",
    Partner.OTHER: "Iemand anders",
}


class Purpose(StrEnum):
    """What the talk was for: the signals, a talk with parents (R25), or the weighing (R36)."""

    SIGNALS = "signalen"
    TALK = "gespreksvoorbereiding"
    WEIGHING = "weging"


PURPOSE_NAMES = {
    Purpose.SIGNALS: "Over de signalen",
    Purpose.TALK: "Hulp bij het gesprek met ouders",
    Purpose.WEIGHING: "Hulp bij het wegen",
}

VT_NAMES = {
    "nvt": "Niet van toepassing",
    "advies_anoniem": "Nee, het advies was zonder naam",
    "advies_op_naam": "Ja, het advies was op naam",
}
"""Whether the name was told to Veilig Thuis. Advice is no report; a report is an entry of its own (R22)."""


class Consultation(Step):
    """A talk about the worry. Advice of Veilig Thuis is no report (R22)."""

    kind: Literal["consultation"] = "consultation"
    v: Literal[1] = 1
    partner: Partner = Field(title="Met wie?")
    purpose: Purpose = Field(Purpose.SIGNALS, title="Waarvoor was dit overleg?")
    held_on: date = Field(title="Wanneer?")
    persons: str = Field(title="Wie waren erbij?", min_length=1, max_length=SHORT)
    question: str = Field(title="Wat vroeg je?", min_length=1, max_length=LONG)
    advice: str = Field(title="Wat was het advies?", min_length=1, max_length=LONG)
    outcome: str = Field("", title="Wat spraken jullie af?", max_length=LONG)
    vt_contact: Literal["nvt", "advies_anoniem", "advies_op_naam"] = Field(
        "nvt",
        title="Vroeg je advies aan Veilig Thuis: noemde je de naam van het kind?",
        description="Geef geen naam als dat niet nodig is.",
    )


class DirectorInformed(Step):
    """The IB-er told the director of the suspicion; from then on the director sees the case (R20)."""

    kind: Literal["director_informed"] = "director_informed"
    v: Literal[1] = 1
    told_on: date = Field(title="Wanneer?")
    how: str = Field("", title="Hoe?", max_length=SHORT)


class Special(StrEnum):
    """Forms of violence in which an expert is always asked (domain section 2.1)."""

    HONOUR = "eergerelateerd_geweld"
    FORCED_MARRIAGE = "huwelijksdwang"
    LEFT_BEHIND = "achterlating"
    MUTILATION = "genitale_verminking"
    NONE = "geen"


SPECIAL_NAMES = {
    Special.HONOUR: "Eergerelateerd geweld",
    Special.FORCED_MARRIAGE: "Huwelijksdwang",
    Special.LEFT_BEHIND: "Achterlating in het buitenland",
    Special.MUTILATION: "Meisjesbesnijdenis",
    Special.NONE: "Toch geen van deze",
}


class SpecialForm(Step):
    """It may be one of the special forms: an expert is asked before anybody talks with the family."""

    kind: Literal["special_form"] = "special_form"
    v: Literal[1] = 1
    form: Special = Field(title="Waar denk je aan?")
    why: str = Field(title="Waardoor denk je dat?", min_length=1, max_length=LONG)
