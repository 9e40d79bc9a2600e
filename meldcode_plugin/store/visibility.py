"""THE sentence: who may see which row. Lists, items, counts and joins all stand on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement

from meldcode_plugin.rules.entries import OWN_KINDS
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.policy import Permission, may
from meldcode_plugin.store.base import Base, Guarded
from meldcode_plugin.store.models.attachments import Attachment, Upload
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.circle import BreakGlass, FamilyLink, Share, SharedEntry, Succession
from meldcode_plugin.store.models.codes import CodeVersion
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Entry, Submission
from meldcode_plugin.store.models.log import LogHead, LogLine, LogSubject
from meldcode_plugin.store.models.marks import HealthMark
from meldcode_plugin.store.models.packages import HandOver, Package, PackageFile, PackageStep
from meldcode_plugin.store.models.people import Exclusion, GuardianMail, Person, RoleGrant
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail, SweepMark
from meldcode_plugin.store.models.roster import PupilLink, RosterNotice, RosterSync, StaffGuardian
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.models.signins import Launch, LaunchPerson, LoginState, SignIn, UsedToken
from meldcode_plugin.store.models.training import Training

Condition = ColumnElement[bool]
Rule = Callable[[Viewer], Condition]
RULES: dict[type[Guarded], Rule] = {}
CASE, ENTRY, EXCLUSION, KEPT_OUT, GRANT, PERSON, SHARE, SHARED, GLASS, SUBJECT = (
    table.__table__.alias()
    for table in (Case, Entry, Exclusion, Exclusion, RoleGrant, Person, Share, SharedEntry, BreakGlass, LogSubject)
)
"""What the rules ask, as a subquery names it; made once, since that is slow."""
PARTS: dict[Any, type[Guarded]] = {
    CASE: Case,
    ENTRY: Entry,
    EXCLUSION: Exclusion,
    KEPT_OUT: Exclusion,
    GRANT: RoleGrant,
    PERSON: Person,
    SHARE: Share,
    SHARED: SharedEntry,
    GLASS: BreakGlass,
    SUBJECT: LogSubject,
}
"""Of which class each of them is."""


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
    """Of this school, not destroyed, and the viewer is not excluded from it; nobody excludes the program itself."""
    there = sa.and_(case.school_id == viewer.school_id, case.destroyed_at.is_(None))
    return there if viewer.system else sa.and_(there, ~_excluded(viewer, case))


def nobody_left(role: Role, case: Any) -> Condition:
    """Tell of a case's row whether nobody with this role is left: all are kept out of it, or away (domain 5.2)."""
    g, x = GRANT.c, KEPT_OUT.c
    kept_out = (
        sa.select(x.id)
        .where(
            x.person_id == g.person_id,
            x.rejected_at.is_(None),
            sa.or_(x.case_id == case.id, x.pupil_index == case.pupil_index),
        )
        .correlate_except(KEPT_OUT)
        .exists()
    )
    held = sa.and_(
        g.role == role.value, g.confirmed_at.is_not(None), g.ended_at.is_(None), g.school_id == case.school_id
    )
    at_school = sa.and_(PERSON.c.active, PERSON.c.id == g.person_id)
    return ~sa.select(g.id).where(held, at_school, ~kept_out).exists()


def may_see(viewer: Viewer, case: Any) -> Condition:
    """Tell of a case's row whether it is this viewer's to read and to work in (domain section 5.1).

    IB-ers: all cases of the school. Directors: those they were informed of. The board: those of which
    every director is excluded. Owner and deputy: theirs. Never one that the viewer is excluded from, of
    another school, or destroyed.
    """
    if viewer.system or viewer.has(Role.IB):
        return _not_kept_out(viewer, case)
    reasons = [case.owner_id == viewer.person_id, case.deputy_id == viewer.person_id]
    if viewer.has(Role.DIRECTOR):
        reasons.append(case.director_informed_at.is_not(None))
    if viewer.has(Role.BOARD):
        reasons.append(sa.and_(case.director_informed_at.is_not(None), nobody_left(Role.DIRECTOR, case)))
    return sa.and_(_not_kept_out(viewer, case), sa.or_(*reasons))


