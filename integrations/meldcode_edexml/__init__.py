"""EDEXML 2.1, which Dutch primary systems export, as a `StudentSource`; it knows only the port and the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meldcode_edexml.source import EdexmlSource, Options
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.sis import StudentSource

__all__ = ["EdexmlSource", "Options", "source"]

HERE = "MELDCODE_SOURCE_OPTIONS"
KNOWN = {"path", "school", "dependance", "match_on_eck_id", "old_after_days"}


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source that the options describe; the keys stand in README.md. The file is not opened yet.

    Raises `SettingsWrong` for an option that is missing, unknown or wrong.
    """
    if unknown := set(options) - KNOWN:
        raise SettingsWrong(f"{HERE}: edexml does not know {', '.join(sorted(unknown))}.")
    if missing := [name for name in ("path", "school") if not str(options.get(name, "")).strip()]:
        raise SettingsWrong(f"{HERE}: edexml also needs {', '.join(missing)}.")
    days = str(options.get("old_after_days", 4))
    if not days.isdigit():
        raise SettingsWrong(f"{HERE}: old_after_days is a number of days.")
    eck = str(options.get("match_on_eck_id", "false")).casefold()
    if eck not in ("true", "false"):
        raise SettingsWrong(f"{HERE}: match_on_eck_id is true or false.")
    place = str(options.get("dependance", "")).strip()
    return EdexmlSource(Options(Path(options["path"]), str(options["school"]).strip(), place, eck == "true", int(days)))
