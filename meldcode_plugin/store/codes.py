"""Named reads and writes about the versions of the school's reporting code; it decides nothing."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from meldcode_plugin.rules.code import FIRST, CodeText
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.codes import CodeVersion
from meldcode_plugin.store.work import Work

_BY_NUMBER = standing(select(CodeVersion).where(CodeVersion.number == bindparam("number")))
_NEWEST = standing(select(func.max(CodeVersion.number)))


def newest(work: Work) -> int:
    """Return the number of the version in force: the one under which a new case starts."""
    return work.inner.scalar(_NEWEST) or FIRST


def get(work: Work, number: int) -> tuple[CodeVersion | None, CodeText]:
    """Return a version with its words; the first one has no row."""
    if number == FIRST:
        return None, CodeText()
    row = work.inner.scalars(_BY_NUMBER, {"number": number}).one_or_none()
    if row is None:
        return None, CodeText()
    ring = work.keys.school("people")
    return row, CodeText.model_validate_json(ring.unseal(row.sealed, *_bound(work, row)))


def add(work: Work, text: CodeText) -> int:
    """Keep a new version and return its number; two at once wait for each other."""
    work.one_at_a_time(work.keys.school("index").index(work.school_id.bytes, "code"))
    row = CodeVersion(id=new_id(), school_id=work.school_id, number=newest(work) + 1)
    row.sealed = work.keys.school("people").seal(text.model_dump_json().encode(), *_bound(work, row))
    row.made_by, row.made_at = work.viewer.person_id, work.now
    work.note(Tag.CODE_CHANGED, object_id=row.id, action="C")
    work.inner.add(row)
    work.inner.flush()
    return row.number


def _bound(work: Work, row: CodeVersion) -> tuple[bytes, str, int]:
    return work.school_id.bytes, "code", row.number
