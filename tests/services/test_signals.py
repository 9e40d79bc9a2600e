"""Signals: what must be in one, that it goes in once and stays, and what its author may know."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from meldcode_plugin.errors import AlreadySent, InputRefused, NotVisible
from meldcode_plugin.rules.entries import Correction, Diagnosis, FollowUp, SignallerFeedback, Source, Subject
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, drafts, people, signals, steps
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.people import Exclusion, GuardianMail
from tests.machine.figures import Figures
from tests.rules.desk import a
from tests.world import MONDAY, World, scaled

TOMORROW = MONDAY.date() + timedelta(days=1)
DOCTOR = Diagnosis(professional="dr. Vos", profession="kinderarts", made_on=date(2026, 10, 1))
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "R4: a fact of tomorrow": ({"observed_on": TOMORROW}, "fact-observed_on"),
    "R8: hearsay without a source": ({"kind": "third_party"}, "third_party-source_name"),
    "R8: a source without anything": ({"kind": "third_party", "source": Source()}, "third_party-source_name"),
    "R8: shielded without why": ({"kind": "third_party", "source": Source(shielded=True)}, "third_party-source_why"),
    "R9: a diagnosis of nobody": ({"kind": "diagnosis"}, "diagnosis-professional"),
    "R9: without its date": (
        {"kind": "diagnosis", "diagnosis": DOCTOR.model_copy(update={"made_on": None})},
        "diagnosis-made_on",
    ),
    "R9: of tomorrow": (
        {"kind": "diagnosis", "diagnosis": DOCTOR.model_copy(update={"made_on": TOMORROW})},
        "diagnosis-made_on",
    ),
}
ALLOWED: dict[str, dict[str, Any]] = {
    "R4: a fact": {"observed_on": MONDAY.date(), "interpretation": "Misschien gevallen."},
    "R5: a hypothesis": {"kind": "hypothesis"},
    "R4: what a child said": {"kind": "child_statement"},
    "R7: what speaks against it": {"direction": "contradicts"},
    "R8: a source by name": {"kind": "third_party", "source": Source(name="oma")},
    "R8: a source by relation": {"kind": "third_party", "source": Source(relation="buurvrouw")},
    "R8: a shielded source": {"kind": "third_party", "source": Source(shielded=True, why_shielded="Bang.")},
    "R9: a diagnosis": {"kind": "diagnosis", "diagnosis": DOCTOR},
    "R12: an instrument": {"instrument": {"name": "SIK"}},
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(world: World, name: str):
    """What a rule asks and is not there is said beside its own field, and nothing is stored."""
    fields, where = REFUSED[name]
    with pytest.raises(InputRefused) as refused:
        world.record(world.signal(**fields))
    assert list(refused.value.fields) == [where]
    assert _count(world, Case) == 0


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(world: World, name: str):
    """What holds all that its kind needs is stored, and comes back as it was sent."""
    signal = world.signal(**ALLOWED[name])
    receipt = world.record(signal)
    with world.work(world.teacher) as work:
        assert signals.my_signal(work, receipt.entry_ids[0]).content == signal


def test_no_kind_chosen(world: World):
    """R4: without any kind there is no signal."""
    with world.work(world.teacher) as work, pytest.raises(InputRefused) as refused:
        signals.record(work, world.pupil, NewSignals(key=uuid4(), signals=()))
    assert list(refused.value.fields) == ["kinds"]


def test_without_a_pupil_somebody_must_be_named(world: World):
    """R13: a signal without a pupil says which child it is about, as far as known."""
    with pytest.raises(InputRefused) as refused:
        world.record(no_pupil=True)
    assert list(refused.value.fields) == ["subject-who"]


def test_two_signals_without_a_pupil_are_two_cases(world: World):
    """R13, R14: each signal without a pupil waits for the IB-er by itself, and is found there."""
    for who in ("een baby", "een broer"):
        world.record(world.signal(subject=Subject(who=who)), no_pupil=True)
    with world.work(world.ib) as work:
        lines = cases.worklist(work).new
    assert [(line.pupil, line.waiting) for line in lines] == [(None, 1), (None, 1)]


def test_an_instrument_or_text_can_not_be_empty(world: World):
    """R4, R12: a signal without words and an instrument without a name do not exist; the error repeats no words."""
    with pytest.raises(ValidationError):
        world.signal(text="   ")
    with pytest.raises(ValidationError) as refused:
        world.signal("geheime woorden", place="geheime plek " * 50)
    assert "geheim" not in str(refused.value)


def test_kinds_of_one_form_stay_apart(world: World):
    """R4: a fact and a guess from one form are two signals of one bundle, each with its own kind."""
    bundle = uuid4()
    receipt = world.record(world.signal(bundle=bundle), world.signal("Thuis?", "hypothesis", bundle=bundle), key=bundle)
    with world.work(world.teacher) as work:
        found = {signal.content.signal_kind.value: signal.content.bundle for signal in signals.mine(work)}
    assert found == {"fact": bundle, "hypothesis": bundle}
    assert len(receipt.entry_ids) == 2


def test_the_same_form_again_gives_the_same_receipt(world: World):
    """A double click, a back button, a retry: one signal and each time the same receipt."""
    signal, key = world.signal(), uuid4()
    first = world.record(signal, key=key)
    world.clock.forward(hours=3)
    assert {first} == {world.record(signal, key=key) for _ in range(3)}
    assert _count(world, Entry) == 1


def test_a_retry_while_the_pupil_system_is_away_is_still_the_same(world: World):
    """The card of the pupil may have changed between two tries; the words have not."""
    signal, key = world.signal(), uuid4()
    first = world.record(signal, key=key)
    bare = replace(world.pupil, name="", birth_date=None, group="", known=False)
    assert world.record(signal, key=key, about=bare) == first


def test_the_same_key_for_another_pupil_is_refused(world: World):
    """A form that was sent can not be sent again about another child."""
    signal, key = world.signal(), uuid4()
    world.record(signal, key=key)
    with pytest.raises(AlreadySent):
        world.record(signal, key=key, about=world.other_pupil)


def test_changed_words_with_a_used_key_are_always_refused(world: World):
    """Retries with other words are all refused; the first words stand."""
    key = uuid4()
    world.record(world.signal("eerste woorden"), key=key)
    refused = 0
    for number in range(scaled(50, 500)):
        try:
            world.record(world.signal(f"andere woorden {number}"), key=key)
        except AlreadySent:
            refused += 1
    assert refused == scaled(50, 500)
    with world.work(world.teacher) as work:
        assert [one.content.text for one in signals.mine(work)] == ["eerste woorden"]


def test_the_key_of_somebody_else_tells_nothing(world: World):
    """Who happens to use another's key records their own signal, and learns nothing of the other."""
    signal, key = world.signal(), uuid4()
    world.record(signal, key=key)
    mine = world.record(signal, key=key, by=world.colleague)
    assert mine.entry_ids != world.record(signal, key=key).entry_ids
    with world.work(world.colleague) as work:
        assert len(signals.mine(work)) == 1


