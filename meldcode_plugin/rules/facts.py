"""Who looks and what a case amounts to, as frozen data; it knows no database and no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

NOBODY = UUID(int=0)


class Role(StrEnum):
    """What somebody is to the school.

    STAFF comes from the school's own sign-in; the others are appointed inside the plugin by two people.
    """

    STAFF = "T"
    IB = "IB"
    AF = "AF"
    DIRECTOR = "D"
    BOARD = "B"
    FG = "FG"
    ADMIN = "IT"


ROLE_NAMES = {
    Role.STAFF: "Medewerker",
    Role.IB: "Intern begeleider",
    Role.AF: "Aandachtsfunctionaris",
    Role.DIRECTOR: "Directeur",
    Role.BOARD: "Bestuur",
    Role.FG: "Functionaris gegevensbescherming",
    Role.ADMIN: "IT-beheerder",
}


@dataclass(frozen=True)
class Viewer:
    """One person who is signed in, or the system with a reason. Disconnected from any store."""

    school_id: UUID
    person_id: UUID
    roles: frozenset[Role] = frozenset()
    sign_in_id: UUID | None = None
    auth_time: datetime | None = None
    name: str = ""
    email: str = ""
    system: str = ""
    hour: datetime | None = None
    """The running hour, which the store fills in: what is shared for a time ends on a whole hour."""

    @classmethod
    def for_system(cls, school_id: UUID, reason: str) -> Viewer:
        """Return the viewer of unattended work: it sees rows, but may not unseal a dossier."""
        return cls(school_id, NOBODY, system=reason)

    def has(self, *roles: Role) -> bool:
        """Tell whether the person holds at least one of these roles."""
        return bool(self.roles.intersection(roles))


class State(StrEnum):
    """Where a case stands (domain section 6)."""

    NEW_SIGNAL = "new_signal"
    STEP1 = "step1"
    STEP2 = "step2"
    STEP3 = "step3"
    STEP4 = "step4"
    STEP5 = "step5"
    HELP_FOLLOW = "help_follow"
    REPORTED_WAITING = "reported_waiting"
    REPORTED_FOLLOW = "reported_follow"
    CLOSED = "closed"
    REOPENED = "reopened"


STATE_NAMES = {
    State.NEW_SIGNAL: "Nieuw signaal",
    State.STEP1: "Signalen in kaart",
    State.STEP2: "In overleg",
    State.STEP3: "Gesprek met ouders",
    State.STEP4: "Wordt gewogen",
    State.STEP5: "Besluit",
    State.HELP_FOLLOW: "Hulp loopt",
    State.REPORTED_WAITING: "Gemeld, wacht op Veilig Thuis",
    State.REPORTED_FOLLOW: "Gemeld, school volgt",
    State.CLOSED: "Gesloten",
    State.REOPENED: "Opnieuw geopend",
}


class CloseReason(StrEnum):
    """Why a case is closed (domain section 6)."""

    NO_SUSPICION = "geen_vermoeden"
    UNFOUNDED = "ongegrond"
    HELPED = "hulp_geslaagd"
    TAKEN_OVER = "overgenomen_door_vt"
    LEFT_SCHOOL = "school_verlaten_overgedragen"
    STAFF_ROUTE = "route_beroepskracht"
    DUPLICATE = "dubbel"


CLOSE_NAMES = {
    CloseReason.NO_SUSPICION: "Er is geen vermoeden meer",
    CloseReason.UNFOUNDED: "Het vermoeden is weerlegd",
    CloseReason.HELPED: "De hulp werkt en het kind is veilig",
    CloseReason.TAKEN_OVER: "Veilig Thuis heeft het overgenomen",
    CloseReason.LEFT_SCHOOL: "Het kind is van school en de zorg is overgedragen",
    CloseReason.STAFF_ROUTE: "Het gaat om een beroepskracht: andere route",
    CloseReason.DUPLICATE: "Dit dossier is dubbel",
}


@dataclass(frozen=True)
class Event:
    """One entry of the ledger without its words: enough to fold the state of a case."""

    id: UUID
    kind: str
    refers_to: UUID | None
    acute: bool = False
    waits: bool = False


STEP_OF = {
    "consultation": State.STEP2,
    "director_informed": State.STEP2,
    "talk_preparation": State.STEP3,
    "parent_conversation": State.STEP3,
    "talk_waiver": State.STEP3,
    "child_conversation": State.STEP3,
    "weighing": State.STEP4,
    "decision": State.STEP5,
}
"""The step that an entry of this kind belongs to; the kinds are clear, their words are not.

Steps run through each other: a case stands at the furthest step of which something is on paper, so a
second consultation while weighing does not bring it back (R36).
"""
ACT_OF = {
    "help_plan": State.HELP_FOLLOW,
    "report": State.REPORTED_WAITING,
    "vt_feedback": State.REPORTED_FOLLOW,
    "closed": State.CLOSED,
    "reopened": State.REOPENED,
}
"""Where an act on help, report or closing leaves a case."""
STEPS = (State.REOPENED, State.STEP1, State.STEP2, State.STEP3, State.STEP4, State.STEP5)
"""Where a case stands before help or a report, in order: one that was opened again begins anew."""
WAKES = frozenset({"report", "reopened"})
"""What opens a closed case: an emergency waits for nobody (R58). All else is kept beside it."""


@dataclass(frozen=True)
class CaseFacts:
    """What the entries of one case amount to, in the order in which they were recorded."""

    news: frozenset[UUID] = frozenset()
    accepted: frozenset[UUID] = frozenset()
    acute: bool = False
    stands: State = State.STEP1

    @property
    def unread(self) -> frozenset[UUID]:
        """What somebody wrote and the IB-er has not taken up yet."""
        return self.news - self.accepted

    @property
    def state(self) -> State:
        """The state of the case: news that waits makes it new, also after a closing (R43)."""
        return State.NEW_SIGNAL if self.unread else self.stands


def fold(facts: CaseFacts, event: Event) -> CaseFacts:
    """Return the facts after one more event; pure, so a projection can be made again at any time."""
    news, accepted, acute, stands = facts.news, facts.accepted, facts.acute, facts.stands
    if event.waits:
        news, acute = news | {event.id}, acute or event.acute
        stands = _after(State.REOPENED if stands is State.CLOSED else stands, event.kind)
    elif event.kind in ("signal_accepted", "signal_moved_away") and event.refers_to:
        accepted |= {event.refers_to}
    else:
        stands = _after(stands, event.kind)
    return CaseFacts(news, accepted, acute and bool(news - accepted), stands)


def _after(stands: State, kind: str) -> State:
    if stands is State.CLOSED and kind not in WAKES:
        return stands
    if kind in ACT_OF:
        reported = stands in (State.REPORTED_WAITING, State.REPORTED_FOLLOW)
        return stands if kind == "help_plan" and reported else ACT_OF[kind]
    if kind in STEP_OF and stands in STEPS:
        return max(stands, STEP_OF[kind], key=STEPS.index)
    return stands
