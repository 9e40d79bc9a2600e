"""The steps: add any entry to a case, agree to one; what the code refuses is refused here and on the page alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meldcode_plugin.errors import AlreadyAdded, AlreadyDone, InputRefused, NotAllowed, PauseFirst, Refusal, StepRefused
from meldcode_plugin.rules import uploads, weighing, workflow
from meldcode_plugin.rules.cautions import TALKS, cautions, danger_at_talks
from meldcode_plugin.rules.circle import Relative, kin, relatives
from meldcode_plugin.rules.entries import (
    Approval,
    Closed,
    Consultation,
    Decision,
    DirectorInformed,
    Payload,
    Reopened,
    Report,
    SignallerFeedback,
    TalkWaiver,
    Weighing,
)
from meldcode_plugin.rules.facts import CloseReason, Role, State
from meldcode_plugin.rules.policy import Permission, require
from meldcode_plugin.rules.prefill import Prefill, offers, prefill
from meldcode_plugin.rules.skips import Skip, skipped
from meldcode_plugin.rules.story import QUESTIONS
from meldcode_plugin.rules.workflow import Action, CaseStory, OpenPoint, Recorded
from meldcode_plugin.services import circle, codes
from meldcode_plugin.services.cases import Dossier
from meldcode_plugin.store import attachments, ledger, people
from meldcode_plugin.store import cases as store
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.ledger import Sent
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work

APPROVED = (Decision, TalkWaiver)
FILES_GONE = "Een bestand is er niet meer. Kies het opnieuw, of sla het op zonder."
GATED: dict[type[Payload], Action] = {Report: Action.REPORT, Decision: Action.HELP_ONLY}
"""Forms on which something is said beforehand of what their button may refuse; in an emergency a report goes (R58)."""


@dataclass(frozen=True)
class Standing:
    """Where a case stands: what is missing, what is refused now, what waits for whose word."""

    open_points: list[OpenPoint]
    refused: dict[Action, list[Refusal]]
    to_approve: list[Recorded]
    head_seq: int
    code: codes.Code
    relatives: tuple[Relative, ...] = ()
    kin: str = ""
    skips: tuple[Skip, ...] = ()
    hypotheses: tuple[UUID, ...] = ()


def story_of(work: Work, case: Case) -> CaseStory:
    """Return the whole story of a case that was noted as read."""
    opened, roles, found = ledger.opener(work, case), Roles(work), []
    for entry in store.entries(work, case.id):
        if (words := opened(entry)) is not None:
            by, at = entry.author_id, entry.recorded_at
            found.append(Recorded(entry.id, entry.seq, by, at, words, entry.refers_to, roles[by]))
    card = ledger.card_of(work, case)
    return workflow.ordered(found, card.birth_date if card else None, codes.of(work, case.code_version).text.weighing)


class Roles(dict[UUID, frozenset[Role]]):
    """What each author is to the school, asked once."""

    def __init__(self, work: Work) -> None:
        """Ask in this transaction."""
        self._work = work

    def __missing__(self, author: UUID) -> frozenset[Role]:
        """Ask, and keep the answer."""
        self[author] = people.roles_of(self._work, author)
        return self[author]


def standing(work: Work, shown: Dossier) -> Standing:
    """Return where a case stands, from the dossier that the page shows."""
    story = shown_story(work, shown, Consultation)
    today = _today(work)
    refused = {action: workflow.refusals(story, action, today) for action in Action}
    role, seen = _role(work), max((entry.seq for entry in story.entries), default=0)
    asked = role is not None and not shown.circle.by_glass
    waiting = workflow.waiting_for(story, role, work.viewer.person_id) if role and asked else []
    code, around = codes.of(work, shown.code_version), (relatives(story), kin(story))
    missing, guesses = workflow.open_points(story, today), tuple(entry.id for entry in story.open_hypotheses)
    return Standing(missing, refused, waiting, seen, code, *around, tuple(skipped(story)), guesses)


@dataclass(frozen=True)
class Beside:
    """What the page of one form needs to know of the dossier beside it.

    ``offered``: by field what can be ticked. ``prefill``: how the form starts, and from what. ``danger``: what
    stands in red above it. ``stops``: why the act that the code gates can not be done now. ``support``: what the
    school promises who reports (R59). ``not_asked``: fields that the version of the code of this case does not have
    (R61).
    """

    offered: dict[str, list[tuple[UUID, str]]]
    prefill: Prefill
    danger: str
    stops: list[Refusal]
    support: str
    not_asked: frozenset[str]


def beside(work: Work, shown: Dossier, kind: type[Payload]) -> Beside:
    """Return what stands beside the form of a kind in this dossier."""
    story, text = shown_story(work, shown), codes.of(work, shown.code_version).text
    asked = {question.name for question in weighing.TABLES[story.code_version].questions}
    not_asked = frozenset(QUESTIONS) - asked if kind is Weighing else frozenset()
    danger = danger_at_talks(story) if kind in TALKS else ""
    start = Prefill({"text": text.feedback}, {}) if kind is SignallerFeedback else prefill(story, kind)
    support = text.support if kind is Report else ""
    stops = workflow.refusals(story, GATED[kind], _today(work)) if kind in GATED else []
    return Beside(offers(story), start, danger, stops, support, not_asked)


def shown_story(work: Work, shown: Dossier, wrote: type[Payload] = Payload) -> CaseStory:
    """Return the story of a dossier as a page shows it.

    ``wrote``: of whose author it is asked what they are to the school; where a case stands, who talked it over (R19).
    """
    found, roles = [], Roles(work)
    weighed_by = codes.of(work, shown.code_version).text.weighing
    for item in (one for top in shown.timeline for one in (top, *top.under)):
        if item.content is not None:
            by, at = item.author_id, item.recorded_at
            held = roles[by] if isinstance(item.content, wrote) else frozenset()
            found.append(Recorded(item.id, item.seq, by, at, item.content, item.refers_to, held))
    return workflow.ordered(found, shown.pupil.birth_date if shown.pupil else None, weighed_by)


def _today(work: Work) -> date:
    return work.calendar.local_date(work.now)


def _role(work: Work) -> str | None:
    if work.viewer.has(Role.DIRECTOR, Role.BOARD):  # the board sees a dossier only where it stands in for the director
        return "D"
    return "IB" if work.viewer.has(Role.IB, Role.AF) else None


@dataclass(frozen=True)
class Files:
    """The viewer's files that go with an entry: the key under which they wait, and which of them."""

    waiting: UUID
    chosen: Sequence[UUID] = ()


