"""How papers are printed: they last, everybody can read them, and there is never half a one."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from meldcode_plugin.documents import report
from meldcode_plugin.documents.report import Look, printable, render
from meldcode_plugin.errors import PaperFailed
from meldcode_plugin.rules.dossier import Block, Document, Papers, Variant, compose
from meldcode_plugin.rules.dossier.body import Place
from tests.documents.cases import MADE, Case, emergency, short
from tests.documents.java import extracted, validated
from tests.documents.long_case import long
from tests.documents.school_case import real

SCHOOL = Look("Basisschool De Wilgenhof")
DANGER = b"0.639"
"""The red of the mark, as the engine writes its first part."""
DRAWN = "Twee omtrekken van een kind, van voren en van achteren. De nummers van de plaatsen hierboven staan erin."
ENTRIES = 200 if float(os.environ.get("MELD_SCALE", "1")) >= 5 else 40
"""How many signals the long paper has: every day forty."""
ODD = 'Ă ß Ж λ 😢 سلام 中文 \u0007 \u200e \ue000 #read("/etc/passwd") $x$ *y* <z> @q \\ \' " -- ... 12 mei 2026'


def papers(case: Case, variant: Variant = Variant.REPORT, **chosen: Any) -> Papers:
    """Compose a case, with something chosen otherwise."""
    return compose(case.story, case.context, case.selection.model_copy(update=chosen), variant)


def with_text(text: str) -> Document:
    """A paper with one paragraph."""
    return Document("Titel", "", "Vertrouwelijk", (), (Block("1", "Blok", (text,)),), "x")


def _alternatives(path: Path) -> list[str]:
    """What is read aloud instead of each picture."""
    with pikepdf.open(path) as pdf:
        found = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
        return [str(one.Alt) for one in found]


def logo(kind: str = "PNG", **more: Any) -> bytes:
    """A picture of a school's mark."""
    out = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", (120, 60), (20, 90, 110)).save(out, kind, **more)
    return out.getvalue()


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every sort of paper on disk."""
    folder = tmp_path_factory.mktemp("papers")
    made = {
        "real": papers(real()),
        "short": papers(short()),
        "emergency": papers(emergency()),
        "long": papers(long(ENTRIES)),
        "marked": papers(real(), injury_places=tuple(Place)),
    }
    documents = {name: found.main for name, found in made.items()} | {"annex": made["real"].annex}
    documents |= {"parents": papers(real(), Variant.PARENTS).main, "advice": papers(real(), Variant.ADVICE).main}
    documents["odd"] = with_text(ODD + "\n" + "a" * 500)
    looks = {"short": replace(SCHOOL, logo=logo()), "emergency": replace(SCHOOL, logo=logo("JPEG"))}
    for name, document in documents.items():
        (folder / f"{name}.pdf").write_bytes(render(document, looks.get(name, SCHOOL), MADE))
    return {name: folder / f"{name}.pdf" for name in documents}


def test_every_paper_lasts_and_is_for_everybody(printed: dict[str, Path]):
    """VeraPDF finds each of them PDF/A-3a and PDF/UA-1: the real, the short, the long and the emergency ones too."""
    chosen = [printed[name] for name in ("real", "short", "long", "emergency", "annex", "odd", "marked")]
    verdicts = validated(*chosen)
    assert len(verdicts) == 2 * len(chosen)
    assert [(one.file, one.flavour, one.broken) for one in verdicts if not one.complies] == []
    assert min(one.checks for one in verdicts) > 500


def test_same_input_gives_the_same_bytes(printed: dict[str, Path]):
    """A rebuild is the same file to the last byte, which is the end of a line."""
    again = render(papers(real()).main, SCHOOL, MADE)
    assert again == printed["real"].read_bytes()
    assert again.endswith(b"%%EOF\n")
    assert render(papers(real()).main, SCHOOL, MADE.replace(day=25)) != again


def test_long_paper_has_contents_and_page_numbers(printed: dict[str, Path]):
    """Contents with all blocks, a bookmark for each, and on every page its number and how many there are."""
    text = extracted(printed["long"])[printed["long"]]
    with pikepdf.open(printed["long"]) as pdf:
        pages = len(pdf.pages)
        with pdf.open_outline() as outline:
            marks = [one.title for one in outline.root]
        assert str(pdf.Root.Lang) == "nl-NL"
        assert pdf.docinfo.Title == "Melding aan Veilig Thuis"
    assert pages > ENTRIES / 5
    assert len([mark for mark in marks if re.match(r"\d+ ", mark)]) == 21
    assert "Inhoud" in text
    assert "Signalen in volgorde van tijd" in text


def test_places_on_the_body_are_read_and_drawn(printed: dict[str, Path]):
    """Each place stands in words with the number of its mark; the drawing says what it is, and is there only then."""
    read = extracted(printed["marked"])[printed["marked"]]
    text = re.sub(r"-\n+|\s+", lambda found: "" if found[0][0] == "-" else " ", read)
    assert [place for number, place in enumerate(Place, 1) if f"{number} {place.words}" not in text] == []
    alts = {name: _alternatives(printed[name]) for name in ("marked", "real")}
    assert alts == {"marked": [DRAWN], "real": []}
    again = render(papers(real(), injury_places=tuple(Place)).main, SCHOOL, MADE)
    assert again == printed["marked"].read_bytes()


def test_annex_is_marked_on_every_page(printed: dict[str, Path]):
    """Nobody can take a page of it for a page of the report."""
    with pikepdf.open(printed["annex"]) as pdf:
        red = [DANGER in pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page)) for page in pdf.pages]
    with pikepdf.open(printed["real"]) as pdf:
        calm = [DANGER in pikepdf.unparse_content_stream(pikepdf.parse_content_stream(page)) for page in pdf.pages]
    assert len(red) >= 2
    assert (all(red), any(calm)) == (True, False)
    assert "NIET DELEN MET GEZIN" in extracted(printed["annex"])[printed["annex"]]


def test_text_is_printed_as_it_was_typed(printed: dict[str, Path]):
    """What looks like a command is a text, and a letter without a typeface is named instead of stopping the report."""
    text = extracted(printed["odd"])[printed["odd"]]
    assert "#read(" in text
    assert "[crying face]" in text
    assert "$x$ *y* <z> @q" in text
    assert "12\u00a0mei\u00a02026" in text or "12 mei 2026" in text


@pytest.mark.parametrize(
    ("typed", "set_as"),
    [
        ('\'s ochtends zei ze "nee"', "\u2019s ochtends zei ze \u201cnee\u201d"),
        ("papa's auto", "papa\u2019s auto"),
        ("hij zei 'stop'.", "hij zei \u2018stop\u2019."),
        ("stil - heel stil...", "stil \u2013 heel stil\u2026"),
        ("op 12 mei 2026 om 10.15 uur", "op 12\u00a0mei\u00a02026 om 10.15\u00a0uur"),
        ("a\u0000b\u200bc", "abc"),
    ],
)
def test_dutch_is_set_as_dutch(typed: str, set_as: str):
    """Quotation marks, apostrophes, dashes, and what stays together on a line."""
    assert printable(typed) == set_as


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n broken", b"\xff\xd8\xff broken", b"<svg/>"])
def test_broken_logo_is_told_and_nothing_is_made(data: bytes):
    """The sentence says which one to choose; there is no paper without its logo."""
    with pytest.raises(PaperFailed) as failed:
        render(with_text("x"), replace(SCHOOL, logo=data), MADE)
    assert failed.value.code == "logo"
    assert "PNG of JPEG" in failed.value.sentence


def test_too_large_a_logo_is_told():
    """A photograph of the school is no mark."""
    with pytest.raises(PaperFailed, match="512 kB"):
        render(with_text("x"), replace(SCHOOL, logo=logo() + bytes(600_000)), MADE)


def test_colour_that_is_none_is_told():
    """A colour is six digits, and nothing else reaches the engine."""
    with pytest.raises(PaperFailed) as failed:
        render(with_text("x"), replace(SCHOOL, accent="red; #panic()"), MADE)
    assert failed.value.code == "colour"


@pytest.mark.parametrize("gone", report.FONTS)
def test_missing_font_is_told(gone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """With one typeface gone, or no typeface any more, there is an error instead of a paper in another one."""
    for name in report.FONTS:
        data = (report.TYPE / name).read_bytes()
        (tmp_path / name).write_bytes(data if name != gone else b"no typeface")
    monkeypatch.setattr(report, "TYPE", tmp_path)
    with pytest.raises(PaperFailed) as failed:
        render(with_text("x"), SCHOOL, MADE)
    assert failed.value.code == "font"


def test_press_that_dies_leaves_no_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Killed halfway, out of memory or gone: the same sentence, and never half a file."""
    for program in ("import os; os.kill(os.getpid(), 9)", "print('%PDF-1.7 half', end='')", "raise MemoryError"):
        (tmp_path / "press.py").write_text(program)
        monkeypatch.setattr(report, "PRESS", tmp_path / "press.py")
        with pytest.raises(PaperFailed) as failed:
            render(with_text("x"), SCHOOL, MADE)
        assert failed.value.code == "engine"


def test_error_of_the_engine_carries_no_words():
    """What the engine complains of may quote a text; what comes out never does."""
    with pytest.raises(PaperFailed) as failed:
        report._press({"document": "Noor van Dalen"}, 0)
    assert "Noor" not in repr(failed.value) + str(failed.value)
    assert failed.value.code == "text"