def test_many_posts_of_one_form_at_once_are_one_signal(world: World, figures: Figures):
    """However many times one form arrives at the same moment, there is one signal and one receipt."""
    signal, key, times = world.signal(), uuid4(), scaled(40, 200)
    receipts = at_once(times, lambda _: world.record(signal, key=key, mails=("ouder@thuis.example",)))
    figures(f"same form, {world.database.kind}: {times} posts at once, {_count(world, Entry)} signal")
    assert ({receipts[0]}, 1) == (set(receipts), _count(world, Entry))


def test_many_teachers_at_once_open_one_case(world: World, figures: Figures):
    """Fifty teachers who record about one child at the same moment meet in one dossier, without a fault."""
    teachers = [world.enrol(f"t{number}", f"Leraar {number}") for number in range(50)]
    mails = world.mails_of(world.pupil.id)
    at_once(50, lambda number: world.record(by=teachers[number], mails=mails))
    figures(f"same pupil, {world.database.kind}: 50 teachers at once, {_count(world, Case)} case")
    assert (1, 50, len(mails)) == (_count(world, Case), _count(world, Entry), _count(world, GuardianMail))
    with world.work(world.ib) as work:
        assert [line.waiting for line in cases.worklist(work).new] == [50]


def test_teachers_read_back_while_others_write(world: World):
    """Teachers with signals in the same dossiers, in another order, do not stand in each other's way."""
    both = (world.pupil, world.other_pupil)
    for pupil in both:
        world.record(by=world.teacher, about=pupil)
        world.clock.forward(minutes=1)
    for pupil in reversed(both):
        world.record(by=world.colleague, about=pupil)
        world.clock.forward(minutes=1)
    found = at_once(24, lambda number: _mine(world, (world.teacher, world.colleague)[number % 2]))
    assert {len(signals_) for signals_ in found} == {2}


