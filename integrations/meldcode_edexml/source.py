"""The `StudentSource` over one EDEXML file of one school; it knows no XML."""

from __future__ import annotations

from pathlib import Path

from meldcode_edexml import reading
from meldcode_plugin.sis import Fault
from meldcode_plugin.sis.files import OLD_DAYS, FileSource, People


class EdexmlSource(FileSource):
    """Refuses a file of another school, or without pupils."""

    format = reading.FORMAT

    def __init__(
        self,
        path: Path,
        school: str,
        dependance: str = "",
        *,
        match_on_eck_id: bool = False,
        old_after_days: int = OLD_DAYS,
    ) -> None:
        """Open nothing yet. ``match_on_eck_id``: an ECK iD may find a pupil again."""
        super().__init__(path, school, old_after_days)
        self._dependance, self._match_on_eck_id = dependance, match_on_eck_id

    def read(self, files: list[Path]) -> People:
        """Read the file whole."""
        with files[0].open("rb") as file:
            found = reading.read(file, eck_id_finds=self._match_on_eck_id)
        wanted, place = self.school.casefold(), self._dependance.casefold()
        if found.brin.casefold() != wanted or (place and found.dependance.casefold() != place):
            why = f"the file is of another school than {self.school} {self._dependance}".strip()
            raise self.wrong(Fault.FOREIGN, f"{why}. Check the export and the option school.")
        if not found.pupils:
            raise self.wrong(Fault.EMPTY, "the file holds no pupils. Export again.")
        return found
