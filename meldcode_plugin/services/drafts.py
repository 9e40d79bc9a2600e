"""Drafts: sealed on the server, for their author alone, gone after 14 days. Of who leaves they become an IB-er's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services.circle import HANDLERS
from meldcode_plugin.store import attachments, invitations, ledger, people
from meldcode_plugin.store import signals as store
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.signals import OpenDraft
from meldcode_plugin.store.work import Work

MOST_FIELDS, MOST_CHARACTERS = 200, 200_000
TOLD = ("-text", "-interpretation", "-who", "-how_known", "-result")
"""Fields whose words were surely typed by a person; the others may hold what the form proposed."""


@dataclass(frozen=True)
class Draft:
    """What somebody is typing: by the key of the form, about which pupil, since when.

    ``begun_by``: the name of who wrote it and left, so that it became the viewer's (domain 5.2).
    """

    key: UUID
    card: PupilCard | None
    fields: dict[str, str]
    saved_at: datetime
    begun_by: str = ""


def worth_keeping(fields: Mapping[str, str]) -> bool:
    """Tell whether somebody typed anything: a launch begins with an empty draft."""
    return any(name.endswith(TOLD) and text.strip() for name, text in fields.items())


def save(work: Work, key: UUID, card: PupilCard | None, fields: dict[str, str]) -> datetime:
    """Store a draft over the former one; returns the moment. A form that was sent is left as it is."""
    require(work.viewer, Permission.SIGNAL_RECORD)
    if store.submission(work, key) is not None:
        return work.now
    kept = {name: text[:MOST_CHARACTERS] for name, text in list(fields.items())[:MOST_FIELDS]}
    return store.save_draft(work, key, card, kept)


def load(work: Work, key: UUID) -> Draft:
    """Return the viewer's draft with this key, or raise `NotVisible`."""
    found = store.load_draft(work, key)
    if found is None:
        raise NotVisible
    return _shown(work, [found])[0]


def mine(work: Work) -> list[Draft]:
    """Return the viewer's drafts, newest first."""
    return _shown(work, store.own_drafts(work))


def _shown(work: Work, found: list[OpenDraft]) -> list[Draft]:
    names = people.names(work, {one.writer_id for one in found if one.writer_id})
    return [Draft(*one[:4], names.get(one.writer_id, "") if one.writer_id else "") for one in found]


def hand_on(work: Work, person_id: UUID) -> None:
    """Give what somebody left half written to an IB-er, else an AF, who may know of that child (domain 5.2).

    They get the mail of every day, and who says that somebody left learns nothing of it. Without an heir it stays
    sealed, and goes after 14 days.
    """
    for draft in store.drafts_left_by(work, person_id):
        heir = _heir(work, draft) if worth_keeping(draft.fields) else None
        if heir is not None:
            attachments.hand_on(work, draft.key, person_id, heir)
            row = store.hand_on(work, draft, person_id, heir)
            invitations.ask(work, Kind.DRAFT_LEFT, row, None, heir)


def _heir(work: Work, draft: OpenDraft) -> UUID | None:
    named = draft.fields.get("pupil_id", "")
    card = draft.card or (PupilCard(named) if named else None)
    indexes = ledger.known_as(work, card).indexes if card else set()
    for person_id in dict.fromkeys(one for role in HANDLERS for one in people.holders(work, role)):
        person = people.get(work, person_id)
        mail = people.email(work, person_id, person.sealed) if person else None
        kept_out = people.is_excluded(work, person_id, *indexes)
        if mail and not kept_out and not people.is_guardian(work, mail, *indexes):
            return person_id
    return None


def discard(work: Work, key: UUID) -> None:
    """Delete the viewer's draft with its files."""
    store.discard_draft(work, key)
    attachments.unstage(work, key)


def tidy(work: Work) -> int:
    """Delete drafts and receipts of more than 14 days old; returns how many."""
    return store.tidy_drafts(work)
