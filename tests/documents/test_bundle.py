"""What leaves the school: opened with the words alone, in an ordinary browser, and worth nothing without them."""

from __future__ import annotations

import hashlib
import io
import json
import math
import subprocess
import sys
import zipfile
from pathlib import Path

import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from meldcode_plugin.documents import bundle
from meldcode_plugin.documents.bundle import Part, manifest, pack, passphrase, protect, words
from meldcode_plugin.documents.report import Look, render
from meldcode_plugin.errors import PaperFailed
from meldcode_plugin.rules.dossier import Variant, compose
from tests.documents.cases import short
from tests.machine.browser import QUIET

PHRASE = "wiek-sleutelbos-been-luik-lamp-jaar"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PEAK = """
import hashlib, os, re, sys, tempfile
from meldcode_plugin.documents.bundle import Part, pack
from meldcode_plugin.documents import wrapping
size, count = int(sys.argv[1]) << 20, int(sys.argv[2])
piece = os.urandom(1 << 20)
total = hashlib.sha256()
for _ in range(size >> 20): total.update(piece)
sum_ = total.hexdigest()
parts = (Part(f"B{n}", "image/heic", size, sum_, lambda: (piece for _ in range(size >> 20))) for n in range(count))
with tempfile.TemporaryFile() as out:
    made = pack(parts, "een-twee-drie", out)
    peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]
    print(len(made), out.seek(0, 2), int(peak) // 1024)
"""


def picture(kind: str, mode: str, **more: object) -> bytes:
    """A picture with a red corner."""
    drawn = Image.new("RGB", (60, 40), (240, 240, 240))
    drawn.paste((200, 30, 30), (0, 0, 20, 20))
    out = io.BytesIO()
    drawn.convert(mode).save(out, kind, **more)
    return out.getvalue()


@pytest.fixture(scope="module")
def paper() -> bytes:
    """A report as it is kept."""
    case = short()
    found = compose(case.story, case.context, case.selection, Variant.REPORT)
    return render(found.main, Look(case.context.school.name), case.context.made_at)


def opened(part: Part) -> pikepdf.Pdf:
    """Protect a part and open it with its words."""
    out = io.BytesIO()
    protect(part, PHRASE, out)
    return pikepdf.open(out, password=PHRASE)


def test_manifest_is_sorted_and_the_same_each_time(paper: bytes):
    """In whichever order the parts come, the list is the same; another byte in a part is another list."""
    one, two = Part.of("Meldpakket", paper), Part.of("B1", b"x", "text/plain")
    assert manifest([one, two]) == manifest([two, one])
    assert manifest([one]) != manifest([Part.of("Meldpakket", paper + b" ")])
    listed = json.loads(manifest([one, two]))["parts"]
    assert hashlib.sha256(paper).hexdigest() in [row["sha256"] for row in listed]


def test_words_are_worth_sixty_bits():
    """The list has no word twice, and six of them are more than sixty bits."""
    assert bundle.WORDS * math.log2(len(words())) >= 60
    assert len(set(words())) == len(words())
    assert [word for word in words() if not word.isascii() or not word.isalpha() or not 3 <= len(word) <= 11] == []
    made = {passphrase() for _ in range(200)}
    assert len(made) == 200
    assert {len(one.split("-")) for one in made} == {6}


def test_copy_opens_with_its_words_alone(paper: bytes):
    """AES-256 of revision 6; no word, a wrong word and the empty word open nothing; the claim of PDF/A is gone."""
    out = io.BytesIO()
    protect(Part.of("Meldpakket", paper), PHRASE, out)
    for wrong in ("", PHRASE[:-1], PHRASE.upper()):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(out, password=wrong)
    with pikepdf.open(out, password=PHRASE) as pdf:
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert str(pdf.encryption.stream_method) == "EncryptionMethod.aesv3"
        assert b"pdfaid:part" not in pdf.Root.Metadata.read_bytes()
    assert b"Wilgenhof" not in out.getvalue()
    assert b"Veilig" not in out.getvalue()


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/jpeg", picture("JPEG", "RGB")),
        ("image/jpeg", picture("JPEG", "CMYK")),
        ("image/jpeg", picture("JPEG", "L", progressive=True)),
        *(("image/png", picture("PNG", mode)) for mode in ("RGB", "RGBA", "L", "LA", "P", "1")),
    ],
)
def test_photo_is_a_page(media_type: str, data: bytes):
    """A photo is seen at once, in its own colours, on one page."""
    with opened(Part.of("foto", data, media_type)) as pdf:
        assert len(pdf.pages) == 1
        image = pikepdf.PdfImage(pdf.pages[0].resources.XObject.Im)
        assert (image.width, image.height) == (60, 40)


