"""The port to a student information system; adapters implement it and know nothing else of the plugin."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

from meldcode_plugin.errors import SettingsWrong

GROUP = "meldcode.sis"
OPTIONS = "MELDCODE_SOURCE_OPTIONS"
"""The setting with what an adapter needs to know, as its faults name it."""
JOINED = 4
"""Letters from which a word is also looked for over the spaces of a name: ``vandenberg``."""


class Fault(StrEnum):
    """What can be wrong with a system, as `SourceUnavailable.code` says it; a closed list."""

    AWAY = "away"
    SLOW = "slow"
    BUSY = "busy"
    ERROR = "error"
    CREDENTIALS = "credentials"
    FORBIDDEN = "forbidden"
    CERTIFICATE = "certificate"
    REDIRECT = "redirect"
    NONSENSE = "nonsense"
    ENCODING = "encoding"
    LOOP = "loop"
    TOO_MUCH = "too_much"
    EMPTY = "empty"
    FEWER = "fewer"
    FOREIGN = "foreign"
    DUPLICATE = "duplicate"
    UNSAFE = "unsafe"
    CHANGING = "changing"
    MISSING = "missing"
    DELTA = "delta"
    HOST = "host"
    NO_LIST = "no_list"


@dataclass(frozen=True)
class OtherId:
    """An id that a pupil has beside the one of the system: ``kind`` says which.

    ``stable``: it stays with the child when the system's own id changes, and may find the child again.
    """

    kind: str
    value: str
    stable: bool = True


@dataclass(frozen=True)
class Guardian:
    """A parent or carer. ``has_custody`` is None when the system does not tell."""

    name: str
    email: str | None = None
    relation: str | None = None
    has_custody: bool | None = None


@dataclass(frozen=True)
class Pupil:
    """A pupil as the system knows it today. ``other_ids`` are ids that it has beside this one."""

    id: str
    name: str
    birth_date: date | None = None
    group: str | None = None
    guardians: tuple[Guardian, ...] = ()
    other_ids: tuple[OtherId, ...] = ()
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


@dataclass(frozen=True)
class Roster:
    """Everybody, read at one moment: all pupils of the school and all who work there."""

    pupils: tuple[Pupil, ...]
    staff: tuple[StaffMember, ...]


@runtime_checkable
class RosterSource(Protocol):
    """What a system can do beside `StudentSource` when it can tell all pupils at once."""

    def roster(self) -> Roster:
        """Return everybody as of now, asked anew; half an answer raises `SourceUnavailable`."""


def plain(name: str) -> str:
    """Return a name as people type it: no capitals, accents, apostrophes or other signs, single spaces."""
    bare = name.casefold().translate(_PLAIN)
    split = unicodedata.normalize("NFKD", bare)
    return " ".join("".join(sign for sign in split if not unicodedata.combining(sign)).split())


def is_particle(words: str) -> bool:
    """Tell whether a middle name is a *tussenvoegsel* (``van den``, ``'t``, ``el``), which belongs to the name."""
    found = plain(words).split()
    return bool(found) and all(word in PARTICLES for word in found)


_OFTEN = (
    "aan af al bij d da das de del della den der des di do dos du el en het in la le op "
    "s t te ten ter tot uit uijt van ver vom von voor vor zu zum zur"
)
PARTICLES = frozenset(_OFTEN.split())
_PLAIN = str.maketrans(
    dict.fromkeys("'\u2019\u2018`\u00b4\u02bc")
    | dict.fromkeys("-\u2010\u2011\u2013,.()\u00a0", " ")
    | {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "æ": "ae", "œ": "oe", "ĳ": "ij"}
)


def best(pupils: Iterable[Pupil], words: str, limit: int) -> list[Pupil]:
    """Return the pupils whose name holds all the words, names that begin with the first word first.

    A particle may be typed with or without its spaces. No words give no pupils: a search never lists a school.
    """
    wanted = plain(words).split()
    if not wanted or limit < 1:
        return []
    hits = [(name, pupil) for pupil in pupils if _holds(name := plain(pupil.name), wanted)]
    hits.sort(key=lambda hit: (not hit[0].startswith(wanted[0]), hit[0], hit[1].id))
    return [pupil for _, pupil in hits[:limit]]


def _holds(name: str, wanted: list[str]) -> bool:
    joined = name.replace(" ", "")
    return all(word in name or (len(word) >= JOINED and word in joined) for word in wanted)


def check_options(adapter: str, given: Mapping[str, Any], needed: Collection[str], more: Collection[str] = ()) -> None:
    """Raise `SettingsWrong` when an option is missing or empty, or when the adapter knows none of that name."""
    if unknown := given.keys() - {*needed, *more}:
        raise SettingsWrong(f"{OPTIONS}: {adapter} does not know {', '.join(sorted(unknown))}.")
    if missing := [name for name in needed if not str(given.get(name, "")).strip()]:
        raise SettingsWrong(f"{OPTIONS}: {adapter} also needs {', '.join(missing)}.")


def load(name: str, options: dict[str, Any]) -> StudentSource:
    """Make the adapter that the entry point ``name`` of the group ``meldcode.sis`` stands for."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise SettingsWrong(f"MELDCODE_SOURCE: there is no adapter '{name}'. Installed: {', '.join(sorted(found))}.")
    source: StudentSource = found[name].load()(options)
    return source
