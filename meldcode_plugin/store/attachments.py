"""Staged uploads and attachments of entries: who has which file, under which key; it judges no file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, exists, func, select

from meldcode_plugin.errors import KeyUnavailable, NotVisible, TamperedData
from meldcode_plugin.store import blobs
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.blobs import Fresh, Unsealer
from meldcode_plugin.store.crypto import Bound, Ring, digest
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.attachments import Attachment, Upload
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.packages import PackageFile
from meldcode_plugin.store.work import Work

UPLOAD_DAYS = 14
ORPHAN_SECONDS = 24 * 3600
"""A file without a row is left alone this long: its transaction may still be running."""
BLOB_DROPPED = "blob_dropped"
"""Hint after a commit: the file with this id has no row any more."""
_STAGED = standing(
    select(Upload).where(Upload.person_id == bindparam("person"), Upload.key == bindparam("key")).order_by(Upload.id)
)
_OF_CASE = standing(
    select(Attachment)
    .where(Attachment.case_id == bindparam("case"), Attachment.sealed.is_not(None))
    .order_by(Attachment.id)
)


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file and kept sealed: name, media type, bytes, SHA-256, hints for its owner."""

    name: str
    media_type: str
    size: int
    sha256: bytes
    hints: tuple[str, ...] = ()

    def to_json(self) -> bytes:
        """Return the facts as bytes, to be sealed."""
        return json.dumps([self.name, self.media_type, self.size, self.sha256.hex(), self.hints]).encode()

    @classmethod
    def from_json(cls, data: bytes) -> FileFacts:
        """Return the facts that these bytes hold."""
        name, media_type, size, sha256, hints = json.loads(data)
        return cls(name, media_type, size, bytes.fromhex(sha256), tuple(hints))


@dataclass(frozen=True)
class UploadRow:
    """A file that waits in a draft."""

    id: UUID
    facts: FileFacts


@dataclass(frozen=True)
class AttachmentRow:
    """A file under an entry, as a page may list it."""

    id: UUID
    entry_id: UUID
    name: str
    media_type: str
    size: int
    hints: tuple[str, ...]
    added_at: datetime
    sha256: bytes = b""


class OpenFile:
    """A file that is known to be whole; handing it out needs no transaction. Close it, or read it to the end."""

    def __init__(self, facts: FileFacts, reader: Unsealer) -> None:
        """Take a reader that was verified."""
        self.name, self.media_type, self.size = facts.name, facts.media_type, facts.size
        self._reader = reader

    def __iter__(self) -> Iterator[bytes]:
        """Hand out the bytes and close the file."""
        with self._reader:
            yield from self._reader.pieces()

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()


def _upload_bound(row: Upload, what: str) -> tuple[Bound, ...]:
    return row.school_id.bytes, "upload", row.id.bytes, row.person_id.bytes, row.key.bytes, row.blob.bytes, what


def _bound(row: Attachment, what: str) -> tuple[Bound, ...]:
    return row.school_id.bytes, row.case_id.bytes, "attachment", row.id.bytes, row.entry_id.bytes, row.blob.bytes, what


def stage(work: Work, key: UUID, facts: FileFacts, fresh: Fresh) -> UploadRow:
    """Keep a file for the draft with this key; only the viewer can see it."""
    row = Upload(
        id=new_id(),
        school_id=work.school_id,
        person_id=work.viewer.person_id,
        key=key,
        blob=fresh.blob,
        saved_at=work.now,
    )
    ring = work.keys.school("drafts")
    row.wrapped_key = ring.seal(fresh.key, *_upload_bound(row, "key"))
    row.sealed = ring.seal(facts.to_json(), *_upload_bound(row, "facts"))
    work.session.add(row)
    work.session.flush()
    fresh.keep()
    return UploadRow(row.id, facts)


def waiting(work: Work, key: UUID | None = None) -> int:
    """Return how many files of the viewer wait, in one draft or in all."""
    found = select(func.count()).select_from(Upload).where(Upload.person_id == work.viewer.person_id)
    return int(work.session.scalar(found if key is None else found.where(Upload.key == key)) or 0)


def _uploads(work: Work, key: UUID) -> list[Upload]:
    return list(work.session.scalars(_STAGED, {"person": work.viewer.person_id, "key": key}))


def staged(work: Work, key: UUID) -> list[UploadRow]:
    """Return the viewer's files in one draft, in the order in which they came."""
    return [UploadRow(row.id, _upload_facts(work, row)) for row in _uploads(work, key)]


def _upload_facts(work: Work, row: Upload) -> FileFacts:
    return FileFacts.from_json(work.keys.school("drafts").unseal(row.sealed, *_upload_bound(row, "facts")))


