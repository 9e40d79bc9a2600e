"""The command `meldcode mail check`: it tells how trying the mail server went, the service tries."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from meldcode_plugin.cli.door import the_door
from meldcode_plugin.services import mailing


@click.group("mail")
def mail() -> None:
    """Try the school's mail server."""


@mail.command("check")
@click.argument("address")
@with_appcontext
def mail_check(address: str) -> None:
    """Send one neutral mail to ADDRESS with the settings of the school; exit 1 and say what to do when it fails."""
    try:
        for line in mailing.check(the_door(), address):
            click.echo(line)
    except mailing.MailCheckFailed as fault:
        click.echo(f"{fault.code}: {fault.advice}", err=True)
        sys.exit(1)
