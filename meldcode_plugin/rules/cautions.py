"""What gives pause but stops nothing: warnings before an entry is added, recorded when somebody goes past them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.entries import (
    Consultation,
    Ground,
    ParentConversation,
    Partner,
    Payload,
    Report,
    ReportNotice,
    TalkPreparation,
    TalkWaiver,
    Weighing,
)
from meldcode_plugin.rules.story import CaseStory

Applies = Callable[[CaseStory, Any, SchoolCalendar], bool]
TALKS = (TalkPreparation, ParentConversation, ReportNotice)


@dataclass(frozen=True)
class Caution:
    """One warning: its code is what is recorded; ``kinds`` are the entries before which it may come."""

    code: str
    rule: str
    sentence: str
    kinds: tuple[type[Payload], ...]
    applies: Applies


def _before_free_days(_story: CaseStory, payload: Any, calendar: SchoolCalendar) -> bool:
    """Tell whether school is closed on the day after: nobody at school sees the child then (F37)."""
    day = payload.planned_on if isinstance(payload, TalkPreparation) else _day_of(payload)
    if day is None or (isinstance(payload, Report) and payload.emergency):
        return False
    return bool((calendar.next_school_day(day) - day).days > 1)


def _day_of(payload: Report | ReportNotice) -> date:
    return payload.made_on if isinstance(payload, Report) else payload.told_on


def _vt_before_ib(story: CaseStory, talk: Consultation, _calendar: SchoolCalendar) -> bool:
    return talk.partner is Partner.VEILIG_THUIS and not story.consulted


def _not_all_there(_story: CaseStory, talk: ParentConversation, _calendar: SchoolCalendar) -> bool:
    return "no" in (talk.teacher, talk.ib, talk.director) and not talk.absent


def _weaker_ground(_story: CaseStory, waiver: TalkWaiver, _calendar: SchoolCalendar) -> bool:
    return waiver.ground is Ground.BREAK_CONTACT


def _hasty(story: CaseStory, report: Report, calendar: SchoolCalendar) -> bool:
    """Tell whether a report follows the talk within a school day, and nobody weighed in between (F29)."""
    talk, weighed = story.last(ParentConversation), story.last(Weighing)
    if report.emergency or talk is None or (weighed and weighed[0].seq > talk[0].seq):
        return False
    return report.made_on < calendar.next_school_day(talk[1].held_on)


CAUTIONS: tuple[Caution, ...] = (
    Caution(
        "before_free_days",
        "R50",
        "Het is bijna weekend of vakantie. Niemand op school ziet het kind dan. "
        "Kies liever een ander moment of overleg met Veilig Thuis.",
        (TalkPreparation, ReportNotice, Report),
        _before_free_days,
    ),
    Caution(
        "vt_before_ib",
        "R21",
        "Bespreek de signalen liefst eerst op school, met de IB-er. Vraag daarna Veilig Thuis om advies.",
        (Consultation,),
        _vt_before_ib,
    ),
    Caution(
        "not_all_there",
        "R24",
        "Een gesprek voer je samen: leerkracht, IB-er en directeur. Schrijf op waarom iemand er niet bij was.",
        (ParentConversation,),
        _not_all_there,
    ),
    Caution(
        "weaker_ground",
        "R31",
        "Dit is een zwakkere grond. Overleg eerst met Veilig Thuis.",
        (TalkWaiver,),
        _weaker_ground,
    ),
    Caution(
        "no_new_weighing",
        "R54",
        "Je meldt binnen een schooldag na het gesprek met ouders. Weeg eerst opnieuw, naar je eigen oordeel.",
        (Report,),
        _hasty,
    ),
    Caution(
        "special_form",
        "2.1",
        "Pas op. Praten met ouders kan nu gevaarlijk zijn voor het kind. Overleg eerst met een deskundige.",
        TALKS,
        lambda story, _payload, _calendar: story.special,
    ),
)


def cautions(story: CaseStory, payload: Payload, calendar: SchoolCalendar) -> list[Caution]:
    """Return the warnings before this entry; none of them stops anything."""
    return [one for one in CAUTIONS if isinstance(payload, one.kinds) and one.applies(story, payload, calendar)]


def danger_at_talks(story: CaseStory) -> str:
    """Return the sentence that stands in red at step 3, or nothing (domain section 2.1)."""
    return next(one.sentence for one in CAUTIONS if one.code == "special_form") if story.special else ""
