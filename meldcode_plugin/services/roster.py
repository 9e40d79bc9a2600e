"""The daily look at the school's roster: what changed about pupils of cases becomes a task, and nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, InputRefused, SourceUnavailable
from meldcode_plugin.rules.roster import NO, Change, is_too_few
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services import circle, health
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.people import OWN_CHILD
from meldcode_plugin.sis import Fault, Finding, Pupil, Roster, RosterSource, StaffMember, StudentSource
from meldcode_plugin.store import cases, ledger, links, people, reminders
from meldcode_plugin.store import rosters as store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.links import Known
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.roster import RosterNotice, RosterSync
from meldcode_plugin.store.work import Work

OLD_LOOK = timedelta(hours=26)
FEWER = "'meldcode roster sync --fewer-is-right'."
NO_LOOK = "This adapter can not list the school, so there is no daily look: keep parents who work here away by hand."
NOT_YET = timedelta(days=7)
"""How long a pupil who was never seen in the roster may be on the way to it."""


@dataclass(frozen=True)
class LastSync:
    """How the last look went: when, how many, and ``fault``, empty or one of `Fault`.

    ``before`` and ``good_at``: pupils and moment of the last look at which nothing was wrong. ``why`` is there right
    after a look alone: what its administrator can do.
    """

    started_at: datetime
    ended_at: datetime
    pupils: int
    guardians: int
    staff: int
    notices: int
    fault: str
    before: int | None = None
    good_at: datetime | None = None
    why: str = ""


@dataclass(frozen=True)
class Noticed:
    """One change on the page of a case: what the roster says now, beside what the dossier keeps."""

    id: UUID
    change: Change
    found_at: datetime
    said: dict[str, str]

    @property
    def born(self) -> date | None:
        """The birth date that the roster gives now."""
        return date.fromisoformat(self.said["born"]) if self.said.get("born") else None


def last_sync(work: Work) -> LastSync | None:
    """Return how the last look at the roster went, or None when there was none; no child is in it."""
    row = store.last(work)
    return _told(work, row) if row else None


def _told(work: Work, row: RosterSync, why: str = "") -> LastSync:
    good = store.last(work, good=True)
    counts = (row.pupils, row.guardians, row.staff, row.notices)
    before, good_at = (good.pupils, good.started_at) if good else (None, None)
    return LastSync(row.started_at, row.ended_at, *counts, row.fault, before, good_at, why)


def check(door: Door) -> list[Finding]:
    """Return what the adapter says of itself, what comes of one pupil and one of staff, and how the last looks went."""
    source, findings = door.source, door.source.check()
    if not all(one.ok for one in findings):
        return [*findings, *_looks(door, None)]
    found = _everybody(source)
    if found is None:
        samples = _samples(door, source.search("a", limit=1), source.staff())
        return [*findings, *samples, Finding(ok=True, text=NO_LOOK)]
    return [*findings, *_samples(door, found.pupils, found.staff), *_looks(door, len(found.pupils))]


def _everybody(source: StudentSource) -> Roster | None:
    """Return everybody, or None from an adapter that can not list the school."""
    try:
        return source.roster() if isinstance(source, RosterSource) else None
    except SourceUnavailable as fault:
        if fault.code != Fault.NO_LIST:
            raise
        return None


def _samples(door: Door, pupils: Sequence[Pupil], staff: Sequence[StaffMember]) -> Iterator[Finding]:
    """Say which parts come of one pupil and of the staff; what is in them is told nowhere."""
    one = door.source.pupil(pupils[0].id) if pupils else None
    if one is None:
        yield Finding(ok=False, text="No pupil could be asked alone, as the form does: may the client read pupils?")
    else:
        birth, group = "a" if one.birth_date else "no", "a" if one.group else "no"
        text = f"One pupil, asked alone: {birth} birth date, {group} group, {len(one.guardians)} guardians."
        yield Finding(ok=True, text=text)
    mail = sum(bool(member.email) for member in staff if member.active)
    text = f"{mail} of {len(staff)} members of staff work here now and have a mail address."
    none = " By that address a parent who works here is known: let it come along."
    yield Finding(mail > 0, text if mail else text + none)


def _looks(door: Door, pupils: int | None) -> Iterator[Finding]:
    """How the last looks went, and the pupils of now beside those of the last good one."""
    with door.system("roster check") as work:
        now, last, good = work.now, store.last(work), store.last(work, good=True)
    if not isinstance(door.source, RosterSource):
        return
    if last is None:
        yield Finding(ok=True, text="There was no daily look yet: run 'meldcode roster sync'.")
        return
    if last.fault:
        text = f"The last daily look, {health.ago(now, last.started_at)}, was wrong ({last.fault})."
        yield Finding(ok=False, text=f"{text} 'meldcode roster sync' looks again and says what to do.")
    elif now - last.started_at > OLD_LOOK:
        text = f"The last daily look was {health.ago(now, last.started_at)}: does the worker run?"
        yield Finding(ok=False, text=f"{text} Without a worker, let a timer run 'meldcode roster sync'.")
    else:
        yield Finding(ok=True, text=f"The last daily look was {health.ago(now, last.started_at)}.")
    if good and pupils is not None:
        fewer = is_too_few(good.pupils, pupils)
        text = f"{pupils} pupils now, {good.pupils} at the last good look."
        yield Finding(not fewer, f"{text} Did so many leave? {FEWER}" if fewer else text)


def sync(door: Door, *, fewer_is_right: bool = False) -> LastSync:
    """Read the whole roster and compare it with the pupils of cases; tells how it went and never raises for a roster.

    The network is asked before the transaction opens. At any fault nothing is compared: who is missing from half
    an answer has not left. ``fewer_is_right``: a person said that so many pupils really left.
    """
    with door.system("roster sync") as work:
        started, before = work.now, store.last(work, good=True)
    try:
        roster = _read(door)
        if before and is_too_few(before.pupils, len(roster.pupils)) and not fewer_is_right:
            why = f"{len(roster.pupils)} pupils, and {before.pupils} at the last good look. If that many really left: "
            raise SourceUnavailable(code=Fault.FEWER, why=why + FEWER)
    except SourceUnavailable as fault:
        with door.system("roster sync") as work:
            return _told(work, store.keep(work, started, fault=fault.code), fault.why)
    with door.system("roster sync") as work:
        told = _Look(work, roster).compare()
        guardians = sum(len(pupil.guardians) for pupil in roster.pupils)
        row = store.keep(work, started, len(roster.pupils), guardians, len(roster.staff), told)
        work.inner.flush()
        return _told(work, row)


def _read(door: Door) -> Roster:
    if not isinstance(door.source, RosterSource):
        raise SourceUnavailable(code=Fault.NO_LIST, why="This adapter can not list all pupils.")
    roster = door.source.roster()
    if not roster.pupils:
        raise SourceUnavailable(code=Fault.EMPTY, why="The roster holds no pupils.")
    if len({pupil.id for pupil in roster.pupils}) != len(roster.pupils):
        raise SourceUnavailable(code=Fault.DUPLICATE, why="Two pupils of the roster have the same number.")
    return roster


@dataclass
class _Look:
    """One comparison, inside one transaction. It adds notices and links; it changes no case and no exclusion of one."""

    work: Work
    roster: Roster
    told: int = 0
    known: dict[bytes, Known] = field(init=False)
    cases: dict[bytes, list[Case]] = field(init=False)
    open: dict[tuple[UUID, str, bytes], RosterNotice] = field(init=False)
    colleagues: dict[bytes, list[UUID]] = field(init=False)
    still: set[tuple[UUID, str, bytes]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Read what is known."""
        self.known = links.known(self.work)
        self.cases = store.cases_of(self.work, set(self.known))
        self.open = store.open_notices(self.work)
        self.colleagues = store.people_by_mail(self.work)

    def compare(self) -> int:
        """Return how many notices are new."""
        here = self._work_here()
        pairs: set[tuple[bytes, bytes]] = set()
        numbers = {number: pupil for pupil, known in self.known.items() for number in known.number}
        seen: dict[bytes, Pupil] = {}
        strangers: dict[bytes, Pupil] = {}
        for pupil in self.roster.pupils:
            own = ledger.pupil_index(self.work, pupil.id)
            held = own if own in self.known else numbers.get(own)
            pairs |= {(index, mail) for mail in self._mails(pupil) & here for index in (own, held or own)}
            if held is None:
                strangers[own] = pupil
            else:
                seen.setdefault(held, pupil)
        for index, pupil in seen.items():
            self._met(index, pupil)
        found = self._returned(strangers, set(seen))
        self._gone(set(self.cases) - set(seen) - found)
        self._withdraw()
        store.keep_guardians(self.work, pairs)
        return self.told

    def _work_here(self) -> set[bytes]:
        """The mail addresses, as indexes, of who has an account here and of who the roster says works here."""
        mails = (one.email for one in self.roster.staff if one.email and one.active)
        return set(self.colleagues) | {index for mail in mails if (index := people.mail_index(self.work, mail))}

    def _mails(self, pupil: Pupil) -> set[bytes]:
        return {found for one in pupil.guardians if one.email and (found := people.mail_index(self.work, one.email))}

    def _met(self, index: bytes, pupil: Pupil) -> None:
        """A pupil that is known under this number: see whether it is the same child, and learn its further ids."""
        known, about = self.known[index], links.about_index(self.work, pupil.name, pupil.birth_date)
        if about is not None and known.about and about not in known.about:
            self._tell(index, Change.DIFFERS, about, pupil)
            return
        if about is not None and not known.about:
            links.add(self.work, index, links.ABOUT, about)
        for other in pupil.other_ids:
            held = links.id_index(self.work, other)
            if other.stable and other.value and held not in known.id:
                links.add(self.work, index, links.ID, held)
                known = Known(known.number, known.id | {held}, known.about, known.refused)
        self._guardians(index, pupil)

    def _guardians(self, index: bytes, pupil: Pupil) -> None:
        """A colleague who is named as a guardian is told of; a roster alone keeps nobody away from a case."""
        if index not in self.cases:
            return
        for person in {one for mail in self._mails(pupil) for one in self.colleagues.get(mail, ())}:
            if not people.is_excluded(self.work, person, index):
                self._tell(index, Change.GUARDIAN, person.bytes, pupil, person=person.hex)

    def _returned(self, strangers: dict[bytes, Pupil], seen: set[bytes]) -> set[bytes]:
        """Numbers that no case knows: some are of a child who is known. Returns the children who surely came back."""
        by_id: dict[bytes, set[bytes]] = {}
        for index, known in self.known.items():
            for one in known.id:
                by_id.setdefault(one, set()).add(index)
        claims: dict[bytes, list[bytes]] = {}
        for own, pupil in strangers.items():
            found = (by_id.get(one, set()) for one in links.stable(self.work, pupil.other_ids))
            for index in set[bytes]().union(*found):
                if own not in self.known[index].refused:
                    claims.setdefault(index, []).append(own)
        alone = set(claims) - seen
        return {index for index, owns in claims.items() if self._claimed(index, owns, strangers, alone=index in alone)}

    def _claimed(self, index: bytes, owns: list[bytes], strangers: dict[bytes, Pupil], *, alone: bool) -> bool:
        """One child, gone under its old number, with the same name and birth date: a new number. Else: ask."""
        pupil = strangers[owns[0]]
        about = links.about_index(self.work, pupil.name, pupil.birth_date)
        if alone and len(owns) == 1 and about in self.known[index].about:
            links.add(self.work, index, links.NUMBER, owns[0])
            self._tell(index, Change.NEW_NUMBER, owns[0], pupil)
            if index not in self.cases:
                people.also_exclude(self.work, index, owns[0])
            return True
        for own in owns:
            self._tell(index, Change.SAME_CHILD, own, strangers[own])
        return False

    def _gone(self, missing: set[bytes]) -> None:
        for index in missing:
            fresh = max(case.opened_at for case in self.cases[index]) > self.work.now - NOT_YET
            if self.known[index].about or not fresh:
                self._tell(index, Change.GONE, index, None)

    def _tell(self, index: bytes, change: Change, subject: bytes, pupil: Pupil | None, **more: str) -> None:
        """Put a notice on each open case of a pupil, once; what was answered is not asked again."""
        for case in self.cases.get(index, []):
            key = (case.id, change.value, subject)
            self.still.add(key)
            waits = key in self.open or not store.is_open(case)
            if waits or store.answered(self.work, case.id, change.value, subject):
                continue
            row = store.notice(self.work, case, change.value, subject, _said(pupil) | more)
            store.remind(self.work, row)
            self.told += 1

    def _withdraw(self) -> None:
        """What is no longer so, and needs no answer to be left alone, is taken back."""
        for key, row in self.open.items():
            if key not in self.still and key[1] in (Change.GONE, Change.DIFFERS, Change.SAME_CHILD, Change.GUARDIAN):
                store.withdraw(self.work, row)
                _settle(self.work, row.case_id)


