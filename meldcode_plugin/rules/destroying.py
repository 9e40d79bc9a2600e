"""When a dossier may be destroyed, and whether somebody proposed it; pure, it destroys nothing (domain section 4)."""

from __future__ import annotations

from datetime import date

from meldcode_plugin.errors import Refusal
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.entries import KEEPING, Basis, Closed, DestructionProposed, Snoozed
from meldcode_plugin.rules.facts import CloseReason
from meldcode_plugin.rules.story import CaseStory, Recorded
from meldcode_plugin.rules.terms import Kind, Terms, months_later

SECTION = "section 4"
NOT_CLOSED = Refusal(SECTION, "Dit dossier is niet gesloten. Sluit het eerst.")
KEPT = Refusal(SECTION, "Iemand schreef op waarom dit dossier langer blijft. Die tijd is nog niet om.")
LEFT = Refusal(SECTION, "Vul in wanneer het kind van school ging. De dag kan niet in de toekomst liggen.", "left_on")
TOO_EARLY = Refusal(
    SECTION, "De bewaartermijn loopt nog. Die telt vanaf de dag dat het kind van school ging.", "left_on"
)
NOT_REFUTED = Refusal(SECTION, "Dit dossier is niet gesloten omdat het vermoeden is weerlegd.", "basis")
REFUTED_EARLY = Refusal(SECTION, "Dit dossier is nog niet lang genoeg gesloten.", "basis")


def proposed(story: CaseStory) -> tuple[Recorded, DestructionProposed] | None:
    """Return the proposal that stands: whatever was added to the dossier after it ended it."""
    newest = max(story.entries, key=lambda entry: entry.seq, default=None)
    if newest is None or not isinstance(newest.payload, DestructionProposed):
        return None
    return newest, newest.payload


def refusals(
    story: CaseStory, wanted: DestructionProposed, today: date, calendar: SchoolCalendar, terms: Terms
) -> list[Refusal]:
    """Return why a dossier can not be destroyed for this reason today; empty means that a second person may decide.

    The term of keeping counts from the day on which the child left the school, that of a refuted suspicion from the
    day on which the school closed the dossier. A request waits for no term; what somebody decided to keep stays,
    whatever the reason.
    """
    found = story.last(Closed)
    if found is None:
        return [NOT_CLOSED]
    entry, closed = found
    kept = [KEPT] if is_kept(story, entry, today) else []
    if wanted.basis is Basis.TERM:
        return kept + _of_term(wanted.left_on, today, terms[Kind.RETENTION].rungs[0].after)
    if wanted.basis is Basis.REFUTED:
        if closed.reason is not CloseReason.UNFOUNDED:
            return [*kept, NOT_REFUTED]
        until = months_later(calendar.local_date(entry.at), terms[Kind.REFUTED].rungs[0].after)
        return [*kept, REFUTED_EARLY] if today < until else kept
    return kept


def _of_term(left_on: date | None, today: date, months: int) -> list[Refusal]:
    if left_on is None or left_on > today:
        return [LEFT]
    return [TOO_EARLY] if today < months_later(left_on, months) else []


def is_kept(story: CaseStory, closed: Recorded, today: date) -> bool:
    """Tell whether somebody decided since the closing, with a reason, to keep the dossier until a day to come."""
    looks = [one for entry, one in story.all(Snoozed) if entry.seq > closed.seq and one.what in KEEPING]
    return bool(looks) and looks[-1].until > today
