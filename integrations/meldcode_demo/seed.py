"""Builds the demo's database: tables, the school, its first two people, and who they appointed; once."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from uuid import UUID

from flask import Flask

from meldcode_demo.people import FEMKE, HANS, MARIJKE, RUUD, Account
from meldcode_demo.town import SCHOOL, SETTINGS
from meldcode_memory import SCHOOL_NAME
from meldcode_plugin import Meldcode
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import installation, people
from meldcode_plugin.services.door import Door

FIRST = {Role.DIRECTOR: RUUD, Role.BOARD: HANS}
APPOINTED = {Role.IB: MARIJKE, Role.ADMIN: FEMKE}


def build() -> None:
    """Bring the database up to date, and fill it when it is new."""
    app = Flask("meldcode_demo")
    app.config.from_file(os.environ[SETTINGS], load=json.load)
    door = Meldcode().init_app(app)
    installation.upgrade(door)
    _school(door, Path(app.config["MELDCODE_KEY_FILE"]))
    first = {role: _install(door, account, role) for role, account in FIRST.items()}
    for role, account in APPOINTED.items():
        _appoint(door, first, account, role)


def _school(door: Door, key_file: Path) -> None:
    known = SCHOOL in [code for code, _ in installation.school_list(door)]
    if known and not key_file.exists():
        raise SettingsWrong("The school in this database has its key in another data folder. Start with that --data.")
    if not key_file.exists():
        installation.new_key_file(key_file)
    if not known:
        installation.add_school(door, SCHOOL_NAME)


def _install(door: Door, account: Account, role: Role) -> UUID:
    return installation.install(door, account.subject, account.name, account.email, role)


def _appoint(door: Door, first: dict[Role, UUID], account: Account, role: Role) -> None:
    """Do what the page *mensen en rollen* does: the director proposes, the board confirms."""
    with door.system("demo") as work:
        person = people.enrol(work, door.settings.oidc_issuer, account.subject, account.name, account.email)
    director = Viewer(door.school_id, first[Role.DIRECTOR], frozenset({Role.DIRECTOR}))
    board = Viewer(door.school_id, first[Role.BOARD], frozenset({Role.BOARD}))
    with door.work(director) as work:
        held = [grant for grant in people.page(work).grants if (grant.person_id, grant.role) == (person, role)]
        proposed = held[0].id if held else people.propose_role(work, person, role)
    if not held or not held[0].confirmed:
        with door.work(board) as work:
            people.confirm_role(work, proposed)


if __name__ == "__main__":
    os.umask(0o077)
    try:
        build()
    except Exception as why:
        logging.getLogger("meldcode.demo").exception("The database could not be built.")
        # The last line of the log is what the terminal shows.
        sys.exit(str(why).partition("\n")[0])
