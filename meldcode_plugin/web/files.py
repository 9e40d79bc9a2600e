"""Hands a sealed file to a browser that may read it; it knows no dossier."""

from __future__ import annotations

from urllib.parse import quote

from werkzeug.wrappers import Response

from meldcode_plugin.services.attachments import OpenFile


def hand_out(found: OpenFile) -> Response:
    """Return the file as an answer, piece by piece; always to be saved, never shown in the page (T15)."""
    answer = Response(iter(found), mimetype=found.media_type)
    answer.call_on_close(found.close)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    answer.headers["Content-Length"] = str(found.size)
    return answer
