"""The job that sends reminders; it knows one service and nothing of what is sent."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from meldcode_plugin.services import health, reminders
from meldcode_plugin.tasks.door import the_door

SWEEP = "meldcode.reminders.sweep"
TIME_LIMIT = 120
"""Seconds after which a job is killed; what it was sending is taken again after its lease."""
NEVER_LOST: dict[str, Any] = {
    "acks_late": True,
    "reject_on_worker_lost": True,
    "ignore_result": True,
    "serializer": "json",
    "time_limit": TIME_LIMIT,
}
"""Written on every job, so that it also holds on a host's Celery."""


@shared_task(name=SWEEP, **NEVER_LOST)
def sweep(by: str = "") -> None:
    """Send what is due now. ``by`` is ``beat`` when the clock of the beat sent this, and not a page."""
    with the_door() as door:
        health.mark(door, "worker", *([by] if by else []))
        reminders.sweep(door)
