"""Pupils: ask the school's own system, outside any transaction, and keep the excluded out."""

from __future__ import annotations

from dataclasses import dataclass

from meldcode_plugin.errors import NotVisible, SourceUnavailable
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services.door import Door
from meldcode_plugin.sis import Guardian, Pupil
from meldcode_plugin.store import ledger, people
from meldcode_plugin.store.ledger import PupilCard

__all__ = ["FoundPupil", "PupilCard", "find", "guardians", "search"]


@dataclass(frozen=True)
class FoundPupil:
    """A pupil card, what the system says of the guardians' mail, and whether the system answered."""

    card: PupilCard
    guardian_mails: tuple[str, ...] = ()
    source_down: bool = False


def find(door: Door, viewer: Viewer, pupil_id: str, launched: PupilCard | None = None) -> FoundPupil:
    """Return the pupil for a signal.

    ``launched`` is the card of a signed launch: it stands in when the roster does not know the child
    yet. A system that is silent never stops a signal. Unknown and kept-out pupils raise `NotVisible`.
    """
    require(viewer, Permission.SIGNAL_RECORD)
    try:
        pupil, down = door.source.pupil(pupil_id), False
    except SourceUnavailable:
        pupil, down = None, True
    found = _found(pupil, launched or (PupilCard(pupil_id, known=False) if down else None), down=down)
    with door.work(viewer) as work:
        asked = found.card if found else PupilCard(pupil_id)
        known_as = ledger.known_as(work, asked).indexes
        kept_out = people.is_excluded(work, viewer.person_id, *known_as)
        # asked always, also when kept out: with and without a signal the same questions are asked
        is_parent = people.is_guardian(work, viewer.email, *known_as)
        if found is None or kept_out or is_parent or _is_guardian(viewer, found.guardian_mails):
            raise NotVisible
    return found


def _found(pupil: Pupil | None, instead: PupilCard | None, *, down: bool) -> FoundPupil | None:
    if pupil is None:
        return FoundPupil(instead, (), down) if instead else None
    return FoundPupil(card_of(pupil), _mails(pupil))


def _mails(pupil: Pupil) -> tuple[str, ...]:
    return tuple(guardian.email for guardian in pupil.guardians if guardian.email)


def _is_guardian(viewer: Viewer, mails: tuple[str, ...]) -> bool:
    mine = viewer.email.strip().casefold()
    return bool(mine) and mine in {mail.strip().casefold() for mail in mails}


def card_of(pupil: Pupil) -> PupilCard:
    """Return what a dossier keeps of a pupil."""
    return PupilCard(pupil.id, pupil.name, pupil.birth_date, pupil.group or "", others=pupil.other_ids)


def search(door: Door, viewer: Viewer, words: str) -> list[PupilCard]:
    """Return pupils by name, best first, but never the viewer's own child; nothing for fewer than two letters."""
    require(viewer, Permission.PUPIL_SEARCH)
    plain = " ".join(words.split())
    found = door.source.search(plain) if len(plain) > 1 else []
    return [card_of(pupil) for pupil in found if not _is_guardian(viewer, _mails(pupil))]


def guardians(door: Door, viewer: Viewer, card: PupilCard) -> tuple[Guardian, ...]:
    """Return whom the system names as guardians of the pupil of a dossier that is open; nobody while it is silent.

    Nothing of it is kept: a form starts with it, and the person who knows the family says whether it is right.
    """
    require(viewer, Permission.CASE_READ)
    try:
        pupil = door.source.pupil(card.id)
    except SourceUnavailable:
        return ()
    return pupil.guardians if pupil else ()
