"""What is sent twice stands once: entries, notes, advice and all that is asked of somebody else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from meldcode_plugin.errors import AlreadyAdded, PauseFirst
from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.cautions import CAUTIONS
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services import circle, destroying, installation, kin, shares, signals, steps
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.store import ledger
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.circle import Share, Succession
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.web.forms.steps import KINDS
from tests.rules.desk import a
from tests.services.test_signals import at_once
from tests.services.test_steps import payload, shown, standing, taken_up
from tests.world import World

SAID = a(e.ParentStatement, received_on=date(2026, 11, 20))
PASSED = tuple(one.code for one in CAUTIONS)
STEPS = dict.fromkeys(kind.payload for kind in KINDS.values() if kind.payload is not e.Reopened)
MORE: dict[type[e.Payload], dict[str, Any]] = {e.ChildConversation: {"held_on": None}, e.Report: {"emergency": True}}
"""What a kind needs besides to be added to a case that was just taken up."""
OTHER = a(e.ParentStatement, received_on=date(2026, 11, 20), text="Hij viel van de fiets.")


def send(world: World, case: UUID, key: UUID, words: e.Payload, *past: str, by: Viewer | None = None) -> None:
    """Send the form of a step."""
    with world.work(by or world.ib) as work:
        steps.add(work, case, words, past, key=key)


def kinds(world: World, case: UUID) -> list[str]:
    """Return what stands in a case, without the signal and that it was taken up; notes under their signal too."""
    found = [item for top in shown(world, case).timeline for item in (top, *top.under)]
    return [item.kind for item in found if item.kind not in ("signal", "signal_accepted")]


# --- the steps ---------------------------------------------------------------------------------------


def test_a_form_that_arrives_twice_at_the_same_moment_is_one_entry(world: World):
    """However many at once: all are told the same, and one entry stands in a chain without a gap."""
    case, key = taken_up(world), uuid4()
    at_once(8, lambda _: send(world, case, key, SAID))
    assert [("parent_statement", 3)] == [(item.kind, item.seq) for item in shown(world, case).timeline[2:]]
    assert installation.verify(world.door, []) == []


def test_the_same_form_again_adds_nothing(world: World):
    """Every kind stands once, however late its form comes again, and also when it could not be added any more."""
    case = taken_up(world)
    for number, kind in enumerate(STEPS):
        key, words = uuid4(), payload(kind, **MORE.get(kind, {}))
        send(world, case, key, words, *PASSED)
        world.clock.forward(minutes=20)
        send(world, case, key, words)
        assert number + 1 == len(kinds(world, case)), kind


def test_other_words_with_a_used_key_are_refused_and_can_be_added_apart(world: World):
    """The first words stand, nothing is written over or dropped; with a new key the others come beside them."""
    case, key = taken_up(world), uuid4()
    send(world, case, key, SAID)
    for _ in range(2):
        with pytest.raises(AlreadyAdded):
            send(world, case, key, OTHER)
    assert ["parent_statement"] == kinds(world, case)
    send(world, case, uuid4(), OTHER)
    assert [SAID, OTHER] == [item.content for item in shown(world, case).timeline[2:]]


def test_of_other_words_at_the_same_moment_one_is_kept_and_the_other_told(world: World):
    """Who loses the race learns it: nobody is told that words stand which do not."""
    case, key = taken_up(world), uuid4()

    def write(number: int) -> bool:
        try:
            send(world, case, key, a(e.ParentStatement, received_on=SAID.received_on, text=f"Woord {number}"))
        except AlreadyAdded:
            return False
        return True

    told = at_once(4, write)
    (kept,) = [item.content for item in shown(world, case).timeline[2:]]
    assert ([kept.text], 3) == ([f"Woord {number}" for number in range(4) if told[number]], told.count(False))  # type: ignore[union-attr]  # a statement


def test_a_warning_is_passed_once(world: World):
    """The form that was held up is not used up; sent with its warning twice, it stands once."""
    case, key = taken_up(world), uuid4()
    advice = payload(e.Consultation, partner="veilig_thuis", vt_contact="advies_anoniem")
    with pytest.raises(PauseFirst):
        send(world, case, key, advice)
    for _ in range(2):
        send(world, case, key, advice, "vt_before_ib")
    assert ["consultation"] == kinds(world, case)


def test_a_retry_after_the_case_moved_on_is_still_the_same(world: World):
    """Opening again, sent twice: the second time the case is open, and that is what was asked."""
    case, key = taken_up(world), uuid4()
    world.close(case)
    for _ in range(2):
        send(world, case, key, a(e.Reopened))
    assert ["closed", "reopened"] == kinds(world, case)


def test_names_that_were_filled_in_from_the_ticks_are_no_other_words(world: World):
    """What the program itself adds to an entry does not make a repeat something new."""
    case, key = taken_up(world), uuid4()
    send(world, case, uuid4(), a(e.Party, name="Noor Benali", relation="moeder", custody="yes"))
    party = shown(world, case).timeline[-1].id
    talk = payload(e.ParentConversation, parties=(party,), parents="")
    for _ in range(2):
        send(world, case, key, talk)
    assert ["party", "parent_conversation"] == kinds(world, case)


def test_the_key_of_somebody_else_tells_nothing(world: World):
    """A colleague who sends another's key adds an entry of their own; so does the same key in another case."""
    case, key = taken_up(world), uuid4()
    world.record(about=world.other_pupil)
    other = world.case_of(world.other_pupil)
    send(world, case, key, SAID)
    send(world, case, key, SAID, by=world.second_ib)
    send(world, other, key, OTHER)
    assert (["parent_statement"] * 2, ["parent_statement"]) == (kinds(world, case), kinds(world, other))


