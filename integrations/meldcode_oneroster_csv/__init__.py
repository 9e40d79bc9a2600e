"""OneRoster CSV, 1.1 and 1.2, as a `StudentSource`; it knows the port, the errors and how OneRoster's rows are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from meldcode_oneroster_csv.source import CsvSource
from meldcode_plugin.sis import StudentSource, check_options

__all__ = ["CsvSource", "source"]


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source that the options describe: ``path`` of a zip or a folder of zips, and ``school``.

    Raises `SettingsWrong` for an option that is missing or unknown. Nothing is opened yet.
    """
    check_options("oneroster_csv", options, ("path", "school"))
    return CsvSource(Path(options["path"]), str(options["school"]).strip())
