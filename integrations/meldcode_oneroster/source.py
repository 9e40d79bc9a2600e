"""A `StudentSource` over a OneRoster server, with what was read kept in memory for a while; it knows no page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from meldcode_oneroster import reading
from meldcode_oneroster.options import Options
from meldcode_oneroster.reading import Person
from meldcode_oneroster.transport import Transport, path_of
from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault, Finding, Pupil, Roster, StaffMember, best, plain

T = TypeVar("T")
MINUTE, HOUR = 60.0, 3600.0
LONGEST_ID = 255
TIRED = (Fault.AWAY, Fault.SLOW, Fault.BUSY, Fault.ERROR)
"""Faults after which a server is left alone for a moment: no page waits for it again and again."""
BROKEN = re.compile("\ufffd|[\u00c2\u00c3][\u0080-\u00bf]")
HELD = 5000
"""Pupils that were looked up one by one and are kept; then all of these are forgotten."""


@dataclass
class _Kept:
    """What was read, and when. In memory alone: the names of a school's children are not written to a disk."""

    pupils: dict[str, Pupil] = field(default_factory=dict)
    staff: list[StaffMember] = field(default_factory=list)
    listed_at: float = float("-inf")
    single: dict[str, tuple[float, Pupil]] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    groups_at: float = float("-inf")


