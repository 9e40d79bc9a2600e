"""The log as people read it: who may, what it names, and that reading it is logged."""

from __future__ import annotations

from uuid import UUID

import pytest

from meldcode_plugin.errors import NotAllowed
from meldcode_plugin.services import cases, log, people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from tests.world import World


@pytest.mark.parametrize("name", ["teacher", "director", "board", "admin", "parent"])
def test_who_may_not_read_it(world: World, name: str):
    """Teachers, director, board and IT do not read the log."""
    with pytest.raises(NotAllowed), world.work(getattr(world, name)) as work:
        log.page(work)


def test_fg_reads_every_line(world: World):
    """The FG reads all lines: who, when, what, about which dossier by its number."""
    world.record()
    case_id = world.case_of()
    with world.work(world.ib) as work:
        cases.dossier(work, case_id)
    with world.work(world.fg) as work:
        lines = log.page(work).lines
    assert [("Marijke van Dam", Tag.CASE_READ, (case_id,))] == [
        (line.name, line.event, line.cases) for line in lines if line.event == Tag.CASE_READ
    ]
    assert [line.seq for line in lines] == sorted((line.seq for line in lines), reverse=True)


def test_ib_er_reads_lines_of_her_cases_alone(world: World):
    """An IB-er reads no line about a case that she is kept away from."""
    world.record()
    world.record(about=world.other_pupil)
    hidden = world.case_of()
    with world.work(world.excluded_ib) as work:
        found = {case_id for line in log.page(work).lines for case_id in line.cases}
    assert found == {world.case_of(world.other_pupil)}
    assert hidden not in found


def test_a_list_is_one_line_with_its_dossiers(world: World):
    """Who opened the worklist stands in the log once, whatever number of names was in it."""
    both = _two_listed(world)
    with world.work(world.fg) as work:
        lines = [line for line in log.page(work).lines if line.event == Tag.CASE_LISTED]
    assert [("Marijke van Dam", both)] == [(line.name, set(line.cases)) for line in lines]


def test_a_list_names_only_what_its_reader_may_see(world: World):
    """An IB-er who is kept away from one of the two reads the line with the other; from both, no line at all."""
    both = _two_listed(world)
    theirs = world.case_of(world.other_pupil)
    with world.work(world.excluded_ib) as work:
        found = {line.cases for line in log.page(work).lines if line.event == Tag.CASE_LISTED}
    assert {(theirs,)} == found
    with world.work(world.director) as work:
        people.exclude(work, world.excluded_ib.person_id, world.other_pupil.id, "Ook familie.")
    with world.work(world.excluded_ib) as work:
        assert {one for line in log.page(work).lines for one in line.cases} & both == set()
        assert Tag.CASE_LISTED not in {line.event for line in log.page(work).lines}


def test_what_is_asked_about_one_dossier(world: World):
    """About one dossier the log gives who recorded, read, changed, and who saw it in a list, and nothing else."""
    _two_listed(world)
    asked, other = world.case_of(), world.case_of(world.other_pupil)
    for case_id in (asked, other):
        with world.work(world.ib) as work:
            cases.dossier(work, case_id)
    with world.work(world.fg) as work:
        found = list(dict.fromkeys(line.event for line in log.page(work, about=asked).lines))
        assert [] == log.page(work, about=new_id()).lines
    assert [Tag.CASE_READ, Tag.CASE_LISTED, Tag.SIGNAL_RECORDED] == found
    with world.work(world.excluded_ib) as work:
        assert [] == log.page(work, about=asked).lines
        assert log.page(work, about=other).lines


def _two_listed(world: World) -> set[UUID]:
    """Let an IB-er see two dossiers in her list; returns them."""
    for pupil in (world.pupil, world.other_pupil):
        world.record(about=pupil)
    with world.work(world.ib) as work:
        return {line.id for line in cases.worklist(work).new}


def test_a_sign_in_names_its_person(world: World):
    """Who signed in and out stands there by name, though the program wrote the line before it knew them."""
    with world.system() as work:
        work.note(Tag.SIGNED_IN, object_id=world.teacher.person_id, action="C")
        work.note(Tag.SIGNED_OUT, object_id=world.teacher.person_id, action="D")
        work.note(Tag.SIGNED_OUT, action="D")
    with world.work(world.fg) as work:
        found = [line.name for line in log.page(work).lines if line.event in (Tag.SIGNED_IN, Tag.SIGNED_OUT)]
    assert ["het systeem", "Sanne de Boer", "Sanne de Boer"] == found


def test_reading_the_log_is_logged(world: World):
    """Who reads the log stands in it at the next look."""
    with world.work(world.fg) as work:
        log.page(work)
    with world.work(world.fg) as work:
        newest = log.page(work).lines[0]
    assert (newest.name, newest.event) == ("Frans Gevers", Tag.LOG_READ)


def test_long_log_comes_in_pages(world: World):
    """A log of many lines comes in pages that neither skip nor repeat."""
    with world.system() as work:
        for _ in range(2 * log.PAGE + 10):
            work.note(Tag.SIGNED_OUT)
    found, before = [], None
    while True:
        with world.work(world.fg) as work:
            page = log.page(work, before)
        found += [line.seq for line in page.lines]
        before = page.before
        if before is None:
            break
    assert (len(found), min(found)) == (len(set(found)), 1)
