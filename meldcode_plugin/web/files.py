"""Hands a sealed file to a browser that may read it; it knows no dossier."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.wrappers import Response

from meldcode_plugin.services.attachments import OpenFile

SHOWN = ("image/jpeg", "image/png", "image/webp")
"""Pictures are shown in the browser; all else is saved by its reader. No program reads them on the way."""


def hand_out(found: OpenFile) -> Response:
    """Return the file as an answer, piece by piece."""
    answer = Response(iter(found), mimetype=found.media_type)
    answer.call_on_close(found.close)
    how = "inline" if found.media_type in SHOWN else "attachment"
    answer.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(found.name, safe='')}"
    answer.headers["Content-Length"] = str(found.size)
    return answer
