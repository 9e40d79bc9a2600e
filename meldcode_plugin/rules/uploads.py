"""Which files a signal may carry, judged by what is in them; it stores nothing and knows no page (T15).

Nothing is taken out of a file: what is kept is what was given, bit for bit, and a hint says what that means.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules import uploads_office, uploads_pictures
from meldcode_plugin.rules.uploads_faults import SENTENCES, Fault, OtherKind, Unfit

FIELD = "attachment"
"""Name of the form field under which a refusal is shown."""
MAX_BYTES = 25 * 1024 * 1024
MAX_FILES = 10
"""Files beside one form."""
MAX_WAITING = 40
"""Files that one person can have waiting in drafts: at most one gigabyte."""
MAX_NAME = 120
SHOWN_NAME = 60
LOCATED = "In deze foto staat de plek waar hij is gemaakt. Wie de foto opent, kan die plek zien."

PdfReasons = Callable[[BinaryIO], Iterable[str]]
"""Looks into a PDF and returns the reasons to refuse it; `uploads_pdf.reasons`, or the same behind a wall."""


class Kind(StrEnum):
    """What is accepted; the value is the media type under which it is handed out."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ODT = "application/vnd.oasis.opendocument.text"
    TEXT = "text/plain"


NAMES = {
    Kind.JPEG: "een JPEG-foto",
    Kind.PNG: "een PNG-plaatje",
    Kind.WEBP: "een WebP-plaatje",
    Kind.HEIC: "een HEIC-foto",
    Kind.PDF: "een PDF",
    Kind.DOCX: "een Word-bestand",
    Kind.ODT: "een ODT-bestand",
    Kind.TEXT: "een tekstbestand",
}
ENDINGS = {
    "jpg": Kind.JPEG,
    "jpeg": Kind.JPEG,
    "jpe": Kind.JPEG,
    "jfif": Kind.JPEG,
    "png": Kind.PNG,
    "webp": Kind.WEBP,
    "heic": Kind.HEIC,
    "heif": Kind.HEIC,
    "pdf": Kind.PDF,
    "docx": Kind.DOCX,
    "odt": Kind.ODT,
    "txt": Kind.TEXT,
}
OWN_ENDING = {kind: ending for ending, kind in reversed(ENDINGS.items())}
ACCEPT = ",".join(f".{ending}" for ending in ENDINGS)
"""For the ``accept`` attribute of the form's field; a help to choose, never the check."""
ACCEPTED = "een foto (JPEG, PNG, HEIC of WebP), een PDF, een Word-bestand (.docx), een ODT of een tekstbestand"

_PHOTO = "Sla het op als JPEG of PNG en kies dat bestand."
_AS_PDF = "Sla het op als PDF en kies die PDF."
_WRITE = "Schrijf op wat je hoorde of zag. Overleg met de IB-er over de opname."
_UNPACK = "Pak het uit en kies de bestanden een voor een."
_OTHER: tuple[tuple[bytes, str, str], ...] = (
    (b"GIF8", "een GIF-plaatje", _PHOTO),
    (b"BM", "een BMP-plaatje", _PHOTO),
    (b"II*\0", "een TIFF-plaatje", _PHOTO),
    (b"MM\0*", "een TIFF-plaatje", _PHOTO),
    (b"8BPS", "een Photoshop-bestand", _PHOTO),
    (b"\xd0\xcf\x11\xe0", "een oud Office-bestand of een bestand met een wachtwoord", _AS_PDF),
    (b"{\\rtf", "een RTF-bestand", _AS_PDF),
    (b"%!PS", "een PostScript-bestand", _AS_PDF),
    (b"ID3", "een geluidsopname", _WRITE),
    (b"\xff\xfb", "een geluidsopname", _WRITE),
    (b"OggS", "een geluidsopname", _WRITE),
    (b"RIFF", "een geluidsopname of een filmpje", _WRITE),
    (b"\x1a\x45\xdf\xa3", "een filmpje", _WRITE),
    (b"7z\xbc\xaf\x27\x1c", "een archief", _UNPACK),
    (b"Rar!", "een archief", _UNPACK),
    (b"\x1f\x8b", "een archief", _UNPACK),
    (b"MZ", "een programma", "Kies een ander bestand."),
    (b"\x7fELF", "een programma", "Kies een ander bestand."),
)
_STARTS = ((b"\xff\xd8\xff", Kind.JPEG), (b"\x89PNG\r\n\x1a\n", Kind.PNG), (b"%PDF-", Kind.PDF))
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR"
_MARKUP = re.compile(r"\s*(<[A-Za-z!?/]|#!)")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_HEAD = 4096
_PIECE = 1 << 16
_EOF_WITHIN = 1024


@dataclass(frozen=True)
class Judged:
    """A file that may be kept: its cleaned name, its kind, its size in bytes, what the owner should know."""

    name: str
    kind: Kind
    size: int
    hints: tuple[str, ...] = ()


def judge(filename: str, stream: BinaryIO, size: int, pdf_reasons: PdfReasons) -> Judged:
    """Look into a file and say what it is; `InputRefused` names the file and says what to do.

    ``stream`` can be read and sought, ``size`` is its length in bytes. The file's name only has to agree
    with what was found; it never decides.
    """
    name = clean_name(filename)
    try:
        kind, hints = _look(stream, size, pdf_reasons)
        return Judged(_with_ending(name, kind), kind, size, hints)
    except Unfit as unfit:
        raise refused(name, unfit.fault) from None
    except OtherKind as other:
        raise refused(name, Fault.OTHER_KIND, found=other.found, advice=other.advice) from None


