"""The school's own system, a Flask app with the plugin inside; gunicorn, the worker and the beat all load it."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

from celery import Celery
from celery.signals import beat_init, worker_ready
from flask import Flask

from meldcode_demo import pages, signin
from meldcode_demo.town import MARKS, SETTINGS
from meldcode_plugin import Meldcode


def create_app() -> Flask:
    """Make the school's system. The two lines about Meldcode are all that embedding takes."""
    app = Flask("meldcode_demo")
    app.config.from_file(os.environ[SETTINGS], load=json.load)
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(hours=8)
    app.config["MELDCODE_BASE_TEMPLATE"] = "sis/frame.html"
    signin.add_to(app)
    pages.add_to(app)
    Meldcode().init_app(app)
    return app


def _mark(name: str) -> None:
    """Say that a part without a port of its own is ready."""
    (Path(os.environ[MARKS]) / name).touch()


@worker_ready.connect
def _worker_is_ready(**_: object) -> None:
    _mark("worker")


@beat_init.connect
def _beat_is_ready(**_: object) -> None:
    _mark("beat")


app = create_app()
celery: Celery = app.extensions["celery"]
