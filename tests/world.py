"""A small world for tests: two schools, people with roles, pupils, a clock that obeys; it knows no page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

import meldcode_memory
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.entries import Closed, Signal
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import cases, people, pupils, signals, steps
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.signals import NewSignals, Receipt
from meldcode_plugin.settings import Settings
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store import schools
from meldcode_plugin.store.keys import RootKeys, new_key_file
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.work import Store, Work, make_engine
from tests.machine.databases import KINDS, Database
from tests.machine.postgres import ADMIN, OWNER, Postgres

ISSUER = "https://inloggen.wilgenhof.example"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def scaled(ordinary: int, full: int) -> int:
    """Return how large a run is: ``MELD_SCALE`` times the ordinary size, up to the size of the figure itself."""
    return max(1, min(full, round(ordinary * float(os.environ.get("MELD_SCALE", "1")))))


class Hands:
    """A clock that stands still until a test moves it."""

    def __init__(self, moment: datetime) -> None:
        """Start at this moment."""
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the moment that it shows."""
        return self.moment

    def forward(self, **ahead: float) -> None:
        """Move on: ``forward(hours=2)``."""
        self.moment += timedelta(**ahead)


@dataclass(repr=False)
class World:
    """One installation with two schools. People are `Viewer`s, ready to be handed to `work`."""

    database: Database
    folder: Path
    clock: Hands
    store: Store
    door: Door
    school_id: UUID
    other_school_id: UUID
    teacher: Viewer
    colleague: Viewer
    parent: Viewer
    """A teacher who is also Yassin's mother."""
    ib: Viewer
    second_ib: Viewer
    excluded_ib: Viewer
    """An IB-er whom the director keeps away from `pupil`."""
    af: Viewer
    director: Viewer
    board: Viewer
    fg: Viewer
    admin: Viewer
    other_school_ib: Viewer
    other_school_teacher: Viewer

    @property
    def pupil(self) -> PupilCard:
        """Aya, whom `excluded_ib` is kept away from."""
        return self.card("2601")

    @property
    def other_pupil(self) -> PupilCard:
        """Bram, whom nobody is kept away from."""
        return self.card("2602")

    @property
    def own_child(self) -> PupilCard:
        """Yassin, the child of `parent`."""
        return self.card("2615")

    def card(self, pupil_id: str) -> PupilCard:
        """Return the card of a pupil of the school in memory."""
        found = self.door.source.pupil(pupil_id)
        assert found is not None
        return pupils.card_of(found)

    def mails_of(self, pupil_id: str) -> tuple[str, ...]:
        """Return the guardians' mail addresses of a pupil."""
        found = self.door.source.pupil(pupil_id)
        return tuple(one.email for one in found.guardians if one.email) if found else ()

    def work(self, viewer: Viewer) -> AbstractContextManager[Work]:
        """Open a transaction for a viewer, as a page does."""
        return self.door.work(viewer)

    def system(self, school_id: UUID | None = None) -> AbstractContextManager[Work]:
        """Open a transaction for unattended work."""
        return self.store.work(Viewer.for_system(school_id or self.school_id, "test"))

    def signal(self, text: str = "Een blauwe plek op de arm.", kind: str = "fact", **fields: Any) -> Signal:
        """Return one signal as a form would hold it."""
        return Signal(bundle=fields.pop("bundle", uuid4()), signal_kind=kind, text=text, **fields)

    @contextmanager
    def glance(self, viewer: Viewer) -> Iterator[Work]:
        """Open a transaction for a viewer that leaves nothing behind."""
        with self.store.engine.connect() as connection, connection.begin() as transaction:
            school_of(connection, viewer.school_id)
            work = Work(connection, viewer, self.clock(), self.store)
            try:
                yield work
            finally:
                work.close()
                transaction.rollback()

    def close(
        self, case_id: UUID, reason: str = "ongegrond", explanation: str = "Er is niets aan de hand.", **more: Any
    ) -> None:
        """Close a case as its IB-er does, with parents who know."""
        by = more.pop("by", self.ib)
        with self.work(by) as work:
            steps.close(work, case_id, Closed(reason=reason, explanation=explanation, parents="yes", **more))

    def record(
        self,
        *signals_: Signal,
        by: Viewer | None = None,
        about: PupilCard | None = None,
        no_pupil: bool = False,
        key: UUID | None = None,
        mails: tuple[str, ...] = (),
    ) -> Receipt:
        """Record signals, by default the teacher's one about `pupil`, and return the receipt."""
        new = NewSignals(key=key or uuid4(), signals=signals_ or (self.signal(),))
        card = None if no_pupil else about or self.pupil
        with self.work(by or self.teacher) as work:
            return signals.record(work, card, new, mails)

    def case_of(self, about: PupilCard | None = None) -> UUID:
        """Return the id of a pupil's case, as its IB-er finds it."""
        with self.work(self.ib) as work:
            ((_, line),) = cases.search(work, [about or self.pupil])
        assert line is not None, "there is no case of this pupil"
        return line.id

    def enrol(self, subject: str, name: str, *roles: Role, email: str = "", school_id: UUID | None = None) -> Viewer:
        """Add somebody to a school, with roles that count at once."""
        return _somebody(self.store, school_id or self.school_id, subject, name, roles, email)

    def peek(self) -> sa.Engine:
        """Return an engine that sees all rows and passes every wall: what the owner of the machine can do."""
        url = sa.make_url(self.database.owner_url)
        return sa.create_engine(
            url.set(username=ADMIN) if self.database.kind == "postgresql" else url, poolclass=sa.NullPool
        )


