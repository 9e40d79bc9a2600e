"""The school in memory as a `StudentSource`, for tests and the demo; it knows only the port and the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meldcode_memory.school import PUPILS, SCHOOL_NAME, STAFF
from meldcode_memory.source import MemorySource
from meldcode_memory.twins import AwaySource, HalfSource, LateSource, SwitchedSource
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.sis import OPTIONS, StudentSource, check_options

__all__ = [
    "PUPILS",
    "SCHOOL_NAME",
    "STAFF",
    "AwaySource",
    "HalfSource",
    "LateSource",
    "MemorySource",
    "SwitchedSource",
    "source",
]


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source that the options describe; without options the whole school that always answers.

    ``answers``: ``all`` (default), ``never``, ``half`` (names only, no staff) or ``late``;
    ``seconds``: how late; ``away_file``: while this file exists the source does not answer.
    Raises `SettingsWrong` for anything else.
    """
    check_options("memory", options, (), ("answers", "seconds", "away_file"))
    made = _answering(str(options.get("answers", "all")), float(options.get("seconds", 1)))
    return SwitchedSource(made, Path(options["away_file"])) if "away_file" in options else made


def _answering(answers: str, seconds: float) -> StudentSource:
    whole = MemorySource(PUPILS, STAFF)
    if answers == "all":
        return whole
    if answers == "never":
        return AwaySource()
    if answers == "half":
        return HalfSource(whole)
    if answers == "late":
        return LateSource(whole, seconds)
    raise SettingsWrong(f"{OPTIONS}: answers is all, never, half or late.")