def test_own_signal_comes_back_whole(world: World):
    """A teacher reads back their own words, about whom, and whether the IB-er took it up."""
    receipt = world.record(world.signal("Hij had honger."))
    assert [(False, world.pupil)] == [(one.taken_up, one.pupil) for one in _mine(world, world.teacher)]
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    with world.work(world.teacher) as work:
        found = signals.my_signal(work, receipt.entry_ids[0])
    assert (found.content.text, found.taken_up, found.notes) == ("Hij had honger.", True, ())


def test_who_signalled_sees_that_something_was_told_back(world: World):
    """Section 4: told back counts for what was sent before it; a later signal, and another child's, wait for theirs."""
    world.record(world.signal("Eerst."))
    world.record(world.signal("Een ander."), about=world.other_pupil)
    case_id = world.case_of()
    for case in (case_id, world.case_of(world.other_pupil)):
        with world.work(world.ib) as work:
            cases.accept(work, case)
    assert {one.told_back for one in _mine(world, world.teacher)} == {False}
    world.clock.forward(hours=1)
    with world.work(world.ib) as work:
        steps.add(work, case_id, a(SignallerFeedback, given_on=MONDAY.date()))
    world.clock.forward(hours=1)
    world.record(world.signal("Later."))
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    told = {one.content.text: one.told_back for one in _mine(world, world.teacher)}
    assert told == {"Eerst.": True, "Een ander.": False, "Later.": False}


@pytest.mark.parametrize("name", ["colleague", "ib", "director", "fg", "admin", "other_school_teacher", "parent"])
def test_nobody_reads_anothers_signal_as_their_own(world: World, name: str):
    """*Mijn signalen* is of its author alone, also for who may open the dossier."""
    receipt = world.record()
    viewer: Viewer = getattr(world, name)
    assert _mine(world, viewer) == []
    with pytest.raises(NotVisible), world.work(viewer) as work:
        signals.my_signal(work, receipt.entry_ids[0])
    with pytest.raises(NotVisible), world.work(viewer) as work:
        signals.receipt(work, receipt.key)


def test_follow_up_stands_beside_the_signal(world: World):
    """R6: a hypothesis gets its answer later, with what it rests on; the first words do not change."""
    receipt = world.record(world.signal("Thuis gaat het mis.", "hypothesis"))
    entry = receipt.entry_ids[0]
    for wrong, field in (({}, "status"), ({"status": "refuted"}, "basis")):
        with pytest.raises(InputRefused) as refused, world.work(world.teacher) as work:
            signals.follow_up(work, entry, FollowUp(text="Toch niet.", **wrong))
        assert list(refused.value.fields) == [field]
    with world.work(world.teacher) as work:
        signals.follow_up(work, entry, FollowUp(text="Toch niet.", status="refuted", basis="gesprek"))
    with world.work(world.teacher) as work:
        found = signals.my_signal(work, entry)
    assert (found.content.text, [note.content.text for note in found.notes]) == ("Thuis gaat het mis.", ["Toch niet."])


def test_correction_keeps_the_first_words(world: World):
    """A correction needs its reason and stands beside what was sent."""
    entry = world.record(world.signal("Links.")).entry_ids[0]
    with world.work(world.teacher) as work:
        signals.correct(work, entry, Correction(text="Rechts.", reason="Vergist."))
    with world.work(world.teacher) as work:
        found = signals.my_signal(work, entry)
    assert (found.content.text, found.notes[0].content.text) == ("Links.", "Rechts.")
    with pytest.raises(ValidationError):
        Correction(text="Rechts.", reason=" ")


