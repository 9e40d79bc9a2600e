"""Reads the CSV files of one zip by the names of their columns, within bounds; it knows nobody of a school."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault

MOST_FILES = 64
MOST_BYTES = 256 * 1024 * 1024
MOST_ROWS = 500_000
MOST_CELL = 20_000
BULK, DELTA, ABSENT = "bulk", "delta", "absent"
FORMAT = "OneRoster CSV"
NAMES = """
    agentSourcedIds birthDate classSourcedId classType email enabledUser familyName givenName identifier middleName
    orgSourcedId orgSourcedIds preferredFirstName preferredLastName preferredMiddleName propertyName role sourcedId
    status title userIds userMasterIdentifier userSourcedId value
"""
OTHER = {"preferredgivenname": "preferredFirstName", "preferredfamilyname": "preferredLastName"}
COLUMNS = {name.casefold(): name for name in NAMES.split()} | OTHER
"""Each column that is read, by its name in small letters: as in REST, whatever a supplier wrote. No other is kept."""
Row = dict[str, str]


class _Counted(io.RawIOBase):
    """A stream that gives up after so many bytes, whatever the zip promised about its size."""

    def __init__(self, inner: IO[bytes], left: list[int]) -> None:
        self._inner, self._left = inner, left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # what the standard library hands in
        data = self._inner.read(len(view))
        self._left[0] -= len(data)
        if self._left[0] < 0:
            raise wrong(Fault.TOO_MUCH, f"the zip holds more than {MOST_BYTES >> 20} MiB. Export one school.")
        view[: len(data)] = data
        return len(data)


class Archive:
    """One zip: what its manifest says, and its rows."""

    def __init__(self, file: IO[bytes]) -> None:
        """Open the zip and read its manifest."""
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError):
            raise wrong(Fault.NONSENSE, "the file is no zip, or breaks off. Export again.") from None
        names = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(names) > MOST_FILES:
            raise wrong(Fault.TOO_MUCH, f"the zip holds more than {MOST_FILES} files: this is no export.")
        self._names = {Path(info.filename).name.casefold(): info for info in names}
        self._left = [MOST_BYTES]
        rows = list(self.rows("manifest"))
        if not rows:
            raise wrong(Fault.NONSENSE, "the zip has no manifest.csv. Is this a OneRoster export?")
        self._manifest = {row.get("propertyName", "").casefold(): row.get("value", "").casefold() for row in rows}

    def how(self, name: str) -> str:
        """Return how the manifest says that a file is there: bulk, delta or absent."""
        said = self._manifest.get(f"file.{name}".casefold(), "")
        return said if said in (BULK, DELTA) else ABSENT

    def has(self, name: str) -> bool:
        """Tell whether a file is in the zip."""
        return f"{name}.csv".casefold() in self._names

    def rows(self, name: str) -> Iterator[Row]:
        """Return the rows of a file, by the names of `COLUMNS`; no rows when it is not there."""
        info = self._names.get(f"{name}.csv".casefold())
        if info is None:
            return
        try:
            with self._zip.open(info) as inner, _counted(inner, self._left) as counted:
                yield from _rows(counted, name)
        except UnicodeDecodeError:
            raise wrong(Fault.ENCODING, f"{name}.csv is not in UTF-8, so names would be wrong.") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
            raise wrong(Fault.NONSENSE, f"{name}.csv can not be unpacked. Export again.") from None
        except csv.Error:
            raise wrong(Fault.NONSENSE, f"{name}.csv is no CSV. Export again.") from None


def _counted(inner: IO[bytes], left: list[int]) -> IO[bytes]:
    return cast("IO[bytes]", io.BufferedReader(_Counted(inner, left)))


def _rows(counted: IO[bytes], name: str) -> Iterator[Row]:
    csv.field_size_limit(MOST_CELL)
    lines = csv.reader(io.TextIOWrapper(counted, "utf-8-sig", errors="strict", newline=""), strict=True)
    header = [COLUMNS.get(column.strip().casefold(), "") for column in next(lines, [])]
    for count, cells in enumerate(lines):
        if count >= MOST_ROWS:
            raise wrong(Fault.TOO_MUCH, f"{name}.csv holds more than {MOST_ROWS} rows. Export one school.")
        if any(cells):
            named = zip(header, cells, strict=False)
            yield {column: text for column, cell in named if column and (text := cell.strip())}


def wrong(code: Fault, why: str) -> SourceUnavailable:
    """Return the one error of this adapter, with what to do."""
    return SourceUnavailable(code=code, why=f"{FORMAT}: {why}")
