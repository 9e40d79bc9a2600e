"""The ledger: append, move, purge, destroy. The one write path of every dossier; it decides nothing itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select

from meldcode_plugin.errors import AlreadyAdded, NotVisible, TamperedData
from meldcode_plugin.rules import entries
from meldcode_plugin.rules.entries import AnyPayload, Payload
from meldcode_plugin.rules.facts import CaseFacts, Event, State, fold
from meldcode_plugin.sis import OtherId
from meldcode_plugin.store import codes, links
from meldcode_plugin.store.accesslog import START, Tag
from meldcode_plugin.store.base import CaseScoped, new_id
from meldcode_plugin.store.crypto import Bound, Ring, digest, new_key, same
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.rows import CaseRow, EntryRow
from meldcode_plugin.store.visibility import may_see
from meldcode_plugin.store.work import Work

_OF_PUPIL = (
    select(Case)
    .where(Case.pupil_index == bindparam("pupil"))
    .limit(1)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_OPEN = standing(_OF_PUPIL.where(Case.state != State.CLOSED).order_by(Case.opened_at))
_NEWEST = standing(_OF_PUPIL.order_by(Case.opened_at.desc()))
_BY_ID = standing(
    select(Case).where(Case.id == bindparam("case")).with_for_update().execution_options(populate_existing=True)
)
_EVENTS = standing(
    select(Entry.id, Entry.kind, Entry.refers_to, Entry.acute, Entry.waits)
    .where(Entry.case_id == bindparam("case"))
    .order_by(Entry.seq)
)


@dataclass(frozen=True)
class PupilCard:
    """The pupil as the dossier keeps it. ``known``: the school's own system confirmed it.

    ``others`` are the ids by which it may be known already; they are not kept with the card.
    """

    id: str
    name: str = ""
    birth_date: date | None = None
    group: str = ""
    known: bool = True
    others: tuple[OtherId, ...] = field(default=(), compare=False, repr=False)

    def to_json(self) -> bytes:
        """Return the card as bytes, to be sealed."""
        born = self.birth_date.isoformat() if self.birth_date else None
        return json.dumps([self.id, self.name, born, self.group, self.known]).encode()

    @classmethod
    def from_json(cls, data: bytes) -> PupilCard:
        """Return the card that these bytes hold."""
        pupil, name, born, group, known = json.loads(data.decode())
        return cls(pupil, name, date.fromisoformat(born) if born else None, group, known)


def pupil_index(work: Work, pupil_id: str) -> bytes:
    """Return the keyed index under which a pupil's cases and exclusions are found again."""
    return work.keys.school("index").index(work.school_id.bytes, "pupil", pupil_id)


class KnownAs(NamedTuple):
    """As what a pupil is known: the index of its case, and all indexes under which it may be kept from somebody."""

    anchor: bytes
    indexes: set[bytes]


def known_as(work: Work, card: PupilCard) -> KnownAs:
    """Return as what this pupil is known. Its case may stand under the number that it had before."""
    own, about = pupil_index(work, card.id), links.about_index(work, card.name, card.birth_date)
    others = links.candidates(work, own, card.others, about)
    return KnownAs(links.anchor(work, own, others), {own} | others)


def open_case(work: Work, card: PupilCard | None, index: bytes | None) -> Case:
    """Return the pupil's open case, which stands under this index, or a new one; without a pupil a new one (R13).

    The caller never learns which of the two happened. Two at once wait for each other here; a UNIQUE would
    be felt (T6).
    """
    if index is not None:
        work.one_at_a_time(index)
        case = work.inner.scalars(_OPEN, {"pupil": index}).first() or _reopened(work, index)
        if case is not None:
            return case
    return _new_case(work, card, index)


def _reopened(work: Work, index: bytes) -> Case | None:
    """A new signal on a closed case wakes that case instead of hiding in a second one (R43)."""
    return work.inner.scalars(_NEWEST, {"pupil": index}).first()


def _new_case(work: Work, card: PupilCard | None, index: bytes | None) -> Case:
    case_id = new_id()
    dek = new_key()
    case = Case(
        id=case_id,
        school_id=work.school_id,
        pupil_index=index,
        wrapped_key=work.keys.wrap(case_id, 1, dek),
        state=State.NEW_SIGNAL.value,
        opened_at=work.now,
        moved_at=work.now,
        code_version=codes.newest(work),
        head_seq=0,
        head_mac=START,
    )
    ring = Ring("case", {1: dek})
    case.sealed_pupil = ring.seal(card.to_json(), *_pupil_bound(work, case)) if card else None
    work.inner.add(case)
    work.inner.flush()
    return case


