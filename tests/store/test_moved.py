"""Sealed cells that somebody moves in the database: none opens at another place, and no word comes out."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from meldcode_plugin.errors import KeyUnavailable, TamperedData
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import allegations, drafts, people
from meldcode_plugin.services.allegations import NewAllegation
from meldcode_plugin.store import attachments as files
from meldcode_plugin.store import blobs, ledger, register, signals
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import Base
from meldcode_plugin.store.crypto import digest
from meldcode_plugin.store.keys import KeyCache
from meldcode_plugin.store.models.attachments import Attachment, Upload
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.models.people import Exclusion, Person
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.work import Store, Work
from tests.machine.figures import Figures
from tests.world import World, scaled, school_of, without_triggers

MOVES = 300
SEALED = ("sealed", "sealed_pupil", "wrapped", "wrapped_key")
Reader = Callable[[Work, Any], object]


def _entry(work: Work, row: Entry) -> object:
    work.note(Tag.CASE_READ, row.case_id)
    return ledger.unseal(work, work.inner.get_one(Case, row.case_id), row)


def _card(work: Work, row: Case) -> object:
    work.note(Tag.CASE_READ, row.id)
    return ledger.card_of(work, row)


def _of_attachment(read: Callable[[Any, Attachment], object]) -> Reader:
    return lambda work, row: read(work.keys.case(work.inner.get_one(Case, row.case_id)), row)


READERS: dict[tuple[type[Any], str], Reader] = {
    (Entry, "sealed"): _entry,
    (Case, "sealed_pupil"): _card,
    (Case, "wrapped_key"): lambda work, row: work.keys.case(row),
    (Draft, "sealed"): lambda work, row: signals.load_draft(work, row.key),
    (Submission, "sealed"): lambda work, row: signals.receipt(work, row.key),
    (Person, "sealed"): people_store.contact,
    (Exclusion, "sealed"): people_store.reason_of,
    (StaffAllegation, "sealed"): lambda work, _: register.rows(work),
    (SchoolKey, "wrapped"): lambda work, row: work.keys.school(row.purpose),
    (Attachment, "sealed"): _of_attachment(files._facts),
    (Attachment, "wrapped_key"): _of_attachment(files._blob_key),
    (Upload, "sealed"): files._upload_facts,
    (Upload, "wrapped_key"): lambda work, row: work.keys.school("drafts").unseal(
        row.wrapped_key, *files._upload_bound(row, "key")
    ),
}
"""How the store opens each kind of cell. Sign-ins have their own tests, beside the doors."""


@dataclass(frozen=True)
class Cell:
    """One sealed cell: where it is, whose it is and what is in it."""

    table: type[Any]
    column: str
    id: UUID
    school_id: UUID
    person_id: UUID
    content: bytes


def test_every_sealed_column_is_tried():
    """No table has a sealed column that this file does not know how to open."""
    elsewhere = {"meldcode_launch", "meldcode_login_state"}
    found = {
        (mapper.class_, name)
        for mapper in Base.registry.mappers
        for name in SEALED
        if name in mapper.local_table.c and mapper.local_table.name not in elsewhere
    }
    assert found == set(READERS)


def test_every_cell_opens_at_its_own_place(hand: Hand):
    """All cells of the run open where they belong, so that a refusal means something."""
    for cell in hand.cells:
        assert hand.opens(cell, cell.content), cell


def test_moved_cells_stay_shut(hand: Hand, figures: Figures):
    """Cells moved between rows, columns, cases and schools are all refused."""
    dice = random.Random(20261123)
    tried = opened = 0
    while tried < scaled(MOVES, 2000):
        source, target = dice.choice(hand.cells), dice.choice(hand.cells)
        if source.content != target.content:
            tried += 1
            opened += hand.opens(target, source.content)
    figures(f"moved, {hand.world.database.kind}: {tried} of 2,000 cells moved, {opened} opened")
    assert opened == 0


def test_cells_of_another_version_stay_shut(hand: Hand):
    """A cell whose key number, algorithm or format somebody changes is refused."""
    changed = [(0, 2), (1, 2), (2, 1), (3, 2), (3, 0)]
    for cell in hand.cells:
        for place, value in changed:
            content = cell.content[:place] + bytes([value]) + cell.content[place + 1 :]
            assert not hand.opens(cell, content), (cell, place)


class Hand:
    """A hand in the database that puts one cell in the place of another."""

    def __init__(self, world: World) -> None:
        """Fill two schools and find every sealed cell of them."""
        self.world = world
        for viewer in (world.teacher, world.other_school_teacher):
            _fill(world, viewer)
        self.engine = without_triggers(world)
        self.connection = self.engine.connect()
        self.cells = [cell for table, column in READERS for cell in self._cells(table, column)]

    def _cells(self, table: type[Any], column: str) -> list[Cell]:
        nobody = self.world.teacher.person_id
        with self.connection.begin():
            rows = self.connection.execute(select(table.__table__)).mappings().all()
        return [
            Cell(table, column, row["id"], row["school_id"], row.get("person_id", nobody), row[column])
            for row in rows
            if row[column] is not None
        ]

    def opens(self, cell: Cell, content: bytes) -> bool:
        """Put this content in a cell, let the store open it, put all back; tell whether it opened."""
        viewer = Viewer(cell.school_id, cell.person_id, self.world.board.roles)
        store = self.world.store
        with self.connection.begin() as transaction:
            school_of(self.connection, cell.school_id)
            self._put(self.connection, cell, content)
            fresh = Store(self.engine, store.root, store.blob_dir, store.calendar, store.clock)
            fresh.cache = KeyCache(store.root) if cell.table is SchoolKey else store.cache
            work = Work(self.connection, viewer, self.world.clock(), fresh)
            try:
                READERS[cell.table, cell.column](work, work.inner.get_one(cell.table, cell.id))
            except (TamperedData, KeyUnavailable):
                return False
            finally:
                work.close()
                transaction.rollback()
        return True

    @staticmethod
    def _put(connection: Connection, cell: Cell, content: bytes) -> None:
        columns: dict[str, Any] = {cell.column: content}
        if cell.table is Entry:  # a hand that can do this can also set the hash right
            columns["payload_hash"] = digest(content)
        table = cell.table.__table__
        connection.execute(update(table).where(table.c.id == cell.id).values(**columns))


def _fill(world: World, teacher: Viewer) -> None:
    """Put every kind of cell in a school."""
    for pupil in (world.card("2602"), world.card("2603")):
        key = uuid4()
        _upload(world, teacher, key)
        world.record(world.signal(), by=teacher, about=pupil, key=key)
        _upload(world, teacher, uuid4())
        with world.work(teacher) as work:
            drafts.save(work, uuid4(), pupil, {"text": "half"})
            allegation = NewAllegation(
                key=uuid4(), sexual="no", informed="De directeur", informed_on=world.clock().date()
            )
            allegations.record(work, allegation)
            index = ledger.pupil_index(work, pupil.id)
            people_store.add_exclusion(work, teacher.person_id, people.OWN_CHILD, pupil_index=index)


def _upload(world: World, teacher: Viewer, key: UUID) -> None:
    home = blobs.folder(world.store.blob_dir, teacher.school_id)
    fresh = blobs.write(home, teacher.school_id, io.BytesIO(b"brief"), 100)
    with world.work(teacher) as work:
        files.stage(work, key, files.FileFacts("brief.pdf", "application/pdf", fresh.size, fresh.sha256), fresh)


@pytest.fixture(scope="module")
def hand(lasting_world: World) -> Iterator[Hand]:
    """Such a hand, for all tests of this file."""
    made = Hand(lasting_world)
    yield made
    made.connection.close()
