"""Signals: record, read back one's own, follow up, correct. The teacher learns nothing of others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from meldcode_plugin.errors import InputRefused, NotAllowed, NotVisible
from meldcode_plugin.rules import filling, recording
from meldcode_plugin.rules.entries import Correction, FollowUp, Report, Signal, SignalKind
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.story import CaseStory
from meldcode_plugin.rules.terms import Kind, when
from meldcode_plugin.services import circle
from meldcode_plugin.services.people import OWN_CHILD
from meldcode_plugin.store import attachments, cases, ledger, people, reminders
from meldcode_plugin.store import signals as store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.attachments import AttachmentRow
from meldcode_plugin.store.ledger import KnownAs, PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.work import Work

MANY, HOUR = 30, timedelta(hours=1)
"""More signals of one person in an hour than this are marked in the log; never one is refused (T21)."""


class NewSignals(BaseModel):
    """One form: its key and, per kind that was filled in, one signal.

    ``report``: in an emergency, whom somebody called already (R58).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    key: UUID
    signals: tuple[Signal, ...]
    report: Report | None = None


@dataclass(frozen=True)
class Receipt:
    """What a teacher gets back: what was sent, when, and nothing about what it met."""

    key: UUID
    sent_at: datetime
    kinds: tuple[SignalKind, ...]
    entry_ids: tuple[UUID, ...]
    acute: bool
    pupil_name: str
    reported: bool = False


@dataclass(frozen=True)
class Note:
    """A follow-up or a correction as it is shown under its signal."""

    id: UUID
    recorded_at: datetime
    content: FollowUp | Correction
    author: str


@dataclass(frozen=True)
class MySignal:
    """A signal of the viewer's own, with a coarse status: sent, taken up, or told back (domain section 5.1).

    ``asked``: it is a thought of a while ago, and its writer did not add yet what became of it.
    """

    id: UUID
    recorded_at: datetime
    pupil: PupilCard | None
    content: Signal
    taken_up: bool
    notes: tuple[Note, ...] = ()
    attachments: tuple[AttachmentRow, ...] = ()
    case_id: UUID | None = None
    told_back: bool = False
    asked: bool = False


def record(work: Work, card: PupilCard | None, new: NewSignals, guardian_mails: tuple[str, ...] = ()) -> Receipt:
    """Seal the signals of one form in the pupil's dossier, once, however often the form arrives.

    Refuses with `InputRefused` per field, with `AlreadySent` when the key was used for other words,
    with `NotVisible` when the viewer is kept away from the pupil.
    """
    require(work.viewer, Permission.SIGNAL_RECORD)
    store.queue_for(work, new.key)
    if (earlier := store.sent_before(work, new.key, _body(card, new))) is not None:
        return _receipt(new.key, earlier)
    return send(work, card, new, guardian_mails)


def _body(card: PupilCard | None, new: NewSignals) -> bytes:
    return new.model_dump_json().encode() + (card.id.encode() if card else b"")


def send(work: Work, card: PupilCard | None, new: NewSignals, guardian_mails: tuple[str, ...] = ()) -> Receipt:
    """Seal the signals of a form of which `sent` knows nothing, in the transaction that asked it. See `record`."""
    require(work.viewer, Permission.SIGNAL_RECORD)
    known = ledger.known_as(work, card) if card else None
    _refuse(work, known, new)
    if known:
        _keep_guardians_out(work, known.anchor, guardian_mails)
    case = ledger.open_case(work, card, known.anchor if known else None)
    entries = [ledger.append(work, case, signal, Tag.SIGNAL_RECORDED, waits=True) for signal in new.signals]
    if new.report:
        ledger.append(work, case, new.report, Tag.STEP_ADDED, waits=True)
    attachments.adopt(work, case, entries[0], new.key)
    reminders.for_new_signal(work, case, entries[0])
    if store.wrote_more_than(work, MANY, work.now - HOUR):
        work.note(Tag.SIGNAL_MANY, case.id)
    store.discard_draft(work, new.key)
    content = _content(card, new, entries)
    store.keep_receipt(work, new.key, _body(card, new), content)
    return _receipt(new.key, content | {"sent_at": work.now})


def _refuse(work: Work, known: KnownAs | None, new: NewSignals) -> None:
    today = work.calendar.local_date(work.now)
    if wrong := recording.refusals(new.signals, today, with_pupil=known is not None):
        raise InputRefused(wrong)
    if new.report and not new.report.emergency:
        raise NotAllowed
    if new.report and (refused := filling.faults(CaseStory(), new.report, today)):
        raise InputRefused({no.field: no.sentence for no in refused})
    if known and people.is_excluded(work, work.viewer.person_id, *known.indexes):
        raise NotVisible


def _keep_guardians_out(work: Work, index: bytes, mails: tuple[str, ...]) -> None:
    """A staff member with a guardian's mail address is kept away from this pupil by itself (5.2)."""
    for person_id in people.know_guardians(work, index, mails):
        people.add_exclusion(work, person_id, OWN_CHILD, pupil_index=index)


def _content(card: PupilCard | None, new: NewSignals, entries: list[Entry]) -> dict[str, object]:
    return {
        "kinds": [signal.signal_kind.value for signal in new.signals],
        "entries": [entry.id.hex for entry in entries],
        "acute": any(signal.acute for signal in new.signals),
        "pupil": card.name if card else "",
        "reported": new.report is not None,
    }


def _receipt(key: UUID, content: dict[str, object]) -> Receipt:
    kinds = tuple(SignalKind(kind) for kind in content["kinds"])  # type: ignore[attr-defined]  # written by _content
    ids = tuple(UUID(one) for one in content["entries"])  # type: ignore[attr-defined]  # written by _content
    sent_at: datetime = content["sent_at"]  # type: ignore[assignment]  # a moment of the store
    return Receipt(
        key, sent_at, kinds, ids, bool(content["acute"]), str(content["pupil"]), bool(content.get("reported"))
    )


