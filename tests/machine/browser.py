"""A real Chromium, the machine's own, driven by Playwright; it knows no page of the product."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.machine.node import node
from tests.machine.process import missing

APT = "apt-get update && apt-get install -y --no-install-recommends chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
"""No sandbox: the pages are our own and root has none; and nothing that calls home."""


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; root gets it from apt when it is not there yet."""
    if not shutil.which("chromium") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(APT, shell=True, check=False)  # noqa: S602  # one line, the same that a person types
    found = shutil.which("chromium")
    if not found:
        raise missing("Chromium", f"sudo sh -c '{APT}'")
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """A browser that lives as long as the tests; each test opens a context of its own in it."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = node()  # the one that comes with Playwright needs libatomic1 from apt
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, headless=True, args=QUIET)
        yield running
        running.close()
