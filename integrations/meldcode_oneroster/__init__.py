"""OneRoster 1.2 and 1.1 over REST as a `StudentSource`; it knows only the port and the errors."""

from __future__ import annotations

from typing import Any

from meldcode_oneroster.options import Options
from meldcode_oneroster.source import OneRosterSource
from meldcode_oneroster.transport import Transport
from meldcode_plugin.sis import StudentSource

__all__ = ["OneRosterSource", "Options", "source"]


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source that the options describe; the keys stand in README.md. Nothing is asked of the server yet.

    Raises `SettingsWrong` for an option that is missing, unknown or wrong.
    """
    known = Options.of(options)
    return OneRosterSource(Transport(known), known)
