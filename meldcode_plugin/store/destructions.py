"""Destroys a case with its files, and reads the destruction ledger: numbers, days and hands, no word of a child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from meldcode_plugin.rules.deadlines import Kind
from meldcode_plugin.store import attachments, backup, ledger, packages_files, people, reminders
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.models.packages import Package
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class DestructionRow:
    """One line of the destruction ledger, with who proposed and who decided."""

    case_id: UUID
    at: datetime
    basis: str
    proposed_by: str
    destroyed_by: str


def destroy(work: Work, case: Case, basis: str) -> None:
    """Destroy a case: its key goes, with its files and what is said of it under the key of the school.

    Nothing is asked of it any more.
    """
    attachments.bury(work, case)
    for package in work.inner.scalars(select(Package).where(Package.case_id == case.id)).all():
        packages_files.drop(work, package)
    for table in backup.SEALED_BY_SCHOOL:
        for row in work.inner.scalars(select(table).where(table.case_id == case.id)).all():
            work.inner.delete(row)
        work.inner.flush()
    reminders.settle(work, case.id, Kind)
    ledger.destroy(work, case, basis)


def lines(work: Work) -> list[DestructionRow]:
    """Return the whole destruction ledger of the school, newest first."""
    rows = work.inner.scalars(select(Destruction).order_by(Destruction.destroyed_at.desc(), Destruction.id)).all()
    # the entries went with the case: the log keeps who proposed
    proposed = select(LogLine).where(
        LogLine.event == Tag.DESTRUCTION_PROPOSED, LogLine.case_id.in_([row.case_id for row in rows])
    )
    by = {line.case_id: line.actor_id for line in work.inner.scalars(proposed.order_by(LogLine.seq))}
    names = people.names(work, {row.destroyed_by for row in rows} | set(by.values()))
    return [
        DestructionRow(
            row.case_id,
            row.destroyed_at,
            row.basis,
            names.get(by[row.case_id], "") if row.case_id in by else "",
            names.get(row.destroyed_by, ""),
        )
        for row in rows
    ]
