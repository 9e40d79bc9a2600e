"""An emergency: anybody on staff writes down whom they called; it goes first, and all else follows (R58)."""

from __future__ import annotations

from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import InputRefused, NotAllowed
from meldcode_plugin.rules.entries import Report, Subject
from meldcode_plugin.rules.facts import State, Viewer
from meldcode_plugin.services import cases, signals, steps
from meldcode_plugin.services.signals import NewSignals, Receipt
from meldcode_plugin.store.models.reminders import Reminder
from tests.world import World

CALLED = {
    "made_on": date(2026, 11, 23),
    "made_at": time(9, 50),
    "made_by": "Sanne",
    "how": "112",
    "agreed": "Zij komen.",
}


def call(world: World, by: Viewer | None = None, *, no_pupil: bool = False, **more: Any) -> Receipt:
    """Write down a call as the short form does."""
    key = more.pop("key", uuid4())
    subject = Subject(who="Een jongen uit groep 5") if no_pupil else None
    seen = world.signal("Hij bloedt.", acute=True, subject=subject, bundle=key)
    report = Report.model_validate(CALLED | {"emergency": True} | more)
    with world.work(by or world.teacher) as work:
        return signals.record(
            work, None if no_pupil else world.pupil, NewSignals(key=key, signals=(seen,), report=report)
        )


def dossier(world: World, case_id: UUID) -> cases.Dossier:
    """The dossier as its IB-er reads it."""
    with world.work(world.ib) as work:
        return cases.dossier(work, case_id)


@pytest.mark.parametrize("who", ["teacher", "ib", "director", "board", "fg", "admin"])
def test_anybody_on_staff_may(world: World, who: str):
    """Whatever role somebody has: the case is there, acute and new, with the report in it as it was made."""
    call(world, getattr(world, who))
    found = dossier(world, world.case_of())
    assert (found.state, found.acute, found.waiting) == (State.NEW_SIGNAL, True, 2)
    report = found.timeline[1].content
    assert isinstance(report, Report)
    assert (report.emergency, report.how, report.made_at, report.agreed) == (True, "112", time(9, 50), "Zij komen.")


def test_the_ib_is_told_at_once(world: World):
    """The IB-er at this very moment, and the director within two hours when nobody opens it."""
    call(world)
    with world.system() as work:
        acute = work.inner.scalars(sa.select(Reminder).where(Reminder.acute).order_by(Reminder.due_at)).all()
        assert (acute[0].audience, acute[0].due_at) == ("owner", world.clock())
        told = [one.due_at for one in acute if one.audience == "director"]
        assert (min(told) - world.clock()).total_seconds() <= 2 * 3600


def test_everything_else_follows_as_open_points(world: World):
    """Taken up, the case waits for Veilig Thuis, and lists all that a report asks; it does not close before."""
    call(world)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    with world.work(world.ib) as work:
        shown = cases.dossier(work, case_id)
        standing = steps.standing(work, shown)
    assert (shown.state, shown.acute) == (State.REPORTED_WAITING, False)
    asked = {point.rule for point in standing.open_points}
    assert {"R19", "R20", "R31", "R33", "R37", "R40", "R44", "R47", "R50", "R57"} <= asked
    assert [no.rule for no in standing.refused[steps.Action.CLOSE]] == ["R58"]


def test_the_receipt_tells_nothing_of_a_case(world: World):
    """Without a case, in a running one, in a closed one: the same receipt but for its key and ids."""
    told = []
    for before in (lambda: None, lambda: None, lambda: _close(world)):
        before()
        receipt = call(world, world.colleague)
        told.append((receipt.sent_at, receipt.kinds, receipt.acute, receipt.pupil_name, receipt.reported))
    assert told[0] == told[1] == told[2]
    assert dossier(world, world.case_of()).state is State.NEW_SIGNAL


def _close(world: World) -> None:
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    world.close(case_id, "route_beroepskracht")


def test_a_child_without_a_card_has_a_case_too(world: World):
    """R13: nobody looks a pupil up now; the IB-er finds it as new, with who it is about."""
    call(world, no_pupil=True)
    with world.work(world.ib) as work:
        (line,) = cases.worklist(work).new
    assert (line.pupil, line.acute) == (None, True)


def test_the_same_form_twice_is_one_emergency(world: World):
    """A double click leaves one signal and one report."""
    key = uuid4()
    assert call(world, key=key) == call(world, key=key)
    assert [item.kind for item in dossier(world, world.case_of()).timeline] == ["signal", "report"]


def test_a_report_that_is_none_does_not_come_this_way(world: World):
    """The short form is for emergencies alone, and a call was not made tomorrow; nothing is stored."""
    with pytest.raises(NotAllowed):
        call(world, emergency=False)
    with pytest.raises(InputRefused) as refused:
        call(world, made_on=date(2026, 11, 24))
    assert refused.value.fields == {"made_on": "Deze datum ligt in de toekomst."}
    with world.work(world.ib) as work:
        assert cases.worklist(work).new == []


def test_who_called_reads_back_the_own_words_alone(world: World):
    """The signal is among one's own; the report in the dossier is not for a teacher."""
    call(world)
    with world.work(world.teacher) as work:
        assert [one.content.text for one in signals.mine(work)] == ["Hij bloedt."]
