"""The rows of report packages: ask, take under a lease, record a step, end. It judges nothing and renders nothing.

Whoever builds a package is the person who asked for it. The system only takes the lease and writes how it
ended; it opens no word. Every mark asks first whether the taker is still the taker (``fence``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func, select

from meldcode_plugin.errors import NotVisible, TamperedData
from meldcode_plugin.store import ledger
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.crypto import Bound, same
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.packages import Package, PackageState, PackageStep
from meldcode_plugin.store.work import Work

LEASE = timedelta(seconds=150)
"""How long a package belongs to the worker that took it, since its last step: longer than any job may live."""
SKEW = timedelta(minutes=10)
"""A row touched this far in the future was touched by a clock that was wrong: its hold does not count."""
LIVE = (PackageState.REQUESTED.value, PackageState.BUILDING.value)
PACKAGE_REQUESTED = "package_requested"
"""Hint after a commit: this package waits for a worker."""
BESIDE = ("report", "signal_accepted")
"""Kinds of entries after which a package is not out of date: they say what was done with what it holds."""


@dataclass(frozen=True)
class Taken:
    """One package, taken by one worker. ``fence`` proves that it is still ours to mark."""

    package_id: UUID
    case_id: UUID
    requester_id: UUID
    fence: int
    attempt: int


class Overtaken(Exception):
    """The package is no longer ours: nothing is marked."""


def bound(package: Package, what: str) -> tuple[Bound, ...]:
    """Return what binds sealed words of a package to their row."""
    return package.school_id.bytes, package.case_id.bytes, "package", package.id.bytes, what


# --- asking ----------------------------------------------------------------------------------------


def by_key(work: Work, key: UUID) -> Package | None:
    """Return the package that the viewer asked for with this form, or None."""
    found = select(Package).where(Package.requester_id == work.viewer.person_id, Package.key == key)
    return work.session.scalars(found).one_or_none()


def add(
    work: Work, case: Case, key: UUID, variant: str, layout: int, choice: bytes, supplement_to: UUID | None
) -> Package:
    """Keep a request for a package of a case that is locked; its number is the next one of the case."""
    newest = work.inner.scalar(select(func.max(Package.number)).where(Package.case_id == case.id))
    package = Package(
        id=new_id(),
        school_id=work.school_id,
        case_id=case.id,
        number=(newest or 0) + 1,
        variant=variant,
        layout=layout,
        requester_id=work.viewer.person_id,
        key=key,
        requested_at=work.now,
        head_seq=case.head_seq,
        head_mac=case.head_mac,
        supplement_to=supplement_to,
        touched_at=work.now,
    )
    package.sealed = work.keys.case(case).seal(choice, *bound(package, "choice"))
    work.inner.add(package)
    work.inner.flush()
    work.note(Tag.PACKAGE_REQUESTED, case.id, package.id, action="C")
    work.after_commit(PACKAGE_REQUESTED, package.id)
    return package


def choice_of(work: Work, case: Case, package: Package) -> bytes:
    """Return what was chosen when the package was asked for; a read that was noted."""
    work.may_unseal(case.id)
    return work.keys.case(case).unseal(package.sealed, *bound(package, "choice"))


def visible(work: Work, package_id: UUID) -> Package:
    """Return a package that the viewer may see, or raise `NotVisible`."""
    found = work.session.scalars(select(Package).where(Package.id == package_id)).one_or_none()
    if found is None:
        raise NotVisible
    return found


def locked(work: Work, package_id: UUID) -> Package:
    """Return a package that the viewer may see, for writing."""
    visible(work, package_id)
    return _locked(work, Package.id == package_id)


def _locked(work: Work, *where: sa.ColumnElement[bool]) -> Package:
    found = select(Package).where(*where).with_for_update().execution_options(populate_existing=True)
    package = work.inner.scalars(found).one_or_none()
    if package is None:
        raise Overtaken
    return package


def of_case(work: Work, case_id: UUID) -> list[Package]:
    """Return the packages of a case that the viewer may see, newest first."""
    found = select(Package).where(Package.case_id == case_id).order_by(Package.number.desc())
    return list(work.session.scalars(found))


def moved_on(work: Work, package: Package) -> bool:
    """Tell whether something came into the case after the package was asked for."""
    later = select(Entry.id).where(Entry.case_id == package.case_id, Entry.seq > package.head_seq)
    return work.inner.scalars(later.where(Entry.kind.not_in(BESIDE)).limit(1)).first() is not None


def head_stands(work: Work, package: Package) -> bool:
    """Tell whether the entry at which the case was frozen is still the very same."""
    mac = work.inner.scalar(select(Entry.mac).where(Entry.case_id == package.case_id, Entry.seq == package.head_seq))
    return mac is not None and same(mac, package.head_mac)


# --- the lease -------------------------------------------------------------------------------------


def waiting(work: Work, limit: int) -> list[UUID]:
    """Return packages that nobody builds now: just asked for, or whose worker is gone; oldest first."""
    found = select(Package.id).where(Package.state.in_(LIVE), _free(work)).order_by(Package.touched_at, Package.id)
    return list(work.inner.scalars(found.limit(limit)))


def _free(work: Work) -> sa.ColumnElement[bool]:
    return sa.or_(Package.held_until.is_(None), Package.held_until <= work.now, Package.touched_at > work.now + SKEW)


def take(work: Work, package_id: UUID) -> Taken | None:
    """Take a package for building, or return None when it is being built, done or called off."""
    found = select(Package).where(Package.id == package_id, Package.state.in_(LIVE), _free(work))
    package = work.inner.scalars(found.with_for_update(skip_locked=True)).first()
    if package is None:
        return None
    package.state, package.fence, package.attempt = PackageState.BUILDING.value, package.fence + 1, package.attempt + 1
    _touch(work, package)
    work.note(Tag.PACKAGE_BUILT, package.case_id, package.id, action="U")
    return Taken(package.id, package.case_id, package.requester_id, package.fence, package.attempt)


def _touch(work: Work, package: Package) -> None:
    package.held_until, package.touched_at = work.now + LEASE, work.now


def still_ours(work: Work, taken: Taken) -> Package:
    """Return the package for marking, as long as nobody overtook us or called it off; else raise `Overtaken`."""
    return _locked(
        work,
        Package.id == taken.package_id,
        Package.fence == taken.fence,
        Package.state == PackageState.BUILDING.value,
    )


def renew(work: Work, package: Package) -> None:
    """Hold on to a package that is ours, since something was recorded: what came so far counts as no attempt."""
    package.attempt = 1
    _touch(work, package)
    work.note(Tag.PACKAGE_BUILT, package.case_id, package.id, action="U")


def let_go(work: Work, package: Package, wait: timedelta, code: str) -> None:
    """Give a package back, to be taken again after a while."""
    package.held_until, package.touched_at, package.last_error = work.now + wait, work.now, code
    work.note(Tag.PACKAGE_BUILT, package.case_id, package.id, action="U")


def end(work: Work, package: Package, state: PackageState, code: str = "", about: UUID | None = None) -> None:
    """Write how the building ended. From here on no worker can mark anything of it."""
    package.state, package.last_error, package.error_about = state.value, code, about
    package.held_until, package.touched_at, package.ended_at = None, work.now, work.now
    package.fence += 1
    ready = state is PackageState.READY
    tag = Tag.PACKAGE_READY if ready else Tag.PACKAGE_ENDED
    work.note(tag, package.case_id, package.id, action="U", object_hash=package.seal if ready else None)


def again(work: Work, package: Package) -> None:
    """Let a package that failed be built further from its last step."""
    package.state, package.attempt, package.last_error, package.error_about = PackageState.REQUESTED.value, 0, "", None
    package.held_until, package.touched_at, package.ended_at = None, work.now, None
    work.note(Tag.PACKAGE_REQUESTED, package.case_id, package.id, action="U")
    work.after_commit(PACKAGE_REQUESTED, package.id)


# --- steps -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepRow:
    """A step that was done: its keyed hashes, and what later steps must know of it."""

    name: str
    input_hash: bytes
    output_hash: bytes
    told: bytes


def hashed(work: Work, case: Case, *parts: Bound) -> bytes:
    """Return a keyed hash of these parts: equal for equal parts of one case, nothing for who lacks its key."""
    return work.keys.case(case).mac("package", *parts)


def steps(work: Work, package: Package) -> list[str]:
    """Return the names of the steps that were done."""
    return list(work.session.scalars(select(PackageStep.name).where(PackageStep.package_id == package.id)))


def told_by(work: Work, case: Case, package: Package) -> dict[str, StepRow]:
    """Return the steps that were done with what they recorded; a read that was noted."""
    work.may_unseal(case.id)
    ring = work.keys.case(case)
    rows = work.session.scalars(select(PackageStep).where(PackageStep.package_id == package.id))
    return {
        row.name: StepRow(row.name, row.input_hash, row.output_hash, ring.unseal(row.sealed, *_step_bound(row)))
        for row in rows
    }


def _step_bound(row: PackageStep) -> tuple[Bound, ...]:
    ids = (row.school_id.bytes, row.case_id.bytes, "package step", row.package_id.bytes)
    return (*ids, row.name, row.input_hash, row.output_hash)


def record(work: Work, case: Case, package: Package, step: StepRow) -> None:
    """Write down that a step was done."""
    row = PackageStep(
        id=new_id(),
        school_id=work.school_id,
        case_id=case.id,
        package_id=package.id,
        name=step.name,
        input_hash=step.input_hash,
        output_hash=step.output_hash,
        done_at=work.now,
    )
    row.sealed = work.keys.case(case).seal(step.told, *_step_bound(row))
    work.inner.add(row)
    renew(work, package)


def case_of(work: Work, package: Package) -> Case:
    """Return the case of a package that the viewer may see."""
    found = work.session.scalars(select(Case).where(Case.id == package.case_id)).one_or_none()
    if found is None:
        raise NotVisible
    return found


def entries_until(work: Work, package: Package) -> Iterable[Entry]:
    """Return the entries of the case as it stood when the package was asked for."""
    found = select(Entry).where(Entry.case_id == package.case_id, Entry.seq <= package.head_seq).order_by(Entry.seq)
    return work.session.scalars(found)


def whole(work: Work, case: Case, package: Package, *parts: Bound) -> None:
    """Compare the seal of a package with what its files say; raise `TamperedData` when they differ."""
    if package.seal is None or not same(package.seal, hashed(work, case, "seal", *parts)):
        raise TamperedData


def lock_case(work: Work, case_id: UUID) -> Case:
    """Return the case for writing, if the viewer may see it."""
    return ledger.locked_case(work, case_id)
