"""Two worlds, and in one of them a colleague wrote about Aya: nobody who may not know can tell them apart."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

import meldcode_memory
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import cases, family
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import ledger
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.crypto import Ring
from meldcode_plugin.store.keys import PURPOSES
from meldcode_plugin.store.models.circle import FamilyLink
from meldcode_plugin.store.models.people import Exclusion
from meldcode_plugin.store.work import Store, make_engine
from tests.doors.around import offer_to, share_with
from tests.doors.house import House, _app, _record, bare, heads, make_house, sign_in
from tests.doors.probes import PROBES, Probe
from tests.machine.databases import Database
from tests.machine.figures import Figures
from tests.world import World, make_world

OUTSIDERS = (
    *("anonymous", "teacher", "excluded_ib", "parent_ib", "af", "director", "board", "fg", "admin", "former"),
    *("other_school_ib", "kept_director"),
)
RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<==)[\w-]{43}\b")
"""Ids of rows, and the secrets that go to the provider: they differ every time."""
LISTS = re.compile(r"\((?:\?, )*\?\)")


@dataclass
class Ear:
    """What the application did for one question: its statements, and how often it opened something sealed."""

    statements: list[str] = field(default_factory=list)
    unsealed: int = 0


@dataclass(frozen=True)
class Seen:
    """Everything that could differ."""

    status: int
    heads: list[tuple[str, str]]
    body: str
    statements: tuple[str, ...]
    unsealed: int


def warmed(house: House, subject: str) -> None:
    """Begin anew, with every key and the provider's addresses fetched: what was asked before must not show."""
    house.back_to("new")
    with house.app_of(subject).extensions["meldcode"].system("warm") as work:
        for purpose in PURPOSES:
            work.keys.school(purpose)
    house.ask("anonymous", "GET", "/meldcode/aanmelden")
    house.ask(subject, "GET", "/meldcode/aanmelden")


@contextmanager
def listening(house: House, subject: str) -> Iterator[Ear]:
    """Listen to the database and the seals while a question is answered."""
    ear, engine, plain = Ear(), house.app_of(subject).extensions["meldcode"].store.engine, Ring.unseal

    def heard(_: object, __: object, statement: str, *___: object) -> None:
        ear.statements.append(LISTS.sub("(?)", statement))

    def counted(ring: Ring, *args: Any) -> bytes:
        ear.unsealed += 1
        return plain(ring, *args)

    sa.event.listen(engine, "before_cursor_execute", heard)
    Ring.unseal = counted  # type: ignore[method-assign]  # counts the real one
    try:
        yield ear
    finally:
        Ring.unseal = plain  # type: ignore[method-assign]  # and takes itself away
        sa.event.remove(engine, "before_cursor_execute", heard)


def seen(house: House, subject: str, probe: Probe) -> Seen:
    """Ask, and return what could differ. What a right act writes differs by nature; its answer may not."""
    with listening(house, subject) as ear:
        answer: TestResponse = probe.ask(house, subject)
        body = RANDOM.sub("random", bare(answer).decode(errors="replace"))
    told = [(name, RANDOM.sub("random", text)) for name, text in heads(answer)]
    work = ((), 0) if probe.writes else (tuple(ear.statements), ear.unsealed)
    return Seen(answer.status_code, told, body, *work)


@pytest.mark.parametrize("subject", OUTSIDERS)
def test_nobody_can_tell_whether_a_file_exists(twins: tuple[House, House], subject: str, figures: Figures):
    """Status, headers, bytes, statements and opened seals are the same with and without a file."""
    asked = [probe for probe in PROBES if subject not in probe.entitled]
    for house in twins:
        warmed(house, subject)
    differ = [probe.name for probe in asked if seen(twins[0], subject, probe) != seen(twins[1], subject, probe)]
    figures(f"existence: {len(differ)} of {len(asked)} oracles as {subject}")
    assert differ == []
    assert len(asked) >= 40


def test_a_probe_would_be_heard(twins: tuple[House, House]):
    """Who may know does see the difference: the ears are not deaf."""
    for house in twins:
        house.back_to("new")
    dossier = next(probe for probe in PROBES if probe.name == "dossier")
    without, with_file = (seen(house, "ib", dossier) for house in twins)
    assert (without.status, with_file.status) == (404, 200)
    assert without.statements != with_file.statements
    assert with_file.unsealed > without.unsealed


@pytest.fixture(scope="module")
def twins(
    issuer: str, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, House]]:
    """W0, and its copy W1 in which the one signal was written; all other ids and cookies are the same."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("w0", "w1"))
    url = f"sqlite:///{shutil.copy(sqlite_template, first / 'meldcode.sqlite')}"
    without = make_house(make_world(Database("sqlite", url, url), first), issuer, with_file=False)
    _family(without)
    without.keep("bare")
    with_file = _copy(without, second, issuer)
    _record(with_file)
    surround(with_file)
    with with_file.world.system() as work:
        rows = work.inner.scalars(sa.select(Exclusion).where(Exclusion.proposed_by.is_(None))).all()
        with_file.ids |= {"automatic": str(rows[0].id)}
    with_file.ids["mother"] = str(with_file.people["parent_ib"].person_id)
    without.ids |= with_file.ids
    for house in (without, with_file):
        with house.world.work(house.world.ib) as work:
            assert (2 if house is with_file else 1) == len(cases.worklist(work).new)
        house.keep("new")
    yield without, with_file
    for house in (without, with_file):
        for app in (house.app, house.other_app):
            app.extensions["meldcode"].store.engine.dispose()
        house.world.store.engine.dispose()


def _family(house: House) -> None:
    """Let there be a dossier of the brother, which is no secret to IB-ers, and a director who is kept away from Aya."""
    world, brother = house.world, house.world.card("2301")
    world.record(about=brother)
    house.ids["brother"] = str(world.case_of(brother))
    viewer = world.enrol("kept_director", "Hans Oom", Role.DIRECTOR, email="hans@wilgenhof.example")
    house.people["kept_director"], house.handles["kept_director"] = viewer, sign_in(house, "kept_director", viewer)
    with world.system() as work:
        index, by = ledger.pupil_index(work, "2601"), world.director.person_id
        people_store.add_exclusion(work, viewer.person_id, "Oom.", pupil_index=index, by=by)


def surround(house: House) -> None:
    """Put around the file what only its own people may know of."""
    world, case = house.world, UUID(house.ids["case"])
    offer_to(house, house.people["af_deputy"])
    share_with(house, house.people["af_deputy"])
    with world.work(world.ib) as work:
        family.link(work, case, UUID(house.ids["brother"]))
        house.ids["link"] = str(work.inner.scalars(sa.select(FamilyLink.id)).one())


def _copy(house: House, folder: Path, issuer: str) -> House:
    kept, old = house.kept["bare"], house.world
    shutil.copy(kept / "database", folder / "meldcode.sqlite")
    shutil.copytree(kept / "blobs", folder / "blobs")
    shutil.copy(old.folder / "root.key", folder / "root.key")
    url = f"sqlite:///{folder / 'meldcode.sqlite'}"
    root = replace(old.store.root, path=folder / "root.key")
    store = Store(make_engine(url), root, folder / "blobs", old.store.calendar, old.clock)
    door = Door(old.door.settings, store, meldcode_memory.source({}))
    world: World = replace(old, database=Database("sqlite", url, url), folder=folder, store=store, door=door)
    apps = (_app(world, "99ZZ00", issuer), _app(world, "98YY00", issuer))
    return House(world, *apps, ids=dict(house.ids), handles=dict(house.handles), people=dict(house.people))
