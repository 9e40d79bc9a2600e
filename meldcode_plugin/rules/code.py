"""The school's own reporting code: names of the steps, texts and contacts, by version; it knows no store (R56, R61)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from meldcode_plugin.rules.prefill import FEEDBACK
from meldcode_plugin.rules.weighing import CURRENT, TABLES

FIRST = 1
"""The number of the version that the plugin brings; a school's own ones follow."""
STEP_NAMES = (
    "Signalen in kaart brengen",
    "Overleggen met collega of Veilig Thuis",
    "In gesprek met ouders en kind",
    "Wegen",
    "Besluiten: melden en/of hulp",
)
SUPPORT = "Krijg je na een melding vragen of een klacht? De school staat achter je. Bel de directeur."
SHORT_NAME, TEXT = 80, 2_000
NAMED = "Geef elke stap een naam van hooguit 80 tekens."
FILLED = "Vul deze tekst in."
TOO_LONG = "Dit is te lang. Gebruik hooguit 2000 tekens."
LINE = "Dit is te lang. Gebruik hooguit 80 tekens."
LINKED = "Zet op elke regel een naam, een streep | en een adres dat begint met https://."
WEIGHED = "Kies een van de afwegingskaders."
_LINK = re.compile(r"\s*([^|]{1,200}?)\s*\|\s*(https://[^\s|\"'<>]{3,500})\s*")


@dataclass(frozen=True)
class Link:
    """A place to read more: the school's own map, a list, a region's page."""

    name: str
    address: str


class CodeText(BaseModel):
    """What a school fills in itself. ``links`` holds one link a line, ``contacts`` one name and number a line.

    ``phone`` and ``region`` stand in a report: how the school is reached, and which Veilig Thuis it is for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    step1: str = STEP_NAMES[0]
    step2: str = STEP_NAMES[1]
    step3: str = STEP_NAMES[2]
    step4: str = STEP_NAMES[3]
    step5: str = STEP_NAMES[4]
    weighing: int = CURRENT
    contacts: str = ""
    phone: str = ""
    region: str = ""
    support: str = SUPPORT
    feedback: str = FEEDBACK
    links: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the five steps, as this school calls them."""
        return self.step1, self.step2, self.step3, self.step4, self.step5

    @property
    def background(self) -> tuple[Link, ...]:
        """The links of the school (R56)."""
        found = (_LINK.fullmatch(line) for line in self.links.splitlines())
        return tuple(Link(match[1], match[2]) for match in found if match)


def refusals(text: CodeText) -> dict[str, str]:
    """Return by field why this can not become a version; empty means go."""
    wrong = {f"step{number}": NAMED for number, name in enumerate(text.steps, 1) if not name or len(name) > SHORT_NAME}
    if text.weighing not in TABLES:
        wrong["weighing"] = WEIGHED
    wrong |= {name: FILLED for name in ("support", "feedback") if not getattr(text, name)}
    wrong |= {name: TOO_LONG for name in ("contacts", "support", "feedback") if len(getattr(text, name)) > TEXT}
    wrong |= {name: LINE for name in ("phone", "region") if len(getattr(text, name)) > SHORT_NAME}
    if any(line.strip() and not _LINK.fullmatch(line) for line in text.links.splitlines()):
        wrong["links"] = LINKED
    return wrong
