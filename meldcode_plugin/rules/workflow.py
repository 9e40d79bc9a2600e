"""What is still missing on paper, and which acts the code refuses until it is there; pure, and no staircase.

Steps run through each other: anything can be written at any time. Only reporting, help alone, closing
and a report after help are gated. The page shows the very refusals that the store enforces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from meldcode_plugin.errors import Refusal
from meldcode_plugin.rules import conditions as c
from meldcode_plugin.rules.conditions import Condition
from meldcode_plugin.rules.entries import (
    KEEPING,
    SHORT,
    Approval,
    Closed,
    Decision,
    DirectorInformed,
    HelpPlan,
    InformationRequest,
    ParentConversation,
    ParentStatement,
    Payload,
    Reopened,
    Report,
    SignallerFeedback,
    Snoozed,
    Stage,
    Step,
    TransferTalk,
    VtFeedback,
    Weighing,
)
from meldcode_plugin.rules.facts import CloseReason
from meldcode_plugin.rules.filling import faults
from meldcode_plugin.rules.story import CaseStory, Recorded, ordered
from meldcode_plugin.rules.weighing import Outcome

__all__ = [
    "AFTER_REPORT",
    "GATES",
    "OPEN",
    "Action",
    "CaseStory",
    "OpenPoint",
    "Recorded",
    "adding",
    "approving",
    "may_add_when_closed",
    "open_points",
    "ordered",
    "refusals",
    "stamped",
    "waiting_for",
]


class Action(StrEnum):
    """The acts that the code gates."""

    REPORT = "report"
    HELP_ONLY = "help_only"
    CLOSE = "close"
    LATE_REPORT = "late_report"


GATES: dict[Action, tuple[Condition, ...]] = {
    Action.REPORT: c.FOR_REPORT,
    Action.HELP_ONLY: (c.HELD_TALK, c.WEIGHED, c.NO_DUTY),
    Action.CLOSE: (c.HYPOTHESES, c.EFFECT, c.REPORTED, c.AFTERWARDS),
    Action.LATE_REPORT: (c.HELPED_BEFORE,),
}
"""What must be on paper before an act; everything else can be written at any time, in any order."""

BESIDE = (Reopened, DirectorInformed, ParentStatement, VtFeedback, InformationRequest, SignallerFeedback, TransferTalk)
"""What can be added to a closed case: what opens it, and what is kept beside it."""


def refusals(story: CaseStory, action: Action, today: date) -> list[Refusal]:
    """Return why an act can not be done now; empty means go."""
    return [no for check in GATES[action] if (no := check(story, today)) is not None]


def adding(story: CaseStory, payload: Payload, today: date) -> list[Refusal]:
    """Return why this entry can not be added now: what the act lacks, and what its own fields lack.

    A refusal that names a field belongs beside that field. Empty means go.
    """
    gate: Callable[[CaseStory, Any, date], list[Refusal]] | None = BY_KIND.get(type(payload))
    return (gate(story, payload, today) if gate else []) + faults(story, payload, today)


def reporting(story: CaseStory, report: Report, today: date) -> list[Refusal]:
    """Return why this report can not be recorded; in an emergency anyone may, all else comes after (R58)."""
    if report.emergency:
        return []
    found = refusals(story, Action.REPORT, today)
    if report.late:
        found += refusals(story, Action.LATE_REPORT, today)
        if story.seq_of(Weighing) < story.seq_of(HelpPlan, Closed):
            found.append(Refusal("R43", "Weeg eerst opnieuw. Dan pas kun je melden na hulp.", "late"))
    return found


def deciding(story: CaseStory, decision: Decision, today: date) -> list[Refusal]:
    """Return why nothing can be reported: no and doubt lead to a report, help needs a talk (R32, R40)."""
    if decision.report == "yes":
        return []
    found = [] if decision.protect == "yes" else [Refusal("R40", DOUBT_REPORTS, "report")]
    if decision.help == "yes":
        return found + refusals(story, Action.HELP_ONLY, today)
    if story.weighed() is not Outcome.CLOSE:
        found.append(Refusal("R40", NEITHER, "help"))
    return found


DOUBT_REPORTS = "Je twijfelt of hulp genoeg beschermt. Kies dan melden."
NEITHER = "Kies melden of hulp. Is er geen vermoeden meer? Leg dan eerst een weging vast die dat zegt."


def helping(story: CaseStory, _plan: HelpPlan, today: date) -> list[Refusal]:
    """Return why help can not begin: without a talk there is help only beside a report (R32)."""
    if story.decided_to_report or story.fresh(Report):
        return []
    return [no for no in (c.HELD_TALK(story, today),) if no]


def closing(story: CaseStory, closed: Closed, today: date) -> list[Refusal]:
    """Return why the case can not be closed for this reason (R6, R32, R38, R42).

    When it turns out to be about staff, the code does not apply: that case closes at once (R17).
    """
    if closed.reason is CloseReason.STAFF_ROUTE:
        return []
    found = refusals(story, Action.CLOSE, today)
    no_worry = closed.reason in (CloseReason.NO_SUSPICION, CloseReason.UNFOUNDED, CloseReason.DUPLICATE)
    reached = story.fresh(ParentConversation) is not None or story.fresh(Report) is not None
    if not no_worry and not reached and story.waived(Stage.SIGNALS):
        found.append(Refusal("R32", WAIVED, "reason"))
    kinds, no = NEEDED.get(closed.reason, ((), None))
    return [*found, no] if no and not all(map(story.has, kinds)) else found


WAIVED = "Er is afgezien van een gesprek. Meld, praat alsnog, of sluit omdat er geen vermoeden meer is."
NEEDED: dict[CloseReason, tuple[tuple[type[Payload], ...], Refusal]] = {
    CloseReason.HELPED: (
        (HelpPlan,),
        Refusal("R42", "Er is geen hulp vastgelegd. Kies een andere reden of leg de hulp vast.", "reason"),
    ),
    CloseReason.TAKEN_OVER: (
        (Report, VtFeedback),
        Refusal("R49", "Leg eerst de melding vast, en dat Veilig Thuis het heeft overgenomen.", "reason"),
    ),
    CloseReason.LEFT_SCHOOL: (
        (TransferTalk,),
        Refusal("section 5.2", "Leg eerst vast hoe je de zorg overdroeg.", "reason"),
    ),
}
"""What must be on paper before a case is closed for a reason that says it happened."""


def reopening(story: CaseStory, reopened: Reopened, today: date) -> list[Refusal]:
    """Return why a case can not be opened again to report (R43)."""
    return refusals(story, Action.LATE_REPORT, today) if reopened.late else []


BY_KIND: dict[type[Payload], Callable[[CaseStory, Any, date], list[Refusal]]] = {
    Report: reporting,
    Decision: deciding,
    HelpPlan: helping,
    Closed: closing,
    Reopened: reopening,
}
"""The kinds of entries that are an act; all others only have to be filled in rightly."""


def approving(story: CaseStory, approval: Approval) -> list[Refusal]:
    """Return why a yes or no can not be given: it was given on an older state, or a no has no reason (R44)."""
    found = []
    if story.news_since(approval.seen_seq) or approval.seen_seq > story.seq_of(Payload):
        found.append(Refusal("R44", "Er is intussen iets bijgekomen. Lees het eerst en beslis dan opnieuw."))
    if approval.agrees == "no" and not approval.text:
        found.append(Refusal("R44", "Schrijf op waarom je het niet eens bent.", "text"))
    return found


def waiting_for(story: CaseStory, role: str, person: UUID) -> list[Recorded]:
    """Return on which decision and waivers this person has not said a word: the director, and the IB-er on a decision.

    Nobody confirms an own waiver (R31).
    """
    decided = story.fresh(Decision)
    asked = [decided[0]] if decided else []
    if role == "D":
        asked += [entry for stage in Stage for entry, _ in story.waiting_waivers(stage) if entry.author != person]
    return [entry for entry in asked if role not in story.views_on(entry)]


def may_add_when_closed(payload: Payload) -> bool:
    """Tell whether this may be added to a closed case: to open it, in an emergency, or beside it (R43, R58)."""
    if isinstance(payload, Snoozed):
        return payload.what in KEEPING
    return isinstance(payload, BESIDE) or (isinstance(payload, Report) and payload.emergency)


def stamped(story: CaseStory, payload: Payload, passed: tuple[str, ...] = ()) -> Payload:
    """Return the entry as it is kept: with the case's version of the code, who was spoken, and the warnings passed."""
    more: dict[str, Any] = {"passed": passed} if isinstance(payload, Step) else {}
    if isinstance(payload, Weighing):
        more["code_version"] = story.code_version
    if isinstance(payload, ParentConversation) and not payload.parents:
        more["parents"] = ", ".join(story.full_names(payload.parties))[:SHORT]  # longer could not be read back
    return payload.model_copy(update=more)


