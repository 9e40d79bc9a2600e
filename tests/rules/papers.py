"""What tests of report packages share: composing a case, with or without a change in the choice, and reading it."""

from __future__ import annotations

from typing import Any

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import Document, Papers, Selection, Variant, compose, lacking
from meldcode_plugin.rules.dossier.parts import texts
from tests.documents.cases import CHOSEN, Builder, Case, context

FACT, SAID, OTHERS, GUESS = (
    e.SignalKind.FACT,
    e.SignalKind.CHILD_STATEMENT,
    e.SignalKind.THIRD_PARTY,
    e.SignalKind.HYPOTHESIS,
)


def made(case: Builder, variant: Variant = Variant.REPORT, chosen: Selection = CHOSEN, **more: Any) -> Papers:
    """Compose what was built."""
    return compose(case.story, context(**more), chosen, variant)


def chosen(case: Case, **changed: Any) -> Selection:
    """The choice of a case with something chosen otherwise."""
    return case.selection.model_copy(update=changed)


def papers_of(case: Case, variant: Variant = Variant.REPORT, **changed: Any) -> Papers:
    """Compose a case, with something chosen otherwise."""
    return compose(case.story, case.context, chosen(case, **changed), variant)


def lacks(case: Case, variant: Variant = Variant.REPORT, *, emergency: bool = False, **changed: Any) -> list[str]:
    """The fields that a case still lacks, with something chosen otherwise."""
    return [one.field for one in lacking(case.story, chosen(case, **changed), variant, emergency)]


def words(document: Document | None) -> str:
    """All that a document says."""
    return "\n".join(texts(document))


def lines(papers: Papers, number: str = "8") -> list[Any]:
    """The lines of a block."""
    block = papers.main.block(number)
    return list(block.lines) if block else []
