"""The file of a backup: a clear head, then sealed records of rows and files; it knows no database and no page.

The head names the school's root key and what the schema was. Everything behind it is one stream, sealed piece by
piece (see `blobs`) under a key that is derived from that root key: a backup opens with the key file and nothing
else. A record is one letter, a length and that many bytes.
"""

from __future__ import annotations

import base64
import io
import json
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from meldcode_plugin.errors import BackupRefused, KeyUnavailable, TamperedData
from meldcode_plugin.store.blobs import SEGMENT, Sealer, Unsealer
from meldcode_plugin.store.crypto import canonical, subkey
from meldcode_plugin.store.keys import RootKeys

MAGIC = b"meldcode backup 1\n"
HEAD, RECORD = struct.Struct(">I"), struct.Struct(">cI")
LONGEST_HEAD = 4096
COLUMNS, ROW, FILE, PIECE, END = b"T", b"R", b"B", b"P", b"E"


@dataclass(frozen=True)
class Head:
    """What may be read of a backup without a key: of which school, when, which schema, which root key."""

    school: str
    made_at: str
    revision: str
    root: str

    def packed(self) -> bytes:
        """Return the bytes in front of the sealed stream."""
        text = json.dumps(asdict(self)).encode()
        return MAGIC + HEAD.pack(len(text)) + text


def _key(root: RootKeys, name: str) -> bytes:
    keys = root.read()
    if name not in keys:
        raise KeyUnavailable
    return subkey(keys[name], "backup")


class Writer:
    """Writes records; the file gets its name when all of it is on disk."""

    def __init__(self, sealer: Sealer) -> None:
        """Begin with nothing counted."""
        self._sealer = sealer
        self.counts: dict[str, int] = {}

    def record(self, kind: bytes, data: bytes) -> None:
        """Write one record."""
        self._sealer.write(RECORD.pack(kind, len(data)))
        self._sealer.write(data)

    def table(self, name: str, columns: list[str]) -> None:
        """Say that rows of a table follow."""
        self.counts[name] = 0
        self.record(COLUMNS, json.dumps([name, *columns]).encode())

    def row(self, table: str, values: list[Any]) -> None:
        """Write one row."""
        self.counts[table] += 1
        self.record(ROW, json.dumps([_plain(value) for value in values]).encode())

    def file(self, path: Path) -> None:
        """Write one file, sealed as it is."""
        self.counts["files"] = self.counts.get("files", 0) + 1
        with path.open("rb") as source:
            self.record(FILE, path.name.encode())
            while piece := source.read(SEGMENT):
                self.record(PIECE, piece)


@contextmanager
def written(path: Path, root: RootKeys, head: Head) -> Iterator[Writer]:
    """Open a new backup; at the end of the block it is whole and has its name, or it never was."""
    fresh = path.with_name(path.name + ".new")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            front = head.packed()
            out.write(front)
            sealer = Sealer(out, _key(root, head.root), canonical("meldcode-backup", front))
            writer = Writer(sealer)
            yield writer
            writer.record(END, json.dumps(writer.counts).encode())
            sealer.finish()
            os.fsync(out.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Let the name of a new file stand, also when the machine stops."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Behind(io.RawIOBase):
    """A file as if it began behind its head."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__()
        self._file, self._start = file, start

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place behind the head."""
        return self._file.seek(offset + self._start if whence == os.SEEK_SET else offset, whence) - self._start

    def read(self, size: int = -1) -> bytes:
        """Read from there."""
        return self._file.read(size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def head_of(file: BinaryIO) -> tuple[Head, bytes]:
    """Read the head of a backup and return it with its bytes."""
    try:
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupRefused("This is no backup of the meldcode. Give a file that 'meldcode backup' made.")
        (length,) = HEAD.unpack(file.read(HEAD.size))
        text = file.read(min(length, LONGEST_HEAD))
        head = Head(**json.loads(text))
    except (ValueError, TypeError, struct.error):
        raise BackupRefused("The head of this backup is damaged. Take another copy of it.") from None
    return head, MAGIC + HEAD.pack(length) + text


@contextmanager
def opened(path: Path, root: RootKeys) -> Iterator[tuple[Head, Iterator[tuple[bytes, bytes]]]]:
    """Open a backup and hand out its head and its records; any changed byte raises `TamperedData`."""
    with path.open("rb") as file:
        head, front = head_of(file)
        try:
            key = _key(root, head.root)
        except KeyUnavailable:
            raise BackupRefused(
                f"MELDCODE_KEY_FILE does not hold root key {head.root} of this backup. Bring that key file back first."
            ) from None
        sealed: Any = _Behind(file, len(front))
        with Unsealer(sealed, key, canonical("meldcode-backup", front)) as stream:
            yield head, records(io.BufferedReader(stream, SEGMENT))


def records(stream: io.BufferedReader) -> Iterator[tuple[bytes, bytes]]:
    """Read record by record; a stream that ends without its last record raises `TamperedData`."""
    while True:
        front = stream.read(RECORD.size)
        if len(front) != RECORD.size:
            raise TamperedData
        kind, length = RECORD.unpack(front)
        data = stream.read(length)
        if len(data) != length:
            raise TamperedData
        yield kind, data
        if kind == END:
            return


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it, with its type beside it where JSON has none."""
    if isinstance(value, bytes):
        return ["b", base64.b64encode(value).decode()]
    if isinstance(value, UUID):
        return ["u", value.hex]
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return ["j", value]


_TYPES: dict[str, Callable[[Any], Any]] = {
    "b": base64.b64decode,
    "u": UUID,
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "j": lambda value: value,
}


def typed(value: Any) -> Any:
    """Undo `_plain`."""
    return _TYPES[value[0]](value[1]) if isinstance(value, list) else value