NO_FILES = Files(UUID(int=0))


def add(
    work: Work,
    case_id: UUID,
    payload: Payload,
    went_past: Collection[str] = (),
    files: Files = NO_FILES,
    *,
    key: UUID | None = None,
) -> None:
    """Add an entry to a case.

    Raises `StepRefused` when the code says no, and `PauseFirst` while there are warnings whose codes are not in
    ``went_past``. The warnings that somebody went past are kept with the entry. ``key`` is that of the form: sent
    again with the same words it adds nothing, with other words it raises `AlreadyAdded`.
    """
    _may_add(work, case_id, payload)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    story = story_of(work, case)
    if (before := ledger.sent(work, case, payload, key)) is not None:
        _require_same(work, case, before, workflow.stamped(story, payload, getattr(before.words, "passed", ())), files)
        return
    _require_code(work, case, story, payload)
    warned = cautions(story, payload, work.calendar)
    if any(one.code not in went_past for one in warned):
        raise PauseFirst([Refusal(one.rule, one.sentence, one.code) for one in warned])
    stamped = workflow.stamped(story, payload, tuple(one.code for one in warned))
    entry = ledger.append(work, case, stamped, Tag.STEP_ADDED, key=key)
    if len(attachments.adopt(work, case, entry, files.waiting, files.chosen)) < len(set(files.chosen)):
        raise InputRefused({uploads.FIELD: FILES_GONE})
    if isinstance(payload, DirectorInformed):
        case.director_informed_at = work.now


def _require_same(work: Work, case: Case, before: Sent, payload: Payload, files: Files) -> None:
    same = before.words == payload
    if not (same and attachments.came_before(work, case, before.entry_id, files.waiting, files.chosen)):
        raise AlreadyAdded


def _require_code(work: Work, case: Case, story: CaseStory, payload: Payload) -> None:
    """Refuse what the state of the case or the code does not allow now."""
    if case.state == State.CLOSED and not workflow.may_add_when_closed(payload):
        raise AlreadyDone("Dit dossier is gesloten. Open het eerst opnieuw.")
    if case.state != State.CLOSED and isinstance(payload, Reopened):
        raise AlreadyDone
    if refused := workflow.adding(story, payload, _today(work)):
        raise StepRefused(refused)


def close(work: Work, case_id: UUID, closed: Closed) -> None:
    """Close a case with its reason; it opens again when a new signal comes (R38, R42, R43).

    Raises `StepRefused` with the very sentences that stand beside the button.
    """
    require(work.viewer, Permission.CASE_CLOSE)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    if case.waiting:
        raise AlreadyDone("Er is nog een nieuw signaal. Pak dat eerst op.")
    if case.state == State.CLOSED:
        raise AlreadyDone
    story = story_of(work, case)
    if refused := workflow.adding(story, closed, _today(work)):
        raise StepRefused(refused)
    ledger.append(work, case, closed, Tag.CASE_CLOSED)
    if closed.reason is CloseReason.STAFF_ROUTE:  # R17: the director takes over by hand what belongs in the register
        case.director_informed_at = case.director_informed_at or work.now


def _may_add(work: Work, case_id: UUID, payload: Payload) -> None:
    if isinstance(payload, Report) and payload.emergency:
        require(work.viewer, Permission.SIGNAL_RECORD)
    else:
        circle.require_handling(work, case_id)


def approve(work: Work, case_id: UUID, about: UUID, *, agrees: bool, text: str, seen_seq: int) -> None:
    """Say yes or no to a decision or waiver (R31, R44). Given on an older state it is refused, and asked again."""
    require(work.viewer, Permission.CASE_APPROVE)
    role = _role(work)
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    story = story_of(work, case)
    found = story.entry(about)
    if found is None or role is None or not isinstance(found.payload, APPROVED):
        raise NotAllowed
    answer = Approval(agrees="yes" if agrees else "no", role=role, about=about, seen_seq=seen_seq, text=text)
    mine = [one for entry, one in story.all(Approval) if one.about == about and entry.author == work.viewer.person_id]
    if mine and mine[-1] == answer:  # the same click twice
        return
    if refused := workflow.approving(story, answer):
        raise StepRefused(refused)
    ledger.append(work, case, answer, Tag.STEP_ADDED, refers_to=about)
