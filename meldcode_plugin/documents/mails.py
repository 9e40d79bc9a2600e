"""Composes the one mail that the plugin sends: neutral, the same for every kind; it knows no case and no reminder."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

SUBJECT = "Er staat een actie voor je klaar"
"""The same for all kinds: a subject can be read on a locked telephone."""


def action_waits(to: str, sender: str, public_url: str, message_id: UUID, at: datetime) -> EmailMessage:
    """Return the mail that says that something waits, and nothing else (domain section 7, *Mailtekst*).

    ``message_id`` is random and stays the same when the mail must be sent again, so that a mail program
    shows it once. Raises ValueError when an address is none.
    """
    if not to.strip():
        raise ValueError("no address")
    mail, same = EmailMessage(), _what_is_the_same(sender, public_url)
    mail["To"] = Address(addr_spec=to.strip())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id.hex}@{urlsplit(public_url).hostname}>"
    for name, value in same.raw_items():
        mail.set_raw(name, value)
    mail.set_payload(same.get_payload())
    return mail


@cache
def _what_is_the_same(sender: str, public_url: str) -> EmailMessage:
    """Return what all mails of a school share, read and written once: that takes most of the time of a mail."""
    link = f"{public_url}/meldcode/"
    mail = EmailMessage()
    mail["Subject"] = SUBJECT
    mail["From"] = sender
    # RFC 3834, and the same for Exchange: an out-of-office answer would go to a mailbox others may read.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(_templates().get_template("action.txt").render(link=link))
    mail.add_alternative(_templates().get_template("action.html").render(link=link, subject=SUBJECT), subtype="html")
    return mail


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("meldcode_plugin", "templates/meldcode/mail"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
