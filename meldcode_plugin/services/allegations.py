"""The staff register: a worry about a professional goes to director or board, never to a dossier (R15-R17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.store import register
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
    informed_on: date | None = None
    note: str = Field(default="", max_length=20_000)


@dataclass(frozen=True)
class AllegationRow:
    """One line of the register."""

    id: UUID
    recorded_at: datetime
    author: str
    board_only: bool
    content: NewAllegation


def record(work: Work, new: NewAllegation) -> None:
    """Keep it in the register once; a second post of the same form changes nothing."""
    require(work.viewer, Permission.REGISTER_WRITE)
    wrong = {}
    if not new.informed:
        wrong["informed"] = "Vul in wie je hebt geïnformeerd."
    if new.informed_on is None:
        wrong["informed_on"] = "Vul in wanneer je dat deed."
    elif new.informed_on > work.calendar.local_date(work.now):
        wrong["informed_on"] = "Deze datum ligt in de toekomst."
    if wrong:
        raise InputRefused(wrong)
    register.add(work, new.key, new.model_dump_json().encode(), board_only=new.sexual != "no" or new.about_director)


def page(work: Work) -> list[AllegationRow]:
    """Return what the viewer may read of the register, newest first."""
    require(work.viewer, Permission.REGISTER_READ)
    work.note(Tag.REGISTER_READ)
    return [
        AllegationRow(
            row.id, row.recorded_at, row.author, row.board_only, NewAllegation.model_validate_json(row.content)
        )
        for row in register.rows(work)
    ]
