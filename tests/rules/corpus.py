"""Files for the upload tests, made when they are asked for: sound ones, and hostile ones with the reason to refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from meldcode_plugin.rules.uploads import Kind
from meldcode_plugin.rules.uploads_faults import Fault
from tests.rules.file_makers import (
    EICAR,
    HTML,
    MACRO_TYPES,
    MP4,
    SVG,
    WORDS,
    annotated,
    docx,
    encrypted_zip,
    escaped,
    external_stream,
    heic,
    in_root,
    jpeg_of,
    odt,
    overlapping,
    package,
    pdf,
    picture,
    png_of,
    rels,
    webp_of,
    with_file,
    wrong_checksum,
)


@dataclass(frozen=True)
class Sound:
    """A file that is kept, with what is found in it."""

    name: str
    make: Callable[[], bytes]
    kind: Kind
    kept_as: str = ""
    located: bool = False


@dataclass(frozen=True)
class Hostile:
    """A file that is refused, and why."""

    name: str
    make: Callable[[], bytes]
    fault: Fault


SOUND = [
    Sound("foto.jpg", lambda: picture("JPEG"), Kind.JPEG),
    Sound("FOTO.JPEG", lambda: picture("JPEG"), Kind.JPEG),
    Sound("foto.jpg", lambda: picture("JPEG", gps=True), Kind.JPEG, located=True),
    Sound("samsung.jpg", lambda: picture("JPEG") + b"SEFH" + bytes(500) + b"SEFT", Kind.JPEG),
    Sound("motion.jpg", lambda: picture("JPEG") + MP4, Kind.JPEG),
    Sound("groot.jpg", lambda: jpeg_of(12000, 9000), Kind.JPEG),
    Sound("scherm.png", lambda: picture("PNG"), Kind.PNG),
    Sound("scherm.png", lambda: picture("PNG", gps=True), Kind.PNG, located=True),
    Sound("app.webp", lambda: picture("WEBP"), Kind.WEBP),
    Sound("app.webp", lambda: picture("WEBP", gps=True), Kind.WEBP, located=True),
    Sound("IMG_0001.HEIC", heic, Kind.HEIC),
    Sound("IMG_0001.heic", lambda: heic(gps=True), Kind.HEIC, located=True),
    Sound("brief.pdf", pdf, Kind.PDF),
    Sound("brief.pdf", lambda: pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate), Kind.PDF),
    Sound(
        "link.pdf",
        lambda: pdf(annotated(Subtype=Name.Link, A=Dictionary(S=Name.URI, URI="https://augeo.nl"))),
        Kind.PDF,
    ),
    Sound("eigenaar.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="")), Kind.PDF),
    Sound("verslag.docx", docx, Kind.DOCX),
    Sound("verslag.odt", odt, Kind.ODT),
    Sound("notitie.txt", "Één notitie, gezien om 10.15 uur.\r\n".encode, Kind.TEXT),
    Sound("notitie.txt", lambda: "Eén notitie\n".encode("cp1252"), Kind.TEXT),
    Sound("notitie.txt", lambda: "Eén notitie\n".encode("utf-16"), Kind.TEXT),
    Sound("3 < 4.txt", lambda: b"< 4 weken geleden, 3 > 2", Kind.TEXT, "3 _ 4.txt"),
    Sound("zonder ending", lambda: picture("PNG"), Kind.PNG, "zonder ending.png"),
    Sound("1000012345", lambda: picture("JPEG"), Kind.JPEG, "1000012345.jpg"),
    Sound("verslag 12.5.2025", pdf, Kind.PDF, "verslag 12.5.2025.pdf"),
    Sound("../../etc/foto.jpg", lambda: picture("JPEG"), Kind.JPEG, "foto.jpg"),
    Sound("C:\\Users\\juf\\foto.jpg", lambda: picture("JPEG"), Kind.JPEG, "foto.jpg"),
    Sound("fo\0to\r\n.jpg", lambda: picture("JPEG"), Kind.JPEG, "foto.jpg"),
    Sound("foto\u202egnp.jpg", lambda: picture("JPEG"), Kind.JPEG, "fotognp.jpg"),
    Sound("con.jpg", lambda: picture("JPEG"), Kind.JPEG, "_con.jpg"),
    Sound("a" * 300 + ".jpg", lambda: picture("JPEG"), Kind.JPEG, "a" * 116 + ".jpg"),
    Sound("", lambda: picture("JPEG"), Kind.JPEG, "bijlage.jpg"),
    Sound("...", lambda: picture("JPEG"), Kind.JPEG, "bijlage.jpg"),
    Sound('<"x|y">.png', lambda: picture("PNG"), Kind.PNG, "__x_y__.png"),
]

_JS = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))

HOSTILE = [
    Hostile("leeg.jpg", lambda: b"", Fault.EMPTY),
    Hostile("groot.txt", lambda: b"a" * (25 * 1024 * 1024 + 1), Fault.TOO_LARGE),
    Hostile("virus.txt", lambda: EICAR, Fault.TEST_VIRUS),
    Hostile("virus.com", lambda: EICAR, Fault.TEST_VIRUS),
    # pictures
    Hostile("half.jpg", lambda: picture("JPEG")[:-40], Fault.BROKEN),
    Hostile("kop.jpg", lambda: b"\xff\xd8\xff\xe0", Fault.BROKEN),
    Hostile("zonder-maat.jpg", lambda: b"\xff\xd8\xff\xda\0\x02\xff\xd9", Fault.BROKEN),
    Hostile("half.png", lambda: picture("PNG")[:-8], Fault.BROKEN),
    Hostile("gewijzigd.png", lambda: picture("PNG").replace(b"IDAT", b"IDAS"), Fault.BROKEN),
    Hostile("staart.png", lambda: picture("PNG") + b"<script>", Fault.BROKEN),
    Hostile("half.webp", lambda: picture("WEBP")[:-6], Fault.BROKEN),
    Hostile("half.heic", lambda: heic()[:-10], Fault.BROKEN),
    Hostile("staart.heic", lambda: heic() + b"\0\0\0\x04abcd", Fault.BROKEN),
    Hostile("bom.png", lambda: png_of(50_000, 50_000), Fault.TOO_MANY_PIXELS),
    Hostile("bom.jpg", lambda: jpeg_of(65_000, 65_000), Fault.TOO_MANY_PIXELS),
    Hostile("bom.webp", lambda: webp_of(16_000, 16_000), Fault.TOO_MANY_PIXELS),
    Hostile("bom.heic", lambda: heic(width=60_000, height=60_000), Fault.TOO_MANY_PIXELS),
    Hostile("archief.jpg", lambda: picture("JPEG") + package({"evil.exe": b"MZ"}), Fault.HIDDEN_ARCHIVE),
    Hostile("archief.webp", lambda: picture("WEBP") + package({"evil.exe": b"MZ"}), Fault.HIDDEN_ARCHIVE),
    # other kinds
    Hostile("beeld.gif", lambda: picture("GIF"), Fault.OTHER_KIND),
    Hostile("beeld.bmp", lambda: picture("BMP"), Fault.OTHER_KIND),
    Hostile("beeld.tif", lambda: picture("TIFF"), Fault.OTHER_KIND),
    Hostile("film.mp4", lambda: MP4, Fault.OTHER_KIND),
    Hostile("film.heic", lambda: MP4, Fault.OTHER_KIND),
    Hostile("beeld.avif", lambda: heic(brand=b"avif"), Fault.OTHER_KIND),
    Hostile("stem.mp3", lambda: b"ID3\x04" + bytes(40), Fault.OTHER_KIND),
    Hostile("stem.wav", lambda: b"RIFF" + bytes(4) + b"WAVE", Fault.OTHER_KIND),
    Hostile("oud.doc", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), Fault.OTHER_KIND),
    Hostile("brief.rtf", lambda: b"{\\rtf1 hallo}", Fault.OTHER_KIND),
    Hostile("x.exe", lambda: b"MZ" + bytes(100), Fault.OTHER_KIND),
    Hostile("foto.jpg", lambda: b"MZ" + bytes(100), Fault.OTHER_KIND),
    Hostile("x", lambda: b"\x7fELF" + bytes(100), Fault.OTHER_KIND),
    Hostile("x.zip", lambda: package({"a.txt": "a"}), Fault.OTHER_KIND),
    Hostile("x.docx", lambda: package({"a.txt": "a"}), Fault.OTHER_KIND),
    Hostile("x.7z", lambda: b"7z\xbc\xaf\x27\x1c" + bytes(40), Fault.OTHER_KIND),
    Hostile(
        "rooster.xlsx", lambda: package({"[Content_Types].xml": "<T/>", "xl/workbook.xml": "<w/>"}), Fault.OTHER_KIND
    ),
    Hostile(
        "tabel.ods", lambda: package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), Fault.OTHER_KIND
    ),
    Hostile("rommel.bin", lambda: bytes(range(256)) * 4, Fault.UNKNOWN),
    Hostile("nul.txt", lambda: b"tekst\0tekst", Fault.UNKNOWN),
    Hostile("utf16.txt", lambda: "zonder merk".encode("utf-16-le"), Fault.UNKNOWN),
    # markup and names
    Hostile("plaatje.svg", lambda: SVG, Fault.PROGRAM_TEXT),
    Hostile("plaatje.png", lambda: b"<?xml version='1.0'?>" + SVG, Fault.PROGRAM_TEXT),
    Hostile("pagina.html", lambda: HTML, Fault.PROGRAM_TEXT),
    Hostile("pagina.txt", lambda: b"\n\n  " + HTML, Fault.PROGRAM_TEXT),
    Hostile("pagina.txt", lambda: b"\xef\xbb\xbf" + HTML, Fault.PROGRAM_TEXT),
    Hostile("pagina.txt", lambda: HTML.decode().encode("utf-16"), Fault.PROGRAM_TEXT),
    Hostile("doe.txt", lambda: b"#!/bin/sh\nrm -rf /\n", Fault.PROGRAM_TEXT),
    Hostile("brief.pdf", lambda: HTML + pdf(), Fault.PROGRAM_TEXT),
    Hostile("foto.exe", lambda: picture("JPEG"), Fault.MISNAMED),
    Hostile("foto\u202egpj.exe", lambda: picture("JPEG"), Fault.MISNAMED),
    Hostile("foto.png", lambda: picture("JPEG"), Fault.MISNAMED),
    Hostile("brief.pdf", lambda: picture("JPEG"), Fault.MISNAMED),
    Hostile("lijst.csv", lambda: b"=cmd|'/c calc'!A1,2", Fault.MISNAMED),
    Hostile("doe.js", lambda: b"alert(1)", Fault.MISNAMED),
    Hostile("brief.docx", lambda: b"gewone tekst", Fault.MISNAMED),
    # PDF
    Hostile("half.pdf", lambda: pdf()[:-20], Fault.BROKEN),
    Hostile("rommel.pdf", lambda: b"%PDF-1.7\n%%EOF", Fault.BROKEN),
    Hostile("geen-tabel.pdf", lambda: pdf().replace(b"startxref", b"startxxxx"), Fault.BROKEN),
    Hostile("start.pdf", lambda: pdf(in_root(OpenAction=_JS)), Fault.PDF_PROGRAM),
    Hostile(
        "namen.pdf", lambda: pdf(in_root(Names=Dictionary(JavaScript=Dictionary(Names=Array([]))))), Fault.PDF_PROGRAM
    ),
    Hostile(
        "verpakt.pdf",
        lambda: pdf(annotated(Subtype=Name.Link, A=_JS), object_stream_mode=pikepdf.ObjectStreamMode.generate),
        Fault.PDF_PROGRAM,
    ),
    Hostile("verborgen.pdf", lambda: escaped(pdf(in_root(OpenAction=_JS))), Fault.PDF_PROGRAM),
    Hostile("diep.pdf", lambda: pdf(in_root(X=Array([Array([Dictionary(Y=_JS)])]))), Fault.PDF_PROGRAM),
    Hostile(
        "op-slot.pdf",
        lambda: pdf(in_root(OpenAction=_JS), encryption=pikepdf.Encryption(owner="o", user="")),
        Fault.PDF_PROGRAM,
    ),
    Hostile(
        "start.pdf", lambda: pdf(in_root(OpenAction=Dictionary(S=Name.Launch, F=String("calc.exe")))), Fault.PDF_LAUNCH
    ),
    Hostile("stuur.pdf", lambda: pdf(annotated(Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm))), Fault.PDF_SENDS),
    Hostile("bijlage.pdf", lambda: pdf(with_file), Fault.PDF_EMBEDDED),
    Hostile("paperclip.pdf", lambda: pdf(annotated(Subtype=Name.FileAttachment)), Fault.PDF_EMBEDDED),
    Hostile(
        "ander.pdf",
        lambda: pdf(annotated(Subtype=Name.Link, A=Dictionary(S=Name.GoToR, F=String("//x/y.pdf")))),
        Fault.PDF_OUTSIDE,
    ),
    Hostile("buiten.pdf", lambda: pdf(external_stream), Fault.PDF_OUTSIDE),
    Hostile("film.pdf", lambda: pdf(annotated(Subtype=Name.RichMedia)), Fault.PDF_MEDIA),
    Hostile("formulier.pdf", lambda: pdf(in_root(AcroForm=Dictionary(XFA=String("x")))), Fault.PDF_FORM),
    Hostile("dicht.pdf", lambda: pdf(encryption=pikepdf.Encryption(owner="o", user="geheim")), Fault.PASSWORD),
    Hostile("ook-zip.pdf", lambda: pdf() + package({"a": "b"}), Fault.HIDDEN_ARCHIVE),
    # Word and ODT
    Hostile("half.docx", lambda: docx()[:-30], Fault.BROKEN),
    Hostile("leeg.docx", lambda: b"PK\x03\x04", Fault.BROKEN),
    Hostile("bom.docx", lambda: docx({"word/bom.xml": bytes(200 << 20)}), Fault.BOMB),
    Hostile("strak.docx", lambda: docx({"word/bom.xml": bytes(20 << 20)}), Fault.BOMB),
    Hostile("veel.docx", lambda: docx({f"word/{n}.xml": "" for n in range(2_500)}), Fault.BOMB),
    Hostile("gedeeld.docx", overlapping, Fault.BOMB),
    Hostile("macro.docm", lambda: docx(types=MACRO_TYPES), Fault.MACROS),
    Hostile("macro.docx", lambda: docx({"word/vbaProject.bin": b"x"}), Fault.MACROS),
    Hostile("macro.docx", lambda: docx({"word/_rels/document.xml.rels": rels("vbaProject", "x.bin")}), Fault.MACROS),
    Hostile("knop.docx", lambda: docx({"word/activeX/activeX1.xml": "<x/>"}), Fault.MACROS),
    Hostile("nest.docx", lambda: docx({"word/media/a.png": package({"b": "c"})}), Fault.EMBEDDED),
    Hostile("nest.docx", lambda: docx({"word/embeddings/a.xlsx": package({"b": "c"})}), Fault.EMBEDDED),
    Hostile("ole.docx", lambda: docx({"word/ole.bin": b"\xd0\xcf\x11\xe0" + bytes(9)}), Fault.EMBEDDED),
    Hostile("exe.docx", lambda: docx({"word/media/x.png": b"MZ" + bytes(9)}), Fault.EMBEDDED),
    Hostile("html.docx", lambda: docx({"word/_rels/document.xml.rels": rels("aFChunk", "x.html")}), Fault.EMBEDDED),
    Hostile(
        "sjabloon.docx",
        lambda: docx(
            {"word/_rels/settings.xml.rels": rels("attachedTemplate", "https://x.test/a.dotm", external=True)}
        ),
        Fault.OUTSIDE,
    ),
    Hostile(
        "volgplaatje.docx",
        lambda: docx({"word/_rels/document.xml.rels": rels("image", "https://x.test/a.png", external=True)}),
        Fault.OUTSIDE,
    ),
    Hostile(
        "verstopt.docx",
        lambda: docx(
            {
                "word/_rels/document.xml.rels": rels("image", "https://x.test/a.png", external=True).replace(
                    "External", "Ext&#101;rnal"
                )
            }
        ),
        Fault.OUTSIDE,
    ),
    Hostile(
        "entiteit.docx",
        lambda: docx({"word/_rels/document.xml.rels": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
        Fault.BROKEN,
    ),
    Hostile("ouder.docx", lambda: docx({"../../evil.txt": "x"}), Fault.BROKEN),
    Hostile("dubbel.docx", lambda: docx({"WORD/document.xml": WORDS}), Fault.BROKEN),
    Hostile("slot.docx", encrypted_zip, Fault.PASSWORD),
    Hostile("noot.docx", lambda: docx(comment=b"verstopt"), Fault.HIDDEN_ARCHIVE),
    Hostile("macro.odt", lambda: odt({"Basic/Standard/Module1.xml": "<x/>"}), Fault.MACROS),
    Hostile("script.odt", lambda: odt({"Scripts/python/x.py": "print()"}), Fault.MACROS),
    Hostile("knop.odt", lambda: odt(content="<s:event-listener xmlns:s='s'/>"), Fault.MACROS),
    Hostile("ole.odt", lambda: odt(content="<d:object-ole xmlns:d='d'/>"), Fault.EMBEDDED),
    Hostile(
        "volg.odt",
        lambda: odt(content="<d:image xmlns:d='d' xmlns:x='x' x:href='https://x.test/a.png'/>"),
        Fault.OUTSIDE,
    ),
    Hostile("slot.odt", lambda: odt({"META-INF/manifest.xml": "<m:encryption-data xmlns:m='m'/>"}), Fault.PASSWORD),
    Hostile("byte.odt", wrong_checksum, Fault.BROKEN),
]
