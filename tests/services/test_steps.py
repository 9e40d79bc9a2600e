"""The steps as the services take them: what is refused, what gives pause, and in which order it all stands."""

from __future__ import annotations

from datetime import date
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from meldcode_plugin.errors import AlreadyDone, PauseFirst, StepRefused
from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import State
from meldcode_plugin.rules.filling import HAPPENED
from meldcode_plugin.rules.workflow import Action
from meldcode_plugin.services import cases, installation, signals, steps
from tests.rules.desk import a
from tests.world import World

FRIDAY = date(2026, 11, 20)
HYPOTHESIS = "Er staat nog 1 hypothese open. Zet er een uitkomst bij of schrijf op waarom het nog onzeker is."


def taken_up(world: World, kind: str = "fact") -> UUID:
    """A signal that the IB-er took up; returns its case."""
    world.record(world.signal(kind=kind))
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    return case_id


def add(world: World, case_id: UUID, kind: type[e.Payload], *past: str, **fields: Any) -> None:
    """Add an entry as the IB-er."""
    with world.work(world.ib) as work:
        steps.add(work, case_id, payload(kind, **fields), past)


def payload(kind: type[e.Payload], **fields: Any) -> Any:
    """The least that a kind can be, dated before the day of this world."""
    dated = {name: FRIDAY for name in HAPPENED if name in kind.model_fields}
    return a(kind, **dated | fields)


def standing(world: World, case_id: UUID) -> steps.Standing:
    """What the page of the IB-er says of a case."""
    with world.work(world.ib) as work:
        return steps.standing(work, cases.dossier(work, case_id))


def shown(world: World, case_id: UUID) -> cases.Dossier:
    """The dossier as its IB-er sees it."""
    with world.work(world.ib) as work:
        return cases.dossier(work, case_id)


# --- closing -----------------------------------------------------------------------------------------


def test_the_button_and_the_door_say_the_same(world: World):
    """R6, R42: what stands beside the closing button is what the server refuses with; nothing is closed meanwhile."""
    case_id = taken_up(world, "hypothesis")
    add(world, case_id, e.ParentConversation)
    add(world, case_id, e.HelpPlan, effect_due=date(2026, 12, 1), starts_on=FRIDAY)
    beside = [no.sentence for no in standing(world, case_id).refused[Action.CLOSE]]
    assert beside == [HYPOTHESIS, "Deze zaak wacht op een controle van het effect. Leg die eerst vast."]
    with pytest.raises(StepRefused) as refused:
        world.close(case_id)
    assert [no.sentence for no in refused.value.refusals] == beside
    assert shown(world, case_id).state is State.HELP_FOLLOW


def test_closing_about_staff_waits_for_nothing(world: World):
    """R17: the code does not apply then; neither a hypothesis nor the question about parents holds it."""
    case_id = taken_up(world, "hypothesis")
    with world.work(world.ib) as work:
        steps.close(work, case_id, e.Closed(reason="route_beroepskracht", explanation="Het gaat om een invaller."))
    assert shown(world, case_id).state is State.CLOSED


# --- opening again, reporting after all --------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["stopt_niet", "begint_opnieuw"])
def test_a_closed_case_opens_to_report_with_its_trigger(world: World, trigger: str):
    """R43: which of the two it was is kept as it was said, and the case asks to weigh again."""
    case_id = taken_up(world)
    world.close(case_id)
    assert standing(world, case_id).refused[Action.LATE_REPORT] == []
    add(world, case_id, e.Reopened, late=trigger)
    found = shown(world, case_id)
    assert found.state is State.REOPENED
    assert found.timeline[-1].content == a(e.Reopened, late=trigger)
    with pytest.raises(StepRefused) as refused:
        add(world, case_id, e.Report, late=trigger)
    assert "Weeg eerst opnieuw. Dan pas kun je melden na hulp." in [no.sentence for no in refused.value.refusals]


def test_what_is_open_is_not_opened_again(world: World):
    """Somebody else was first: nothing is added, and the page says so."""
    case_id = taken_up(world)
    with pytest.raises(AlreadyDone):
        add(world, case_id, e.Reopened)


# --- what gives pause --------------------------------------------------------------------------------


