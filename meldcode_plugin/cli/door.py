"""Hands a command the door of the app in which it runs; it knows no command."""

from __future__ import annotations

import click
from flask import current_app

from meldcode_plugin.services.door import Door


def the_door() -> Door:
    """Return the door, unwatched until the command ends; only inside a command with an app."""
    found: Door = current_app.extensions["meldcode"]
    return click.get_current_context().with_resource(found.unwatched())
