"""Tries the school's mail server with one neutral mail and says what to do when it does not work; it knows no case."""

from __future__ import annotations

from uuid import uuid4

from meldcode_plugin.documents import mails
from meldcode_plugin.post import Known, PostFailed, SmtpPost
from meldcode_plugin.services.door import Door

ADVICE = {
    "connect": "Nobody answers at {host}:{port}. Check MELDCODE_MAIL_HOST and MELDCODE_MAIL_PORT, and the firewall.",
    "greeting": "{host}:{port} answers, but not as a mail server that lets us in. Is the port right? One that "
    "speaks TLS from the first byte (465) can not be used: take 587 with MELDCODE_MAIL_STARTTLS.",
    "tls": "The line could not be encrypted. Does {host} offer STARTTLS, and is its certificate made for that name and "
    "trusted by this machine?",
    "login": "The server does not let us in. Check MELDCODE_MAIL_USER and MELDCODE_MAIL_PASSWORD; some servers ask for "
    "an app password, or for the address of this machine on a list.",
    "sender": "The server does not take mail from {sender}. Set MELDCODE_MAIL_FROM to an address that "
    "this user may use.",
    "rcpt": "The server does not take mail for that address. Is it spelled right, and may we mail outside the school?",
    "data": "The server breaks off before the text. Ask who runs it; the code says why.",
    "dot": "The server had the whole mail and did not take it. Ask who runs it whether it takes it for spam.",
    "no": "That is no mail address.",
}
UNSURE = (
    "The server had the whole mail but did not say so: look whether it arrived. In doubt the program sends once more."
)


def check(door: Door, address: str) -> list[str]:
    """Send one mail, as reminders are sent, and return what happened in sentences.

    Raises PostFailed with the advice as its sentence when the mail did not go for certain.
    """
    settings = door.settings
    with door.system("mail check") as work:
        at = work.now
    try:
        mail = mails.action_waits(address, settings.mail_from, settings.public_url, uuid4(), at)
    except (ValueError, LookupError):
        raise MailCheckFailed("no_address", ADVICE["no"]) from None
    try:
        SmtpPost.of(settings).send(mail)
    except PostFailed as fault:
        raise MailCheckFailed(fault.code, _advice(door, fault)) from None
    how = (
        "encrypted" if settings.mail_starttls else "not encrypted: set MELDCODE_MAIL_STARTTLS unless it is this machine"
    )
    return [
        f"{settings.mail_host}:{settings.mail_port} took the mail. The line was {how}.",
        f"Look whether it arrived, whether it lies in the spam, and whether it comes from {settings.mail_from}.",
    ]


def try_server(door: Door) -> str:
    """Connect, encrypt and log in as for a mail, and send none; return what happened, in a sentence.

    Raises `MailCheckFailed` with what to do.
    """
    settings = door.settings
    try:
        SmtpPost.of(settings).try_out()
    except PostFailed as fault:
        raise MailCheckFailed(fault.code, _advice(door, fault)) from None
    return f"{settings.mail_host}:{settings.mail_port} lets us in."


def _advice(door: Door, fault: PostFailed) -> str:
    if fault.known is Known.UNKNOWN:
        return UNSURE
    settings = door.settings
    place = {"host": settings.mail_host, "port": settings.mail_port, "sender": settings.mail_from}
    return ADVICE[fault.code.partition("_")[0]].format(**place)


class MailCheckFailed(PostFailed):
    """A mail that was tried did not go. ``advice`` says what to do."""

    def __init__(self, code: str, advice: str) -> None:
        """Keep what the server said, as a code, and what to do."""
        super().__init__(Known.AWAY, code)
        self.advice = advice
