"""A mail server that misbehaves at the moment a test names; it keeps every mail whose final dot it read."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

HOST = "127.0.0.1"


class MailServer:
    """Answers as RFC 5321 says, but for ``faults``: phase → what to do there.

    Phases: greeting, EHLO, MAIL, RCPT, DATA, text (the mail is on its way), dot (the whole mail is there).
    A fault is an answer (``"451 later"``), ``"hang"``, ``"drop"``, or ``"drip"``: a byte now and then.
    ``times`` is how many connections go wrong before all is well; None means always. ``dice`` draws
    the faults of each connection anew ("greeting"), and of each mail on it ("MAIL"). ``pause`` is how many seconds it
    thinks over each mail, and ``begun`` how many mails it was offered.
    """

    def __init__(self, host: str = HOST) -> None:
        """Listen on a free port."""
        self.socket = socket.create_server((host, 0))
        self.port: int = self.socket.getsockname()[1]
        self.faults: dict[str, str] = {}
        self.times: int | None = None
        self.dice: Callable[[str], dict[str, str]] | None = None
        self.pause = 0.0
        self.begun = 0
        self.raw: list[bytes] = []
        self.connections = 0
        self.arrived = threading.Condition()
        self.stopped = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def mails(self) -> list[EmailMessage]:
        """Every mail whose final dot was read."""
        return [message_from_bytes(text, policy=policy.default) for text in list(self.raw)]

    def wait(self, wanted: Callable[[], bool], seconds: float = 60) -> bool:
        """Wait until something is so; tell whether it came to be."""
        with self.arrived:
            return self.arrived.wait_for(wanted, seconds)

    def stop(self) -> None:
        """Let go of everybody."""
        self.stopped.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with self.arrived:
                self.connections += 1
                wrong = self.times is None or self.connections <= self.times
                faults = (self.dice("greeting") if self.dice else dict(self.faults)) if wrong else {}
                self.arrived.notify_all()
            threading.Thread(target=self._serve, args=(connection, faults), daemon=True).start()

    def _serve(self, connection: socket.socket, faults: dict[str, str]) -> None:
        with connection, contextlib.suppress(OSError, _Gone):
            self._answer(connection, faults, "greeting", "220 hello")
            lines = connection.makefile("rb")
            for line in lines:
                verb = line.split()[0].decode().upper() if line.strip() else ""
                if verb == "QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                if verb == "MAIL":
                    faults = self._offered(faults)
                ok = "354 go ahead" if verb == "DATA" else "250 fine"
                self._answer(connection, faults, verb, ok)
                if verb == "DATA" and "DATA" not in faults:
                    self._take(connection, lines, faults)

    def _offered(self, faults: dict[str, str]) -> dict[str, str]:
        """Count a mail and think it over; return what goes wrong with it."""
        with self.arrived:
            self.begun += 1
            faults = self.dice("MAIL") if self.dice else faults
            self.arrived.notify_all()
        self.stopped.wait(self.pause)
        return faults

    def _take(self, connection: socket.socket, lines: Iterator[bytes], faults: dict[str, str]) -> None:
        if "text" in faults:
            next(lines)
            self._answer(connection, faults, "text", "")
        text = b""
        for line in lines:
            if line == b".\r\n":
                break
            text += line.removeprefix(b".") if line.startswith(b"..") else line
        else:
            return
        # A server that answers 4xx or 5xx has thrown the mail away; one that says nothing may have kept it.
        if faults.get("dot", "2")[0] not in "45":
            with self.arrived:
                self.raw.append(text)
                self.arrived.notify_all()
        self._answer(connection, faults, "dot", "250 kept")

    def _answer(self, connection: socket.socket, faults: dict[str, str], phase: str, ok: str) -> None:
        fault = faults.get(phase, ok)
        if fault == "drop":
            raise _Gone
        if fault == "hang":
            self.stopped.wait()
            raise _Gone
        if fault == "drip":
            for _ in range(600):
                connection.sendall(b"2")
                if self.stopped.wait(0.1):
                    break
            raise _Gone
        connection.sendall(fault.encode() + b"\r\n")
        if fault.startswith("421"):
            raise _Gone


class _Gone(Exception):  # not an error: the end of a conversation
    """The server breaks off."""


@pytest.fixture
def mailserver() -> Iterator[MailServer]:
    """A mail server for one test."""
    server = MailServer()
    yield server
    server.stop()
