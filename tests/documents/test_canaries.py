"""Names that must not get out, in random cases: none is in a main part, none in a copy, none in what is printed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from meldcode_plugin.documents.report import Look, render
from meldcode_plugin.rules.dossier import Variant, compose
from meldcode_plugin.rules.dossier.parts import texts
from tests.documents.java import extracted
from tests.documents.marked import Maker, found

FULL, ORDINARY, PRINTED = 500, 100, 3
CASES = max(1, min(FULL, round(ORDINARY * float(os.environ.get("MELD_SCALE", "1")))))
"""Every day a hundred; MELD_SCALE=5 is the full run."""
IN_ONE = 50


@pytest.mark.rule("R8", "R35")
@pytest.mark.parametrize("start", range(0, CASES, IN_ONE))
def test_no_hidden_name_is_in_a_composed_paper(start: int):
    """Hidden sources, other pupils and the hidden reporter: none of them in any of the three papers."""
    leaks, guarded, put = [], 0, 0
    for seed in range(start, start + IN_ONE):
        case = Maker(seed).made()
        put += len(found(case.hidden(), str(case.story) + case.selection.model_dump_json()))
        for variant in Variant:
            papers = compose(case.story, case.context, case.selection, variant)
            marks = case.hidden() + (case.family if variant is Variant.ADVICE else ())
            said = "\n".join((*texts(papers.main), *(one.reason for one in papers.left_out)))
            leaks += [(seed, variant.value, mark) for mark in found(marks, said)]
            leaks += [(seed, "bijlage N", mark) for mark in found(case.pupils, "\n".join(texts(papers.annex)))]
            guarded += len(marks)
    assert leaks == []
    assert guarded > IN_ONE * 10
    assert put > IN_ONE * 5


def test_no_hidden_name_is_in_what_is_printed(tmp_path: Path):
    """The same in the text that a reader gets out of the PDF, where a word may be broken over a line."""
    cases = {}
    for seed in range(PRINTED):
        case = Maker(seed).made()
        for variant in Variant:
            papers = compose(case.story, case.context, case.selection, variant)
            path = tmp_path / f"{seed}-{variant}.pdf"
            path.write_bytes(render(papers.main, Look("De Wilgenhof"), case.context.made_at))
            cases[path] = case
    said = extracted(*cases)
    assert min(len(text) for text in said.values()) > 500
    assert [(path.name, found(cases[path].hidden(), text)) for path, text in said.items()] == [
        (path.name, []) for path in said
    ]
