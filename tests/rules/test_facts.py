"""What the entries of a case amount to, whatever their order."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meldcode_plugin.rules.facts import CaseFacts, Event, Role, State, Viewer, fold

SIGNAL, OTHER = UUID(int=1), UUID(int=2)


def folded(*events: Event) -> CaseFacts:
    """Return the facts after these events."""
    facts = CaseFacts()
    for event in events:
        facts = fold(facts, event)
    return facts


def signal(one: UUID = SIGNAL, *, acute: bool = False) -> Event:
    """Return a signal that waits."""
    return Event(one, "signal", None, acute, waits=True)


def about(one: UUID, kind: str) -> Event:
    """Return an entry of this kind about another."""
    return Event(uuid4(), kind, one)


CLOSED = Event(UUID(int=9), "closed", None)
STATES = {
    "a signal waits": ([signal()], State.NEW_SIGNAL, 1),
    "taken up": ([signal(), about(SIGNAL, "signal_accepted")], State.STEP1, 0),
    "one of two taken up": ([signal(), signal(OTHER), about(SIGNAL, "signal_accepted")], State.NEW_SIGNAL, 1),
    "moved away": ([signal(), about(SIGNAL, "signal_moved_away")], State.STEP1, 0),
    "closed": ([signal(), about(SIGNAL, "signal_accepted"), CLOSED], State.CLOSED, 0),
    "R43: a signal after the closing": (
        [signal(), about(SIGNAL, "signal_accepted"), CLOSED, signal(OTHER)],
        State.NEW_SIGNAL,
        1,
    ),
    "R43: taken up after the closing": (
        [signal(), about(SIGNAL, "signal_accepted"), CLOSED, signal(OTHER), about(OTHER, "signal_accepted")],
        State.REOPENED,
        0,
    ),
    "a note of the IB-er after the closing": (
        [signal(), about(SIGNAL, "signal_accepted"), CLOSED, about(SIGNAL, "follow_up")],
        State.CLOSED,
        0,
    ),
    "nothing at all": ([], State.STEP1, 0),
}


@pytest.mark.parametrize("name", STATES)
def test_state(name: str):
    """The state of a case and what waits in it follow from its entries."""
    events, state, waiting = STATES[name]
    facts = folded(*events)
    assert (facts.state, len(facts.unread)) == (state, waiting)


def test_acute_lasts_until_everything_is_taken_up():
    """A case is acute from an acute signal on, until nothing in it waits any more."""
    first = folded(signal(acute=True), signal(OTHER))
    assert first.acute
    assert fold(first, about(OTHER, "signal_accepted")).acute
    assert not folded(signal(acute=True), about(SIGNAL, "signal_accepted")).acute


@settings(deadline=None, database=None)
@given(
    st.lists(st.sampled_from(["signal", "signal_accepted", "signal_moved_away", "closed", "follow_up"]), max_size=30)
)
def test_what_waits_is_never_hidden(kinds: list[str]):
    """Whatever happens in whatever order: as long as something waits, the case is new, and never closed."""
    facts, waiting = CaseFacts(), set()
    for number, kind in enumerate(kinds):
        one = UUID(int=number + 100)
        target = next(iter(waiting), None)
        facts = fold(facts, Event(one, kind, target, waits=kind == "signal"))
        if kind == "signal":
            waiting.add(one)
        elif kind in ("signal_accepted", "signal_moved_away"):
            waiting.discard(target)
    assert facts.unread == waiting
    assert (facts.state is State.NEW_SIGNAL) == bool(waiting)


def test_the_system_has_no_role():
    """Unattended work carries a reason and no role at all."""
    viewer = Viewer.for_system(SIGNAL, "sweep")
    assert (viewer.system, viewer.has(*Role)) == ("sweep", False)
