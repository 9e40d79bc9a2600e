"""Drafts: sealed, for their author alone, gone in time."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.services import drafts, signals
from meldcode_plugin.store.models.drafts import Draft
from tests.world import World


def test_draft_comes_back_as_it_was_typed(world: World):
    """What was typed, and about whom, comes back; the last save wins and keeps the child."""
    key = uuid4()
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, {"fact-text": "Blauwe pl"})
    world.clock.forward(minutes=1)
    with world.work(world.teacher) as work:
        drafts.save(work, key, None, {"fact-text": "Blauwe plek ☹"})
    with world.work(world.teacher) as work:
        found = drafts.load(work, key)
    assert (found.card, found.fields) == (world.pupil, {"fact-text": "Blauwe plek ☹"})
    assert found.saved_at == world.clock()


@pytest.mark.parametrize("name", ["colleague", "ib", "director", "admin", "fg", "other_school_teacher"])
def test_nobody_else_reads_or_throws_away_a_draft(world: World, name: str):
    """A draft is its author's: to all others it does not exist, and they can not remove it."""
    key = uuid4()
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, {"text": "half"})
    with world.work(getattr(world, name)) as work:
        assert drafts.mine(work) == []
        drafts.discard(work, key)
    with pytest.raises(NotVisible), world.work(getattr(world, name)) as work:
        drafts.load(work, key)
    with world.work(world.teacher) as work:
        assert [one.key for one in drafts.mine(work)] == [key]


def test_two_people_with_one_key_have_two_drafts(world: World):
    """The key of a form that two people happen to share keeps their words apart."""
    key = uuid4()
    for viewer, text in ((world.teacher, "een"), (world.colleague, "twee")):
        with world.work(viewer) as work:
            drafts.save(work, key, None, {"text": text})
    with world.work(world.teacher) as work:
        assert drafts.load(work, key).fields == {"text": "een"}


def test_draft_is_gone_after_two_weeks(world: World):
    """A draft that nobody touched for fourteen days is thrown away, a younger one stays."""
    for _ in range(2):
        with world.work(world.teacher) as work:
            drafts.save(work, uuid4(), None, {"text": "x"})
        world.clock.forward(days=8)
    with world.system() as work:
        assert drafts.tidy(work) == 1
        assert work.inner.scalar(select(func.count()).select_from(Draft)) == 1


def test_receipt_is_gone_after_two_weeks(world: World):
    """A receipt names the child: it must not outlive a dossier. The signal itself stays where its author finds it."""
    key = world.record().key
    with world.system() as work:
        early = drafts.tidy(work)
    world.clock.forward(days=15)
    with world.system() as work:
        late = drafts.tidy(work)
    with world.work(world.teacher) as work:
        assert (early, late, len(signals.mine(work))) == (0, 1, 1)
    with pytest.raises(NotVisible), world.work(world.teacher) as work:
        signals.receipt(work, key)


def test_thrown_away_is_gone(world: World):
    """A draft that its author throws away is gone; throwing away twice is fine."""
    key = uuid4()
    for _ in range(2):
        with world.work(world.teacher) as work:
            drafts.save(work, key, None, {"text": "x"})
            drafts.discard(work, key)
            drafts.discard(work, key)
    with pytest.raises(NotVisible), world.work(world.teacher) as work:
        drafts.load(work, key)


def test_a_flood_is_cut_and_kept(world: World):
    """A draft with far too much in it is cut to size and never refused."""
    key = uuid4()
    with world.work(world.teacher) as work:
        drafts.save(work, key, None, {f"field{number}": "x" * 300_000 for number in range(3)})
    with world.work(world.teacher) as work:
        assert {drafts.MOST_CHARACTERS} == {len(text) for text in drafts.load(work, key).fields.values()}
