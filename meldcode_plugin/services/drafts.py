"""Drafts: sealed on the server, for their author alone, gone after 14 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.store import attachments
from meldcode_plugin.store import signals as store
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.work import Work

MOST_FIELDS, MOST_CHARACTERS = 200, 200_000


@dataclass(frozen=True)
class Draft:
    """What somebody is typing: by the key of the form, about which pupil, since when."""

    key: UUID
    card: PupilCard | None
    fields: dict[str, str]
    saved_at: datetime


def save(work: Work, key: UUID, card: PupilCard | None, fields: dict[str, str]) -> datetime:
    """Store a draft over the former one; returns the moment. A form that was sent is left as it is."""
    require(work.viewer, Permission.SIGNAL_RECORD)
    if store.submission(work, key) is not None:
        return work.now
    kept = {name: text[:MOST_CHARACTERS] for name, text in list(fields.items())[:MOST_FIELDS]}
    held = store.load_draft(work, key)
    return store.save_draft(work, key, card or (held[0] if held else None), kept)


def load(work: Work, key: UUID) -> Draft:
    """Return the viewer's draft with this key, or raise `NotVisible`."""
    found = store.load_draft(work, key)
    if found is None:
        raise NotVisible
    return Draft(key, *found)


def mine(work: Work) -> list[Draft]:
    """Return the viewer's drafts, newest first."""
    return [Draft(*found) for found in store.own_drafts(work)]


def discard(work: Work, key: UUID) -> None:
    """Delete the viewer's draft with its files."""
    store.discard_draft(work, key)
    attachments.unstage(work, key)


def tidy(work: Work) -> int:
    """Delete drafts and receipts of more than 14 days old; returns how many."""
    return store.tidy_drafts(work)
