"""Takes in the files of a form, and hands a sealed one to a browser that may read it; it knows no dossier."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules import uploads
from meldcode_plugin.services import attachments
from meldcode_plugin.services.attachments import OpenFile
from meldcode_plugin.web.gate import door, viewer

LOST = "files_lost"
"""The field by which a form that was sent again says that its files did not come along."""
NOT_THERE = "De bestanden zijn niet meegekomen. Kies ze opnieuw, of verstuur het zonder."


def take_in(key: UUID) -> tuple[list[UUID], dict[str, str]]:
    """Take in the chosen files and return their ids; one that is refused is named with its reason, the others stay."""
    came = []
    refused = [NOT_THERE] if LOST in request.form and not any(one.filename for one in request.files.values()) else []
    for file in request.files.getlist(uploads.FIELD):
        if file.filename:
            try:
                with attachments.receive(door(), file.filename, file.stream) as one, door().work(viewer()) as work:
                    came.append(attachments.keep(work, key, one).id)
            except InputRefused as why:
                refused += why.fields.values()
    return came, {uploads.FIELD: " ".join(refused)} if refused else {}


def hand_out(found: OpenFile) -> Response:
    """Return the file as an answer, piece by piece; always to be saved, never shown in the page (T15)."""
    answer = Response(iter(found), mimetype=found.media_type)
    answer.call_on_close(found.close)
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    answer.headers["Content-Length"] = str(found.size)
    return answer