def _said(pupil: Pupil | None) -> dict[str, str]:
    if pupil is None:
        return {}
    born = pupil.birth_date.isoformat() if pupil.birth_date else ""
    return {"number": pupil.id, "name": pupil.name, "born": born, "group": pupil.group or ""}


# --- what a person says ------------------------------------------------------------------------------


def noticed(work: Work, case_id: UUID) -> list[Noticed]:
    """Return what waits for an answer about the pupil of a case that the viewer handles; never about the viewer."""
    rows = store.notices(work, case_id)
    if not rows or not circle.handles(work, case_id):
        return []
    case = cases.visible(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    found = [Noticed(row.id, Change(row.kind), row.found_at, store.words(work, case, row)) for row in rows]
    names = people.names(work, {UUID(one.said["person"]) for one in found if "person" in one.said})
    mine = work.viewer.person_id.hex
    return [
        Noticed(one.id, one.change, one.found_at, one.said | {"person": names.get(UUID(one.said["person"]), "")})
        if "person" in one.said
        else one
        for one in found
        if one.said.get("person") != mine
    ]


def waiting(work: Work) -> set[UUID]:
    """Return the cases that the viewer may see and on which something waits for an answer."""
    return store.cases_with_notices(work)


def answer(work: Work, case_id: UUID, notice_id: UUID, *, agrees: bool | None) -> None:
    """Say what a change means. Only this makes a number known for good, refuses it, or keeps a colleague away.

    Raises `AlreadyDone` when somebody answered before, `InputRefused` when it is no answer to this.
    """
    circle.require_handling(work, case_id)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    row = store.locked(work, case_id, notice_id)
    if row.settled_at is not None:
        raise AlreadyDone
    change = Change(row.kind)
    if agrees is None or (not agrees and change not in NO):
        raise InputRefused({"answer": "Kies een van de antwoorden."})
    work.note(Tag.ROSTER_ANSWERED, case.id, row.id, action="U")
    row.settled_at, row.settled_by, row.agreed = work.now, work.viewer.person_id, agrees
    _settle(work, case_id)
    if case.pupil_index is not None:
        _apply(work, case.pupil_index, change, row, store.words(work, case, row), agrees=agrees)


def _settle(work: Work, case_id: UUID) -> None:
    """With the last answer, nobody needs to be reminded any more."""
    work.inner.flush()
    if not store.notices(work, case_id):
        reminders.settle(work, case_id, (Kind.ROSTER,))


def _apply(work: Work, pupil: bytes, change: Change, row: RosterNotice, said: dict[str, str], *, agrees: bool) -> None:
    if change is Change.DIFFERS:
        links.add(work, pupil, links.ABOUT, row.subject)
    elif change is Change.GUARDIAN and agrees:
        people.add_exclusion(work, UUID(said["person"]), OWN_CHILD, pupil_index=pupil, by=work.viewer.person_id)
    elif change in (Change.NEW_NUMBER, Change.SAME_CHILD):
        if not agrees:
            links.drop(work, pupil, links.NUMBER, row.subject)
        links.add(work, pupil, links.NUMBER if agrees else links.REFUSED, row.subject)
