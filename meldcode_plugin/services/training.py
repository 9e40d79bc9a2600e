"""Training in the meldcode: who of the staff had it when, who is due again, and the reminder that follows (R59)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.terms import OF_STAFF, Kind, months_later
from meldcode_plugin.rules.training import Employee, due_on, of_staff
from meldcode_plugin.store import clocks, people
from meldcode_plugin.store import training as store
from meldcode_plugin.store.work import Work

LONG_AGO = 120
"""Months: who writes down an older day probably mistypes the year."""
NOBODY = "Kruis aan wie de scholing had."
GONE = "Iemand die je aankruiste werkt hier niet meer. Kijk de lijst nog eens na."
NO_AF = "Bijscholing is alleen voor de aandachtsfunctionaris. Haal het kruisje weg bij de anderen."
WHICH = "Kies wat voor scholing het was."
WHEN = "Kies de dag van de scholing: vandaag of eerder, en hooguit tien jaar geleden."


@dataclass(frozen=True)
class Course:
    """One kind of training of one person: the day of the last one with its row, and when it is due again."""

    kind: Kind
    row: UUID | None
    had_on: date | None
    due_on: date
    late: bool


@dataclass(frozen=True)
class Member:
    """Somebody who works here, with what is asked of them."""

    id: UUID
    name: str
    courses: list[Course]

    @property
    def late(self) -> bool:
        """Tell whether anything of it is overdue."""
        return any(one.late for one in self.courses)


@dataclass(frozen=True)
class TrainingPage:
    """The page *scholing*: who is first due stands first. ``months``: how long each kind lasts at this school."""

    members: list[Member]
    months: dict[Kind, int]

    @property
    def late(self) -> int:
        """Return how many people are overdue."""
        return sum(member.late for member in self.members)

    @property
    def has_af(self) -> bool:
        """Tell whether a refresher is asked of anybody."""
        return any(len(member.courses) > 1 for member in self.members)


def page(work: Work) -> TrainingPage:
    """Return everybody who works here, with when they had training and when they are due again."""
    require(work.viewer, Permission.TRAINING_READ)
    staff, rows = store.employees(work)
    names = people.names(work, {one.id for one in staff})
    found = [Member(one.id, names[one.id], _courses(work, one, rows.get(one.id, {}))) for one in staff]
    found.sort(key=lambda member: (min(one.due_on for one in member.courses), member.name.casefold()))
    return TrainingPage(found, {kind: work.terms[kind].months for kind in OF_STAFF})


def _courses(work: Work, one: Employee, rows: dict[Kind, tuple[UUID, date]]) -> list[Course]:
    today, found = work.calendar.local_date(work.now), []
    for kind in OF_STAFF:
        if due := due_on(kind, one, work.calendar, work.terms):
            row, day = rows.get(kind, (None, None))
            found.append(Course(kind, row, day, due, due < today))
    return found


def record(work: Work, who: set[UUID], kind: str, day: date | None) -> None:
    """Keep that these people had training on a day; sent twice it stands once.

    Raises `InputRefused` when nobody is chosen, somebody does not work here, or the kind or the day can not be.
    """
    require(work.viewer, Permission.TRAINING_RECORD)
    store.one_at_a_time(work)
    wrong = _faults(work, who, kind, day)
    if wrong or day is None:
        raise InputRefused(wrong)
    store.add(work, who, Kind(kind), day)
    lay_down(work)


def _faults(work: Work, who: set[UUID], kind: str, day: date | None) -> dict[str, str]:
    staff = {one.id: one for one in store.employees(work)[0]}
    wrong = {}
    if not who:
        wrong["people"] = NOBODY
    elif who - set(staff):
        wrong["people"] = GONE
    elif kind == Kind.REFRESHER and any(staff[one].af_since is None for one in who):
        wrong["people"] = NO_AF
    if kind not in OF_STAFF:
        wrong["kind"] = WHICH
    today = work.calendar.local_date(work.now)
    if day is None or not months_later(today, -LONG_AGO) <= day <= today:
        wrong["day"] = WHEN
    return wrong


def withdraw(work: Work, row_id: UUID) -> None:
    """Take back what was recorded by mistake; what was due before it is due again."""
    require(work.viewer, Permission.TRAINING_RECORD)
    store.one_at_a_time(work)
    store.remove(work, row_id)
    lay_down(work)


def lay_down(work: Work) -> None:
    """Let the reminders say who is due first, and no more: who left or lost the role is no longer asked about."""
    store.one_at_a_time(work)
    staff, _ = store.employees(work)
    clocks.keep(work, None, of_staff(staff, work.calendar, work.terms), OF_STAFF)
