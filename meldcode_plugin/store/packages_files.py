"""The files of a report package: sealed under keys of their own, kept by name once whole; it knows no page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.store import blobs
from meldcode_plugin.store.attachments import BLOB_DROPPED, FileFacts, OpenFile
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.blobs import Fresh, Unsealer
from meldcode_plugin.store.crypto import Bound
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.packages import Package, PackageFile
from meldcode_plugin.store.work import Work

MAIN, ANNEX, ATTACHMENT, MANIFEST = "main", "annex", "attachment", "manifest"


@dataclass(frozen=True)
class PackageFileRow:
    """One file of a package: its order, what it is, and what is known of its bytes."""

    id: UUID
    place: int
    role: str
    attachment_id: UUID | None
    blob: UUID
    facts: FileFacts


def _bound(row: PackageFile, what: str) -> tuple[Bound, ...]:
    ids = (row.school_id.bytes, row.case_id.bytes, "package file", row.package_id.bytes, row.blob.bytes)
    return (*ids, row.place, row.role, what)


def write(blob_dir: Path, school: UUID, stream: IO[bytes], limit: int) -> Fresh:
    """Seal a stream into a file without a name yet; `keep` gives it one."""
    return blobs.write(blobs.folder(blob_dir, school), school, stream, limit)


@dataclass(frozen=True)
class NewFile:
    """A sealed file that has no name yet, and what it is in the package."""

    fresh: Fresh
    place: int
    role: str
    name: str
    media_type: str
    attachment_id: UUID | None = None


def keep(work: Work, case: Case, package: Package, new: NewFile) -> None:
    """Give a file its name and its row. A name without a row, after a stopped machine, is cleared away later."""
    row = PackageFile(
        id=new_id(),
        school_id=work.school_id,
        case_id=case.id,
        package_id=package.id,
        place=new.place,
        role=new.role,
        attachment_id=new.attachment_id,
        blob=new.fresh.blob,
        added_at=work.now,
    )
    ring = work.keys.case(case)
    row.wrapped_key = ring.seal(new.fresh.key, *_bound(row, "key"))
    facts = FileFacts(new.name, new.media_type, new.fresh.size, new.fresh.sha256)
    row.sealed = ring.seal(facts.to_json(), *_bound(row, "facts"))
    new.fresh.keep()
    work.inner.add(row)
    work.inner.flush()


def of_package(work: Work, case: Case, package: Package) -> list[PackageFileRow]:
    """Return the files of a package in order; a read that was noted."""
    work.may_unseal(case.id)
    ring = work.keys.case(case)
    rows = work.session.scalars(
        select(PackageFile).where(PackageFile.package_id == package.id).order_by(PackageFile.place)
    )
    return [
        PackageFileRow(
            row.id,
            row.place,
            row.role,
            row.attachment_id,
            row.blob,
            FileFacts.from_json(ring.unseal(row.sealed, *_bound(row, "facts"))),
        )
        for row in rows
    ]


def reader(work: Work, case: Case, file: PackageFileRow) -> Unsealer:
    """Return the reader of a file, of which nothing was checked yet; a read that was noted."""
    work.may_unseal(case.id)
    row = work.session.scalars(select(PackageFile).where(PackageFile.id == file.id)).one_or_none()
    if row is None:
        raise NotVisible
    key = work.keys.case(case).unseal(row.wrapped_key, *_bound(row, "key"))
    return blobs.opened(blobs.folder(work.blob_dir, work.school_id), work.school_id, row.blob, key)


def home(work: Work) -> Path:
    """Return the folder in which the files of the school stand."""
    return blobs.folder(work.blob_dir, work.school_id)


def opened(work: Work, case: Case, file: PackageFileRow) -> OpenFile:
    """Open a file and check all of it."""
    found = reader(work, case, file)
    try:
        found.verify(file.facts.sha256)
    except BaseException:
        found.close()
        raise
    return OpenFile(file.facts, found)


def drop(work: Work, package: Package) -> None:
    """Take the files of a package away that was called off."""
    for row in list(work.inner.scalars(select(PackageFile).where(PackageFile.package_id == package.id))):
        work.inner.delete(row)
        work.after_commit(BLOB_DROPPED, row.blob)
    work.inner.flush()
