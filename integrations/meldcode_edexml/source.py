"""A `StudentSource` over an exported file that may be replaced at any moment; it knows no XML."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO

from meldcode_edexml import reading
from meldcode_edexml.reading import Export
from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault, Finding, Pupil, Roster, StaffMember, best

TRIES = 3
PAUSE = 0.2
DAY = 86_400.0
Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Options:
    """Where the file is, which school it must be of, and whether an ECK iD may find a pupil again."""

    path: Path
    school: str
    dependance: str = ""
    match_on_eck_id: bool = False
    old_after_days: int = 4


class EdexmlSource:
    """Answers from the file as it was read last; a new file is read at the next question.

    A new file that is wrong changes nothing for a teacher: the last good one, in memory, still counts. The check
    and the daily sync say what is wrong with it.
    """

    def __init__(self, options: Options) -> None:
        """Open nothing yet."""
        self._options, self._lock = options, Lock()
        self._export: Export | None = None
        self._stamp: Stamp | None = None
        self._fault: SourceUnavailable | None = None

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this key, or None."""
        return self._known().pupils.get(pupil_id)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils by name; the particle may be typed in any way, and is shown as it stands in the file."""
        return best(self._known().pupils.values(), words, limit)

    def staff(self) -> list[StaffMember]:
        """Return everybody of kind leerkracht."""
        return list(self._known().staff.values())

    def roster(self) -> Roster:
        """Return everybody of the file as it is now; a file that is wrong raises `SourceUnavailable`."""
        found = self._current()
        return Roster(tuple(found.pupils.values()), tuple(found.staff.values()))

    def check(self) -> list[Finding]:
        """Say what is in the file, and how old it is."""
        try:
            found, days = self.roster(), self._days_old()
        except SourceUnavailable as fault:
            return [Finding(ok=False, text=fault.why)]
        group = sum(bool(one.group) for one in found.pupils)
        fresh = days <= self._options.old_after_days
        advice = "" if fresh else " Does the export still run?"
        return [
            Finding(ok=True, text=f"The file is of school {self._options.school}."),
            Finding(ok=True, text=f"{len(found.pupils)} pupils, {group} with a group. EDEXML names no guardians."),
            Finding(bool(found.staff), f"{len(found.staff)} members of staff."),
            Finding(fresh, f"The file was written {days} days ago.{advice}"),
        ]

    def _known(self) -> Export:
        """Return the last good file; only when there never was one, what is wrong."""
        try:
            return self._current()
        except SourceUnavailable:
            if self._export is None:
                raise
            return self._export

    def _current(self) -> Export:
        """Return the file as it is now, read again only when it changed."""
        with self._lock:
            stamp = _stamp_of(self._options.path)
            if stamp != self._stamp:
                self._stamp, self._fault = stamp, None
                try:
                    self._export = self._read()
                except SourceUnavailable as fault:
                    self._fault = fault
                    if fault.code == Fault.CHANGING:
                        self._stamp = None
            if self._fault or self._export is None:
                raise self._fault or _missing()
            return self._export

    def _read(self) -> Export:
        """Read the file; when it was replaced or grew meanwhile, read it again."""
        fault: SourceUnavailable | None = None
        for attempt in range(TRIES):
            try:
                with self._options.path.open("rb") as file:
                    before = _stamp(os.fstat(file.fileno()))
                    found, fault = _read(file, eck_id_finds=self._options.match_on_eck_id)
                    whole = before == _stamp(os.fstat(file.fileno())) == _stamp_of(self._options.path)
            except OSError:
                raise _missing() from None
            if whole:
                if found is None:
                    raise fault or _missing()
                self._stamp = before
                return self._judged(found)
            time.sleep(PAUSE * (attempt + 1))
        why = "EDEXML: the file changes while it is read. Let the export write beside it, and rename it at the end."
        raise SourceUnavailable(code=Fault.CHANGING, why=why)

    def _judged(self, found: Export) -> Export:
        """Refuse a file of another school, or without pupils."""
        wanted, place = self._options.school.casefold(), self._options.dependance.casefold()
        if found.brin.casefold() != wanted or (place and found.dependance.casefold() != place):
            why = (
                f"EDEXML: the file is of another school than {self._options.school} {self._options.dependance}".strip()
            )
            raise SourceUnavailable(code=Fault.FOREIGN, why=f"{why}. Check the export and the option school.")
        if not found.pupils:
            raise SourceUnavailable(code=Fault.EMPTY, why="EDEXML: the file holds no pupils. Export again.")
        return found

    def _days_old(self) -> int:
        written = self._options.path.stat().st_mtime
        return max(0, int((time.time() - written) // DAY))  # noqa: TID251  # the age of a file, by the clock of its disk


def _read(file: IO[bytes], *, eck_id_finds: bool) -> tuple[Export | None, SourceUnavailable | None]:
    try:
        return reading.read(file, eck_id_finds=eck_id_finds), None
    except SourceUnavailable as fault:
        return None, fault


def _stamp_of(path: Path) -> Stamp:
    try:
        return _stamp(path.stat())
    except OSError:
        raise _missing() from None


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_ino, found.st_size, found.st_mtime_ns


def _missing() -> SourceUnavailable:
    why = "EDEXML: the file is not there or can not be read. Check the option path and the rights on it."
    return SourceUnavailable(code=Fault.MISSING, why=why)
