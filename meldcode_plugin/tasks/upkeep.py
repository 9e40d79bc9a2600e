"""The job that clears away what has had its time: old drafts with their files, old sign-ins. It knows no row itself."""

from __future__ import annotations

from celery import shared_task
from flask import current_app

from meldcode_plugin.services import attachments, drafts, signins
from meldcode_plugin.services.door import Door
from meldcode_plugin.tasks.reminders import NEVER_LOST

TIDY = "meldcode.upkeep.tidy"


@shared_task(name=TIDY, **NEVER_LOST)
def tidy() -> None:
    """Delete drafts after 14 days and sign-ins that ended, each in its own transaction."""
    door: Door = current_app.extensions["meldcode"]
    with door.system("upkeep: drafts") as work:
        drafts.tidy(work)
    with door.system("upkeep: files") as work:
        attachments.tidy(work)
    with door.system("upkeep: sign-ins") as work:
        signins.tidy(work, absolute_hours=door.settings.absolute_hours)