class OneRosterSource:
    """Answers from what it read less than a quarter of an hour ago, else from the server.

    A server that is silent is asked again after a moment; meanwhile what was known of a pupil still counts, for
    a day. Who was never known then raises `SourceUnavailable`, and the teacher records all the same.
    """

    def __init__(self, transport: Transport, options: Options) -> None:
        """Ask nothing yet."""
        self._transport, self._options, self._lock = transport, options, Lock()
        self._kept, self._school, self._alone = _Kept(), "", False
        self._rests_until, self._rests_for = float("-inf"), SourceUnavailable()
        self._no_demographics = not options.demographics

    # --- the port -----------------------------------------------------------------------------------

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil with this ``sourcedId``, at this school, or None."""
        if not _can_be_id(pupil_id):
            return None
        known = self._known(pupil_id, self._options.fresh_minutes * MINUTE)
        if known is not None:
            return known
        try:
            found = self._asked(lambda until: self._one(pupil_id, until), self._options.page_seconds)
        except SourceUnavailable:
            found = self._known(pupil_id, self._options.stale_hours * HOUR)
            if found is None:
                raise
        # who was here today and is not now is still somebody to write about: the daily sync says who left
        return found or self._known(pupil_id, self._options.stale_hours * HOUR)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils by name; not by the server's filter, which knows no accents, particles or quotes."""
        if not plain(words) or limit < 1:
            return []
        return best(self._listed().values(), words, limit)

    def staff(self) -> list[StaffMember]:
        """Return everybody with a role of staff at the school, who left included as not active."""
        self._listed()
        return list(self._kept.staff)

    def roster(self) -> Roster:
        """Ask everybody anew."""
        self._rests_until = float("-inf")
        kept = self._asked(self._read, self._options.list_seconds)
        return Roster(tuple(kept.pupils.values()), tuple(kept.staff))

    def check(self) -> list[Finding]:
        """Ask a token, the school, everybody, and one pupil by itself; say per line what was found."""
        try:
            found = self.roster()
            self._kept.single.clear()
            first = self._asked(lambda until: self._one(found.pupils[0].id, until), self._options.page_seconds)
        except SourceUnavailable as fault:
            return [Finding(ok=False, text=fault.why)]
        return [
            Finding(ok=True, text=f"OneRoster {self._options.version} answers for school {self._options.school}."),
            Finding(
                bool(first),
                "One pupil, asked alone, is there."
                if first
                else "A listed pupil is not found alone: ask for the rights to single pupils.",
            ),
            Finding(ok=True, text=_counted(found)),
            *_broken_names(found),
        ]

    # --- what is kept -------------------------------------------------------------------------------

    def _known(self, pupil_id: str, seconds: float) -> Pupil | None:
        after = monotonic() - seconds
        if self._kept.listed_at > after and pupil_id in self._kept.pupils:
            return self._kept.pupils[pupil_id]
        at, found = self._kept.single.get(pupil_id, (float("-inf"), None))
        return found if at > after else None

    def _listed(self) -> dict[str, Pupil]:
        """Return all pupils: read lately, else read now, else, while the server is silent, as they were."""
        now = monotonic()
        if self._kept.listed_at > now - self._options.fresh_minutes * MINUTE:
            return self._kept.pupils
        try:
            with self._lock:
                if self._kept.listed_at <= now:
                    self._asked(self._read, self._options.list_seconds)
        except SourceUnavailable:
            if self._kept.listed_at <= now - self._options.stale_hours * HOUR:
                raise
        return self._kept.pupils

    def _asked(self, ask: Callable[[float], T], seconds: float) -> T:
        """Ask the server, within so many seconds, unless it was silent a moment ago."""
        if monotonic() < self._rests_until:
            raise self._rests_for
        try:
            return ask(monotonic() + seconds)
        except SourceUnavailable as fault:
            if fault.code in TIRED:
                self._rests_until, self._rests_for = monotonic() + self._options.rest_seconds, fault
            raise

    # --- the server ---------------------------------------------------------------------------------

    def _find_school(self, until: float) -> str:
        """Return the ``sourcedId`` of our school, named by it or by its ``identifier``; no other school will do."""
        if self._school:
            return self._school
        rows = self._transport.rows("schools", until)
        if rows is None:
            rows = self._transport.rows("orgs", until)
        orgs = [row for row in rows or () if not reading.is_gone(row)]
        schools = [row for row in orgs if reading.text(row.get("type")).casefold() in ("school", "")]
        wanted = plain(self._options.school)
        ours = {
            reading.text(row.get("sourcedId"))
            for row in orgs
            if wanted in (plain(reading.text(row.get("sourcedId"))), plain(reading.text(row.get("identifier"))))
        }
        if len(ours) != 1:
            why = f"OneRoster: the server knows {len(orgs)} organisations, but not school {self._options.school}."
            raise SourceUnavailable(code=Fault.FOREIGN, why=why + " Check the option school and the client's rights.")
        self._school, self._alone = ours.pop(), len(schools) == 1
        return self._school

    def _is_ours(self, one: Person, role: str) -> bool:
        return not one.gone and role in one.at(self._school, alone=self._alone)

    def _one(self, pupil_id: str, until: float) -> Pupil | None:
        """Ask one pupil; an answer about somebody else, or about a pupil of another school, is none."""
        self._find_school(until)
        row = self._single("students", pupil_id, until)
        one = reading.person(row) if row else None
        if one is None or not self._is_ours(one, reading.STUDENT):
            return None
        guardians = [reading.person(found) for agent in one.agents if (found := self._single("users", agent, until))]
        made = reading.pupil(one, self._born(pupil_id, until), self._group(pupil_id, until), guardians)
        if len(self._kept.single) >= HELD:
            self._kept.single.clear()
        self._kept.single[pupil_id] = (monotonic(), made)
        return made

    def _single(self, what: str, row_id: str, until: float) -> dict[str, Any] | None:
        """Return one row, under whatever name it stands, if it is the one that was asked."""
        body = self._transport.get(path_of(what, row_id), until)
        if body is None:
            return None
        rows = [one for one in body.values() if isinstance(one, dict)] if isinstance(body, dict) else []
        if not rows:
            raise SourceUnavailable(code=Fault.NONSENSE, why="OneRoster: an answer without its row. Check base_url.")
        return next((row for row in rows if reading.text(row.get("sourcedId")) == row_id), None)

    def _born(self, pupil_id: str, until: float) -> date | None:
        if self._no_demographics:
            return None
        try:
            return reading.day((self._single("demographics", pupil_id, until) or {}).get("birthDate"))
        except SourceUnavailable as fault:
            self._without_demographics(fault)
            return None

    def _without_demographics(self, fault: SourceUnavailable) -> None:
        """A client without the right to birth dates works without them; any other fault stays one."""
        if fault.code != Fault.FORBIDDEN:
            raise fault
        self._no_demographics = True

    def _group(self, pupil_id: str, until: float) -> str | None:
        rows = self._nested(until, "students", pupil_id, "classes")
        if rows is not None:
            return reading.group(rows)
        if self._kept.groups_at <= monotonic() - self._options.fresh_minutes * MINUTE:
            self._kept.groups, self._kept.groups_at = self._all_groups(until), monotonic()
        return self._kept.groups.get(pupil_id)

    def _nested(self, until: float, *parts: str) -> Iterator[dict[str, Any]] | None:
        """Ask a path inside another, when the options say so; None when this server does not have or give it."""
        if not self._options.nested:
            return None
        try:
            return self._transport.rows(path_of(*parts), until)
        except SourceUnavailable as fault:
            if fault.code != Fault.FORBIDDEN:
                raise
            return None

    def _all_groups(self, until: float) -> dict[str, str]:
        """Join classes and enrollments: the nested paths are missing at some servers."""
        classes = list(self._transport.rows("classes", until) or ())
        return reading.groups(classes, (self._transport.rows("enrollments", until) if classes else None) or ())

    def _read(self, until: float) -> _Kept:
        """Read everybody of the school; nothing of it is kept unless all of it came."""
        self._find_school(until)
        students = self._students(until)
        if not students:
            why = "OneRoster: the school has no pupils, says the server. Check the rights of this client."
            raise SourceUnavailable(code=Fault.EMPTY, why=why)
        guardians, staff = self._users(until, {agent for one in students for agent in one.agents})
        born, groups = self._all_born(until), self._all_groups(until)
        pupils = {
            one.id: reading.pupil(
                one, born.get(one.id), groups.get(one.id), [guardians[a] for a in one.agents if a in guardians]
            )
            for one in students
        }
        now = monotonic()
        self._kept = _Kept(pupils, staff, now, {}, groups, now)
        return self._kept

    def _students(self, until: float) -> list[Person]:
        rows = self._nested(until, "schools", self._school, "students")
        if rows is None:
            rows = self._transport.rows("students", until)
        found = [reading.person(row) for row in rows or ()]
        ours = [one for one in found if self._is_ours(one, reading.STUDENT)]
        if any(not one.gone for one in found) and not ours:
            why = f"OneRoster: all pupils that the server gives are of another school than {self._options.school}."
            raise SourceUnavailable(code=Fault.FOREIGN, why=why)
        return ours

    def _users(self, until: float, wanted: set[str]) -> tuple[dict[str, Person], list[StaffMember]]:
        """Read all users once: the guardians that pupils name, and the staff of the school."""
        guardians: dict[str, Person] = {}
        staff: dict[str, StaffMember] = {}
        rows = self._transport.rows("users", until)
        for row in rows if rows is not None else self._transport.rows("teachers", until) or ():
            one = reading.person(row)
            if one.id in wanted:
                guardians[one.id] = one
            if any(role in reading.STAFF for role in one.at(self._school, alone=self._alone)):
                staff[one.id] = reading.staff_member(one)
        return guardians, list(staff.values())

    def _all_born(self, until: float) -> dict[str, date]:
        try:
            rows = None if self._no_demographics else self._transport.rows("demographics", until)
            found = ((reading.text(row["sourcedId"]), reading.day(row.get("birthDate"))) for row in rows or ())
            return {key: born for key, born in found if born}
        except SourceUnavailable as fault:
            self._without_demographics(fault)
            return {}


def _can_be_id(pupil_id: str) -> bool:
    return 0 < len(pupil_id) <= LONGEST_ID and pupil_id.isprintable() and pupil_id.strip(".") != ""


def _counted(found: Roster) -> str:
    guardians = sum(len(one.guardians) for one in found.pupils)
    born = sum(one.birth_date is not None for one in found.pupils)
    group = sum(bool(one.group) for one in found.pupils)
    return f"{len(found.pupils)} pupils: {born} with a birth date, {group} with a group, {guardians} guardians named."


def _broken_names(found: Roster) -> list[Finding]:
    """Names that went through a wrong encoding on their way say so by these signs."""
    broken = sum(bool(BROKEN.search(one.name)) for one in found.pupils)
    text = f"{broken} names hold signs of a wrong encoding, as in 'Ã¶' for 'ö'. Tell the supplier."
    return [Finding(ok=False, text=text)] if broken else []
