"""The meldcode for Dutch primary schools, as a plugin for a school's student information system."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meldcode_plugin.extension import Meldcode, create_app

__all__ = ["Meldcode", "__version__", "create_app"]


def __getattr__(name: str) -> Any:
    """Load the extension when it is asked for: rules and errors alone need no web server."""
    if name == "__version__":
        return version("meldcode-plugin")
    if name in __all__:
        from meldcode_plugin import extension  # noqa: PLC0415  # on demand, see above

        return getattr(extension, name)
    raise AttributeError(name)