def refused(filename: str, fault: Fault, *, found: str = "", claimed: str = "", advice: str = "") -> InputRefused:
    """Return the refusal of one file: a sentence with its name, the reason and what to do."""
    shown = clean_name(filename)
    shown = shown if len(shown) <= SHOWN_NAME else f"{shown[: SHOWN_NAME - 15]}…{shown[-14:]}"
    sentence = SENTENCES[fault].format(name=shown, found=found, claimed=claimed, advice=advice, accepted=ACCEPTED)
    return InputRefused({FIELD: sentence})


def _look(stream: BinaryIO, size: int, pdf_reasons: PdfReasons) -> tuple[Kind, tuple[str, ...]]:
    if not size:
        raise Unfit(Fault.EMPTY)
    if size > MAX_BYTES:
        raise Unfit(Fault.TOO_LARGE)
    stream.seek(0)
    kind = _kind(stream.read(_HEAD), stream, size)
    if kind in _PICTURES:
        return kind, _picture(kind, stream, size)
    if kind is Kind.PDF:
        _pdf(stream, size, pdf_reasons)
    return kind, ()


def _kind(head: bytes, stream: BinaryIO, size: int) -> Kind:
    """Return what the first bytes say, checked with what follows where the first bytes alone can lie."""
    for start, kind in _STARTS:
        if head.startswith(start):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head.startswith(b"PK\x03\x04"):
        return _office(stream, size)
    if head[4:8] == b"ftyp":
        return _boxes(head)
    for start, found, advice in _OTHER:
        if head.startswith(start):
            raise OtherKind(found, advice)
    return _text(head, stream)


def _boxes(head: bytes) -> Kind:
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[at : at + 4] for at in (8, *range(16, length - 3, 4))}
    if brands & _HEIC_BRANDS:
        return Kind.HEIC
    if b"avif" in brands:
        raise OtherKind("een AVIF-plaatje", _PHOTO)
    raise OtherKind("een filmpje of een geluidsopname", _WRITE)


def _office(stream: BinaryIO, size: int) -> Kind:
    with uploads_office.open_package(stream, size) as package:
        found = uploads_office.kind(package)
        if found == "docx":
            uploads_office.docx(package)
            return Kind.DOCX
        if found == "odt":
            uploads_office.odt(package)
            return Kind.ODT
    raise OtherKind(found or "een archief", _AS_PDF if found else _UNPACK)


_PICTURES = {
    Kind.JPEG: uploads_pictures.jpeg,
    Kind.PNG: uploads_pictures.png,
    Kind.WEBP: uploads_pictures.webp,
    Kind.HEIC: uploads_pictures.heic,
}


def _picture(kind: Kind, stream: BinaryIO, size: int) -> tuple[str, ...]:
    _no_archive_behind(stream, size)
    seen = _PICTURES[kind](stream, size)
    return (LOCATED,) if seen.located else ()


def _no_archive_behind(stream: BinaryIO, size: int) -> None:
    """Refuse a file that is also a ZIP: one name, two contents."""
    if uploads_office.end_record(stream, size) is not None:
        raise Unfit(Fault.HIDDEN_ARCHIVE)


def _pdf(stream: BinaryIO, size: int, pdf_reasons: PdfReasons) -> None:
    _no_archive_behind(stream, size)
    stream.seek(max(0, size - _EOF_WITHIN))
    if b"%%EOF" not in stream.read(_EOF_WITHIN):
        raise Unfit(Fault.BROKEN)
    stream.seek(0)
    found = set(pdf_reasons(stream))
    for fault in Fault:  # the order of the enum, so that the same file always gets the same sentence
        if fault.value in found:
            raise Unfit(fault)
    if found:
        raise Unfit(Fault.NOT_CHECKED)


def _text(head: bytes, stream: BinaryIO) -> Kind:
    """Accept text in UTF-8, UTF-16 with a mark, or Windows' Western code page; no control characters, no markup."""
    if head.startswith(_EICAR):
        raise Unfit(Fault.TEST_VIRUS)
    fits = next((codec for codec in _codecs(head) if _decodes(stream, codec)), None)
    if fits is None:
        raise Unfit(Fault.UNKNOWN)
    if _MARKUP.match(head.decode(fits, "ignore").lstrip("\ufeff")):
        raise Unfit(Fault.PROGRAM_TEXT)
    return Kind.TEXT


def _codecs(head: bytes) -> tuple[str, ...]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8", "cp1252")


def _decodes(stream: BinaryIO, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    stream.seek(0)
    try:
        while piece := stream.read(_PIECE):
            if _NOT_TEXT.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def clean_name(filename: str) -> str:
    """Return a name that is safe on every computer: no folder, no hidden or turning characters, not too long."""
    sound = unicodedata.normalize("NFC", filename.encode("utf-8", "ignore").decode())
    last = sound.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    plain = " ".join(re.sub(r'[<>:"|?*]', "_", seen).split()).strip(". ")
    if re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", plain):
        plain = f"_{plain}"
    stem, dot, ending = plain.rpartition(".")
    if dot and len(ending) <= 10:  # noqa: PLR2004  # a longer one is no ending but a name with a dot
        return f"{stem[: MAX_NAME - len(ending) - 1]}.{ending}"
    return plain[:MAX_NAME] or "bijlage"


def _ending(name: str) -> str:
    found = re.search(r"\.([A-Za-z][A-Za-z0-9]{0,9})$", name)
    return found.group(1).lower() if found else ""


def _with_ending(name: str, kind: Kind) -> str:
    """Return the name, with the ending of what was found when it had none; another ending is refused."""
    ending = _ending(name)
    if not ending:
        return f"{name[: MAX_NAME - 5]}.{OWN_ENDING[kind]}"
    claimed = ENDINGS.get(ending)
    if claimed is not kind:
        raise refused(name, Fault.MISNAMED, found=NAMES[kind], claimed=f".{ending}")
    return name
