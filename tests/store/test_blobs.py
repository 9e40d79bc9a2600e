"""Blobs: sealed piece by piece, never whole in memory, and any change to a file on disk is refused."""

from __future__ import annotations

import hashlib
import io
import os
import random
import tracemalloc
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from werkzeug.formparser import FormDataParser

from meldcode_plugin.errors import TamperedData
from meldcode_plugin.store import blobs
from meldcode_plugin.store.blobs import HEADER_BYTES, SEGMENT, TAG_BYTES, Fresh, Sealer, Spool, Unsealer
from meldcode_plugin.store.crypto import KEY_BYTES

SCHOOL = UUID(int=1)
LIMIT = 25 << 20
FIRST = SEGMENT - HEADER_BYTES - TAG_BYTES
OTHER = SEGMENT - TAG_BYTES
SIZES = [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + OTHER - 1, FIRST + OTHER, FIRST + OTHER + 1, 300_000]

BY_TINK = bytes.fromhex(
    "28c753143750a9cd1557d9d729ef0daf55e5fad56b085897296424f7f6159200193bcacc04f91068f7a267c3e0dd280f"
    "544028f8ebc3a839ae5286e8d1d3186ccb116350bb9d109c8c13fb091828a03fb5c11d"
)
"""Written by Tink 1.16.1 (AES-GCM-HKDF streaming, SHA-256, segments of 64 KiB) with the key 00 01 .. 1f."""


def test_a_file_that_tink_wrote_opens():
    """The layout is Tink's, so that a school can open its files without this package."""
    reader = Unsealer(io.BytesIO(BY_TINK), bytes(range(32)), b"meldcode-blob")
    assert b"".join(reader.pieces()) == b"Geschreven door Tink 1.16.1"


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(home: Path, size: int):
    """Every length around the borders of a segment comes back bit for bit, with its SHA-256."""
    plain = noise(size)
    fresh = keep(home, plain)
    assert (fresh.size, fresh.sha256) == (size, hashlib.sha256(plain).digest())
    assert read(home, fresh) == plain


