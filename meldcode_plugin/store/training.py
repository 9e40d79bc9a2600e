"""Named reads and writes about training of who works here; when it is due again, the rules say."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import bindparam, delete, select

from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.rules.training import Employee
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.people import Person, RoleGrant
from meldcode_plugin.store.models.training import Training
from meldcode_plugin.store.work import Work

_AT_WORK = standing(select(Person.id, Person.enrolled_at).where(Person.active))
_AF_SINCE = standing(
    select(RoleGrant.person_id, RoleGrant.confirmed_at).where(
        RoleGrant.role == Role.AF.value, RoleGrant.confirmed_at.is_not(None), RoleGrant.ended_at.is_(None)
    )
)
_ALL = standing(select(Training.id, Training.person_id, Training.kind, Training.day).order_by(Training.day))
_ONE = standing(select(Training).where(Training.id == bindparam("row")))
_SAME = standing(select(Training.person_id).where(Training.kind == bindparam("kind"), Training.day == bindparam("day")))


def one_at_a_time(work: Work) -> None:
    """Let changes of training, and of what falls due by it, wait for each other."""
    work.one_at_a_time(work.keys.school("index").index(work.school_id.bytes, "training"))


def employees(work: Work) -> tuple[list[Employee], dict[UUID, dict[Kind, tuple[UUID, date]]]]:
    """Return who works here now, by what the rules ask, and beside it the row and day of what each had when last."""
    local, had = work.calendar.local_date, _last(work)
    af = {person: local(at) for person, at in work.session.execute(_AF_SINCE) if at}
    staff = [
        Employee(person, local(at), af.get(person), {kind: day for kind, (_, day) in had.get(person, {}).items()})
        for person, at in work.session.execute(_AT_WORK)
    ]
    return staff, had


def _last(work: Work) -> dict[UUID, dict[Kind, tuple[UUID, date]]]:
    """Return by person, of each kind, the last one that was recorded: its row and its day."""
    found: dict[UUID, dict[Kind, tuple[UUID, date]]] = {}
    for row, person, kind, day in work.session.execute(_ALL):
        found.setdefault(person, {})[Kind(kind)] = (row, day)
    return found


def add(work: Work, people: set[UUID], kind: Kind, day: date) -> None:
    """Keep that these people had this training on this day; whoever has it already keeps it once."""
    held = set(work.session.scalars(_SAME, {"kind": kind.value, "day": day}))
    for person_id in people - held:
        row = Training(id=new_id(), school_id=work.school_id, person_id=person_id, kind=kind.value, day=day)
        row.recorded_by, row.recorded_at = work.viewer.person_id, work.now
        work.inner.add(row)
        work.note(Tag.TRAINING_RECORDED, object_id=row.id, action="C")
    work.inner.flush()


def remove(work: Work, row_id: UUID) -> None:
    """Take away what was recorded by mistake; what is gone already stays gone."""
    if work.session.scalars(_ONE, {"row": row_id}).one_or_none() is None:
        return
    work.inner.execute(delete(Training).where(Training.id == row_id))
    work.note(Tag.TRAINING_WITHDRAWN, object_id=row_id, action="D")