def test_the_ledger_itself_refuses_the_second(world: World):
    """No way of adding goes past it: also who does not ask first writes nothing."""
    case_id, key = taken_up(world), uuid4()
    send(world, case_id, key, SAID)
    with world.work(world.ib) as work, pytest.raises(AlreadyAdded):
        ledger.append(work, ledger.locked_case(work, case_id), SAID, Tag.STEP_ADDED, key=key)


# --- notes, advice, and what is asked of another -----------------------------------------------------


@pytest.mark.parametrize("who", ["teacher", "ib"])
def test_a_note_under_a_signal_stands_once(world: World, who: str):
    """A follow-up and a correction, of the author and of who handles the case; other words are told."""
    case, key = taken_up(world), uuid4()
    signal, inside = shown(world, case).timeline[0].id, case if who == "ib" else None
    notes: tuple[tuple[Any, Any, Any], ...] = (
        (signals.follow_up, e.FollowUp(text="Weer."), e.FollowUp(text="Anders.")),
        (signals.correct, e.Correction(text="Links.", reason="Fout."), e.Correction(text="Rechts.", reason="Fout.")),
    )
    for act, words, others in notes:
        for _ in range(2):
            with world.work(getattr(world, who)) as work:
                act(work, signal, words, case_id=inside, key=key)
        with world.work(getattr(world, who)) as work, pytest.raises(AlreadyAdded):
            act(work, signal, others, case_id=inside, key=key)
    assert ["follow_up", "correction"] == kinds(world, case)


def test_advice_stands_once(world: World):
    """The reader of a share sends the same advice again: one consultation; other words are told."""
    case, key = taken_up(world), uuid4()
    with world.work(world.ib) as work:
        shares.share(
            work, case, NewShare(world.colleague.person_id, "zorgteam", "Wat zie jij?", date(2026, 11, 27), None)
        )
    with world.work(world.colleague) as work:
        share = shares.with_me(work)[0].id
    for _ in range(2):
        with world.work(world.colleague) as work:
            shares.advise(work, share, "Praat met het kind.", key=key)
    with world.work(world.colleague) as work, pytest.raises(AlreadyAdded):
        shares.advise(work, share, "Praat met moeder.", key=key)
    assert ["consultation"] == kinds(world, case)


def test_the_same_answer_twice_is_one_and_another_answer_counts(world: World):
    """R44: a double click on yes is one yes; who changes their mind is heard, also back to what was said first."""
    case = taken_up(world)
    send(world, case, uuid4(), payload(e.Decision))
    asked = standing(world, case)
    for agrees in (True, True, False, False, True):
        with world.work(world.ib) as work:
            steps.approve(
                work, case, asked.to_approve[0].id, agrees=agrees, text="Mijn reden.", seen_seq=asked.head_seq
            )
    said = [item.content.agrees for item in shown(world, case).timeline if isinstance(item.content, e.Approval)]
    assert ["yes", "no", "yes"] == said


def test_taking_up_twice_says_once_whether_a_relative_works_here(world: World):
    """A double click leaves one answer; another answer is written down."""
    world.record()
    case = world.case_of()
    answers = [("no", None)] * 2 + [("yes", world.colleague.person_id)] * 2 + [("yes", world.parent.person_id)]
    for said, person in answers:
        with world.work(world.ib) as work:
            kin.take_up(work, case, said, person)
    assert ["kin_at_school"] * 3 == kinds(world, case)


def test_who_is_asked_twice_is_asked_once(world: World):
    """A hand-over and a share, sent twice, are one each with one mail; with another note or day they are new."""
    case = taken_up(world)
    for note in ("Verlof.", "Verlof.", "Ziek."):
        with world.work(world.ib) as work:
            circle.hand_over(work, case, world.af.person_id, note)
    (piece,) = (item.id for item in shown(world, case).timeline if item.kind == "signal")
    for day, pieces in ((27, (piece,)), (27, (piece,)), (28, (piece,)), (28, None), (28, None)):
        with world.work(world.ib) as work:
            wanted = NewShare(world.colleague.person_id, "zorgteam", "Wat zie jij?", date(2026, 11, day), pieces)
            shares.share(work, case, wanted)
    with world.system() as work:
        counted = [work.inner.scalar(select(func.count()).select_from(table)) for table in (Succession, Share)]
        kinds_of = select(Reminder.kind, func.count()).where(Reminder.kind.in_((Kind.HAND_OVER, Kind.SHARED)))
        mails = dict(work.inner.execute(kinds_of.group_by(Reminder.kind)).all())
    assert ([2, 3], {Kind.HAND_OVER: 2, Kind.SHARED: 3}) == (counted, mails)


def test_a_proposal_to_destroy_stands_once(world: World):
    """Sent twice it is one entry, and the one that the second person decides on."""
    case = taken_up(world)
    send(world, case, uuid4(), payload(e.DirectorInformed))
    world.close(case)
    for _ in range(2):
        with world.work(world.director) as work:
            destroying.propose(work, case, a(e.DestructionProposed))
    assert ["director_informed", "closed", "destruction_proposed"] == kinds(world, case)
