"""Clocks: what falls due in a case is worked out anew by whoever adds to it and may read it; it sends nothing."""

from __future__ import annotations

from uuid import UUID

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules import clocks
from meldcode_plugin.rules.deadlines import of_school
from meldcode_plugin.rules.facts import State
from meldcode_plugin.services import training
from meldcode_plugin.services.steps import story_of
from meldcode_plugin.store import cases, ledger, reminders
from meldcode_plugin.store import clocks as store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work


def catch_up(work: Work) -> None:
    """Work out anew what falls due in each case to which this transaction added something.

    Only where the viewer read the dossier: a teacher's signal, and unattended work, open no word. What they
    add falls due by what is clear of it, and the next who adds and reads sets all of it right.
    """
    for case_id in work.appended:
        if not work.viewer.system and work.has_noted(Tag.CASE_READ, case_id):
            _catch_up(work, case_id)


def _catch_up(work: Work, case_id: UUID) -> None:
    try:
        case: Case = ledger.locked_case(work, case_id)
    except NotVisible:
        return
    if len(cases.entries(work, case_id)) < case.head_seq:
        return  # a guest sees a part: a part of a story says nothing of what is missing
    today = work.calendar.local_date(work.now)
    closed = case.state == State.CLOSED
    story = story_of(work, case)
    store.keep(work, case_id, clocks.due(case_id, story, today, work.calendar, work.terms, closed=closed))


def lay_down_dates(work: Work) -> None:
    """Keep what falls due for the school about now: who needs training, breaks, August, each quarter, each year."""
    training.lay_down(work)
    today = work.calendar.local_date(work.now)
    reminders.schedule(work, of_school(today, work.calendar, work.terms))
