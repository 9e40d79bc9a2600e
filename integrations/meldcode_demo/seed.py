"""Builds the demo's database: tables, the school, its first two people, and who they appointed; once."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import UUID

from flask import Flask

from meldcode_demo.people import FEMKE, HANS, MARIJKE, RUUD, Account
from meldcode_demo.town import SCHOOL, SETTINGS
from meldcode_memory import SCHOOL_NAME
from meldcode_plugin import Meldcode
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import installation, people
from meldcode_plugin.services.door import Door

FIRST = {Role.DIRECTOR: RUUD, Role.BOARD: HANS}
APPOINTED = {Role.IB: MARIJKE, Role.ADMIN: FEMKE}


def build() -> None:
    """Bring the database up to date, and fill it when it is new."""
    app = Flask("meldcode_demo")
    app.config.from_file(os.environ[SETTINGS], load=json.load)
    key_file = Path(app.config["MELDCODE_KEY_FILE"])
    if not key_file.exists():
        installation.new_key_file(key_file)
    door = Meldcode().init_app(app)
    installation.upgrade(door)
    if SCHOOL not in [code for code, _ in installation.school_list(door)]:
        installation.add_school(door, SCHOOL_NAME)
    first = {role: _install(door, account, role) for role, account in FIRST.items()}
    for role, account in APPOINTED.items():
        _appoint(door, first, account, role)


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
    build()
