"""THE sentence: who may see which row. Lists, items, counts and joins all stand on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement, Select

from meldcode_plugin.rules.entries import OWN_KINDS
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.store.base import Base, Guarded
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.models.log import LogHead, LogLine
from meldcode_plugin.store.models.people import Exclusion, Person, RoleGrant
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.schools import SchoolKey

Condition = ColumnElement[bool]
Rule = Callable[[Viewer], Condition]
RULES: dict[type[Guarded], Rule] = {}


def rule(*tables: type[Guarded]) -> Callable[[Callable[[Viewer, Any], Condition]], None]:
    """Register the rule of these tables: a condition on their rows, beside that of the school."""

    def register(condition: Callable[[Viewer, Any], Condition]) -> None:
        for table in tables:
            RULES[table] = lambda viewer, t=table: sa.and_(  # type: ignore[misc]  # default binds the table
                t.school_id == viewer.school_id, condition(viewer, t)
            )

    return register


def check() -> None:
    """Refuse to start while a guarded table has no rule: forgetting must be loud."""
    bare = [m.class_.__name__ for m in Base.registry.mappers if issubclass(m.class_, Guarded) and m.class_ not in RULES]
    if bare:
        raise RuntimeError(f"No rule in store/visibility.py for: {', '.join(sorted(bare))}.")


def _excluded(viewer: Viewer, case: Any) -> Condition:
    """An exclusion beats every role; a proposed one counts until it is rejected."""
    x = Exclusion.__table__.alias()
    return (
        sa.select(x.c.id)
        .where(
            x.c.person_id == viewer.person_id,
            x.c.rejected_at.is_(None),
            sa.or_(x.c.case_id == case.c.id, x.c.pupil_index == case.c.pupil_index),
        )
        .exists()
    )


def _cases(viewer: Viewer) -> tuple[Any, Select[tuple[UUID]]]:
    case = Case.__table__.alias()
    query = sa.select(case.c.id).where(case.c.school_id == viewer.school_id, case.c.destroyed_at.is_(None))
    return case, query if viewer.system else query.where(~_excluded(viewer, case))


def visible_cases(viewer: Viewer) -> Select[tuple[UUID]]:
    """Select the ids of the cases that this viewer may read (domain section 5.1).

    IB-ers: all cases of the school. Directors: those they were informed of. Owner and deputy: theirs.
    Never one that the viewer is excluded from, of another school, or destroyed.
    """
    case, query = _cases(viewer)
    if viewer.system or viewer.has(Role.IB):
        return query
    reasons = [case.c.owner_id == viewer.person_id, case.c.deputy_id == viewer.person_id]
    if viewer.has(Role.DIRECTOR):
        reasons.append(case.c.director_informed_at.is_not(None))
    return query.where(sa.or_(*reasons))


def _not_kept_out(viewer: Viewer) -> Select[tuple[UUID]]:
    return _cases(viewer)[1]


@rule(Case)
def _case(viewer: Viewer, row: type[Case]) -> Condition:
    return row.id.in_(visible_cases(viewer))


@rule(Entry)
def _entry(viewer: Viewer, row: type[Entry]) -> Condition:
    """Entries of visible cases, and what the viewer wrote as a member of staff."""
    own = sa.and_(row.author_id == viewer.person_id, row.kind.in_(OWN_KINDS), row.sealed.is_not(None))
    return sa.or_(
        row.case_id.in_(visible_cases(viewer)),
        sa.and_(own, row.case_id.in_(_not_kept_out(viewer))),
    )


@rule(Draft, Submission)
def _author(viewer: Viewer, row: Any) -> Condition:
    return sa.true() if viewer.system else row.person_id == viewer.person_id


@rule(StaffAllegation)
def _register(viewer: Viewer, row: type[StaffAllegation]) -> Condition:
    """The board reads all; the director what is not for the board alone; the IB-er nothing (R17)."""
    if viewer.has(Role.BOARD):
        return sa.true()
    return sa.not_(row.board_only) if viewer.has(Role.DIRECTOR) else sa.false()


@rule(LogLine)
def _log(viewer: Viewer, row: type[LogLine]) -> Condition:
    """IB-ers and the like read lines of cases that they may see; the FG all lines."""
    if viewer.system or viewer.has(Role.FG):
        return sa.true()
    if viewer.has(Role.IB, Role.AF, Role.DIRECTOR):
        return row.case_id.in_(visible_cases(viewer))
    return sa.false()


@rule(LogHead, Destruction, SchoolKey)
def _system(viewer: Viewer, row: Any) -> Condition:
    return sa.true() if viewer.system else sa.false()


@rule(Person, RoleGrant, Exclusion)
def _school(viewer: Viewer, row: Any) -> Condition:
    """Rows of the school; names and reasons in them are sealed, pages ask the policy first."""
    return sa.true()
