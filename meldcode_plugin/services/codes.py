"""The school's own reporting code: read by all staff, changed by the director, with a new version each time (R61)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from meldcode_plugin.errors import AlreadyDone, InputRefused
from meldcode_plugin.rules.code import CodeText, refusals
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.store import codes as store
from meldcode_plugin.store import people
from meldcode_plugin.store.work import Work

OVERTAKEN = "Iemand anders maakte intussen een nieuwe versie. Lees die eerst en bewaar dan opnieuw."


@dataclass(frozen=True)
class Code:
    """One version of the school's code: its number, its words, and who made it when."""

    number: int
    text: CodeText
    made_at: datetime | None = None
    made_by: str = ""


def current(work: Work) -> Code:
    """Return the version in force."""
    require(work.viewer, Permission.CODE_READ)
    return of(work, store.newest(work))


def of(work: Work, number: int) -> Code:
    """Return one version, such as that under which a case started."""
    row, text = store.get(work, number)
    if row is None:
        return Code(number, text)
    return Code(number, text, row.made_at, people.names(work, {row.made_by}).get(row.made_by, ""))


def change(work: Work, text: CodeText, seen: int) -> int:
    """Keep a new version beside the ones before it and return its number; a case keeps the one it started under.

    ``seen`` is the version that stood on the page; when another came since, `AlreadyDone` says so.
    """
    require(work.viewer, Permission.CODE_CHANGE)
    if wrong := refusals(text):
        raise InputRefused(wrong)
    if (number := store.add(work, text)) != seen + 1:
        raise AlreadyDone(OVERTAKEN)
    return number