def _pupil_bound(work: Work, case: Case | CaseRow) -> tuple[Bound, ...]:
    return work.school_id.bytes, case.id.bytes, "pupil"


def _entry_bound(school: bytes, case: bytes, entry: Entry | EntryRow) -> tuple[Bound, ...]:
    return school, case, "entry", entry.id.bytes, entry.kind


def card_of(work: Work, case: Case | CaseRow) -> PupilCard | None:
    """Return the pupil of a case; a read that must have been noted."""
    work.may_unseal(case.id)
    if case.sealed_pupil is None:
        return None
    card = PupilCard.from_json(work.keys.case(case).unseal(case.sealed_pupil, *_pupil_bound(work, case)))
    if case.pupil_index is None or not same(case.pupil_index, pupil_index(work, card.id)):
        raise TamperedData
    return card


def append(  # noqa: PLR0913  # what an entry is, most of it by name
    work: Work,
    case: Case,
    payload: Payload,
    tag: Tag,
    *,
    refers_to: UUID | None = None,
    author: UUID | None = None,
    waits: bool = False,
    key: UUID | None = None,
) -> Entry:
    """Add one entry: seal, number, chain, note, project, all in the transaction of ``work``.

    The policy has said yes before this is called. ``author`` differs from the viewer only when a
    signal is moved: it stays the teacher's. ``waits``: the IB-er has to take it up. ``key``: that of the form
    it came with, of which a second entry is refused with `AlreadyAdded`; ask `sent` before.
    """
    entry_id = _id_of_form(work, case, payload, refers_to, key) if key else new_id()
    if key and work.inner.get(Entry, entry_id) is not None:
        raise AlreadyAdded
    ring = work.keys.case(case)
    kind = _kind_of(payload)
    entry = Entry(
        id=entry_id,
        school_id=work.school_id,
        case_id=case.id,
        seq=case.head_seq + 1,
        kind=kind,
        author_id=author or work.viewer.person_id,
        recorded_by=work.viewer.person_id,
        recorded_at=work.now,
        refers_to=refers_to,
        acute=bool(getattr(payload, "acute", False)),
        waits=waits,
    )
    entry.sealed = ring.seal(entries.dump(payload), *_entry_bound(case.school_id.bytes, case.id.bytes, entry))
    entry.payload_hash = digest(entry.sealed)
    entry.mac = mac_of(work, entry, case.head_mac)
    _project(work, case, entry)
    work.note(tag, case.id, entry.id, action="C", object_hash=entry.payload_hash)
    work.inner.add(entry)
    work.appended.add(case.id)
    work.inner.flush()
    return entry


class Sent(NamedTuple):
    """What a form added when it was sent before; without words when they were taken away since."""

    entry_id: UUID
    words: AnyPayload | None


def sent(work: Work, case: Case, payload: Payload, key: UUID | None, refers_to: UUID | None = None) -> Sent | None:
    """Return what the viewer added before with the same form, or None; a read that was noted.

    The case is locked: of two that send one form at the same moment, the second finds here what the first wrote.
    """
    found = work.inner.get(Entry, _id_of_form(work, case, payload, refers_to, key)) if key else None
    return Sent(found.id, unseal(work, case, found)) if found is not None else None


def is_repeat(work: Work, case: Case, payload: Payload, key: UUID | None, refers_to: UUID | None = None) -> bool:
    """Tell whether a form was sent before with these very words. `append` refuses it with other words."""
    before = sent(work, case, payload, key, refers_to)
    return before is not None and before.words == payload


def _id_of_form(work: Work, case: Case, payload: Payload, refers_to: UUID | None, key: UUID) -> UUID:
    """Return the id of what a form adds: of this case and viewer alone, so nobody meets another's entry by a key."""
    return uuid5(case.id, f"{work.viewer.person_id} {_kind_of(payload)} {refers_to} {key}")


def _kind_of(payload: Payload) -> str:
    kind: str = payload.kind  # type: ignore[attr-defined]  # every payload class has one
    return kind


