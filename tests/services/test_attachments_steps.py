"""Files with a step: the filled-in instrument of a weighing goes with the weighing, and with the dossier alone."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import NotVisible, StepRefused
from meldcode_plugin.rules.entries import Weighing
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import attachments, cases, steps
from meldcode_plugin.services.attachments import Staged
from meldcode_plugin.store.models.cases import Case
from tests.rules.desk import a
from tests.services.files import PHOTO, lines_of, on_disk, read
from tests.services.test_clocks import taken_up
from tests.world import World


def stage(world: World, key: UUID, who: Viewer) -> Staged:
    """Let somebody bring a file with the form of a weighing."""
    with attachments.receive(world.door, "lirik.jpg", io.BytesIO(PHOTO)) as one, world.work(who) as work:
        return attachments.keep(work, key, one)


def weigh(world: World, case: UUID, key: UUID, who: Viewer) -> None:
    """Let somebody weigh, with the files under a key."""
    with world.work(who) as work:
        steps.add(work, case, a(Weighing), (), key)


def test_the_instrument_goes_with_its_weighing(world: World):
    """It stands under the weighing, opens with the very bytes for who handles the case, and the log says it all."""
    case, key = taken_up(world), uuid4()
    staged = stage(world, key, world.ib)
    weigh(world, case, key, world.ib)
    with world.work(world.second_ib) as work:
        found = {item.kind: [row.id for row in item.attachments] for item in cases.dossier(work, case).timeline}
    assert {"signal": [], "signal_accepted": [], "weighing": [staged.id]} == found
    assert (PHOTO, PHOTO) == tuple(read(world, who, case, staged.id) for who in (world.ib, world.second_ib))
    for who in (world.teacher, world.fg, world.admin, world.excluded_ib):
        with pytest.raises(NotVisible):
            read(world, who, case, staged.id)
    lines = [(line.event, line.actor_id) for line in lines_of(world, case)]
    assert ("attachment.added", world.ib.person_id) in lines
    assert ("attachment.read", world.second_ib.person_id) in lines


def test_a_weighing_that_is_refused_keeps_its_file_waiting(world: World):
    """The file waits for the next try, and goes along with that one, once."""
    case, key = taken_up(world), uuid4()
    staged = stage(world, key, world.ib)
    with world.work(world.ib) as work, pytest.raises(StepRefused):
        steps.add(work, case, a(Weighing, instrument="", no_instrument=""), (), key)
    with world.work(world.ib) as work:
        assert [staged] == attachments.staged(work, key)
    for _ in range(2):
        weigh(world, case, key, world.ib)
    with world.work(world.ib) as work:
        rows = [row for item in cases.dossier(work, case).timeline for row in item.attachments]
    assert ([staged.id], 1) == ([row.id for row in rows], len(on_disk(world)))


def test_who_handled_a_case_opens_no_instrument_of_it_afterwards(world: World):
    """What goes with a step is of the case, not of who wrote it: it goes with the case."""
    case, key = taken_up(world), uuid4()
    _own(world, case, world.af)
    staged = stage(world, key, world.af)
    weigh(world, case, key, world.af)
    assert read(world, world.af, case, staged.id) == PHOTO
    _own(world, case, world.ib)
    with pytest.raises(NotVisible):
        read(world, world.af, case, staged.id)


def _own(world: World, case: UUID, who: Viewer) -> None:
    with world.peek().begin() as raw:
        raw.execute(sa.update(Case).where(Case.id == case).values(owner_id=who.person_id))
