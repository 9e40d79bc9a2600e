"""A `StudentSource` over a fixed list of pupils and staff; it knows no network and no plugin but the port."""

from __future__ import annotations

from collections.abc import Sequence

from meldcode_plugin.sis import Finding, Pupil, Roster, StaffMember, best, plain

__all__ = ["MemorySource", "plain"]


class MemorySource:
    """Answers from memory: always, at once, and the same each time."""

    def __init__(self, pupils: Sequence[Pupil], staff: Sequence[StaffMember]) -> None:
        """Keep the pupils, also under every id that they have elsewhere, and the staff."""
        self._pupils = list(pupils)
        self._by_id = {other.value: pupil for pupil in pupils for other in pupil.other_ids}
        self._by_id |= {pupil.id: pupil for pupil in pupils}
        self._staff = list(staff)

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this id, also when it is an id from elsewhere, or None."""
        return self._by_id.get(pupil_id)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils whose name holds all the words, names that begin with the first word first.

        Capitals and accents do not count. No words give no pupils: a search never lists the school.
        """
        return best(self._pupils, words, limit)

    def staff(self) -> list[StaffMember]:
        """Return everybody who works, or worked, at the school."""
        return list(self._staff)

    def check(self) -> list[Finding]:
        """Say how many pupils and staff there are; a school without either is a fault."""
        return [
            Finding(bool(self._pupils), f"{len(self._pupils)} pupils in memory."),
            Finding(bool(self._staff), f"{len(self._staff)} staff in memory."),
        ]

    def roster(self) -> Roster:
        """Return everybody."""
        return Roster(tuple(self._pupils), tuple(self._staff))
