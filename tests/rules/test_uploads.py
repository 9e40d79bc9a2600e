"""Uploads: what is sound is kept under a clean name, what is hostile is refused by name with the reason."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import subprocess
import sys
import tracemalloc

import pytest

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules import uploads, uploads_pdf
from meldcode_plugin.rules.uploads_faults import SENTENCES, Fault
from tests.rules.corpus import HOSTILE, SOUND, Hostile, Sound
from tests.rules.file_makers import docx, pdf, picture, stream_pdf

PATTERNS = {
    fault: re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(sentence)), re.DOTALL)
    for fault, sentence in SENTENCES.items()
}


@pytest.mark.parametrize("sound", SOUND, ids=lambda sound: f"{sound.kind.name}-{ascii(sound.name)[:30]}")
def test_sound_files_are_kept(sound: Sound):
    """A file of an accepted kind is recognised by its content and gets a name that is safe everywhere."""
    data = sound.make()
    judged = judge(sound.name, data)
    assert (judged.kind, judged.size) == (sound.kind, len(data))
    assert judged.name == (sound.kept_as or sound.name)
    assert judged.hints == ((uploads.LOCATED,) if sound.located else ())


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: f"{hostile.fault.name}-{ascii(hostile.name)[:30]}")
def test_hostile_files_are_refused_by_name(hostile: Hostile):
    """Each hostile file is refused for its own reason, in a sentence with its name and what to do."""
    with pytest.raises(InputRefused) as refused:
        judge(hostile.name, hostile.make())
    sentence = refused.value.fields[uploads.FIELD]
    match = PATTERNS[hostile.fault].fullmatch(sentence)
    assert match, sentence
    assert match["name"] == uploads.clean_name(hostile.name)


def test_the_corpus_is_large_enough():
    """At least sixty hostile files, and every reason is met by one."""
    assert len(HOSTILE) >= 60
    assert {hostile.fault for hostile in HOSTILE} | {Fault.NOT_CHECKED} == set(Fault)


@pytest.mark.parametrize("sound", SOUND[:1] + SOUND[6:7] + SOUND[8:9] + SOUND[10:11] + SOUND[12:13] + SOUND[16:18])
def test_every_truncation_is_refused(sound: Sound):
    """However far a file is cut off, it is refused as incomplete or as something else; it never crashes."""
    data = sound.make()
    for length in range(1, len(data) - 1, max(1, len(data) // 60)):
        with pytest.raises(InputRefused):
            judge(sound.name, data[:length])


@pytest.mark.parametrize("sound", SOUND, ids=lambda sound: f"{sound.kind.name}-{ascii(sound.name)[:30]}")
def test_changed_bytes_never_crash(sound: Sound):
    """Whatever byte is changed, the answer is a judgement or a refusal, nothing else."""
    data = sound.make()
    for at in range(0, len(data), max(1, len(data) // 40)):
        changed = data[:at] + bytes((data[at] ^ 0xA5,)) + data[at + 1 :]
        with contextlib.suppress(InputRefused):
            judge(sound.name, changed)


def test_a_pdf_that_was_not_checked_is_refused():
    """No answer about a PDF, or one that nobody knows, means that it is not kept."""
    with pytest.raises(InputRefused, match="gemarkeerde") as refused:
        uploads.judge("x.pdf", io.BytesIO(pdf()), len(pdf()), lambda _: ["something new"])
    assert PATTERNS[Fault.NOT_CHECKED].fullmatch(refused.value.fields[uploads.FIELD])


def test_a_long_name_is_shortened_in_the_sentence():
    """The sentence stays readable when the name is endless."""
    with pytest.raises(InputRefused) as refused:
        judge("b" * 400 + ".jpg", b"")
    assert refused.value.fields[uploads.FIELD].startswith(f"“{'b' * 45}…{'b' * 10}.jpg” is leeg.")


@pytest.mark.parametrize("fault", list(Fault))
def test_every_sentence_names_the_file_and_shouts_at_nobody(fault: Fault):
    """Each sentence has the name of the file in it and no exclamation mark."""
    assert "{name}" in SENTENCES[fault]
    assert "!" not in SENTENCES[fault]


@pytest.mark.parametrize(
    "name", ["x" * 70_000, "\ud800.jpg", "\u202e\u200b\ufeff", "a" * 118 + ".abcdefghijk", "/", "\\", "."]
)
def test_every_name_can_be_cleaned(name: str):
    """Names with broken characters, only hidden characters, or without end come out short and plain."""
    clean = uploads.clean_name(name)
    assert 1 <= len(clean) <= uploads.MAX_NAME
    assert clean.isprintable()
    assert not set(clean) & set('/\\<>:"|?*')


def test_looking_into_a_large_file_takes_little_memory():
    """A photo and a document of 20 MB are judged with less than 4 MB of memory."""
    photo = picture("JPEG")
    files = [
        ("x.jpg", photo[:-2] + bytes(20 << 20) + photo[-2:]),
        ("x.docx", docx({"word/media/1.jpg": photo + noise(20 << 20)})),
        ("x.txt", b"regel\n" * (4 << 20)),
    ]
    for name, data in files:
        stream = io.BytesIO(data)
        tracemalloc.start()
        uploads.judge(name, stream, len(data), uploads_pdf.reasons)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 4 << 20, name


@pytest.mark.parametrize(
    "padding", [b" " * (300 << 20), b"[" * (30 << 20), b"0 " * (15 << 20)], ids=["spaces", "brackets", "numbers"]
)
def test_a_pdf_bomb_stops_at_the_wall(padding: bytes):
    """A PDF that unpacks to hundreds of megabytes gets a reason to refuse, within the walls of the program."""
    assert behind_the_wall(stream_pdf(b"0")) == []
    assert behind_the_wall(stream_pdf(padding)) in (["broken"], ["bomb"])


def test_the_package_loads_without_the_pdf_library():
    """Judging loads no PDF library into the web process: it lives in a program of its own."""
    code = "import sys, meldcode_plugin.rules.uploads; sys.exit('pikepdf' in sys.modules or 'PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def judge(name: str, data: bytes) -> uploads.Judged:
    """Judge bytes as a file that was chosen under this name."""
    return uploads.judge(name, io.BytesIO(data), len(data), uploads_pdf.reasons)


def behind_the_wall(data: bytes) -> list[str]:
    """Return the answer of the program that looks into a PDF."""
    program = [sys.executable, "-I", uploads_pdf.__file__]
    done = subprocess.run(program, input=data, capture_output=True, check=True, timeout=60)
    answer: list[str] = json.loads(done.stdout)
    return answer


def noise(count: int) -> bytes:
    """Return bytes that do not pack."""
    return random.Random(7).randbytes(count)
