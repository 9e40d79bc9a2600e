"""Who is asked something of a case is mailed as everybody is: no name, one calm mail a day, and not when it is over."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from meldcode_plugin.post import Outbox
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, circle, reminders, shares
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.models.people import Person
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail
from tests.faults.posts import sweep, to
from tests.world import World

NOTE = "Ik ga met verlof, bel mij over Aya."


def test_who_a_case_is_offered_to_is_mailed_once(world: World, case: UUID, outbox: Outbox):
    """The AF gets the words of every mail; nothing of the note, the child or the case is in it."""
    _offer(world, case, world.af)
    sweep(world, outbox)
    sweep(world, outbox)
    assert to(outbox) == [world.af.email]
    words = outbox.sent[0].as_string()
    assert not any(word in words for word in (NOTE, "verlof", "Aya", "overdr", str(case), world.ib.name))


def test_who_a_case_is_shared_with_is_mailed_whatever_their_role(world: World, case: UUID, outbox: Outbox):
    """A teacher of the care team has no duty in the chain, and is mailed: to them alone, and it climbs to nobody."""
    _share(world, case, world.colleague)
    sweep(world, outbox)
    assert to(outbox) == [world.colleague.email]
    world.clock.forward(days=7)
    sweep(world, outbox)
    assert to(outbox).count(world.colleague.email) == 1


def test_two_questions_on_one_day_are_one_mail(world: World, case: UUID, outbox: Outbox):
    """A hand-over and a share for the same person go together, as all calm mails do."""
    _offer(world, case, world.af)
    _share(world, case, world.af)
    sweep(world, outbox)
    assert to(outbox) == [world.af.email]


@pytest.mark.parametrize("change", ["accepted", "refused", "offered to another", "taken", "kept out", "left"])
def test_an_offer_that_is_over_is_not_mailed(world: World, case: UUID, outbox: Outbox, change: str):
    """Answered, overtaken, or of somebody who may not know any more: the mail does not go."""
    _offer(world, case, world.af)
    with world.work(world.af) as work:
        offer = circle.offers(work)[0].id
        if change == "accepted":
            circle.accept(work, offer)
        elif change == "refused":
            circle.refuse(work, offer, "Geen tijd.")
    with world.work(world.second_ib) as work:
        if change == "offered to another":
            circle.hand_over(work, case, world.ib.person_id, "")
        elif change == "taken":
            circle.take(work, case)
    with world.system() as work:
        if change == "kept out":
            people_store.add_exclusion(work, world.af.person_id, "Familie.", case_id=case)
        elif change == "left":
            work.inner.get_one(Person, world.af.person_id).active = False
    sweep(world, outbox)
    assert world.af.email not in to(outbox)
    assert _waiting(world, world.af.person_id) == 0


@pytest.mark.parametrize("change", ["withdrawn", "over", "kept out"])
def test_a_share_that_is_over_is_not_mailed(world: World, case: UUID, outbox: Outbox, change: str):
    """Withdrawn, ended by itself, or with somebody who is kept out since."""
    _share(world, case, world.colleague)
    with world.work(world.ib) as work:
        if change == "withdrawn":
            shares.withdraw(work, case, shares.of_case(work, case)[0].id)
        elif change == "kept out":
            circle.keep_out(work, case, world.colleague.person_id, "Zij is een tante.")
    if change == "over":
        world.clock.forward(days=9)
    sweep(world, outbox)
    assert world.colleague.email not in to(outbox)


def test_it_counts_as_no_dossier_that_somebody_left_lying(world: World, case: UUID, outbox: Outbox):
    """Who was asked something is not told that dossiers wait because the IB-er did not open them."""
    _offer(world, case, world.af)
    sweep(world, outbox)
    with world.work(world.af) as work:
        assert reminders.standing(work).waiting == 0


def _offer(world: World, case: UUID, viewer: Viewer) -> None:
    with world.work(world.ib) as work:
        circle.hand_over(work, case, viewer.person_id, NOTE)


def _share(world: World, case: UUID, viewer: Viewer) -> None:
    new = NewShare(viewer.person_id, "zorgteam", "Wat zie jij bij Aya?", date(2026, 12, 1), None)
    with world.work(world.ib) as work:
        shares.share(work, case, new)


def _waiting(world: World, person: UUID) -> int:
    """Return how many questions to one person still stand open."""
    with world.system() as work:
        mine = select(Reminder.id).join(ReminderMail, ReminderMail.reminder_id == Reminder.id)
        found = mine.where(ReminderMail.person_id == person, Reminder.kind == "hand_over", Reminder.state == "told")
        return len(work.inner.scalars(found).all())


@pytest.fixture
def case(world: World) -> UUID:
    """A running case of the IB-er, of which all mails went."""
    world.record()
    found = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, found)
        cases.dossier(work, found)
    return found


@pytest.fixture
def outbox() -> Outbox:
    """A post that keeps every mail."""
    return Outbox()
