"""Looks into a PDF for what can act: programs, launches, files inside. Knows nothing of the rest of the package.

It runs as a program of its own, with little memory and time, because a parser meets hostile bytes here:
the PDF on standard input, the reasons as JSON on standard output. PDF: ISO 32000-2.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

import pikepdf

MAX_OBJECTS = 200_000
MAX_DEPTH = 60
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 15
MAX_STREAM = 32 * 1024 * 1024
"""Unpacked length of a stream that holds objects; those of pages and pictures are never unpacked here."""

ACTIONS = {
    "/JavaScript": "pdf_program",
    "/Launch": "pdf_launch",
    "/ImportData": "pdf_launch",
    "/GoToE": "pdf_embedded",
    "/GoToR": "pdf_outside",
    "/SubmitForm": "pdf_sends",
    "/Rendition": "pdf_media",
    "/RichMediaExecute": "pdf_media",
    "/Movie": "pdf_media",
    "/Sound": "pdf_media",
}
KEYS = {
    "/JS": "pdf_program",
    "/JavaScript": "pdf_program",
    "/EmbeddedFiles": "pdf_embedded",
    "/EF": "pdf_embedded",
    "/RichMediaContent": "pdf_media",
    "/XFA": "pdf_form",
}
TYPES = {"/EmbeddedFile": "pdf_embedded"}
SUBTYPES = {
    "/FileAttachment": "pdf_embedded",
    "/RichMedia": "pdf_media",
    "/Movie": "pdf_media",
    "/Sound": "pdf_media",
    "/Screen": "pdf_media",
    "/3D": "pdf_media",
}


def reasons(stream: BinaryIO) -> list[str]:
    """Return the reasons to refuse this PDF (values of `uploads_faults.Fault`), none when it is inert."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=MAX_STREAM, run_length_max_memory=MAX_STREAM, max_stream_filters=4
    )
    try:
        with pikepdf.open(stream, attempt_recovery=False, suppress_warnings=True) as pdf:
            if not pdf.pages:
                return ["broken"]
            if len(pdf.objects) > MAX_OBJECTS:
                return ["bomb"]
            return sorted({found for thing in pdf.objects for found in _in_object(thing, 0)})
    except pikepdf.PasswordError:
        return ["password"]
    except (pikepdf.PdfError, RecursionError, ValueError, TypeError, RuntimeError):
        return ["broken"]
    except MemoryError:
        return ["bomb"]


def _in_object(thing: Any, depth: int) -> Iterator[str]:
    """Walk what stands directly in one object; indirect objects have their own turn."""
    if depth > MAX_DEPTH:
        yield "broken"
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        yield from _in_dictionary(thing)
        for value in thing.values():
            yield from _direct(value, depth)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            yield from _direct(value, depth)


def _direct(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
        yield from _in_object(value, depth + 1)


def _in_dictionary(found: Any) -> Iterator[str]:
    keys = set(found.keys())
    if isinstance(found, pikepdf.Stream) and "/F" in keys:
        yield "pdf_outside"
    yield from (reason for key, reason in KEYS.items() if key in keys)
    for key, table in (("/S", ACTIONS), ("/Type", TYPES), ("/Subtype", SUBTYPES)):
        if key in keys and isinstance(found[key], pikepdf.Name) and str(found[key]) in table:
            yield table[str(found[key])]


def main() -> None:
    """Read a PDF from standard input under limits of memory and time; write the reasons."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer = reasons(BytesIO(sys.stdin.buffer.read()))
    except MemoryError:
        answer = ["bomb"]
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
