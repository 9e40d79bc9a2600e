"""Schools: add one with its keys, list them, turn its keys. The only store file without a viewer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.store import accesslog, keys
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.schools import School
from meldcode_plugin.store.work import Store, Work

BATCH = 500


@dataclass(frozen=True)
class SchoolRow:
    """A school of the installation."""

    id: UUID
    code: str
    name: str


def by_code(store: Store, code: str) -> UUID | None:
    """Return the id of the school with this code, or None."""
    with Session(store.engine) as session:
        return session.scalar(select(School.id).where(School.code == code))


def of_work(work: Work) -> SchoolRow:
    """Return the school of this transaction."""
    found = work.inner.scalars(select(School).where(School.id == work.school_id)).one()
    return SchoolRow(found.id, found.code, found.name)


def all_schools(store: Store) -> list[SchoolRow]:
    """Return every school, by code."""
    with Session(store.engine) as session:
        return [SchoolRow(s.id, s.code, s.name) for s in session.scalars(select(School).order_by(School.code))]


def add(store: Store, code: str, name: str) -> UUID:
    """Add a school with its own keys and an empty log; a code that exists is returned as it is."""
    held = by_code(store, code)
    if held is not None:
        return held
    school_id = new_id()
    with Session(store.engine) as session, session.begin():
        session.add(School(id=school_id, code=code, name=name, created_at=store.clock()))
    with store.work(Viewer.for_system(school_id, "school add")) as work:
        keys.make_school_keys(work.inner, store.root, school_id, work.now)
        accesslog.start(work.inner, school_id)
    return school_id


def rewrap(store: Store, school_id: UUID) -> int:
    """Wrap the school's keys with the current root key; returns how many it did."""
    with store.work(Viewer.for_system(school_id, "keys rotate")) as work:
        count = keys.rewrap_school_keys(work.inner, store.root, school_id)
    store.cache.forget()
    return count


def rotate_cases(store: Store, school_id: UUID) -> int:
    """Give the school a new epoch key and wrap every case key with it, in small resumable steps."""
    viewer = Viewer.for_system(school_id, "keys rotate")
    with store.work(viewer) as work:
        epoch = keys.new_epoch(work.inner, store.root, school_id, work.now)
    store.cache.forget()
    return rewrap_cases(store, school_id, epoch)


def rewrap_cases(store: Store, school_id: UUID, epoch: int) -> int:
    """Wrap the case keys that an older epoch key wraps; stopped halfway, a next call goes on."""
    last, count = UUID(int=0), 0
    while True:
        with store.work(Viewer.for_system(school_id, "keys rotate")) as work:
            found = select(Case).where(Case.id > last, Case.wrapped_key.is_not(None)).order_by(Case.id).limit(BATCH)
            rows = work.inner.scalars(found.with_for_update()).all()
            for case in rows:
                if case.wrapped_key and int.from_bytes(case.wrapped_key[2:4], "big") < epoch:
                    case.wrapped_key = work.keys.rewrap(case)
                    work.note(Tag.CASE_REWRAPPED, case.id, action="U")
                    count += 1
        if not rows:
            return count
        last = rows[-1].id
