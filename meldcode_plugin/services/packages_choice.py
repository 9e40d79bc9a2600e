"""Choosing what goes into a report package: the case as it stands, what the school knows, preview, freezing.

Whoever asks, decides; the program only says what is missing. What was known at that moment is recorded with the
choice, so that the building asks nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID

from meldcode_plugin.documents import report
from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, NotVisible, Refusal, SourceUnavailable, StepRefused
from meldcode_plugin.rules import workflow
from meldcode_plugin.rules.dossier import (
    Context,
    FileCard,
    Person,
    PupilCard,
    School,
    Selection,
    Sibling,
    Variant,
    lacking,
)
from meldcode_plugin.rules.dossier.veil import strangers
from meldcode_plugin.rules.entries import Signal
from meldcode_plugin.rules.facts import ROLE_NAMES, Role
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.rules.story import CaseStory
from meldcode_plugin.rules.workflow import Action
from meldcode_plugin.services import codes
from meldcode_plugin.services.cases import Dossier, dossier
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.packages_papers import LAYOUT, Choice, Printed, choice_of, papers_of
from meldcode_plugin.services.steps import shown_story
from meldcode_plugin.store import cases as case_store
from meldcode_plugin.store import packages as store
from meldcode_plugin.store import people, schools
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.attachments import of_case
from meldcode_plugin.store.models.packages import Package, PackageState
from meldcode_plugin.store.work import Work

DIRECTOR = Refusal("section 3", "De directeur beslist of ouders een afschrift krijgen, en maakt het dan zelf.")
MOVED = "Er is intussen iets bijgekomen in het dossier. Lees het, en bekijk het voorbeeld opnieuw."
SILENT = "Het leerlingsysteem is nu niet bereikbaar. Kijk zelf of er namen van andere leerlingen in staan."
NO_LOGO = (
    "Het logo van de school kan niet worden gelezen. Het pakket wordt zonder logo gemaakt. De beheerder kan een PNG of "
    "JPEG van minder dan 512 kB klaarzetten."
)
NEW = "nieuw"
"""What stands in a preview where a package has its number."""
MOST_LOOKUPS = 30
"""Words with a capital that are looked up among the names of pupils."""


@dataclass(frozen=True)
class Outside:
    """What the school knows beside the dossier: brothers and sisters, names that stand in the text, its logo."""

    siblings: tuple[Sibling, ...] = ()
    others: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    logo: bytes | None = None


@dataclass(frozen=True)
class Desk:
    """What somebody has before them while they choose: the case as it stands, and what is known around it."""

    dossier: Dossier
    variant: Variant
    story: CaseStory
    context: Context
    head_seq: int
    refused: list[Refusal]
    earlier: Choice | None = None
    earlier_number: int = 0


def refusals(work: Work, story: CaseStory, variant: Variant) -> list[Refusal]:
    """Return why this variant can not be asked for by the viewer now (R44, R57; the copy: section 3)."""
    if variant is Variant.ADVICE:
        return []
    if variant is Variant.PARENTS:
        return [] if may(work.viewer, Permission.PACKAGE_FOR_PARENTS) else [DIRECTOR]
    return workflow.refusals(story, Action.REPORT, work.calendar.local_date(work.now))


def desk(work: Work, case_id: UUID, variant: Variant, supplement_to: UUID | None = None) -> Desk:
    """Return what a choice is made from; for a supplement also what was chosen then."""
    require(work.viewer, Permission.PACKAGE)
    shown = dossier(work, case_id)
    story = shown_story(work, shown)
    refused = refusals(work, story, variant)
    if DIRECTOR in refused:
        raise StepRefused(refused)
    earlier, number = _earlier(work, case_id, supplement_to)
    head = case_store.visible(work, case_id).head_seq
    context = _context(work, shown, str(number) if earlier else "")
    return Desk(shown, variant, story, context, head, refused, earlier, number)


def _earlier(work: Work, case_id: UUID, package_id: UUID | None) -> tuple[Choice | None, int]:
    if package_id is None:
        return None, 0
    package = _added_to(work, case_id, package_id)
    return Choice.from_json(store.choice_of(work, store.case_of(work, package), package)), package.number


def _added_to(work: Work, case_id: UUID, package_id: UUID) -> Package:
    """Return the package of this case to which a supplement is made: one that is whole."""
    package = store.visible(work, package_id)
    if package.case_id != case_id or package.state != PackageState.READY.value:
        raise NotVisible
    return package


def _context(work: Work, shown: Dossier, supplement_to: str) -> Context:
    school, pupil, case = schools.of_work(work), shown.pupil, case_store.visible(work, shown.id)
    text, here = codes.of(work, case.code_version).text, codes.current(work).text
    staff = _staff(work, {item.author_id for item in shown.timeline} | {work.viewer.person_id})
    me = staff[work.viewer.person_id]
    return Context(
        school=School(school.name, school.code, here.region, here.phone),
        pupil=PupilCard(pupil.name, pupil.birth_date, group=pupil.group) if pupil else PupilCard(""),
        reporter=me,
        number=NEW,
        version=case.head_seq,
        made_at=work.now.astimezone(work.calendar.zone),
        requester=me,
        ib=_first(work, Role.IB),
        director=_first(work, Role.DIRECTOR),
        supplement_to=supplement_to,
        code_version=text.weighing,
        steps=tuple(f"Stap {number}: {name}" for number, name in enumerate(text.steps, 1)),
        staff=staff,
        files=_cards(work, shown),
    )


def _staff(work: Work, ids: set[UUID]) -> dict[UUID, Person]:
    names = people.names(work, ids)
    return {one: Person(names.get(one, ""), _function(people.roles_of(work, one)), id=one) for one in sorted(ids)}


def _function(roles: frozenset[Role]) -> str:
    """Return what somebody is to the school, as a paper says it."""
    for role in (Role.DIRECTOR, Role.IB, Role.AF, Role.BOARD):
        if role in roles:
            return ROLE_NAMES[role].casefold()
    return "medewerker van school"


def _first(work: Work, role: Role) -> Person | None:
    found = sorted(people.holders(work, role))
    return next(iter(_staff(work, set(found[:1])).values()), None)


def _cards(work: Work, shown: Dossier) -> tuple[FileCard, ...]:
    found = of_case(work, case_store.visible(work, shown.id))
    rows = sorted((row for under in found.values() for row in under), key=lambda row: (row.added_at, row.id))
    return tuple(
        FileCard(
            row.id,
            row.entry_id,
            row.name,
            row.size,
            work.calendar.local_date(row.added_at),
            row.sha256.hex(),
            row.media_type,
        )
        for row in rows
    )


def ask_school(door: Door, found: Desk) -> Outside:
    """Ask the school's own system for brothers, sisters and pupils whose names stand in the text; no transaction.

    The logo is read as well: what goes into a package is kept with the choice.
    """
    logo, said = _logo(door.settings.logo_file if found.variant is not Variant.ADVICE else None)
    known = _known(door, found)
    return replace(known, logo=logo, cautions=(*known.cautions, *said))


def _logo(path: Path | None) -> tuple[bytes | None, tuple[str, ...]]:
    if path is None:
        return None, ()
    try:
        with path.open("rb") as file:
            data = file.read(report.LOGO_BYTES + 1)
    except OSError:
        data = b""
    return (data, ()) if report.kind_of(data) else (None, (NO_LOGO,))


def _known(door: Door, found: Desk) -> Outside:
    pupil = found.dossier.pupil
    try:
        known = door.source.pupil(pupil.id) if pupil else None
        beside = [one for sibling in (known.sibling_ids if known else ()) if (one := door.source.pupil(sibling))]
        born = {one.name: one.birth_date for one in beside}
        today = found.context.today
        siblings = tuple(Sibling(name, _age(born[name], today)) for name in sorted(born))
        own = {pupil.name if pupil else "", *born}
        return Outside(siblings, _pupils_in(door, found, own))
    except SourceUnavailable:
        return Outside(cautions=(SILENT,))


def _pupils_in(door: Door, found: Desk, own: set[str]) -> tuple[str, ...]:
    known = [*own, *(one.name for one in found.context.staff.values())]
    words = strangers((signal.text for _, signal in found.story.all(Signal)), known)[:MOST_LOOKUPS]
    names = {pupil.name for word in words for pupil in door.source.search(word)}
    return tuple(sorted(names - own))


def _age(born: date | None, today: date) -> int | None:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None


# --- preview and freezing --------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What a choice comes to: what is still missing, and the papers when they can be made at all."""

    choice: Choice
    missing: list[Refusal]
    printed: Printed
    cautions: tuple[str, ...]


