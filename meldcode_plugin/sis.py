"""The port to a student information system; adapters implement it and know nothing else of the plugin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import entry_points
from typing import Any, Protocol

from meldcode_plugin.errors import SettingsWrong

GROUP = "meldcode.sis"


@dataclass(frozen=True)
class Guardian:
    """A parent or carer. ``has_custody`` is None when the system does not tell."""

    name: str
    email: str | None = None
    relation: str | None = None
    has_custody: bool | None = None


@dataclass(frozen=True)
class Pupil:
    """A pupil as the system knows it today. ``other_ids`` are ids it has, or had, elsewhere."""

    id: str
    name: str
    birth_date: date | None = None
    group: str | None = None
    guardians: tuple[Guardian, ...] = ()
    other_ids: tuple[str, ...] = ()
    sibling_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class StaffMember:
    """Somebody who works at the school, as the system knows it."""

    id: str
    name: str
    email: str | None = None
    active: bool = True


@dataclass(frozen=True)
class Finding:
    """One line of a check: whether it is right, and in words what was found and what to do."""

    ok: bool
    text: str = field(default="")


class StudentSource(Protocol):
    """What the plugin asks of a system. Every method may raise `SourceUnavailable`, nothing else."""

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this id of the system, or None when it has none."""

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils whose name holds all the words, best first, at most ``limit``."""

    def staff(self) -> list[StaffMember]:
        """Return everybody who works at the school."""

    def check(self) -> list[Finding]:
        """Try the connection and say per line what works."""


def load(name: str, options: dict[str, Any]) -> StudentSource:
    """Make the adapter that the entry point ``name`` of the group ``meldcode.sis`` stands for."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise SettingsWrong(f"MELDCODE_SOURCE: there is no adapter '{name}'. Installed: {', '.join(sorted(found))}.")
    source: StudentSource = found[name].load()(options)
    return source
