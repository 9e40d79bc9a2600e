"""Handing over: prepared, done, confirmed, each once; a report that left stands in the dossier and is linked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, NotVisible
from meldcode_plugin.rules.dossier import Variant
from meldcode_plugin.rules.entries import Report
from meldcode_plugin.services import cases, packages_build, packages_handover, steps
from meldcode_plugin.services.packages_handover import Channel, HandOverState, Line
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.models.packages import HandOver
from tests.packing import ask, case_with
from tests.world import World

NUMBER = "VT-2026-0815"


def built(world: World, variant: Variant = Variant.REPORT) -> tuple[UUID, UUID]:
    """Make a package; returns its case and its id."""
    case = case_with(world)
    package = ask(world, case, variant, emergency=variant is Variant.REPORT)
    packages_build.build(world.door, package)
    return case, package


def prepared(world: World, case: UUID, package: UUID, channel: Channel = Channel.FORM) -> UUID:
    """Prepare a hand-over; returns its id."""
    with world.work(world.ib) as work:
        packages_handover.prepare(work, case, package, uuid4(), channel, "Veilig Thuis, mevrouw Post")
    return lines(world, case, package)[-1].id


def done(world: World, case: UUID, package: UUID, hand_over: UUID) -> bool:
    """Write down that it left an hour ago."""
    with world.work(world.ib) as work:
        return packages_handover.done(work, case, package, hand_over, work.now - timedelta(hours=1), NUMBER)


def lines(world: World, case: UUID, package: UUID) -> list[Line]:
    """The hand-overs as the page shows them."""
    with world.work(world.ib) as work:
        return packages_handover.lines(work, case, package)


def reports(world: World, case: UUID) -> list[tuple[UUID, Report]]:
    """The reports in the dossier, as its page shows them."""
    with world.work(world.ib) as work:
        shown = cases.dossier(work, case).timeline
    return [(item.id, item.content) for item in shown if isinstance(item.content, Report)]


def linked(world: World) -> list[UUID | None]:
    """To which entries the hand-overs point."""
    with world.system() as work:
        return list(work.inner.scalars(sa.select(HandOver.report_id).order_by(HandOver.number)))


def test_it_is_confirmed_after_it_was_done_and_once(world: World):
    """Not before it left, not twice, by nobody who may not see it; each act is a line in the log."""
    case, package = built(world)
    one = prepared(world, case, package)

    def confirm(by=world.ib) -> None:
        with world.work(by) as work:
            packages_handover.confirm(work, case, package, one)

    with pytest.raises(AlreadyDone):
        confirm()
    done(world, case, package, one)
    with pytest.raises(NotVisible):
        confirm(world.excluded_ib)
    confirm()
    with pytest.raises(AlreadyDone):
        confirm()
    line = lines(world, case, package)[0]
    with world.system() as work:
        row = work.inner.get_one(HandOver, one)
        acts = list(
            work.inner.scalars(
                sa.select(LogLine.action)
                .where(LogLine.event == "package.handed_over", LogLine.actor_id == world.ib.person_id)
                .order_by(LogLine.seq)
            )
        )
        assert row.confirmed_at == world.clock()
    assert (line.state, line.reference, line.fetchable) == (HandOverState.CONFIRMED, NUMBER, False)
    assert acts == ["C", "U", "U"]


def test_what_left_can_be_fetched_no_more(world: World):
    """Done: its pass-phrase is gone, no other is given, and it can not be done again."""
    case, package = built(world)
    one = prepared(world, case, package)
    done(world, case, package, one)
    with pytest.raises(NotVisible), world.work(world.ib) as work:
        packages_handover.fetch(work, case, package, one, annex=False)
    with pytest.raises(AlreadyDone), world.work(world.ib) as work:
        packages_handover.new_phrase(work, case, package, one)
    with pytest.raises(AlreadyDone):
        done(world, case, package, one)


@pytest.mark.parametrize(("channel", "how"), [(Channel.FORM, "formulier"), (Channel.PHONE, "telefoon")])
def test_a_report_that_left_stands_in_the_dossier(world: World, channel: Channel, how: str):
    """R49: the hand-over puts the report there with day, receiver and number, and points at it."""
    case, package = built(world)
    assert done(world, case, package, prepared(world, case, package, channel))
    ((entry, report),) = reports(world, case)
    assert (report.how, report.spoke_with, report.reference) == (how, "Veilig Thuis, mevrouw Post", NUMBER)
    assert (report.made_on, report.emergency) == (world.clock().date(), True)
    assert linked(world) == [entry]
    assert [line.reported for line in lines(world, case, package)] == [True]


def test_one_report_however_often_it_leaves(world: World):
    """Handed over again, or recorded by hand before: the one that stands there is linked, and no other is made."""
    case, package = built(world)
    with world.work(world.ib) as work:
        steps.add(work, case, Report(made_on=world.clock().date(), how="112", emergency=True))
    for _ in range(2):
        assert done(world, case, package, prepared(world, case, package))
    ((entry, report),) = reports(world, case)
    assert report.how == "112"
    assert linked(world) == [entry, entry]


def test_advice_that_was_given_is_no_report(world: World):
    """R22: a summary that left for advice puts no report in the dossier."""
    case, package = built(world, Variant.ADVICE)
    assert not done(world, case, package, prepared(world, case, package))
    assert reports(world, case) == []
    assert linked(world) == [None]


def test_a_form_of_before_with_other_words_is_told(world: World):
    """The same form after its copy left adds nothing and shows no words; to another receiver it comes apart."""
    case, package = built(world)
    key = uuid4()

    def send(receiver: str) -> str:
        with world.work(world.ib) as work:
            return packages_handover.prepare(work, case, package, key, Channel.FORM, receiver)

    assert send("Veilig Thuis")
    done(world, case, package, lines(world, case, package)[0].id)
    assert send("Veilig Thuis") == ""
    with pytest.raises(AlreadyAdded):
        send("De politie")
    assert ["Veilig Thuis"] == [line.receiver for line in lines(world, case, package)]
