"""Puts one file into one encrypted PDF: a PDF as it is, a photo as a page, anything else as a file inside.

No picture is decoded: a JPEG or PNG stream is what a PDF holds by itself. What a photo says of where and with what it
was made stays behind.
"""

from __future__ import annotations

import io
import secrets
import struct
from datetime import UTC, datetime
from typing import BinaryIO

import pikepdf
from pikepdf import Array, AttachedFileSpec, Dictionary, Encryption, Name, ObjectStreamMode, Pdf

from meldcode_plugin.documents.pictures import Image, jpeg, png
from meldcode_plugin.documents.report import Look, render
from meldcode_plugin.errors import PaperFailed
from meldcode_plugin.rules.dossier import Block, Document
from meldcode_plugin.rules.dossier.given import SET_BYTES

PDF, JPEG, PNG, TEXT = "application/pdf", "image/jpeg", "image/png", "text/plain"
PAGES = (PDF, JPEG, PNG)
"""What becomes pages at any length."""
CLOSED = "Vertrouwelijk"
NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""When a copy was printed says nothing."""
ENDINGS = {
    "image/webp": "webp",
    "image/heic": "heic",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.oasis.opendocument.text": "odt",
    "text/plain": "txt",
}
OWNER_BYTES = 16
"""Random bytes of the password that would lift the limits on a copy; nobody knows it. A longer one costs time."""
A4 = (595.28, 841.89)
MARGIN = 42.5
CLAIMS = ("pdfaid:part", "pdfaid:conformance", "pdfaid:amd", "pdfaid:rev")
"""What says that a file is PDF/A; an encrypted one never is."""
INSIDE = (
    "Dit bestand zit in deze PDF.",
    "Open het via de paperclip of de lijst met bijlagen van je PDF-programma.",
)


def wrapped(data: bytes, media_type: str, title: str, phrase: str, out: BinaryIO) -> None:
    """Write the file as an encrypted PDF; what can not be read raises `PaperFailed`."""
    try:
        with _made(data, media_type, title) as pdf:
            pdf.save(
                out,
                encryption=Encryption(owner=secrets.token_urlsafe(OWNER_BYTES), user=phrase, R=6),
                object_stream_mode=ObjectStreamMode.disable,
                compress_streams=False,
            )
    except (pikepdf.PdfError, ValueError, IndexError, struct.error):
        raise PaperFailed("file") from None


def _made(data: bytes, media_type: str, title: str) -> Pdf:
    if media_type == PDF:
        return _whole(data)
    if media_type == TEXT and len(data) <= SET_BYTES:
        return _whole(_set(data, title))
    readers = {JPEG: jpeg, PNG: png}
    image = readers[media_type](data) if media_type in readers else None
    pdf = Pdf.new()
    if image:
        _picture(pdf, image)
    else:
        _inside(pdf, data, media_type)
    pdf.docinfo[Name.Title] = pikepdf.String(title)
    return pdf


def _set(data: bytes, title: str) -> bytes:
    """Print a text as a page, so that it is read without anything else."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    paragraphs = tuple(one for one in text.replace("\r\n", "\n").split("\n\n") if one.strip())
    paper = Document(title, "", CLOSED, (), (Block("", "Tekst", paragraphs),), title)
    return render(paper, Look(title), NO_DAY)


def _whole(data: bytes) -> Pdf:
    pdf = Pdf.open(io.BytesIO(data))
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as said:
        for claim in CLAIMS:
            if claim in said:
                del said[claim]
    return pdf


def _picture(pdf: Pdf, image: Image) -> None:
    """One page with the picture as large as it fits, turned as the camera was held."""
    found = pdf.make_stream(image.data)
    found[Name.Type], found[Name.Subtype] = Name.XObject, Name.Image
    found[Name.Width], found[Name.Height] = image.width, image.height
    found[Name.BitsPerComponent], found[Name.Filter] = image.bits, Name(image.filter)
    found[Name.ColorSpace] = _colours(pdf, image)
    if image.predictor:
        found[Name.DecodeParms] = Dictionary(
            Predictor=15, Colors=image.channels, BitsPerComponent=image.bits, Columns=image.width
        )
    if image.inverted:
        found[Name.Decode] = Array([1, 0] * image.channels)
    scale = min((side - 2 * MARGIN) / pixels for side, pixels in zip(A4, image.upright, strict=True))
    width, height = image.width * scale, image.height * scale
    box = (A4[0], A4[1]) if image.upright == (image.width, image.height) else (A4[1], A4[0])
    left, low = (box[0] - width) / 2, (box[1] - height) / 2
    drawn = f"q {width:.2f} 0 0 {height:.2f} {left:.2f} {low:.2f} cm /Im Do Q".encode()
    page = _page(pdf, drawn, Dictionary(XObject=Dictionary(Im=found)), box)
    page[Name.Rotate] = image.turn


def _colours(pdf: Pdf, image: Image) -> pikepdf.Object:
    """The colours of the samples; an alpha channel is a fourth colour that is thrown away."""
    plain = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
    if image.palette:
        return Array([Name.Indexed, Name.DeviceRGB, len(image.palette) // 3 - 1, pikepdf.String(image.palette)])
    if not image.alpha:
        return plain[image.channels]
    colours = image.channels - 1
    drop = pdf.make_stream(b"{pop}")
    drop[Name.FunctionType] = 4
    drop[Name.Domain], drop[Name.Range] = Array([0, 1] * image.channels), Array([0, 1] * colours)
    names = Array([Name(f"/C{number}") for number in range(image.channels)])
    return Array([Name.DeviceN, names, plain[colours], drop])


def _inside(pdf: Pdf, data: bytes, media_type: str) -> None:
    """A page that says what to do, and the file itself as it is."""
    ending = ENDINGS.get(media_type, "bin")
    lines = "".join(f"({line}) Tj 0 -20 Td " for line in INSIDE)
    drawn = f"BT /F 12 Tf {MARGIN} {A4[1] - 90:.2f} Td {lines}ET".encode()
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    _page(pdf, drawn, Dictionary(Font=Dictionary(F=font)), A4)
    name = f"bijlage.{ending}"
    pdf.attachments[name] = AttachedFileSpec(pdf, data, filename=name, mime_type=media_type)
    pdf.Root[Name.PageMode] = Name.UseAttachments


def _page(pdf: Pdf, drawn: bytes, resources: Dictionary, box: tuple[float, float]) -> pikepdf.Object:
    page = Dictionary(
        Type=Name.Page, MediaBox=Array([0, 0, *box]), Resources=resources, Contents=pdf.make_stream(drawn)
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    return pdf.pages[-1].obj
