"""Cases: the IB-er's worklist and dossier, take up, move. Every dossier that is shown is logged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from meldcode_plugin.errors import InputRefused, NotVisible
from meldcode_plugin.rules.code import FIRST
from meldcode_plugin.rules.entries import AnyPayload, Closed, Signal, SignalAccepted, SignalMovedAway, SignalMovedHere
from meldcode_plugin.rules.facts import CloseReason, State
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.services import circle
from meldcode_plugin.services.circle import Circle
from meldcode_plugin.services.people import OWN_CHILD
from meldcode_plugin.store import attachments, ledger, people, reminders
from meldcode_plugin.store import cases as store
from meldcode_plugin.store import circle as circle_store
from meldcode_plugin.store import signals as signal_store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.attachments import AttachmentRow
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.rows import CaseRow, EntryRow
from meldcode_plugin.store.work import Work

PAGE = 50
READERS = 20
"""So many of the newest lines stand in the dossier itself; all of them in the log."""
OPEN = tuple(s for s in State if s not in (State.NEW_SIGNAL, State.CLOSED))


class CaseLine(NamedTuple):
    """One case in a list."""

    id: UUID
    pupil: PupilCard | None
    state: State
    waiting: int
    acute: bool
    moved_at: datetime


@dataclass(frozen=True)
class Worklist:
    """What is new first, then what waits for Veilig Thuis; or, when asked, what runs or what is closed."""

    new: list[CaseLine]
    running: list[CaseLine]
    closed: list[CaseLine]
    page: int
    has_more: bool
    of_closed: bool = False
    of_running: bool = False


class Item(NamedTuple):
    """One entry of the timeline. ``content`` is None when its words were taken away."""

    id: UUID
    seq: int
    kind: str
    recorded_at: datetime
    author: str
    author_id: UUID
    own: bool
    content: AnyPayload | None
    refers_to: UUID | None
    accepted: bool = False
    under: tuple[Item, ...] = ()
    attachments: tuple[AttachmentRow, ...] = ()


@dataclass(frozen=True)
class Reader:
    """Who read or changed a dossier, and when."""

    at: datetime
    name: str
    event: str


@dataclass(frozen=True)
class Dossier:
    """One case as a page shows it."""

    id: UUID
    pupil: PupilCard | None
    state: State
    waiting: int
    acute: bool
    opened_at: datetime
    timeline: tuple[Item, ...]
    readers: tuple[Reader, ...]
    may_handle: bool
    may_close: bool
    circle: Circle
    code_version: int = FIRST

    @property
    def closed_by_staff_route(self) -> bool:
        """Tell whether this case goes on by the other route (R17)."""
        closed = [item.content for item in self.timeline if isinstance(item.content, Closed)]
        return self.state is State.CLOSED and bool(closed) and closed[-1].reason is CloseReason.STAFF_ROUTE


def worklist(work: Work, page: int = 0) -> Worklist:
    """Return what is new and what waits for Veilig Thuis; each pupil's name in it is a read that is logged."""
    require(work.viewer, Permission.CASE_LIST)
    new = store.in_state(work, (State.NEW_SIGNAL,), PAGE + 1, page * PAGE)
    reported = store.in_state(work, (State.REPORTED_WAITING,), PAGE + 1, page * PAGE)
    more = any(len(found) > PAGE for found in (new, reported))
    urgent = sorted(new[:PAGE], key=lambda case: not case.acute)
    return Worklist(_lines(work, urgent), _lines(work, reported[:PAGE]), [], page, more)


def running(work: Work, page: int = 0) -> Worklist:
    """Return all of the viewer's cases that run, whether something is asked of them today or not."""
    require(work.viewer, Permission.CASE_LIST)
    found = store.in_state(work, OPEN, PAGE + 1, page * PAGE)
    return Worklist([], _lines(work, found[:PAGE]), [], page, len(found) > PAGE, of_running=True)


