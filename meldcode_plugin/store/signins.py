"""The named reads and writes of sign-ins and launches; what they mean is said by the services."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.signins import Launch, LaunchPerson, LoginState, SignIn, UsedToken
from meldcode_plugin.store.work import Work

_OF_HANDLE = standing(sa.select(SignIn).where(SignIn.handle_hash == sa.bindparam("mark")))


def add_state(work: Work, state_hash: bytes, browser_hash: bytes, plain: bytes, until: datetime) -> None:
    """Keep a sign-in that goes to the provider now."""
    row = LoginState(id=new_id(), school_id=work.school_id, state_hash=state_hash, browser_hash=browser_hash)
    row.sealed = work.keys.school("signins").seal(plain, work.school_id.bytes, row.id.bytes, "state")
    row.expires_at = until
    work.inner.add(row)


def take_state(work: Work, state_hash: bytes, browser_hash: bytes) -> bytes | None:
    """Return what was kept and remove it, so that it works once; None when there is none for this browser."""
    row = work.inner.scalars(
        sa.select(LoginState)
        .where(LoginState.state_hash == state_hash, LoginState.browser_hash == browser_hash)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    plain = work.keys.school("signins").unseal(row.sealed, work.school_id.bytes, row.id.bytes, "state")
    work.inner.delete(row)
    work.inner.flush()
    return plain if row.expires_at > work.now else None


def add_sign_in(work: Work, row: SignIn) -> None:
    """Keep a new sign-in."""
    work.inner.add(row)
    work.inner.flush()


def sign_in(work: Work, handle_hash: bytes) -> SignIn | None:
    """Find a sign-in by the hash of its handle."""
    return work.inner.scalars(_OF_HANDLE, {"mark": handle_hash}).one_or_none()


def end_sign_ins(
    work: Work,
    *,
    row_id: UUID | None = None,
    person_id: UUID | None = None,
    subject: bytes | None = None,
    sid: bytes | None = None,
) -> int:
    """Remove the sign-ins to which all given marks apply; without a mark it removes none."""
    given = (
        (SignIn.id, row_id),
        (SignIn.person_id, person_id),
        (SignIn.subject_index, subject),
        (SignIn.sid_index, sid),
    )
    marks = [column == value for column, value in given if value is not None]
    if not marks:
        return 0
    rows = work.inner.scalars(sa.select(SignIn).where(*marks)).all()
    for row in rows:
        work.inner.delete(row)
    work.inner.flush()
    return len(rows)


def first_use(work: Work, token_hash: bytes, until: datetime) -> bool:
    """Mark a one-time token as used; False when somebody did so before, also at this very moment."""
    try:
        with work.inner.begin_nested():
            work.inner.add(UsedToken(school_id=work.school_id, token_hash=token_hash, expires_at=until))
    except IntegrityError:
        return False
    return True


def add_launch(work: Work, handle_hash: bytes, plain: bytes, until: datetime) -> UUID:
    """Keep a launch until its user has signed in; returns its id."""
    row = Launch(id=new_id(), school_id=work.school_id, handle_hash=handle_hash, expires_at=until)
    row.sealed = work.keys.school("signins").seal(plain, work.school_id.bytes, row.id.bytes, "launch")
    work.inner.add(row)
    return row.id


def launch(work: Work, handle_hash: bytes) -> tuple[Launch, bytes] | None:
    """Find a launch that has not expired, with its content; locked, so that one person takes it."""
    row = work.inner.scalars(
        sa.select(Launch).where(Launch.handle_hash == handle_hash, Launch.expires_at > work.now).with_for_update()
    ).one_or_none()
    if row is None:
        return None
    return row, work.keys.school("signins").unseal(row.sealed, work.school_id.bytes, row.id.bytes, "launch")


def remove_launch(work: Work, row: Launch) -> None:
    """End a launch."""
    work.inner.delete(row)


def launch_person(work: Work, user_index: bytes) -> UUID | None:
    """Return the person that this user of the student information system is known to be."""
    return work.inner.scalars(
        sa.select(LaunchPerson.person_id).where(LaunchPerson.user_index == user_index)
    ).one_or_none()


def link_launch_person(work: Work, user_index: bytes, person_id: UUID) -> None:
    """Keep which person a user of the student information system is."""
    work.inner.add(
        LaunchPerson(school_id=work.school_id, user_index=user_index, person_id=person_id, linked_at=work.now)
    )


def tidy(work: Work, oldest_sign_in: datetime) -> int:
    """Remove what has expired, and sign-ins that began before ``oldest_sign_in``; returns how many rows."""
    gone = [sa.delete(table).where(table.expires_at <= work.now) for table in (LoginState, Launch, UsedToken)]
    gone.append(sa.delete(SignIn).where(SignIn.created_at < oldest_sign_in))
    return sum(work.inner.execute(statement).rowcount for statement in gone)  # type: ignore[attr-defined]  # a DELETE's
