"""Named reads and writes about signals, submissions and drafts; it decides nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, bindparam, delete, func, select

from meldcode_plugin.errors import AlreadySent, KeyUnavailable, NotVisible, TamperedData
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.crypto import same
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.work import Work

DRAFT_DAYS = 14
_WRITER = "begun-by"
"""Among the fields of a draft who began it: there a program of before this passes it by."""
_SENT = standing(select(Submission).where(Submission.key == bindparam("key")))
_DRAFT = standing(select(Draft).where(Draft.key == bindparam("key")))
_ONE_MORE = standing(
    select(Submission.id)
    .where(Submission.person_id == bindparam("person"), Submission.sent_at > bindparam("moment"))
    .limit(1)
    .offset(bindparam("passed", type_=Integer))
)


class OpenDraft(NamedTuple):
    """A draft with its words. ``writer_id``: who began it, when that person left and it became another's (5.2)."""

    key: UUID
    card: PupilCard | None
    fields: dict[str, str]
    saved_at: datetime
    writer_id: UUID | None = None


def queue_for(work: Work, key: UUID) -> None:
    """Let two posts of one form wait for each other (SQLite writers already do)."""
    work.one_at_a_time(key.bytes)


def submission(work: Work, key: UUID) -> Submission | None:
    """Return what the viewer sent with this key, or None."""
    return work.session.scalars(_SENT, {"key": key}).one_or_none()


def body_mac(work: Work, body: bytes) -> bytes:
    """Return a keyed hash of a form's words, to tell a repeat from a change."""
    return work.keys.school("drafts").mac("body", body)


def sent_before(work: Work, key: UUID, body: bytes) -> dict[str, object] | None:
    """Return the receipt when this very form was sent; other words with its key raise `AlreadySent`."""
    found = submission(work, key)
    if found is None:
        return None
    if not same(found.body_mac, body_mac(work, body)):
        raise AlreadySent
    return receipt(work, key)


def _bound(work: Work, key: UUID, what: str) -> tuple[bytes, bytes, bytes, str]:
    return work.school_id.bytes, work.viewer.person_id.bytes, key.bytes, what


def _draft_bound(row: Draft) -> tuple[bytes, bytes, bytes, str]:
    return row.school_id.bytes, row.person_id.bytes, row.key.bytes, "draft"


def keep_receipt(work: Work, key: UUID, body: bytes, content: dict[str, object]) -> None:
    """Store the receipt of a form in the transaction of what it sent."""
    sealed = work.keys.school("drafts").seal(json.dumps(content).encode(), *_bound(work, key, "receipt"))
    row = Submission(school_id=work.school_id, person_id=work.viewer.person_id, key=key, sent_at=work.now)
    row.body_mac, row.sealed = body_mac(work, body), sealed
    work.session.add(row)


def receipt(work: Work, key: UUID) -> dict[str, object]:
    """Return the receipt of what the viewer sent with this key."""
    found = submission(work, key)
    if found is None:
        raise NotVisible
    plain = work.keys.school("drafts").unseal(found.sealed, *_bound(work, key, "receipt"))
    content: dict[str, object] = json.loads(plain)
    return content | {"sent_at": found.sent_at}


def own(work: Work, limit: int = 200) -> list[Entry]:
    """Return the signals that the viewer wrote and may still see, newest first."""
    return list(
        work.session.scalars(
            select(Entry)
            .where(Entry.author_id == work.viewer.person_id, Entry.kind == "signal", Entry.sealed.is_not(None))
            .order_by(Entry.recorded_at.desc(), Entry.id)
            .limit(limit)
        )
    )


def wrote_more_than(work: Work, most: int, moment: datetime) -> bool:
    """Tell whether the form that the viewer sends now is more than ``most`` since a moment.

    Forms are counted and not entries: the index of a form's sender leads past all that others wrote.
    """
    asked = {"person": work.viewer.person_id, "moment": moment, "passed": most - 1}
    return work.session.scalar(_ONE_MORE, asked) is not None


def visible(work: Work, entry_id: UUID, kind: str = "signal") -> Entry:
    """Return one entry that the viewer may see, or raise `NotVisible`."""
    found = work.session.scalars(select(Entry).where(Entry.id == entry_id, Entry.kind == kind)).one_or_none()
    if found is None or found.sealed is None:
        raise NotVisible
    return found


def under(work: Work, entry_id: UUID) -> list[Entry]:
    """Return what refers to an entry and the viewer may see, oldest first."""
    return list(work.session.scalars(select(Entry).where(Entry.refers_to == entry_id).order_by(Entry.seq)))


def accepted(work: Work, ids: list[UUID]) -> set[UUID]:
    """Return which of these signals the IB-er took up; their author may know that and no more."""
    if not ids:
        return set()
    found = select(Entry.refers_to).where(Entry.kind == "signal_accepted", Entry.refers_to.in_(ids))
    return {one for one in work.inner.scalars(found) if one is not None}