def closed(work: Work, page: int = 0) -> Worklist:
    """Return the viewer's closed cases: apart, so that no name is read and logged that nobody asked to see."""
    require(work.viewer, Permission.CASE_LIST)
    found = store.in_state(work, (State.CLOSED,), PAGE + 1, page * PAGE)
    return Worklist([], [], _lines(work, found[:PAGE]), page, len(found) > PAGE, of_closed=True)


def search(work: Work, cards: list[PupilCard]) -> list[tuple[PupilCard, CaseLine | None]]:
    """Return for each pupil the newest case that the viewer may see, or None."""
    require(work.viewer, Permission.PUPIL_SEARCH)
    me = work.viewer.person_id
    known = [(ledger.known_as(work, card), card) for card in cards]
    open_to_me = [(one.anchor, card) for one, card in known if not people.is_excluded(work, me, *one.indexes)]
    found = {case.pupil_index: case for case in reversed(store.of_pupils(work, [index for index, _ in open_to_me]))}
    return [(card, _line(work, found[index]) if index in found else None) for index, card in open_to_me]


def _lines(work: Work, found: list[CaseRow]) -> list[CaseLine]:
    return [_line(work, case) for case in found]


def lines_of(work: Work, ids: Iterable[UUID]) -> dict[UUID, CaseLine]:
    """Return cases as a list shows them; each name is a read that is logged. One that is not visible is refused."""
    wanted = list(dict.fromkeys(ids))
    found = {case.id: case for case in store.of_ids(work, wanted)}
    if len(found) < len(wanted):
        raise NotVisible
    return {case_id: _line(work, found[case_id]) for case_id in wanted}


def _line(work: Work, case: Case | CaseRow) -> CaseLine:
    work.note(Tag.CASE_LISTED, case.id)
    pupil = ledger.card_of(work, case)
    return CaseLine(case.id, pupil, State(case.state), case.waiting, case.acute, case.moved_at)