def may_read(viewer: Viewer, case: Any) -> Condition:
    """Tell of a case's row whether the viewer may read it: theirs, or by break-glass for a while (5.1)."""
    if viewer.hour is None or not may(viewer, Permission.BREAK_GLASS):
        return may_see(viewer, case)
    b = GLASS.c
    broken = sa.select(b.id).where(b.person_id == viewer.person_id, b.case_id == case.id, b.until > viewer.hour)
    by_glass = sa.and_(_not_kept_out(viewer, case), broken.exists())
    return sa.or_(may_see(viewer, case), by_glass)


def of_visible_case(viewer: Viewer, case_id: Any) -> Condition:
    """Tell of any row that names a case whether that case is the viewer's."""
    return sa.select(CASE.c.id).where(CASE.c.id == case_id, may_see(viewer, CASE.c)).exists()


def _of_readable_case(viewer: Viewer, case_id: Any) -> Condition:
    return sa.select(CASE.c.id).where(CASE.c.id == case_id, may_read(viewer, CASE.c)).exists()


def _open_to(viewer: Viewer, case_id: Any) -> Condition:
    """Tell of a row that is the viewer's for another reason than its case whether no exclusion stands in between."""
    return sa.select(CASE.c.id).where(CASE.c.id == case_id, _not_kept_out(viewer, CASE.c)).exists()


def _live(viewer: Viewer, share: Any) -> Condition:
    """A share with this viewer that was not withdrawn and has not ended by itself."""
    return sa.and_(share.person_id == viewer.person_id, share.ended_at.is_(None), share.until > viewer.hour)


def _shared(viewer: Viewer, case_id: Any, entry_id: Any) -> Condition:
    """Tell of an entry whether it was shared with the viewer: with the whole case, or chosen."""
    if viewer.hour is None:
        return sa.false()
    s, e = SHARE.c, SHARED.c
    whole = sa.select(s.id).where(s.case_id == case_id, s.whole.is_(sa.true()), _live(viewer, s))
    chosen = sa.select(e.id).where(s.id == e.share_id, e.entry_id == entry_id, _live(viewer, s))
    return sa.and_(sa.or_(whole.exists(), chosen.exists()), _open_to(viewer, case_id))


@rule(Case)
def _case(viewer: Viewer, row: type[Case]) -> Condition:
    """A share never shows the case itself: so nothing of it is in a list, a search or a count."""
    return may_read(viewer, row)


@rule(Entry)
def _entry(viewer: Viewer, row: type[Entry]) -> Condition:
    """Entries of cases that the viewer may read, what was shared, and what the viewer wrote as a member of staff."""
    own = sa.and_(row.author_id == viewer.person_id, row.kind.in_(OWN_KINDS), row.sealed.is_not(None))
    by_name = sa.or_(sa.and_(own, _open_to(viewer, row.case_id)), _shared(viewer, row.case_id, row.id))
    return sa.or_(_of_readable_case(viewer, row.case_id), by_name)


@rule(Attachment)
def _attachment(viewer: Viewer, row: type[Attachment]) -> Condition:
    """Attachments follow their entry; and the viewer sees what they added to a signal, as long as it is there."""
    signal = sa.select(ENTRY.c.id).where(ENTRY.c.id == row.entry_id, ENTRY.c.kind.in_(OWN_KINDS)).exists()
    own = sa.and_(row.author_id == viewer.person_id, row.sealed.is_not(None), signal)
    by_name = sa.or_(sa.and_(own, _open_to(viewer, row.case_id)), _shared(viewer, row.case_id, row.entry_id))
    return sa.or_(_of_readable_case(viewer, row.case_id), by_name)


@rule(Succession)
def _succession(viewer: Viewer, row: type[Succession]) -> Condition:
    """Who handles the case, and who it is offered to."""
    offered = sa.and_(row.to_id == viewer.person_id, row.ended_at.is_(None), _open_to(viewer, row.case_id))
    return sa.or_(of_visible_case(viewer, row.case_id), offered)


@rule(Share)
def _share(viewer: Viewer, row: type[Share]) -> Condition:
    """Who handles the case, and who it is shared with, as long as it is."""
    if viewer.hour is None:
        return of_visible_case(viewer, row.case_id)
    return sa.or_(of_visible_case(viewer, row.case_id), sa.and_(_live(viewer, row), _open_to(viewer, row.case_id)))


@rule(SharedEntry)
def _shared_entry(viewer: Viewer, row: type[SharedEntry]) -> Condition:
    return of_visible_case(viewer, row.case_id)


