"""What adapters over exported files share: a `StudentSource` over files that may be replaced; it knows no format."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault, Finding, Pupil, Roster, StaffMember, best

TRIES = 3
PAUSE = 0.2
DAY = 86_400.0
OLD_DAYS = 4
"""Days after which an export may have stopped: a long weekend is none."""
Stamp = tuple[tuple[str, int, int, int], ...]


@dataclass
class People:
    """Everybody of one school, by the key that the files give."""

    pupils: dict[str, Pupil] = field(default_factory=dict)
    staff: dict[str, StaffMember] = field(default_factory=dict)


class FileSource:
    """Answers from the files as they were read last; new ones are read at the next question.

    A new file that is wrong changes nothing for a teacher: the last good one, in memory, still counts. The check
    and the daily sync say what is wrong with it. An adapter says in `read` what stands in its files.
    """

    format = ""
    """What the files are, as the faults begin."""

    def __init__(self, path: Path, school: str, old_after_days: int = OLD_DAYS) -> None:
        """Open nothing yet."""
        self.path, self.school = path, school
        self._old_after_days, self._lock = old_after_days, Lock()
        self._people: People | None = None
        self._stamp: Stamp | None = None
        self._fault: SourceUnavailable | None = None

    def files(self) -> list[Path]:
        """Return the files that count, oldest first."""
        return [self.path]

    def read(self, files: list[Path]) -> People:
        """Read them, and refuse what is wrong or of another school with `SourceUnavailable`; `OSError` may pass."""
        raise NotImplementedError

    # --- the port -----------------------------------------------------------------------------------

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this key, or None."""
        return self._known().pupils.get(pupil_id)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils by name; the particle may be typed in any way, and is shown as it stands in the file."""
        return best(self._known().pupils.values(), words, limit)

    def staff(self) -> list[StaffMember]:
        """Return everybody who works at the school."""
        return list(self._known().staff.values())

    def roster(self) -> Roster:
        """Return everybody of the files as they are now; files that are wrong raise `SourceUnavailable`."""
        found = self._current()
        return Roster(tuple(found.pupils.values()), tuple(found.staff.values()))

    def check(self) -> list[Finding]:
        """Say what is in the files, and how old they are."""
        try:
            found, days = self.roster(), self._days_old()
        except SourceUnavailable as fault:
            return [Finding(ok=False, text=fault.why)]
        group = sum(bool(one.group) for one in found.pupils)
        guardians = sum(len(one.guardians) for one in found.pupils)
        fresh = days <= self._old_after_days
        counts = f"{len(found.pupils)} pupils, {group} with a group; {guardians} guardians named."
        return [
            Finding(ok=True, text=f"School {self.school}: {counts}"),
            Finding(fresh, f"The file was written {days} days ago.{'' if fresh else ' Does the export still run?'}"),
        ]

    # --- what is kept -------------------------------------------------------------------------------

    def _known(self) -> People:
        """Return the last good files; only when there never were any, what is wrong."""
        try:
            return self._current()
        except SourceUnavailable:
            if self._people is None:
                raise
            return self._people

    def _current(self) -> People:
        """Return the files as they are now, read again only when they changed."""
        with self._lock:
            if self._stamp_now() != self._stamp:
                self._read_anew()
            if self._fault or self._people is None:
                raise self._fault or self._missing()
            return self._people

    def _read_anew(self) -> None:
        """Read until the files stayed as they were from the first byte to the last: half an old one is no school."""
        self._stamp = None
        for attempt in range(TRIES):
            before, found, fault = self._stamp_now(), self._people, None
            try:
                found = self.read(self.files())
            except SourceUnavailable as refused:
                fault = refused
            except OSError:
                fault = self._missing()
            if before == self._stamp_now():
                self._stamp, self._people, self._fault = before, found, fault
                return
            time.sleep(PAUSE * (attempt + 1))
        why = "the file changes while it is read. Let the export write beside it, and rename it at the end."
        self._fault = self.wrong(Fault.CHANGING, why)

    def _stamp_now(self) -> Stamp:
        try:
            found = [(str(file), file.stat()) for file in self.files()]
        except OSError:
            raise self._missing() from None
        if not found:
            raise self._missing()
        return tuple((name, one.st_ino, one.st_size, one.st_mtime_ns) for name, one in found)

    def _days_old(self) -> int:
        written = max((nanoseconds for *_, nanoseconds in self._stamp_now()), default=0) / 1e9
        return max(0, int((time.time() - written) // DAY))  # noqa: TID251  # the age of a file, by the clock of its disk

    def _missing(self) -> SourceUnavailable:
        why = "the file is not there or can not be read. Check the option path and the rights on it."
        return self.wrong(Fault.MISSING, why)

    @classmethod
    def wrong(cls, code: Fault, why: str) -> SourceUnavailable:
        """Return a fault that says in which files it is, and what to do."""
        return SourceUnavailable(code=code, why=f"{cls.format}: {why}")