def dossier(work: Work, case_id: UUID) -> Dossier:
    """Open a dossier. Whoever handles cases settles its reminders by opening it."""
    require(work.viewer, Permission.CASE_READ)
    case = store.visible(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    # what somebody may read who can not break glass is theirs to work in as well
    theirs = not may(work.viewer, Permission.BREAK_GLASS) or circle_store.is_theirs(work, case.id)
    handles = theirs and circle.handles(work, case.id)
    if handles:
        reminders.settle(work, case.id)
    lines, entries = store.lines(work, case.id, READERS), store.entries(work, case.id)
    names = people.names(work, {line.actor_id for line in lines} | {entry.author_id for entry in entries})
    return Dossier(
        case.id,
        ledger.card_of(work, case),
        State(case.state),
        case.waiting,
        case.acute,
        case.opened_at,
        _timeline(work, case, entries, names),
        tuple(Reader(line.at, names.get(line.actor_id, "het systeem"), line.event) for line in lines),
        handles,
        theirs and may(work.viewer, Permission.CASE_CLOSE),
        circle.around(work, case, theirs=theirs),
        case.code_version,
    )


def require_visible(work: Work, case_id: UUID) -> None:
    """Raise `NotVisible` unless the viewer may read this dossier; an author of one signal may not."""
    require(work.viewer, Permission.CASE_READ)
    store.visible(work, case_id)


def timeline(work: Work, case: Case) -> tuple[Item, ...]:
    """Return the entries of a case that the viewer may see, with their words; the read was noted before."""
    entries = store.entries(work, case.id)
    return _timeline(work, case, entries, people.names(work, {entry.author_id for entry in entries}))


def _timeline(work: Work, case: Case, entries: list[EntryRow], names: dict[UUID, str]) -> tuple[Item, ...]:
    files = attachments.of_case(work, case)
    opened, me = ledger.opener(work, case), work.viewer.person_id
    accepted = {entry.refers_to for entry in entries if entry.kind == "signal_accepted"}
    items: dict[UUID, Item] = {}
    for entry in entries:
        items[entry.id] = Item(
            entry.id,
            entry.seq,
            entry.kind,
            entry.recorded_at,
            names.get(entry.author_id, ""),
            entry.author_id,
            entry.author_id == me,
            opened(entry),
            entry.refers_to,
            bool(accepted) and entry.id in accepted,
            attachments=tuple(files.get(entry.id, ())) if files else (),
        )
    return _nested(items)


def _nested(items: dict[UUID, Item]) -> tuple[Item, ...]:
    """Put what refers to a signal under that signal, in order."""
    under: dict[UUID, list[Item]] = {}
    top: list[Item] = []
    for item in items.values():
        if item.refers_to in items and item.kind in ("follow_up", "correction"):
            under.setdefault(item.refers_to, []).append(item)
        else:
            top.append(item)
    return tuple(item._replace(under=tuple(under.get(item.id, ()))) for item in top) if under else tuple(top)


def accept(work: Work, case_id: UUID) -> int:
    """Take up everything that waits in a case; returns how many. A second click finds none left."""
    circle.require_handling(work, case_id)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    unread = ledger.facts_of(work, case).unread
    waiting = [entry.id for entry in store.entries(work, case.id) if entry.id in unread]
    for signal in waiting:
        ledger.append(work, case, SignalAccepted(), Tag.SIGNAL_ACCEPTED, refers_to=signal)
    if waiting and case.owner_id is None:
        case.owner_id = work.viewer.person_id
    reminders.settle(work, case.id)
    return len(waiting)


def move_signal(work: Work, entry_id: UUID, card: PupilCard, reason: str, guardian_mails: tuple[str, ...] = ()) -> UUID:
    """Move a signal that stands on the wrong pupil; its words go, both histories say that it moved.

    Returns the id of the case that it went to.
    """
    require(work.viewer, Permission.CASE_READ)
    entry = signal_store.visible(work, entry_id)
    circle.require_handling(work, entry.case_id)
    if not reason.strip():
        raise InputRefused({"reason": "Schrijf op waarom je het signaal verplaatst."})
    index = _queue_for_both(work, store.visible(work, entry.case_id), card, guardian_mails)
    old, new = ledger.locked_case(work, entry.case_id), ledger.open_case(work, card, index)
    work.note(Tag.CASE_READ, old.id)
    moved = _move(work, old, new, entry, reason)
    reminders.for_new_signal(work, new, moved)
    return new.id


def _queue_for_both(work: Work, old: Case, card: PupilCard, mails: tuple[str, ...]) -> bytes:
    """Refuse a pupil that can not be meant; then wait for both pupils, in an order that two moves share.

    Returns the index of the pupil's case.
    """
    index, indexes = ledger.known_as(work, card)
    if people.is_excluded(work, work.viewer.person_id, *indexes):
        raise NotVisible
    if old.pupil_index == index:
        raise InputRefused({"pupil": "Dit signaal staat al bij deze leerling."})
    for person_id in people.know_guardians(work, index, mails):
        people.add_exclusion(work, person_id, OWN_CHILD, pupil_index=index)
    for one in sorted({index, old.pupil_index or index}):
        work.one_at_a_time(one)
    return index


def _move(work: Work, old: Case, new: Case, entry: Entry, reason: str) -> Entry:
    content = ledger.unseal(work, old, entry)
    notes = [(one, ledger.unseal(work, old, one)) for one in store.entries(work, old.id) if one.refers_to == entry.id]
    if not isinstance(content, Signal):
        raise NotVisible
    moved = ledger.append(work, new, content, Tag.SIGNAL_MOVED, author=entry.author_id, waits=True)
    ledger.append(work, new, SignalMovedHere(reason=reason), Tag.SIGNAL_MOVED, refers_to=moved.id)
    attachments.move(work, old, new, entry, moved)
    for one, words in notes:
        if one.kind in ("follow_up", "correction") and words is not None:
            ledger.append(work, new, words, Tag.SIGNAL_MOVED, refers_to=moved.id, author=one.author_id)
            ledger.take_away(work, one, SignalMovedAway(reason=reason), Tag.SIGNAL_MOVED)
    ledger.take_away(work, entry, SignalMovedAway(reason=reason), Tag.SIGNAL_MOVED)
    return moved
