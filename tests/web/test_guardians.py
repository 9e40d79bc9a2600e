"""The form of somebody around a case starts from the guardians that the school's own system names."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

from meldcode_memory import AwaySource
from meldcode_plugin.rules.entries import Party
from meldcode_plugin.services import cases, steps
from tests.doors.house import House

OFFERED = re.compile(r'<a href="([^"]+[?&]ouder=\d[^"]*)">([^<]+) overnemen</a> <span class="quiet">([^<]+)</span>')


def page(house: House, path: str = "") -> str:
    """Return the form as the IB-er reads it."""
    answer = house.ask("ib", "GET", path or f"/meldcode/dossier/{house.ids['case']}/stap/betrokkene")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_each_guardian_is_offered_with_what_the_system_says_of_custody(house: House) -> None:
    """Both parents stand there; the chosen one fills the form, and nothing is stored by looking."""
    before = house.rows()["meldcode_entry"]
    found = OFFERED.findall(page(house))

    assert [(name, about) for _, name, about in found] == [
        ("Karima Benali", "moeder, gezag"),
        ("Omar Benali", "vader, gezag"),
    ]
    form = page(house, found[1][0])
    assert 'name="name" value="Omar Benali"' in form
    assert 'name="relation" value="vader"' in form
    assert re.search(r'name="custody" value="yes" checked', form)
    assert before == house.rows()["meldcode_entry"]


def test_who_is_in_the_dossier_is_not_offered_again(house: House) -> None:
    """After Karima only Omar is left, and a number that is no longer there starts an empty form."""
    with house.world.work(house.world.ib) as work:
        cases.accept(work, UUID(house.ids["case"]))
    with house.world.work(house.world.ib) as work:
        steps.add(work, UUID(house.ids["case"]), Party(name="Karima Benali", relation="moeder", custody="yes"))

    found = OFFERED.findall(page(house))
    assert ["Omar Benali"] == [name for _, name, _ in found]
    assert 'name="name" value=""' in page(house, found[0][0].replace("ouder=0", "ouder=1"))


def test_a_silent_system_leaves_the_form_as_it_is(house: House) -> None:
    """No list, no fault: who knows the family types it."""
    house.app.extensions["meldcode"].source = AwaySource()

    assert "Ouders in het leerlingsysteem" not in page(house)