def followed(work: Work, ids: list[UUID]) -> set[UUID]:
    """Return under which of these signals the viewer wrote a later note."""
    if not ids:
        return set()
    own = Entry.kind == "follow_up", Entry.author_id == work.viewer.person_id, Entry.refers_to.in_(ids)
    return {one for one in work.inner.scalars(select(Entry.refers_to).where(*own)) if one is not None}


def told_back(work: Work, cases: set[UUID]) -> dict[UUID, datetime]:
    """Return by case when who signalled was told something last; no word of it."""
    if not cases:
        return {}
    told = select(Entry.case_id, func.max(Entry.recorded_at)).group_by(Entry.case_id)
    found = told.where(Entry.kind == "signaller_feedback", Entry.case_id.in_(cases))
    return dict(work.inner.execute(found).all())


def save_draft(work: Work, key: UUID, card: PupilCard | None, fields: dict[str, str]) -> datetime:
    """Store what somebody is typing, over what stood there before; without a ``card`` the child stays who it was."""
    row = _draft(work, key)
    held = OpenDraft(key, None, {}, work.now) if row is None else _opened(work, row)
    if row is None:
        row = Draft(school_id=work.school_id, person_id=work.viewer.person_id, key=key)
    _seal(work, row, held._replace(card=card or held.card, fields=fields, saved_at=work.now))
    work.session.add(row)
    work.session.flush()
    return work.now


def _seal(work: Work, row: Draft, draft: OpenDraft) -> None:
    fields = {name: text for name, text in draft.fields.items() if name != _WRITER}
    fields |= {_WRITER: draft.writer_id.hex} if draft.writer_id else {}
    plain = json.dumps([draft.card.to_json().decode() if draft.card else None, fields]).encode()
    row.sealed = work.keys.school("drafts").seal(plain, *_draft_bound(row))
    row.saved_at = draft.saved_at


def _draft(work: Work, key: UUID) -> Draft | None:
    return work.session.scalars(_DRAFT, {"key": key}).one_or_none()


def load_draft(work: Work, key: UUID) -> OpenDraft | None:
    """Return the viewer's draft with this key, or None."""
    row = _draft(work, key)
    return None if row is None else _opened(work, row)


def _opened(work: Work, row: Draft) -> OpenDraft:
    card, fields = json.loads(work.keys.school("drafts").unseal(row.sealed, *_draft_bound(row)))
    found, writer = PupilCard.from_json(card.encode()) if card else None, fields.pop(_WRITER, "")
    return OpenDraft(row.key, found, fields, row.saved_at, UUID(writer) if writer else None)


def own_drafts(work: Work) -> list[OpenDraft]:
    """Return the viewer's drafts, newest first."""
    rows = work.session.scalars(
        select(Draft).where(Draft.person_id == work.viewer.person_id).order_by(Draft.saved_at.desc())
    )
    return [_opened(work, row) for row in rows]


def drafts_left_by(work: Work, person_id: UUID) -> list[OpenDraft]:
    """Return the drafts of somebody who no longer works here, for the program to hand on and for nobody to read.

    One that does not open any more is left out: it must keep nobody's account open.
    """
    found = []
    work.keys.school("drafts")  # when the key itself is away, that is said
    for row in work.inner.scalars(select(Draft).where(Draft.person_id == person_id)):
        with suppress(TamperedData, KeyUnavailable, ValueError):
            found.append(_opened(work, row))
    return found


def hand_on(work: Work, draft: OpenDraft, from_id: UUID, to_id: UUID) -> UUID:
    """Make the draft of somebody who left another's, for 14 days from now; returns the id of its row."""
    held = select(Draft).where(Draft.person_id == from_id, Draft.key == draft.key)
    work.inner.delete(work.inner.scalars(held).one())
    work.inner.flush()
    row = Draft(id=new_id(), school_id=work.school_id, person_id=to_id, key=draft.key)
    _seal(work, row, draft._replace(saved_at=work.now, writer_id=draft.writer_id or from_id))
    work.inner.add(row)
    work.note(Tag.DRAFT_LEFT, object_id=to_id, action="U")
    return row.id


def discard_draft(work: Work, key: UUID) -> None:
    """Delete the viewer's draft; none there is fine."""
    row = _draft(work, key)
    if row is not None:
        work.session.delete(row)


def tidy_drafts(work: Work) -> int:
    """Delete drafts and receipts of more than 14 days old; returns how many.

    A receipt names the child, under the key of the school: it must not outlive a dossier that is destroyed.
    """
    before = work.now - timedelta(days=DRAFT_DAYS)
    gone = 0
    for old in (delete(Draft).where(Draft.saved_at < before), delete(Submission).where(Submission.sent_at < before)):
        gone += int(work.inner.execute(old).rowcount)  # type: ignore[attr-defined]  # a cursor result
    return gone
