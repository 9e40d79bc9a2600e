"""What `celery -A meldcode_plugin.cli.worker:celery` loads: the standalone application's Celery."""

from __future__ import annotations

from celery import Celery

import meldcode_plugin

celery: Celery = meldcode_plugin.create_app().extensions["celery"]
