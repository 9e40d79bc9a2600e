"""Named reads and writes about the daily look at the roster: its notices on cases and its outcome."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.deadlines import Kind, rungs_of
from meldcode_plugin.rules.facts import State
from meldcode_plugin.store import reminders
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.people import Person
from meldcode_plugin.store.models.roster import RosterNotice, RosterSync, StaffGuardian
from meldcode_plugin.store.work import Work

KEPT = timedelta(days=60)
_WAITS = RosterNotice.settled_at.is_(None)
_ON_CASE = standing(
    select(RosterNotice).where(RosterNotice.case_id == bindparam("case"), _WAITS).order_by(RosterNotice.found_at)
)
_ON_CASES = standing(select(RosterNotice.case_id).where(_WAITS))


def cases_of(work: Work, pupils: set[bytes]) -> dict[bytes, list[Case]]:
    """Return the cases of these pupils, closed ones too, by pupil."""
    found: dict[bytes, list[Case]] = {}
    for case in work.inner.scalars(select(Case).where(Case.pupil_index.is_not(None), Case.destroyed_at.is_(None))):
        if case.pupil_index in pupils:
            found.setdefault(case.pupil_index or b"", []).append(case)
    return found


def is_open(case: Case) -> bool:
    """Tell whether a case is still worked on."""
    return case.state != State.CLOSED


def open_notices(work: Work) -> dict[tuple[UUID, str, bytes], RosterNotice]:
    """Return the notices that wait for an answer, by case, kind and subject."""
    found = work.inner.scalars(select(RosterNotice).where(_WAITS))
    return {(row.case_id, row.kind, row.subject): row for row in found}


def answered(work: Work, case_id: UUID, kind: str, subject: bytes) -> bool:
    """Tell whether somebody answered this very notice before."""
    found = select(RosterNotice.id).where(
        RosterNotice.case_id == case_id,
        RosterNotice.kind == kind,
        RosterNotice.subject == subject,
        RosterNotice.settled_by.is_not(None),
    )
    return work.inner.scalar(found.limit(1)) is not None


def _bound(work: Work, row: RosterNotice) -> tuple[bytes, bytes, str, bytes]:
    return work.school_id.bytes, row.case_id.bytes, "roster notice", row.id.bytes


def notice(work: Work, case: Case, kind: str, subject: bytes, said: dict[str, str]) -> RosterNotice:
    """Put on a case what changed; what the roster says now is sealed with the key of the case."""
    row = RosterNotice(id=new_id(), school_id=work.school_id, case_id=case.id, kind=kind, subject=subject)
    row.sealed = work.keys.case(case).seal(json.dumps(said).encode(), *_bound(work, row))
    row.found_at = work.now
    work.note(Tag.ROSTER_NOTICED, case.id, row.id, action="C")
    work.inner.add(row)
    return row


def remind(work: Work, row: RosterNotice) -> None:
    """Keep what falls due while nobody answers a notice."""
    line = work.terms[Kind.ROSTER]
    chain = rungs_of(line, Kind.ROSTER, work.now, work.calendar, case_id=row.case_id, anchor=row.id)
    reminders.schedule(work, chain)


def withdraw(work: Work, row: RosterNotice) -> None:
    """End a notice that is no longer so, without anybody's answer."""
    work.note(Tag.ROSTER_NOTICED, row.case_id, row.id, action="U")
    row.settled_at = work.now


def notices(work: Work, case_id: UUID) -> list[RosterNotice]:
    """Return the notices on a case that wait, oldest first, if the viewer may see them."""
    return list(work.session.scalars(_ON_CASE, {"case": case_id}))


def cases_with_notices(work: Work) -> set[UUID]:
    """Return the cases with a notice that waits, as far as the viewer may see them."""
    return set(work.session.scalars(_ON_CASES))


def locked(work: Work, case_id: UUID, notice_id: UUID) -> RosterNotice:
    """Return one notice for an answer; one that the viewer may not see, or of another case, is not there."""
    found = select(RosterNotice).where(RosterNotice.id == notice_id, RosterNotice.case_id == case_id)
    if work.session.scalars(found).one_or_none() is None:
        raise NotVisible
    return work.inner.scalars(found.with_for_update()).one()


def words(work: Work, case: Case, row: RosterNotice) -> dict[str, str]:
    """Return what a notice says; a read that must have been noted."""
    work.may_unseal(case.id)
    said: dict[str, str] = json.loads(work.keys.case(case).unseal(row.sealed, *_bound(work, row)))
    return said


def people_by_mail(work: Work) -> dict[bytes, list[UUID]]:
    """Return the people of the school by the index of their mail address."""
    found: dict[bytes, list[UUID]] = {}
    for row in work.inner.execute(select(Person.id, Person.mail_index).where(Person.mail_index.is_not(None))):
        found.setdefault(row.mail_index, []).append(row.id)
    return found


def keep_guardians(work: Work, pairs: set[tuple[bytes, bytes]]) -> None:
    """Let these be all pupils, as indexes, with a guardian who works here, by the index of the mail address."""
    held = {(row.pupil_index, row.mail_index): row for row in work.inner.scalars(select(StaffGuardian))}
    for pair in held.keys() - pairs:
        work.inner.delete(held[pair])
    for pupil, mail in sorted(pairs - held.keys()):
        work.inner.add(StaffGuardian(school_id=work.school_id, pupil_index=pupil, mail_index=mail))


def keep(work: Work, started: datetime, *counts: int, fault: str = "") -> RosterSync:
    """Write down how a look went; looks of more than two months ago are forgotten."""
    pupils, guardians, staff, told = counts or (0, 0, 0, 0)
    row = RosterSync(id=new_id(), school_id=work.school_id, started_at=started, ended_at=work.now, fault=fault)
    row.pupils, row.guardians, row.staff, row.notices = pupils, guardians, staff, told
    for old in work.inner.scalars(select(RosterSync).where(RosterSync.started_at < work.now - KEPT)):
        work.inner.delete(old)
    work.inner.add(row)
    return row


def last(work: Work, *, good: bool = False) -> RosterSync | None:
    """Return the last look, or the last one at which nothing was wrong."""
    found = select(RosterSync).order_by(RosterSync.started_at.desc(), RosterSync.id.desc()).limit(1)
    return work.inner.scalars(found.where(RosterSync.fault == "") if good else found).first()
