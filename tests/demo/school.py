"""Starts `meldcode demo` for a test and visits it by HTTP, as a browser without JavaScript would."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin

import requests

COMMAND = (str(Path(sys.executable).with_name("meldcode")), "demo")
SECONDS = 120
"""More than the twenty seconds that are promised: a machine that runs tests is busy."""


@dataclass
class School:
    """A demo that runs: what its ready file says, and what it printed so far."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]
    said: list[str]

    def user(self, login: str) -> dict[str, str]:
        """Return one of its people."""
        return next(user for user in self.ready["users"] if user["login"] == login)

    def heard(self, words: str) -> None:
        """Wait until it said these words."""
        end = time.monotonic() + SECONDS
        while not any(words in line for line in self.said):
            assert time.monotonic() < end, f"'{words}' was not said: {''.join(self.said)}"
            time.sleep(0.02)


@contextlib.contextmanager
def school(folder: Path, *options: str) -> Iterator[School]:
    """Run a demo over a data folder until the block ends, then stop it with Ctrl-C."""
    ready = folder / "ready.json"
    free = ("--port", "0", "--mail-port", "0")
    line = (*COMMAND, "--data", str(folder / "data"), "--ready-file", str(ready), *free, *options)
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    listener = threading.Thread(target=_listen, args=(process, said))
    listener.start()
    try:
        yield School(process, _wait(ready, process, said), said)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=SECONDS)
        listener.join()


def _listen(process: subprocess.Popen[str], said: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout as lines:
        said.extend(iter(lines.readline, ""))


def _wait(ready: Path, process: subprocess.Popen[str], said: list[str]) -> dict[str, Any]:
    end = time.monotonic() + SECONDS
    while not ready.exists():
        assert process.poll() is None, f"the demo stopped: {''.join(said)}"
        assert time.monotonic() < end, f"the demo is not ready: {''.join(said)}"
        time.sleep(0.05)
    found: dict[str, Any] = json.loads(ready.read_text())
    return found


TRIES, PAUSE = 3, 6
"""How often a person opens a page that says "wait and try again", and how many seconds they wait."""


class _Forms(HTMLParser):
    """Collects the forms of a page: address and named fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a form or of a field in it."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        elif tag == "input" and self.forms and "name" in found and found.get("type") not in ("checkbox", "submit"):
            self.forms[-1][1][found["name"]] = found.get("value", "")


class Visitor:
    """A browser without JavaScript."""

    def __init__(self, user: dict[str, str]) -> None:
        """Come in as this person of the ready file; sign in when asked."""
        self._user, self._http = user, requests.Session()
        self.page: requests.Response | None = None

    def __enter__(self) -> Self:
        """Open the browser."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._http.close()

    def visit(self, url: str) -> requests.Response:
        """Go to a page, or to where it sends us."""
        self.page = self._http.get(url, timeout=30)
        return self.page

    def open(self, url: str) -> requests.Response:
        """Go to a page, and sign in at the provider when it asks: first the name, then the password.

        Where the page says that a part was too slow, do as it says: wait and try again. A busy machine is no fault.
        """
        for _ in range(TRIES):
            self.page = self._once(url)
            if self.page.status_code != requests.codes.unavailable:
                break
            time.sleep(PAUSE)
        return self.page

    def _once(self, url: str) -> requests.Response:
        self.page = self.visit(url)
        if "/login" in self.page.url:
            self.send("login", login=self._user["login"])
            self.send("password", password=self._user["password"])
        return self.page

    def send(self, field: str, **typed: str) -> requests.Response:
        """Fill in and send the form of this page that has the field."""
        assert self.page is not None
        reader = _Forms()
        reader.feed(self.page.text)
        action, fields = next(form for form in reader.forms if field in form[1])
        address = urljoin(self.page.url, action)
        headers = {"Origin": "/".join(address.split("/")[:3])}
        self.page = self._http.post(address, data=fields | typed, headers=headers, timeout=30)
        return self.page