def test_a_warning_is_read_before_it_is_passed(world: World):
    """The first time nothing is stored; with its code sent along it is, and the entry keeps that it was passed."""
    case_id = taken_up(world)
    advice = {"partner": "veilig_thuis", "vt_contact": "advies_anoniem"}
    with pytest.raises(PauseFirst) as paused:
        add(world, case_id, e.Consultation, **advice)
    assert [(one.rule, one.field) for one in paused.value.warnings] == [("R21", "vt_before_ib")]
    with pytest.raises(PauseFirst):
        add(world, case_id, e.Consultation, "weaker_ground", **advice)
    assert [item.kind for item in shown(world, case_id).timeline] == ["signal", "signal_accepted"]
    add(world, case_id, e.Consultation, "vt_before_ib", **advice)
    kept = shown(world, case_id).timeline[-1].content
    assert isinstance(kept, e.Consultation)
    assert kept.passed == ("vt_before_ib",)


def test_no_warning_is_kept_that_did_not_apply(world: World):
    """Who sends codes along of their own gets nothing written that was not so."""
    case_id = taken_up(world)
    add(world, case_id, e.Consultation, "vt_before_ib", "before_free_days")
    kept = shown(world, case_id).timeline[-1].content
    assert isinstance(kept, e.Consultation)
    assert kept.passed == ()


# --- two at once -------------------------------------------------------------------------------------


def test_two_who_add_at_once_both_stand_in_order(world: World):
    """Neither waits in vain nor overwrites the other: eight entries of two people, numbered without a gap."""
    case_id = taken_up(world)

    def write(who: Any, name: str) -> None:
        for number in range(4):
            with world.work(who) as work:
                steps.add(work, case_id, payload(e.ParentStatement, text=f"{name} {number}"))

    writers = [Thread(target=write, args=(who, name)) for who, name in ((world.ib, "een"), (world.second_ib, "twee"))]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    said = [item for item in shown(world, case_id).timeline if isinstance(item.content, e.ParentStatement)]
    assert [item.seq for item in said] == list(range(3, 11))
    for name in ("een", "twee"):
        texts = [item.content.text for item in said if item.content.text.startswith(name)]  # type: ignore[union-attr]  # all are
        assert texts == [f"{name} {number}" for number in range(4)]
    assert installation.verify(world.door, []) == []


def test_an_answer_on_an_older_state_is_asked_again(world: World):
    """R44: somebody added something since the page was shown; the yes does not count and nothing is stored."""
    case_id = taken_up(world)
    add(world, case_id, e.Decision)
    waiting = standing(world, case_id)
    world.record(by=world.colleague)
    with pytest.raises(StepRefused) as refused, world.work(world.ib) as work:
        steps.approve(work, case_id, waiting.to_approve[0].id, agrees=True, text="", seen_seq=waiting.head_seq)
    said = [no.sentence for no in refused.value.refusals]
    assert said == ["Er is intussen iets bijgekomen. Lees het eerst en beslis dan opnieuw."]
    assert "approval" not in [item.kind for item in shown(world, case_id).timeline]


# --- the form beside the dossier ---------------------------------------------------------------------


def test_six_questions_start_from_the_dossier(world: World):
    """R57: what is on paper is filled in, with the entries that it comes from."""
    case_id = taken_up(world)
    add(world, case_id, e.Consultation)
    with world.work(world.ib) as work:
        dossier = cases.dossier(work, case_id)
        beside = steps.beside(work, dossier, e.ConfidentialityCheck)
    by_kind = {item.kind: item.id for item in dossier.timeline}
    assert (beside.prefill.values["consulted"], beside.prefill.values["vt_asked"]) == ("yes", "no")
    assert beside.prefill.sources["consulted"] == (by_kind["consultation"],)
    assert beside.prefill.sources["enough_facts"] == (by_kind["signal"],)


def test_a_teacher_reads_nothing_of_the_steps(world: World):
    """The own signal is there; what the IB-er wrote around it is not."""
    case_id = taken_up(world)
    add(world, case_id, e.Consultation)
    with world.work(world.teacher) as work:
        (mine,) = signals.mine(work)
        assert signals.my_signal(work, mine.id).notes == ()
