"""Report packages as people see them: which there are, how far one is, its files, call off, try again.

The choice is made in `packages_choice`, the building is `packages_build`, what becomes of it `packages_handover`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, NotVisible, Refusal
from meldcode_plugin.rules.dossier import Variant
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services.cases import Dossier, dossier
from meldcode_plugin.services.packages_choice import refusals
from meldcode_plugin.services.packages_papers import NO_LOGO, STEPS, Choice, Printed, choice_of, printed
from meldcode_plugin.services.steps import shown_story
from meldcode_plugin.store import attachments, people
from meldcode_plugin.store import packages as store
from meldcode_plugin.store import packages_files as files
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.ledger import PupilCard, card_of
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.packages import Package, PackageState
from meldcode_plugin.store.packages import LIVE
from meldcode_plugin.store.packages_files import MANIFEST, PackageFileRow
from meldcode_plugin.store.work import Work

__all__ = ["STEPS", "PackageState", "Variant"]

ENDED = "Dit pakket is al klaar of gestopt. Ververs de pagina om te zien hoe het nu staat."
RETRIED = (PackageState.FAILED.value, PackageState.STOPPED.value)
NOT_AGAIN = ("changed",)
"""Failures that another try can not mend: then a new package is asked for."""


@dataclass(frozen=True)
class Line:
    """One package in a list."""

    id: UUID
    number: int
    variant: Variant
    state: PackageState
    by: str
    requested_at: datetime
    moved_on: bool
    supplement_to: int | None


@dataclass(frozen=True)
class Shelf:
    """The packages of a case, and per variant why no other can be asked for now; in an emergency a report can."""

    dossier: Dossier
    lines: list[Line]
    refused: dict[Variant, list[Refusal]]


def shelf(work: Work, case_id: UUID) -> Shelf:
    """Return the packages of a case."""
    require(work.viewer, Permission.PACKAGE)
    shown = dossier(work, case_id)
    rows = store.of_case(work, case_id)
    names = people.names(work, {row.requester_id for row in rows})
    numbers = {row.id: row.number for row in rows}
    lines = [
        Line(
            row.id,
            row.number,
            Variant(row.variant),
            PackageState(row.state),
            names.get(row.requester_id, ""),
            row.requested_at,
            store.moved_on(work, row),
            numbers.get(row.supplement_to) if row.supplement_to else None,
        )
        for row in rows
    ]
    story = shown_story(work, shown)
    return Shelf(shown, lines, {variant: refusals(work, story, variant) for variant in Variant})


# --- one package -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class FileLine:
    """One file of a package, as a page lists it."""

    name: str
    role: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Shown:
    """One package as a page shows it. ``done`` are the steps that are behind it, of `STEPS`.

    ``about`` is the name of the attachment that an error is about; ``sha256`` is the hash of the list of files;
    ``without_logo`` tells that the school's logo could not be read.
    """

    id: UUID
    case_id: UUID
    pupil: PupilCard | None
    number: int
    variant: Variant
    state: PackageState
    version: int
    by: str
    requested_at: datetime
    ended_at: datetime | None
    done: tuple[str, ...]
    error: str
    about: str
    can_retry: bool
    moved_on: bool
    emergency: bool
    files: tuple[FileLine, ...]
    sha256: str
    without_logo: bool

    @property
    def live(self) -> bool:
        """Tell whether it is still being made."""
        return self.state.value in LIVE


def opened(work: Work, case_id: UUID, package_id: UUID) -> tuple[Case, Package]:
    """Return case and package for reading, once the viewer may; a package of another case does not exist."""
    require(work.viewer, Permission.PACKAGE)
    package = store.visible(work, package_id)
    if package.case_id != case_id:
        raise NotVisible
    case = store.case_of(work, package)
    return case, package


def show(work: Work, case_id: UUID, package_id: UUID) -> Shown:
    """Return how a package stands; that it was looked at is logged."""
    case, package = opened(work, case_id, package_id)
    work.note(Tag.PACKAGE_READ, case.id, package.id)
    found = files.of_package(work, case, package) if package.state == PackageState.READY.value else []
    return Shown(
        package.id,
        case.id,
        card_of(work, case),
        package.number,
        Variant(package.variant),
        PackageState(package.state),
        package.head_seq,
        people.names(work, {package.requester_id}).get(package.requester_id, ""),
        package.requested_at,
        package.ended_at,
        _in_order(store.steps(work, package)),
        package.last_error,
        _about(work, package),
        package.state in RETRIED and package.last_error not in NOT_AGAIN,
        store.moved_on(work, package),
        choice_of(work, case, package).emergency,
        tuple(FileLine(one.facts.name, one.role, one.facts.size, one.facts.sha256.hex()) for one in found),
        next((one.facts.sha256.hex() for one in found if one.role == MANIFEST), ""),
        any(step.told == NO_LOGO for step in store.told_by(work, case, package).values()),
    )


def whole(work: Work, case_id: UUID, package_id: UUID) -> Shown:
    """Return a package that is ready; one that is not can not be handed over, so it does not exist here."""
    found = show(work, case_id, package_id)
    if found.state is not PackageState.READY:
        raise NotVisible
    return found


def _in_order(done: list[str]) -> tuple[str, ...]:
    return tuple(name for name in STEPS if name in done)


def _about(work: Work, package: Package) -> str:
    if package.error_about is None:
        return ""
    try:
        return attachments.reader_facts(work, attachments.visible(work, package.error_about)).name
    except NotVisible:
        return ""


@dataclass(frozen=True)
class Progress:
    """How far a package is, for a page that is open: no word of the case."""

    state: PackageState
    done: tuple[str, ...]


def progress(work: Work, case_id: UUID, package_id: UUID) -> Progress:
    """Return how far a package is."""
    case, package = opened(work, case_id, package_id)
    work.note(Tag.PACKAGE_READ, case.id, package.id)
    return Progress(PackageState(package.state), _in_order(store.steps(work, package)))


def cancel(work: Work, case_id: UUID, package_id: UUID) -> None:
    """Call a package off that is still being made; what was made of it goes."""
    opened(work, case_id, package_id)
    package = store.locked(work, package_id)
    if package.state not in (*LIVE, *RETRIED):
        raise AlreadyDone(ENDED)
    store.end(work, package, PackageState.CANCELLED)
    files.drop(work, package)


def retry(work: Work, case_id: UUID, package_id: UUID) -> None:
    """Let a package that failed be built further, still as the one who asked for it."""
    opened(work, case_id, package_id)
    package = store.locked(work, package_id)
    if package.state not in RETRIED or package.last_error in NOT_AGAIN:
        raise AlreadyDone(ENDED)
    store.again(work, package)


def papers(work: Work, case_id: UUID, package_id: UUID) -> tuple[Choice, Printed]:
    """Return what stands in a package, for the sheet to copy from and the list for the telephone."""
    case, package = opened(work, case_id, package_id)
    work.note(Tag.PACKAGE_READ, case.id, package.id)
    found = printed(work, case, package)
    return found.choice, found


def listed(work: Work, case: Case, package: Package) -> list[PackageFileRow]:
    """Return the files of a package that is whole; a package that is not has none to hand out."""
    if package.state != PackageState.READY.value:
        raise NotVisible
    return files.of_package(work, case, package)
