"""What is remembered of beats, workers and sign-ins: moments and names of claims, nothing else."""

from __future__ import annotations

from meldcode_plugin.services import health, installation
from tests.world import MONDAY, World


def test_a_mark_says_when_it_last_happened(world: World):
    """The newest moment counts, for each kind by itself and for each school by itself."""
    health.mark(world.door, "worker", "beat")
    world.clock.forward(minutes=2)
    health.mark(world.door, "worker")
    found = health.last(world.door)
    assert {"worker", "beat"} == set(found)
    assert (world.clock.moment, MONDAY) == (found["worker"].at, found["beat"].at)


def test_the_timer_leaves_its_mark(world: World):
    """`meldcode sweep` says that it ran."""
    installation.sweep(world.door)
    assert world.clock.moment == health.last(world.door)["timer"].at


def test_of_claims_only_names_are_kept(world: World):
    """Names that look like names, in their order; what is odd is left out, and so is everything beyond a limit."""
    with world.system() as work:
        health.saw_claims(work, ["groups", "sub", "Anja de Vries", "a@b.example", "x" * 61, "urn:mace:dir:uid"])
    assert "groups, sub, urn:mace:dir:uid" == health.last(world.door)["claims"].words
    with world.system() as work:
        health.saw_claims(work, [f"claim{number}" for number in range(100)])
    assert 40 == len(health.last(world.door)["claims"].words.split(", "))


def test_the_same_claims_are_written_once_an_hour(world: World):
    """A sign-in that brings nothing new writes nothing new."""
    for minutes, expected in ((0, 0), (59, 0), (1, 60)):
        world.clock.forward(minutes=minutes)
        with world.system() as work:
            health.saw_claims(work, ["sub"])
        assert expected == (health.last(world.door)["claims"].at - MONDAY).total_seconds() / 60
