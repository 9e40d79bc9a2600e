"""Meldcode(app) and create_app(): the only file that knows every room and connects those that may not meet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from celery import Celery, Task
from flask import Config, Flask

from meldcode_plugin import logs, sis, tasks, web
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.terms import Terms
from meldcode_plugin.services import attachments
from meldcode_plugin.services.door import Door
from meldcode_plugin.settings import PREFIX, Settings
from meldcode_plugin.store.keys import RootKeys
from meldcode_plugin.store.work import Clock, Store, make_engine, utc_now

NO_SETTINGS = ("MELDCODE_SETTINGS", "MELDCODE_BIND", "MELDCODE_WORKERS")
"""Names in the environment that are about how it runs, and no setting."""

if TYPE_CHECKING:
    _Task = Task[..., object]
else:
    _Task = Task


class Meldcode:
    """The extension. It keeps nothing on itself: all state is in ``app.extensions["meldcode"]``."""

    def __init__(self, app: Flask | None = None) -> None:
        """Bind to an app at once, or later with `init_app`."""
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, *, clock: Clock = utc_now) -> Door:
        """Read the MELDCODE_ settings, open the store and register the pages and the jobs.

        Raises `SettingsWrong` with every setting that is not right. The host's own queries, tables and
        session stay as they are. Returns the door, for a host that starts unattended work itself.
        """
        if "meldcode" in app.extensions:
            raise SettingsWrong("Meldcode is already on this app. Call init_app once.")
        settings = Settings.from_mapping(app.config)
        door = Door(settings, _store(app, settings, clock), sis.load(settings.source, settings.source_options))
        app.extensions["meldcode"] = door
        web.register(app, door)
        celery = _celery(app, settings)
        door.lent = celery.main != tasks.OWN
        door.listen("reminder_due", lambda row: tasks.hint(celery, row))
        door.listen("package_requested", lambda row: tasks.hint_package(celery, row))
        attachments.listen(door)
        return door


def _store(app: Flask, settings: Settings, clock: Clock) -> Store:
    settings.blob_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    calendar = SchoolCalendar(settings.region, settings.timezone, frozenset(settings.own_days))
    engine, keys = make_engine(_database(app, settings)), RootKeys(settings.key_file)
    return Store(engine, keys, settings.blob_dir, calendar, clock, _terms(settings))


def _terms(settings: Settings) -> Terms:
    try:
        return Terms.of(settings.terms)
    except ValueError as wrong:
        raise SettingsWrong(f"MELDCODE_TERMS: {wrong}. The names stand in docs/reminders.md.") from None


def _database(app: Flask, settings: Settings) -> Any:
    """Our own setting, else the host's bind ``meldcode``, else the host's default database."""
    if settings.database_url:
        return settings.database_url
    host = app.extensions.get("sqlalchemy")
    if host is None:
        raise SettingsWrong("MELDCODE_DATABASE_URL: set it, or put Flask-SQLAlchemy on the app before Meldcode.")
    with app.app_context():
        return host.engines.get("meldcode", host.engines[None]).url


def _celery(app: Flask, settings: Settings) -> Celery:
    """The host's Celery when it has one, whose tasks run in its app; else our own, set up to lose no work."""
    if "celery" not in app.extensions:
        app.extensions["celery"] = Celery(tasks.OWN, task_cls=_task_of(app), set_as_current=False)
    celery: Celery = app.extensions["celery"]
    tasks.configure(celery, settings)
    return celery


def _task_of(app: Flask) -> type[_Task]:
    """Let every task run inside the app, as a page does."""

    class AppTask(_Task):
        """A task of this app."""

        def __call__(self, *args: object, **kwargs: object) -> object:
            """Run in the app's context."""
            with app.app_context():
                return self.run(*args, **kwargs)

    return AppTask


def read_config() -> Config:
    """Read the settings of the environment (MELDCODE_...) and of the file that MELDCODE_SETTINGS names."""
    config = Config(Path.cwd())
    config.update({key: value for key, value in os.environ.items() if key.startswith(PREFIX)})
    config.from_envvar("MELDCODE_SETTINGS", silent=True)
    for key in NO_SETTINGS:
        config.pop(key, None)
    return config


def create_app(config: dict[str, Any] | None = None) -> Flask:
    """Make the plugin's own application, beside a system that is not Flask.

    Settings come from the environment (MELDCODE_...), from the file that MELDCODE_SETTINGS names,
    and from ``config``, the last one winning.
    """
    logs.begin()
    app = Flask("meldcode_plugin", static_folder=None)
    app.config.update(read_config())
    app.config.update(config or {})
    Meldcode().init_app(app)
    return app
