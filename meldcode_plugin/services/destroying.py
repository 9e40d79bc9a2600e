"""Destroying a closed dossier: one person proposes it with a reason, another decides; what remains names nobody."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meldcode_plugin.errors import AlreadyDone, MeldcodeError, NotVisible, Refusal, SecondPersonNeeded, StepRefused
from meldcode_plugin.rules import destroying as rules
from meldcode_plugin.rules.entries import DestructionProposed
from meldcode_plugin.rules.facts import State
from meldcode_plugin.rules.policy import Permission, may, require
from meldcode_plugin.rules.workflow import CaseStory
from meldcode_plugin.services import backups
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.steps import story_of
from meldcode_plugin.store import cases as store
from meldcode_plugin.store import circle, database, destructions, ledger, people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.destructions import DestructionRow
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.work import Work

NOBODY_PROPOSED = "Dit voorstel geldt niet meer: er kwam iets bij het dossier, of het is al weg."

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Proposal:
    """The proposal that stands, and why it can not be carried out today, if so."""

    id: UUID
    by: str
    at: datetime
    words: DestructionProposed
    refused: tuple[Refusal, ...]


@dataclass(frozen=True)
class Page:
    """What the page shows: of which child, whether it can be proposed, and the proposal with who may decide."""

    case_id: UUID
    pupil: PupilCard | None
    closed: bool
    proposal: Proposal | None
    may_propose: bool
    may_decide: bool


def page(work: Work, case_id: UUID) -> Page:
    """Return the page of a dossier that is the viewer's to work in; a read that is logged."""
    require(work.viewer, Permission.DESTROY_CONFIRM)
    if not circle.is_theirs(work, case_id):
        raise NotVisible
    case = store.visible(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    closed, found = case.state == State.CLOSED, None
    standing = rules.proposed(story := story_of(work, case)) if closed else None
    if standing is not None:
        entry, words = standing
        name = people.names(work, {entry.author}).get(entry.author, "")
        refused = tuple(rules.refusals(story, words, _today(work), work.calendar, work.terms))
        found = Proposal(entry.id, name, entry.at, words, refused)
    return Page(
        case.id,
        ledger.card_of(work, case),
        closed,
        found,
        closed and may(work.viewer, Permission.CASE_DESTROY),
        standing is not None and standing[0].author != work.viewer.person_id,
    )


def _today(work: Work) -> date:
    return work.calendar.local_date(work.now)


def propose(work: Work, case_id: UUID, wanted: DestructionProposed) -> None:
    """Propose to destroy a closed dossier. It stands until somebody decides, or something is added to the dossier.

    Raises `StepRefused` with the reasons why it must stay.
    """
    require(work.viewer, Permission.CASE_DESTROY)
    case, story = _opened(work, case_id)
    standing = rules.proposed(story)
    if standing and (standing[0].author, standing[1]) == (work.viewer.person_id, wanted):  # the same form twice
        return
    if refused := rules.refusals(story, wanted, _today(work), work.calendar, work.terms):
        raise StepRefused(refused)
    ledger.append(work, case, wanted, Tag.DESTRUCTION_PROPOSED)


def _opened(work: Work, case_id: UUID) -> tuple[Case, CaseStory]:
    """Return a closed case, locked, with its story."""
    case = ledger.locked_case(work, case_id)
    work.note(Tag.CASE_READ, case.id)
    if case.state != State.CLOSED:
        raise StepRefused([rules.NOT_CLOSED])
    return case, story_of(work, case)


def destroy(work: Work, case_id: UUID, proposal_id: UUID | None) -> None:
    """Destroy a dossier that somebody else proposed to destroy; there is no way back.

    Raises `AlreadyDone` when that proposal does not stand any more, `SecondPersonNeeded` to who made it, and
    `StepRefused` when the dossier must stay after all. Call `carry_on` after the commit.
    """
    require(work.viewer, Permission.DESTROY_CONFIRM)
    case, story = _opened(work, case_id)
    standing = rules.proposed(story)
    if standing is None or standing[0].id != proposal_id:
        raise AlreadyDone(NOBODY_PROPOSED)
    entry, words = standing
    if entry.author == work.viewer.person_id:
        raise SecondPersonNeeded
    if refused := rules.refusals(story, words, _today(work), work.calendar, work.terms):
        raise StepRefused(refused)
    destructions.destroy(work, case, words.basis.value)


def carry_on(door: Door) -> None:
    """Tell the ledger beside the backups at once, so that a restore does not bring the dossier back.

    Where that fails the daily upkeep does it again: the dossier is gone either way, and nobody is told otherwise.
    """
    try:
        database.write_through(door.store.engine)
        backups.keep_ledger(door)
    except (MeldcodeError, OSError) as fault:
        log.warning("%s: the destruction ledger beside the backups waits for the daily upkeep.", type(fault).__name__)


def destroyed(work: Work) -> list[DestructionRow]:
    """Return what was destroyed, newest first: number, day, reason and two names; a read that is logged."""
    require(work.viewer, Permission.DESTROYED_READ)
    work.note(Tag.DESTROYED_LISTED)
    return destructions.lines(work)