def sent(work: Work, key: UUID) -> Receipt | None:
    """Return the receipt of a form that the viewer sent before, or None; two posts of one form wait for each other."""
    store.queue_for(work, key)
    try:
        return receipt(work, key)
    except NotVisible:
        return None


def receipt(work: Work, key: UUID) -> Receipt:
    """Return the receipt of a form that the viewer sent."""
    return _receipt(key, store.receipt(work, key))


def mine(work: Work) -> list[MySignal]:
    """Return the viewer's own signals, newest first."""
    require(work.viewer, Permission.SIGNAL_READ_OWN)
    found = _opened(work, store.own(work))
    guesses = [one.id for one in found if one.content.signal_kind is SignalKind.HYPOTHESIS and _is_old(work, one)]
    asked = set(guesses) - store.followed(work, guesses)
    return [replace(one, asked=one.id in asked) for one in found]


def _is_old(work: Work, guess: MySignal) -> bool:
    line = work.terms[Kind.HYPOTHESIS]
    return when(line.unit, guess.recorded_at, line.rungs[0].after, work.calendar) <= work.now


def my_signal(work: Work, entry_id: UUID) -> MySignal:
    """Return one own signal with the viewer's own follow-ups and attachments."""
    require(work.viewer, Permission.SIGNAL_READ_OWN)
    entry = _own(work, entry_id)
    (found,) = _opened(work, [entry])
    notes = tuple(_note(work, one) for one in store.under(work, entry.id) if one.author_id == work.viewer.person_id)
    files = tuple(attachments.of_entry(work, ledger.case_behind(work, entry), entry.id))
    return replace(found, notes=notes, attachments=files, case_id=entry.case_id)


def _own(work: Work, entry_id: UUID) -> Entry:
    entry = store.visible(work, entry_id)
    if entry.author_id != work.viewer.person_id:
        raise NotVisible
    return entry


def _handled(work: Work, entry_id: UUID, case_id: UUID) -> Entry:
    circle.require_handling(work, case_id)
    entry = store.visible(work, entry_id)
    if entry.case_id != cases.visible(work, case_id).id:
        raise NotVisible
    return entry


def _opened(work: Work, entries: list[Entry]) -> list[MySignal]:
    taken = store.accepted(work, [entry.id for entry in entries])
    told = store.told_back(work, {entry.case_id for entry in entries})
    return [_one(work, entry, entry.id in taken, told.get(entry.case_id)) for entry in entries]


def _one(work: Work, entry: Entry, taken_up: bool, told: datetime | None) -> MySignal:  # noqa: FBT001  # what is known
    case = ledger.case_behind(work, entry)
    work.note(Tag.SIGNAL_READ, case.id, entry.id)
    content = ledger.unseal(work, case, entry)
    if not isinstance(content, Signal):
        raise NotVisible
    told_back = taken_up and told is not None and told > entry.recorded_at
    return MySignal(entry.id, entry.recorded_at, ledger.card_of(work, case), content, taken_up, told_back=told_back)


def _note(work: Work, entry: Entry) -> Note:
    content = ledger.unseal(work, ledger.case_behind(work, entry), entry)
    if not isinstance(content, FollowUp | Correction):
        raise NotVisible
    return Note(entry.id, entry.recorded_at, content, work.viewer.name)


def follow_up(
    work: Work, entry_id: UUID, follow_up: FollowUp, *, case_id: UUID | None = None, key: UUID | None = None
) -> None:
    """Add a later note under a signal; the signal itself stays as it was sent (R6).

    ``case_id`` is the dossier in which the viewer reads; left out, the signal is one of the viewer's own. ``key`` is
    that of the form: sent again with the same words it adds nothing, with other words it raises `AlreadyAdded`.
    """
    entry, case, signal = _to_add_to(work, entry_id, case_id)
    if wrong := recording.follow_up_refusals(follow_up, signal.signal_kind):
        raise InputRefused(wrong)
    _add(work, case, follow_up, Tag.SIGNAL_FOLLOWED, entry, key)


def correct(
    work: Work, entry_id: UUID, correction: Correction, *, case_id: UUID | None = None, key: UUID | None = None
) -> None:
    """Add a correction with its reason; the first words stay readable beside it. See `follow_up`."""
    entry, case, _ = _to_add_to(work, entry_id, case_id)
    _add(work, case, correction, Tag.SIGNAL_CORRECTED, entry, key)


def _add(work: Work, case: Case, content: FollowUp | Correction, tag: Tag, entry: Entry, key: UUID | None) -> None:
    """Append a note; what somebody else than the IB-er wrote is news that the IB-er is told of."""
    if ledger.is_repeat(work, case, content, key, entry.id):
        return
    waits = not circle.handles(work, case.id)
    made = ledger.append(work, case, content, tag, refers_to=entry.id, waits=waits, key=key)
    if waits:
        reminders.for_new_signal(work, case, made)


def _to_add_to(work: Work, entry_id: UUID, case_id: UUID | None) -> tuple[Entry, Case, Signal]:
    """A signal that the viewer wrote, or one of a dossier that the viewer handles."""
    require(work.viewer, Permission.SIGNAL_FOLLOW_UP)
    entry = _own(work, entry_id) if case_id is None else _handled(work, entry_id, case_id)
    case = ledger.locked_behind(work, entry)
    work.note(Tag.SIGNAL_READ, case.id, entry.id)
    content = ledger.unseal(work, case, entry)
    if not isinstance(content, Signal):
        raise NotVisible
    return entry, case, content
