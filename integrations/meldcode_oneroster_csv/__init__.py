"""OneRoster CSV, 1.1 and 1.2, as a `StudentSource`; it knows only the port and the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meldcode_oneroster_csv.source import CsvSource
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.sis import StudentSource

__all__ = ["CsvSource", "source"]

HERE = "MELDCODE_SOURCE_OPTIONS"


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source that the options describe: ``path`` of a zip or a folder of zips, and ``school``.

    Raises `SettingsWrong` for an option that is missing or unknown. Nothing is opened yet.
    """
    if unknown := set(options) - {"path", "school"}:
        raise SettingsWrong(f"{HERE}: oneroster_csv does not know {', '.join(sorted(unknown))}.")
    if missing := [name for name in ("path", "school") if not str(options.get(name, "")).strip()]:
        raise SettingsWrong(f"{HERE}: oneroster_csv also needs {', '.join(missing)}.")
    return CsvSource(Path(options["path"]), str(options["school"]).strip())
