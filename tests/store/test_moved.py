"""Sealed cells that somebody moves in the database: none opens at another place, and no word comes out."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import LargeBinary, select, update
from sqlalchemy.engine import Connection

from meldcode_plugin.errors import KeyUnavailable, TamperedData
from meldcode_plugin.rules.code import CodeText
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import allegations, drafts, people
from meldcode_plugin.services.allegations import NewAllegation
from meldcode_plugin.store import attachments as files
from meldcode_plugin.store import (
    blobs,
    break_glass,
    circle,
    codes,
    hand_overs,
    ledger,
    packages,
    packages_files,
    register,
    rosters,
    shares,
    signals,
)
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import Base, new_id
from meldcode_plugin.store.crypto import digest
from meldcode_plugin.store.keys import KeyCache
from meldcode_plugin.store.models.attachments import Attachment, Upload
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import BreakGlass, Share, Succession
from meldcode_plugin.store.models.codes import CodeVersion
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.models.packages import HandOver, Package, PackageFile, PackageStep
from meldcode_plugin.store.models.people import Exclusion, Person
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.roster import RosterNotice
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.packages_files import NewFile
from meldcode_plugin.store.shares import ShareRow
from meldcode_plugin.store.work import Store, Work
from tests.machine.figures import Figures
from tests.world import World, scaled, school_of, without_triggers

MOVES = 300
ELSEWHERE = {"meldcode_launch", "meldcode_login_state"}
"""Sign-ins have their own tests, beside the doors."""
Reader = Callable[[Work, Any], object]


def _entry(work: Work, row: Entry) -> object:
    work.note(Tag.CASE_READ, row.case_id)
    return ledger.unseal(work, work.inner.get_one(Case, row.case_id), row)


def _card(work: Work, row: Case) -> object:
    work.note(Tag.CASE_READ, row.id)
    return ledger.card_of(work, row)


def _opened_case(read: Callable[[Work, Case, Any], object]) -> Reader:
    def opened(work: Work, row: Any) -> object:
        case = work.inner.get_one(Case, row.case_id)
        work.note(Tag.CASE_READ, case.id)
        return read(work, case, row)

    return opened


def _step(work: Work, case: Case, row: PackageStep) -> object:
    return work.keys.case(case).unseal(row.sealed, *packages._step_bound(row))


def _package_file(column: str, what: str) -> Reader:
    return _opened_case(
        lambda work, case, row: work.keys.case(case).unseal(getattr(row, column), *packages_files._bound(row, what))
    )


def _of_attachment(read: Callable[[Any, Attachment], object]) -> Reader:
    return lambda work, row: read(work.keys.case(work.inner.get_one(Case, row.case_id)), row)


READERS: dict[tuple[type[Any], str], Reader] = {
    (Entry, "sealed"): _entry,
    (Case, "sealed_pupil"): _card,
    (Case, "wrapped_key"): lambda work, row: work.keys.case(row),
    (Draft, "sealed"): lambda work, row: signals.load_draft(work, row.key),
    (Submission, "sealed"): lambda work, row: signals.receipt(work, row.key),
    (Person, "sealed"): lambda work, row: people_store._contact(work, row.id, row.sealed),
    (Exclusion, "sealed"): people_store.reason_of,
    (StaffAllegation, "sealed"): lambda work, _: register.rows(work),
    (SchoolKey, "wrapped"): lambda work, row: work.keys.school(row.purpose),
    (Attachment, "sealed"): _of_attachment(files._facts),
    (Attachment, "wrapped_key"): _of_attachment(files._blob_key),
    (Upload, "sealed"): files._upload_facts,
    (Upload, "wrapped_key"): lambda work, row: work.keys.school("drafts").unseal(
        row.wrapped_key, *files._upload_bound(row, "key")
    ),
    (CodeVersion, "sealed"): lambda work, row: codes.get(work, row.number),
    (Succession, "note"): circle._opened,
    (Succession, "reason"): circle._opened,
    (Share, "question"): shares._opened,
    (BreakGlass, "reason"): break_glass._opened,
    (Package, "sealed"): _opened_case(packages.choice_of),
    (PackageStep, "sealed"): _opened_case(_step),
    (PackageFile, "sealed"): _package_file("sealed", "facts"),
    (PackageFile, "wrapped_key"): _package_file("wrapped_key", "key"),
    (HandOver, "sealed"): _opened_case(hand_overs.words_of),
    (HandOver, "sealed_phrase"): _opened_case(hand_overs.phrase_of),
    (RosterNotice, "sealed"): _opened_case(rosters.words),
}
"""How the store opens each kind of cell."""


@dataclass(frozen=True)
class Cell:
    """One sealed cell: where it is, whose it is and what is in it."""

    table: type[Any]
    column: str
    id: UUID
    school_id: UUID
    person_id: UUID
    content: bytes


def test_every_sealed_column_is_tried(hand: Hand):
    """No table has a column for sealed bytes that this file does not know how to open, and has none of."""
    found = {
        (mapper.class_, column.name)
        for mapper in Base.registry.mappers
        for column in mapper.local_table.c
        if isinstance(column.type, LargeBinary)
        and column.type.length is None
        and mapper.local_table.name not in ELSEWHERE
    }
    assert found - {(Case, "head_mac")} == set(READERS) == {(cell.table, cell.column) for cell in hand.cells}


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
            codes.add(work, CodeText())
    by = replace(teacher, roles=world.ib.roles)
    with world.work(by) as work:
        for case in list(work.inner.scalars(select(Case))):
            _circle(work, case)
            _package(work, case)
            rosters.notice(work, case, "gone", b"s" * 16, {"number": "9999"})


def _circle(work: Work, case: Case) -> None:
    me = work.viewer.person_id
    circle.offer(work, case, me, "Ik ga met verlof.")
    work.inner.flush()
    circle.answer(
        work,
        work.inner.scalars(select(Succession.id).where(Succession.case_id == case.id)).one(),
        "Goed.",
        accepted=True,
    )
    share = ShareRow(new_id(), case.id, me, "zorgteam", True, "Zie jij dit ook?", me, work.now, work.now)
    shares.add(work, case, share, [])
    break_glass.add(work, case.pupil_index or b"", case.id, "De IB-er is ziek.", work.now)


def _package(work: Work, case: Case) -> None:
    package = packages.add(work, case, uuid4(), "main", 1, b"all", None)
    packages.record(work, case, package, packages.StepRow("collect", bytes(32), bytes(32), b"told"))
    fresh = blobs.write(blobs.folder(work.blob_dir, work.school_id), work.school_id, io.BytesIO(b"page"), 100)
    packages_files.keep(work, case, package, NewFile(fresh, 1, packages_files.MAIN, "melding.pdf", "application/pdf"))
    hand_overs.prepare(work, case, package, uuid4(), "portal", b"words", "zes woorden")


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
