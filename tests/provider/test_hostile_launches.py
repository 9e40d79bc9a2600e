"""The launch from the student information system under attack: nothing wrong opens a form, all that is right does."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.provider.harness import World
from tests.provider.hostile_launches import BENIGN, HOSTILE, LaunchCase

TABLE = "Launch"


def _name(case: LaunchCase) -> str:
    return f"{case.group}: {case.name}"


@pytest.mark.parametrize("case", HOSTILE, ids=_name)
def test_hostile_launch_opens_no_form(case: LaunchCase, entrance: World, tally: Counter[str]):
    """A launch that is wrong in one way ends at a page, not at a form."""
    accepted = case.accepted(entrance)
    tally["hostile"] += 1
    tally["hostile accepted"] += accepted
    assert not accepted


@pytest.mark.parametrize("case", BENIGN, ids=_name)
def test_benign_launch_opens_a_form(case: LaunchCase, entrance: World, tally: Counter[str]):
    """A launch that is right in an unusual way opens the form."""
    accepted = case.accepted(entrance)
    tally["benign"] += 1
    tally["benign accepted"] += accepted
    assert accepted