def preview(found: Desk, outside: Outside, selection: Selection, *, emergency: bool, reach: str) -> Preview:
    """Return what this choice comes to; nothing is stored."""
    reporter = replace(found.context.reporter, reach=reach)
    context = replace(
        found.context,
        pupil=_card(found.context.pupil, selection),
        reporter=reporter,
        siblings=outside.siblings,
        others=outside.others,
        emergency=emergency,
    )
    choice = Choice(found.variant, emergency, selection, context, outside.logo)
    printed = papers_of(choice, found.story)
    missing = [*([] if emergency else found.refused), *lacking(found.story, selection, found.variant, emergency)]
    return Preview(choice, _once(missing), printed, (*outside.cautions, *printed.papers.cautions))


def _card(known: PupilCard, selection: Selection) -> PupilCard:
    """Return the child as the school's system knows it, with what it does not tell and somebody filled in (block 3)."""
    return replace(
        known,
        sex=selection.sex,
        address=selection.address,
        secret_address=selection.secret_address,
        since=selection.at_school_since,
        language=selection.language,
        interpreter=selection.interpreter,
    )


def asked(found: Desk) -> frozenset[str]:
    """Return what an empty choice lacks in this case, by its field: of these no form says that they may stay empty.

    An own role that was agreed and stands in the dossier answers R47; who is in the family stands there or not.
    """
    empty = Selection(hidden_reporter=True)
    return frozenset(no.field for no in lacking(found.story, empty, found.variant, emergency=False))


