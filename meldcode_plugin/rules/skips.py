"""What was skipped in a case and why: by whom, when, who confirmed it; it reads what is on paper (R31, R38, R39)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from meldcode_plugin.rules.entries import (
    GROUND_NAMES,
    ChildConversation,
    Closed,
    ConfidentialityCheck,
    ParentConversation,
    Stage,
    TalkWaiver,
    Weighing,
)
from meldcode_plugin.rules.story import CaseStory, Recorded

WAIVED = {
    Stage.SIGNALS: "Geen gesprek met ouders over de signalen",
    Stage.REPORT: "De melding is niet met ouders besproken",
}
NO_CHILD_TALK = "Geen gesprek met het kind"
NOT_ALL_THERE = "Niet iedereen was bij het gesprek met ouders"
NO_INSTRUMENT = "Geen risicotaxatie-instrument gebruikt"
PARENTS_UNTOLD = "Gesloten zonder dat ouders het weten"
SIX = {
    "consulted": "Geen overleg met een collega",
    "vt_asked": "Veilig Thuis is niet om advies gevraagd",
    "enough_facts": "Er zijn niet genoeg feiten",
    "weighed": "De belangen zijn niet afgewogen",
    "effort": "Er is niet geprobeerd om ouders te laten meewerken",
}
"""What a no to one of the six questions means (R57)."""


@dataclass(frozen=True)
class Skip:
    """One thing that was left out. ``confirmed``: the director's yes; ``needs_yes``: it does not count without one."""

    entry: Recorded
    what: str
    why: str
    needs_yes: bool = False
    confirmed: Recorded | None = None

    @property
    def by(self) -> UUID:
        """Who left it out."""
        return self.entry.author


def skipped(story: CaseStory) -> list[Skip]:
    """Return everything that was skipped in a case, in the order in which it was written down."""
    return sorted(_skips(story), key=lambda skip: skip.entry.seq)


def _skips(story: CaseStory) -> Iterator[Skip]:
    yield from (_waiver(story, entry, waiver) for entry, waiver in story.all(TalkWaiver))
    yield from _talks(story)
    yield from (
        Skip(entry, NO_INSTRUMENT, weighed.no_instrument)
        for entry, weighed in story.all(Weighing)
        if weighed.no_instrument
    )
    yield from (
        Skip(entry, PARENTS_UNTOLD, closed.parents_ground)
        for entry, closed in story.all(Closed)
        if closed.parents == "no"
    )
    for entry, check in story.all(ConfidentialityCheck):
        noes = (name for name in SIX if getattr(check, name) == "no")
        yield from (Skip(entry, SIX[name], getattr(check, f"{name}_why")) for name in noes)


def _waiver(story: CaseStory, entry: Recorded, waiver: TalkWaiver) -> Skip:
    yes = story.views_on(entry).get("D")
    confirmed = yes[0] if yes and yes[1].agrees == "yes" and yes[0].author != entry.author else None
    why = f"{GROUND_NAMES[waiver.ground]}. {waiver.reasons}"
    return Skip(entry, WAIVED[waiver.stage], why, needs_yes=True, confirmed=confirmed)


def _talks(story: CaseStory) -> Iterator[Skip]:
    for entry, child in story.all(ChildConversation):
        if "no" in (child.useful, child.possible):
            yield Skip(entry, NO_CHILD_TALK, child.why)
    for entry, talk in story.all(ParentConversation):
        if "no" in (talk.teacher, talk.ib, talk.director):
            yield Skip(entry, NOT_ALL_THERE, talk.absent)
