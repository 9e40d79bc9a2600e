"""What a report package is made from beside the story: what the school knows, and what people chose; JSON-able."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from meldcode_plugin.rules.dossier.body import Place
from meldcode_plugin.rules.entries import LONG, SHORT

YEAR_DAYS = 365
STEP_NAMES = (
    "Stap 1: In kaart brengen van signalen",
    "Stap 2: Overleggen met collega en/of (anoniem) raadplegen van Veilig Thuis",
    "Stap 3: Gesprek met de betrokkene(n)",
    "Stap 4: Wegen aan de hand van vijf afwegingsvragen",
    "Stap 5: Beslissen: melden bij Veilig Thuis en/of zelf hulp verlenen",
)
"""How the steps are called in primary schools today (domain section 2.1); a school may have its own names."""


class Variant(StrEnum):
    """For whom a paper is: Veilig Thuis, the parents, or somebody who gives advice without a name."""

    REPORT = "melding"
    PARENTS = "ouders"
    ADVICE = "advies"


class Secret(StrEnum):
    """What only annex N may hold (R35)."""

    REPORTER = "melder"
    SOURCES = "bronnen"
    STAFF_RISK = "risico_medewerkers"
    WAIVERS = "redenen"
    ADDRESSES = "adressen"


@dataclass(frozen=True)
class Person:
    """A member of staff: name, function, how to be reached, and the hours of the coming five days."""

    name: str
    function: str
    reach: str = ""
    id: UUID | None = None


@dataclass(frozen=True)
class School:
    """The school as it stands on the cover."""

    name: str
    brin: str = ""
    region: str = ""
    phone: str = ""


@dataclass(frozen=True)
class PupilCard:
    """The child as the school knows it. A citizen service number has no place here (block 3)."""

    name: str
    birth_date: date | None = None
    sex: str = ""
    address: str = ""
    group: str = ""
    since: str | None = None
    language: str = ""
    interpreter: str = ""
    secret_address: bool = False


@dataclass(frozen=True)
class Sibling:
    """A brother or sister, as little as is needed: first name, age, school."""

    name: str
    age: int | None = None
    school: str = ""


SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""Files that become pages of a protected copy as they are, so that a browser shows them."""
SET_BYTES = 200_000
"""A text up to this length is set as pages; a longer one would be a book."""


@dataclass(frozen=True)
class FileCard:
    """A file of the case that could go along; ``sha256`` in hexadecimal."""

    id: UUID
    entry: UUID
    name: str
    size: int
    added_on: date
    sha256: str
    media_type: str = ""

    @property
    def only_inside(self) -> bool:
        """Tell whether it can only go as a file inside a protected PDF, which no browser's viewer opens."""
        return self.media_type not in SHOWN and not (self.media_type == "text/plain" and self.size <= SET_BYTES)


@dataclass(frozen=True)
class Context:
    """What the program knows at the moment of making; the same context and selection give the same papers.

    ``made_at`` is on the clock of the school. ``staff`` tells who somebody is by person id; their names are
    replaced by their function wherever they stand in a text. ``others`` are names of other pupils.
    ``annex`` says which parts of N may go.
    """

    school: School
    pupil: PupilCard
    reporter: Person
    number: str
    version: int
    made_at: datetime
    requester: Person
    ib: Person | None = None
    director: Person | None = None
    supplement_to: str = ""
    code_version: int = 2
    steps: tuple[str, ...] = STEP_NAMES
    staff: Mapping[UUID, Person] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    files: tuple[FileCard, ...] = ()
    annex: frozenset[Secret] = frozenset(Secret)
    emergency: bool = False

    @property
    def today(self) -> date:
        """The day on which it is made."""
        return self.made_at.date()


