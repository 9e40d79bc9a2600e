"""The failing twins of the school in memory: away, half, late, or switched off while it runs."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Finding, Pupil, StaffMember, StudentSource

AWAY = Finding(ok=False, text="The school in memory does not answer. Try again later.")


class AwaySource:
    """Never answers: every question raises `SourceUnavailable`, and the check says so."""

    def pupil(self, pupil_id: str) -> Pupil | None:  # noqa: ARG002  # the port names it
        """Raise `SourceUnavailable`."""
        raise SourceUnavailable

    def search(self, words: str, limit: int = 20) -> list[Pupil]:  # noqa: ARG002  # the port names them
        """Raise `SourceUnavailable`."""
        raise SourceUnavailable

    def staff(self) -> list[StaffMember]:
        """Raise `SourceUnavailable`."""
        raise SourceUnavailable

    def check(self) -> list[Finding]:
        """Say that there is no answer."""
        return [AWAY]


class HalfSource:
    """Knows names and ids alone, as some systems do, and nothing about staff."""

    def __init__(self, whole: StudentSource) -> None:
        """Answer with half of what ``whole`` knows."""
        self._whole = whole

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil without birth date, group, guardians and siblings."""
        found = self._whole.pupil(pupil_id)
        return found and _bare(found)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return the same pupils, with their name and id alone."""
        return [_bare(pupil) for pupil in self._whole.search(words, limit)]

    def staff(self) -> list[StaffMember]:
        """Raise `SourceUnavailable`: this half is missing."""
        raise SourceUnavailable

    def check(self) -> list[Finding]:
        """Say that staff are missing."""
        return [*self._whole.check()[:1], Finding(ok=False, text="The list of staff does not answer.")]


class LateSource:
    """Answers rightly, but each time late."""

    def __init__(self, whole: StudentSource, seconds: float) -> None:
        """Answer as ``whole`` does after so many seconds."""
        self._whole, self._seconds = whole, seconds

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil, late."""
        time.sleep(self._seconds)
        return self._whole.pupil(pupil_id)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return the pupils, late."""
        time.sleep(self._seconds)
        return self._whole.search(words, limit)

    def staff(self) -> list[StaffMember]:
        """Return the staff, late."""
        time.sleep(self._seconds)
        return self._whole.staff()

    def check(self) -> list[Finding]:
        """Check, late."""
        time.sleep(self._seconds)
        return self._whole.check()


class SwitchedSource:
    """Answers as another source does, but not while a file exists: to see what happens when it goes away."""

    def __init__(self, whole: StudentSource, away_file: Path) -> None:
        """Answer as ``whole`` while ``away_file`` does not exist."""
        self._whole, self._away_file, self._away = whole, away_file, AwaySource()

    def _now(self) -> StudentSource:
        return self._away if self._away_file.exists() else self._whole

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil, or raise `SourceUnavailable` while the file exists."""
        return self._now().pupil(pupil_id)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return the pupils, or raise `SourceUnavailable` while the file exists."""
        return self._now().search(words, limit)

    def staff(self) -> list[StaffMember]:
        """Return the staff, or raise `SourceUnavailable` while the file exists."""
        return self._now().staff()

    def check(self) -> list[Finding]:
        """Check, or say that there is no answer while the file exists."""
        return self._now().check()


def _bare(pupil: Pupil) -> Pupil:
    return replace(pupil, birth_date=None, group=None, guardians=(), sibling_ids=())
