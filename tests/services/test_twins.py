"""A teacher can not learn whether anybody else wrote: the same answers, questions and unsealings in both worlds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

import meldcode_memory
from meldcode_plugin.errors import MeldcodeError, NotVisible
from meldcode_plugin.rules.entries import FollowUp
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, drafts, pupils, roster, signals
from meldcode_plugin.services.pupils import PupilCard
from meldcode_plugin.services.signals import NewSignals, Receipt
from meldcode_plugin.store.crypto import Ring
from meldcode_plugin.store.work import Work
from tests.world import World

Probe = Callable[[World, Work, Receipt], Any]
PROBES: dict[str, Probe] = {
    "own signals": lambda _w, work, _r: signals.mine(work),
    "one own signal": lambda _w, work, r: signals.my_signal(work, r.entry_ids[0]),
    "receipt": lambda _w, work, r: signals.receipt(work, r.key),
    "the same form again": lambda w, work, r: signals.record(
        work, w.pupil, NewSignals(key=r.key, signals=(w.signal(bundle=r.key),))
    ),
    "other words with that key": lambda w, work, r: signals.record(
        work, w.pupil, NewSignals(key=r.key, signals=(w.signal("anders", bundle=r.key),))
    ),
    "a signal that is refused": lambda w, work, r: signals.record(
        work, w.pupil, NewSignals(key=uuid4(), signals=(w.signal(kind="diagnosis"),))
    ),
    "a signal that is not theirs": lambda _w, work, _r: signals.my_signal(work, uuid4()),
    "drafts": lambda _w, work, _r: drafts.mine(work),
    "the worklist": lambda _w, work, _r: cases.worklist(work),
    "a search for the child": lambda w, work, _r: cases.search(work, [w.pupil]),
}


@pytest.mark.parametrize("name", PROBES)
def test_a_teacher_sees_no_difference(world: World, meter: Meter, name: str):
    """Whether the child has one signal or many, a dossier at work or closed: the teacher's questions look the same."""
    receipt = _one_signal(world)
    before = meter.of(world.teacher, name, receipt)
    _many_more(world)
    assert meter.of(world.teacher, name, receipt) == before


@pytest.mark.parametrize("name", ["teacher", "parent", "director", "fg", "admin", "board"])
def test_a_child_with_and_one_without_a_file_look_the_same(world: World, meter: Meter, name: str):
    """Asking for a child by its id is answered alike, with or without a file."""
    viewer: Viewer = getattr(world, name)
    pupils.find(world.door, viewer, world.pupil.id)  # the first question of a process also opens the school's keys
    bare = meter.measure(lambda: pupils.find(world.door, viewer, world.pupil.id))
    world.record(by=world.colleague, mails=world.mails_of(world.pupil.id))
    assert meter.measure(lambda: pupils.find(world.door, viewer, world.pupil.id)) == bare


def test_a_silent_system_makes_no_difference_to_a_parent(world: World, meter: Meter):
    """On a day without the system a colleague asks for their own child: the same answer with and without a file."""
    roster.sync(world.door)
    world.door.source = meldcode_memory.source({"answers": "never"})
    ask = lambda: pupils.find(world.door, world.parent, "2615")  # noqa: E731  # measured thrice
    with pytest.raises(NotVisible):
        ask()
    bare = meter.measure(ask)
    world.record(by=world.colleague, about=PupilCard("2615", known=False))
    assert meter.measure(ask) == bare


class Meter:
    """Writes down what a question answers, which statements it makes and how often something is unsealed."""

    def __init__(self, world: World) -> None:
        """Begin with nothing."""
        self.world = world
        self.statements: list[str] = []
        self.unsealed = 0

    def of(self, viewer: Viewer, name: str, receipt: Receipt) -> tuple[Any, list[str], int]:
        """Measure one probe."""

        def ask() -> Any:
            with self.world.work(viewer) as work:
                return PROBES[name](self.world, work, receipt)

        return self.measure(ask)

    def measure(self, ask: Callable[[], Any]) -> tuple[Any, list[str], int]:
        """Ask and return the answer, or the sentence of the refusal, with statements and unsealings."""
        self.statements.clear()
        self.unsealed = 0
        try:
            answer = ask()
        except MeldcodeError as refusal:
            answer = type(refusal), refusal.sentence
        return answer, list(self.statements), self.unsealed


def _one_signal(world: World) -> Receipt:
    key = uuid4()
    return world.record(world.signal(bundle=key), key=key)


def _many_more(world: World) -> None:
    """Let colleagues write, the IB-er read, answer under the teacher's signal, and handle the dossier."""
    case_id = world.case_of()
    for kind in ("fact", "hypothesis", "child_statement"):
        world.record(world.signal("Ook gezien.", kind, acute=True), by=world.colleague)
    with world.work(world.ib) as work:
        timeline = cases.dossier(work, case_id).timeline
    with world.work(world.ib) as work:
        signals.follow_up(work, timeline[0].id, FollowUp(text="Ik bel de ouders."), case_id=case_id)
    with world.work(world.ib) as work:
        cases.move_signal(work, timeline[2].id, world.other_pupil, "Ander kind.")


def test_a_closed_dossier_looks_the_same_to_its_author(world: World, meter: Meter):
    """After a signal was taken up, its author can not tell whether the dossier was closed or opened again."""
    receipt = _one_signal(world)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    before = meter.of(world.teacher, "own signals", receipt)
    world.close(case_id)
    assert meter.of(world.teacher, "own signals", receipt) == before
    world.record(by=world.colleague)
    assert meter.of(world.teacher, "own signals", receipt) == before


@pytest.fixture
def meter(world: World, monkeypatch: pytest.MonkeyPatch) -> Meter:
    """A meter on the world's database and on every ring of keys."""
    made, unseal = Meter(world), Ring.unseal

    def counted(self: Ring, cell: bytes, *bound: Any) -> bytes:
        made.unsealed += 1
        return unseal(self, cell, *bound)

    def written(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        made.statements.append(statement)

    monkeypatch.setattr(Ring, "unseal", counted)
    sa.event.listen(world.store.engine, "before_cursor_execute", written)
    return made
