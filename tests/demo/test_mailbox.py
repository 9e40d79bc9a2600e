"""The mail catcher: what is sent is there to be read, as a page and as JSON, also after a restart."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from meldcode_demo import ports

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A mailbox that answers."""

    process: subprocess.Popen[bytes]
    smtp: int
    url: str

    def send(self, subject: str, text: str) -> None:
        """Send a mail to it."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "van@school.example", "aan@school.example", subject
        mail.set_content(text)
        with smtplib.SMTP(HOST, self.smtp) as smtp:
            smtp.send_message(mail)


Start = Callable[[], Running]


def test_mail_is_there_at_once(start: Start):
    """Once the sender heard 250, the list, the page and the JSON have it, the newest first."""
    box = start()
    assert "Er is nog geen mail." in requests.get(box.url, timeout=5).text
    box.send("Eerste", "Er staat een actie voor je klaar.")
    box.send("Tweede", "Nog een.")
    found = requests.get(box.url + "api/messages", timeout=5).json()
    assert [mail["subject"] for mail in found] == ["Tweede", "Eerste"]
    assert found[1]["to"] == "aan@school.example"
    assert found[1]["text"].strip() == "Er staat een actie voor je klaar."
    assert "Er staat een actie voor je klaar." in requests.get(f"{box.url}messages/1", timeout=5).text


def test_mail_is_shown_as_text(start: Start):
    """What stands in a mail is never run by the page."""
    box = start()
    box.send("<script>1</script>", "<img src=x onerror=1>")
    for page in ("", "messages/1"):
        text = requests.get(box.url + page, timeout=5).text
        assert "<script>1" not in text
        assert "<img" not in text


@pytest.mark.parametrize("path", ["messages/7", "messages/../1", "messages/x", "api"])
def test_what_is_not_there_is_404(start: Start, path: str):
    """Only mails of this box are shown."""
    assert requests.get(start().url + path, timeout=5).status_code == 404


def test_mails_stay(start: Start):
    """A mailbox that starts again goes on after the mails that it had."""
    first = start()
    first.send("Eerste", "")
    first.process.terminate()
    assert first.process.wait(timeout=10) == 0
    second = start()
    second.send("Tweede", "")
    found = requests.get(second.url + "api/messages", timeout=5).json()
    assert [(mail["id"], mail["subject"]) for mail in found] == [(2, "Tweede"), (1, "Eerste")]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a mailbox over one folder, as the demo does."""
    running: list[subprocess.Popen[bytes]] = []

    def begin() -> Running:
        free = ports.choose(HOST, {"mail": 0, "smtp": 0, "sis": 0, "provider": 0}, {})
        line = [sys.executable, "-m", "meldcode_demo.mailbox", HOST, str(free["smtp"]), str(free["mail"])]
        running.append(subprocess.Popen([*line, str(tmp_path)]))
        box = Running(running[-1], free["smtp"], f"http://{HOST}:{free['mail']}/")
        end = time.monotonic() + 20
        while not _answers(box.url):
            assert time.monotonic() < end
            time.sleep(0.02)
        return box

    yield begin
    for process in running:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=1).ok
    except requests.ConnectionError:
        return False
