"""The commands `meldcode backup` and `meldcode restore`: they tell, the service does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from meldcode_plugin.cli.door import the_door
from meldcode_plugin.services import backups

FILE = click.Path(path_type=Path, dir_okay=False)
THERE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("backup")
@click.option("--to", "path", type=FILE, help="File to write. [default: a new one in MELDCODE_BACKUP_DIR]")
@with_appcontext
def backup(path: Path | None) -> None:
    """Write all of the school into one encrypted file, while it is in use."""
    made = backups.make(the_door(), path)
    click.echo(f"{made.path}: {made.rows} rows, {made.files} files. {made.removed} old backups were removed.")
    click.echo("It opens with the key file alone. Keep a copy of that somewhere else; it is not in the backup.")


@click.command("restore")
@click.argument("path", type=THERE, required=False)
@click.option("--destroyed", type=THERE, multiple=True, help="Copy of <school>-destroyed.jsonl.")
@click.option("--without-ledger", is_flag=True, help="There is no such file: what was destroyed since comes back.")
@click.option("--anchors", type=click.File("r"), help="File with lines of 'log anchor', to find a backup that was cut.")
@click.option("--finish", is_flag=True, help="Open a school that came back before its tables were brought up to date.")
@click.option("--accept-faults", is_flag=True, help="With --finish: open it although a chain does not hold.")
@with_appcontext
def restore(
    path: Path | None,
    destroyed: tuple[Path, ...],
    anchors: Any,
    *,
    without_ledger: bool,
    finish: bool,
    accept_faults: bool,
) -> None:
    """Bring the school back into a new database; it opens when every chain holds."""
    door, held = the_door(), [json.loads(line) for line in anchors or [] if line.strip()]
    if finish:
        _tell(backups.finish(door, backups.closed_school(door), held, accept=accept_faults))
        return
    if path is None:
        raise click.UsageError("Give the file of a backup, or --finish.")
    _tell(backups.restore(door, path, [] if without_ledger else _ledgers(destroyed, path), held))


def _ledgers(given: tuple[Path, ...], path: Path) -> list[Path]:
    """Return the files that say what was destroyed; without one the restore does not begin."""
    found = list(given) or [*backups.ledgers_beside(the_door(), path)]
    if not found:
        raise click.UsageError(
            "What was destroyed after this backup must stay destroyed. Give the newest copy of the file "
            "<school>-destroyed.jsonl with --destroyed. If there is none at all, say --without-ledger."
        )
    return found


def _tell(done: backups.Restored) -> None:
    for fault in done.faults:
        click.echo(fault)
    if done.opened:
        click.echo(f"The school is open. {done.destroyed} dossiers are destroyed. Everybody signs in again.")
    elif done.faults:
        click.echo(
            f"{len(done.faults)} faults: the school stays closed. Take an older backup in a new database, or look at "
            "each fault with your FG and open it with 'meldcode restore --finish --accept-faults'."
        )
        sys.exit(1)
    else:
        click.echo("The rows are back. Now run 'meldcode db upgrade' and then 'meldcode restore --finish'.")
