"""The access log: who read or changed what, chained per school, written before anybody sees a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from meldcode_plugin.errors import LogUnavailable, TamperedData
from meldcode_plugin.rules.policy import Permission, may
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.crypto import Bound, canonical, same
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import BreakGlass
from meldcode_plugin.store.models.log import LogHead, LogLine, LogSubject
from meldcode_plugin.store.visibility import may_see

if TYPE_CHECKING:
    from meldcode_plugin.store.work import Work

START = bytes(32)
GLASS = "glass"
"""The outcome of what was done by break-glass."""
_HEAD = standing(select(LogHead.seq, LogHead.mac).where(LogHead.school_id == bindparam("school")).with_for_update())
_MOVE_HEAD = update(LogHead).where(LogHead.school_id == bindparam("school"))
_INSERT, _INSERT_SUBJECTS = insert(LogLine), insert(LogSubject)
PAGE = 1000


class Tag(StrEnum):
    """Everything that is logged: ``subject.action``. A closed list; a retired tag stays as a comment."""

    SIGNAL_RECORDED = "signal.recorded"
    SIGNAL_MANY = "signal.many"
    SIGNAL_READ = "signal.read"
    SIGNAL_FOLLOWED = "signal.followed_up"
    SIGNAL_CORRECTED = "signal.corrected"
    SIGNAL_ACCEPTED = "signal.accepted"
    SIGNAL_MOVED = "signal.moved"
    CASE_LISTED = "case.listed"
    CASE_READ = "case.read"
    STEP_ADDED = "step.added"
    CASE_CLOSED = "case.closed"
    DESTRUCTION_PROPOSED = "destruction.proposed"
    CASE_DESTROYED = "case.destroyed"
    DESTROYED_LISTED = "destruction.listed"
    CASE_REWRAPPED = "case.rewrapped"
    OWNER_CHANGED = "owner.changed"
    DEPUTY_CHANGED = "deputy.changed"
    SUCCESSION_OFFERED = "succession.offered"
    SUCCESSION_ANSWERED = "succession.answered"
    KIN_ANSWERED = "kin.answered"
    CASE_SHARED = "case.shared"
    SHARE_ENDED = "share.ended"
    SHARE_READ = "share.read"
    SHARE_ADVISED = "share.advised"
    FAMILY_LINKED = "family.linked"
    FAMILY_UNLINKED = "family.unlinked"
    GLASS_BROKEN = "glass.broken"
    GLASS_REVIEWED = "glass.reviewed"
    ATTACHMENT_ADDED = "attachment.added"
    ATTACHMENT_READ = "attachment.read"
    ATTACHMENT_REMOVED = "attachment.removed"
    PACKAGE_REQUESTED = "package.requested"
    PACKAGE_BUILT = "package.built"
    PACKAGE_READY = "package.ready"
    PACKAGE_ENDED = "package.ended"
    PACKAGE_READ = "package.read"
    PACKAGE_FETCHED = "package.fetched"
    PACKAGE_ANNEX_FETCHED = "package.annex_fetched"
    PACKAGE_HANDED_OVER = "package.handed_over"
    ROSTER_NOTICED = "roster.noticed"
    ROSTER_ANSWERED = "roster.answered"
    REGISTER_RECORDED = "register.recorded"
    REGISTER_READ = "register.read"
    ROLE_PROPOSED = "role.proposed"
    ROLE_CONFIRMED = "role.confirmed"
    ROLE_ENDED = "role.ended"
    EXCLUSION_PROPOSED = "exclusion.proposed"
    EXCLUSION_CONFIRMED = "exclusion.confirmed"
    EXCLUSION_REJECTED = "exclusion.rejected"
    PERSON_ENROLLED = "person.enrolled"
    PERSON_LEFT = "person.left"
    PERSON_RETURNED = "person.returned"
    DRAFT_LEFT = "draft.left"
    SIGNED_IN = "sign_in.started"
    SIGNED_OUT = "sign_in.ended"
    SIGN_IN_REFUSED = "sign_in.refused"
    LAUNCH_REFUSED = "launch.refused"
    CODE_CHANGED = "code.changed"
    TRAINING_RECORDED = "training.recorded"
    TRAINING_WITHDRAWN = "training.withdrawn"
    TERM_STARTED = "term.started"
    TERM_DONE = "term.done"
    LOG_READ = "log.read"
    RESTORED = "school.restored"
    DENIED = "access.denied"


class Note(NamedTuple):
    """What a transaction is about to log; it becomes a chained line at the commit."""

    event: Tag
    action: str
    case_id: UUID | None = None
    object_id: UUID | None = None
    object_hash: bytes | None = None
    outcome: str = "ok"


def write(work: Work, notes: list[Note]) -> None:
    """Chain and insert the notes. The head row is locked last and briefly; any fault closes the gate."""
    if not notes:
        return
    try:
        session, ring = work.inner, work.keys.school("log")
        broken = _by_glass(work) if any(note.case_id for note in notes) else set()
        seq, last = session.execute(_HEAD, {"school": work.school_id}).one()
        lines, subjects, same_for_all = [], [], _by(work)
        for number, (note, dossiers) in enumerate(_gathered(notes, broken), seq + 1):
            line = same_for_all | _line(note, number)
            last = line["mac"] = ring.mac(*_canonical(line, last, dossiers))
            lines.append(line)
            subjects += [{"school_id": work.school_id, "seq": number, "case_id": case_id} for case_id in dossiers]
        connection = session.connection()
        connection.execute(_MOVE_HEAD, {"school": work.school_id, "seq": seq + len(lines), "mac": last})
        connection.execute(_INSERT, lines)
        if subjects:
            connection.execute(_INSERT_SUBJECTS, subjects)
    except SQLAlchemyError as fault:
        raise LogUnavailable from fault


def _gathered(notes: list[Note], broken: set[UUID]) -> list[tuple[Note, list[UUID]]]:
    """Return what becomes a line each, and beside it the dossiers of a list: all that one page lists are one line.

    A list of one is a list as well: else who is kept away from a second dossier could tell that it was in there.
    """
    found: list[tuple[Note, list[UUID]]] = []
    lists: dict[str, dict[UUID, Note]] = {}
    for note in notes:
        known = note._replace(outcome=GLASS) if broken and note.case_id in broken else note
        if note.event is Tag.CASE_LISTED and note.case_id:
            lists.setdefault(known.outcome, {})[note.case_id] = known
        else:
            found.append((known, []))
    found += ((next(iter(seen.values()))._replace(case_id=None), sorted(seen)) for seen in lists.values())
    return found


def _by_glass(work: Work) -> set[UUID]:
    """Return the cases that the viewer reads by break-glass alone: every line about them says so."""
    if not may(work.viewer, Permission.BREAK_GLASS):
        return set()
    me = work.viewer.person_id
    opened = select(BreakGlass.case_id).where(BreakGlass.person_id == me, BreakGlass.until > work.now)
    found = {case_id for case_id in work.inner.scalars(opened) if case_id is not None}
    theirs = select(Case.id).where(Case.id.in_(found), may_see(work.viewer, Case))
    return found - set(work.inner.scalars(theirs)) if found else found


def _by(work: Work) -> dict[str, Any]:
    """Return what is the same in every line of a transaction: who, and when."""
    viewer = work.viewer
    return {
        "school_id": work.school_id,
        "at": work.now,
        "actor_id": viewer.person_id,
        "roles": ",".join(sorted(viewer.roles)),
        "system": viewer.system,
        "sign_in_id": viewer.sign_in_id,
    }


def _line(note: Note, seq: int) -> dict[str, Any]:
    return {
        "id": new_id(),
        "seq": seq,
        "action": note.action,
        "event": note.event.value,
        "outcome": note.outcome,
        "case_id": note.case_id,
        "object_id": note.object_id,
        "object_hash": note.object_hash,
    }


def _canonical(line: dict[str, Any], previous: bytes, dossiers: Sequence[UUID] = ()) -> tuple[Bound, ...]:
    """Return what a line is sealed over; of a list also its dossiers, in the order of their ids."""
    ids = ("id", "school_id", "actor_id", "sign_in_id", "case_id", "object_id")
    return (
        previous,
        line["seq"],
        int(line["at"].timestamp() * 1_000_000),
        line["action"],
        line["event"],
        line["outcome"],
        line["roles"],
        line["system"],
        *(b"" if line[name] is None else line[name].bytes for name in ids),
        line["object_hash"] or b"",
        *([b"".join(case_id.bytes for case_id in dossiers)] if dossiers else ()),
    )


def start(session: Session, school_id: UUID) -> None:
    """Give a new school the empty head of its chain."""
    session.add(LogHead(school_id=school_id, seq=0, mac=START))


@dataclass(frozen=True)
class Anchor:
    """The end of the chain as it was once seen, kept outside the database."""

    seq: int
    mac: bytes


def anchor(work: Work) -> dict[str, str | int]:
    """Return the end of the chain, signed (Ed25519), to be kept where the database's owner can not reach."""
    head = work.inner.scalars(select(LogHead)).one()
    ring = work.keys.school("log")
    at = work.now.isoformat(timespec="milliseconds")
    signature = ring.signer().sign(canonical(work.school_id.bytes, head.seq, head.mac, at))
    return {
        "school": str(work.school_id),
        "seq": head.seq,
        "mac": head.mac.hex(),
        "at": at,
        "signature": signature.hex(),
        "public": ring.public().hex(),
    }


