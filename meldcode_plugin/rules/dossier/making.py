"""One paper in the making: story, context and selection with the questions that every block asks of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from uuid import UUID

from meldcode_plugin.rules.dossier.given import Context, Person, Selection, Variant
from meldcode_plugin.rules.dossier.lacking import kept
from meldcode_plugin.rules.dossier.parts import LeftOut, say_day
from meldcode_plugin.rules.dossier.veil import Hidden, Veil
from meldcode_plugin.rules.entries import Signal, Source
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.story import CaseStory, Recorded

FUNCTIONS = {
    Role.IB: "intern begeleider",
    Role.AF: "aandachtsfunctionaris",
    Role.DIRECTOR: "directeur",
    Role.BOARD: "bestuur",
}
SOMEBODY = "medewerker van school"
UNNAMED = "bron bekend bij school"
SOURCE_STAYS_UNKNOWN = "komt van een bron die niet genoemd kan worden"
OTHER_PARENT = "woorden van iemand anders dan de lezers van dit afschrift"
YES_NO = {"yes": "ja", "no": "nee", "doubt": "twijfel", "open": "nog open", "unknown": "niet bekend", "": ""}


@dataclass(frozen=True)
class Making:
    """What all blocks of one paper are made from. ``gone`` counts what is left out, by reason."""

    story: CaseStory
    context: Context
    selection: Selection
    variant: Variant

    # --- who -------------------------------------------------------------------------------------

    @property
    def hides_reporter(self) -> bool:
        """Tell whether the name of who reports stands in annex N alone: towards the family, never from VT."""
        return self.selection.hidden_reporter

    def by(self, entry: Recorded) -> str:
        """Return the function of who wrote an entry, never the name."""
        if self.hides_reporter and entry.author == self.context.reporter.id:
            return SOMEBODY
        known = self.context.staff.get(entry.author)
        if known and known.function:
            return known.function
        return next((name for role, name in FUNCTIONS.items() if role in entry.roles), SOMEBODY)

    @cached_property
    def colleagues(self) -> Veil:
        """Takes names of colleagues out of what was typed: a function stands there instead."""
        return Veil((Hidden((one.name,), one.function or SOMEBODY) for one in self._staff()), self.family)

    def _staff(self) -> list[Person]:
        named = (self.context.requester, self.context.reporter, self.context.ib, self.context.director)
        return [*self.context.staff.values(), *(one for one in named if one)]

    @cached_property
    def family(self) -> tuple[str, ...]:
        """Names that stay readable: the child's own, and those around it."""
        parties = tuple(party.name for _, party in self.story.people.values())
        return (self.context.pupil.name, *parties, *(one.name for one in self.context.siblings))

    # --- sources ---------------------------------------------------------------------------------

    def hides(self, source: Source | None) -> bool:
        """Tell whether a source is not named; who was never asked is not named either (R8)."""
        return source is not None and (source.shielded or source.may_be_named != "yes")

    @cached_property
    def hidden_sources(self) -> list[tuple[Recorded, Source]]:
        """Every source whose name stands in annex N alone, also of signals that are left out."""
        found = [(entry, signal.source) for entry, signal in self.story.all(Signal)]
        return [(entry, source) for entry, source in found if source and self.hides(source)]

    def withheld(self, signal: Signal) -> str:
        """Return why the parents may not read this signal at all; empty when they may."""
        source = signal.source
        if self.variant is not Variant.PARENTS or source is None:
            return ""
        if self.hides(source):
            return SOURCE_STAYS_UNKNOWN
        spoke = source.name.casefold()
        return OTHER_PARENT if spoke in self.story.people and {spoke} != self.readers else ""

    @cached_property
    def readers(self) -> set[str]:
        """The parents for whom a copy is."""
        return self.story.named(self.selection.copy_for)

    def may_read(self, took_part: set[str]) -> bool:
        """Tell whether all readers were in this talk: the words of one parent never go to the other."""
        return self.variant is not Variant.PARENTS or (bool(self.readers) and self.readers <= took_part)

    def spoken_by(self, words: str) -> set[str]:
        """Return the people whose name or relation is exactly what was typed as who said it."""
        said = words.casefold().strip()
        return {name for name, (_, party) in self.story.people.items() if said in (name, party.relation.casefold())}

    # --- signals ---------------------------------------------------------------------------------

    @cached_property
    def signals(self) -> list[tuple[Recorded, Signal]]:
        """The signals that go along, by the day on which they were seen."""
        stay = {entry_id for entry_id, _ in kept(self.story, self.selection)}
        found = [one for one in self.story.all(Signal) if one[0].id in stay and not self.withheld(one[1])]
        return sorted(found, key=lambda one: (self.seen_on(*one), _clock(one[1]), one[0].seq))

    def seen_on(self, entry: Recorded, signal: Signal) -> date:
        """Return the day of what was seen, heard or found; else the day on which it was written down."""
        told = signal.source.received_on if signal.source else None
        made = signal.diagnosis.made_on if signal.diagnosis else None
        return signal.observed_on or told or made or self.day_of(entry)

    def day_of(self, entry: Recorded) -> date:
        """Return the day on which an entry was written, on the clock of the school."""
        return entry.at.astimezone(self.context.made_at.tzinfo).date()

    def recorded(self, entry: Recorded) -> str:
        """Return that day in words."""
        return say_day(self.day_of(entry))

    def picks(self, entry: Recorded) -> bool:
        """Tell whether an entry of the steps goes along."""
        return entry.id not in self.selection.left_out

    # --- what is left out ------------------------------------------------------------------------

    def left_out(self, choose: Callable[[Recorded], bool] = lambda _: True) -> list[LeftOut]:
        """Return how much is left out by reason: nothing goes in silence (R7)."""
        stay = {entry_id for entry_id, _ in kept(self.story, self.selection)}
        chosen = self.selection.left_out.items()
        reasons = {key: reason.rstrip(".") or "geen reden gegeven" for key, reason in chosen if key not in stay}
        for entry, signal in self.story.all(Signal):
            if entry.id in stay and (why := self.withheld(signal)):
                reasons[entry.id] = why
        there = [(entry.id, entry) for entry in self.story.entries if choose(entry)]
        counted = Counter(reasons[key] for key, _ in there if key in reasons)
        return [LeftOut(reason, count) for reason, count in sorted(counted.items())]


def told(gone: list[LeftOut]) -> tuple[str, ...]:
    """Return the lines that say what was left out."""
    return tuple(
        f"Weggelaten: {one.count} {'aantekening' if one.count == 1 else 'aantekeningen'}. Reden: {one.reason}."
        for one in gone
    )


def refs(entries: tuple[UUID, ...], numbers: dict[UUID, str]) -> str:
    """Return the numbers of the lines that these entries became."""
    return ", ".join(numbers[one] for one in entries if one in numbers)


def _clock(signal: Signal) -> str:
    return signal.observed_at.isoformat() if signal.observed_at else ""
