"""What leaves the school: a list with hashes, and protected copies that open on any Windows machine; it knows no case.

The originals stay as they are, sealed in the dossier. What goes out is one PDF for the report and one for each
attachment, each encrypted by itself (AES-256, PDF 2.0 revision 6) with the same words, all in one plain zip.
docs/adr tells what was tried. One attachment at a time is in memory, never two.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import secrets
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import IO, TYPE_CHECKING, BinaryIO

from meldcode_plugin.errors import PaperFailed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PDF = "application/pdf"
WORDS = 6
BITS = 60
"""What a passphrase must be worth at least, in bits."""
PIECE = 1 << 18
ZIP_DAY = (1980, 1, 1, 0, 0, 0)
"""The same for all files: when they were made is in no list."""


@dataclass(frozen=True)
class Part:
    """One file of a package: a paper, annex N or an attachment.

    ``title`` stands in the manifest and inside the protected copy, never in a file name. ``sha256`` is in hexadecimal,
    ``size`` in bytes; ``read`` gives the bytes in pieces and may be called more than once.
    """

    title: str
    media_type: str
    size: int
    sha256: str
    read: Callable[[], Iterable[bytes]]

    @classmethod
    def of(cls, title: str, data: bytes, media_type: str = PDF) -> Part:
        """Return the part that these bytes are."""
        return cls(title, media_type, len(data), hashlib.sha256(data).hexdigest(), lambda: (data,))


@dataclass(frozen=True)
class Copy:
    """One protected file that leaves: its neutral name, its length in bytes and its SHA-256, for the record."""

    name: str
    size: int
    sha256: str


def manifest(parts: Iterable[Part]) -> bytes:
    """Return the list of what a package holds: title, type, length and SHA-256, sorted; same parts, same bytes.

    Its own SHA-256 stands for the whole package. It stays in the dossier: it does not leave the school.
    """
    rows = sorted((part.sha256, part.title, part.media_type, part.size) for part in parts)
    names = ("sha256", "title", "media_type", "size")
    listed = {"format": 1, "parts": [dict(zip(names, row, strict=True)) for row in rows]}
    return json.dumps(listed, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


@lru_cache(1)
def words() -> tuple[str, ...]:
    """Return the list of short Dutch words that a passphrase is made of, none of them about the worry itself."""
    text = files("meldcode_plugin.documents").joinpath("words.txt").read_text(encoding="ascii")
    return tuple(text.split())


def passphrase() -> str:
    """Return words to be told by telephone: at least 60 bits from the machine's random source, shown once."""
    found = words()
    if len(set(found)) != len(found) or WORDS * math.log2(len(found)) < BITS:
        raise PaperFailed("words")
    return "-".join(secrets.choice(found) for _ in range(WORDS))


def name_of(number: int) -> str:
    """Return the name of the file with this number, counted from 1: it says nothing."""
    return f"document-{number:02}.pdf"


def protect(part: Part, phrase: str, out: IO[bytes], number: int = 1) -> Copy:
    """Write one protected PDF to ``out``, from its first byte to its last: it need not be seekable.

    A part whose bytes are not what its hash says raises `PaperFailed`, and nothing was written.
    """
    from meldcode_plugin.documents import wrapping  # noqa: PLC0415  # on demand: no web process wraps a paper

    counted = _Counted(out)
    with io.BufferedWriter(counted, PIECE) as buffered:
        wrapping.wrapped(_checked(part), part.media_type, part.title, phrase, buffered)
    return Copy(name_of(number), counted.size, counted.total.hexdigest())


def pack(parts: Iterable[Part], phrase: str, out: BinaryIO) -> list[Copy]:
    """Write a zip with one protected PDF per part, in this order, and return what is in it.

    The zip itself is plain, so that Windows opens it by a double click; its names say nothing, and what is in it
    opens with the words alone. Each PDF goes straight into it: what stands on disk meanwhile is encrypted.
    """
    copies = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for number, part in enumerate(parts, 1):
            with packed.open(zipfile.ZipInfo(name_of(number), ZIP_DAY), "w") as place:
                copies.append(protect(part, phrase, place, number))
    return copies


class _Counted(io.RawIOBase):
    """Passes bytes on, and keeps how many there were and their SHA-256."""

    def __init__(self, out: IO[bytes]) -> None:
        super().__init__()
        self._out, self.size, self.total = out, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        self.total.update(data)
        self._out.write(data)
        self.size += (taken := memoryview(data).nbytes)
        return taken


def _checked(part: Part) -> bytes:
    data = b"".join(part.read())
    if len(data) != part.size or hashlib.sha256(data).hexdigest() != part.sha256:
        raise PaperFailed("file")
    return data
