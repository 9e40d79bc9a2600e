"""The named reads and writes of health marks; what they mean is said by the services."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.marks import HealthMark
from meldcode_plugin.store.work import Work


def put(work: Work, kind: str, words: str = "") -> None:
    """Write down that this happened now."""
    mark = work.inner.scalars(select(HealthMark).where(HealthMark.kind == kind)).one_or_none()
    if mark is not None:
        mark.at, mark.words = work.now, words
        return
    try:
        with work.inner.begin_nested():
            work.inner.add(HealthMark(id=new_id(), school_id=work.school_id, kind=kind, at=work.now, words=words))
    except IntegrityError:
        # Another process made the first mark at this very moment: that says the same.
        return


def try_out(work: Work) -> None:
    """Write a mark and take it back: the database takes a row, and nothing is left behind."""
    with work.inner.begin_nested() as here:
        work.inner.add(HealthMark(id=new_id(), school_id=work.school_id, kind="ready", at=work.now, words=""))
        work.inner.flush()
        here.rollback()


def all_marks(work: Work) -> dict[str, HealthMark]:
    """Return every mark of the school by its kind."""
    return {mark.kind: mark for mark in work.inner.scalars(select(HealthMark))}
