"""What the post says of a mail when the server breaks off at each moment of the conversation."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import uuid4

import pytest

from meldcode_plugin.documents.mails import action_waits
from meldcode_plugin.post import Known, PostFailed, SmtpPost
from meldcode_plugin.settings import Settings
from tests.faults.mailserver import HOST, MailServer
from tests.machine.post import MailCatcher

BEFORE_THE_DOT = ("greeting", "EHLO", "MAIL", "RCPT", "DATA")


def test_a_mail_arrives_as_it_was_written(mails: MailCatcher):
    """A real server (aiosmtpd) gets the mail with the address, the neutral text and the headers for machines."""
    sent = mail()
    SmtpPost(mails.host, mails.port).send(sent)
    (came,) = mails.wait()
    assert [came[name] for name in HEADERS] == [sent[name] for name in HEADERS]
    assert [lines(came, kind) for kind in ("plain", "html")] == [lines(sent, kind) for kind in ("plain", "html")]


def test_a_line_that_begins_with_a_dot_survives(mails: MailCatcher):
    """A dot alone on a line does not end the mail early (RFC 5321 section 4.5.2)."""
    sent = mail()
    sent.clear_content()
    sent.set_content("een\r\n.\r\n..twee\r\n.drie\r\n")
    SmtpPost(mails.host, mails.port).send(sent)
    (came,) = mails.wait()
    assert came.get_content().splitlines() == ["een", ".", "..twee", ".drie"]


@pytest.mark.parametrize("fault", ["hang", "drop", "drip", "421 closing"])
@pytest.mark.parametrize("phase", BEFORE_THE_DOT)
def test_before_the_final_dot_nothing_left(mailserver: MailServer, phase: str, fault: str):
    """Whatever breaks before the final dot: the mail did not leave for certain, and the server is away."""
    mailserver.faults = {phase: fault}
    assert fails(mailserver) is Known.AWAY
    assert mailserver.mails == []


def test_broken_off_in_the_text_nobody_knows_either(mailserver: MailServer):
    """The mail was on its way, dot and all, when the line broke: only the server knows how far it read."""
    mailserver.faults = {"text": "drop"}
    assert fails(mailserver) is Known.UNKNOWN
    assert mailserver.mails == []


@pytest.mark.parametrize("fault", ["hang", "drop", "drip", "nonsense"])
def test_after_the_final_dot_nobody_knows(mailserver: MailServer, fault: str):
    """The server has the mail and does not say so: it may have left, and it did (RFC 1047)."""
    mailserver.faults = {"dot": fault}
    assert fails(mailserver) is Known.UNKNOWN
    assert len(mailserver.mails) == 1


@pytest.mark.parametrize(
    ("phase", "answer", "known"),
    [
        ("greeting", "554 no service", Known.AWAY),
        ("MAIL", "451 later", Known.LATER),
        ("MAIL", "550 sender refused", Known.AWAY),
        ("RCPT", "450 mailbox busy", Known.LATER),
        ("RCPT", "550 no such user", Known.REFUSED),
        ("DATA", "451 later", Known.LATER),
        ("DATA", "554 no", Known.REFUSED),
        ("dot", "452 disk full", Known.LATER),
        ("dot", "554 looks like spam", Known.REFUSED),
    ],
)
def test_what_a_server_says(mailserver: MailServer, phase: str, answer: str, known: Known):
    """4xx: later. 5xx about this mail: refused. 5xx about us: the server is away, for every mail."""
    mailserver.faults = {phase: answer}
    assert fails(mailserver) is known
    assert mailserver.mails == []


def test_no_server_at_all(mailserver: MailServer):
    """Nobody listens: away."""
    mailserver.stop()
    assert fails(mailserver) is Known.AWAY


def test_no_encryption_where_it_is_asked_for(mailserver: MailServer):
    """A server without STARTTLS gets no mail when the school asked for it."""
    assert fails(mailserver, starttls=True) is Known.AWAY
    assert mailserver.mails == []


def test_a_wrong_password_is_no_fault_of_the_mail(mailserver: MailServer):
    """A server that does not let us in is away: no mail is given up over it."""
    assert fails(mailserver, user="meldcode", password="fout") is Known.AWAY


def test_a_fault_names_no_address(mailserver: MailServer):
    """The code is fit for a log: no address, no words of the server."""
    mailserver.faults = {"RCPT": "550 marijke@wilgenhof.example is unknown"}
    with pytest.raises(PostFailed) as found:
        post(mailserver).send(mail())
    assert found.value.code == "rcpt_550"
    assert "wilgenhof" not in f"{found.value} {found.value.__cause__} {found.value.sentence}"


def test_the_post_is_that_of_the_settings(world_settings: Settings):
    """Host, port, encryption and login come from the settings; the password is not shown."""
    found = SmtpPost.of(world_settings)
    assert (found.host, found.port, found.starttls, found.user) == ("mail.school.example", 587, True, "meldcode")
    assert "geheim" not in repr(found)


@pytest.mark.parametrize("address", ["", " ", "geen adres", "a@b.nl\r\nBcc: c@d.nl", "a@b.nl, c@d.nl"])
def test_what_is_no_address_is_refused(address: str):
    """One address, and nothing smuggled in beside it."""
    with pytest.raises(ValueError, match=r".+"):
        action_waits(address, "meldcode@school.example", "https://sis.school.example", uuid4(), WHEN)


WHEN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEADERS = ("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress")


def mail() -> EmailMessage:
    """Return a mail as the plugin sends it."""
    return action_waits("marijke@wilgenhof.example", "meldcode@school.example", "https://sis.example", uuid4(), WHEN)


def lines(found: EmailMessage, kind: str) -> list[str]:
    """Return the lines of the text of a mail."""
    return found.get_body((kind,)).get_content().splitlines()


def post(server: MailServer, **more) -> SmtpPost:
    """Return a post that waits 0.5 s for an answer and 1.5 s for all."""
    return SmtpPost(HOST, server.port, step=0.5, whole=1.5, **more)


def fails(server: MailServer, **more) -> Known:
    """Send a mail that must fail, within the time limit; return what is known of it."""
    began = time.monotonic()
    with pytest.raises(PostFailed) as found:
        post(server, **more).send(mail())
    assert time.monotonic() - began < 3, "the time limit did not hold"
    return found.value.known


@pytest.fixture
def world_settings(tmp_path) -> Settings:
    """Settings with a mail server that asks for a login."""
    return Settings(
        school="99ZZ00",
        public_url="https://sis.school.example",
        oidc_issuer="https://inloggen.school.example",
        oidc_client_id="meldcode",
        oidc_client_secret="geheim",
        key_file=tmp_path / "key",
        blob_dir=tmp_path,
        mail_host="mail.school.example",
        mail_port=587,
        mail_starttls=True,
        mail_user="meldcode",
        mail_password="geheim",
    )
