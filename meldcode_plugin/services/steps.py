"""The steps: add any entry to a case, agree to one; what the code refuses is refused here and on the page alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, NotAllowed, Refusal, StepRefused
from meldcode_plugin.rules import workflow
from meldcode_plugin.rules.cautions import Caution, cautions
from meldcode_plugin.rules.entries import (
    AnyPayload,
    Approval,
    Decision,
    DirectorInformed,
    Payload,
    Reopened,
    Report,
    TalkWaiver,
)
from meldcode_plugin.rules.facts import Role, State
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.prefill import offers
from meldcode_plugin.rules.workflow import Action, CaseStory, OpenPoint, Recorded
from meldcode_plugin.services.cases import Dossier
from meldcode_plugin.store import cases as store
from meldcode_plugin.store import ledger, people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work

APPROVED = (Decision, TalkWaiver)


@dataclass(frozen=True)
class Standing:
    """Where a case stands: what is missing, what is refused now, what waits for whose word."""

    open_points: list[OpenPoint]
    refused: dict[Action, list[Refusal]]
    to_approve: list[Recorded]
    head_seq: int


def story_of(work: Work, case: Case) -> CaseStory:
    """Return the whole story of a case that was noted as read."""
    ring = work.keys.case(case)
    roles = _Roles(work)
    found = []
    for entry in store.entries(work, case.id):
        words: AnyPayload | None = ledger.unseal(work, case, entry, ring)
        if words is not None:
            by, at = entry.author_id, entry.recorded_at
            found.append(Recorded(entry.id, entry.seq, by, at, words, entry.refers_to, roles[by]))
    card = ledger.card_of(work, case)
    return workflow.ordered(found, card.birth_date if card else None)


class _Roles(dict[UUID, frozenset[Role]]):
    """What each author is to the school, asked once."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __missing__(self, author: UUID) -> frozenset[Role]:
        self[author] = people.roles_of(self._work, author)
        return self[author]


def standing(work: Work, shown: Dossier) -> Standing:
    """Return where a case stands, from the dossier that the page shows."""
    story = _shown_story(shown, _Roles(work))
    today = _today(work)
    refused = {action: workflow.refusals(story, action, today) for action in Action}
    role, seen = _role(work), max((entry.seq for entry in story.entries), default=0)
    waiting = workflow.waiting_for(story, role, work.viewer.person_id) if role else []
    return Standing(workflow.open_points(story, today), refused, waiting, seen)


def offered(work: Work, shown: Dossier) -> dict[str, list[tuple[UUID, str]]]:
    """Return by field what can be ticked in a form of this dossier."""
    return offers(_shown_story(shown, _Roles(work)))


def _shown_story(shown: Dossier, roles: _Roles) -> CaseStory:
    found = []
    for item in (one for top in shown.timeline for one in (top, *top.under)):
        if item.content is not None:
            by, at = item.author_id, item.recorded_at
            found.append(Recorded(item.id, item.seq, by, at, item.content, item.refers_to, roles[by]))
    return workflow.ordered(found, shown.pupil.birth_date if shown.pupil else None)


def _today(work: Work) -> date:
    return work.calendar.local_date(work.now)


def _role(work: Work) -> str | None:
    if work.viewer.has(Role.DIRECTOR):
        return "D"
    return "IB" if work.viewer.has(Role.IB, Role.AF) else None


def add(work: Work, case_id: UUID, payload: Payload) -> list[Caution]:
    """Add an entry to a case; returns the warnings that were passed. Raises `StepRefused` when the code says no."""
    _may_add(work, payload)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    if case.state == State.CLOSED and not workflow.may_add_when_closed(payload):
        raise AlreadyDone("Dit dossier is gesloten. Open het eerst opnieuw.")
    if case.state != State.CLOSED and isinstance(payload, Reopened):
        raise AlreadyDone
    story, today = story_of(work, case), _today(work)
    if refused := workflow.adding(story, payload, today):
        raise StepRefused(refused)
    passed = cautions(story, payload, work.calendar)
    ledger.append(work, case, workflow.stamped(story, payload, tuple(one.code for one in passed)), Tag.STEP_ADDED)
    if isinstance(payload, DirectorInformed):
        case.director_informed_at = work.now
    return passed


def _may_add(work: Work, payload: Payload) -> None:
    emergency = isinstance(payload, Report) and payload.emergency
    require(work.viewer, Permission.SIGNAL_RECORD if emergency else Permission.CASE_HANDLE)


def approve(work: Work, case_id: UUID, about: UUID, *, agrees: bool, text: str, seen_seq: int) -> None:
    """Say yes or no to a decision or waiver (R31, R44). On an older state it is asked again."""
    require(work.viewer, Permission.CASE_APPROVE)
    role = _role(work)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    story = story_of(work, case)
    found = story.entry(about)
    if found is None or role is None or not isinstance(found.payload, APPROVED):
        raise NotAllowed
    answer = Approval(agrees="yes" if agrees else "no", role=role, about=about, seen_seq=seen_seq, text=text)
    if refused := workflow.approving(story, answer):
        raise AlreadyDone(refused[0].sentence)
    ledger.append(work, case, answer, Tag.STEP_ADDED, refers_to=about)
