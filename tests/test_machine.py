"""The machine room itself: its servers are real, our own, and closed to the outside."""

from __future__ import annotations

import smtplib
import socket
from email.message import EmailMessage
from pathlib import Path

import psycopg
import pytest
import redis
import sqlalchemy as sa
from playwright.sync_api import Browser

from tests.machine.databases import Database
from tests.machine.post import MailCatcher
from tests.machine.postgres import APP, Postgres
from tests.machine.sockets import WayOutClosed


def test_database_has_the_schema_and_no_school(database: Database):
    """Every fresh database has the product's tables and not one row in the first of them."""
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        tables = set(sa.inspect(connection).get_table_names())
        schools = sa.table("meldcode_school")
        found = connection.execute(sa.select(sa.func.count()).select_from(schools)).scalar()
    engine.dispose()
    assert {"meldcode_school", "meldcode_case", "meldcode_entry"} <= tables
    assert found == 0


def test_app_does_not_own_its_tables(postgresql_database: Database, postgres: Postgres):
    """The application may write rows, and may not drop a table: that is the owner's."""
    name = postgresql_database.url.split("/")[3].split("?")[0]
    with (
        postgres.connect(name, APP) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be owner"),
    ):
        connection.execute("DROP TABLE meldcode_entry")


def test_postgres_listens_on_its_socket_alone(postgres: Postgres):
    """No port is open: other machines and other users have no way in."""
    with postgres.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert (postgres.folder.stat().st_mode & 0o777) == 0o700


def test_redis_is_empty_and_keeps_what_it_gets(redis_socket: Path):
    """Every test starts with an empty Redis, which writes to disk as the product's does."""
    with redis.Redis(unix_socket_path=str(redis_socket), decode_responses=True) as client:
        assert client.dbsize() == 0
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("port") == {"port": "0"}


def test_mail_is_caught(mails: MailCatcher):
    """What is sent to the catcher can be read back."""
    _send(mails)
    assert [mail["Subject"] for mail in mails.wait(1)] == ["Er staat een actie voor je klaar"]


def test_mail_server_can_refuse(mails: MailCatcher):
    """Told to refuse, the catcher refuses as a full mail server does, and keeps nothing."""
    mails.answer = "451 later"
    with pytest.raises(smtplib.SMTPDataError, match="451"):
        _send(mails)
    assert mails.mails == []


def test_browser_is_real(browser: Browser):
    """The browser runs scripts and draws a page."""
    context = browser.new_context()
    page = context.new_page()
    page.set_content("<main><h1>Signaal</h1><script>document.title = 1 + 1</script></main>")
    assert (page.get_by_role("heading").inner_text(), page.title()) == ("Signaal", "2")
    context.close()


@pytest.mark.parametrize("host", ["192.0.2.1", "school.example"])
def test_ways_out_are_closed(host: str):
    """No test reaches another machine, by number or by name."""
    with pytest.raises(WayOutClosed, match=host):
        socket.create_connection((host, 443), timeout=1)


def _send(mails: MailCatcher) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Er staat een actie voor je klaar", "a@school.test", "b@school.test"
    with smtplib.SMTP(mails.host, mails.port) as client:
        client.send_message(mail)