class Selection(BaseModel):
    """What people chose and wrote for one package; kept as JSON (``model_dump_json``, ``model_validate_json``).

    ``left_out`` maps an entry to the reason; ``untold`` names refuted hypotheses that nobody ever heard, the only
    ones that may go out. ``files`` maps an attachment that goes along to why it is needed, ``files_out`` one that
    stays to the reason; a file in neither stays. ``files_known`` says of a file whether parents know of it.
    ``open_waivers`` are waivers whose reasons endanger nobody and
    may stand in the main part, ``secret_parties`` people whose address is secret, ``confidant_agrees`` talks with
    the confidant whose words may go. ``copy_for`` names the parents (entries of `Party`) for whom the copy is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    left_out: dict[UUID, str] = {}
    untold: frozenset[UUID] = frozenset()
    files: dict[UUID, str] = {}
    files_out: dict[UUID, str] = {}
    files_known: dict[UUID, Literal["yes", "no"]] = {}
    open_waivers: frozenset[UUID] = frozenset()
    secret_parties: frozenset[UUID] = frozenset()
    confidant_agrees: frozenset[UUID] = frozenset()

    form: Literal["schriftelijk", "telefonisch", "alsnog", "aanvullend"] = Field(
        "schriftelijk", title="Wat voor melding is dit?"
    )
    hidden_reporter: bool = Field(default=False, title="Het gezin mag niet weten wie meldt")
    hidden_ground: str = Field("", title="Waarom niet, en met wie bij Veilig Thuis is dat besproken?", max_length=LONG)

    sex: str = Field("", title="Geslacht van het kind", max_length=SHORT)
    address: str = Field("", title="Waar woont het kind?", max_length=SHORT)
    secret_address: bool = Field(default=False, title="Dit adres is geheim: het staat alleen in bijlage N")
    at_school_since: str = Field("", title="Sinds wanneer zit het kind op deze school?", max_length=SHORT)
    language: str = Field("", title="Welke taal spreekt het gezin?", max_length=SHORT)
    interpreter: str = Field("", title="Is er een tolk nodig? In welke taal?", max_length=SHORT)

    household: str = Field("", title="Wie wonen er in huis, en waar is iedereen nu?", max_length=LONG)
    acute: Literal["yes", "no", "unknown", ""] = Field("", title="Is het kind nu in gevaar?")
    child_now: str = Field("", title="Waar is het kind nu?", max_length=SHORT)
    next_contact: str = Field("", title="Wanneer ziet school het kind weer?", max_length=SHORT)
    dangers: str = Field("", title="Zijn er wapens, is er kans op suïcide of op vluchten?", max_length=LONG)
    agreements: str = Field("", title="Welke afspraken zijn er over de veiligheid?", max_length=LONG)
    worry: str = Field("", title="Wat is de zorg, in vijf regels?", max_length=2_000)
    since: str = Field("", title="Sinds wanneer?", max_length=SHORT)
    why_now: str = Field("", title="Waarom nu?", max_length=LONG)
    injury: str = Field(
        "",
        title="Wat zag je van het letsel: dag, plaats, soort, grootte, kleur? Wat zeiden kind en ouders, letterlijk?",
        max_length=LONG,
    )
    injury_places: tuple[Place, ...] = Field((), title="Waar op het lichaam zat het letsel?")
    network: str = Field("", title="Wie helpen het gezin nu?", max_length=LONG)
    protective: str = Field("", title="Wat gaat goed, en wie steunen het kind?", max_length=LONG)
    question: str = Field("", title="Wat vraag je aan Veilig Thuis?", max_length=LONG)
    own_role: str = Field("", title="Wat blijft school zelf doen, wie, tot wanneer, en waar ligt de grens?")
    feedback: str = Field("", title="Wat wil je terug horen, wanneer en hoe?", max_length=LONG)
    secrecy_stays: bool = Field(default=True, title="De zes vragen over geheimhouding blijven op school")

    copy_decided: bool = Field(default=False, title="De directeur besloot dat ouders dit afschrift krijgen")
    copy_for: frozenset[UUID] = Field(frozenset(), title="Voor welke ouder is dit afschrift?")