def read_anchor(work: Work, line: dict[str, Any]) -> Anchor:
    """Return an anchor of this school; one that we did not sign raises `TamperedData`."""
    signed = canonical(work.school_id.bytes, line["seq"], bytes.fromhex(line["mac"]), line["at"])
    if not same(work.keys.school("log").signer().sign(signed), bytes.fromhex(line["signature"])):
        raise TamperedData
    return Anchor(line["seq"], bytes.fromhex(line["mac"]))


def verify(work: Work, anchors: list[Anchor] | None = None) -> list[str]:
    """Walk the whole chain; return one sentence per fault, an empty list when all is as it was written.

    Without an anchor a restored older database can not be told from the real one; with one it can.
    """
    wanted = {anchor.seq: anchor.mac for anchor in anchors or []}
    faults: list[str] = []
    previous, expected, ring, subjects = START, 1, work.keys.school("log"), 0
    for line, dossiers in _lines(work.inner, work.school_id):
        sealed = ring.mac(*_canonical(vars(line), previous, dossiers))
        faults += _faults(line, sealed, expected, wanted.pop(line.seq, None))
        previous, expected, subjects = line.mac, line.seq + 1, subjects + len(dossiers)
    if subjects != work.inner.scalar(select(func.count()).select_from(LogSubject)):
        faults.append("The log holds dossiers of a list that is not there.")
    head = work.inner.scalars(select(LogHead)).one_or_none()
    if head is None or (head.seq, head.mac) != (expected - 1, previous):
        faults.append(f"The log ends at line {expected - 1}, but its head says otherwise.")
    faults += [f"Line {seq} was anchored and is gone." for seq in sorted(wanted)]
    return faults


