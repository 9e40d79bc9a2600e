"""Sharing for a while: its reader reads what was shared and may advise; it ends by itself, and at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotAllowed, NotVisible
from meldcode_plugin.rules.entries import Closed, Consultation, Partner, Signal, Source
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import attachments, cases, circle, shares, steps
from meldcode_plugin.services.shares import NewShare, SharedCase, ShareLine
from meldcode_plugin.store.models.attachments import Attachment
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import Share, SharedEntry
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogLine
from tests.doors.house import picture
from tests.world import World

DAY = date(2026, 11, 27)
SHARED_WORDS, OTHER_WORDS = "Een blauwe plek op de arm.", "Zij zegt dat zij niet naar huis durft."


def _share(world: World, case: UUID, **more: Any) -> UUID:
    new = NewShare(
        *(more.get("to", world.colleague).person_id, "zorgteam", "Wat zie jij in de gymles?", more.get("until", DAY)),
        more.get("pieces"),
    )
    with world.work(world.ib) as work:
        shares.share(work, case, new)
        return shares.of_case(work, case)[0].id


def _read(world: World, share: UUID, viewer: Viewer | None = None) -> SharedCase:
    with world.work(viewer or world.colleague) as work:
        return shares.read(work, share)


def _words(found: SharedCase) -> list[str]:
    return [item.content.text for item in found.items if isinstance(item.content, Signal)]


def _mine(world: World, viewer: Viewer | None = None) -> list[ShareLine]:
    with world.work(viewer or world.colleague) as work:
        return shares.with_me(work)


def test_chosen_entries_and_nothing_else_are_read(world: World, case: UUID, entries: list[UUID]):
    """5.1: the reader sees the child and what was chosen; of the rest not a word, a count or a name."""
    share = _share(world, case, pieces=(entries[0],))
    found = _read(world, share)
    assert (found.pupil and found.pupil.name, _words(found)) == ("Aya Benali", [SHARED_WORDS])
    with world.glance(world.colleague) as work:
        assert work.session.scalars(select(Entry.id)).all() == [entries[0]]


def test_the_whole_case_is_read_with_what_comes_later(world: World, case: UUID):
    """A whole case means all entries, also those of tomorrow."""
    share = _share(world, case)
    assert _words(_read(world, share)) == [SHARED_WORDS, OTHER_WORDS]
    world.record(world.signal("Vandaag weer."))
    assert _words(_read(world, share))[-1] == "Vandaag weer."


@pytest.mark.parametrize("pieces", ["whole", "chosen"])
def test_a_share_shows_no_case_no_log_and_no_other_share(world: World, case: UUID, entries: list[UUID], pieces: str):
    """No list, search, count, dossier or log comes with a share: not even for an AF, who has a worklist."""
    _share(world, case, to=world.af, pieces=None if pieces == "whole" else (entries[0],))
    with world.glance(world.af) as work:
        for table in (Case, LogLine, SharedEntry):
            assert work.session.scalar(select(func.count()).select_from(table)) == 0
        assert len(work.session.scalars(select(Share.id)).all()) == 1
    with world.work(world.af) as work:
        lists = cases.worklist(work)
        ((_, found),) = cases.search(work, [world.pupil])
        assert (lists.new, lists.running, lists.closed, found) == ([], [], [], None)
    for act in (cases.dossier, cases.accept, circle.take, circle.choices, cases.require_visible):
        with world.work(world.af) as work, pytest.raises(NotVisible):
            act(work, case)


def test_it_ends_by_itself_at_the_end_of_its_day(world: World, case: UUID):
    """Until the last minute of the day at the school it is read; a minute later it does not exist."""
    share = _share(world, case, until=date(2026, 11, 23))
    world.clock.moment = world.clock.moment.replace(hour=22, minute=59)  # 23.59 in Amsterdam
    assert _read(world, share)
    assert [line.last_day for line in _mine(world)] == [date(2026, 11, 23)]
    world.clock.forward(minutes=1)
    assert _mine(world) == []
    with pytest.raises(NotVisible):
        _read(world, share)
    with world.glance(world.colleague) as work:
        assert work.session.scalars(select(Entry.id)).all() == []
        assert work.session.scalars(select(Share.id)).all() == []


def test_withdrawn_it_ends_at_once(world: World, case: UUID):
    """Who handles the case ends it; a second time there is nothing to end."""
    share = _share(world, case)
    with world.work(world.ib) as work:
        shares.withdraw(work, case, share)
    with pytest.raises(NotVisible):
        _read(world, share)
    with world.glance(world.colleague) as work:
        assert work.session.scalars(select(Entry.id)).all() == []
    with world.work(world.ib) as work, pytest.raises(AlreadyDone):
        shares.withdraw(work, case, share)


@pytest.mark.parametrize("pieces", ["whole", "chosen"])
def test_exclusion_beats_a_share(world: World, case: UUID, entries: list[UUID], pieces: str):
    """5.2: who is kept out afterwards reads nothing any more, and finds no share in the list."""
    share = _share(world, case, pieces=None if pieces == "whole" else (entries[0],))
    with world.work(world.ib) as work:
        circle.keep_out(work, case, world.colleague.person_id, "Hij is de oom.")
    with pytest.raises(NotVisible):
        _read(world, share)
    assert _mine(world) == []
    with world.glance(world.colleague) as work:
        assert work.session.scalars(select(Entry.id)).all() == []


@pytest.mark.parametrize("name", ["teacher", "ib", "second_ib", "af", "director", "board", "fg", "other_school_ib"])
def test_a_share_is_for_one_person(world: World, case: UUID, name: str):
    """Nobody else opens it, not even who made it: they have the dossier."""
    share = _share(world, case)
    viewer = getattr(world, name)
    for act in (lambda work: shares.read(work, share), lambda work: shares.advise(work, share, "Praat.")):
        with world.work(viewer) as work, pytest.raises(NotVisible):
            act(work)
    assert _mine(world, viewer) == []


def test_files_follow_their_entry(world: World):
    """A file of what was shared opens; a file of another entry does not exist for the reader."""
    case, files, entries = _with_files(world)
    share = _share(world, case, pieces=(entries[0],))
    with world.work(world.colleague) as work:
        assert work.session.scalars(select(Attachment.id)).all() == [files[0]]
        opened = shares.open_file(work, share, files[0])
        opened.close()
    with world.work(world.colleague) as work, pytest.raises(NotVisible):
        shares.open_file(work, share, files[1])
    with world.work(world.colleague) as work, pytest.raises(NotVisible):
        attachments.open_shared(work, uuid4(), files[0])
    assert [len(item.attachments) for item in _read(world, share).items] == [1]


def test_a_shielded_source_stays_with_who_handles_the_case(world: World):
    """R8: the reader reads the words and not who said them."""
    source = Source(name="Oma Fatima", shielded=True, why_shielded="Zij is bang.")
    world.record(world.signal("Het is onrustig thuis.", "third_party", source=source))
    share = _share(world, world.case_of())
    (item,) = _read(world, share).items
    assert isinstance(item.content, Signal)
    assert (item.content.text, item.content.source) == ("Het is onrustig thuis.", None)


@pytest.mark.parametrize("pieces", ["whole", "chosen"])
def test_advice_is_a_consultation_that_its_writer_reads_again(
    world: World, case: UUID, entries: list[UUID], pieces: str
):
    """R18: the advice stands in the dossier under its writer's name; the reader sees it beside what was shared."""
    share = _share(world, case, pieces=None if pieces == "whole" else (entries[0],))
    with world.work(world.colleague) as work, pytest.raises(InputRefused):
        shares.advise(work, share, "  ")
    with world.work(world.colleague) as work:
        shares.advise(work, share, "Praat eerst met het kind.")
    with world.work(world.ib) as work:
        (item,) = (one for one in cases.dossier(work, case).timeline if isinstance(one.content, Consultation))
    assert isinstance(item.content, Consultation)
    assert (item.author, item.content.partner, item.content.advice) == (
        *("Joris Hendriks", Partner.CARE_TEAM),
        "Praat eerst met het kind.",
    )
    assert isinstance(_read(world, share).items[-1].content, Consultation)


