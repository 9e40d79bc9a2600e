"""The jobs that build report packages: an id in, one service call; they know one service and no package."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from meldcode_plugin.services import packages_build
from meldcode_plugin.tasks.door import the_door
from meldcode_plugin.tasks.reminders import NEVER_LOST

BUILD, SWEEP = "meldcode.packages.build", "meldcode.packages.sweep"


@shared_task(name=BUILD, **NEVER_LOST)
def build(package: str) -> None:
    """Build one package, or build it further."""
    with the_door() as door:
        packages_build.build(door, UUID(package))


@shared_task(name=SWEEP, **NEVER_LOST)
def sweep() -> None:
    """Build what waits, whatever became of its message."""
    with the_door() as door:
        packages_build.sweep(door)