@pytest.mark.parametrize("size", SIZES)
def test_length_on_disk_tells_no_more_than_the_length(home: Path, size: int):
    """A file is as long as its bytes, a header of 40 and 16 per segment; an empty last segment is never written."""
    fresh = keep(home, noise(size))
    segments = 1 if size <= FIRST else 1 + -(-(size - FIRST) // OTHER)
    assert path_of(home, fresh).stat().st_size == size + HEADER_BYTES + TAG_BYTES * segments


def test_no_plain_byte_stands_on_disk(home: Path):
    """A word that is in the file is not in what is on disk, nor is the name of a child in the file's name."""
    word = b"KANARIE-7f3a"
    fresh = keep(home, word * 20_000)
    assert word not in path_of(home, fresh).read_bytes()
    assert [path_of(home, fresh)] == list(home.iterdir())
    assert path_of(home, fresh).stat().st_mode & 0o777 == 0o600


def test_every_flipped_bit_is_refused(home: Path):
    """One bit changed anywhere, in the header, the salt, the prefix, any segment or any tag, and nothing comes out."""
    fresh = keep(home, noise(FIRST + OTHER + 500))
    path = path_of(home, fresh)
    whole = path.read_bytes()
    borders = [
        0,
        1,
        33,
        HEADER_BYTES,
        SEGMENT - TAG_BYTES,
        SEGMENT,
        2 * SEGMENT - TAG_BYTES,
        2 * SEGMENT,
        len(whole) - TAG_BYTES,
    ]
    places = {place for border in borders for place in range(border - 1, border + 2) if 0 <= place < len(whole)}
    for place in sorted(places | set(range(0, len(whole), 4_093)) | {len(whole) - 1} | set(range(HEADER_BYTES))):
        for bit in range(8):
            path.write_bytes(whole[:place] + bytes((whole[place] ^ 1 << bit,)) + whole[place + 1 :])
            with pytest.raises(TamperedData):
                read(home, fresh)
    path.write_bytes(whole)
    assert len(read(home, fresh)) == fresh.size


def test_every_truncation_is_refused(home: Path):
    """Cut off at each border of a segment, just before, just after, or nearly whole: refused."""
    fresh = keep(home, noise(FIRST + 2 * OTHER + 777))
    path = path_of(home, fresh)
    whole = path.read_bytes()
    borders = [0, HEADER_BYTES, HEADER_BYTES + TAG_BYTES, SEGMENT, 2 * SEGMENT, 3 * SEGMENT, len(whole)]
    for length in sorted({max(0, border + step) for border in borders for step in (-17, -16, -1, 0, 1, 16, 17)}):
        if length >= len(whole):
            continue
        path.write_bytes(whole[:length])
        with pytest.raises(TamperedData):
            read(home, fresh)


def test_added_bytes_are_refused(home: Path):
    """Bytes behind the end, or one more copy of a segment, are refused."""
    fresh = keep(home, noise(FIRST + OTHER))
    path = path_of(home, fresh)
    whole = path.read_bytes()
    for more in (b"\0", bytes(TAG_BYTES), whole[SEGMENT:], bytes(SEGMENT)):
        path.write_bytes(whole + more)
        with pytest.raises(TamperedData):
            read(home, fresh)


def test_moved_segments_are_refused(home: Path):
    """Segments in another order, one twice, or one left out: refused."""
    fresh = keep(home, noise(FIRST + 3 * OTHER))
    path = path_of(home, fresh)
    whole = path.read_bytes()
    first, second, third, last = (whole[at : at + SEGMENT] for at in range(0, len(whole), SEGMENT))
    for bent in (first + third + second + last, first + second + second + last, first + second + last, first + last):
        path.write_bytes(bent)
        with pytest.raises(TamperedData):
            read(home, fresh)


def test_files_can_not_take_each_others_place(home: Path):
    """A file under another id, another school, another key or another file's segments is refused."""
    one, two = keep(home, noise(FIRST + OTHER, 1)), keep(home, noise(FIRST + OTHER, 2))
    sealed_one, sealed_two = path_of(home, one).read_bytes(), path_of(home, two).read_bytes()
    path_of(home, two).write_bytes(sealed_one)
    with pytest.raises(TamperedData):
        read(home, two)
    with pytest.raises(TamperedData):
        list(blobs.opened(home, SCHOOL, two.blob, one.key).pieces())
    with pytest.raises(TamperedData):
        list(blobs.opened(home, uuid4(), one.blob, one.key).pieces())
    with pytest.raises(TamperedData):
        list(blobs.opened(home, SCHOOL, one.blob, two.key).pieces())
    path_of(home, one).write_bytes(sealed_one[:SEGMENT] + sealed_two[SEGMENT:])
    with pytest.raises(TamperedData):
        read(home, one)


def test_an_older_file_in_its_own_place_is_refused(home: Path):
    """Another content, well sealed with the right key and id, does not match the SHA-256 that is kept apart."""
    fresh = keep(home, noise(500, 1))
    out = io.BytesIO()
    sealer = Sealer(out, fresh.key, fresh.bound)
    sealer.write(noise(500, 2))
    sealer.finish()
    path_of(home, fresh).write_bytes(out.getvalue())
    with pytest.raises(TamperedData):
        read(home, fresh)


def test_a_file_that_is_gone_is_refused(home: Path):
    """A file that somebody took away counts as damaged, and its name is random."""
    fresh = keep(home, b"x")
    assert path_of(home, fresh).name == fresh.blob.hex
    blobs.delete(home, fresh.blob)
    blobs.delete(home, fresh.blob)
    with pytest.raises(TamperedData):
        blobs.opened(home, SCHOOL, fresh.blob, fresh.key)


def test_memory_does_not_grow_with_the_file(home: Path):
    """A file of 25 MB is sealed, checked and handed out in less than 1 MB of memory."""
    tracemalloc.start()
    fresh = blobs.write(home, SCHOOL, Endless(LIMIT), LIMIT)
    fresh.keep()
    reader = blobs.opened(home, SCHOOL, fresh.blob, fresh.key)
    reader.verify(fresh.sha256)
    length = sum(len(piece) for piece in reader.pieces())
    reader.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert length == LIMIT
    assert peak < 1 << 20


def test_an_endless_stream_stops_at_the_limit(home: Path):
    """No more than the limit and one piece is ever written; the caller sees that it was too long."""
    fresh = blobs.write(home, SCHOOL, Endless(1 << 40), 1_000_000)
    assert 1_000_000 < fresh.size <= 1_000_000 + SEGMENT
    fresh.drop()
    assert list(home.iterdir()) == []


def test_a_stream_that_breaks_leaves_nothing(home: Path):
    """When the sender goes away in the middle, no file stays behind."""
    with pytest.raises(ConnectionResetError):
        blobs.write(home, SCHOOL, Broken(200_000), LIMIT)
    assert list(home.iterdir()) == []


def test_dropped_after_keep_stays(home: Path):
    """`drop` takes away only what was not kept."""
    fresh = keep(home, b"abc")
    fresh.drop()
    assert read(home, fresh) == b"abc"


def test_reading_anywhere(home: Path):
    """A sealed file can be read from any place, as the judges of files do."""
    plain = noise(FIRST + OTHER + 1_000)
    fresh = keep(home, plain)
    reader = io.BufferedReader(blobs.opened(home, SCHOOL, fresh.blob, fresh.key))
    dice = random.Random(3)
    for _ in range(200):
        at, count = dice.randrange(len(plain) + 10), dice.randrange(70_000)
        reader.seek(at)
        assert reader.read(count) == plain[at : at + count]
    assert reader.seek(-5, os.SEEK_END) == len(plain) - 5
    assert reader.read() == plain[-5:]
    reader.close()


def test_two_files_with_the_same_content_differ(home: Path):
    """Key, salt and nonces are new for every file."""
    one, two = keep(home, bytes(5_000)), keep(home, bytes(5_000))
    assert one.key != two.key
    assert len(one.key) == KEY_BYTES
    assert not set(pairs(path_of(home, one))) & set(pairs(path_of(home, two)))


def test_older_than_sees_the_age(home: Path):
    """Only files last written before the moment are named."""
    old, new = keep(home, b"old"), keep(home, b"new")
    os.utime(path_of(home, old), (1_000, 1_000))
    assert blobs.older_than(home, 2_000) == [path_of(home, old)]
    assert path_of(home, new).exists()


def test_a_form_that_comes_in_is_never_in_clear(home: Path):
    """The spool writes sealed bytes to a file without a name and gives back what was written."""
    plain = b"KANARIE" + noise(700_000)
    spool = Spool(home)
    for at in range(0, len(plain), 50_000):
        spool.write(plain[at : at + 50_000])
    assert list(home.iterdir()) == []
    assert spool.tell() == len(plain)
    spool._file.flush()
    spool._file.seek(0)
    assert b"KANARIE" not in spool._file.read()
    spool._file.seek(0, os.SEEK_END)
    spool.seek(0)
    assert spool.readall() == plain
    assert (spool.seek(0, os.SEEK_END), spool.readline()) == (len(plain), b"")
    with pytest.raises(io.UnsupportedOperation):
        spool.write(b"more")
    spool.close()


def test_the_files_of_a_form_go_through_the_spool(home: Path):
    """Werkzeug's parser, told to use the spool, hands back the file of a form bit for bit; no file has a name."""
    plain = noise(900_000)
    head = b'--x\r\nContent-Disposition: form-data; name="attachment"; filename="arm.jpg"\r\n\r\n'
    body = head + plain + b"\r\n--x--\r\n"
    parser = FormDataParser(stream_factory=lambda *_, **__: Spool(home))
    _, _, files = parser.parse(io.BytesIO(body), "multipart/form-data", len(body), {"boundary": "x"})
    assert list(home.iterdir()) == []
    fresh = blobs.write(home, SCHOOL, files["attachment"].stream, LIMIT)
    assert (fresh.size, fresh.sha256) == (len(plain), hashlib.sha256(plain).digest())
    files["attachment"].close()


class Endless(io.RawIOBase):
    """A stream of so many equal bytes."""

    def __init__(self, left: int) -> None:
        """Start with this many."""
        super().__init__()
        self.left = left

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        count = min(size, self.left)
        self.left -= count
        return b"x" * count


class Broken(Endless):
    """A stream whose sender goes away."""

    def read(self, size: int = -1) -> bytes:
        """Return bytes, or break at the end."""
        if not self.left:
            raise ConnectionResetError
        return super().read(size)


def keep(home: Path, plain: bytes) -> Fresh:
    """Seal and keep bytes."""
    fresh = blobs.write(home, SCHOOL, io.BytesIO(plain), LIMIT)
    fresh.keep()
    return fresh


def read(home: Path, fresh: Fresh) -> bytes:
    """Check a kept file whole, and return its bytes."""
    reader: Unsealer = blobs.opened(home, SCHOOL, fresh.blob, fresh.key)
    with reader:
        reader.verify(fresh.sha256)
        return b"".join(reader.pieces())


def path_of(home: Path, fresh: Fresh) -> Path:
    """Return where a kept file stands."""
    return home / fresh.blob.hex


def pairs(path: Path) -> list[bytes]:
    """Return the sealed bytes in pieces of 16, without the first byte, which is the same in all files."""
    data = path.read_bytes()[1:]
    return [data[at : at + 16] for at in range(0, len(data) - 15, 16)]


def noise(count: int, seed: int = 7) -> bytes:
    """Return bytes that look random and are the same in every run."""
    return random.Random(seed).randbytes(count)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty folder of one school."""
    return blobs.folder(tmp_path, SCHOOL)
