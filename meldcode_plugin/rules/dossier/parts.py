"""What a paper is made of: a title, numbered blocks and what stands in them; it knows no case and no way to print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from meldcode_plugin.rules.dossier.body import Place

T = TypeVar("T")
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


@dataclass(frozen=True)
class Field:
    """One question with its answer."""

    name: str
    value: str


@dataclass(frozen=True)
class Line:
    """One thing that was seen, heard or thought (R45, R46).

    ``ref`` numbers it within the paper, ``label`` is its kind in text, ``source`` begins with *Bron:*,
    ``notes`` hold what was written under it later. ``entry`` is the entry that it came from.
    """

    ref: str
    label: str
    source: str
    direction: str
    seen: str
    recorded: str
    text: str
    notes: tuple[str, ...] = ()
    entry: UUID | None = None


@dataclass(frozen=True)
class Record:
    """One entry of the steps: what it is, its source, and its questions with their answers."""

    title: str
    source: str
    fields: tuple[Field, ...]
    entry: UUID | None = None


@dataclass(frozen=True)
class Table:
    """A table with a head; ``caption`` says what it holds."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Block:
    """One numbered part (domain section 3). ``notes`` hold what is left out, counted and with its reason.

    ``body`` are places to mark on a drawing of a child; ``fields`` say the same in words.
    """

    number: str
    title: str
    paragraphs: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    body: tuple[Place, ...] = ()
    lines: tuple[Line, ...] = ()
    records: tuple[Record, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell whether nothing at all stands in it."""
        return not (self.paragraphs or self.fields or self.lines or self.records or self.tables or self.notes)


@dataclass(frozen=True)
class Document:
    """A whole paper. ``mark`` stands on every page, ``facts`` on the cover; blocks come in their order."""

    title: str
    subtitle: str
    mark: str
    facts: tuple[Field, ...]
    blocks: tuple[Block, ...]
    foot: str = ""

    def block(self, number: str) -> Block | None:
        """Return the block with this number, or None when the paper has none."""
        return next((block for block in self.blocks if block.number == number), None)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain data without the ids of entries: what is printed, and what is compared."""
        found: dict[str, Any] = plain(asdict(self))
        return found


@dataclass(frozen=True)
class LeftOut:
    """How much was left out for one reason."""

    reason: str
    count: int


@dataclass(frozen=True)
class Papers:
    """What one selection comes to.

    ``annex`` is block N, a paper of its own. ``cautions`` are for the one who looks at the preview, and are
    printed nowhere.
    """

    main: Document
    annex: Document | None = None
    left_out: tuple[LeftOut, ...] = ()
    cautions: tuple[str, ...] = ()


def plain(value: Any) -> Any:
    """Return the value without the ids of entries, as data that JSON knows.

    A block without places has no ``body``, so a package from before there was one still compares as the same.
    """
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name != "entry" and (name != "body" or one)}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value


def each_text(value: T, change: Callable[[str], str]) -> T:
    """Return the same parts with every text changed: there is no text in them that this passes by."""
    made: Any = value
    if isinstance(value, str):
        made = change(value)
    elif isinstance(value, tuple):
        made = tuple(each_text(one, change) for one in value)
    elif is_dataclass(value) and not isinstance(value, type):
        made = replace(value, **{one.name: each_text(getattr(value, one.name), change) for one in fields(value)})
    return made  # type: ignore[no-any-return]  # the same shape as what came in


def texts(value: Any) -> list[str]:
    """Return every text that stands in these parts, in their order."""
    found: list[str] = []

    def keep(text: str) -> str:
        found.append(text)
        return text

    each_text(value, keep)
    return found


def quoted(text: str) -> str:
    """Return somebody's own words between quotation marks; who typed them there gets no second pair."""
    return text if not text or text[0] in "“\"'„" else f"“{text}”"


def say_day(day: date | None) -> str:
    """Return a day as it is said: 12 mei 2026; an unknown day is nothing."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if day else ""


def say_moment(at: datetime) -> str:
    """Return a moment on the clock that it carries: 12 mei 2026 om 10.15 uur."""
    return f"{say_day(at.date())} om {at:%H.%M} uur"


def answered(*pairs: tuple[str, str | None]) -> tuple[Field, ...]:
    """Return the questions that have an answer."""
    return tuple(Field(name, value) for name, value in pairs if value)
