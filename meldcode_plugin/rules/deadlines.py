"""What falls due when, and to whom it is told; it knows no clock, no mail and no database.

A reminder only tells: it never closes, reports or moves anything on (domain section 4). School days
are for the calm terms alone. Acute danger is counted in hours on the clock and waits for no school day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.facts import Role

HOUR = timedelta(hours=1)


class Kind(StrEnum):
    """What a reminder is about. It never leaves the database: all mails say the same."""

    SIGNAL_NEW = "signal_new"
    SIGNAL_UNOPENED = "signal_unopened"


NEW_SIGNAL = (Kind.SIGNAL_NEW, Kind.SIGNAL_UNOPENED)
"""What is settled once somebody who handles cases has opened the dossier."""


class Audience(StrEnum):
    """Where in the chain a reminder starts; who takes no part is skipped (domain section 4)."""

    OWNER = "owner"
    DEPUTY = "deputy"
    DIRECTOR = "director"
    BOARD = "board"


CHAIN: tuple[tuple[Audience, Role], ...] = (
    (Audience.OWNER, Role.IB),
    (Audience.DEPUTY, Role.AF),
    (Audience.DIRECTOR, Role.DIRECTOR),
    (Audience.BOARD, Role.BOARD),
)
"""Owner, deputy, director, board, and the role that stands in when a case has no owner or deputy yet."""

DUTY = frozenset(role for _, role in CHAIN)
"""Roles that a reminder may reach; who holds none of them any more gets no mail."""


@dataclass(frozen=True)
class Due:
    """One reminder to come: about which case, to whom in the chain, from which moment (UTC).

    ``dedup_key`` is the same whenever the same reminder is worked out again, so a second sweep, a
    second beat or a clock that jumps can not make a second one.
    """

    case_id: UUID
    kind: Kind
    audience: Audience
    due_at: datetime
    acute: bool
    dedup_key: str


def for_new_signal(
    case_id: UUID, entry_id: UUID, recorded_at: datetime, calendar: SchoolCalendar, *, acute: bool
) -> list[Due]:
    """Return what falls due while nobody opens a new signal (domain section 4, second row).

    Calm: the IB-er at once and after 1 school day, the deputy after 2, the director after 3.
    Acute: the IB-er at once and after 1 hour, the deputy with that second mail, the director after 2 hours.
    """

    def one(kind: Kind, audience: Audience, terms: int) -> Due:
        at = recorded_at + terms * HOUR if acute else calendar.add_school_days(recorded_at, terms)
        return Due(case_id, kind, audience, at if terms else recorded_at, acute, f"{kind}/{entry_id}/{audience}")

    return [
        one(Kind.SIGNAL_NEW, Audience.OWNER, 0),
        one(Kind.SIGNAL_UNOPENED, Audience.OWNER, 1),
        one(Kind.SIGNAL_UNOPENED, Audience.DEPUTY, 1 if acute else 2),
        one(Kind.SIGNAL_UNOPENED, Audience.DIRECTOR, 2 if acute else 3),
    ]


def chain_from(audience: Audience) -> tuple[tuple[Audience, Role], ...]:
    """Return this link of the chain and those above it: the next one is asked when a link has nobody."""
    start = [link for link, _ in CHAIN].index(audience)
    return CHAIN[start:]


def wait_until(now: datetime, mailed_at: Iterable[datetime], calendar: SchoolCalendar) -> datetime | None:
    """Return the moment until which a calm mail to one person waits, or None when it may go now.

    ``mailed_at`` are the moments of the calm mails to this person. One such mail a day says it all
    ("er staat een actie voor je klaar"), so the next one waits for the next school day, 07.30. Acute
    mails never wait and do not count.
    """
    today = calendar.local_date(now)
    if all(calendar.local_date(at) != today for at in mailed_at):
        return None
    return calendar.next_morning(now)