def _faults(line: LogLine, sealed: bytes, expected: int, anchored: bytes | None) -> list[str]:
    found = []
    if line.seq != expected:
        found.append(f"Line {expected} is missing, {line.seq} stands there.")
    if not same(line.mac, sealed):
        found.append(f"Line {line.seq} is not what was written.")
    if anchored is not None and not same(line.mac, anchored):
        found.append(f"Line {line.seq} differs from its anchor.")
    return found


def _lines(session: Session, school_id: UUID) -> Iterator[tuple[LogLine, list[UUID]]]:
    """Return each line with the dossiers of its list."""
    asked = select(LogLine).where(LogLine.school_id == school_id).order_by(LogLine.seq, LogLine.id)
    for page in session.scalars(asked.execution_options(yield_per=PAGE)).partitions():
        dossiers = listed(session, [line.seq for line in page])
        yield from ((line, dossiers.get(line.seq, [])) for line in page)


def listed(session: Session, seqs: list[int]) -> dict[int, list[UUID]]:
    """Return the dossiers of the lists among these lines, by line and in the order of their ids."""
    found: dict[int, list[UUID]] = {}
    asked = select(LogSubject.seq, LogSubject.case_id).where(LogSubject.seq.in_(seqs)).order_by(LogSubject.case_id)
    for seq, case_id in session.execute(asked):
        found.setdefault(seq, []).append(case_id)
    return found
