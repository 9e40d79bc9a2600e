"""The story of a case: its entries with their words, and the questions that the rules ask of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from meldcode_plugin.rules.entries import (
    AnyPayload,
    Approval,
    Closed,
    Consultation,
    Decision,
    FollowUp,
    ParentConversation,
    Partner,
    Party,
    Payload,
    ReportNotice,
    Signal,
    SignalKind,
    Special,
    SpecialForm,
    Stage,
    TalkWaiver,
    Weighing,
)
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.weighing import CURRENT, Outcome, outcome

P = TypeVar("P", bound=Payload)
QUESTIONS = ("suspicion", "unsafe", "able", "accept", "result")
TELLABLE = frozenset({SignalKind.FACT, SignalKind.CHILD_STATEMENT})
"""What may be told to parents as a fact (R28): what was seen, and what the child said."""
ROLE_OF = {Partner.IB: Role.IB, Partner.AF: Role.AF, Partner.DIRECTOR: Role.DIRECTOR}
"""What somebody is to the school with whom the signals are talked over."""
ADULT, ASKED = 16, 12
"""From 16 the pupil decides, from 12 the pupil is asked (R52)."""


class Recorded(NamedTuple):
    """One entry with its words: who wrote it and when, and to what it refers.

    ``roles``: what its author is to the school; empty when that is not known.
    """

    id: UUID
    seq: int
    author: UUID
    at: datetime
    payload: AnyPayload
    refers_to: UUID | None = None
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class CaseStory:
    """All entries of a case in the order in which they were recorded, with questions that rules ask.

    ``code_version`` is the version of the code under which the case started (R61).
    """

    entries: tuple[Recorded, ...] = ()
    birth_date: date | None = None
    code_version: int = CURRENT

    def all(self, kind: type[P]) -> list[tuple[Recorded, P]]:
        """Return every entry of a kind, oldest first."""
        return list(self._of(kind))

    def last(self, kind: type[P]) -> tuple[Recorded, P] | None:
        """Return the newest entry of a kind, or None."""
        found = self._of(kind)
        return found[-1] if found else None

    def _of(self, kind: type[P]) -> list[tuple[Recorded, P]]:
        """Look through the entries once: a page asks some fifty times, of a dossier of hundreds."""
        return self._found.get(kind, [])

    @cached_property
    def _found(self) -> dict[type[Payload], list[tuple[Recorded, Any]]]:
        found: dict[type[Payload], list[tuple[Recorded, Any]]] = {}
        for one in self.entries:
            for kind in type(one.payload).__mro__:
                found.setdefault(kind, []).append((one, one.payload))
        return found

    def has(self, *kinds: type[Payload]) -> bool:
        """Tell whether there is at least one entry of these kinds."""
        return self.seq_of(*kinds) > 0

    def seq_of(self, *kinds: type[Payload]) -> int:
        """Return the number of the newest entry of these kinds; 0 when there is none."""
        return max((entry.seq for kind in kinds for entry, _ in self._of(kind)), default=0)

    def fresh(self, kind: type[P]) -> tuple[Recorded, P] | None:
        """Return the newest entry of a kind since the case was last closed: an older one is of another time."""
        found = self.last(kind)
        return found if found and found[0].seq > self.seq_of(Closed) else None

    def entry(self, entry_id: UUID) -> Recorded | None:
        """Return the entry with this id, or None."""
        return self._by_id.get(entry_id)

    @cached_property
    def _by_id(self) -> dict[UUID, Recorded]:
        return {entry.id: entry for entry in self.entries}

    # --- signals ---------------------------------------------------------------------------------

    @cached_property
    def open_hypotheses(self) -> list[Recorded]:
        """Hypotheses of which nobody wrote yet what became of them (R6)."""
        answered = {entry.refers_to for entry, note in self.all(FollowUp) if note.status is not None}
        return [
            entry
            for entry, signal in self.all(Signal)
            if signal.signal_kind is SignalKind.HYPOTHESIS and entry.id not in answered
        ]

    @property
    def tellable(self) -> list[tuple[Recorded, Signal]]:
        """Signals that may be told to parents as facts (R28)."""
        return [(entry, signal) for entry, signal in self.all(Signal) if signal.signal_kind in TELLABLE]

    @property
    def special(self) -> bool:
        """Tell whether one of the special forms is thought of (domain section 2.1)."""
        found = self.last(SpecialForm)
        return found is not None and found[1].form is not Special.NONE

    # --- talking it over -------------------------------------------------------------------------

    def seen_by_two(self, entry: Recorded, talk: Consultation) -> bool:
        """Tell whether this talk brought a second pair of eyes to the signals (R19).

        Whoever signalled talks with the IB-er or aandachtsfunctionaris, whichever of them writes it down. Who
        handles the case and wrote the signals alone, talks with somebody else of IB-er,
        aandachtsfunctionaris and director.
        """
        writers = {one.author for one, _ in self.all(Signal)}
        if not writers or writers - {entry.author}:
            carries = talk.partner is Partner.SIGNALLER and not entry.roles.isdisjoint({Role.IB, Role.AF})
            return carries or talk.partner in (Partner.IB, Partner.AF)
        if not entry.roles:
            return talk.partner in (Partner.AF, Partner.DIRECTOR)
        return talk.partner in ROLE_OF and ROLE_OF[talk.partner] not in entry.roles

    @property
    def consulted(self) -> bool:
        """Tell whether the signals were talked over by two people (R19)."""
        return any(self.seen_by_two(entry, talk) for entry, talk in self.all(Consultation))

    def asked(self, *partners: Partner) -> bool:
        """Tell whether one of these partners was asked."""
        return any(talk.partner in partners for _, talk in self.all(Consultation))

    # --- the family ------------------------------------------------------------------------------

    @property
    def people(self) -> dict[str, tuple[Recorded, Party]]:
        """Return everybody around the child; the newest entry on a name counts."""
        return {_name(party): (entry, party) for entry, party in self.all(Party)}

    @property
    def with_custody(self) -> set[str]:
        """Return the people with custody."""
        return {name for name, (_, party) in self.people.items() if party.custody == "yes"}

    def named(self, parties: Iterable[UUID]) -> set[str]:
        """Return the people behind the ids of their entries."""
        return {_name(party) for party in self._parties(parties)}

    def full_names(self, parties: Iterable[UUID]) -> list[str]:
        """Return the names of these people as they were written down."""
        return [party.name for party in self._parties(parties)]

    def _parties(self, ids: Iterable[UUID]) -> list[Party]:
        found = (self._by_id.get(one) for one in ids)
        return [entry.payload for entry in found if entry and isinstance(entry.payload, Party)]

    def unreached(self, stage: Stage) -> set[str]:
        """Return who has custody and was neither spoken nor left out with a confirmed reason (LKC 108725)."""
        talks = self.all(ParentConversation) if stage is Stage.SIGNALS else self.all(ReportNotice)
        reached = {name for _, talk in talks for name in self.named(talk.parties)}
        left_out = [waiver for _, waiver in self.waivers(stage)]
        if any(not waiver.parties for waiver in left_out):
            return set()
        return self.with_custody - reached - {name for waiver in left_out for name in self.named(waiver.parties)}

    def waivers(self, stage: Stage) -> list[tuple[Recorded, TalkWaiver]]:
        """Return the waivers of a stage that the director, as a second person, confirmed (R31, R55)."""
        return [(entry, waiver) for entry, waiver in self._waivers(stage) if self._confirmed(entry)]

    def waiting_waivers(self, stage: Stage) -> list[tuple[Recorded, TalkWaiver]]:
        """Return the waivers of a stage on which the director's yes is not there."""
        return [(entry, waiver) for entry, waiver in self._waivers(stage) if not self._confirmed(entry)]

    def waived(self, stage: Stage) -> bool:
        """Tell whether nobody at all needs to be spoken in a stage."""
        found = self.waivers(stage)
        everybody = any(not waiver.parties for _, waiver in found)
        return everybody or (bool(found) and bool(self.with_custody) and not self.unreached(stage))

    def _waivers(self, stage: Stage) -> list[tuple[Recorded, TalkWaiver]]:
        since = self.seq_of(Closed)
        return [one for one in self.all(TalkWaiver) if one[1].stage is stage and one[0].seq > since]

    def _confirmed(self, entry: Recorded) -> bool:
        view = self.views_on(entry).get("D")
        return view is not None and view[1].agrees == "yes" and view[0].author != entry.author

    def age(self, today: date) -> int | None:
        """Return the child's age in years, or None when the birth date is not known."""
        born = self.birth_date
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None

    def decides_alone(self, today: date) -> bool:
        """Tell whether the report is discussed with the pupil instead of the parents; unknown age: no (R52)."""
        return (self.age(today) or 0) >= ADULT

    def is_asked(self, today: date) -> bool:
        """Tell whether the child's own view on the report is asked (R52)."""
        return ASKED <= (self.age(today) or 0) < ADULT

    # --- deciding --------------------------------------------------------------------------------

    def views_on(self, entry: Recorded) -> dict[str, tuple[Recorded, Approval]]:
        """Return what IB-er and director say of an entry, the newest of each; one given on an older state is none."""
        said = [(one, view) for one, view in self.all(Approval) if view.about == entry.id]
        return {view.role: (one, view) for one, view in said if not self.news_since(view.seen_seq, one.seq)}

    def news_since(self, seen: int, until: int | None = None) -> bool:
        """Tell whether something was added after what somebody saw; what others say of it is no news."""
        return any(
            seen < entry.seq and (until is None or entry.seq < until) and not isinstance(entry.payload, Approval)
            for entry in self.entries
        )

    @property
    def decided_to_report(self) -> bool:
        """Tell whether the newest decision since the last closing is to report (R40)."""
        found = self.fresh(Decision)
        return found is not None and found[1].report == "yes"

    def weighed(self) -> Outcome | None:
        """Return where the answers of the newest weighing lead, by the table that was in force (R61)."""
        found = self.fresh(Weighing)
        return outcome(found[1].code_version, answers_of(found[1])) if found else None


def answers_of(weighing: Weighing) -> dict[str, str]:
    """Return the answers to the weighing questions."""
    return {name: getattr(weighing, name) for name in QUESTIONS}


def _name(party: Party) -> str:
    return party.name.casefold()


def ordered(entries: Iterable[Recorded], birth_date: date | None = None, code_version: int = CURRENT) -> CaseStory:
    """Return the story of these entries, in the order in which they were recorded."""
    return CaseStory(tuple(sorted(entries, key=lambda entry: entry.seq)), birth_date, code_version)
