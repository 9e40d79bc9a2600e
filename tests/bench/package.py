"""Makes one package, as the product does or as barely as can be, and prints how long it took and how much memory.

``python -m tests.bench.package product|floor|raw FOLDER``; FOLDER holds the attachments. The floor lets the bare engine
set the same text in the same typefaces, and encrypts the same bytes in the form in which they leave: bare PDFs, put
straight into one zip. ``raw`` encrypts them as plain bytes, a form that nobody opens without a program of its own.
A worker has made others before: a small one without files goes first, and is not counted.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from meldcode_plugin.documents import report
from meldcode_plugin.documents.bundle import Part, manifest, pack
from meldcode_plugin.documents.report import Look, printable, render
from meldcode_plugin.rules.dossier import Variant, compose
from meldcode_plugin.rules.dossier.parts import texts
from tests.documents.cases import Case, short
from tests.documents.long_case import long

ENTRIES = 200
PIECE = 1 << 16
PHRASE, OWNER = "wiek-sleutelbos-been-luik-lamp-jaar", "x" * 22
BARE = """#set document(title: "x")
#set text(font: "Literata", lang: "nl", size: 10.5pt, hyphenate: true)
#set page(paper: "a4", margin: 27mm, footer: context [#counter(page).display() van #counter(page).final().first()])
#let given = json(bytes(sys.inputs.paper))
#outline()
#for part in given { heading(part.at(0)); for one in part.at(1) { par(one) } }
"""
"""The same words in the same face, with contents and page numbers, and nothing that makes it a report."""
ENGINE = """
import json, sys, typst
given = json.load(sys.stdin)
fonts = typst.Fonts(include_system_fonts=False, font_paths=[given["type"]])
made = typst.Compiler(given["bare"].encode(), font_paths=fonts, sys_inputs={"paper": given["paper"]})
sys.stdout.buffer.write(made.compile(format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=0))
"""


def product(case: Case, files: list[tuple[Path, str]]) -> None:
    """Compose, print both papers, list, protect and pack."""
    found = compose(case.story, case.context, case.selection, Variant.REPORT)
    look = Look(case.context.school.name)
    papers = [render(one, look, case.context.made_at) for one in (found.main, found.annex) if one]
    parts = [Part.of("Meldpakket", one) for one in papers]
    parts += [
        Part("B", "image/jpeg", path.stat().st_size, total, lambda path=path: _pieces(path)) for path, total in files
    ]
    manifest(parts)
    with tempfile.TemporaryFile() as out:
        pack(parts, PHRASE, out)


def floor(words: str, files: list[tuple[Path, str]]) -> None:
    """Let the engine set the words, and encrypt each file as a PDF that holds it, straight into one zip."""
    made, locked = _engine(words), pikepdf.Encryption(owner=OWNER, user=PHRASE, R=6)
    with tempfile.TemporaryFile() as out, zipfile.ZipFile(out, "w") as packed:
        for number, data in enumerate((made, *(path.read_bytes() for path, _ in files))):
            with pikepdf.new() as pdf, packed.open(f"{number}.pdf", "w") as place:
                pdf.add_blank_page()
                pdf.Root.Held = pdf.make_stream(data)
                pdf.save(place, compress_streams=False, encryption=locked)


def raw(words: str, files: list[tuple[Path, str]]) -> None:
    """Let the engine set the words, and encrypt each file as bytes."""
    made = _engine(words)
    for data in (made, *(path.read_bytes() for path, _ in files)):
        with tempfile.TemporaryFile() as out:
            out.write(AESGCM(bytes(32)).encrypt(os.urandom(12), data, None))


def _engine(words: str) -> bytes:
    given = json.dumps({"bare": BARE, "paper": words, "type": str(report.TYPE)})
    done = subprocess.run([sys.executable, "-I", "-c", ENGINE], input=given.encode(), capture_output=True, check=True)
    return done.stdout


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece


def _words(case: Case) -> str:
    found = compose(case.story, case.context, case.selection, Variant.REPORT)
    blocks = [block for paper in (found.main, found.annex) if paper for block in paper.blocks]
    return json.dumps([[block.title, [printable(text) for text in texts(block) if text]] for block in blocks])


def _worked() -> float:
    """Seconds of processor of this process and of the engine: other people on the machine do not count."""
    return sum(resource.getrusage(who)[at] for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN) for at in (0, 1))


def main() -> None:
    """Do it once and print seconds, and the most memory of this process and of the engine, in MiB."""
    how, folder = sys.argv[1], Path(sys.argv[2])
    files = [(path, path.with_suffix(".sum").read_text()) for path in sorted(folder.glob("*.jpg"))]
    case = long(ENTRIES)
    words = _words(case) if how != "product" else ""
    ways = {"floor": floor, "raw": raw}
    product(short(), []) if how == "product" else ways[how]("[]", [])
    start, worked = time.perf_counter(), _worked()
    if how == "product":
        product(case, files)
    else:
        ways[how](words, files)
    seconds = time.perf_counter() - start
    own = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    engine = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(
        json.dumps(
            {"seconds": seconds, "worked": _worked() - worked, "memory": max(int(own[1]) if own else 0, engine) / 1024}
        )
    )


if __name__ == "__main__":
    main()
