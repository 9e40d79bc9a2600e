"""Makes files for the upload tests: pictures, PDFs and office documents, sound or bent."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
MP4 = struct.pack(">I", 20) + b"ftypisom" + bytes(4) + b"mp42" + bytes(64)


def picture(form: str, *, gps: bool = False, size: tuple[int, int] = (8, 6)) -> bytes:
    """Return a real picture made by Pillow, with the place where it was made if asked."""
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    if gps:
        exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (52.0, 5.0, 7.0)
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, form, exif=exif)
    return out.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds almost nothing."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(bytes(10))) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def jpeg_of(width: int, height: int) -> bytes:
    """Return a JPEG whose frame header claims a size."""
    sound = picture("JPEG")
    at = sound.index(b"\xff\xc0")
    return sound[: at + 5] + struct.pack(">HH", height, width) + sound[at + 9 :]


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP whose canvas claims a size."""
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def box(name: bytes, data: bytes) -> bytes:
    """Return one box of ISO base media."""
    return struct.pack(">I", len(data) + 8) + name + data


def heic(*, gps: bool = False, width: int = 4032, height: int = 3024, brand: bytes = b"heic") -> bytes:
    """Return the boxes that a phone writes around a HEIC photo."""
    size = box(b"ispe", bytes(4) + struct.pack(">II", width, height))
    item = box(b"iinf", bytes(6) + box(b"infe", bytes(8) + b"Exif\0"))
    meta = box(b"meta", bytes(4) + item + box(b"iprp", box(b"ipco", size)))
    exif = picture("JPEG", gps=gps)
    block = exif[exif.index(b"Exif\0\0") : exif.index(b"\xff\xdb")]
    return box(b"ftyp", brand + bytes(4) + b"mif1" + brand) + meta + box(b"mdat", bytes(40) + block)


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, **how: object) -> bytes:
    """Return a PDF of one page, with a change made to it before it is saved."""
    made = pikepdf.new()
    made.add_blank_page()
    if change:
        change(made)
    out = io.BytesIO()
    made.save(out, **how)
    return out.getvalue()


def in_root(**keys: object) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that puts keys in the document's root."""

    def change(made: pikepdf.Pdf) -> None:
        for key, value in keys.items():
            made.Root[f"/{key}"] = value

    return change


def annotated(**keys: object) -> Callable[[pikepdf.Pdf], None]:
    """Return a change that puts one annotation on the page, as an object of its own."""

    def change(made: pikepdf.Pdf) -> None:
        made.pages[0].Annots = Array([made.make_indirect(Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **keys))])

    return change


def with_file(made: pikepdf.Pdf) -> None:
    """Put a file inside."""
    made.attachments["x.txt"] = b"inside"


def external_stream(made: pikepdf.Pdf) -> None:
    """Put in a stream that is fetched from elsewhere."""
    made.Root.Extra = made.make_stream(b"", F=String("http://example.test/x"))


def escaped(data: bytes) -> bytes:
    """Write a name with an escape, which readers undo: the same length, so that the table still fits."""
    assert b" /S /JavaScript" in data
    return data.replace(b" /S /JavaScript", b"/S/Java#53cript")


def stream_pdf(padding: bytes) -> bytes:
    """Return a PDF whose pages stand in a packed stream, with padding as one more value in them."""
    pages, page = (
        b"<</Type/Pages/Kids[3 0 R]/Count 1/X[" + padding + b"]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    )
    numbers = b"2 0 3 %d " % len(pages)
    packed = zlib.compress(numbers + pages + page, 9)
    body = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    at = len(body)
    head = b"4 0 obj\n<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>\nstream\n"
    body += head % (len(numbers), len(packed)) + packed + b"\nendstream\nendobj\n"
    rows = [(0, 0, 65535), (1, 9, 0), (2, 4, 0), (2, 4, 1), (1, at, 0), (1, len(body), 0)]
    table = zlib.compress(b"".join(struct.pack(">BIH", *row) for row in rows))
    start = len(body)
    body += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 2]/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % len(table)
    return body + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/>{more}</Types>'
)
MACRO_TYPES = TYPES.replace(
    "vnd.openxmlformats-officedocument.wordprocessingml.document.main", "vnd.ms-word.document.macroEnabled.main"
)
RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    "{more}</Relationships>"
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORDS = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body/></w:document>"


def package(members: dict[str, bytes | str], *, stored: tuple[str, ...] = (), comment: bytes = b"") -> bytes:
    """Return a ZIP with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            how = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            zipped.writestr(zipfile.ZipInfo(name), data, how)
        zipped.comment = comment
    return out.getvalue()


def docx(more: dict[str, bytes | str] | None = None, *, types: str = TYPES, comment: bytes = b"") -> bytes:
    """Return a Word document, with members more or other."""
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": types.format(more=""),
        "_rels/.rels": RELS.format(
            more=f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/document.xml": WORDS,
        "word/_rels/document.xml.rels": rels("hyperlink", "https://www.augeo.nl", external=True),
    }
    return package(members | (more or {}), comment=comment)


def rels(kind: str, target: str, *, external: bool = False) -> str:
    """Return a part of relationships with one in it."""
    mode = ' TargetMode="External"' if external else ""
    return RELS.format(more=f'<Relationship Id="r" Type="{OFFICE}/{kind}" Target="{target}"{mode}/>')


def odt(more: dict[str, bytes | str] | None = None, *, content: str = "<o:p xmlns:o='o'/>") -> bytes:
    """Return an ODT document, with members more or other."""
    members: dict[str, bytes | str] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": content,
        "styles.xml": "<o:s xmlns:o='o'/>",
        "META-INF/manifest.xml": "<m:manifest xmlns:m='m'/>",
    }
    return package(members | (more or {}), stored=("mimetype",))


def overlapping() -> bytes:
    """Return a package of which many members share the same bytes on disk."""
    sound = docx({"word/big.xml": bytes(1 << 20)})
    end = sound.rindex(b"PK\x05\x06")
    start, size = struct.unpack_from("<I", sound, end + 16)[0], struct.unpack_from("<I", sound, end + 12)[0]
    entries = sound[start : start + size]
    one = entries[entries.rindex(b"PK\x01\x02") :]
    copies = b"".join(one.replace(b"word/big.xml", b"word/b%02d.xml" % number) for number in range(40))
    count = struct.unpack_from("<H", sound, end + 8)[0] + 40
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size + len(copies), start, 0)
    return sound[:end] + copies + tail


def encrypted_zip() -> bytes:
    """Return a package whose members say that they are encrypted."""
    sound = bytearray(docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = sound.find(mark)
        while at >= 0:
            sound[at + offset] |= 1
            at = sound.find(mark, at + 4)
    return bytes(sound)


def wrong_checksum() -> bytes:
    """Return a package in which one stored byte was changed."""
    sound = package(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": "<o/>",
            "META-INF/manifest.xml": "<m/>",
            "Pictures/1.png": png_of(2, 2),
        },
        stored=("Pictures/1.png",),
    )
    at = sound.index(b"IDAT")
    return sound[:at] + b"XDAT" + sound[at + 4 :]
