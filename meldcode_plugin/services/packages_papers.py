"""What a report package is made of, from what was recorded alone: choice, papers, list of files; it takes no lease."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO, Any
from uuid import UUID

from pydantic import TypeAdapter

from meldcode_plugin.documents import bundle, report
from meldcode_plugin.documents.report import Look
from meldcode_plugin.errors import PaperFailed, TamperedData
from meldcode_plugin.rules import workflow
from meldcode_plugin.rules.dossier import Context, Papers, Selection, Variant, compose, files_along
from meldcode_plugin.rules.story import CaseStory, Recorded
from meldcode_plugin.services import codes
from meldcode_plugin.services.steps import Roles
from meldcode_plugin.store import ledger
from meldcode_plugin.store import packages as store
from meldcode_plugin.store.blobs import Unsealer
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.packages import Package
from meldcode_plugin.store.packages_files import ANNEX, MAIN, MANIFEST, PackageFileRow
from meldcode_plugin.store.work import Work

LAYOUT = 5
"""Version of what this program makes of the same choice; it goes up when the same case would give other papers."""
STEPS = ("freeze", "collect", "check", "render", "copy", "manifest", "seal", "reopen", "ready")
"""What is done to build a package, in order."""
NAMES = {MAIN: "pakket.pdf", ANNEX: "bijlage-n.pdf"}
"""Names of the documents: they say nothing."""
TITLES = {MAIN: "Meldpakket", ANNEX: "Bijlage N"}
NO_LOGO = b"no logo"
"""What the step *render* tells when the logo failed and the papers were made without it."""
PDF, JSON = "application/pdf", "application/json"
FIRST_COPY, LAST = 100, 1_000_000
"""Places of the attachments and of the manifest among the files."""

_CONTEXT: TypeAdapter[Context] = TypeAdapter(Context)


@dataclass(frozen=True)
class Choice:
    """What a person chose and what the school knew at that moment; recorded, so that nothing is asked again."""

    variant: Variant
    emergency: bool
    selection: Selection
    context: Context
    logo: bytes | None = None

    def to_json(self) -> bytes:
        """Return the choice as bytes, to be sealed; equal choices give equal bytes."""
        found = {
            "variant": self.variant.value,
            "emergency": self.emergency,
            "selection": _sorted(self.selection.model_dump(mode="json"), "untold", *_SETS),
            "context": _sorted(_CONTEXT.dump_python(self.context, mode="json"), "annex"),
            "logo": base64.b64encode(self.logo or b"").decode(),
        }
        return json.dumps(found, sort_keys=True, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Choice:
        """Return the choice that these bytes hold."""
        found = json.loads(data)
        selection = Selection.model_validate(found["selection"])
        context = _CONTEXT.validate_python(found["context"], strict=False)
        logo = base64.b64decode(found.get("logo", "")) or None
        return cls(Variant(found["variant"]), found["emergency"], selection, context, logo)


_SETS = ("open_waivers", "secret_parties", "confidant_agrees", "copy_for")


def _sorted(found: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the same data with its sets in order."""
    return found | {name: sorted(found[name]) for name in names}


@dataclass(frozen=True)
class Part:
    """An attachment that goes along."""

    id: UUID
    name: str
    media_type: str
    sha256: bytes


@dataclass(frozen=True)
class Printed:
    """The papers of a choice, what is in them as comparable bytes, and which attachments go along, in order."""

    choice: Choice
    papers: Papers
    content: bytes
    parts: tuple[Part, ...]

    def listed(self) -> bytes:
        """Return the attachments as comparable bytes."""
        return json.dumps([[str(part.id), part.sha256.hex()] for part in self.parts]).encode()


def choice_of(work: Work, case: Case, package: Package) -> Choice:
    """Return what was chosen, with the number and moment that the request got."""
    choice = Choice.from_json(store.choice_of(work, case, package))
    made_at = package.requested_at.astimezone(work.calendar.zone)
    context = replace(choice.context, number=str(package.number), version=package.head_seq, made_at=made_at)
    return replace(choice, context=context)


def printed(work: Work, case: Case, package: Package) -> Printed:
    """Return the papers of a package: of the entries up to the one at which the case was frozen."""
    return papers_of(choice_of(work, case, package), story_until(work, case, package))


def papers_of(choice: Choice, story: CaseStory) -> Printed:
    """Return the papers of a choice about a story; the same two always give the same papers."""
    made = compose(story, choice.context, choice.selection, choice.variant)
    documents = [made.main.as_json(), made.annex.as_json() if made.annex else None]
    content = json.dumps(documents, sort_keys=True, ensure_ascii=False).encode()
    return Printed(choice, made, content, _parts(story, choice))


def _parts(story: CaseStory, choice: Choice) -> tuple[Part, ...]:
    cards = files_along(story, choice.context, choice.selection, choice.variant)
    return tuple(Part(card.id, card.name, card.media_type, bytes.fromhex(card.sha256)) for card in cards)


def story_until(work: Work, case: Case, package: Package) -> CaseStory:
    """Return the story of the case as it stood when the package was asked for."""
    opened, roles, found = ledger.opener(work, case), Roles(work), []
    for entry in store.entries_until(work, package):
        if (words := opened(entry)) is not None:
            by = entry.author_id
            found.append(Recorded(entry.id, entry.seq, by, entry.recorded_at, words, entry.refers_to, roles[by]))
    card = ledger.card_of(work, case)
    return workflow.ordered(found, card.birth_date if card else None, codes.of(work, case.code_version).text.weighing)


def look_of(choice: Choice) -> Look:
    """Return how the papers look; what is without names has neither the school's name nor its logo (R22)."""
    return Look("") if choice.variant is Variant.ADVICE else Look(choice.context.school.name, logo=choice.logo)


def render(found: Printed) -> tuple[list[tuple[str, bytes]], bytes]:
    """Return the documents by role: the paper itself, and annex N when there is one; and what is told of it.

    A logo that the engine can not read holds no report up: all is made without it, which is told.
    """
    look = look_of(found.choice)
    try:
        return _rendered(found, look), b""
    except PaperFailed as failed:
        if failed.code != "logo":
            raise
        return _rendered(found, replace(look, logo=None)), NO_LOGO


def _rendered(found: Printed, look: Look) -> list[tuple[str, bytes]]:
    at = found.choice.context.made_at
    made = [(MAIN, report.render(found.papers.main, look, at))]
    if found.papers.annex is not None:
        made.append((ANNEX, report.render(found.papers.annex, look, at)))
    return made


def stream(data: bytes) -> IO[bytes]:
    """Return bytes as something that can be read piece by piece."""
    return BytesIO(data)


def part_of(file: PackageFileRow, reader: Unsealer | None = None) -> bundle.Part:
    """Return a file as the bundle takes it."""
    facts, title = file.facts, TITLES.get(file.role, file.facts.name)
    return bundle.Part(title, facts.media_type, facts.size, facts.sha256.hex(), reader.pieces if reader else tuple)


def manifest(files: list[PackageFileRow]) -> bytes:
    """Return the list of all files with their length and hash."""
    return bundle.manifest(part_of(file) for file in files if file.role != MANIFEST)


def compare(file: PackageFileRow, reader: Unsealer, files: list[PackageFileRow]) -> None:
    """Compare a file that was opened again with what it must hold; only the manifest's words say more than a hash."""
    if file.role == MANIFEST and b"".join(reader.pieces()) != manifest(files):
        raise TamperedData
