"""Catches every mail of the demo and shows them: SMTP in, a page and JSON out; nothing ever leaves this machine."""

from __future__ import annotations

import html
import json
import os
import signal
import sys
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }}
a {{ color: #14506e }} li {{ margin: .75rem 0 }} small {{ color: #4c5766 }} ol {{ padding-left: 1.5rem }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #c8d0d9; padding: 1rem; font: inherit }}
</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"""


class Mailbox:
    """The mails, one file each in a folder, numbered in the order in which they came."""

    def __init__(self, folder: Path) -> None:
        """Go on after the mails that lie there."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._numbers = count(max((int(path.stem) for path in folder.glob("*.eml")), default=0) + 1)

    def keep(self, content: bytes) -> None:
        """Keep a mail, whole or not at all."""
        number = next(self._numbers)
        new = self._folder / f"{number}.new"
        new.write_bytes(content)
        new.rename(self._folder / f"{number}.eml")

    def numbers(self) -> list[int]:
        """Return the numbers of all mails, the newest first."""
        return sorted((int(path.stem) for path in self._folder.glob("*.eml")), reverse=True)

    def read(self, number: int) -> dict[str, Any] | None:
        """Return one mail, or None."""
        path = self._folder / f"{number}.eml"
        if not path.exists():
            return None
        raw = path.read_bytes()
        mail: EmailMessage = message_from_bytes(raw, policy=policy.default)
        part = mail.get_body(("plain", "html"))
        heads = {name: str(mail.get(name, "")) for name in ("from", "to", "subject", "date", "message-id")}
        return {"id": number, **heads, "text": part.get_content() if part else "", "raw": raw.decode(errors="replace")}

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: ARG002, N802  # aiosmtpd asks
        """Take one mail; the sender hears 250 once it is on disk."""
        self.keep(envelope.original_content)
        return "250 OK"


def _list_page(mailbox: Mailbox) -> str:
    mails = [mail for number in mailbox.numbers() if (mail := mailbox.read(number))]
    rows = [
        f'<li><a href="/messages/{mail["id"]}">{html.escape(mail["subject"] or "(geen onderwerp)")}</a><br>'
        f"<small>aan {html.escape(mail['to'])} · {html.escape(mail['date'])}</small></li>"
        for mail in mails
    ]
    body = f"<ol reversed>{''.join(rows)}</ol>" if rows else "<p>Er is nog geen mail.</p>"
    return PAGE.format(title="Postbus van de demo", body=body + '<p><a href="/">Ververs</a></p>')


def _mail_page(mail: dict[str, Any]) -> str:
    heads = f"Van {mail['from']} aan {mail['to']}, {mail['date']}"
    body = f"<p>{html.escape(heads)}</p><pre>{html.escape(mail['text'])}</pre><p><a href='/'>Alle mail</a></p>"
    return PAGE.format(title=html.escape(mail["subject"]), body=body)


class _Pages(BaseHTTPRequestHandler):
    """Three addresses: the list, one mail, and all as JSON."""

    mailbox: Mailbox

    def do_GET(self) -> None:
        """Answer one request."""
        if self.path == "/":
            self._answer(_list_page(self.mailbox), "text/html")
        elif self.path == "/api/messages":
            found = [self.mailbox.read(number) for number in self.mailbox.numbers()]
            self._answer(json.dumps(found), "application/json")
        else:
            number = self.path.removeprefix("/messages/")
            mail = self.mailbox.read(int(number)) if number.isascii() and number.isdigit() else None
            missing = PAGE.format(title="Pagina niet gevonden", body="<p><a href='/'>Alle mail</a></p>")
            self._answer(_mail_page(mail) if mail else missing, "text/html", 200 if mail else 404)

    def _answer(self, text: str, kind: str, status: int = 200) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name that http.server calls
        """Write nothing: who reads which mail is nobody's business."""


def serve(host: str, smtp_port: int, http_port: int, folder: Path) -> None:
    """Catch and show mails until SIGTERM."""
    mailbox = Mailbox(folder)
    pages = ThreadingHTTPServer((host, http_port), type("Pages", (_Pages,), {"mailbox": mailbox}))
    catcher = Controller(mailbox, hostname=host, port=smtp_port, data_size_limit=2**25)
    catcher.start()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=pages.shutdown).start())
    try:
        pages.serve_forever(poll_interval=0.1)
    finally:
        catcher.stop()
        pages.server_close()


if __name__ == "__main__":
    os.umask(0o077)
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
