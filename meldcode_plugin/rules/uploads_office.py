"""Looks into DOCX and ODT packages: no bomb, no macro, no file inside, nothing fetched from elsewhere.

ZIP: PKWARE APPNOTE 6.3. OOXML packages: ECMA-376 part 2. ODF packages: OASIS OpenDocument 1.3 part 2.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from meldcode_plugin.rules.uploads_faults import Fault, Unfit

MAX_MEMBERS = 2_000
MAX_DIRECTORY = 1 << 20
MAX_UNPACKED = 150 * 1024 * 1024
MAX_RATIO = 100
RATIO_FROM = 10 * 1024 * 1024
MAX_XML = 20 * 1024 * 1024
MAX_LIST = 1 << 20
_PIECE = 1 << 16
_END = struct.Struct("<4s4H2LH")
_LOCAL_HEAD = 30
_ENCRYPTED = 0x1

Look = Callable[[str, dict[str, str]], None]

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_ODF = b"application/vnd.oasis.opendocument."
_ODT = _ODF + b"text"
_OTHER_OFFICE = {"xl/": "een Excel-bestand", "ppt/": "een PowerPoint-bestand"}
_FILES_INSIDE = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"MZ", b"\x7fELF", b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
_FETCHED = ("attachedtemplate", "frame", "subdocument", "afchunk", "oleobject", "package", "control")


def end_record(stream: BinaryIO, size: int) -> tuple[int, int, int] | None:
    """Return (members, directory's length, directory's offset) when a ZIP ends exactly at the file's end."""
    tail_length = min(size, _END.size + 0xFFFF)
    stream.seek(size - tail_length)
    tail = stream.read(tail_length)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + _END.size <= len(tail):
            _, _, _, _, members, length, offset, comment = _END.unpack_from(tail, at)
            if at + _END.size + comment == len(tail):
                return members, length, offset
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def open_package(stream: BinaryIO, size: int) -> zipfile.ZipFile:
    """Return the package after checking its directory, before anything is unpacked."""
    found = end_record(stream, size)
    if found is None:
        raise Unfit(Fault.BROKEN)
    members, length, offset = found
    if members > MAX_MEMBERS or length > MAX_DIRECTORY:
        raise Unfit(Fault.BOMB)
    if offset + length + _END.size != size:  # a comment, ZIP64, or something hidden before or behind
        raise Unfit(Fault.HIDDEN_ARCHIVE)
    stream.seek(0)
    try:
        package = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        raise Unfit(Fault.BROKEN) from None
    _check_directory(package, offset)
    return package


def _check_directory(package: zipfile.ZipFile, directory: int) -> None:
    infos = package.infolist()
    names = {info.filename.lower() for info in infos}
    if len(names) != len(infos) or any(_strange_name(info.filename) for info in infos):
        raise Unfit(Fault.BROKEN)
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise Unfit(Fault.PASSWORD)
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise Unfit(Fault.BROKEN)
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size + _LOCAL_HEAD + len(info.filename) for info in infos)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed):
        raise Unfit(Fault.BOMB)
    if packed > directory:  # members that share bytes: small on disk, endless when unpacked
        raise Unfit(Fault.BOMB)


