"""Runs the engine that sets a paper, as a program of its own; it knows data and typefaces, nothing of the package.

The engine keeps what it set: in one process ten papers take ten times the memory. So each is set in a process that
ends: data as JSON on standard input, the PDF on standard output, or ``fault`` and what failed. It writes no file.
"""

from __future__ import annotations

import json
import resource
import sys
import unicodedata
from pathlib import Path
from typing import Any

import typst

STANDARDS: list[Any] = ["a-3a", "ua-1"]
FAMILIES = ("Literata", "Atkinson Hyperlegible Next")
MEMORY_BYTES, CPU_SECONDS = 4 << 30, 180
ODD_AT_MOST = 300
"""So many different letters outside the usual ones are tried; a text in another script has fewer."""
USUAL = frozenset("\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u2022\u00a0\u200b")
TRIED = b'#set document(title: "x")\n#set text(font: "Literata")\n#sys.inputs.one'


def fonts(folder: str, files: list[str]) -> typst.Fonts | None:
    """Return our typefaces, or None when one of them is gone; not the machine's, so it looks the same anywhere."""
    found = typst.Fonts(include_system_fonts=False, font_paths=[folder])
    ours = [font for font in found.fonts() if font.family in FAMILIES and font.path]
    return found if {Path(font.path or "").name for font in ours} >= set(files) else None


def with_letters(paper: str, ours: typst.Fonts) -> str:
    """Return the text with words instead of letters that no typeface has: they must not stop a report."""
    odd = sorted({one for one in paper if one >= "\u0180" and one not in USUAL})
    gone = [one for number, one in enumerate(odd) if number >= ODD_AT_MOST or not _can_be_set(one, ours)]
    return paper.translate({ord(one): f"[{unicodedata.name(one, 'teken').lower()}]" for one in gone})


def _can_be_set(one: str, ours: typst.Fonts) -> bool:
    try:
        compiler = typst.Compiler(TRIED, font_paths=ours, sys_inputs={"one": one})
        compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=0)
    except typst.TypstError:
        return False
    return True


def pressed(given: dict[str, Any]) -> bytes:
    """Return the PDF; or ``fault`` with a code. What the engine says may quote a text, so none of it goes out."""
    ours = fonts(given["type"], given["fonts"])
    if ours is None:
        return b"fault font"
    paper = with_letters(json.dumps(given["paper"], ensure_ascii=False), ours)
    try:
        compiler = typst.Compiler(given["template"].encode(), font_paths=ours, sys_inputs={"paper": paper})
        made = compiler.compile(format="pdf", pdf_standards=STANDARDS, timestamp=given["timestamp"])
    except typst.TypstError as failed:
        return b"fault logo" if "image" in failed.message else b"fault text"
    return made if isinstance(made, bytes) else b"fault engine"


def main() -> None:
    """Read from standard input under limits of memory and time; write the PDF."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.buffer.write(pressed(json.loads(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