@pytest.mark.parametrize("name", ["colleague", "excluded_ib", "director", "fg", "other_school_ib"])
def test_who_may_not_handle_it_adds_nothing(world: World, name: str):
    """A follow-up or a correction at a signal that is not theirs is refused as if it did not exist."""
    entry = world.record().entry_ids[0]
    for case_id in (None, world.case_of()):
        for add, note in ((signals.follow_up, FollowUp(text="x")), (signals.correct, Correction(text="x", reason="x"))):
            with pytest.raises(NotVisible), world.work(getattr(world, name)) as work:
                add(work, entry, note, case_id=case_id)


def test_follow_up_of_a_teacher_is_news_to_the_ib_er(world: World):
    """What a teacher adds later waits for the IB-er; what the IB-er adds does not."""
    entry = world.record().entry_ids[0]
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    with world.work(world.ib) as work:
        signals.follow_up(work, entry, FollowUp(text="Gebeld."), case_id=case_id)
    assert _waiting(world) == 0
    with world.work(world.teacher) as work:
        signals.follow_up(work, entry, FollowUp(text="Weer gezien."))
    assert _waiting(world) == 1


def test_author_does_not_read_the_notes_of_the_ib_er(world: World):
    """What the IB-er writes under a signal is not shown to its author."""
    entry = world.record().entry_ids[0]
    case_id = world.case_of()
    with world.work(world.ib) as work:
        signals.follow_up(work, entry, FollowUp(text="Alleen voor ons."), case_id=case_id)
    with world.work(world.teacher) as work:
        assert signals.my_signal(work, entry).notes == ()


def test_draft_goes_when_its_signal_is_sent(world: World):
    """A draft that was sent is gone, and a late autosave of it is left alone."""
    key = uuid4()
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, {"text": "half"})
    world.record(key=key)
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, {"text": "te laat"})
        assert drafts.mine(work) == []


def test_own_child_is_kept_away_from_its_parent(world: World):
    """5.2: a colleague with the mail address of a guardian is kept out from the first signal on."""
    mails = tuple(mail.upper() for mail in world.mails_of(world.own_child.id))
    world.record(about=world.own_child, mails=mails)
    with pytest.raises(NotVisible):
        world.record(by=world.parent, about=world.own_child)
    assert (_count(world, Exclusion), _count(world, Entry)) == (2, 1)


def test_own_child_is_kept_away_from_who_comes_later(world: World):
    """5.2: a parent who starts to work here after the signal is kept out from their first sign-in on."""
    world.record(about=world.card("2602"), mails=("nieuw@thuis.example",))
    late = world.enrol("late", "Nieuwe Ouder", people.Role.IB, email=" Nieuw@Thuis.example ")
    with world.work(late) as work:
        assert cases.worklist(work).new == []


def test_rejected_exclusion_does_not_come_back_by_itself(world: World):
    """Once somebody who may see the file said that it is another person, a new signal does not undo that."""
    mails = world.mails_of(world.own_child.id)
    world.record(about=world.own_child, mails=mails)
    with world.peek().begin() as connection:
        table = Exclusion.__table__
        found_by_itself = table.c.proposed_by.is_(None)
        connection.execute(table.update().where(found_by_itself).values(rejected_at=world.clock()))
    world.record(about=world.own_child, mails=mails)
    assert world.record(by=world.parent, about=world.own_child).entry_ids


def at_once(times: int, act: Any) -> list[Any]:
    """Do something many times at the same moment, each in a thread; return what came of it, or the first fault."""
    results: list[Any] = [None] * times
    ready = threading.Barrier(times)

    def one(number: int) -> None:
        ready.wait()
        try:
            results[number] = act(number)
        except Exception as fault:  # noqa: BLE001  # told below, by the test that asked
            results[number] = fault

    threads = [threading.Thread(target=one, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    faults = [result for result in results if isinstance(result, Exception)]
    if faults:
        raise faults[0]
    return results


def _mine(world: World, viewer: Viewer) -> list[signals.MySignal]:
    with world.work(viewer) as work:
        return signals.mine(work)


def _waiting(world: World) -> int:
    case_id: UUID = world.case_of()
    with world.work(world.ib) as work:
        return cases.dossier(work, case_id).waiting


def _count(world: World, table: Any) -> int:
    with world.system() as work:
        return work.inner.scalar(select(func.count()).select_from(table)) or 0
