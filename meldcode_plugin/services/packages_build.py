"""Builds a report package as the person who asked for it, in nine recorded steps that can be taken up again.

No step works inside a transaction: what it needs is read in a short one, then it works, then its files get their
names and its row is written in another short one. What dies in between is done again by who takes it next, with
the same outcome, since every step depends on what was recorded alone. The system takes the lease and writes how
it ended; it opens no word.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BufferedReader
from time import monotonic
from typing import IO
from uuid import UUID

from meldcode_plugin.errors import KeyUnavailable, LogUnavailable, MeldcodeError, NotVisible, PaperFailed, TamperedData
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import packages_papers as papers
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.packages_papers import Choice, Part, Printed
from meldcode_plugin.services.people import viewer_of
from meldcode_plugin.store import attachments
from meldcode_plugin.store import packages as store
from meldcode_plugin.store import packages_files as files
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.blobs import SEGMENT, Fresh, Unsealer
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.packages import Package, PackageState
from meldcode_plugin.store.packages import Overtaken, StepRow, Taken
from meldcode_plugin.store.packages_files import NewFile, PackageFileRow
from meldcode_plugin.store.work import Work

MOST_ATTEMPTS = 5
"""Takes without a single step recorded, after which a person must look."""
AWAY_WAITS = timedelta(minutes=1)
BUDGET = 60.0
"""Seconds after which a sweep begins no other package; a job is killed at 120."""
FAILPOINT = "MELDCODE_FAILPOINT"

log = logging.getLogger(__name__)


class BuildFailed(Exception):
    """A step can not be done: ``code`` says why, ``about`` names the attachment that it is about."""

    def __init__(self, code: str, about: UUID | None = None) -> None:
        """Keep why; no word of the case is in it."""
        super().__init__(code)
        self.code, self.about = code, about


def failpoint(name: str) -> None:
    """Stop this process dead when the environment names this point; only the tests of faults set it."""
    if os.environ.get(FAILPOINT) == name:
        os.kill(os.getpid(), signal.SIGKILL)


# --- taking and ending -----------------------------------------------------------------------------


def build(door: Door, package_id: UUID) -> None:
    """Build a package, or build it further. One that is being built, done or called off is left alone."""
    with door.system("packages: take") as work:
        taken = store.take(work, package_id)
        viewer = viewer_of(work, taken.requester_id) if taken else None
    if taken is None:
        return
    try:
        if taken.attempt > MOST_ATTEMPTS:
            raise BuildFailed("interrupted")
        if viewer is None:
            raise NotVisible
        for step in Build(door, viewer, taken).steps():
            step()
    except Overtaken:
        log.info("Package %s was taken over or called off.", package_id)
    except Exception as fault:  # noqa: BLE001  # whatever it is: the requester reads that it failed, and can try again
        _tell(door, taken, fault)


def _tell(door: Door, taken: Taken, fault: Exception) -> None:
    """Write down what came of it: to be tried again soon, stopped since the right is gone, or failed."""
    if isinstance(fault, (KeyUnavailable, LogUnavailable)):
        _end(door, taken, lambda work, row: store.let_go(work, row, AWAY_WAITS, "away"))
        return
    stopped = isinstance(fault, NotVisible)
    state, (code, about) = PackageState.STOPPED if stopped else PackageState.FAILED, _why(fault)
    log.warning("Package %s ended: %s.", taken.package_id, code)
    _end(door, taken, lambda work, row: store.end(work, row, state, code, about))


CODES: tuple[tuple[type[Exception], str], ...] = (
    (NotVisible, "right_lost"),
    (TamperedData, "damaged"),
    (PaperFailed, "paper"),
    (MeldcodeError, "refused"),
)


def _why(fault: Exception) -> tuple[str, UUID | None]:
    """Return the code of a fault; its words stay unsaid, for they may hold a child's name."""
    if isinstance(fault, BuildFailed):
        return fault.code, fault.about
    if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "no_space", None
    code = next((code for kind, code in CODES if isinstance(fault, kind)), "fault")
    if code == "fault":
        log.error("%s while a package was built.", type(fault).__name__)
    return code, None


def _end(door: Door, taken: Taken, write: Callable[[Work, Package], None]) -> None:
    """Write how it went, unless another worker has it by now. When even that can not be written, the lease ends."""
    try:
        with door.system("packages: end") as work:
            write(work, store.still_ours(work, taken))
    except (Overtaken, KeyUnavailable, LogUnavailable):
        log.warning("How package %s went could not be written; it is taken again.", taken.package_id)


