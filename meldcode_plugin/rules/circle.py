"""Who stands around a child, and with whom and as what a case is shared; it knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from meldcode_plugin.rules.entries import KinAtSchool, ParentConversation, Partner, Stage
from meldcode_plugin.rules.story import CaseStory

LONGEST_SHARE = 366
"""Days that something can be shared at most."""


class SharePurpose(StrEnum):
    """As what somebody reads along (domain section 5.1)."""

    CARE_TEAM = "zorgteam"
    GUEST = "gast"
    AF = "af"


SHARE_NAMES = {
    SharePurpose.CARE_TEAM: "Lid van het zorgteam",
    SharePurpose.GUEST: "IB-er van een andere school",
    SharePurpose.AF: "Aandachtsfunctionaris",
}
PARTNER_OF = {
    SharePurpose.CARE_TEAM: Partner.CARE_TEAM,
    SharePurpose.GUEST: Partner.IB,
    SharePurpose.AF: Partner.AF,
}
"""As which partner the advice of a reader stands in the dossier."""


@dataclass(frozen=True)
class Relative:
    """Somebody around the child (LKC 108725).

    ``spoken_on`` is the day of the last talk about the signals; ``left_out``: the director agreed not to talk.
    """

    name: str
    relation: str
    custody: str
    works_here: str
    spoken_on: date | None
    left_out: bool


def relatives(story: CaseStory) -> tuple[Relative, ...]:
    """Return everybody around the child, those with custody first, each with whether they were spoken."""
    spoken: dict[str, date] = {}
    for _, talk in story.all(ParentConversation):
        for name in story.named(talk.parties):
            spoken[name] = max(talk.held_on, spoken.get(name, talk.held_on))
    waivers = [waiver for _, waiver in story.waivers(Stage.SIGNALS)]
    everybody = any(not waiver.parties for waiver in waivers)
    left_out = {name for waiver in waivers for name in story.named(waiver.parties)}
    found = [
        Relative(
            *(party.name, party.relation, party.custody, party.works_here),
            spoken.get(name),
            name not in spoken and (everybody or name in left_out),
        )
        for name, (_, party) in story.people.items()
    ]
    return tuple(sorted(found, key=lambda one: one.custody != "yes"))


def kin(story: CaseStory) -> str:
    """Return what was said last about relatives who work here: yes, no, unknown; empty when nobody was asked."""
    found = story.last(KinAtSchool)
    return found[1].answer if found else ""
