"""Cases: what the IB-er finds, opens, takes up, moves and closes."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotVisible, StepRefused
from meldcode_plugin.rules.entries import Closed, FollowUp
from meldcode_plugin.rules.facts import State
from meldcode_plugin.services import cases, installation, people, signals, steps
from meldcode_plugin.store import cases as case_store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogLine, LogSubject
from tests.services.test_signals import at_once
from tests.world import World


def test_worklist_shows_a_new_signal(world: World):
    """A signal that was just recorded stands first in the IB-er's list, with the child's name."""
    world.record()
    with world.work(world.ib) as work:
        (line,) = cases.worklist(work).new
    assert (line.pupil, line.waiting) == (world.pupil, 1)


def test_acute_stands_first(world: World):
    """What can not wait stands above what came later."""
    world.record(world.signal(acute=True), about=world.other_pupil)
    world.clock.forward(hours=1)
    world.record()
    with world.work(world.ib) as work:
        assert [True, False] == [line.acute for line in cases.worklist(work).new]


def test_every_name_in_a_list_is_a_logged_read(world: World):
    """A list of three dossiers leaves one line with three dossiers, one per child."""
    for pupil_id in ("2602", "2603", "2604"):
        world.record(about=world.card(pupil_id))
    with world.work(world.ib) as work:
        ids = {line.id for line in cases.worklist(work).new}
    with world.glance(world.fg) as work:
        (line,) = work.session.scalars(select(LogLine).where(LogLine.event == Tag.CASE_LISTED))
        found = work.session.scalars(select(LogSubject.case_id).where(LogSubject.seq == line.seq)).all()
    assert (line.case_id, set(found), len(found)) == (None, ids, 3)


def test_search_finds_a_case_and_says_of_others_that_there_is_none(world: World):
    """A search for two children gives the case of the one and nothing for the other."""
    world.record()
    with world.work(world.ib) as work:
        found = cases.search(work, [world.pupil, world.other_pupil])
    assert [(world.pupil, True), (world.other_pupil, False)] == [(card, line is not None) for card, line in found]


def test_search_leaves_out_who_the_viewer_is_kept_away_from(world: World):
    """A child that the viewer is kept away from is not in the answer, with or without a case."""
    for _ in range(2):
        with world.work(world.excluded_ib) as work:
            assert [world.other_pupil] == [card for card, _ in cases.search(work, [world.pupil, world.other_pupil])]
        world.record()


def test_dossier_is_a_timeline_with_notes_under_their_signal(world: World):
    """The dossier shows entries in order, a follow-up under its signal, and who read it before."""
    receipt = world.record(world.signal("Eerst."), world.signal("Denk ik.", "hypothesis"))
    with world.work(world.teacher) as work:
        signals.follow_up(work, receipt.entry_ids[0], FollowUp(text="Later."))
    _dossier(world)
    found = _dossier(world)
    assert ["Eerst.", "Denk ik."] == [item.content.text for item in found.timeline]
    assert ["Later."] == [note.content.text for note in found.timeline[0].under]
    assert {"Sanne de Boer", "Marijke van Dam"} == {reader.name for reader in found.readers}


@pytest.mark.parametrize("name", ["teacher", "colleague", "excluded_ib", "af", "director", "board", "fg", "admin"])
def test_dossier_of_another_does_not_exist(world: World, name: str):
    """Who may not see a dossier gets the same answer for it as for one that never was."""
    world.record()
    case_id, viewer = world.case_of(), getattr(world, name)
    sentences = set()
    for one in (case_id, uuid4()):
        with pytest.raises(NotVisible) as refused, world.work(viewer) as work:
            cases.dossier(work, one)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def test_taking_up_happens_once(world: World):
    """Taking up tells how many there were; a second click, also at the same moment, finds none."""
    world.record(world.signal(), world.signal("Denk ik.", "hypothesis"))
    case_id = world.case_of()
    counts = at_once(6, lambda number: _accept(world, case_id, world.ib if number % 2 else world.second_ib))
    assert sorted(counts) == [0, 0, 0, 0, 0, 2]
    assert _dossier(world).state is State.STEP1
    assert installation.verify(world.door, []) == []


def test_closing_needs_a_reason_and_nothing_that_waits(world: World):
    """A dossier with news can not be closed; without it, closing says whether parents know, and happens once."""
    world.record()
    case_id = world.case_of()
    with pytest.raises(AlreadyDone):
        _close(world, case_id)
    _accept(world, case_id)
    with pytest.raises(StepRefused) as refused, world.work(world.ib) as work:
        steps.close(work, case_id, Closed(reason="ongegrond", explanation="Er is niets."))
    assert [no.field for no in refused.value.refusals] == ["parents"]
    _close(world, case_id)
    with pytest.raises(AlreadyDone):
        _close(world, case_id)
    assert _dossier(world).state is State.CLOSED


def test_new_signal_opens_a_closed_dossier_again(world: World):
    """R43: a signal about a child whose dossier was closed wakes that dossier, and no second one."""
    world.record()
    case_id = world.case_of()
    _accept(world, case_id)
    _close(world, case_id)
    world.record(by=world.colleague)
    assert (case_id, State.NEW_SIGNAL) == (world.case_of(), _dossier(world).state)


def test_moved_signal_leaves_no_words_behind(world: World):
    """A signal on the wrong child moves with its notes; the old dossier says that it moved, without a word of it."""
    receipt = world.record(world.signal("Woorden van het verkeerde kind."))
    with world.work(world.teacher) as work:
        signals.follow_up(work, receipt.entry_ids[0], FollowUp(text="En meer."))
    _move(world, receipt.entry_ids[0])
    old, new = _dossier(world), _dossier(world, world.other_pupil)
    assert "Woorden" not in str(old.timeline)
    assert "En meer" not in str(old.timeline)
    assert (old.waiting, old.state, new.waiting) == (0, State.STEP1, 1)
    assert ("Woorden van het verkeerde kind.", "En meer.") == _words_of(new)
    assert installation.verify(world.door, []) == []


def test_author_still_sees_a_moved_signal(world: World):
    """The teacher keeps their signal, now with the right child, and can go on adding to it."""
    receipt = world.record(world.signal("Van mij."))
    _move(world, receipt.entry_ids[0])
    with world.work(world.teacher) as work:
        (mine,) = signals.mine(work)
    assert (mine.content.text, mine.pupil) == ("Van mij.", world.other_pupil)
    with world.work(world.teacher) as work:
        signals.follow_up(work, mine.id, FollowUp(text="Nog iets."))


def test_signal_without_a_pupil_moves_to_one(world: World):
    """R13: a signal without a pupil can later be put with the child that it turns out to be."""
    receipt = world.record(world.signal(subject={"who": "een broertje"}), no_pupil=True)
    _move(world, receipt.entry_ids[0])
    assert len(_words_of(_dossier(world, world.other_pupil))) == 1


def test_moving_to_the_same_child_or_without_a_reason_is_refused(world: World):
    """A move needs another child and a reason."""
    entry = world.record().entry_ids[0]
    for card, reason, field in ((world.pupil, "x", "pupil"), (world.other_pupil, " ", "reason")):
        with pytest.raises(InputRefused) as refused, world.work(world.ib) as work:
            cases.move_signal(work, entry, card, reason)
        assert list(refused.value.fields) == [field]


def test_who_is_kept_away_can_not_move_to_or_from_that_child(world: World):
    """An IB-er who is kept away from a child can not put a signal with it, nor take one away."""
    there, away = world.record().entry_ids[0], world.record(about=world.other_pupil).entry_ids[0]
    for entry, card in ((there, world.card("2603")), (away, world.pupil)):
        with pytest.raises(NotVisible), world.work(world.excluded_ib) as work:
            cases.move_signal(work, entry, card, "x")


def test_moving_keeps_a_guardian_out(world: World):
    """5.2: also a signal that arrives by a move keeps a parent who works here away from it."""
    entry = world.record().entry_ids[0]
    with world.work(world.ib) as work:
        cases.move_signal(work, entry, world.own_child, "x", world.mails_of(world.own_child.id))
    with pytest.raises(NotVisible):
        world.record(by=world.parent, about=world.own_child)


def test_moves_that_cross_do_not_lock_each_other_out(world: World):
    """Two IB-ers who move signals between the same two children in both directions both get their way."""
    one = [world.record(about=world.other_pupil).entry_ids[0] for _ in range(4)]
    other = [world.record(about=world.card("2603")).entry_ids[0] for _ in range(4)]
    plan = [(entry, world.card("2603")) for entry in one] + [(entry, world.other_pupil) for entry in other]
    at_once(8, lambda number: _move(world, plan[number][0], plan[number][1], ("ouder@x.nl",)))
    assert [4, 4] == [len(_words_of(_dossier(world, card))) for card in (world.other_pupil, world.card("2603"))]
    assert installation.verify(world.door, []) == []


def test_involved_ib_er_closes_a_case_for_herself(world: World):
    """'Ik ben zelf betrokken' works at once, for this case and this person alone."""
    world.record()
    case_id = world.case_of()
    with world.work(world.ib) as work:
        people.exclude_self(work, case_id)
    with pytest.raises(NotVisible), world.work(world.ib) as work:
        cases.dossier(work, case_id)
    with world.work(world.second_ib) as work:
        assert cases.dossier(work, case_id).waiting == 1


def test_the_longest_list_comes_in_pages(world: World):
    """More cases than fit on a page are on the next one, each once."""
    for number in range(cases.PAGE + 5):
        world.record(world.signal(subject={"who": f"kind {number}"}), no_pupil=True)
    pages = []
    for page in range(2):
        with world.work(world.ib) as work:
            pages.append(cases.worklist(work, page))
    assert [(cases.PAGE, True), (5, False)] == [(len(found.new), found.has_more) for found in pages]
    assert len({line.id for found in pages for line in found.new}) == cases.PAGE + 5


def test_what_is_closed_is_read_only_when_asked(world: World):
    """The names of closed dossiers are not opened, and so not logged, for who looks at the open ones."""
    world.record()
    closed = world.case_of()
    _accept(world, closed)
    _close(world, closed)
    for listed, expected in ((cases.worklist, []), (cases.closed, [closed])):
        before = _listed(world, closed)
        with world.work(world.ib) as work:
            found = listed(work)
        assert expected == [line.id for line in (*found.new, *found.running, *found.closed)]
        assert len(expected) == _listed(world, closed) - before


def _listed(world: World, case_id: UUID) -> int:
    with world.work(world.fg) as work:
        lines = case_store.logged(work, 100, about=case_id)
    return [line.event for line in lines].count("case.listed")


def _accept(world: World, case_id: UUID, by: Any = None) -> int:
    with world.work(by or world.ib) as work:
        return cases.accept(work, case_id)


def _close(world: World, case_id: UUID, explanation: str = "Er is niets aan de hand.") -> None:
    world.close(case_id, explanation=explanation)


def _move(world: World, entry: UUID, card: Any = None, mails: tuple[str, ...] = ()) -> None:
    with world.work(world.ib) as work:
        cases.move_signal(work, entry, card or world.other_pupil, "Verkeerd kind gekozen.", mails)


def _dossier(world: World, about: Any = None) -> cases.Dossier:
    case_id = world.case_of(about)
    with world.work(world.ib) as work:
        return cases.dossier(work, case_id)


def _words_of(dossier: cases.Dossier) -> tuple[str, ...]:
    signals_ = [item for item in dossier.timeline if item.kind == "signal" and item.content is not None]
    return tuple(one.content.text for item in signals_ for one in (item, *item.under))


def test_entries_of_a_move_are_in_both_histories(world: World):
    """Both dossiers keep an entry that says that a signal moved."""
    entry = world.record().entry_ids[0]
    _move(world, entry)
    with world.glance(world.ib) as work:
        kinds = set(work.session.scalars(select(Entry.kind)))
    assert {"signal", "signal_moved_away", "signal_moved_here"} == kinds