def _once(refused: Iterable[Refusal]) -> list[Refusal]:
    """Return each sentence once: the code and the package may lack the same thing."""
    return list({no.sentence: no for no in refused}.values())


def request(work: Work, key: UUID, found: Desk, wanted: Preview, supplement_to: UUID | None = None) -> UUID:
    """Freeze a choice and ask for its package; the same form sent twice asks once.

    Raises `StepRefused` for what is missing, `AlreadyDone` when the case moved on since the page was shown, and
    `AlreadyAdded` when the form was sent before with another choice.
    """
    require(work.viewer, Permission.PACKAGE)
    if (before := store.by_key(work, key)) is not None:
        if not _asked_before(work, before, found, wanted, supplement_to):
            raise AlreadyAdded
        return before.id
    if wanted.missing:
        raise StepRefused(wanted.missing)
    case = store.lock_case(work, found.dossier.id)
    if case.head_seq != found.head_seq:
        raise AlreadyDone(MOVED)
    if supplement_to is not None:
        _added_to(work, case.id, supplement_to)
    return store.add(work, case, key, found.variant.value, LAYOUT, wanted.choice.to_json(), supplement_to).id


def _asked_before(work: Work, before: Package, found: Desk, wanted: Preview, supplement_to: UUID | None) -> bool:
    """Tell whether a package is of this very choice, of the dossier as it stands."""
    place = found.dossier.id, found.head_seq, supplement_to
    if (before.case_id, before.head_seq, before.supplement_to) != place:
        return False
    work.note(Tag.PACKAGE_READ, before.case_id, before.id)
    held = choice_of(work, store.lock_case(work, before.case_id), before)
    same = replace(wanted.choice, context=held.context, logo=held.logo).to_json() == held.to_json()
    return same and wanted.choice.context.reporter.reach == held.context.reporter.reach
