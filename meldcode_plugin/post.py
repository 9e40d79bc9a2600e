"""Sends one mail over SMTP within a time limit and says what is known when that fails; it knows no reminder."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr
from enum import Enum
from math import inf
from threading import Event, Thread
from time import monotonic
from typing import Protocol, Self

from meldcode_plugin.errors import MeldcodeError
from meldcode_plugin.settings import Settings

STEP_SECONDS = 10.0
"""How long the server may think about one answer."""
WHOLE_SECONDS = 30.0
"""How long one mail may take, also when the server drips an answer byte by byte."""

MAILS_A_LINE = 50
"""Mails after which a line is opened anew: many servers allow about a hundred."""

READY, GO_AHEAD, CLOSING, TEMPORARY, PERMANENT, BEYOND = 220, 354, 421, 400, 500, 600
FAULTS = (OSError, smtplib.SMTPException, ValueError)
"""What a server, a network or a name can bring about; smtplib raises ValueError for odd bytes and names."""


class Known(Enum):
    """What is known of a mail that did not go as it should."""

    AWAY = "The server can not be reached or used now; the mail did not leave."
    LATER = "The server does not take this mail now; it did not leave."
    REFUSED = "The server will not take this mail."
    UNKNOWN = "The mail was handed over, but the server did not say so: it may have left (RFC 1047)."


class PostFailed(MeldcodeError):
    """A mail was not sent for certain. ``code`` is fit for a log: it holds no address and no words of a server."""

    sentence = "De mail kon niet worden verstuurd. We proberen het later opnieuw."

    def __init__(self, known: Known, code: str) -> None:
        """Keep what is known and the code."""
        super().__init__()
        self.known, self.code = known, code


class Post(Protocol):
    """Whatever takes a mail away."""

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail to one person, or raise `PostFailed`."""


@dataclass
class Outbox:
    """A post that keeps every mail: for tests and for trying out."""

    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """Keep the mail."""
        self.sent.append(message)


