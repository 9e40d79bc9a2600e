"""The job that clears away what has had its time; it knows one service and no row."""

from __future__ import annotations

from celery import shared_task

from meldcode_plugin.services import anchors, upkeep
from meldcode_plugin.tasks.door import the_door
from meldcode_plugin.tasks.reminders import NEVER_LOST

TIDY = "meldcode.upkeep.tidy"
ANCHOR = "meldcode.upkeep.anchor"


@shared_task(name=ANCHOR, **NEVER_LOST)
def anchor() -> None:
    """Write the end of the log outside the database."""
    with the_door() as door:
        anchors.keep(door)


@shared_task(name=TIDY, **NEVER_LOST)
def tidy() -> None:
    """Delete old drafts, files and sign-ins."""
    with the_door() as door:
        upkeep.tidy(door)
