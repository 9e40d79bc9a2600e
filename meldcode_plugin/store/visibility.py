"""THE sentence: who may see which row. Lists, items, counts and joins all stand on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from meldcode_plugin.rules.entries import OWN_KINDS
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.store.base import Base, Guarded
from meldcode_plugin.store.models.attachments import Attachment, Upload
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.models.log import LogHead, LogLine
from meldcode_plugin.store.models.packages import HandOver, Package, PackageFile, PackageStep
from meldcode_plugin.store.models.people import Exclusion, GuardianMail, Person, RoleGrant
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail, SweepMark
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.models.signins import Launch, LaunchPerson, LoginState, SignIn, UsedToken

Condition = ColumnElement[bool]
Rule = Callable[[Viewer], Condition]
RULES: dict[type[Guarded], Rule] = {}
CASE, EXCLUSION = Case.__table__.alias(), Exclusion.__table__.alias()
"""The case behind a row and who is kept out of it, as a subquery names them; made once, since that is slow."""


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
    x = EXCLUSION.c
    return (
        sa.select(x.id)
        .where(
            x.person_id == viewer.person_id,
            x.rejected_at.is_(None),
            sa.or_(x.case_id == case.id, x.pupil_index == case.pupil_index),
        )
        .exists()
    )


def _not_kept_out(viewer: Viewer, case: Any) -> Condition:
    """Of this school, not destroyed, and the viewer is not excluded from it."""
    there = sa.and_(case.school_id == viewer.school_id, case.destroyed_at.is_(None))
    return there if viewer.system else sa.and_(there, ~_excluded(viewer, case))


def may_see(viewer: Viewer, case: Any) -> Condition:
    """Tell of a case's row whether this viewer may read it (domain section 5.1).

    IB-ers: all cases of the school. Directors: those they were informed of. Owner and deputy: theirs.
    Never one that the viewer is excluded from, of another school, or destroyed.
    """
    if viewer.system or viewer.has(Role.IB):
        return _not_kept_out(viewer, case)
    reasons = [case.owner_id == viewer.person_id, case.deputy_id == viewer.person_id]
    if viewer.has(Role.DIRECTOR):
        reasons.append(case.director_informed_at.is_not(None))
    return sa.and_(_not_kept_out(viewer, case), sa.or_(*reasons))


def of_visible_case(viewer: Viewer, case_id: Any) -> Condition:
    """Tell of any row that names a case whether the viewer may read that case."""
    return sa.select(CASE.c.id).where(CASE.c.id == case_id, may_see(viewer, CASE.c)).exists()


@rule(Case)
def _case(viewer: Viewer, row: type[Case]) -> Condition:
    return may_see(viewer, row)


@rule(Entry)
def _entry(viewer: Viewer, row: type[Entry]) -> Condition:
    """Entries of visible cases, and what the viewer wrote as a member of staff."""
    own = sa.and_(row.author_id == viewer.person_id, row.kind.in_(OWN_KINDS), row.sealed.is_not(None))
    open_to_author = sa.select(CASE.c.id).where(CASE.c.id == row.case_id, _not_kept_out(viewer, CASE.c)).exists()
    return sa.or_(of_visible_case(viewer, row.case_id), sa.and_(own, open_to_author))


@rule(Attachment)
def _attachment(viewer: Viewer, row: type[Attachment]) -> Condition:
    """Attachments of visible cases, and what the viewer added, as long as it is there."""
    own = sa.and_(row.author_id == viewer.person_id, row.sealed.is_not(None))
    open_to_author = sa.select(CASE.c.id).where(CASE.c.id == row.case_id, _not_kept_out(viewer, CASE.c)).exists()
    return sa.or_(of_visible_case(viewer, row.case_id), sa.and_(own, open_to_author))


@rule(Package, PackageStep, PackageFile, HandOver)
def _package(viewer: Viewer, row: Any) -> Condition:
    """Packages of visible cases: whoever may no longer read the case may no longer build or fetch them either."""
    return of_visible_case(viewer, row.case_id)


AUTHORED = (Draft, Submission, Upload)
"""What belongs to one person: the only tables that a viewer's own session may write."""


@rule(*AUTHORED)
def _author(viewer: Viewer, row: Any) -> Condition:
    return sa.true() if viewer.system else row.person_id == viewer.person_id


@rule(StaffAllegation)
def _register(viewer: Viewer, row: type[StaffAllegation]) -> Condition:
    """The board reads all; the director what is not for the board alone; the IB-er nothing (R17)."""
    if viewer.system:
        return sa.true()
    if viewer.has(Role.BOARD):
        return sa.true()
    return sa.not_(row.board_only) if viewer.has(Role.DIRECTOR) else sa.false()


@rule(LogLine)
def _log(viewer: Viewer, row: type[LogLine]) -> Condition:
    """IB-ers and the like read lines of cases that they may see; the FG all lines."""
    if viewer.system or viewer.has(Role.FG):
        return sa.true()
    if viewer.has(Role.IB, Role.AF, Role.DIRECTOR):
        return of_visible_case(viewer, row.case_id)
    return sa.false()


@rule(
    *(LogHead, Destruction, SchoolKey, GuardianMail, SignIn, LoginState, Launch, LaunchPerson, UsedToken),
    *(Reminder, ReminderMail, SweepMark),
)
def _system(viewer: Viewer, _row: Any) -> Condition:
    return sa.true() if viewer.system else sa.false()


@rule(Person, RoleGrant, Exclusion)
def _school(_viewer: Viewer, _row: Any) -> Condition:
    """Rows of the school; names and reasons in them are sealed, pages ask the policy first."""
    return sa.true()
