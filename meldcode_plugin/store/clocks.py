"""Lays what falls due in a case beside the rows that are kept, and reads those rows back; what is due, rules say."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import select

from meldcode_plugin.rules.clocks import OF_STORY
from meldcode_plugin.rules.deadlines import ASKED_AGAIN, Due
from meldcode_plugin.store import reminders
from meldcode_plugin.store.models.reminders import Reminder, ReminderState
from meldcode_plugin.store.work import Work


def keep(work: Work, case_id: UUID, wanted: Iterable[Due]) -> None:
    """Let the rows of a case say what falls due, and no more: three statements, whatever the case holds.

    What is no longer wanted is settled, what is new is added, what moved gets its new moment. What was asked
    again stays as long as the first of its kind.
    """
    dues = {due.dedup_key: due for due in wanted}
    found = select(Reminder).where(
        Reminder.case_id == case_id,
        Reminder.kind.in_([kind.value for kind in OF_STORY]),
        sa.or_(Reminder.state != ReminderState.SETTLED, Reminder.dedup_key.in_(dues)),
    )
    rows = work.inner.scalars(found.with_for_update(key_share=True)).all()
    gone = [row.id for row in rows if row.dedup_key.partition(ASKED_AGAIN)[0] not in dues]
    if gone:
        settled = {"state": ReminderState.SETTLED.value, "touched_at": work.now}
        work.inner.execute(sa.update(Reminder).where(Reminder.id.in_(gone)).values(**settled))
    for row in rows:
        if (due := dues.pop(row.dedup_key, None)) is not None:
            _set_right(work, row, due)
    reminders.schedule(work, dues.values())


def _set_right(work: Work, row: Reminder, due: Due) -> None:
    """Give a row that was kept its moment, and let it wait again when its matter came back."""
    if row.state == ReminderState.SETTLED:
        row.state, row.touched_at = ReminderState.WAITING.value, work.now
    if row.state == ReminderState.WAITING and row.due_at != due.due_at:
        row.due_at, row.since, row.touched_at = due.due_at, due.since, work.now
