"""Hands a command the door of the app in which it runs; it knows no command."""

from __future__ import annotations

import click
from flask import current_app

from meldcode_plugin.services.door import Door


def the_door() -> Door:
    """Return the door; unwatched until the command ends, and then its connections close."""
    found: Door = current_app.extensions["meldcode"]
    command = click.get_current_context()
    command.call_on_close(found.store.engine.dispose)
    return command.with_resource(found.unwatched())