def unstage(work: Work, key: UUID, upload_id: UUID | None = None) -> None:
    """Take one file, or all, out of the viewer's draft; none there is fine."""
    for row in _uploads(work, key):
        if upload_id in (None, row.id):
            _forget(work, row)


def hand_on(work: Work, key: UUID, from_id: UUID, to_id: UUID) -> None:
    """Let the files that wait in a draft go along with it to somebody else; a damaged one stays behind."""
    ring = work.keys.school("drafts")
    for row in work.inner.scalars(_STAGED, {"person": from_id, "key": key}).all():
        try:
            blob_key = ring.unseal(row.wrapped_key, *_upload_bound(row, "key"))
            facts = ring.unseal(row.sealed, *_upload_bound(row, "facts"))
        except (TamperedData, KeyUnavailable):
            continue
        row.person_id, row.saved_at = to_id, work.now
        row.wrapped_key = ring.seal(blob_key, *_upload_bound(row, "key"))
        row.sealed = ring.seal(facts, *_upload_bound(row, "facts"))


def _forget(work: Work, row: Upload) -> None:
    work.session.delete(row)
    work.after_commit(BLOB_DROPPED, row.blob)


def adopt(work: Work, case: Case, entry: Entry, key: UUID, chosen: Collection[UUID] | None = None) -> list[UUID]:
    """Move the viewer's staged files, or the ``chosen`` of them, to an entry in its transaction; returns their ids.

    The file on disk stays as it is: only its key is wrapped anew, now by the key of the case.
    """
    adopted, rows = [], [row for row in _uploads(work, key) if chosen is None or row.id in chosen]
    ring = work.keys.case(case) if rows else None
    for upload in rows:
        blob_key = work.keys.school("drafts").unseal(upload.wrapped_key, *_upload_bound(upload, "key"))
        row = Attachment(id=upload.id, case_id=case.id, entry_id=entry.id, author_id=upload.person_id, blob=upload.blob)
        _add(work, row, ring, blob_key, _upload_facts(work, upload))
        work.session.delete(upload)
        adopted.append(row.id)
    return adopted


def came_before(work: Work, case: Case, entry_id: UUID, key: UUID, chosen: Collection[UUID]) -> bool:
    """Tell whether all these files came with an entry before; then no second copy of them waits any more."""
    there = {row.id: row.sha256 for row in of_entry(work, case, entry_id)}
    again = [row for row in _uploads(work, key) if row.id in chosen]
    known = {row.id for row in again if _upload_facts(work, row).sha256 in there.values()}
    if not there.keys() | known >= set(chosen):
        return False
    for row in again:
        _forget(work, row)
    return True


def _add(work: Work, row: Attachment, ring: Ring | None, blob_key: bytes, facts: FileFacts) -> None:
    if ring is None:
        raise KeyUnavailable
    row.school_id, row.added_at = work.school_id, work.now
    row.wrapped_key = ring.seal(blob_key, *_bound(row, "key"))
    row.sealed = ring.seal(facts.to_json(), *_bound(row, "facts"))
    work.inner.add(row)
    sum_of_both = digest(row.wrapped_key + row.sealed)
    work.note(Tag.ATTACHMENT_ADDED, row.case_id, row.id, action="C", object_hash=sum_of_both)


def move(work: Work, old: Case, new: Case, entry: Entry, moved: Entry) -> None:
    """Take the files of an entry along to another case: new rows there, tombstones here, the same bytes on disk."""
    rows = _there(work, entry.id)
    if not rows:
        return
    was, now = work.keys.case(old), work.keys.case(new)
    for row in rows:
        facts, blob_key = _facts(was, row), _blob_key(was, row)
        there = Attachment(id=new_id(), case_id=new.id, entry_id=moved.id, author_id=row.author_id, blob=row.blob)
        _add(work, there, now, blob_key, facts)
        _bury(work, row, Tag.SIGNAL_MOVED)


def remove(work: Work, case: Case, attachment_id: UUID) -> None:
    """Take a file away for good (wrong pupil, a court, an erasure); the row says that it was there."""
    row = work.inner.get(Attachment, attachment_id)
    if row is None or row.case_id != case.id or row.sealed is None:
        raise NotVisible
    _bury(work, row, Tag.ATTACHMENT_REMOVED)
    work.after_commit(BLOB_DROPPED, row.blob)


def bury(work: Work, case: Case) -> None:
    """Take all files of a case away for good; the rows say that they were there."""
    there = select(Attachment).where(Attachment.case_id == case.id, Attachment.sealed.is_not(None))
    for row in work.inner.scalars(there).all():
        _bury(work, row, Tag.ATTACHMENT_REMOVED)
        work.after_commit(BLOB_DROPPED, row.blob)