@dataclass(frozen=True)
class SmtpPost:
    """The school's mail server. ``step`` and ``whole`` are in seconds: for one answer, for one mail."""

    host: str
    port: int
    starttls: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    step: float = STEP_SECONDS
    whole: float = WHOLE_SECONDS

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the post of these settings."""
        return cls(
            settings.mail_host, settings.mail_port, settings.mail_starttls, settings.mail_user, settings.mail_password
        )

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail; a fault says whether the mail may have left."""
        with self.kept() as line:
            line.send(message)

    def try_out(self) -> None:
        """Connect, encrypt and log in as for a mail, and leave without one; raises `PostFailed`."""
        with self.kept() as line:
            line.open()

    @contextmanager
    def kept(self) -> Iterator[KeptLine]:
        """Keep one line open for several mails."""
        line = KeptLine(self)
        try:
            yield line
        finally:
            line.leave()

    def greet(self, server: _Server) -> None:
        """Open the line: connect, encrypt, log in, as the school set it."""
        with _fault_is(Known.AWAY, "connect"):
            code, _ = server.connect(self.host, self.port)
        with _fault_is(Known.AWAY, "greeting"):
            _accepted(code, "greeting", Known.AWAY, Known.AWAY, expected=(READY,))
            server.ehlo_or_helo_if_needed()
        if self.starttls:
            with _fault_is(Known.AWAY, "tls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo_or_helo_if_needed()
        if self.user:
            with _fault_is(Known.AWAY, "login"):
                server.login(self.user, self.password)


@dataclass
class KeptLine:
    """A line to the server that stays open for the next mail, so that a school's mails go out in a moment."""

    post: SmtpPost
    _server: _Server | None = None
    _watch: _Watch | None = None
    _mails: int = 0

    def open(self) -> None:
        """Open the line as for a mail."""
        server, watch = self._opened()
        with watch.of(self.post.whole):
            self.post.greet(server)

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail; a line that the server had closed meanwhile is opened once more.

        That is safe: whatever is away before the final dot has not left.
        """
        was_open = self._server is not None
        try:
            self._send(message)
        except PostFailed as fault:
            if not was_open or fault.known is not Known.AWAY:
                raise
            self._send(message)

    def _send(self, message: EmailMessage) -> None:
        new = self._server is None
        server, watch = self._opened()
        try:
            with watch.of(self.post.whole):
                if new:
                    self.post.greet(server)
                _address(server, message)
                _hand_over(server, message)
        except PostFailed:
            self.leave()
            raise
        self._mails += 1
        if self._mails >= MAILS_A_LINE:
            self.leave()

    def _opened(self) -> tuple[_Server, _Watch]:
        if self._server is None or self._watch is None:
            self._server = _Server(self.post.host, self.post.step)
            self._watch = _Watch(self._server, min(self.post.step, self.post.whole))
        return self._server, self._watch

    def leave(self) -> None:
        """Close the line politely, when there is one."""
        if self._server is not None and self._watch is not None:
            with self._watch.of(self.post.step):
                _goodbye(self._server)
            self._watch.over.set()
        self._server, self._watch, self._mails = None, None, 0


class _Server(smtplib.SMTP):
    """A connection that is not opened yet, so that its time limit already holds for the first byte."""

    def __init__(self, host: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        # starttls() checks the certificate against this name; smtplib sets it only when it connects at once.
        self._host = host


class _Watch:
    """Cuts a line on which something takes too long: a time-out per answer does not stop a server that drips.

    One thread watches all mails of a line; one for each mail took a sixth of their time. It looks at least
    every ``shortest`` seconds, the shortest limit that it is given: so it never cuts later than asked.
    """

    def __init__(self, server: _Server, shortest: float) -> None:
        self.server, self.shortest, self.until, self.over = server, shortest, inf, Event()
        Thread(target=self._look, daemon=True).start()

    @contextmanager
    def of(self, seconds: float) -> Iterator[None]:
        """Cut the line when what is inside takes more than so many seconds."""
        self.until = monotonic() + seconds
        try:
            yield
        finally:
            self.until = inf

    def _look(self) -> None:
        while not self.over.wait(min(self.shortest, max(0.0, self.until - monotonic()))):
            if monotonic() >= self.until:
                self._cut()
                return

    def _cut(self) -> None:
        if self.server.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.server.sock, socket.SHUT_RDWR)


@contextmanager
def _fault_is(known: Known, phase: str) -> Iterator[None]:
    """Turn whatever goes wrong in a phase into what is then known of the mail."""
    try:
        yield
    except smtplib.SMTPResponseException as fault:
        raise PostFailed(known, f"{phase}_{fault.smtp_code}") from None
    except FAULTS as fault:
        raise PostFailed(known, f"{phase}_{type(fault).__name__}"[:40]) from None


def _address(server: _Server, message: EmailMessage) -> None:
    """Say from whom and to whom. A sender that is refused is the server's setting, not this mail."""
    with _fault_is(Known.AWAY, "sender"):
        code, _ = server.mail(parseaddr(message["From"])[1])
    _accepted(code, "sender", Known.AWAY, Known.AWAY)
    with _fault_is(Known.AWAY, "rcpt"):
        code, _ = server.rcpt(parseaddr(message["To"])[1])
    _accepted(code, "rcpt", Known.REFUSED, Known.AWAY)


def _hand_over(server: _Server, message: EmailMessage) -> None:
    """Send the text and its final dot. From the dot on nobody can know, until the server has answered."""
    with _fault_is(Known.AWAY, "data"):
        code, _ = server.docmd("DATA")
    _accepted(code, "data", Known.REFUSED, Known.AWAY, expected=(GO_AHEAD,))
    with _fault_is(Known.UNKNOWN, "dot"):
        server.send(_on_the_wire(message))
        code, _ = server.getreply()
    _accepted(code, "dot", Known.REFUSED, Known.UNKNOWN)


def _accepted(
    code: int, phase: str, if_permanent: Known, if_nonsense: Known, expected: tuple[int, ...] = (250, 251)
) -> None:
    """Raise unless the answer is one of those expected; half an answer, cut off, is nonsense."""
    if code in expected:
        return
    if code == CLOSING:
        known = Known.AWAY
    elif TEMPORARY <= code < PERMANENT:
        known = Known.LATER
    else:
        known = if_permanent if PERMANENT <= code < BEYOND else if_nonsense
    raise PostFailed(known, f"{phase}_{code}")


def _on_the_wire(message: EmailMessage) -> bytes:
    """Return the bytes of a mail with its final dot; lines that begin with a dot get a second one (RFC 5321)."""
    text = re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=SMTP_POLICY))
    return text.rstrip(b"\r\n") + b"\r\n.\r\n"


def _goodbye(server: _Server) -> None:
    """Leave politely when that works; it changes nothing about the mail."""
    with suppress(*FAULTS):
        server.quit()
    server.close()
