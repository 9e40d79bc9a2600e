"""Files with a step: the filled-in instrument goes with its weighing, once, and is of the dossier alone."""

from __future__ import annotations

import io
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import AlreadyAdded, InputRefused, NotVisible, StepRefused
from meldcode_plugin.rules.entries import Weighing
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import attachments, cases, steps
from meldcode_plugin.services.attachments import Staged
from meldcode_plugin.services.steps import Files
from meldcode_plugin.store.models.cases import Case
from tests.rules.desk import a
from tests.services.files import PHOTO, lines_of, on_disk, read
from tests.services.test_clocks import taken_up
from tests.world import World


def stage(world: World, key: UUID, who: Viewer) -> Staged:
    """Let somebody bring a file with the form of a weighing."""
    with attachments.receive(world.door, "lirik.jpg", io.BytesIO(PHOTO)) as one, world.work(who) as work:
        return attachments.keep(work, key, one)


def weigh(
    world: World, case: UUID, who: Viewer, *files: Staged, key: UUID | None = None, place: UUID, **more: str
) -> None:
    """Let somebody weigh, with these of the files that wait at a place."""
    with world.work(who) as work:
        steps.add(work, case, a(Weighing, **more), (), Files(place, [one.id for one in files]), key=key)


def test_the_instrument_goes_with_its_weighing(world: World):
    """It stands under the weighing, opens with the very bytes for who handles the case, and the log says it all."""
    case, key = taken_up(world), uuid4()
    staged = stage(world, key, world.ib)
    weigh(world, case, world.ib, staged, place=key)
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
        steps.add(work, case, a(Weighing, instrument="", no_instrument=""), (), Files(key, [staged.id]))
    with world.work(world.ib) as work:
        assert [staged] == attachments.staged(work, key)
    weigh(world, case, world.ib, staged, place=key)
    weigh(world, case, world.ib, place=key)
    assert ([staged.id], 1) == (files_of(world, case), len(on_disk(world)))


def test_only_what_was_chosen_goes_along(world: World):
    """A file that waits and was not on the page stays where it is; one that is gone stops the weighing."""
    case, place = taken_up(world), uuid4()
    shown, other = stage(world, place, world.ib), stage(world, place, world.ib)
    with world.work(world.ib) as work:
        attachments.unstage(work, place, shown.id)
    with pytest.raises(InputRefused) as refused:
        weigh(world, case, world.ib, shown, other, place=place)
    assert {
        "attachment": "Een bestand is er niet meer. Kies het opnieuw, of sla het op zonder."
    } == refused.value.fields
    weigh(world, case, world.ib, place=place)
    assert [] == files_of(world, case)
    with world.work(world.ib) as work:
        assert [other] == attachments.staged(work, place)


def test_a_file_that_is_sent_twice_with_its_weighing_is_there_once(world: World):
    """A double click brings the same bytes twice: the second copy goes, from the list and from the disk."""
    case, place, key = taken_up(world), uuid4(), uuid4()
    attachments.listen(world.door)
    sent = [stage(world, place, world.ib) for _ in range(2)]
    for one in sent:
        weigh(world, case, world.ib, one, key=key, place=place)
    weigh(world, case, world.ib, sent[0], key=key, place=place)
    weigh(world, case, world.ib, key=key, place=place)
    assert ([sent[0].id], 1) == (files_of(world, case), len(on_disk(world)))


def test_a_file_that_comes_with_what_was_recorded_already_is_not_lost(world: World):
    """The words are the same and the file is new: it waits, and goes along with what is saved next."""
    case, place, key = taken_up(world), uuid4(), uuid4()
    weigh(world, case, world.ib, key=key, place=place)
    late = stage(world, place, world.ib)
    with pytest.raises(AlreadyAdded):
        weigh(world, case, world.ib, late, key=key, place=place)
    weigh(world, case, world.ib, late, key=uuid4(), place=place)
    assert [late.id] == files_of(world, case)


def files_of(world: World, case: UUID) -> list[UUID]:
    """Return the files that stand in a dossier."""
    with world.work(world.ib) as work:
        return [row.id for item in cases.dossier(work, case).timeline for row in item.attachments]


def test_who_handled_a_case_opens_no_instrument_of_it_afterwards(world: World):
    """What goes with a step is of the case, not of who wrote it: it goes with the case."""
    case, key = taken_up(world), uuid4()
    _own(world, case, world.af)
    staged = stage(world, key, world.af)
    weigh(world, case, world.af, staged, place=key)
    assert read(world, world.af, case, staged.id) == PHOTO
    _own(world, case, world.ib)
    with pytest.raises(NotVisible):
        read(world, world.af, case, staged.id)


def _own(world: World, case: UUID, who: Viewer) -> None:
    with world.peek().begin() as raw:
        raw.execute(sa.update(Case).where(Case.id == case).values(owner_id=who.person_id))