def test_a_closed_case_takes_no_advice(world: World, case: UUID):
    """What comes too late goes to the IB-er in person."""
    share = _share(world, case)
    with world.work(world.ib) as work:
        cases.accept(work, case)
        steps.close(work, case, Closed(reason="ongegrond", explanation="Er was niets.", parents="yes"))
    assert _read(world, share).is_closed
    with world.work(world.colleague) as work, pytest.raises(AlreadyDone):
        shares.advise(work, share, "Praat.")


@pytest.mark.parametrize("name", ["teacher", "af", "director", "board", "excluded_ib", "admin", "colleague"])
def test_only_who_handles_the_case_shares_it(world: World, case: UUID, name: str):
    """A reader can not share on; director and board neither."""
    share = _share(world, case)
    new = NewShare(world.parent.person_id, "gast", "Wat?", DAY, None)
    for act in (lambda work: shares.share(work, case, new), lambda work: shares.withdraw(work, case, share)):
        with world.work(getattr(world, name)) as work, pytest.raises(NotVisible):
            act(work)
    assert issubclass(NotAllowed, NotVisible)


def test_what_is_wrong_with_a_share_is_said_per_field(world: World, case: UUID):
    """Who, as what, why, until when and what: each has its sentence; a foreign entry is none of this case."""
    bad = NewShare(world.ib.person_id, "vriend", " ", None, ())
    assert set(_refused(world, case, bad)) == {"reader", "as_what", "question", "last_day", "pieces"}
    today = date(2026, 11, 23)
    for person, last_day, pieces, fields in (
        (world.excluded_ib.person_id, today, None, {"reader"}),
        (uuid4(), today, None, {"reader"}),
        (world.colleague.person_id, today - timedelta(days=1), None, {"last_day"}),
        (world.colleague.person_id, today + timedelta(days=367), None, {"last_day"}),
        (world.colleague.person_id, today, (uuid4(),), {"pieces"}),
    ):
        assert set(_refused(world, case, NewShare(person, "af", "Wat?", last_day, pieces))) == fields
    longest = NewShare(world.colleague.person_id, "af", "Wat?", today + timedelta(days=366), None)
    with world.work(world.ib) as work:
        shares.share(work, case, longest)


