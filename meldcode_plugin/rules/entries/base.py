"""What every payload is: checked, frozen data in which an unknown field is refused."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

LONG = 20_000
SHORT = 300
REASONED = 30
"""The fewest letters that can be a reason instead of a word."""

YesNo = Literal["yes", "no"]


class Payload(BaseModel):
    """Base of all payloads. A payload carries ``kind`` and ``v``; an older version is upgraded on read."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)


class Step(Payload):
    """Base of what is written in the steps. ``passed`` holds the codes of the warnings that its author went past."""

    passed: tuple[str, ...] = ()
