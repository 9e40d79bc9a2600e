"""The door: hands pages and tasks a Work for a viewer or for the system; they never meet the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import clocks
from meldcode_plugin.settings import Settings
from meldcode_plugin.sis import StudentSource
from meldcode_plugin.store import schools
from meldcode_plugin.store.work import Store, Work, unwatched

Listener = Callable[[UUID], None]


@dataclass
class Door:
    """Everything that a use case may need: settings, the store, the school's system, who listens.

    ``lent``: the jobs go through the Celery of the application that we are in.
    """

    settings: Settings
    store: Store
    source: StudentSource
    listeners: dict[str, list[Listener]] = field(default_factory=dict)
    lent: bool = False

    @cached_property
    def school_id(self) -> UUID:
        """The id of the school of MELDCODE_SCHOOL; it must have been added before."""
        found = schools.by_code(self.store, self.settings.school)
        if found is None:
            raise SettingsWrong(
                f"MELDCODE_SCHOOL: school {self.settings.school} is not there yet. Add it with 'meldcode school add'."
            )
        return found

    @property
    def queued(self) -> bool:
        """Tell whether a worker and a beat carry the jobs; else a timer runs the sweep."""
        return self.lent or bool(self.settings.redis_url)

    def listen(self, event: str, listener: Listener) -> None:
        """Call ``listener`` with the row's id each time after a transaction that left this hint."""
        self.listeners.setdefault(event, []).append(listener)

    @contextmanager
    def work(self, viewer: Viewer) -> Iterator[Work]:
        """Open a transaction for a viewer. At its end all stands, log line first, or nothing does.

        Hints go out after the commit. No network call belongs inside.
        """
        with self.store.work(viewer) as work:
            yield work
            clocks.catch_up(work)
        for event, row in work.hints:
            for listener in self.listeners.get(event, []):
                listener(row)

    @contextmanager
    def system(self, reason: str) -> Iterator[Work]:
        """Open a transaction for unattended work of this school; it opens no dossier."""
        with self.work(Viewer.for_system(self.school_id, reason)) as work:
            yield work

    @contextmanager
    def unwatched(self) -> Iterator[Door]:
        """Be the door of a command or a job: nobody waits for a page, so it waits longer for its turn."""
        with unwatched():
            yield self