def test_every_reading_is_in_the_log(world: World, case: UUID):
    """Who handles the case sees that the reader read it."""
    _read(world, _share(world, case))
    with world.work(world.ib) as work:
        readers = [(one.name, one.event) for one in cases.dossier(work, case).readers]
    assert ("Joris Hendriks", "share.read") in readers
    assert ("Marijke van Dam", "case.shared") in readers


def _refused(world: World, case: UUID, new: NewShare) -> dict[str, str]:
    with world.work(world.ib) as work, pytest.raises(InputRefused) as why:
        shares.share(work, case, new)
    return why.value.fields


def _with_files(world: World) -> tuple[UUID, list[UUID], list[UUID]]:
    made = []
    for _ in range(2):
        key = uuid4()
        with attachments.receive(world.door, "tekening.png", picture()) as file, world.work(world.teacher) as work:
            attachments.keep(work, key, file)
        made.append(world.record(world.signal(bundle=key), key=key).entry_ids[0])
    with world.glance(world.ib) as work:
        found = {row.entry_id: row.id for row in work.session.scalars(select(Attachment))}
    return world.case_of(), [found[one] for one in made], made


@pytest.fixture
def entries(world: World) -> list[UUID]:
    """Two signals about Aya, by the teacher."""
    made = world.record(world.signal(SHARED_WORDS), world.signal(OTHER_WORDS, "child_statement"))
    return list(made.entry_ids)


@pytest.fixture
def case(world: World, entries: list[UUID]) -> UUID:
    """The case in which they stand."""
    assert entries
    return world.case_of()
