"""Sharing for a while: a whole case, or chosen entries, to one person who reads and may advise (domain 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotVisible
from meldcode_plugin.rules.circle import LONGEST_SHARE, PARTNER_OF, SHARE_NAMES, SharePurpose
from meldcode_plugin.rules.entries import Consultation, Signal
from meldcode_plugin.rules.facts import State
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.services import attachments, cases, circle
from meldcode_plugin.services.attachments import OpenFile
from meldcode_plugin.services.cases import Item
from meldcode_plugin.store import circle as circle_store
from meldcode_plugin.store import ledger, people
from meldcode_plugin.store import shares as store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.shares import ShareRow
from meldcode_plugin.store.work import Work

NO_QUESTION = "Schrijf op wat je van deze persoon wilt weten."
NO_PURPOSE = "Kies als wat deze persoon meeleest."
NO_END = "Kies tot en met welke dag je deelt."
PAST = "Deze dag is voorbij. Kies een dag vanaf vandaag."
TOO_FAR = "Kies een dag binnen een jaar."
NO_ENTRIES = "Kies wat je deelt, of deel het hele dossier."
NO_ADVICE = "Schrijf je advies op."


@dataclass(frozen=True)
class NewShare:
    """What somebody typed. ``entries`` is None for the whole case."""

    person_id: UUID | None
    purpose: str
    question: str
    last_day: date | None
    entries: tuple[UUID, ...] | None


@dataclass(frozen=True)
class ShareLine:
    """One share as a list shows it; ``name`` is the reader, or for the reader who shared it."""

    id: UUID
    name: str
    purpose: str
    whole: bool
    question: str
    shared_at: datetime
    last_day: date


@dataclass(frozen=True)
class SharedCase:
    """What a reader sees: the child and what was shared, nothing around it."""

    line: ShareLine
    pupil: PupilCard | None
    items: tuple[Item, ...]
    is_closed: bool


def share(work: Work, case_id: UUID, new: NewShare) -> None:
    """Share with one person until the end of a day; it ends by itself, or at once when it is withdrawn."""
    circle.require_handling(work, case_id, Permission.CASE_SHARE)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    there = {item.id for top in cases.timeline(work, case) for item in (top, *top.under) if item.content is not None}
    if wrong := _faults(work, case, new, there):
        raise InputRefused(wrong)
    row = ShareRow(
        *(new_id(), case.id, new.person_id, new.purpose, new.entries is None, new.question.strip()),  # type: ignore[arg-type]  # asked in _faults
        *(work.viewer.person_id, work.now, _end_of(work, new.last_day)),  # type: ignore[arg-type]  # idem
    )
    entries = list(dict.fromkeys(new.entries or ()))
    if not store.runs(work, row, entries):
        store.add(work, case, row, entries)


def _faults(work: Work, case: Case, new: NewShare, there: set[UUID]) -> dict[str, str]:
    today = work.calendar.local_date(work.now)
    wrong = {} if _can_read(work, case, new.person_id) else {"reader": circle.CHOOSE}
    if new.purpose not in SHARE_NAMES:
        wrong["as_what"] = NO_PURPOSE
    if not new.question.strip():
        wrong["question"] = NO_QUESTION
    if new.last_day is None:
        wrong["last_day"] = NO_END
    elif not today <= new.last_day <= today + timedelta(days=LONGEST_SHARE):
        wrong["last_day"] = PAST if new.last_day < today else TOO_FAR
    if new.entries is not None and not (new.entries and there.issuperset(new.entries)):
        wrong["pieces"] = NO_ENTRIES
    return wrong


def _can_read(work: Work, case: Case, person_id: UUID | None) -> bool:
    person = people.get(work, person_id) if person_id else None
    if person is None or not person.active or person.id == work.viewer.person_id:
        return False
    return person.id not in circle_store.kept_out(work, case)


def _end_of(work: Work, day: date) -> datetime:
    """Return the midnight after a day at the school; in UTC that is a whole hour."""
    return datetime.combine(day + timedelta(days=1), time(0), work.calendar.zone)


def _line(work: Work, row: ShareRow, name: str) -> ShareLine:
    last_day = work.calendar.local_date(row.until - timedelta(seconds=1))
    purpose = SHARE_NAMES[SharePurpose(row.purpose)]
    return ShareLine(row.id, name, purpose, row.whole, row.question, row.shared_at, last_day)


def of_case(work: Work, case_id: UUID) -> list[ShareLine]:
    """Return what of a case is shared now, for who handles it."""
    rows = store.of_case(work, case_id)
    names = people.names(work, {row.person_id for row in rows})
    return [_line(work, row, names.get(row.person_id, "")) for row in rows]


def withdraw(work: Work, case_id: UUID, share_id: UUID) -> None:
    """End a share at once."""
    circle.require_handling(work, case_id, Permission.CASE_SHARE)
    if not store.end(work, ledger.locked_case(work, case_id), share_id):
        raise AlreadyDone


# --- the reader ----------------------------------------------------------------------------------


def with_me(work: Work) -> list[ShareLine]:
    """Return what is shared with the viewer now; of each who shared it and what is asked, no child."""
    require(work.viewer, Permission.SHARE_READ)
    rows = store.with_viewer(work)
    names = people.names(work, {row.shared_by for row in rows})
    return [_line(work, row, names.get(row.shared_by, "")) for row in rows]


def _mine(work: Work, share_id: UUID) -> ShareRow:
    require(work.viewer, Permission.SHARE_READ)
    row = store.one(work, share_id)
    if row is None:
        raise NotVisible
    return row


def read(work: Work, share_id: UUID) -> SharedCase:
    """Open what was shared with the viewer; a shielded source stays with who handles the case (R8)."""
    row = _mine(work, share_id)
    case = store.case_of(work, row)
    work.note(Tag.SHARE_READ, case.id, row.id)
    names = people.names(work, {row.shared_by})
    items = tuple(_without_source(item) for item in cases.timeline(work, case))
    line = _line(work, row, names.get(row.shared_by, ""))
    return SharedCase(line, ledger.card_of(work, case), items, case.state == State.CLOSED)


def _without_source(item: Item) -> Item:
    signal = item.content
    if isinstance(signal, Signal) and signal.source is not None and signal.source.shielded:
        return item._replace(content=signal.model_copy(update={"source": None}))
    return item


def open_file(work: Work, share_id: UUID, attachment_id: UUID) -> OpenFile:
    """Open a file of an entry that was shared."""
    return attachments.open_shared(work, _mine(work, share_id).case_id, attachment_id)


def advise(work: Work, share_id: UUID, advice: str, *, key: UUID | None = None) -> None:
    """Add advice as a consultation; the reader can read it again, and change nothing else (R18).

    ``key`` is that of the form: sent again with the same words it adds nothing, with other words `AlreadyAdded`.
    """
    row = _mine(work, share_id)
    if not advice.strip():
        raise InputRefused({"advice": NO_ADVICE})
    case = ledger.locked(work, row.case_id)
    if case.state == State.CLOSED:
        raise AlreadyDone("Dit dossier is gesloten. Geef je advies aan de IB-er.")
    work.note(Tag.SHARE_READ, case.id, row.id)
    said = Consultation(
        partner=PARTNER_OF[SharePurpose(row.purpose)],
        held_on=work.calendar.local_date(work.now),
        persons=work.viewer.name or SHARE_NAMES[SharePurpose(row.purpose)],
        question=row.question,
        advice=advice,
    )
    if ledger.is_repeat(work, case, said, key):
        return
    entry = ledger.append(work, case, said, Tag.SHARE_ADVISED, key=key)
    if not row.whole:
        work.inner.flush()
        store.open_entry(work, case.id, row.id, entry.id)
