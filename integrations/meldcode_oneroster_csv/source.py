"""A `StudentSource` over a zip, or a folder of zips, that may be replaced at any moment; it knows no column."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock

from meldcode_oneroster_csv import tables
from meldcode_oneroster_csv.archive import BULK, Archive, wrong
from meldcode_oneroster_csv.tables import People, Tables
from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault, Finding, Pupil, Roster, StaffMember, best

Stamp = tuple[tuple[str, int, int, int], ...]


class CsvSource:
    """Answers from the zip as it was read last; a new one is read at the next question.

    A new zip that is wrong changes nothing for a teacher: the last good one, in memory, still counts.
    """

    def __init__(self, path: Path, school: str) -> None:
        """Open nothing yet."""
        self._path, self._school, self._lock = path, school, Lock()
        self._people: People | None = None
        self._stamp: Stamp | None = None
        self._fault: SourceUnavailable | None = None

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this sourcedId, or None."""
        return self._known().pupils.get(pupil_id)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils by name."""
        return best(self._known().pupils.values(), words, limit)

    def staff(self) -> list[StaffMember]:
        """Return everybody with a role of staff at the school."""
        return list(self._known().staff.values())

    def roster(self) -> Roster:
        """Return everybody as the files are now; files that are wrong raise `SourceUnavailable`."""
        found = self._current()
        return Roster(tuple(found.pupils.values()), tuple(found.staff.values()))

    def check(self) -> list[Finding]:
        """Say what is in the files."""
        try:
            found = self.roster()
        except SourceUnavailable as fault:
            return [Finding(ok=False, text=fault.why)]
        guardians = sum(len(one.guardians) for one in found.pupils)
        group = sum(bool(one.group) for one in found.pupils)
        return [
            Finding(ok=True, text=f"{len(found.pupils)} pupils of school {self._school}: {group} with a group."),
            Finding(ok=True, text=f"{guardians} guardians named."),
            Finding(bool(found.staff), f"{len(found.staff)} members of staff."),
        ]

    def _known(self) -> People:
        try:
            return self._current()
        except SourceUnavailable:
            if self._people is None:
                raise
            return self._people

    def _current(self) -> People:
        with self._lock:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._stamp, self._fault = stamp, None
                try:
                    self._people = self._read()
                except SourceUnavailable as fault:
                    self._fault = fault
            if self._fault or self._people is None:
                raise self._fault or _missing()
            return self._people

    def _read(self) -> People:
        """Read from the newest zip with users in bulk on; if anything changed meanwhile, nothing of it counts."""
        held: Tables = {}
        for path in self._from_bulk():
            try:
                with path.open("rb") as file:
                    tables.add(held, Archive(file))
            except OSError:
                raise _missing() from None
        found = tables.people(held, self._school)
        if self._stamp_now() != self._stamp:
            self._stamp = None
            raise wrong(Fault.CHANGING, "the files change while they are read. Write beside them, rename at the end.")
        return found

    def _from_bulk(self) -> list[Path]:
        paths = self._paths()
        for at in range(len(paths) - 1, 0, -1):
            try:
                with paths[at].open("rb") as file:
                    if Archive(file).how("users") == BULK:
                        return paths[at:]
            except OSError:
                raise _missing() from None
        return paths

    def _paths(self) -> list[Path]:
        """Return the zip, or those of the folder in the order of their names."""
        try:
            return sorted(self._path.glob("*.zip")) if self._path.is_dir() else [self._path]
        except OSError:
            raise _missing() from None

    def _stamp_now(self) -> Stamp:
        try:
            found = [(str(path), os.stat(path)) for path in self._paths()]  # noqa: PTH116  # one call per file
        except OSError:
            raise _missing() from None
        if not found:
            raise _missing()
        return tuple((name, one.st_ino, one.st_size, one.st_mtime_ns) for name, one in found)


def _missing() -> SourceUnavailable:
    return wrong(Fault.MISSING, "there is no zip, or it can not be read. Check the option path and the rights on it.")