def sweep(door: Door, limit: int = 20) -> int:
    """Build what waits for a worker, or whose worker is gone, one by one; returns how many were taken up."""
    with door.system("packages: look") as work:
        waiting = store.waiting(work, limit)
    end, done = monotonic() + BUDGET, 0
    for package_id in waiting:
        if monotonic() > end:
            break
        build(door, package_id)
        done += 1
    return done


# --- the steps -------------------------------------------------------------------------------------


@dataclass
class Build:
    """One building of one package, by its requester with the rights of now."""

    door: Door
    viewer: Viewer
    taken: Taken
    done: dict[str, StepRow] = field(default_factory=dict)
    choice: Choice | None = None
    printed: Printed | None = None

    def steps(self) -> Iterable[Callable[[], None]]:
        """Yield the steps that are still to be done, in order."""
        with self.door.work(self.viewer) as work:
            self.done = store.told_by(work, *self._case(work))
        for name in papers.STEPS:
            if name not in self.done:
                yield lambda name=name: self._step(name)  # type: ignore[misc]  # the default binds the name

    def _step(self, name: str) -> None:
        failpoint(f"before {name}")
        getattr(self, f"_{name}")()
        failpoint(f"after {name}")

    def _case(self, work: Work) -> tuple[Case, Package]:
        """Return case and package, once the requester may still do this, and note that they were opened."""
        require(work.viewer, Permission.PACKAGE)
        package = store.visible(work, self.taken.package_id)
        case = store.case_of(work, package)
        work.note(Tag.PACKAGE_BUILT, case.id, package.id, action="U")
        return case, package

    def _mark(self, name: str, given: bytes, made: bytes, told: bytes = b"", new: Iterable[NewFile] = ()) -> None:
        """Give the new files their names and write down that the step was done, if the package is still ours."""
        with self.door.work(self.viewer) as work:
            case, _ = self._case(work)
            package = store.still_ours(work, self.taken)
            for one in new:
                files.keep(work, case, package, one)
            failpoint(f"kept {name}")
            row = StepRow(name, store.hashed(work, case, name, "in", given), _out(work, case, name, made), told)
            store.record(work, case, package, row)
        self.done[name] = row

    # --- 1 to 3: what goes in ----------------------------------------------------------------------

    def _freeze(self) -> None:
        """Check that the case up to the chosen entry is what it was when the package was asked for."""
        with self.door.work(self.viewer) as work:
            _, package = self._case(work)
            if not store.head_stands(work, package):
                raise BuildFailed("changed")
            head = package.head_mac
        self._mark("freeze", head, self._chosen().to_json())

    def _chosen(self) -> Choice:
        if self.choice is None:
            with self.door.work(self.viewer) as work:
                self.choice = papers.choice_of(work, *self._case(work))
        return self.choice

    def _collect(self) -> None:
        """Put the papers together, and count what goes along."""
        printed = self._printed()
        self._mark("collect", self._chosen().to_json(), printed.content, printed.listed())

    def _printed(self) -> Printed:
        """Return the papers; after the step *collect* they must come out as they did then."""
        if self.printed is None:
            with self.door.work(self.viewer) as work:
                case, package = self._case(work)
                self.printed = papers.printed(work, case, package)
                before = self.done.get("collect")
                if before and before.output_hash != _out(work, case, "collect", self.printed.content):
                    raise BuildFailed("changed")
        return self.printed

    def _check(self) -> None:
        """Open every attachment to its last byte before anything is made with it."""
        for part in self._printed().parts:
            with self._attachment(part) as reader:
                self._verify(part, reader)
        self._mark("check", self._printed().listed(), self._printed().listed())

    def _attachment(self, part: Part) -> Unsealer:
        try:
            with self.door.work(self.viewer) as work:
                self._case(work)
                facts, reader = attachments.reader_of(work, attachments.visible(work, part.id))
        except (NotVisible, TamperedData):
            raise BuildFailed("attachment", part.id) from None
        if facts.sha256 != part.sha256:
            reader.close()
            raise BuildFailed("attachment", part.id)
        return reader

    def _verify(self, part: Part, reader: Unsealer) -> None:
        try:
            reader.verify(part.sha256)
        except TamperedData:
            raise BuildFailed("attachment", part.id) from None

    # --- 4 to 6: what comes out --------------------------------------------------------------------

    def _render(self) -> None:
        """Make the documents."""
        printed, made = self._printed(), []
        try:
            documents, told = papers.render(printed)
            for place, (role, data) in enumerate(documents):
                name = papers.NAMES[role]
                made.append(NewFile(self._written(papers.stream(data)), place, role, name, papers.PDF))
            joined = b"".join(one.fresh.sha256 for one in made)
            self._mark("render", printed.content, joined, told, made)
        finally:
            _drop(made)

    def _written(self, stream: IO[bytes], limit: int = 1 << 40) -> Fresh:
        return files.write(self.door.store.blob_dir, self.door.school_id, stream, limit)

    def _copy(self) -> None:
        """Copy the attachments, each recorded on its own; those that are there already stay."""
        printed = self._printed()
        there = {file.attachment_id for file in self._files()}
        for number, part in enumerate(printed.parts, 1):
            if part.id not in there:
                self._copy_one(number, part)
        self._mark("copy", printed.listed(), printed.listed())

    def _copy_one(self, number: int, part: Part) -> None:
        reader = self._attachment(part)
        try:
            with BufferedReader(reader, SEGMENT) as stream:
                fresh = self._written(stream)
        except TamperedData:
            raise BuildFailed("attachment", part.id) from None
        new = NewFile(fresh, papers.FIRST_COPY + number, files.ATTACHMENT, part.name, part.media_type, part.id)
        try:
            if fresh.sha256 != part.sha256:
                raise BuildFailed("attachment", part.id)
            self._keep_copy(new)
        finally:
            fresh.drop()

    def _keep_copy(self, new: NewFile) -> None:
        with self.door.work(self.viewer) as work:
            case, _ = self._case(work)
            package = store.still_ours(work, self.taken)
            files.keep(work, case, package, new)
            failpoint("one copy")
            store.renew(work, package)

    def _files(self) -> list[PackageFileRow]:
        with self.door.work(self.viewer) as work:
            return files.of_package(work, *self._case(work))

    def _manifest(self) -> None:
        """List every file with its length and hash."""
        found = self._files()
        text = papers.manifest(found)
        new = NewFile(self._written(papers.stream(text)), papers.LAST, files.MANIFEST, "manifest.json", papers.JSON)
        try:
            self._mark("manifest", _sums(found), text, new=[new])
        finally:
            new.fresh.drop()

    # --- 7 to 9: closing it ------------------------------------------------------------------------

    def _seal(self) -> None:
        """Close all files together: no file can be added, left out or swapped after this."""
        found = self._files()
        with self.door.work(self.viewer) as work:
            case, _ = self._case(work)
            package = store.still_ours(work, self.taken)
            package.seal = store.hashed(work, case, "seal", _sums(found))
            store.renew(work, package)
            seal = package.seal
        self._mark("seal", _sums(found), seal)

    def _reopen(self) -> None:
        """Open every file again as a reader would, and compare it with what was listed."""
        found = self._files()
        for file in found:
            with self.door.work(self.viewer) as work:
                reader = files.reader(work, self._case(work)[0], file)
            with reader:
                reader.verify(file.facts.sha256)
                papers.compare(file, reader, found)
        with self.door.work(self.viewer) as work:
            store.whole(work, *self._case(work), _sums(found))
        self._mark("reopen", _sums(found), _sums(found))

    def _ready(self) -> None:
        """Tell that it is whole; from here on it never changes."""
        with self.door.work(self.viewer) as work:
            case, _ = self._case(work)
            package = store.still_ours(work, self.taken)
            mark = package.seal or b""
            row = StepRow("ready", store.hashed(work, case, "ready", "in", mark), _out(work, case, "ready", mark), b"")
            store.record(work, case, package, row)
            store.end(work, package, PackageState.READY)


def _out(work: Work, case: Case, name: str, made: bytes) -> bytes:
    return store.hashed(work, case, name, "out", made)


def _sums(found: Iterable[PackageFileRow]) -> bytes:
    """Return what every file of a package comes to: place, role, length and hash, one after the other."""
    lines = (f"{file.place} {file.role} {file.facts.size} {file.facts.sha256.hex()}" for file in found)
    return "\n".join(lines).encode()


def _drop(made: Iterable[NewFile]) -> None:
    for one in made:
        one.fresh.drop()
