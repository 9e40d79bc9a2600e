"""A mail server that catches what is sent, and can be told to refuse; it knows no mail of the product."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

HOST = "127.0.0.1"


class MailCatcher:
    """Keeps every mail. ``answer`` is what it says after the data: another code and the mail is refused."""

    def __init__(self) -> None:
        """Start with nothing caught and a friendly answer."""
        self.host, self.port = HOST, _free_port()
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self._arrived = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Keep a mail, unless told to refuse it."""
        if self.answer.startswith("250"):
            with self._arrived:
                self.mails.append(message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=policy.default))
                self._arrived.notify_all()
        return self.answer

    def wait(self, number: int = 1, seconds: float = 20) -> list[EmailMessage]:
        """Return the mails once there are ``number`` of them; fail when they stay away."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: len(self.mails) >= number, seconds)
        assert came, f"{len(self.mails)} mails came in {seconds} s, {number} were expected"
        return self.mails


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mails() -> Iterator[MailCatcher]:
    """A mail server for one test."""
    catcher = MailCatcher()
    controller = Controller(catcher, hostname=catcher.host, port=catcher.port)
    controller.start()
    yield catcher
    controller.stop()
