"""The command `meldcode init`: settings, key, tables, first school, units. What is there already stays as it is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask

import meldcode_plugin
from meldcode_plugin.cli import answers
from meldcode_plugin.errors import MeldcodeError, SettingsWrong
from meldcode_plugin.extension import read_config
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import installation
from meldcode_plugin.services.door import Door
from meldcode_plugin.settings import Settings

DEPLOY = Path(meldcode_plugin.__file__).parent / "deploy"
SETTINGS = "MELDCODE_SETTINGS"


@click.command("init")
@click.option(
    "--settings", "path", type=click.Path(path_type=Path), envvar=SETTINGS, default="/etc/meldcode/settings.py"
)
@click.option(
    "--answers", "given", type=click.Path(path_type=Path, exists=True), help="TOML file instead of questions."
)
@click.option("--units", type=click.Path(path_type=Path, file_okay=False), help="Folder for systemd units and nginx.")
def init(path: Path, given: Path | None, units: Path | None) -> None:
    """Install a school: run it as the user of the service; run it again and nothing changes."""
    try:
        _init(path, given, units)
    except MeldcodeError as wrong:
        raise click.ClickException(str(wrong)) from None


def _init(path: Path, given: Path | None, units: Path | None) -> None:
    said = answers.from_file(given) if given else {}
    if path.exists():
        click.echo(f"Settings: {path} is there and stays as it is.")
    else:
        said = said or answers.asked()
        _write_settings(path, said)
    os.environ[SETTINGS] = str(path)
    app = _app()
    door: Door = app.extensions["meldcode"]
    try:
        with app.app_context(), door.unwatched():
            _tables(door, str(said.get("owner_database_url") or ""))
            _school(door, said)
    finally:
        door.store.engine.dispose()
    if units:
        _units(door, path.resolve(), units)
    click.echo("Now 'meldcode doctor' tells what is right and what is not.")


def _write_settings(path: Path, said: dict[str, Any]) -> None:
    folders = [path.parent, Path(str(said["blob_dir"]))]
    folders += [Path(str(said["backup_dir"]))] if said.get("backup_dir") else []
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    answers.write(path, answers.file_of(said))
    click.echo(f"Settings: {path} is written. Its comments say what each line means.")


def _app() -> Flask:
    """Make the key if there is none yet, then the application."""
    settings = Settings.from_mapping(read_config())
    if settings.key_file.exists():
        click.echo(f"Key: {settings.key_file} is there and stays as it is.")
    else:
        settings.key_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        installation.new_key_file(settings.key_file)
        click.echo(f"Key: {settings.key_file} is made. Copy it now to a safe place that is not the backup.")
    return meldcode_plugin.create_app()


def _tables(door: Door, owner: str) -> None:
    """Bring the tables up to date, with the owner's address when the application itself may not."""
    held, newest = installation.revisions(door)
    if held == newest:
        click.echo(f"Database: its tables are of version {held}, the newest.")
        return
    installation.upgrade_as(door, owner)
    click.echo(f"Database: its tables went from version {held or 'none'} to {newest}.")


def _school(door: Door, said: dict[str, Any]) -> None:
    code = door.settings.school
    if code in dict(installation.school_list(door)):
        click.echo(f"School: {code} is there and stays as it is.")
        return
    if not said.get("director"):
        raise SettingsWrong(
            f"School {code} is not there yet, and the settings file has no people. Give --answers, or run "
            "'meldcode school add'."
        )
    installation.add_school(door, str(said["school_name"]))
    for role, who, name in ((Role.DIRECTOR, "director", "director_name"), (Role.BOARD, "board", "board_person")):
        installation.install(door, str(said[who]), str(said[name]), str(said.get(f"{who}_mail", "")), role)
    click.echo(
        f"School: {code} is made, with {said['director_name']} as director and {said['board_person']} of the board."
    )


def _units(door: Door, path: Path, folder: Path) -> None:
    """Write the units and the nginx example with the paths of this installation; a file that is there stays."""
    settings = door.settings
    writes = {str(settings.blob_dir.resolve()), *([str(settings.backup_dir)] if settings.backup_dir else [])}
    if (file := door.store.engine.url.database) and door.store.engine.dialect.name == "sqlite":
        writes.add(str(Path(file).resolve().parent))
    if settings.anchor_file:
        # with a dash: the unit starts also while that folder is not there
        writes.add(f"-{settings.anchor_file.resolve().parent}")
    hardened = (DEPLOY / "hardened.txt").read_text().replace("@WRITES@", " ".join(sorted(writes)))
    filled = {
        "@HARDENED@": hardened,
        "@SETTINGS@": str(path),
        "@BIN@": str(Path(sys.executable).parent),
        "@CONF@": str(DEPLOY / "gunicorn.conf.py"),
        "@HOST@": urlsplit(settings.public_url).hostname or "",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer")) + [DEPLOY / "nginx.conf"]:
        target, text = folder / source.name, source.read_text()
        for mark, value in filled.items():
            text = text.replace(mark, value)
        if target.exists():
            click.echo(f"Units: {target.name} is there and stays as it is.")
        else:
            target.write_text(text)
    click.echo(f"Units: in {folder}. Copy the units to /etc/systemd/system and nginx.conf to where nginx looks.")
