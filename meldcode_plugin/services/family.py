"""Brothers and sisters: cases that are linked, each child weighed apart (domain 5.2).

What the school's own system says of siblings is a proposal to who may see both cases, and to nobody else a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, NotVisible, SourceUnavailable
from meldcode_plugin.rules.policy import Permission
from meldcode_plugin.services import circle
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import cases, ledger
from meldcode_plugin.store import family as store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work


@dataclass(frozen=True)
class Sibling:
    """The case of a brother or sister. ``link_id`` is None while it is only proposed."""

    case_id: UUID
    pupil: PupilCard | None
    link_id: UUID | None


def siblings_by_the_system(door: Door, card: PupilCard | None) -> tuple[str, ...]:
    """Ask the school's own system for the brothers and sisters of a pupil; silent or unknown: none."""
    try:
        pupil = door.source.pupil(card.id) if card else None
    except SourceUnavailable:
        return ()
    return pupil.sibling_ids if pupil else ()


def siblings(work: Work, case_id: UUID, proposed: tuple[str, ...] = ()) -> list[Sibling]:
    """Return the linked cases that the viewer sees both ends of, then those of ``proposed`` that they may see.

    Each name that is shown is a read, and logged.
    """
    linked = store.links(work, case_id)
    found = {one: _sibling(work, cases.visible(work, one), link) for one, link in linked.items()}
    indexes = [ledger.pupil_index(work, pupil_id) for pupil_id in proposed]
    for case in cases.of_pupils(work, indexes):
        if case.id != case_id and case.id not in found:
            row = cases.visible(work, case.id)
            found[case.id] = _sibling(work, row, None)
    return list(found.values())


def _sibling(work: Work, case: Case, link_id: UUID | None) -> Sibling:
    work.note(Tag.CASE_LISTED, case.id)
    return Sibling(case.id, ledger.card_of(work, case), link_id)


def link(work: Work, case_id: UUID, other_id: UUID | None) -> None:
    """Link two cases that the viewer handles both; nothing of either goes into the other."""
    circle.require_handling(work, case_id, Permission.FAMILY_LINK)
    if other_id is None or other_id == case_id:
        raise NotVisible
    circle.require_handling(work, other_id, Permission.FAMILY_LINK)
    one, other = (ledger.locked_case(work, found) for found in sorted((case_id, other_id)))
    store.link(work, one, other)


def unlink(work: Work, case_id: UUID, link_id: UUID) -> None:
    """End a link."""
    circle.require_handling(work, case_id, Permission.FAMILY_LINK)
    ledger.locked_case(work, case_id)
    if not store.unlink(work, link_id, case_id):
        raise AlreadyDone
