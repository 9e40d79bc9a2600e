"""How often somebody may sign in or search, counted in Redis or in this process; it never stops a signal."""

from __future__ import annotations

import logging
from typing import Any

from flask import current_app
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from meldcode_plugin.settings import Settings

SIGN_INS = RateLimitItemPerMinute(60)
"""Of one account. A person needs one; a loop between two pages, or a script, needs more."""
SEARCHES = RateLimitItemPerMinute(60)
"""Of one person, for the names of pupils."""
KEY = "meldcode-rates"
_QUICK: dict[str, Any] = {"socket_connect_timeout": 0.5, "socket_timeout": 0.5}
log = logging.getLogger("meldcode.rates")


def _storage(settings: Settings) -> Storage:
    """Count for all processes in Redis, and without it in each process apart."""
    url = settings.redis_url
    if not url:
        return MemoryStorage()
    for spelling in ("redis+socket://", "unix://"):
        url = "redis+unix://" + url.removeprefix(spelling) if url.startswith(spelling) else url
    return RedisStorage(url, wrap_exceptions=True, **_QUICK)


def _limiter() -> FixedWindowRateLimiter:
    if KEY not in current_app.extensions:
        settings: Settings = current_app.extensions["meldcode"].settings
        current_app.extensions[KEY] = FixedWindowRateLimiter(_storage(settings))
    found: FixedWindowRateLimiter = current_app.extensions[KEY]
    return found


def within(limit: RateLimitItem, *who: str) -> bool:
    """Count one more and tell whether it is still within the limit; a counter that is away stops nobody."""
    try:
        return _limiter().hit(limit, "meldcode", *who)
    except Exception as fault:  # noqa: BLE001  # whatever Redis does, people must be able to work
        log.warning("The counter does not answer (%s).", type(fault).__name__)
        return True
