"""Lays what falls due in a case beside the rows that are kept, and reads those rows back; what is due, rules say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.clocks import OF_STORY
from meldcode_plugin.rules.deadlines import ASKED_AGAIN, Due
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.terms import OF_STAFF, Kind
from meldcode_plugin.store import reminders
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.reminders import Reminder, ReminderState
from meldcode_plugin.store.visibility import may_see
from meldcode_plugin.store.work import Work

SOON = timedelta(weeks=6)
"""How far ahead somebody may say that what is asked of the school is done."""


def keep(work: Work, case_id: UUID | None, wanted: Iterable[Due], kinds: Iterable[Kind] = OF_STORY) -> None:
    """Let the rows of a case, or of the school, say what falls due, and no more: three statements, whatever it holds.

    What is no longer wanted is settled, what is new is added, what moved gets its new moment. What was asked
    again stays as long as the first of its kind.
    """
    dues = {due.dedup_key: due for due in wanted}
    found = select(Reminder).where(
        Reminder.case_id == case_id,
        Reminder.kind.in_([kind.value for kind in kinds]),
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


@dataclass(frozen=True)
class Running:
    """One reminder that runs or is due, as a page may show it; ``case_id`` is None for the school as a whole."""

    id: UUID
    case_id: UUID | None
    kind: str
    audience: str
    due_at: datetime
    key: str

    @property
    def matter(self) -> str:
        """What it is about: the same for everybody who is told, and each time that it is asked again."""
        return self.key.rpartition("/")[0]


_COLUMNS = (Reminder.id, Reminder.case_id, Reminder.kind, Reminder.audience, Reminder.due_at, Reminder.dedup_key)


def running(
    work: Work, audiences: Iterable[str], until: datetime, limit: int, *, but: Iterable[str] = ()
) -> list[Running]:
    """Return what is due, or falls due until a moment, in the cases that the viewer may see; earliest first.

    A reminder that nothing happens counts only as long as nothing did. ``but``: kinds that do not count here.
    """
    viewer = work.viewer
    question = _running(Viewer(viewer.school_id, viewer.person_id, viewer.roles, system=viewer.system))
    kinds = [kind.value for kind in Kind if kind not in set(but)]
    asked = {"audiences": list(audiences), "until": until, "most": limit, "kinds": kinds}
    return [Running(*row) for row in work.inner.execute(question, asked)]


@lru_cache(200)
def _running(viewer: Viewer) -> Any:
    moved = sa.and_(Reminder.kind == Kind.NO_MOVEMENT, Reminder.since < Case.moved_at)
    open_now = Reminder.state.in_((ReminderState.WAITING, ReminderState.TOLD)), Reminder.due_at <= bindparam("until")
    theirs = Reminder.audience.in_(bindparam("audiences", expanding=True))
    # the kinds are named and the case is only asked about: so the index leads past all that is new
    counted = Reminder.kind.in_(bindparam("kinds", expanding=True))
    seen = select(Case.id).where(Case.id == Reminder.case_id, may_see(viewer, Case), sa.not_(moved)).exists()
    return standing(
        select(*_COLUMNS)
        .where(*open_now, theirs, counted, seen)
        .order_by(Reminder.due_at, Reminder.id)
        .limit(bindparam("most", type_=sa.Integer))
    )


def of_school(work: Work, audiences: Iterable[str], until: datetime) -> list[Running]:
    """Return what is due, or falls due until a moment, for the school as a whole."""
    found = select(*_COLUMNS).where(*_open(audiences, until), Reminder.case_id.is_(None)).order_by(Reminder.due_at)
    return [Running(*row) for row in work.inner.execute(found)]


def overdue(work: Work, audience: str, limit: int) -> list[tuple[UUID, str, datetime]]:
    """Return case, state and since when, of what climbed to this link of the chain; earliest first, each case once.

    Also of cases that the viewer may not read: what of it is shown says no more than that (domain section 4).
    Not of those that the viewer is kept out of.
    """
    asker = Viewer(work.school_id, work.viewer.person_id, frozenset({Role.IB}))
    since = func.min(Reminder.due_at)
    found = (
        select(Case.id, Case.state, since)
        .join(Reminder, Reminder.case_id == Case.id)
        .where(*_open([audience], work.now), Reminder.kind != Kind.APPROVAL, may_see(asker, Case))
        .where(sa.not_(sa.and_(Reminder.kind == Kind.NO_MOVEMENT, Reminder.since < Case.moved_at)))
        .group_by(Case.id, Case.state)
        .order_by(since)
        .limit(limit)
    )
    return [(case, state, _moment(at)) for case, state, at in work.inner.execute(found)]


def _moment(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _open(audiences: Iterable[str], until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    told = Reminder.audience.in_(list(audiences))
    return Reminder.state.in_((ReminderState.WAITING, ReminderState.TOLD)), Reminder.due_at <= until, told


def done(work: Work, reminder_id: UUID, audiences: Iterable[str]) -> None:
    """Settle what is asked of the school, for everybody up the chain; raises `NotVisible` for anything else."""
    by_word = Reminder.kind.not_in(OF_STAFF)
    found = select(Reminder).where(Reminder.id == reminder_id, by_word, *_open(audiences, work.now + SOON))
    row = work.inner.scalars(found.where(Reminder.case_id.is_(None))).one_or_none()
    if row is None:
        raise NotVisible
    base = row.dedup_key.rpartition("/")[0] + "/"
    settled = {"state": ReminderState.SETTLED.value, "touched_at": work.now}
    same = sa.and_(Reminder.case_id.is_(None), Reminder.dedup_key.startswith(base, autoescape=True))
    work.inner.execute(sa.update(Reminder).where(same).values(**settled))
