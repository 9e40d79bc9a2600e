"""Who destroys a dossier reads first what it means, can keep it instead, and reads afterwards that it is done."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from meldcode_plugin.rules.entries import DestructionProposed, DirectorInformed
from meldcode_plugin.services import cases, destroying, steps
from tests.doors.house import House

PAGE = "/meldcode/dossier/<uuid:case>/vernietigen"


def test_the_second_person_reads_what_it_means_and_can_keep_it_longer(proposed: House) -> None:
    """The page says that there is no way back, and leads to the form that keeps the dossier."""
    page = proposed.ask("ib", "GET", proposed.path(PAGE)).get_data(as_text=True)

    assert "Vernietigen kun je niet terugdraaien." in page
    assert "/stap/uitstellen" in page


def test_who_destroyed_it_reads_that_it_is_done(proposed: House) -> None:
    """The IB-er comes back on the worklist, which says so; the director finds it in the list, which names no child."""
    page = proposed.ask("ib", "GET", proposed.path(PAGE)).get_data(as_text=True)
    number = re.findall(r'name="proposal" value="([^"]+)"', page)[0]
    sent = proposed.ask("ib", "POST", proposed.path(f"{PAGE}/besluiten"), {"proposal": number})
    said = proposed.ask("ib", "GET", sent.location).get_data(as_text=True)
    kept = proposed.ask("director", "GET", "/meldcode/vernietigd").get_data(as_text=True)

    assert "Het dossier is vernietigd." in said
    assert "Besloten door Marijke van Dam" in kept
    assert "Aya" not in kept


@pytest.fixture
def proposed(house: House) -> House:
    """A closed dossier that the director proposes to destroy."""
    case = UUID(house.ids["case"])
    with house.world.work(house.people["ib"]) as work:
        cases.accept(work, case)
        steps.add(work, case, DirectorInformed(told_on=house.world.clock().date()))
    house.world.close(case)
    with house.world.work(house.people["director"]) as work:
        destroying.propose(
            work, case, DestructionProposed(basis="verzoek", reason="De ouders vragen erom, en niets houdt het tegen.")
        )
    return house
