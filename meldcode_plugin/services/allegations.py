"""The staff register: a worry about a professional goes to director or board, never to a dossier (R15-R17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from meldcode_plugin.errors import InputRefused, NotVisible
from meldcode_plugin.rules.deadlines import rungs_of
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import REGISTER_OF_DIRECTOR, Kind
from meldcode_plugin.store import register, reminders
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.work import Work


class NewAllegation(BaseModel):
    """Who informed whom and when, and a note of that conversation; nothing more is kept (5.3).

    ``sexual`` is yes, no or unknown: yes and unknown are for the board alone (WPO 4a).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    key: UUID
    sexual: Literal["yes", "no", "unknown"]
    about_director: bool = False
    informed: str = Field(default="", max_length=300)
    informed_by: str = Field(default="", max_length=300)
    informed_on: date | None = None
    note: str = Field(default="", max_length=20_000)


class RegisterNote(BaseModel):
    """A later line under one of the register: who informed whom and when, and what was said (R16, domain 2.4).

    ``about``: somebody was informed, the vertrouwensinspecteur was asked, a talk was held, or aangifte was done.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    key: UUID
    about: Literal["informed", "inspector", "conversation", "aangifte"]
    informed_by: str = Field(default="", max_length=300)
    informed: str = Field(default="", max_length=300)
    informed_on: date | None = None
    note: str = Field(default="", max_length=20_000)


@dataclass(frozen=True)
class NoteRow:
    """One later line as a page shows it."""

    id: UUID
    recorded_at: datetime
    author: str
    content: RegisterNote


@dataclass(frozen=True)
class AllegationRow:
    """One line of the register, with what was added to it."""

    id: UUID
    recorded_at: datetime
    author: str
    board_only: bool
    content: NewAllegation
    notes: tuple[NoteRow, ...] = ()


def record(work: Work, new: NewAllegation) -> None:
    """Keep it in the register once, and tell who may read it; a second post of the same form changes nothing."""
    require(work.viewer, Permission.REGISTER_WRITE)
    if wrong := _faults(work, new):
        raise InputRefused(wrong)
    board_only = new.sexual != "no" or new.about_director
    row_id = register.add(work, new.key, new.model_dump_json().encode(), board_only=board_only)
    line = work.terms[Kind.REGISTER] if board_only else REGISTER_OF_DIRECTOR
    reminders.schedule(work, rungs_of(line, Kind.REGISTER, work.now, work.calendar, case_id=None, anchor=row_id))


def _faults(work: Work, new: NewAllegation | RegisterNote) -> dict[str, str]:
    wrong = {}
    if not new.informed:
        wrong["informed"] = "Vul in wie je hebt geïnformeerd."
    if new.informed_on is None:
        wrong["informed_on"] = "Vul in wanneer je dat deed."
    elif new.informed_on > work.calendar.local_date(work.now):
        wrong["informed_on"] = "Deze datum ligt in de toekomst."
    return wrong


def add_note(work: Work, line_id: UUID, note: RegisterNote) -> None:
    """Add a later line under one that the viewer may read; what was written stays as it is."""
    require(work.viewer, Permission.REGISTER_KEEP)
    found = register.visible(work, line_id)
    if found is None:
        raise NotVisible
    if wrong := _faults(work, note):
        raise InputRefused(wrong)
    register.add(work, note.key, note.model_dump_json().encode(), board_only=found.board_only, refers_to=found.id)


def take_over(work: Work, new: NewAllegation) -> None:
    """Keep by hand what belongs in the register out of a case that goes by this route; nothing is copied (R17)."""
    require(work.viewer, Permission.REGISTER_KEEP)
    record(work, new)


def page(work: Work) -> list[AllegationRow]:
    """Return what the viewer may read of the register, newest first, each with what was added to it."""
    require(work.viewer, Permission.REGISTER_READ)
    work.note(Tag.REGISTER_READ)
    rows = register.rows(work)
    notes: dict[UUID, list[NoteRow]] = {}
    for row in reversed(rows):
        if row.refers_to is not None:
            content = RegisterNote.model_validate_json(row.content)
            notes.setdefault(row.refers_to, []).append(NoteRow(row.id, row.recorded_at, row.author, content))
    return [
        AllegationRow(
            *(row.id, row.recorded_at, row.author, row.board_only, NewAllegation.model_validate_json(row.content)),
            tuple(notes.get(row.id, ())),
        )
        for row in rows
        if row.refers_to is None
    ]
