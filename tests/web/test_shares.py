"""What was shared reads as it does in the dossier, on a page that is not the dossier."""

from __future__ import annotations

from datetime import date
from html import unescape
from uuid import UUID

from meldcode_plugin.rules import entries as e
from meldcode_plugin.services import cases, shares, steps
from meldcode_plugin.services.shares import NewShare
from tests.doors.house import House

ADVICE = e.Consultation(
    partner="veilig_thuis",
    vt_contact="advies_anoniem",
    held_on=date(2026, 11, 20),
    persons="Veilig Thuis",
    question="Wat nu?",
    advice="Praat met de ouders.",
)
SHEET = e.TalkPreparation(goal="Samen kijken.")


def test_a_step_that_was_shared_reads_as_in_the_dossier(house: House) -> None:
    """The warning that was passed stands under its step; the sheet of a talk is read and not printed from here."""
    world, case = house.world, UUID(house.ids["case"])
    reader = house.people["teacher"]
    with world.work(world.ib) as work:
        cases.accept(work, case)
        steps.add(work, case, ADVICE, ("vt_before_ib",))
        steps.add(work, case, SHEET)
    with world.work(world.ib) as work:
        shares.share(work, case, NewShare(reader.person_id, "zorgteam", "Wat zie jij?", date(2026, 11, 30), None))
    with world.work(reader) as work:
        newest = shares.with_me(work)[0].id

    answer = house.ask("teacher", "GET", f"/meldcode/gedeeld/{newest}")
    page = unescape(answer.get_data(as_text=True))

    assert answer.status_code == 200
    assert "Gelezen en toch doorgegaan" in page
    assert "Samen kijken." in page
    assert "blad=" not in page
