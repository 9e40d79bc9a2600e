"""Figure G1: no hostile sign-in is accepted, every benign one is; run through the real pages."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.provider import benign, hostile_flows, hostile_logouts, hostile_tokens
from tests.provider.cases import Case
from tests.provider.harness import World

TABLE = "G1 sign-in"
HOSTILE = [*hostile_tokens.CASES, *hostile_flows.CASES, *hostile_logouts.CASES]


def _name(case: Case) -> str:
    return f"{case.group}: {case.name}"


@pytest.mark.parametrize("case", HOSTILE, ids=_name)
def test_hostile_sign_in_is_refused(case: Case, entrance: World, caplog: pytest.LogCaptureFixture, tally: Counter[str]):
    """No session with a user exists after a hostile sign-in, and it was refused by a check, not by a fault."""
    accepted = case.accepted(entrance)
    tally["hostile"] += 1
    tally["hostile accepted"] += accepted
    assert not accepted
    assert [line for line in caplog.messages if " refused: " in line]
    assert case.may_be_a_fault or "answer_500" not in caplog.text


@pytest.mark.parametrize("case", benign.CASES, ids=_name)
def test_benign_sign_in_is_accepted(case: Case, entrance: World, tally: Counter[str]):
    """A sign-in that is right in an unusual way works."""
    accepted = case.accepted(entrance)
    tally["benign"] += 1
    tally["benign accepted"] += accepted
    assert accepted


def test_the_table_is_long_enough():
    """The figures of the design: at least 108 hostile and 14 benign sign-ins, no name twice."""
    assert len(HOSTILE) >= 108
    assert len(benign.CASES) >= 14
    names = [_name(case) for case in (*HOSTILE, *benign.CASES)]
    assert len(set(names)) == len(names)
