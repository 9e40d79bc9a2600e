"""What becomes of a package: a person fetches a protected copy and hands it over; the program sends nothing.

A hand-over is prepared (its copy has a pass-phrase that is shown once), then done, then confirmed. Each is one
row, however often a button is pressed.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from uuid import UUID

from meldcode_plugin.documents import bundle
from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, NotVisible, PaperFailed, StepRefused
from meldcode_plugin.rules.dossier import Variant
from meldcode_plugin.rules.entries import Report
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import packages_papers as papers
from meldcode_plugin.services import steps
from meldcode_plugin.services.packages import listed, opened
from meldcode_plugin.store import hand_overs as store
from meldcode_plugin.store import packages as package_store
from meldcode_plugin.store import packages_files as files
from meldcode_plugin.store import people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.blobs import Unsealer
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.packages import HandOver, HandOverState, Package
from meldcode_plugin.store.packages_files import ANNEX, ATTACHMENT, MAIN, PackageFileRow
from meldcode_plugin.store.work import Work

__all__ = ["COPY_TYPE", "HandOverState"]

COPY_TYPE = "application/zip"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

WAITS = "Er staat al een overdracht klaar. Rond die eerst af."
DONE = "Deze overdracht is al vastgelegd."


class Channel(StrEnum):
    """How a package leaves; by plain mail it never does."""

    FORM = "formulier"
    MAIL = "veilige_mail"
    HAND = "persoonlijk"
    PHONE = "telefoon"


CHANNEL_NAMES = {
    Channel.FORM: "Via het beveiligde formulier van Veilig Thuis",
    Channel.MAIL: "Met beveiligde mail",
    Channel.HAND: "Persoonlijk gegeven",
    Channel.PHONE: "Voorgelezen aan de telefoon",
}


@dataclass(frozen=True)
class Line:
    """One hand-over, as a page shows it. ``fetchable``: its copy still has a pass-phrase."""

    id: UUID
    number: int
    state: HandOverState
    channel: Channel
    receiver: str
    reference: str
    by: str
    prepared_at: datetime
    handed_at: datetime | None
    fetchable: bool
    reported: bool


def lines(work: Work, case_id: UUID, package_id: UUID) -> list[Line]:
    """Return the hand-overs of a package, oldest first."""
    case, package = opened(work, case_id, package_id)
    work.note(Tag.PACKAGE_READ, case.id, package.id)
    rows = store.of_package(work, package)
    names = people.names(work, {row.person_id for row in rows})
    return [_line(work, case, row, names.get(row.person_id, "")) for row in rows]


def _line(work: Work, case: Case, row: HandOver, by: str) -> Line:
    receiver, reference = json.loads(store.words_of(work, case, row))
    return Line(
        row.id,
        row.number,
        HandOverState(row.state),
        Channel(row.channel),
        receiver,
        reference,
        by,
        row.prepared_at,
        row.handed_at,
        row.sealed_phrase is not None,
        row.report_id is not None,
    )


# --- preparing and fetching ------------------------------------------------------------------------


def prepare(work: Work, case_id: UUID, package_id: UUID, key: UUID, channel: Channel, receiver: str) -> str:
    """Prepare a hand-over; returns the pass-phrase of its copy, or nothing when this form was sent before.

    Raises `AlreadyAdded` when it was sent with other words, `AlreadyDone` when another copy waits.
    """
    case, package = _locked(work, case_id, package_id)
    listed(work, case, package)
    before = store.of_package(work, package)
    if sent := [row for row in before if row.key == key]:
        if (sent[0].channel, json.loads(store.words_of(work, case, sent[0]))[0]) != (channel.value, receiver):
            raise AlreadyAdded
        return ""
    if any(row.state == HandOverState.PREPARED.value for row in before):
        raise AlreadyDone(WAITS)
    phrase = bundle.passphrase()
    store.prepare(work, case, package, key, channel.value, _words(receiver, ""), phrase)
    return phrase


def _locked(work: Work, case_id: UUID, package_id: UUID) -> tuple[Case, Package]:
    """Return case and package, the package locked: two hand-overs of one package wait for each other."""
    case, _ = opened(work, case_id, package_id)
    package = package_store.locked(work, package_id)
    work.note(Tag.PACKAGE_READ, case.id, package.id)
    return case, package


def _words(receiver: str, reference: str) -> bytes:
    return json.dumps([receiver, reference]).encode()


def new_phrase(work: Work, case_id: UUID, package_id: UUID, hand_over_id: UUID) -> str:
    """Give a hand-over that is not done yet another pass-phrase, since the first is lost; a new copy goes with it."""
    case, package = _locked(work, case_id, package_id)
    row = store.one(work, package, hand_over_id, lock=True)
    if row.state != HandOverState.PREPARED.value:
        raise AlreadyDone(DONE)
    phrase = bundle.passphrase()
    store.write_phrase(work, case, row, phrase)
    work.note(Tag.PACKAGE_HANDED_OVER, case.id, row.id, action="U")
    return phrase


class Packed:
    """A protected copy that is ready to go out; what stands of it on the disk is encrypted and has no name."""

    def __init__(self, name: str, out: IO[bytes]) -> None:
        """Take a file that was written."""
        self.name, self._out = name, out
        self.size = out.seek(0, os.SEEK_END)
        out.seek(0)

    def __iter__(self) -> Iterator[bytes]:
        """Hand out the bytes and let go of the file."""
        with self._out as out:
            while piece := out.read(bundle.PIECE):
                yield piece

    def close(self) -> None:
        """Let go of the file."""
        self._out.close()


@dataclass(frozen=True)
class Fetched:
    """A copy that may go out: which files, under which pass-phrase. Call `packed` once the transaction stands."""

    name: str
    phrase: str
    parts: list[tuple[PackageFileRow, Unsealer]]
    home: Path

    def packed(self) -> Packed:
        """Open every file to its last byte, then lock each by the pass-phrase; one that is damaged raises.

        A disk without room raises `PaperFailed`: nothing of the copy stays behind, and it can be fetched again.
        """
        out = TemporaryFile(dir=self.home)  # noqa: SIM115  # closed by who hands it out
        try:
            for file, reader in self.parts:
                reader.verify(file.facts.sha256)
            bundle.pack([papers.part_of(file, reader) for file, reader in self.parts], self.phrase, out)
            return Packed(self.name, out)
        except BaseException as fault:
            with suppress(OSError):  # what waits to be written fails once more
                out.close()
            if isinstance(fault, OSError) and fault.errno in NO_ROOM:
                raise PaperFailed("space") from None
            raise
        finally:
            for _, reader in self.parts:
                reader.close()


def fetch(work: Work, case_id: UUID, package_id: UUID, hand_over_id: UUID, *, annex: bool) -> Fetched:
    """Return the protected copy of a hand-over that is not done: annex N apart from all else, each with its line."""
    case, package = opened(work, case_id, package_id)
    work.note(Tag.PACKAGE_ANNEX_FETCHED if annex else Tag.PACKAGE_FETCHED, case.id, package.id)
    wanted = (ANNEX,) if annex else (MAIN, ATTACHMENT)
    found = [file for file in listed(work, case, package) if file.role in wanted]
    phrase = store.phrase_of(work, case, store.one(work, package, hand_over_id))
    if not found:
        raise NotVisible
    parts = [(file, files.reader(work, case, file)) for file in found]
    name = f"documenten-{package.number}{'-n' if annex else ''}.zip"
    return Fetched(name, phrase, parts, files.home(work))


# --- done and confirmed ----------------------------------------------------------------------------


def done(work: Work, case_id: UUID, package_id: UUID, hand_over_id: UUID, at: datetime, reference: str) -> bool:
    """Write down that a package was handed over: when, and under which number. Its copy can be fetched no more.

    A report is put in the dossier with it, or the one that stands there is linked. Returns whether one is.
    """
    case, package = _locked(work, case_id, package_id)
    row = store.one(work, package, hand_over_id, lock=True)
    if row.state != HandOverState.PREPARED.value:
        raise AlreadyDone(DONE)
    receiver, _ = json.loads(store.words_of(work, case, row))
    store.write_words(work, case, row, _words(receiver, reference))
    store.write_phrase(work, case, row, "")
    row.state, row.handed_at = HandOverState.HANDED_OVER.value, at
    work.note(Tag.PACKAGE_HANDED_OVER, case.id, row.id, action="U")
    row.report_id = _report(work, case, package, row, receiver)
    return row.report_id is not None


def _report(work: Work, case: Case, package: Package, row: HandOver, receiver: str) -> UUID | None:
    """Return the report of this hand-over: the one in the dossier, else a new one, unless the code refuses it."""
    if package.variant != Variant.REPORT.value or row.handed_at is None:
        return None
    if there := steps.story_of(work, case).fresh(Report):
        return there[0].id
    report = Report(
        made_on=work.calendar.local_date(row.handed_at),
        how="telefoon" if row.channel == Channel.PHONE.value else "formulier",
        spoke_with=receiver,
        reference=json.loads(store.words_of(work, case, row))[1],
        emergency=papers.choice_of(work, case, package).emergency,
    )
    try:
        steps.add(work, case.id, report)
    except (AlreadyDone, StepRefused):
        return None  # the hand-over happened: the page asks to record the report by hand
    made = steps.story_of(work, case).fresh(Report)
    return made[0].id if made else None


def confirm(work: Work, case_id: UUID, package_id: UUID, hand_over_id: UUID) -> None:
    """Write down that the receiver confirmed it."""
    require(work.viewer, Permission.PACKAGE)
    case, package = _locked(work, case_id, package_id)
    row = store.one(work, package, hand_over_id, lock=True)
    if row.state != HandOverState.HANDED_OVER.value:
        raise AlreadyDone
    row.state, row.confirmed_at = HandOverState.CONFIRMED.value, work.now
    work.note(Tag.PACKAGE_HANDED_OVER, case.id, row.id, action="U")
