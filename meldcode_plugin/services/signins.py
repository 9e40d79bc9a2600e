"""Sign-ins as rows: half-done, live, ended. Only hashes of what a browser holds are kept; knows no page."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.people import enrol, viewer_of
from meldcode_plugin.store import people, signins
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.crypto import digest, same
from meldcode_plugin.store.models.signins import SignIn
from meldcode_plugin.store.work import Work

STATE_MINUTES = 10
"""How long somebody may take at the provider."""
KEEP_ENDED = timedelta(days=3)
"""How long a sign-in that ended by itself still says whose half-typed words come in (a weekend)."""
SEEN_EVERY = timedelta(minutes=1)


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or an address."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> bytes:
    """Return what is kept of a secret: its SHA-256, enough for 256 random bits."""
    return digest(secret.encode(errors="replace"))


@dataclass(frozen=True)
class Memo:
    """What must be known again when the browser comes back from the provider."""

    nonce: str
    verifier: str
    return_to: str
    silent: bool = False
    max_age: int | None = None
    acr: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """Whom the provider says that this is: the account is the pair of issuer and subject, never the e-mail."""

    issuer: str
    subject: str
    name: str = ""
    email: str = ""
    sid: str | None = None
    auth_time: int | None = None


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that was found; ``live`` is false once it was idle too long or lasted too long."""

    id: UUID
    person_id: UUID
    live: bool
    auth_time: datetime | None
    subject_index: bytes


def remember(work: Work, state: str, browser: str, memo: Memo) -> None:
    """Keep a sign-in that goes to the provider, for ten minutes, bound to the browser that began it."""
    until = work.now + timedelta(minutes=STATE_MINUTES)
    signins.add_state(work, hashed(state), hashed(browser), json.dumps(asdict(memo)).encode(), until)


def recall(work: Work, state: str, browser: str) -> Memo | None:
    """Return what was kept and forget it: a callback works once, and only in its own browser."""
    plain = signins.take_state(work, hashed(state), hashed(browser))
    if plain is None:
        return None
    kept = json.loads(plain)
    return Memo(**(kept | {"acr": tuple(kept["acr"])}))


def start(work: Work, account: Account, *, instead_of: str = "") -> str | None:
    """Sign somebody in and return the new handle; None for who no longer works here.

    The sign-in that this browser had before, by the handle ``instead_of``, ends.
    """
    person_id = enrol(work, account.issuer, account.subject, account.name, account.email)
    if instead_of and (old := signins.sign_in(work, hashed(instead_of))):
        signins.end_sign_ins(work, row_id=old.id)
    person = people.get(work, person_id)
    if person is None or not person.active:
        return None
    handle, ring = new_secret(), work.keys.school("signins")
    row = SignIn(
        id=new_id(),
        school_id=work.school_id,
        person_id=person_id,
        handle_hash=hashed(handle),
        subject_index=ring.index("subject", account.issuer, account.subject),
        sid_index=ring.index("sid", account.issuer, account.sid) if account.sid else None,
        auth_time=None if account.auth_time is None else datetime.fromtimestamp(account.auth_time, UTC),
        created_at=work.now,
        last_seen=work.now,
    )
    signins.add_sign_in(work, row)
    work.note(Tag.SIGNED_IN, object_id=person_id, action="C")
    return handle


def known_or_in_roster(door: Door, account: Account) -> bool:
    """Tell whether this account was here before, or its mail address is that of active staff in the roster.

    Who was here before needs no roster: it may be away while a teacher has something to record.
    """
    with door.system("sign-in") as work:
        if people.find_account(work, account.issuer, account.subject) is not None:
            return True
    mail = account.email.casefold()
    try:
        return bool(mail) and any(one.active and (one.email or "").casefold() == mail for one in door.source.staff())
    except SourceUnavailable:
        return False


def find(work: Work, handle: str, *, idle_minutes: int, absolute_hours: int) -> SignedIn | None:
    """Find the sign-in of a handle and mark it as seen, at most once a minute (T11)."""
    row = signins.sign_in(work, hashed(handle))
    if row is None:
        return None
    idle, age = work.now - row.last_seen, work.now - row.created_at
    live = idle < timedelta(minutes=idle_minutes) and age < timedelta(hours=absolute_hours)
    if live and idle >= SEEN_EVERY:
        row.last_seen = work.now
    return SignedIn(row.id, row.person_id, live, row.auth_time, row.subject_index)


def viewer(work: Work, sign_in: SignedIn) -> Viewer | None:
    """Return who this is, with the roles of this moment; None for who no longer works here (T17)."""
    found = viewer_of(work, sign_in.person_id)
    return found and replace(found, sign_in_id=sign_in.id, auth_time=sign_in.auth_time)


def end(work: Work, sign_in: SignedIn) -> None:
    """Sign one browser out."""
    signins.end_sign_ins(work, row_id=sign_in.id)
    work.note(Tag.SIGNED_OUT, object_id=sign_in.person_id, action="D")


def end_for_person(work: Work, person_id: UUID) -> int:
    """Sign a person out of every browser; returns out of how many."""
    work.note(Tag.SIGNED_OUT, object_id=person_id, action="D")
    return signins.end_sign_ins(work, person_id=person_id)


def end_by_provider(work: Work, issuer: str, subject: str | None, sid: str | None) -> int:
    """End what a back-channel logout names: a session of the provider, all of a subject, or both at once."""
    ring = work.keys.school("signins")
    work.note(Tag.SIGNED_OUT, action="D")
    return signins.end_sign_ins(
        work,
        subject=ring.index("subject", issuer, subject) if subject else None,
        sid=ring.index("sid", issuer, sid) if sid else None,
    )


def note_refused(work: Work) -> None:
    """Put in the log that a sign-in which began here was refused."""
    work.deny(Tag.SIGN_IN_REFUSED)


def first_use(work: Work, kind: str, token_id: str, until: datetime) -> bool:
    """Mark a one-time token as used until it would have expired; False when it was used before."""
    return signins.first_use(work, work.keys.school("signins").mac("used", kind, token_id), until)


def is_subject(work: Work, sign_in: SignedIn, issuer: str, subject: str) -> bool:
    """Tell whether this sign-in belongs to that subject of that issuer."""
    return same(work.keys.school("signins").index("subject", issuer, subject), sign_in.subject_index)


def tidy(work: Work, *, absolute_hours: int) -> int:
    """Remove what has expired: half-done sign-ins, launches, used tokens, old sign-ins; returns how many."""
    return signins.tidy(work, work.now - timedelta(hours=absolute_hours) - KEEP_ENDED)
