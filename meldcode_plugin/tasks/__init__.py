"""Celery: ids in, one service call, nothing else. The row is the message; the broker only makes it fast.

Worker and beat are two processes: the beat of ``worker -B`` goes on when its worker is killed.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import Celery
from celery.schedules import crontab

from meldcode_plugin.settings import Settings
from meldcode_plugin.tasks import packages, reminders, roster, upkeep

OWN = "meldcode"
"""Name of our own Celery; any other is a host's, whose broker and worker stay as the host set them."""

TIME_LIMIT = reminders.TIME_LIMIT
VISIBILITY_TIMEOUT = 300
"""Seconds after which the broker hands a message out again: longer than a job may live."""
SWEEP_EVERY, ANCHOR_EVERY, TIDY_EVERY = 60.0, 300.0, 3600.0
"""In seconds. The end of the log is looked at each 5 minutes, and written when the last one is 15 minutes old."""
ROSTER_AT = crontab(hour="6", minute="20")
"""After the night in which systems hand over their files, and before school."""

# A message that nobody took before the next one came says nothing any more.
_BEAT_SCHEDULE = {
    "meldcode.sweep": {
        "task": reminders.SWEEP,
        "schedule": SWEEP_EVERY,
        "kwargs": {"by": "beat"},
        "options": {"expires": SWEEP_EVERY},
    },
    "meldcode.packages": {"task": packages.SWEEP, "schedule": SWEEP_EVERY, "options": {"expires": SWEEP_EVERY}},
    "meldcode.anchor": {"task": upkeep.ANCHOR, "schedule": ANCHOR_EVERY, "options": {"expires": ANCHOR_EVERY}},
    "meldcode.roster": {"task": roster.SYNC, "schedule": ROSTER_AT, "options": {"expires": TIDY_EVERY}},
    "meldcode.tidy": {"task": upkeep.TIDY, "schedule": TIDY_EVERY, "options": {"expires": TIDY_EVERY}},
}

QUICK = 0.5
"""Seconds that a hint inside a page waits for the broker; one that does not answer is left alone."""
_REDIS = {"socket_connect_timeout": QUICK, "socket_timeout": QUICK, "retry_on_timeout": False}

log = logging.getLogger(__name__)


def configure(celery: Celery, settings: Settings) -> None:
    """Add our timed jobs to a Celery, and set up our own so that no job is lost.

    What each job needs (late acknowledgement, JSON, a time limit) stands on the job itself, so it also
    holds on a host's Celery.
    """
    celery.conf.beat_schedule = {**(celery.conf.beat_schedule or {}), **_BEAT_SCHEDULE}
    if celery.main == OWN:
        celery.conf.update(_own(settings))


def _own(settings: Settings) -> dict[str, Any]:
    return {
        "broker_url": _broker_url(settings.redis_url),
        "broker_transport_options": {"visibility_timeout": VISIBILITY_TIMEOUT},
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "result_backend": None,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": TIME_LIMIT,
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 30.0,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "timezone": settings.timezone,
        "enable_utc": True,
    }


def _broker_url(url: str | None) -> str | None:
    """Return the broker's address as Celery spells it: its socket is ``redis+socket://``, redis-py's ``unix://``."""
    return "redis+socket://" + url.removeprefix("unix://") if url and url.startswith("unix://") else url


def hint(celery: Celery, row: UUID) -> None:
    """Wake a worker, because this row fell due just now. When the broker is away, the next sweep sees it."""
    _send(celery, row, reminders.SWEEP, expires=SWEEP_EVERY)


def hint_package(celery: Celery, package: UUID) -> None:
    """Tell a worker which package waits; without a broker the sweep of the next minute builds it."""
    _send(celery, package, packages.BUILD, args=[str(package)])


def _send(celery: Celery, row: UUID, task: str, **more: Any) -> None:
    """Send a message that may get lost. It never fails and hardly delays a page."""
    if not celery.conf.broker_url:
        return
    options = {"max_retries": 0, **(_REDIS if "redis" in celery.conf.broker_url.split(":")[0] else {})}
    try:
        with celery.connection_for_write(connect_timeout=QUICK, transport_options=options) as connection:
            celery.send_task(task, connection=connection, retry=False, ignore_result=True, **more)
    # The row is stored: nothing that any broker, driver or host's setting brings about may reach its writer.
    except Exception as fault:  # noqa: BLE001  # see above
        log.warning("The broker does not answer (%s): row %s waits for the next sweep.", type(fault).__name__, row)
