"""What the page of a choice says of its questions: one may stay empty when nothing asks for it in this case."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.services import steps
from tests.doors.house import House
from tests.rules.desk import a

PATH = "/meldcode/dossier/{case}/meldpakket/nieuw/{variant}"


def add(house: House, case: str, *words: e.Payload) -> None:
    """Add to the dossier."""
    for one in words:
        with house.world.work(house.world.ib) as work:
            steps.add(work, UUID(case), one)


def page(house: House, case: str, variant: str = "melding", data: dict[str, Any] | None = None) -> str:
    """Return the page, or its preview of what was typed."""
    method = "GET" if data is None else "POST"
    return house.ask("ib", method, PATH.format(case=case, variant=variant), data).get_data(as_text=True)


def optional(found: str) -> set[str]:
    """Return of which questions a page says that they may stay empty."""
    return set(re.findall(r'<label for="([a-z_]+)">[^<]*<span class="may">', found))


@pytest.mark.rule("R47")
def test_what_school_keeps_doing_is_asked_until_it_was_agreed(house: House, case: str) -> None:
    """Without an agreement in the dossier the question is needed; with one it may stay empty, and is not missed."""
    add(house, case, a(e.Party))
    assert optional(page(house, case)) & {"own_role", "question", "household"} == {"household"}
    add(house, case, a(e.OwnRole))
    found = page(house, case)
    assert optional(found) & {"own_role", "question", "household"} == {"household", "own_role"}
    assert 'id="own_role-fault"' not in page(house, case, data={"action": "preview"})


@pytest.mark.parametrize("known", [(), (e.Party,), (e.OwnRole,), (e.Party, e.OwnRole)])
@pytest.mark.parametrize("variant", ["melding", "advies"])
def test_no_question_that_is_missed_was_said_to_be_free(
    house: House, case: str, variant: str, known: tuple[type[e.Payload], ...]
) -> None:
    """Whatever stands in the dossier: what an empty choice is refused for never says *hoeft niet*."""
    add(house, case, *(a(kind) for kind in known))
    said = optional(page(house, case, variant))
    missed = set(
        re.findall(r'id="([a-z_]+)-fault"', page(house, case, variant, {"action": "preview", "hidden_reporter": "y"}))
    )
    assert missed
    assert missed & said == set()
