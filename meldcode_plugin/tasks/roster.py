"""The job that looks at the school's roster each morning; it knows one service and no pupil."""

from __future__ import annotations

from celery import shared_task

from meldcode_plugin.services import roster
from meldcode_plugin.tasks.door import the_door
from meldcode_plugin.tasks.reminders import NEVER_LOST

SYNC = "meldcode.roster.sync"
TIME_LIMIT = 280
"""Seconds after which it is killed: a large roster at a slow server takes longer than a mail."""


@shared_task(name=SYNC, **NEVER_LOST | {"time_limit": TIME_LIMIT})
def sync() -> None:
    """Compare the roster with the pupils of cases."""
    with the_door() as door:
        roster.sync(door)
