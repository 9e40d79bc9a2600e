"""The commands `meldcode roster`: look at the roster now, and say how it goes; they tell, the service does."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from meldcode_plugin.cli.door import the_door
from meldcode_plugin.services import roster as service


@click.group("roster")
def roster() -> None:
    """Look at the school's own system."""


@roster.command("sync")
@click.option("--fewer-is-right", is_flag=True, help="So many pupils really left: compare all the same.")
@with_appcontext
def sync(*, fewer_is_right: bool) -> None:
    """Read all pupils and compare them with the dossiers; exit 1 when the roster is wrong."""
    told = service.sync(the_door(), fewer_is_right=fewer_is_right)
    if told.fault:
        click.echo(f"The roster is wrong ({told.fault}). {told.why}")
        click.echo("Nothing was compared or changed. Teachers can record as before.")
        sys.exit(1)
    seconds = (told.ended_at - told.started_at).total_seconds()
    people = f"{told.pupils} pupils, {told.guardians} guardians, {told.staff} staff"
    click.echo(f"{people} in {seconds:.0f} s. {told.notices} new questions for who handles the dossiers.")


@roster.command("check")
@with_appcontext
def check() -> None:
    """Try the roster and say per line what works; exit 1 when something does not."""
    findings = service.check(the_door())
    for finding in findings:
        click.echo(f"{'ok   ' if finding.ok else 'WRONG'} {finding.text}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)