def test_photo_stands_upright_and_says_nothing_of_its_camera():
    """The way it was held is kept; where and with what it was made is not."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Kanarie-camera"
    data = picture("JPEG", "RGB", exif=exif)
    assert b"Kanarie-camera" in data
    with opened(Part.of("foto", data, "image/jpeg")) as pdf:
        assert pdf.pages[0].obj.Rotate == 90
        kept = pdf.pages[0].resources.XObject.Im.read_raw_bytes()
    assert b"Kanarie-camera" not in kept
    assert Image.open(io.BytesIO(kept)).getpixel((5, 5))[0] > 150


def test_other_file_goes_inside_as_it_is():
    """A Word file, and a picture that a page can not hold, come out byte for byte."""
    for media_type, data in ((DOCX, b"PK\x03\x04 words"), ("image/png", _interlaced())):
        with opened(Part.of("bestand", data, media_type)) as pdf:
            (name,) = pdf.attachments
            assert pdf.attachments[name].get_file().read_bytes() == data
            assert name.startswith("bijlage.")


def _interlaced() -> bytes:
    data = bytearray(picture("PNG", "RGB"))
    data[28] = 1  # the interlace byte of IHDR
    return bytes(data)


def test_text_is_a_page():
    """A note is read at once; its words are on the page and not inside a file."""
    with opened(Part.of("B2", "Zij zei: “nee”.\nEn ging weg.".encode(), "text/plain")) as pdf:
        assert len(pdf.attachments) == 0
        assert len(pdf.pages) >= 1


def test_names_say_nothing(paper: bytes):
    """In the zip stand numbers, one day for all, and nothing that is not encrypted."""
    out = io.BytesIO()
    copies = pack(
        [Part.of("Meldpakket Noor", paper), Part.of("Blauwe plek.jpg", picture("JPEG", "RGB"), "image/jpeg")],
        PHRASE,
        out,
    )
    with zipfile.ZipFile(out) as packed:
        assert packed.namelist() == ["document-01.pdf", "document-02.pdf"]
        assert {one.date_time for one in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for copy in copies:
            data = packed.read(copy.name)
            assert (copy.size, copy.sha256) == (len(data), hashlib.sha256(data).hexdigest())
            with pytest.raises(pikepdf.PasswordError):
                pikepdf.open(io.BytesIO(data))
    assert b"Noor" not in out.getvalue()
    assert b"Blauwe" not in out.getvalue()


@pytest.mark.parametrize(
    ("media_type", "data"),
    [("application/pdf", b"%PDF-1.7 cut"), ("image/jpeg", b"\xff\xd8\xff"), ("image/png", b"\x89PNG")],
)
def test_broken_attachment_is_told(media_type: str, data: bytes):
    """There is no half a package: an attachment that can not be read says so."""
    with pytest.raises(PaperFailed) as failed:
        pack([Part.of("stuk", data, media_type)], PHRASE, io.BytesIO())
    assert failed.value.code == "file"


def test_changed_attachment_is_told():
    """Bytes that are not those of the hash never leave."""
    right = Part.of("B1", b"x", DOCX)
    with pytest.raises(PaperFailed) as failed:
        protect(Part("B1", DOCX, right.size, right.sha256, lambda: (b"y",)), PHRASE, io.BytesIO())
    assert failed.value.code == "file"


def test_memory_does_not_grow_with_the_package():
    """Five or thirty attachments of 5 MB take the same memory, under 200 MiB; the largest file that is accepted too."""
    peaks = [_peak(5, 5), _peak(5, 30), _peak(25, 3)]
    assert max(peaks) < 200
    assert abs(peaks[1] - peaks[0]) < 30


def _peak(mib: int, count: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(mib), str(count)], capture_output=True, text=True, check=True
    )
    made, size, peak = map(int, done.stdout.split())
    assert (made, size > (mib * count) << 20) == (count, True)
    return peak


def test_chromium_asks_for_the_words_and_shows_the_report(paper: bytes, tmp_path: Path, chromium_path: str):
    """The viewer of Edge and Chrome asks for a password, and with it shows the pages; nothing else is installed."""
    path = tmp_path / "document-01.pdf"
    with path.open("wb+") as out:
        protect(Part.of("Meldpakket", paper), PHRASE, out)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=chromium_path, args=[*QUIET, "--headless=new"])
        page = chromium.new_page()
        page.goto(path.as_uri(), wait_until="commit")
        viewer = _viewer(page)
        viewer.locator("#password").wait_for()
        viewer.locator("#password #input, #password input").first.fill(PHRASE)
        page.keyboard.press("Enter")
        shown = viewer.locator("viewer-toolbar #pagelength, #pagelength").first
        shown.wait_for()
        assert int(shown.inner_text()) > 3
        chromium.close()


def _viewer(page):  # the type is Playwright's own
    """Return the frame of the viewer; a busy machine takes its time to open it."""
    for _ in range(300):
        for frame in page.frames:
            if frame.url.startswith("chrome-extension:"):
                return frame
        page.wait_for_timeout(100)
    return pytest.fail("The viewer did not open.")
