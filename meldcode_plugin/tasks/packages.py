"""The jobs that build report packages: an id in, one service call; they know one service and no package."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from flask import current_app

from meldcode_plugin.services import packages_build
from meldcode_plugin.services.door import Door
from meldcode_plugin.tasks.reminders import NEVER_LOST

BUILD, SWEEP = "meldcode.packages.build", "meldcode.packages.sweep"


@shared_task(name=BUILD, **NEVER_LOST)
def build(package: str) -> None:
    """Build one package, or build it further."""
    door: Door = current_app.extensions["meldcode"]
    packages_build.build(door, UUID(package))


@shared_task(name=SWEEP, **NEVER_LOST)
def sweep() -> None:
    """Build what waits, whatever became of its message."""
    door: Door = current_app.extensions["meldcode"]
    packages_build.sweep(door)