def school_of(connection: sa.Connection, school_id: UUID | str) -> None:
    """Tell PostgreSQL for which school this transaction works, as the store does."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.set_config("meldcode.school", str(school_id), True)))


def without_triggers(world: World) -> sa.Engine:
    """Return an engine for who may do all: no trigger, no foreign key and no row-level security stops it."""
    engine = world.peek()
    if world.database.kind == "postgresql":
        sa.event.listen(engine, "connect", _as_replica)
        return engine
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in found.fetchall():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("PRAGMA foreign_keys=OFF"))
    return engine


def _as_replica(connection: Any, _: Any) -> None:
    connection.execute("SET session_replication_role = replica")
    connection.commit()


def make_world(database: Database, folder: Path) -> World:
    """Fill a fresh database with two schools and their people."""
    new_key_file(folder / "root.key")
    clock, store, door = _house(database, folder)
    school, other = schools.add(store, "99ZZ00", "De Wilgenhof"), schools.add(store, "98YY00", "De Populier")
    found = {name: _somebody(store, school, name, *details) for name, details in PEOPLE.items()}
    found |= {name: _somebody(store, other, name, *details) for name, details in OTHERS.items()}
    made = World(database, folder, clock, store, door, school, other, **found)
    with made.work(made.director) as work:
        people.exclude(work, made.excluded_ib.person_id, made.pupil.id, "Zij is de tante van dit kind.")
    return made


def copy_world(seed: World, database: Database, folder: Path) -> World:
    """Return a world like another, on a copy of its database."""
    shutil.copy(seed.folder / "root.key", folder)
    clock, store, door = _house(database, folder)
    return replace(seed, database=database, folder=folder, clock=clock, store=store, door=door)


def _house(database: Database, folder: Path) -> tuple[Hands, Store, Door]:
    """Open the store of an installation whose keys and files are in a folder."""
    clock, keys, blobs = Hands(MONDAY), RootKeys(folder / "root.key"), folder / "blobs"
    blobs.mkdir(mode=0o700)
    store = Store(make_engine(database.url), keys, blobs, SchoolCalendar("midden"), clock)
    return clock, store, Door(_settings(database, folder), store, meldcode_memory.source({}))


def door_of(database: Database, folder: Path) -> Door:
    """Open the door of an installation whose ``root.key`` and ``blobs`` are in a folder."""
    store = Store(make_engine(database.url), RootKeys(folder / "root.key"), folder / "blobs", SchoolCalendar("midden"))
    return Door(_settings(database, folder), store, meldcode_memory.source({}))


PEOPLE: dict[str, tuple[str, tuple[Role, ...], str]] = {
    "teacher": ("Sanne de Boer", (), "sanne@wilgenhof.example"),
    "colleague": ("Joris Hendriks", (), "joris@wilgenhof.example"),
    "parent": ("Noor el Amrani", (), "noor@wilgenhof.example"),
    "ib": ("Marijke van Dam", (Role.IB,), "marijke@wilgenhof.example"),
    "second_ib": ("Ingrid Bosma", (Role.IB,), "ingrid@wilgenhof.example"),
    "excluded_ib": ("Irene Benali", (Role.IB,), "irene@wilgenhof.example"),
    "af": ("Anja Faber", (Role.AF,), "anja@wilgenhof.example"),
    "director": ("Ruud Jansma", (Role.DIRECTOR,), "ruud@wilgenhof.example"),
    "board": ("Bea Stuur", (Role.BOARD,), "bea@bestuur.example"),
    "fg": ("Frans Gevers", (Role.FG,), "frans@bestuur.example"),
    "admin": ("Ivo Tas", (Role.ADMIN,), "ivo@wilgenhof.example"),
}
OTHERS: dict[str, tuple[str, tuple[Role, ...], str]] = {
    "other_school_ib": ("Olga Prins", (Role.IB,), "olga@populier.example"),
    "other_school_teacher": ("Otto Maas", (), "otto@populier.example"),
}


def _somebody(store: Store, school_id: UUID, subject: str, name: str, roles: tuple[Role, ...], email: str) -> Viewer:
    with store.work(Viewer.for_system(school_id, "school add")) as work:
        person_id = people.enrol(work, ISSUER, subject, name, email)
        for role in roles:
            people_store.add_grant(work, person_id, role, confirmed_by=person_id)
    return Viewer(school_id, person_id, frozenset({Role.STAFF, *roles}), name=name, email=email)


def _settings(database: Database, folder: Path) -> Settings:
    return Settings(
        school="99ZZ00",
        public_url="http://localhost:5000",
        database_url=database.url,
        oidc_issuer=ISSUER,
        oidc_client_id="meldcode",
        oidc_client_secret="geheim",
        key_file=folder / "root.key",
        blob_dir=folder / "blobs",
    )


@pytest.fixture(scope="session")
def sqlite_seed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world on SQLite that is only copied."""
    folder = tmp_path_factory.mktemp("seed")
    url = f"sqlite:///{shutil.copy(sqlite_template, folder / 'meldcode.sqlite')}"
    made = make_world(Database("sqlite", url, url), folder)
    with made.peek().connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    made.store.engine.dispose()
    return made