def _bury(work: Work, row: Attachment, tag: Tag) -> None:
    row.wrapped_key, row.sealed, row.removed_at = None, None, work.now
    work.note(tag, row.case_id, row.id, action="D")


def _there(work: Work, entry_id: UUID) -> list[Attachment]:
    found = select(Attachment).where(Attachment.entry_id == entry_id, Attachment.sealed.is_not(None))
    return list(work.inner.scalars(found.order_by(Attachment.id)))


def of_case(work: Work, case: Case) -> dict[UUID, list[AttachmentRow]]:
    """Return the files of a case by entry, as far as the viewer may see them; the read was noted before."""
    work.may_unseal(case.id)
    rows = list(work.session.scalars(_OF_CASE, {"case": case.id}))
    listed: dict[UUID, list[AttachmentRow]] = {}
    ring = work.keys.case(case) if rows else None
    for row in rows:
        facts = _facts(ring, row)
        listed.setdefault(row.entry_id, []).append(
            AttachmentRow(
                row.id,
                row.entry_id,
                facts.name,
                facts.media_type,
                facts.size,
                facts.hints,
                row.added_at,
                facts.sha256,
            )
        )
    return listed


def of_entry(work: Work, case: Case, entry_id: UUID) -> list[AttachmentRow]:
    """Return the files of one entry, as far as the viewer may see them."""
    return of_case(work, case).get(entry_id, [])


def visible(work: Work, attachment_id: UUID) -> Attachment:
    """Return a file that the viewer may see and that was not taken away, or raise `NotVisible`."""
    found = work.session.scalars(select(Attachment).where(Attachment.id == attachment_id)).one_or_none()
    if found is None or found.sealed is None:
        raise NotVisible
    return found


def reader_of(work: Work, row: Attachment) -> tuple[FileFacts, Unsealer]:
    """Return the reader of a file, of which nothing was checked yet; a read that was noted, or it stays shut."""
    work.may_unseal(row.case_id)
    ring = work.keys.case(work.inner.get_one(Case, row.case_id))
    home = blobs.folder(work.blob_dir, work.school_id)
    return _facts(ring, row), blobs.opened(home, work.school_id, row.blob, _blob_key(ring, row))


def reader_facts(work: Work, row: Attachment) -> FileFacts:
    """Return what is known of a file; a read that was noted."""
    work.may_unseal(row.case_id)
    return _facts(work.keys.case(work.inner.get_one(Case, row.case_id)), row)


def opened(work: Work, row: Attachment) -> OpenFile:
    """Open a file and check all of it."""
    facts, reader = reader_of(work, row)
    try:
        reader.verify(facts.sha256)
    except BaseException:
        reader.close()
        raise
    return OpenFile(facts, reader)


def _facts(ring: Ring | None, row: Attachment) -> FileFacts:
    if ring is None or row.sealed is None:
        raise TamperedData
    return FileFacts.from_json(ring.unseal(row.sealed, *_bound(row, "facts")))


def _blob_key(ring: Ring, row: Attachment) -> bytes:
    if row.wrapped_key is None:
        raise TamperedData
    return ring.unseal(row.wrapped_key, *_bound(row, "key"))


def purge(work: Work) -> int:
    """Drop uploads of more than 14 days old whose draft is gone, and files that no row names; returns how many."""
    before = work.now - timedelta(days=UPLOAD_DAYS)
    draft = exists().where(Draft.key == Upload.key, Draft.person_id == Upload.person_id, Draft.saved_at >= before)
    old = list(work.session.scalars(select(Upload).where(Upload.saved_at < before, ~draft)))
    for row in old:
        _forget(work, row)
    return len(old) + _drop_orphans(work, {row.blob for row in old})


def _drop_orphans(work: Work, leaving: set[UUID]) -> int:
    """Drop files without a row, but not what this very transaction drops: it may still roll back.

    Uploads are asked before attachments: a file that moves from the one to the other is seen at least once.
    """
    home = blobs.folder(work.blob_dir, work.school_id)
    files = blobs.older_than(home, work.now.timestamp() - ORPHAN_SECONDS)
    named = leaving | set(work.session.scalars(select(Upload.blob)))
    named |= set(work.session.scalars(select(Attachment.blob).where(Attachment.sealed.is_not(None))))
    named |= set(work.session.scalars(select(PackageFile.blob)))
    names = {blob.hex for blob in named}
    orphans = [file for file in files if file.name not in names]
    for file in orphans:
        file.unlink(missing_ok=True)
    return len(orphans)
