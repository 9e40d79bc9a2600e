"""Hands a job the door of the app in which it runs; it knows no job."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import current_app

from meldcode_plugin.services.door import Door


def the_door() -> AbstractContextManager[Door]:
    """Return the door, unwatched as long as it is held; only inside a job with an app."""
    found: Door = current_app.extensions["meldcode"]
    return found.unwatched()
