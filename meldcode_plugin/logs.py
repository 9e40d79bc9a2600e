"""Log lines as JSON, one a line, of our own application; no line carries a value that a person typed."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

OURS = "meldcode"
QUIET = ("authlib", "urllib3", "requests", "sqlalchemy", "alembic", "pikepdf", "PIL", "kombu", "amqp", "fontTools")
"""Libraries whose lines may name what they handle: from them only warnings, without what was filled in."""


class JsonLines(logging.Formatter):
    """One JSON object a line: when, how bad, which part, what. Of a fault its kind and place, never its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name,
            "text": self._text(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["fault"] = record.exc_info[0].__name__
            line["place"] = _place(record.exc_info[2])
        return json.dumps(line, ensure_ascii=False)

    @staticmethod
    def _text(record: logging.LogRecord) -> str:
        """Return our own words whole; of another's only a pattern: what was filled in may be anything."""
        own = record.name.startswith((OURS, "celery.worker.strategy", "gunicorn.error"))
        if own:
            return record.getMessage()
        return str(record.msg)[:300] if record.args else "a line of a library, left out"


def _place(trace: object) -> str:
    while getattr(trace, "tb_next", None) is not None:
        trace = trace.tb_next  # type: ignore[attr-defined]  # a traceback, or the line above said no
    frame = getattr(trace, "tb_frame", None)
    return f"{frame.f_code.co_qualname}:{trace.tb_lineno}" if frame else "?"  # type: ignore[attr-defined]  # idem


def begin() -> None:
    """Send all lines of this process through one handler, unless somebody set up logging before."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its lines hold addresses, and those hold pupils' ids
