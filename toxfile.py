"""Looks for the Python 3.13 of the env py313 where version managers keep it, and says so when there is none."""

from __future__ import annotations

import atexit
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tox.plugin import impl
from tox.session.state import State

KEPT = "~/.pyenv/versions/3.13*/bin/python3.13", "~/.local/share/uv/python/cpython-3.13*/bin/python3.13"
LINE = "uv python install 3.13    (or: apt-get install python3.13-venv, from Debian 13 on)"


def _works(python: str) -> bool:
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0  # noqa: S603  # a path found here


def _find() -> str | None:
    """Return a Python 3.13 that runs; a name on the PATH may be a shim that does not."""
    kept = [str(path) for pattern in KEPT for path in Path("~").expanduser().glob(pattern.removeprefix("~/"))]
    return next((python for python in [shutil.which("python3.13"), *kept] if python and _works(python)), None)


def _say(made: Path) -> None:
    if not made.exists():
        sys.stderr.write(
            "\n" + "!" * 100 + "\nNOT TESTED on Python 3.13: this machine has none and uv could not fetch one.\n"
            f"Type this line and run tox again:\n\n    {LINE}\n\n" + "!" * 100 + "\n"
        )


@impl
def tox_add_core_config(core_conf: object, state: State) -> None:  # noqa: ARG001  # tox hands it in
    """After the summary, say it loudly when py313 was asked for and could not be run."""
    envs, provisioned = state.conf.options.env, importlib.util.find_spec("tox_uv")
    if provisioned and (envs.is_all or envs.is_default_list or "py313" in (envs or ())):
        atexit.register(_say, Path(__file__).parent / ".tox/py313/bin/python")


if found := _find():
    os.environ["PATH"] += os.pathsep + str(Path(found).parent)