# --- what is missing -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenPoint:
    """Something that the code asks for and that is not on paper yet; ``answer`` is the kind of entry to make."""

    step: int
    rule: str
    sentence: str
    answer: type[Payload] | None


OPEN: tuple[tuple[int, Condition], ...] = (
    (1, c.KIN),
    (1, c.HYPOTHESES),
    (1, c.NEWS),
    (2, c.CONSULT),
    (2, c.DIRECTOR),
    (2, c.EXPERT),
    (3, c.CUSTODY),
    (3, c.TALK),
    (3, c.TALK_CONFIRMED),
    (3, c.SPOKEN),
    (3, c.SHARED),
    (3, c.CHILD),
    (3, c.CHILD_SPOKEN),
    (4, c.WEIGHED),
    (4, c.DOUBT),
    (5, c.NOTHING_DECIDED),
    (5, c.REPORTED),
    (5, c.HELP_PLANNED),
    (5, c.EFFECT),
    (5, c.HELP_FAILS),
    (5, c.SIGNALLER),
)
"""What the code asks of every case, by step."""

AFTER_REPORT: tuple[tuple[int, Condition], ...] = (
    (5, c.DECIDED),
    (5, c.AGREED_IB),
    (5, c.AGREED_D),
    (5, c.AGREED),
    (5, c.NOTICE),
    (5, c.NOTICE_CONFIRMED),
    (5, c.TOLD),
    (5, c.OBJECTIONS),
    (5, c.CONSENT),
    (5, c.SECRECY),
    (5, c.OWN_ROLE),
    (5, c.VT_HEARD),
)
"""What the code asks besides, once it is decided to report or a report was made."""


def open_points(story: CaseStory, today: date) -> list[OpenPoint]:
    """Return what is still missing, by step, with the reason each; never an order to follow."""
    reporting_now = story.decided_to_report or story.fresh(Report) is not None
    asked = OPEN + AFTER_REPORT if reporting_now else OPEN
    missing = ((step, check, check(story, today)) for step, check in asked)
    return [OpenPoint(step, no.rule, no.sentence, check.answer) for step, check, no in missing if no is not None]
