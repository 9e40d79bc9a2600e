"""Figure G1: no hostile sign-in is accepted, every benign one is; run through the real pages."""

from __future__ import annotations

import pytest

from tests.provider import benign, hostile_flows, hostile_tokens
from tests.provider.cases import Case
from tests.provider.harness import World

HOSTILE = [*hostile_tokens.CASES, *hostile_flows.CASES]


def _name(case: Case) -> str:
    return f"{case.group}: {case.name}"


@pytest.mark.parametrize("case", HOSTILE, ids=_name)
def test_hostile_sign_in_is_refused(case: Case, world: World):
    """No session with a user exists after a hostile sign-in."""
    assert not case.accepted(world)


@pytest.mark.parametrize("case", benign.CASES, ids=_name)
def test_benign_sign_in_is_accepted(case: Case, world: World):
    """A sign-in that is right in an unusual way works."""
    assert case.accepted(world)
