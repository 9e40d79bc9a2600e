"""Files on disk, encrypted piece by piece and never whole in memory; knows bytes and ids, no table.

The layout is that of Tink's AES-GCM-HKDF streaming: a header (its length, a salt of 32 bytes, a nonce prefix
of 7) and segments sealed with AES-256-GCM under a key derived from the file's own key and the salt. A nonce is
prefix, number of the segment and a flag for the last one, so no segment can be cut, moved or added unseen.
The id of the file is bound into the derivation, so one file can not stand in the place of another.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO
from uuid import UUID

from meldcode_plugin.errors import TamperedData
from meldcode_plugin.store.crypto import KEY_BYTES, Segments, canonical, new_key

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

SEGMENT = 1 << 16
"""Length of a sealed segment on disk; the first one is shorter by the header."""
SALT_BYTES, PREFIX_BYTES, TAG_BYTES = KEY_BYTES, 7, 16
HEADER_BYTES = 1 + SALT_BYTES + PREFIX_BYTES
_FIRST = SEGMENT - HEADER_BYTES - TAG_BYTES
_OTHER = SEGMENT - TAG_BYTES
_NEW = ".new"


def bound_to(school: UUID, blob: UUID) -> bytes:
    """Return what binds a file to its place: nothing in it ever changes."""
    return canonical("meldcode-blob", 1, school.bytes, blob.bytes)


def folder(blob_dir: Path, school: UUID) -> Path:
    """Return the folder of one school, made when it is not there, for the owner of the process alone."""
    found = blob_dir / school.hex
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


class Sealer:
    """Takes bytes in and writes segments out; holds one segment at most."""

    def __init__(self, out: BinaryIO, key: bytes, bound: bytes) -> None:
        """Write the header."""
        salt, self._prefix = os.urandom(SALT_BYTES), os.urandom(PREFIX_BYTES)
        self._segments, self._out = Segments(key, salt, bound), out
        self._waiting, self._number, self._room = bytearray(), 0, _FIRST
        self._sum = hashlib.sha256()
        self.size = 0
        out.write(bytes((HEADER_BYTES,)) + salt + self._prefix)

    def write(self, data: ReadableBuffer) -> int:
        """Take bytes; a segment goes out once it is known that more follows."""
        view = memoryview(data)
        self._sum.update(view)
        self.size += len(view)
        for start in range(0, len(view), SEGMENT):
            self._waiting += view[start : start + SEGMENT]
            while len(self._waiting) > self._room:
                self._segment(last=False)
        return len(view)

    def finish(self) -> bytes:
        """Write the last segment; return the SHA-256 of all that was taken in."""
        self._segment(last=True)
        self._out.flush()
        return self._sum.digest()

    def _segment(self, *, last: bool) -> None:
        plain = bytes(self._waiting[: self._room])
        del self._waiting[: self._room]
        self._out.write(self._segments.seal(_nonce(self._prefix, self._number, last=last), plain))
        self._number, self._room = self._number + 1, _OTHER


class Unsealer(io.RawIOBase):
    """Reads a sealed file anywhere in it, one segment at a time; a changed segment raises `TamperedData`."""

    def __init__(self, source: BinaryIO, key: bytes, bound: bytes) -> None:
        """Read the header and learn from the length how many segments there must be."""
        super().__init__()
        self._source, self._at = source, 0
        self._held: tuple[int, bytes] = (-1, b"")
        total = source.seek(0, os.SEEK_END)
        source.seek(0)
        header = source.read(HEADER_BYTES)
        self._count = max(1, -(-total // SEGMENT))
        self.size = total - HEADER_BYTES - TAG_BYTES * self._count
        last = total - max((self._count - 1) * SEGMENT, HEADER_BYTES)
        if len(header) != HEADER_BYTES or header[0] != HEADER_BYTES or last < TAG_BYTES:
            self.close()
            raise TamperedData
        self._segments, self._prefix = Segments(key, header[1 : 1 + SALT_BYTES], bound), header[1 + SALT_BYTES :]

    def readable(self) -> bool:
        """It reads."""
        return True

    def seekable(self) -> bool:
        """It can go anywhere."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in the plain bytes."""
        self._at = max(0, offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence])
        return self._at

    def tell(self) -> int:
        """Return the place in the plain bytes."""
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as the segment at this place goes; nothing is left at the end."""
        room = memoryview(buffer).cast("B")
        if self._at >= self.size or not len(room):
            return 0
        number, start = self._place()
        piece = self._plain(number)[start : start + len(room)]
        room[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def _place(self) -> tuple[int, int]:
        if self._at < _FIRST:
            return 0, self._at
        number, start = divmod(self._at - _FIRST, _OTHER)
        return number + 1, start

    def _plain(self, number: int) -> bytes:
        if self._held[0] != number:
            start = number * SEGMENT if number else HEADER_BYTES
            self._source.seek(start)
            sealed = self._source.read((number + 1) * SEGMENT - start)
            nonce = _nonce(self._prefix, number, last=number == self._count - 1)
            self._held = number, self._segments.unseal(nonce, sealed)
        return self._held[1]

    def verify(self, expected: bytes) -> None:
        """Open every segment and compare the SHA-256 of the whole; only then a first byte may go out."""
        total = hashlib.sha256()
        for number in range(self._count):
            total.update(self._plain(number))
        if total.digest() != expected:
            raise TamperedData

    def pieces(self) -> Iterator[bytes]:
        """Hand out the plain bytes, segment by segment."""
        for number in range(self._count):
            yield self._plain(number)

    def close(self) -> None:
        """Close the file behind it as well."""
        self._source.close()
        super().close()


@dataclass
class Fresh:
    """A sealed file that has no name yet: its id, its own key, its length and SHA-256."""

    path: Path
    blob: UUID
    key: bytes
    bound: bytes
    size: int
    sha256: bytes

    def reader(self) -> io.BufferedReader:
        """Return the plain bytes as a file that can be read and sought."""
        return io.BufferedReader(Unsealer(self.path.open("rb"), self.key, self.bound), SEGMENT)

    def keep(self) -> None:
        """Give the file its name; from here on it stays, also when the machine stops."""
        self.path.replace(self.path.with_name(self.blob.hex))
        _sync_folder(self.path.parent)

    def drop(self) -> None:
        """Take the file away, if it was not kept."""
        self.path.unlink(missing_ok=True)


def write(home: Path, school: UUID, stream: IO[bytes], limit: int) -> Fresh:
    """Seal a stream into a nameless file in ``home``; beyond ``limit`` bytes nothing more is taken.

    The size of what comes back is then larger than ``limit``, and the caller refuses it.
    """
    blob, key = UUID(bytes=os.urandom(16), version=4), new_key()
    bound = bound_to(school, blob)
    path = home / f"{os.urandom(16).hex()}{_NEW}"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            sealer = Sealer(out, key, bound)
            while sealer.size <= limit and (piece := stream.read(SEGMENT)):
                sealer.write(piece)
            sha256 = sealer.finish()
            os.fsync(out.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Fresh(path, blob, key, bound, sealer.size, sha256)


def opened(home: Path, school: UUID, blob: UUID, key: bytes) -> Unsealer:
    """Return the reader of a kept file; a file that is gone counts as damaged."""
    try:
        return Unsealer((home / blob.hex).open("rb"), key, bound_to(school, blob))
    except FileNotFoundError:
        raise TamperedData from None


def delete(home: Path, blob: UUID) -> None:
    """Take a file away. Its bytes are not overwritten: without its key, which goes too, they are noise."""
    (home / blob.hex).unlink(missing_ok=True)


def older_than(home: Path, moment: float) -> list[Path]:
    """Return the files, named and nameless, that were last written before this moment (seconds since 1970)."""
    with os.scandir(home) as found:
        return [Path(one.path) for one in found if one.is_file() and one.stat().st_mtime < moment]


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Spool(io.RawIOBase):
    """A nameless file on disk for a form that is still coming in: written once, then read; never in clear.

    Its key lives in memory alone, so what a stopped machine leaves on the disk is noise.
    """

    def __init__(self, home: Path) -> None:
        """Make the file, without a name from the start."""
        super().__init__()
        self._file = tempfile.TemporaryFile(dir=home)  # noqa: SIM115  # closed by close()
        self._key, self._bound = new_key(), canonical("meldcode-spool")
        self._sealer: Sealer | None = Sealer(self._file, self._key, self._bound)
        self._reader: Unsealer | None = None

    def writable(self) -> bool:
        """It takes bytes until the first time that it is read or sought."""
        return self._sealer is not None

    def readable(self) -> bool:
        """It reads."""
        return True

    def seekable(self) -> bool:
        """It can go anywhere once all is written."""
        return True

    def write(self, data: ReadableBuffer) -> int:
        """Take bytes at the end."""
        if self._sealer is None:
            raise io.UnsupportedOperation("the form was read already")
        return self._sealer.write(data)

    def _turned(self) -> Unsealer:
        if self._sealer is not None:
            self._sealer.finish()
            self._sealer = None
        if self._reader is None:
            self._reader = Unsealer(self._file, self._key, self._bound)
        return self._reader

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """End the writing and go to a place."""
        return self._turned().seek(offset, whence)

    def tell(self) -> int:
        """Return the place, or how much was written."""
        return self._sealer.size if self._sealer else self._turned().tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        """End the writing and read."""
        return self._turned().readinto(buffer)

    def close(self) -> None:
        """Let go of the file; the disk forgets it."""
        self._file.close()
        super().close()
