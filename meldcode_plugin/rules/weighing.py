"""The weighing questions of the code as decision tables, one for each version; a case keeps its version (R61)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CURRENT = 2
"""The version under which a new case starts."""


class Outcome(StrEnum):
    """Where an answer leads. The table tells; people decide (R54)."""

    CLOSE = "afsluiten en vastleggen"
    REPORT = "melden"
    HELP = "hulp bieden, met een termijn"
    FOLLOW = "afsluiten en de veiligheid blijven volgen"


@dataclass(frozen=True)
class Question:
    """One question, and the answers that end the table; another answer leads to the next question."""

    name: str
    text: str
    sends: Mapping[str, Outcome]


@dataclass(frozen=True)
class Table:
    """The questions of one version of the code, in their order."""

    version: int
    name: str
    questions: tuple[Question, ...]


REPORT = Outcome.REPORT
TABLES: dict[int, Table] = {
    1: Table(1, "Meldcode zonder afwegingsvragen", ()),
    2: Table(
        2,
        "Meldcode met de vijf afwegingsvragen",
        (
            Question(
                "suspicion",
                "1. Heb je een vermoeden van (dreiging van) geweld of mishandeling?",
                {"no": Outcome.CLOSE},
            ),
            Question("unsafe", "2. Is er acute of structurele onveiligheid?", {"yes": REPORT, "doubt": REPORT}),
            Question("able", "3. Kun je effectieve hulp bieden of organiseren?", {"no": REPORT, "doubt": REPORT}),
            Question(
                "accept",
                "4. Aanvaarden de betrokkenen hulp en zetten zij zich in?",
                {"no": REPORT, "doubt": REPORT},
            ),
            Question(
                "result",
                "5. Leidt de hulp binnen de termijn tot resultaat?",
                {"no": REPORT, "doubt": REPORT, "yes": Outcome.FOLLOW, "open": Outcome.HELP},
            ),
        ),
    ),
}
"""Doubt counts as a no to safety (LKC 108721). The fifth question may stay open: help has to run first."""


def _walk(version: int, answers: Mapping[str, str]) -> tuple[Question | None, Outcome | None]:
    """Return the question at which the answers stop, and where it leads; None when it waits for an answer."""
    for question in TABLES[version].questions:
        answer = answers.get(question.name, "open")
        if answer in question.sends or answer == "open":
            return question, question.sends.get(answer)
    return None, None


def outcome(version: int, answers: Mapping[str, str]) -> Outcome | None:
    """Return where these answers lead, or None while they lead nowhere: version 1 asks nothing."""
    return _walk(version, answers)[1]


def unanswered(version: int, answers: Mapping[str, str]) -> str | None:
    """Return the question that must still be answered, or None."""
    question, found = _walk(version, answers)
    return question.name if question and found is None else None


def unknown(version: int, answers: Mapping[str, str]) -> list[str]:
    """Return the questions that were answered though this version does not ask them."""
    asked = {question.name for question in TABLES[version].questions}
    return [name for name, answer in answers.items() if name not in asked and answer != "open"]
