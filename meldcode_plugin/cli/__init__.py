"""The `meldcode` command and `flask meldcode`: install a school, keep its keys, check its log."""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

import meldcode_plugin
from meldcode_plugin.cli.backups import backup, restore
from meldcode_plugin.cli.doctor import doctor
from meldcode_plugin.cli.door import the_door
from meldcode_plugin.cli.init import init
from meldcode_plugin.cli.mail import mail
from meldcode_plugin.cli.roster import roster
from meldcode_plugin.errors import LogUnavailable, MeldcodeError
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import installation


class _Commands(AppGroup):
    """Our own commands, and those that installed packages add in the group ``meldcode.commands``."""

    def _found(self) -> dict[str, Any]:
        return {point.name: point for point in entry_points(group="meldcode.commands")}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names."""
        return sorted({*super().list_commands(ctx), *self._found()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name."""
        found = self._found()
        if cmd_name in found:
            loaded: click.Command = found[cmd_name].load()
            return loaded
        return super().get_command(ctx, cmd_name)


meldcode = _Commands("meldcode", help="De meldcode voor een school.")


meldcode.add_command(backup)
meldcode.add_command(restore)
meldcode.add_command(init)
meldcode.add_command(doctor)
meldcode.add_command(mail)
meldcode.add_command(roster)


@meldcode.group("db")
def db() -> None:
    """Bring the database to a version."""


OWNER = "PostgreSQL: the address of the owner; - reads it from the input."


def _owner(given: str) -> str:
    return sys.stdin.readline().strip() if given == "-" else given


@db.command("upgrade")
@click.argument("revision", default="head")
@click.option("--as", "owner", default="", help=OWNER)
@with_appcontext
def db_upgrade(revision: str, owner: str) -> None:
    """Make or update the tables."""
    installation.upgrade_as(the_door(), _owner(owner), revision)
    click.echo("The database is up to date.")


@db.command("downgrade")
@click.argument("revision")
@click.option("--as", "owner", default="", help=OWNER)
@with_appcontext
def db_downgrade(revision: str, owner: str) -> None:
    """Go back to an older version of the tables."""
    installation.downgrade_as(the_door(), _owner(owner), revision)
    click.echo(f"The database is back at {revision}.")


@meldcode.group("school")
def school() -> None:
    """Add a school or list them."""


@school.command("add")
@click.option("--name", required=True, help="Name of the school.")
@click.option("--director", required=True, help="'sub' of the first director at the school's OpenID provider.")
@click.option("--director-name", required=True)
@click.option("--director-mail", default="")
@click.option("--board", required=True, help="'sub' of the second person, of the board, who confirms roles.")
@click.option("--board-name", required=True)
@click.option("--board-mail", default="")
@with_appcontext
def school_add(**given: str) -> None:
    """Add the school of MELDCODE_SCHOOL with its first director and a second person of the board."""
    door = the_door()
    installation.add_school(door, given["name"])
    for role, who in ((Role.DIRECTOR, "director"), (Role.BOARD, "board")):
        installation.install(door, given[who], given[f"{who}_name"], given[f"{who}_mail"], role)
    click.echo(f"School {door.settings.school} is there. The director appoints the IB-er; the board confirms.")


@school.command("list")
@with_appcontext
def school_list() -> None:
    """List the schools of this installation."""
    for code, name in installation.school_list(the_door()):
        click.echo(f"{code}\t{name}")


@meldcode.group("keys")
def keys() -> None:
    """Make or turn the keys."""


@keys.command("new")
@click.argument("path", type=click.Path(path_type=Path))
def keys_new(path: Path) -> None:
    """Make a root key in a file that only its owner reads; an existing file gets a new current key."""
    name = installation.new_key_file(path)
    click.echo(f"Key {name} is in {path}. Keep a copy apart from the backups of the database: without it all is lost.")


@keys.command("rotate")
@with_appcontext
def keys_rotate() -> None:
    """Wrap the school's keys with the newest root key, and the cases with a new school key."""
    wrapped, cases = installation.rotate(the_door())
    click.echo(f"{wrapped} school keys and {cases} case keys were wrapped again.")


@meldcode.group("log")
def log() -> None:
    """Check the access log."""


@log.command("anchor")
@with_appcontext
def log_anchor() -> None:
    """Print the end of the log, signed. Keep such lines outside the database."""
    click.echo(json.dumps(installation.anchor(the_door())))


@log.command("verify")
@click.option("--anchors", type=click.File("r"), help="File with lines of 'log anchor'.")
@with_appcontext
def log_verify(anchors: Any) -> None:
    """Walk the chain of the log and of every dossier; exit 1 when anything was changed."""
    faults = installation.verify(the_door(), [json.loads(line) for line in anchors or [] if line.strip()])
    for fault in faults:
        click.echo(fault)
    click.echo("The log is as it was written." if not faults else f"{len(faults)} faults.")
    sys.exit(1 if faults else 0)


@meldcode.command("sweep")
@with_appcontext
def sweep() -> None:
    """Send what is due and build the packages that wait; for a system timer, beside or instead of Celery's beat."""
    click.echo(installation.sweep(the_door()))


def _standalone() -> Flask:
    return meldcode_plugin.create_app()


def main() -> None:
    """Run the `meldcode` command with the standalone app, made only when a command needs it."""
    os.environ.setdefault("FLASK_SKIP_DOTENV", "1")
    from flask.cli import ScriptInfo  # noqa: PLC0415  # flask's own command line, not needed for imports

    try:
        meldcode(obj=ScriptInfo(create_app=_standalone), prog_name="meldcode")
    except LogUnavailable:
        click.echo("meldcode: the database is locked, full or away. Nothing is lost: run it again later.", err=True)
        sys.exit(1)
    except MeldcodeError as wrong:
        click.echo(f"meldcode: {wrong}", err=True)
        sys.exit(1)
