"""Launches from the student information system: kept sealed, taken by the person who clicked; knows no page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from uuid import UUID

from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services.signins import SignedIn, first_use, hashed, is_subject, new_secret
from meldcode_plugin.sis import Pupil
from meldcode_plugin.store import signins
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.signins import Launch
from meldcode_plugin.store.work import Work

KEEP = timedelta(minutes=30)
"""How long a launch waits for its user to sign in, and can be come back to."""


@dataclass(frozen=True)
class Clicked:
    """What a launch token says: who clicked in the student information system, for which child."""

    issuer: str
    user: str
    email: str
    pupil: Pupil


class Match(Enum):
    """Whether the person who clicked is the person who signed in."""

    SAME = "same"
    ASK = "ask"
    """The e-mail addresses are equal; the person must say once that it is the same person."""
    OTHER = "other"


@dataclass(frozen=True)
class Taken:
    """A launch as its user finds it after signing in. ``key`` is that of the form it opens."""

    match: Match
    key: UUID
    email: str
    card: PupilCard
    first: bool


def keep(work: Work, clicked: Clicked, token_id: str, until: datetime) -> str | None:
    """Keep a launch and return its handle; None when its token was used before."""
    if not first_use(work, "launch", f"{clicked.issuer} {token_id}", until):
        work.deny(Tag.LAUNCH_REFUSED)
        return None
    pupil = clicked.pupil
    born = pupil.birth_date.isoformat() if pupil.birth_date else None
    plain = [clicked.issuer, clicked.user, clicked.email, pupil.id, pupil.name, born, pupil.group]
    handle = new_secret()
    signins.add_launch(work, hashed(handle), json.dumps(plain).encode(), work.now + KEEP)
    return handle


def _opened(plain: bytes) -> Clicked:
    issuer, user, email, pupil_id, name, born, group = json.loads(plain)
    return Clicked(issuer, user, email, Pupil(pupil_id, name, date.fromisoformat(born) if born else None, group))


def take(work: Work, handle: str, viewer: Viewer, sign_in: SignedIn, provider: str, *, confirmed: bool) -> Taken | None:
    """Hand a launch to the person who signed in, if that is the person who clicked; None when it is gone.

    ``provider`` is the issuer at which the viewer signed in. From then on the launch works for that
    person alone. For anybody else it stops, and the log says so.
    """
    found = signins.launch(work, hashed(handle))
    if found is None:
        return None
    row, clicked = found[0], _opened(found[1])
    match, first = _match(work, row, clicked, viewer, sign_in, provider), row.person_id is None
    if match is Match.ASK and confirmed:
        match = Match.SAME
    if match is Match.SAME and first:
        row.person_id = viewer.person_id
        _link(work, clicked, viewer)
    if match is Match.OTHER:
        signins.remove_launch(work, row)
        work.deny(Tag.LAUNCH_REFUSED, viewer.person_id)
    pupil = clicked.pupil
    card = PupilCard(pupil.id, pupil.name, pupil.birth_date, pupil.group or "", known=False)
    return Taken(match, row.id, clicked.email, card, first)


def _user_index(work: Work, clicked: Clicked) -> bytes:
    ring = work.keys.school("signins")
    return ring.index("launch", clicked.issuer, "user" if clicked.user else "mail", clicked.user or clicked.email)


def _link(work: Work, clicked: Clicked, viewer: Viewer) -> None:
    index = _user_index(work, clicked)
    if signins.launch_person(work, index) is None:
        signins.link_launch_person(work, index, viewer.person_id)


def _match(work: Work, row: Launch, clicked: Clicked, viewer: Viewer, sign_in: SignedIn, provider: str) -> Match:
    known = row.person_id or signins.launch_person(work, _user_index(work, clicked))
    if known is not None:
        return Match.SAME if known == viewer.person_id else Match.OTHER
    same_mail = bool(viewer.email) and viewer.email.casefold() == clicked.email.casefold()
    # Two systems may number their users alike: an equal id counts unless the addresses contradict it.
    contradicted = bool(viewer.email and clicked.email) and not same_mail
    if clicked.user and not contradicted and is_subject(work, sign_in, provider, clicked.user):
        return Match.SAME
    return Match.ASK if same_mail else Match.OTHER
