"""The product as it is installed, on the school of a file; nothing is switched off."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from flask import Flask

# comes with the browser of the tests, and Celery loads what it finds: a school has none of its 1.1 MiB
sys.modules["greenlet"] = None  # type: ignore[assignment]  # what Python itself takes for "not there"
from meldcode_plugin import create_app  # noqa: E402  # after the line above


def app(config: str) -> Flask:
    """Make the application for the school of this file."""
    known = json.loads(Path(config).read_text())
    folder = Path(known["folder"])
    return create_app(
        {
            "MELDCODE_SCHOOL": "99ZZ00",
            "MELDCODE_PUBLIC_URL": "http://localhost",
            "MELDCODE_DATABASE_URL": known["url"],
            "MELDCODE_OIDC_ISSUER": "http://localhost:1",
            "MELDCODE_OIDC_CLIENT_ID": "meldcode",
            "MELDCODE_OIDC_CLIENT_SECRET": "geheim",
            "MELDCODE_KEY_FILE": folder / "root.key",
            "MELDCODE_BLOB_DIR": folder / "blobs",
        }
    )