def _strange_name(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or "\0" in name


def kind(package: zipfile.ZipFile) -> str:
    """Return "docx", "odt", the Dutch name of another office kind, or "" for any other ZIP."""
    names = set(package.namelist())
    if "[Content_Types].xml" in names:
        other = [label for folder, label in _OTHER_OFFICE.items() if any(n.startswith(folder) for n in names)]
        return "docx" if any(n.startswith("word/") for n in names) else (other or [""])[0]
    if "mimetype" in names:
        claimed = _read(package, "mimetype")
        if claimed == _ODT:
            return "odt"
        return "een ander kantoorbestand" if claimed.startswith(_ODF) else ""
    return ""


def docx(package: zipfile.ZipFile) -> None:
    """Refuse macros, files inside, and relationships that fetch something from elsewhere."""
    _content_types(package)
    lower = [name.lower() for name in package.namelist()]
    if any("vbaproject" in name or "vbadata" in name or "/activex/" in name for name in lower):
        raise Unfit(Fault.MACROS)
    if any("/embeddings/" in name for name in lower):
        raise Unfit(Fault.EMBEDDED)
    for name in package.namelist():
        if name.lower().endswith(".rels"):
            _walk(package, name, _relationship)
    _unpack(package)


def _content_types(package: zipfile.ZipFile) -> None:
    parts: set[str] = set()
    _walk(package, "[Content_Types].xml", lambda _, found: parts.add(found.get("ContentType", "").lower()))
    if any("macroenabled" in part or "vbaproject" in part or "activex" in part for part in parts):
        raise Unfit(Fault.MACROS)
    if _WORD not in parts:
        raise Unfit(Fault.BROKEN)


def _relationship(element: str, attributes: dict[str, str]) -> None:
    if element != "Relationship":
        return
    sort = attributes.get("Type", "").rsplit("/", 1)[-1].lower()
    if sort == "vbaproject":
        raise Unfit(Fault.MACROS)
    if attributes.get("TargetMode", "").lower() == "external" and sort != "hyperlink":
        raise Unfit(Fault.OUTSIDE)
    if sort in _FETCHED:
        raise Unfit(Fault.EMBEDDED)


def odt(package: zipfile.ZipFile) -> None:
    """Refuse macros, encryption, files inside, and content that is fetched from elsewhere."""
    names = package.namelist()
    if {name.split("/")[0].lower() for name in names} & {"basic", "scripts"}:
        raise Unfit(Fault.MACROS)
    if "META-INF/manifest.xml" not in names or "content.xml" not in names:
        raise Unfit(Fault.BROKEN)
    _walk(package, "META-INF/manifest.xml", _odt_manifest)
    for name in names:
        if name.rsplit("/", 1)[-1] in ("content.xml", "styles.xml"):
            _walk(package, name, _odt_element)
    _unpack(package)


def _odt_manifest(element: str, _: dict[str, str]) -> None:
    if element == "encryption-data":
        raise Unfit(Fault.PASSWORD)


def _odt_element(element: str, attributes: dict[str, str]) -> None:
    if element == "event-listener":
        raise Unfit(Fault.MACROS)
    if element in ("object-ole", "plugin", "applet", "floating-frame"):
        raise Unfit(Fault.EMBEDDED)
    target = next((value for key, value in attributes.items() if key.split(":")[-1] == "href"), "")
    if element in ("image", "object", "section-source", "fill-image") and ":" in target.split("/")[0]:
        raise Unfit(Fault.OUTSIDE)


def _unpack(package: zipfile.ZipFile) -> None:
    """Unpack all, keep nothing: lengths and checksums must hold and no member may be a file of another kind."""
    for info in package.infolist():
        first = True
        for piece in _pieces(package, info):
            if first and piece.startswith(_FILES_INSIDE):
                raise Unfit(Fault.EMBEDDED)
            first = False


def _pieces(package: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with package.open(info) as member:
            while piece := member.read(_PIECE):
                yield piece
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error):
        raise Unfit(Fault.BROKEN) from None


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    info = package.getinfo(name)
    if info.file_size > MAX_LIST:
        raise Unfit(Fault.BOMB)
    return b"".join(_pieces(package, info))


def _walk(package: zipfile.ZipFile, name: str, look: Look) -> None:
    """Show each element of a part to ``look``, prefix off; a document type, and so an entity, is refused."""
    info = package.getinfo(name)
    if info.file_size > MAX_XML:
        raise Unfit(Fault.BOMB)
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda element, found: look(element.split(":")[-1], found)
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for piece in _pieces(package, info):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise Unfit(Fault.BROKEN) from None


def _refuse_doctype(*_: object) -> None:
    raise Unfit(Fault.BROKEN)