@rule(FamilyLink)
def _family_link(viewer: Viewer, row: type[FamilyLink]) -> Condition:
    """A link shows only to who may see both cases (domain 5.2)."""
    return sa.and_(of_visible_case(viewer, row.case_id), of_visible_case(viewer, row.other_case_id))


@rule(BreakGlass)
def _break_glass(viewer: Viewer, row: type[BreakGlass]) -> Condition:
    """The FG judges all; an AF those about a child whom they are not kept away from."""
    if viewer.system or viewer.has(Role.FG):
        return sa.true()
    x = KEPT_OUT.c
    mine = sa.and_(x.person_id == viewer.person_id, x.rejected_at.is_(None))
    about = sa.or_(x.pupil_index == row.pupil_index, x.case_id == row.case_id)
    kept_out = sa.select(x.id).where(mine, about).exists()
    return ~kept_out if viewer.has(Role.AF) else sa.false()


@rule(Package, PackageStep, PackageFile, HandOver)
def _package(viewer: Viewer, row: Any) -> Condition:
    """Packages of visible cases: whoever may no longer read the case may no longer build or fetch them either."""
    return of_visible_case(viewer, row.case_id)


@rule(RosterNotice)
def _roster_notice(viewer: Viewer, row: type[RosterNotice]) -> Condition:
    return of_visible_case(viewer, row.case_id)


AUTHORED = (Draft, Submission, Upload)
"""What belongs to one person: the only tables that a viewer's own session may write."""


@rule(*AUTHORED)
def _author(viewer: Viewer, row: Any) -> Condition:
    return sa.true() if viewer.system else row.person_id == viewer.person_id


@rule(StaffAllegation)
def _register(viewer: Viewer, row: type[StaffAllegation]) -> Condition:
    """The board reads all; the director what is not for the board alone; the IB-er nothing (R17)."""
    if viewer.system or viewer.has(Role.BOARD):
        return sa.true()
    return sa.not_(row.board_only) if viewer.has(Role.DIRECTOR) else sa.false()


OF_TWO_CASES = ("family.linked", "family.unlinked")
"""Log lines that tell, in one case, that there is another."""


@rule(LogLine)
def _log(viewer: Viewer, row: type[LogLine]) -> Condition:
    """Who may work in a case reads its lines, and that somebody saw it in a list; the FG all lines.

    A link of two cases stands in the log of both. Who sees one of them may be kept out of the other, so only
    the FG reads those lines; who sees both cases sees the link itself (domain 5.2).
    """
    if viewer.system or viewer.has(Role.FG):
        return sa.true()
    of_one = sa.and_(of_visible_case(viewer, row.case_id), row.event.not_in(OF_TWO_CASES))
    s = SUBJECT.c
    listed = sa.select(s.seq).where(s.school_id == row.school_id, s.seq == row.seq, of_visible_case(viewer, s.case_id))
    return sa.or_(of_one, sa.and_(row.case_id.is_(None), listed.exists()))


@rule(LogSubject)
def _log_subject(viewer: Viewer, row: type[LogSubject]) -> Condition:
    """Of a list, the dossiers that the viewer may work in; the FG all."""
    return sa.true() if viewer.system or viewer.has(Role.FG) else of_visible_case(viewer, row.case_id)


@rule(
    *(LogHead, Destruction, SchoolKey, GuardianMail, SignIn, LoginState, Launch, LaunchPerson, UsedToken),
    *(Reminder, ReminderMail, SweepMark, HealthMark, PupilLink, RosterSync, StaffGuardian),
)
def _system(viewer: Viewer, _row: Any) -> Condition:
    return sa.true() if viewer.system else sa.false()


@rule(Training)
def _training(viewer: Viewer, _row: Any) -> Condition:
    """Director and aandachtsfunctionaris see to training, the board is told when nobody does (5.1, R59)."""
    seen = viewer.system or viewer.has(Role.DIRECTOR, Role.AF, Role.BOARD)
    return sa.true() if seen else sa.false()


@rule(Person, RoleGrant, Exclusion, CodeVersion)
def _school(_viewer: Viewer, _row: Any) -> Condition:
    """Rows of the school; names and reasons in them are sealed, pages ask the policy first."""
    return sa.true()
