"""The `StudentSource` over a zip, or a folder of zips; it knows no column."""

from __future__ import annotations

from pathlib import Path

from meldcode_oneroster_csv import tables
from meldcode_oneroster_csv.archive import BULK, FORMAT, Archive
from meldcode_oneroster_csv.tables import Tables
from meldcode_plugin.sis.files import FileSource, People


class CsvSource(FileSource):
    """Puts the zips on top of each other, from the newest with users in bulk on."""

    format = FORMAT

    def files(self) -> list[Path]:
        """Return the zip, or those of the folder in the order of their names."""
        return sorted(self.path.glob("*.zip")) if self.path.is_dir() else [self.path]

    def read(self, files: list[Path]) -> People:
        """Read them; what is older than the last export in bulk does not count."""
        held: Tables = {}
        for path in files[_last_bulk(files) :]:
            with path.open("rb") as file:
                tables.add(held, Archive(file))
        return tables.people(held, self.school)


def _last_bulk(files: list[Path]) -> int:
    for at in range(len(files) - 1, 0, -1):
        with files[at].open("rb") as file:
            if Archive(file).how("users") == BULK:
                return at
    return 0