def mac_of(work: Work, entry: Entry, previous: bytes) -> bytes:
    """Return the seal of an entry: over the one before it, its clear columns and the hash of its words."""
    refers = entry.refers_to.bytes if entry.refers_to else b""
    return work.keys.school("log").mac(
        "entry",
        previous,
        entry.school_id.bytes,
        entry.case_id.bytes,
        entry.id.bytes,
        entry.seq,
        entry.kind,
        entry.author_id.bytes,
        entry.recorded_by.bytes,
        int(entry.recorded_at.timestamp() * 1_000_000),
        refers,
        int(entry.acute),
        int(entry.waits),
        entry.payload_hash,
    )


def facts_of(work: Work, case: Case) -> CaseFacts:
    """Fold the case's entries, without a word of them being opened."""
    facts = CaseFacts()
    for row in work.inner.execute(_EVENTS, {"case": case.id}):
        facts = fold(facts, Event(*row))
    return facts


def _project(work: Work, case: Case, entry: Entry) -> None:
    """Write the clear columns anew from the entries and this one; they never say more than the ledger does."""
    event = Event(entry.id, entry.kind, entry.refers_to, entry.acute, entry.waits)
    facts = fold(facts_of(work, case), event)
    case.head_seq, case.head_mac = entry.seq, entry.mac
    case.state, case.waiting, case.acute = facts.state.value, len(facts.unread), facts.acute
    case.moved_at = entry.recorded_at


def unseal(work: Work, case: Case, entry: Entry | EntryRow) -> AnyPayload | None:
    """Return the words of an entry, or None when its payload was taken away; noted before, or refused."""
    work.may_unseal(entry.case_id)
    return None if entry.sealed is None else opener(work, case)(entry)


def opener(work: Work, case: Case) -> Callable[[Entry | EntryRow], AnyPayload | None]:
    """Return what opens one entry of a case after another, as `unseal` does: key and note are looked up once.

    An entry of another case does not open: it is bound to its own.
    """
    work.may_unseal(case.id)
    ring, school, place = work.keys.case(case), case.school_id.bytes, case.id.bytes

    def opened(entry: Entry | EntryRow) -> AnyPayload | None:
        if entry.sealed is None:
            return None
        if not same(digest(entry.sealed), entry.payload_hash):
            raise TamperedData
        try:
            return entries.load(ring.unseal(entry.sealed, *_entry_bound(school, place, entry)))
        except ValueError:
            raise TamperedData from None

    return opened


def locked_case(work: Work, case_id: UUID) -> Case:
    """Return the case for writing, if it is the viewer's; one that may only be read for a while is not."""
    if work.session.scalar(select(Case.id).where(Case.id == case_id, may_see(work.viewer, Case))) is None:
        raise NotVisible
    return locked(work, case_id)


def case_behind(work: Work, row: CaseScoped) -> Case:
    """Return the case of a row that the viewer may see, also when the case itself is not for them.

    For reading: nobody waits. Who wants to write takes `locked_behind`.
    """
    case = work.inner.get(Case, row.case_id)
    if case is None:
        raise NotVisible
    return case


def locked_behind(work: Work, row: CaseScoped) -> Case:
    """Return the case of a row that the viewer may see, for writing."""
    return locked(work, row.case_id)


def locked(work: Work, case_id: UUID) -> Case:
    """Return a case for writing, whoever asks: only where something else than the case itself said yes."""
    case = work.inner.scalars(_BY_ID, {"case": case_id}).one_or_none()
    if case is None:
        raise NotVisible
    return case


def take_away(work: Work, entry: Entry | EntryRow, reason: Payload, tag: Tag) -> Entry:
    """Remove the words of an entry (wrong pupil, a court, an erasure); the chain still stands."""
    note = append(work, locked(work, entry.case_id), reason, tag, refers_to=entry.id)
    purge(work, entry)
    return note


def purge(work: Work, entry: Entry | EntryRow) -> None:
    """Remove the words of an entry and nothing else of it; the dossier was noted before."""
    work.inner.get_one(Entry, entry.id).sealed = None
    work.inner.flush()


def destroy(work: Work, case: Case, basis: str) -> None:
    """Delete the case's key: nothing of it can be read again. The destruction ledger keeps that it was."""
    work.note(Tag.CASE_DESTROYED, case.id, action="D")
    pupil = case.pupil_index
    case.wrapped_key, case.sealed_pupil, case.pupil_index = None, None, None
    case.destroyed_at = work.now
    if pupil is not None:
        links.forget(work, pupil)
    work.inner.add(
        Destruction(
            school_id=work.school_id,
            case_id=case.id,
            destroyed_at=work.now,
            destroyed_by=work.viewer.person_id,
            basis=basis,
        )
    )
