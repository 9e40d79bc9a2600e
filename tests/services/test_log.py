"""The log as people read it: who may, what it names, and that reading it is logged."""

from __future__ import annotations

import pytest

from meldcode_plugin.errors import NotAllowed
from meldcode_plugin.services import cases, log
from meldcode_plugin.store.accesslog import Tag
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
    assert [("Marijke van Dam", Tag.CASE_READ, case_id)] == [
        (line.name, line.event, line.case_id) for line in lines if line.event == Tag.CASE_READ
    ]
    assert [line.seq for line in lines] == sorted((line.seq for line in lines), reverse=True)


def test_ib_er_reads_lines_of_her_cases_alone(world: World):
    """An IB-er reads no line about a case that she is kept away from."""
    world.record()
    world.record(about=world.other_pupil)
    hidden = world.case_of()
    with world.work(world.excluded_ib) as work:
        found = {line.case_id for line in log.page(work).lines}
    assert found == {world.case_of(world.other_pupil)}
    assert hidden not in found


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
