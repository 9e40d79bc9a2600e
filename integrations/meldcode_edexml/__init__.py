"""EDEXML 2.1, which Dutch primary systems export, as a `StudentSource`; it knows only the port and the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meldcode_edexml.source import EdexmlSource
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.sis import OPTIONS, StudentSource, check_options
from meldcode_plugin.sis.files import OLD_DAYS

__all__ = ["EdexmlSource", "source"]


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source that the options describe; the keys stand in README.md. The file is not opened yet.

    Raises `SettingsWrong` for an option that is missing, unknown or wrong.
    """
    check_options("edexml", options, ("path", "school"), ("dependance", "match_on_eck_id", "old_after_days"))
    days = str(options.get("old_after_days", OLD_DAYS))
    if not days.isdigit():
        raise SettingsWrong(f"{OPTIONS}: old_after_days is a number of days.")
    eck = str(options.get("match_on_eck_id", "false")).casefold()
    if eck not in ("true", "false"):
        raise SettingsWrong(f"{OPTIONS}: match_on_eck_id is true or false.")
    place = str(options.get("dependance", "")).strip()
    return EdexmlSource(
        Path(options["path"]),
        str(options["school"]).strip(),
        place,
        match_on_eck_id=eck == "true",
        old_after_days=int(days),
    )