@pytest.fixture(scope="session")
def postgresql_seed(postgres: Postgres, postgresql_template: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world on PostgreSQL that is only copied."""
    name = postgres.create(postgresql_template)
    database = Database("postgresql", postgres.url(name), postgres.url(name, OWNER))
    made = make_world(database, tmp_path_factory.mktemp("seed"))
    made.store.engine.dispose()
    return made


@contextmanager
def _copied(request: pytest.FixtureRequest, folder: Path) -> Iterator[World]:
    seed: World = request.getfixturevalue(f"{request.param}_seed")
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(seed.folder / 'meldcode.sqlite', folder)}"
        made = copy_world(seed, Database("sqlite", url, url), folder)
        yield made
        made.store.engine.dispose()
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    name = postgres.create(sa.make_url(seed.database.url).database)
    made = copy_world(seed, Database("postgresql", postgres.url(name), postgres.url(name, OWNER)), folder)
    yield made
    made.store.engine.dispose()
    postgres.drop(name)


@pytest.fixture(scope="module", params=KINDS)
def lasting_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all the tests of a file, on SQLite and on PostgreSQL: for tests that leave nothing behind."""
    with _copied(request, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Two schools with their people on a fresh database: the test runs on SQLite and on PostgreSQL."""
    with _copied(request, tmp_path) as made:
        yield made
