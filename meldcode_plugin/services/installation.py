"""Installing a school and keeping it right: database, first people, keys, log. For the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import anchors, health, packages_build, people, reminders, upkeep
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import accesslog, database, inspection, rights, schools
from meldcode_plugin.store import keys as key_store
from meldcode_plugin.store.work import make_engine


def upgrade(door: Door, revision: str = "head") -> None:
    """Make or update the tables."""
    database.upgrade(door.store.engine, revision)


def upgrade_as(door: Door, owner_url: str, revision: str = "head") -> None:
    """Make or update the tables under the owner's address, or the application's own when there is none."""
    with _as_owner(door, owner_url) as engine:
        database.upgrade(engine, revision)


def downgrade_as(door: Door, owner_url: str, revision: str) -> None:
    """Take the tables back to an older revision, in the same way."""
    with _as_owner(door, owner_url) as engine:
        database.downgrade(engine, revision)


@contextmanager
def _as_owner(door: Door, owner_url: str) -> Iterator[Any]:
    """Open the owner's engine; a database that says no becomes `SettingsWrong` with what to do."""
    engine = make_engine(owner_url) if owner_url else door.store.engine
    try:
        yield engine
    except database.Refused as why:
        raise SettingsWrong(
            "MELDCODE_DATABASE_URL: the database does not answer, or this role may not change tables. On PostgreSQL "
            "give the owner's address: as owner_database_url to 'meldcode init', with --as to 'meldcode db'. "
            f"It said: {why.short}"
        ) from None
    finally:
        if owner_url:
            engine.dispose()


def is_superuser(url: str) -> bool:
    """Tell whether an address of PostgreSQL comes in as a role that passes every wall."""
    engine = make_engine(url)
    try:
        return rights.superuser(engine)
    except database.Refused:
        return False
    finally:
        engine.dispose()


def revisions(door: Door) -> tuple[str, str]:
    """Return the version of the tables that are there, and the one that is needed."""
    try:
        return database.current(door.store.engine), database.newest()
    except database.Refused as why:
        raise SettingsWrong(
            f"MELDCODE_DATABASE_URL: the database does not answer or does not know us. It said: {why.short}"
        ) from None


def downgrade(door: Door, revision: str) -> None:
    """Take the tables back to an older revision."""
    database.downgrade(door.store.engine, revision)


def add_school(door: Door, name: str) -> UUID:
    """Add the school of the settings with its own keys and an empty log; once."""
    key_store.require_key_file(door.settings.key_file)
    return schools.add(door.store, door.settings.school, name)


def school_list(door: Door) -> list[tuple[str, str]]:
    """Return code and name of every school of the installation."""
    return [(school.code, school.name) for school in schools.all_schools(door.store)]


def install(door: Door, subject: str, name: str, email: str, role: Role) -> UUID:
    """Enrol one of the first two people, and give them their role while nobody holds it."""
    with door.system("school add") as work:
        person_id = people.enrol(work, door.settings.oidc_issuer, subject, name, email)
        people.install(work, person_id, role)
    return person_id


def new_key_file(path: Path) -> str:
    """Write a new root key; returns its id."""
    return key_store.new_key_file(path)


def rotate(door: Door) -> tuple[int, int]:
    """Turn the school keys to the newest root key and the cases to a new school key; returns both counts."""
    return schools.rewrap(door.store, door.school_id), schools.rotate_cases(door.store, door.school_id)


def anchor(door: Door) -> dict[str, Any]:
    """Return the end of the log, signed with the school's anchor key (Ed25519)."""
    with door.system("log anchor") as work:
        return accesslog.anchor(work)


def verify(door: Door, anchors: list[dict[str, Any]]) -> list[str]:
    """Walk the log and every dossier; return one sentence per fault."""
    with door.system("log verify") as work:
        faults = accesslog.verify(work, [accesslog.read_anchor(work, one) for one in anchors])
        return faults + inspection.every_case(work)


def sweep(door: Door) -> str:
    """Send what is due, build the packages that wait, clear away what has had its time; returns the counts."""
    health.mark(door, "timer")
    anchors.keep(door)
    sent, built = reminders.sweep(door), packages_build.sweep(door)
    return f"{sent}, packages: {built}, cleared away: {upkeep.tidy(door)}"
