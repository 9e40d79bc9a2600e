"""The pupils of the Flask app that the plugin stands in, through functions of that app; it knows only the port."""

from __future__ import annotations

from typing import Any

from meldcode_flaskhost.source import HostSource
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.sis import OPTIONS, StudentSource, check_options

__all__ = ["HostSource", "source"]

NEEDED = ("pupil", "search", "staff")


def source(options: dict[str, Any]) -> StudentSource:
    """Make the source of a host's functions, each as ``package.module:function`` or as the function itself.

    ``pupil(id)``, ``search(words, limit)`` and ``staff()`` are needed; ``pupils()``, everybody, lets the plugin
    read the whole school. Raises `SettingsWrong` for an option that is missing, unknown or no name. The functions
    are looked for at the first question, since the app that holds them may still be starting.
    """
    check_options("flaskhost", options, NEEDED, ("pupils",))
    for name, value in options.items():
        if not callable(value) and not _is_dotted(str(value)):
            raise SettingsWrong(f"{OPTIONS}: {name} is written as package.module:function.")
    return HostSource(dict(options))


def _is_dotted(value: str) -> bool:
    module, _, function = value.partition(":")
    return function.isidentifier() and all(part.isidentifier() for part in module.split("."))
