"""Cases: what the IB-er finds, opens, takes up, moves and closes."""

from __future__ import annotations

from meldcode_plugin.services import cases
from tests.world import World


def test_worklist_shows_a_new_signal(world: World):
    """A signal that was just recorded stands first in the IB-er's list, with the child's name."""
    world.record()
    with world.work(world.ib) as work:
        (line,) = cases.worklist(work).new
    assert (line.pupil, line.waiting) == (world.pupil, 1)
