"""The ledger: entries are chained, sealed and final; whoever tampers with one is found."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from meldcode_plugin.errors import NotVisible, TamperedData
from meldcode_plugin.rules.entries import FollowUp
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, installation, signals
from meldcode_plugin.store import inspection, ledger
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.work import Store, Work
from tests.world import World, school_of, without_triggers

ENTRY, CASE = Entry.__table__, Case.__table__


class Hand:
    """A hand in the database: two dossiers of several entries, and who may change everything in them."""

    def __init__(self, connection: Connection, case_id: UUID, other_id: UUID) -> None:
        """Look at the entries of both."""
        self.connection, self.case_id = connection, case_id
        self.entries, self.others = self._rows(case_id), self._rows(other_id)

    def _rows(self, case_id: UUID) -> list[dict[str, Any]]:
        found = self.connection.execute(select(ENTRY).where(ENTRY.c.case_id == case_id).order_by(ENTRY.c.seq))
        return [dict(row._mapping) for row in found]

    def entry(self, number: int, **columns: Any) -> None:
        """Change columns of an entry."""
        self.connection.execute(update(ENTRY).where(ENTRY.c.id == self.entries[number]["id"]).values(**columns))

    def case(self, **columns: Any) -> None:
        """Change columns of the case."""
        self.connection.execute(update(CASE).where(CASE.c.id == self.case_id).values(**columns))

    def remove(self, number: int) -> None:
        """Delete an entry."""
        self.connection.execute(delete(ENTRY).where(ENTRY.c.id == self.entries[number]["id"]))

    def cut_tail(self) -> None:
        """Delete the last entry and set the head back, so that the chain itself is whole."""
        self.remove(-1)
        self.case(head_seq=self.entries[-2]["seq"], head_mac=self.entries[-2]["mac"])

    def swap_words(self) -> None:
        """Let two entries change words, hash and all."""
        one, other = self.entries[0], self.entries[1]
        self.entry(0, sealed=other["sealed"], payload_hash=other["payload_hash"])
        self.entry(1, sealed=one["sealed"], payload_hash=one["payload_hash"])

    def swap_places(self) -> None:
        """Let two entries change places."""
        self.entry(0, seq=-1)
        self.entry(1, seq=self.entries[0]["seq"])
        self.entry(0, seq=self.entries[1]["seq"])

    def forge(self) -> None:
        """Append a copy of an entry and set the head on it."""
        row = self.entries[0] | {"id": new_id(), "seq": len(self.entries) + 1}
        self.connection.execute(insert(ENTRY).values(row))
        self.case(head_seq=row["seq"], head_mac=row["mac"])

    def vanish(self) -> None:
        """Delete the case with all that belongs to it."""
        for table in reversed(Entry.metadata.sorted_tables):
            if "case_id" in table.c and not table.name.startswith("meldcode_log_"):
                self.connection.execute(delete(table).where(table.c.case_id == self.case_id))
        self.connection.execute(delete(CASE).where(CASE.c.id == self.case_id))


Tampering = Callable[[Hand], None]
TAMPERINGS: dict[str, Tampering] = {
    "kind": lambda h: h.entry(0, kind="closed"),
    "author": lambda h: h.entry(0, author_id=new_id()),
    "who recorded it": lambda h: h.entry(0, recorded_by=new_id()),
    "moment": lambda h: h.entry(0, recorded_at=h.entries[0]["recorded_at"].replace(year=2020)),
    "what it refers to": lambda h: h.entry(0, refers_to=new_id()),
    "acute": lambda h: h.entry(0, acute=not h.entries[0]["acute"]),
    "whether it waits": lambda h: h.entry(0, waits=False),
    "hash of the words": lambda h: h.entry(0, payload_hash=os.urandom(32)),
    "seal of the first": lambda h: h.entry(0, mac=os.urandom(32)),
    "seal of the last": lambda h: h.entry(-1, mac=os.urandom(32)),
    "other words": lambda h: h.entry(0, sealed=os.urandom(300)),
    "words of another entry": lambda h: h.entry(0, sealed=h.entries[1]["sealed"]),
    "words of another entry with their hash": Hand.swap_words,
    "words of another case": lambda h: h.entry(0, sealed=h.others[0]["sealed"]),
    "words taken away": lambda h: h.entry(0, sealed=None),
    "entry moved to another case": lambda h: h.entry(-1, case_id=h.others[0]["case_id"], seq=99),
    "first entry removed": lambda h: h.remove(0),
    "middle entry removed": lambda h: h.remove(1),
    "last entry removed": lambda h: h.remove(-1),
    "last entry removed and the head set back": Hand.cut_tail,
    "two entries change places": Hand.swap_places,
    "entry forged": Hand.forge,
    "head": lambda h: h.case(head_seq=1),
    "state": lambda h: h.case(state="closed"),
    "nothing waits": lambda h: h.case(waiting=0),
    "case made acute": lambda h: h.case(acute=True),
    "called destroyed": lambda h: h.case(destroyed_at=h.entries[0]["recorded_at"]),
    "whole case removed": Hand.vanish,
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_each_tampering_is_found(scene: Scene, name: str):
    """Whatever is done to an entry or to its case in the database, the inspection says so."""
    assert scene.faults(TAMPERINGS[name]) != []


def test_untouched_dossiers_have_no_fault(scene: Scene):
    """The inspection that finds everything finds nothing where nothing is."""
    assert scene.faults(lambda _: None) == []


def test_restored_after_destruction_is_found(world: World):
    """A backup that brings a destroyed case back does not go unseen."""
    world.record()
    with world.system() as work:
        work.inner.add(
            Destruction(
                school_id=world.school_id,
                case_id=work.inner.scalars(select(Case.id)).one(),
                destroyed_at=world.clock(),
                destroyed_by=world.director.person_id,
                basis="termijn",
            )
        )
    assert [fault for fault in installation.verify(world.door, []) if "destroyed and is back" in fault]


def test_swapped_pupils_are_found_when_a_dossier_opens(world: World):
    """When somebody lets two dossiers change pupils in the index, neither is shown any more."""
    world.record()
    world.record(about=world.other_pupil)
    one, other = world.case_of(), world.case_of(world.other_pupil)
    with world.peek().begin() as connection:
        found = {row.id: row.pupil_index for row in connection.execute(select(CASE.c.id, CASE.c.pupil_index))}
        connection.execute(update(CASE).where(CASE.c.id == one).values(pupil_index=found[other]))
        connection.execute(update(CASE).where(CASE.c.id == other).values(pupil_index=found[one]))
    with world.glance(world.ib) as work, pytest.raises(TamperedData):
        cases.dossier(work, one)


def test_chain_goes_on_over_sessions(world: World):
    """Entries of several people in several transactions form one chain, numbered without a gap."""
    world.record()
    world.record(by=world.colleague)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    with world.glance(world.ib) as work:
        rows = work.session.scalars(select(Entry).where(Entry.case_id == case_id).order_by(Entry.seq)).all()
        assert [(row.seq, row.kind) for row in rows] == [
            (1, "signal"),
            (2, "signal"),
            (3, "signal_accepted"),
            (4, "signal_accepted"),
        ]
    assert installation.verify(world.door, []) == []


def test_verify_of_a_full_flow_is_clean(world: World):
    """Follow-ups, corrections, a move, a closing and a reopening leave nothing to complain about."""
    receipt = world.record(world.signal(), world.signal("Ik denk aan thuis.", "hypothesis", acute=True))
    with world.work(world.teacher) as work:
        note = FollowUp(text="Toch niet.", status="refuted", basis="gesprek")
        signals.follow_up(work, receipt.entry_ids[1], note)
    with world.work(world.ib) as work:
        cases.move_signal(work, receipt.entry_ids[1], world.other_pupil, "Verkeerd kind.")
    for pupil in (world.pupil, world.other_pupil):
        case_id = world.case_of(pupil)
        with world.work(world.ib) as work:
            cases.accept(work, case_id)
        world.close(case_id)
    world.record()
    assert installation.verify(world.door, []) == []


def test_destroyed_case_is_gone(world: World):
    """A destroyed case can not be opened or found, and the ledger of destruction says who did it."""
    receipt = world.record()
    case_id = world.case_of()
    with world.work(world.director) as work:
        ledger.destroy(work, work.inner.get_one(Case, case_id), "termijn")
    for viewer, read in ((world.ib, cases.dossier), (world.teacher, signals.my_signal)):
        with world.glance(viewer) as work, pytest.raises(NotVisible):
            read(work, case_id if viewer is world.ib else receipt.entry_ids[0])
    with world.glance(Viewer.for_system(world.school_id, "test")) as work:
        assert work.session.scalars(select(Destruction.destroyed_by)).all() == [world.director.person_id]
    assert installation.verify(world.door, []) == []


def test_signal_after_a_destruction_opens_a_new_case(world: World):
    """A child whose dossier was destroyed gets a new one; the old one stays shut."""
    world.record()
    old = world.case_of()
    with world.work(world.director) as work:
        ledger.destroy(work, work.inner.get_one(Case, old), "termijn")
    world.record()
    assert world.case_of() != old


class Scene:
    """Two dossiers of three entries each, in a world whose walls are down."""

    def __init__(self, world: World) -> None:
        """Record the signals."""
        self.world = world
        for pupil in (world.pupil, world.other_pupil):
            for text in ("een", "twee", "drie"):
                world.record(world.signal(text), about=pupil)
        self.case_id, self.other_id = world.case_of(), world.case_of(world.other_pupil)
        self.engine = without_triggers(world)
        self.store = Store(self.engine, world.store.root, world.store.blob_dir, world.store.calendar, world.store.clock)

    def faults(self, tampering: Tampering) -> list[str]:
        """Tamper, inspect, put back; return what was found."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            school_of(connection, self.world.school_id)
            tampering(Hand(connection, self.case_id, self.other_id))
            viewer = Viewer.for_system(self.world.school_id, "verify")
            work = Work(connection, viewer, self.world.clock(), self.store)
            found = inspection.every_case(work)
            work.close()
            transaction.rollback()
        return found


@pytest.fixture(scope="module")
def scene(lasting_world: World) -> Scene:
    """Such a scene, for all tests of this file."""
    return Scene(lasting_world)
