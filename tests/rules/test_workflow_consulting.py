"""Step 2: talking it over with colleagues and Veilig Thuis (R18-R22)."""

from __future__ import annotations

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.workflow import Action, refusals
from tests.rules.desk import AF, DEPUTY, DIRECTOR, IB, TEACHER, TODAY, Desk, ready


def rules(desk, action):
    """The rules that refuse an act now."""
    return [no.rule for no in refusals(desk.story, action, TODAY)]


# --- step 2 ------------------------------------------------------------------------------------------


@pytest.mark.rule("R18")
@pytest.mark.parametrize("partner", list(e.Partner))
def test_every_partner_of_the_code_can_be_consulted(partner):
    """The care team, Veilig Thuis, the confidant and all others have a name on the screen and can be kept."""
    assert e.PARTNER_NAMES[partner]
    named = {"vt_contact": "advies_anoniem"} if partner is e.Partner.VEILIG_THUIS else {}
    assert Desk().refused(e.Consultation, partner=partner, **named) == []


@pytest.mark.rule("R19")
@pytest.mark.parametrize(
    ("writer", "recorder", "partner", "two"),
    [
        (TEACHER, IB, e.Partner.SIGNALLER, True),
        (TEACHER, TEACHER, e.Partner.SIGNALLER, False),
        (IB, IB, e.Partner.SIGNALLER, False),
        (TEACHER, IB, e.Partner.IB, True),
        (TEACHER, AF, e.Partner.AF, True),
        (TEACHER, IB, e.Partner.CARE_TEAM, False),
        (TEACHER, IB, e.Partner.DIRECTOR, False),
        (IB, IB, e.Partner.IB, False),
        (IB, IB, e.Partner.AF, True),
        (IB, IB, e.Partner.DIRECTOR, True),
        (IB, IB, e.Partner.OTHER, False),
        (IB, DEPUTY, e.Partner.IB, True),
        (AF, AF, e.Partner.IB, True),
        (AF, AF, e.Partner.AF, False),
        (DIRECTOR, DIRECTOR, e.Partner.DIRECTOR, False),
        (DIRECTOR, DIRECTOR, e.Partner.IB, True),
    ],
)
def test_signals_are_talked_over_by_two_people(writer, recorder, partner, two):
    """The IB-er talks with who signalled; who is the IB-er talks with the aandachtsfunctionaris or the director."""
    desk = Desk()
    desk.put(e.Signal, by=writer)
    desk.put(e.Consultation, by=recorder, partner=partner)
    assert ("R19" not in rules(desk, Action.REPORT)) is two
    assert ("R19" not in desk.missing()) is two


@pytest.mark.rule("R19")
def test_signals_of_two_writers_are_seen_by_two():
    """When the IB-er added something to a teacher's signal, the talk with that teacher is enough."""
    desk = Desk()
    desk.put(e.Signal, by=TEACHER)
    desk.put(e.Signal, by=IB)
    desk.put(e.Consultation, by=IB)
    assert "R19" not in rules(desk, Action.REPORT)


@pytest.mark.rule("R19")
def test_unknown_roles_do_not_make_a_second_person():
    """An IB-er who left since is not counted as somebody else than the IB-er."""
    desk = Desk()
    desk.put(e.Signal, by=AF)
    desk.put(e.Consultation, by=AF)
    entry = desk.entries.pop()
    desk.entries.append(entry._replace(roles=frozenset()))
    assert "R19" in rules(desk, Action.REPORT)


@pytest.mark.rule("R20")
def test_director_is_told_of_the_suspicion():
    """Without it nothing is reported and the list says so; in an emergency it comes afterwards."""
    desk = ready("director")
    assert rules(desk, Action.REPORT) == ["R20"]
    assert "R20" in desk.missing()
    assert desk.refused(e.Report, emergency=True) == []
    desk.put(e.DirectorInformed)
    assert rules(desk, Action.REPORT) == []


@pytest.mark.rule("R21")
def test_outside_advice_is_never_needed():
    """Neither Veilig Thuis nor the confidant is asked in this case, and it can be reported."""
    assert rules(ready(), Action.REPORT) == []


@pytest.mark.rule("R22")
def test_advice_is_no_report():
    """Who asks Veilig Thuis for advice says whether the name was told, and has reported nothing."""
    desk = Desk()
    assert desk.refused(e.Consultation, partner=e.Partner.VEILIG_THUIS) == ["R22-vt_contact"]
    desk.put(e.Consultation, partner=e.Partner.VEILIG_THUIS, vt_contact="advies_op_naam")
    assert not desk.story.has(e.Report)
    assert "R49" not in desk.missing()
