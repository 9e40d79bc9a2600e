"""Anchors: the signed end of the log, written outside the database, so that a log that was cut can be told."""

from __future__ import annotations

import json
import os
from datetime import timedelta

from meldcode_plugin.services.door import Door
from meldcode_plugin.store import accesslog, marks

EVERY = timedelta(minutes=14)
"""Who asks does so each five minutes, so a line is never more than 15 minutes old."""


def keep(door: Door) -> bool:
    """Add a line to MELDCODE_ANCHOR_FILE when the last one is old; tell whether it did.

    The line is on the disk before the mark says so: what dies in between writes one line more, never one less.
    Raises OSError when the file can not be written.
    """
    path = door.settings.anchor_file
    if path is None:
        return False
    with door.system("log anchor") as work:
        held = marks.all_marks(work).get("anchor")
        if held is not None and timedelta(0) <= work.now - held.at < EVERY:
            return False
        line = json.dumps(accesslog.anchor(work))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640), "a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    with door.system("log anchor") as work:
        marks.put(work, "anchor")
    return True
