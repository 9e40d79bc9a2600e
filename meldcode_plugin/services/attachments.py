"""Files with a signal or a weighing: take in and judge, keep with a form, hand out after the log; it knows no page.

A page takes a file in with `receive` before it opens a transaction, since judging can take a while, and then
calls `keep`. What `open` returns is handed out after the transaction, so the log line stands before a byte goes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO
from uuid import UUID, uuid5

from meldcode_plugin.errors import AlreadySent, InputRefused, NotVisible
from meldcode_plugin.rules import uploads
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.uploads import Judged
from meldcode_plugin.rules.uploads_faults import Fault
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import attachments as store
from meldcode_plugin.store import blobs, signals
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.attachments import BLOB_DROPPED, FileFacts, OpenFile, UploadRow
from meldcode_plugin.store.blobs import Fresh, Spool
from meldcode_plugin.store.work import Work

__all__ = [
    "OpenFile",
    "Received",
    "Staged",
    "keep",
    "listen",
    "open",
    "place",
    "receive",
    "spool",
    "staged",
    "tidy",
    "unstage",
]

PDF_PROGRAM = Path(uploads.__file__).with_name("uploads_pdf.py")
PDF_SECONDS = 30
TOO_MANY = "Je hebt al {most} bestanden toegevoegd. Haal er eerst een weg."
TOO_MANY_WAITING = "Er staan al {most} bestanden in je concepten. Verstuur of verwijder eerst een concept."


@dataclass(frozen=True)
class Staged:
    """A file that waits in a draft: what the page lists, and what its owner should know."""

    id: UUID
    name: str
    size: int
    hints: tuple[str, ...]


@dataclass(frozen=True)
class Received:
    """A file that was judged and sealed, but has no place yet."""

    judged: Judged
    fresh: Fresh


def spool(door: Door) -> Spool:
    """Return a sealed file for the parts of a form that is still coming in, so that none stands on disk in clear."""
    return Spool(blobs.folder(door.store.blob_dir, door.school_id))


@contextmanager
def receive(door: Door, filename: str, stream: IO[bytes]) -> Iterator[Received]:
    """Seal a stream to disk and judge it there; `InputRefused` names the file and says what to do.

    Use it around the transaction in which `keep` is called: what was not kept is gone at the end.
    """
    home = blobs.folder(door.store.blob_dir, door.school_id)
    fresh = blobs.write(home, door.school_id, stream, uploads.MAX_BYTES)
    try:
        with fresh.reader() as reader:
            judged = uploads.judge(filename, reader, fresh.size, pdf_reasons)
        yield Received(judged, fresh)
    finally:
        fresh.drop()


def keep(work: Work, key: UUID, received: Received) -> Staged:
    """Keep a received file with the viewer's draft of this key."""
    require(work.viewer, Permission.SIGNAL_RECORD)
    if signals.submission(work, key) is not None:
        raise AlreadySent
    _refuse_more(work, key)
    judged, fresh = received.judged, received.fresh
    facts = FileFacts(judged.name, judged.kind.value, fresh.size, fresh.sha256, judged.hints)
    return _staged(store.stage(work, key, facts, fresh))


def _refuse_more(work: Work, key: UUID) -> None:
    if store.waiting(work, key) >= uploads.MAX_FILES:
        raise InputRefused({uploads.FIELD: TOO_MANY.format(most=uploads.MAX_FILES)})
    if store.waiting(work) >= uploads.MAX_WAITING:
        raise InputRefused({uploads.FIELD: TOO_MANY_WAITING.format(most=uploads.MAX_WAITING)})


def _staged(row: UploadRow) -> Staged:
    return Staged(row.id, row.facts.name, row.facts.size, row.facts.hints)


def place(case_id: UUID, form: str) -> UUID:
    """Return the key under which somebody's files wait for a form of a case, until it is opened again or 14 days."""
    return uuid5(case_id, form)


def staged(work: Work, key: UUID) -> list[Staged]:
    """Return the files in the viewer's draft of this key."""
    return [_staged(row) for row in store.staged(work, key)]


def unstage(work: Work, key: UUID, upload_id: UUID | None = None) -> None:
    """Take one file, or all, out of the viewer's draft; none there is fine."""
    store.unstage(work, key, upload_id)


def open(work: Work, case_id: UUID, attachment_id: UUID) -> OpenFile:  # noqa: A001  # read as attachments.open(...)
    """Open a file of a dossier that the viewer may read, or one that the viewer added to a signal.

    All of it is checked here; its bytes are handed out once the transaction stands.
    """
    row = store.visible(work, attachment_id)
    own = row.author_id == work.viewer.person_id
    require(work.viewer, Permission.SIGNAL_READ_OWN if own else Permission.CASE_READ)
    if row.case_id != case_id:
        raise NotVisible
    work.note(Tag.ATTACHMENT_READ, row.case_id, row.id)
    return store.opened(work, row)


def open_shared(work: Work, case_id: UUID, attachment_id: UUID) -> OpenFile:
    """Open a file that a share of this case opens for the viewer."""
    row = store.visible(work, attachment_id)
    if row.case_id != case_id:
        raise NotVisible
    work.note(Tag.ATTACHMENT_READ, row.case_id, row.id)
    return store.opened(work, row)


def tidy(work: Work) -> int:
    """Drop uploads of more than 14 days old whose draft is gone, and files that no row names; returns how many."""
    return store.purge(work)


def listen(door: Door) -> None:
    """Take files off the disk once the transaction that dropped their rows stands."""
    door.listen(BLOB_DROPPED, lambda blob: blobs.delete(blobs.folder(door.store.blob_dir, door.school_id), blob))


def pdf_reasons(stream: BinaryIO) -> list[str]:
    """Let a program of its own look into a PDF, with little memory and time; no answer means: not checked."""
    command = [sys.executable, "-I", str(PDF_PROGRAM)]
    try:
        with subprocess.Popen(  # noqa: S603  # our own program, no word of it from outside
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as program:
            return _answer(program, stream)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return [Fault.NOT_CHECKED.value]


def _answer(program: subprocess.Popen[bytes], stream: BinaryIO) -> list[str]:
    if program.stdin is None or program.stdout is None:
        raise ValueError
    try:
        with program.stdin as pipe:
            shutil.copyfileobj(stream, pipe)
        program.wait(PDF_SECONDS)
    finally:
        program.kill()
    found = json.loads(program.stdout.read())
    return [str(one) for one in found]
