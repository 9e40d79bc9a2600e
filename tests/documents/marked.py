"""Random cases in which every name that must not get out is a mark that is found anywhere, however it is typed."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import Context, FileCard, Person, PupilCard, Selection, Sibling
from meldcode_plugin.rules.story import CaseStory
from tests.documents.cases import CHOSEN, DIRECTOR, GYM, IB, STAFF, TEACHER, Builder, context

TEXT_FIELDS = {
    e.Consultation: ("persons", "question", "advice", "outcome"),
    e.ParentConversation: ("place", "absent", "present", "goal", "facts", "reaction", "interpretation", "agreements"),
    e.TalkShared: ("comment",),
    e.ParentStatement: ("text",),
    e.ChildConversation: ("why", "held_by", "permission_ground"),
    e.Weighing: ("risk_why", "nature", "severity_why", "no_instrument"),
    e.Decision: (),
    e.HelpPlan: ("goals", "provider", "tasks", "effect", "case_manager"),
    e.HelpEffectCheck: ("text",),
    e.ReportNotice: ("how", "why", "reaction", "child_view"),
    e.Objection: ("text", "weighed", "outcome"),
    e.ConsentEffort: ("efforts",),
    e.OwnRole: ("what", "who", "limits"),
    e.SpecialForm: ("why",),
    e.VtFeedback: ("sender", "content"),
    e.ConfidentialityCheck: ("contacts", "consulted_why"),
}
SAID = ("household", "child_now", "agreements", "worry", "why_now", "injury", "network", "protective", "question")


@dataclass(frozen=True)
class Marked:
    """A case, and the marks by whom they stand for."""

    story: CaseStory
    context: Context
    selection: Selection
    sources: tuple[str, ...]
    pupils: tuple[str, ...]
    reporter: tuple[str, ...]
    family: tuple[str, ...]

    def hidden(self) -> tuple[str, ...]:
        """What may be in no main part and in no copy."""
        return (*self.sources, *self.pupils, *self.reporter)


def found(marks: tuple[str, ...], text: str) -> list[str]:
    """Return the marks that stand in a text, also broken over a line, with accents or in capitals."""
    low = unicodedata.normalize("NFD", text).casefold()
    letters = re.sub(r"[^a-z0-9]", "", low)
    return [mark for mark in marks if re.sub(r"[^a-z0-9]", "", mark.casefold()) in letters]


class Maker:
    """Writes one random case."""

    def __init__(self, seed: int) -> None:
        """Throw the dice with this number."""
        self.dice = random.Random(seed)
        self.builder = Builder()
        self.sources = [self.name() for _ in range(self.dice.randint(1, 3))]
        self.pupils = [self.name() for _ in range(self.dice.randint(1, 4))]
        self.reporter = self.name()
        self.child, self.parents = self.name(), [self.name() for _ in range(self.dice.randint(1, 2))]
        self.phones = [f"06{self.dice.randint(10_000_000, 99_999_999)}" for _ in self.sources]

    def mark(self) -> str:
        """A name that no text holds by chance."""
        pieces = (self.dice.choice("bdfgklmnprstvwz") + self.dice.choice("aeiou") for _ in range(4))
        return "".join(pieces).capitalize() + self.dice.choice("xq")

    def name(self) -> str:
        """First name and surname, some with a particle or a hyphen."""
        between = self.dice.choice((" ", " ", " van ", " van der ", " el ", "-"))
        return f"{self.mark()}{between}{self.mark()}"

    def typed(self, name: str) -> str:
        """A name as people type it."""
        parts = re.findall(r"\w+", name)
        ways = (
            name,
            name.upper(),
            name.lower(),
            parts[0],
            parts[-1],
            parts[0] + "s",
            f"{parts[-1]}'s",
            f"juf {parts[0]}",
            name.replace(" ", "\u00a0"),
            name.replace(" ", "\n"),
            name.replace(" ", "  "),
            f'"{name}"',
            f"({parts[0]})",
            parts[0][:3] + "\u00ad" + parts[0][3:],
            parts[0][:2] + "\u200b" + parts[0][2:],
            parts[0].replace("e", "é").replace("a", "á"),
            unicodedata.normalize("NFD", parts[0].replace("o", "ö")),
            f"@{parts[0]}, {parts[-1]}",
        )
        return self.dice.choice(ways)

    def words(self) -> str:
        """A sentence with marks in it."""
        names = (*self.sources, *self.pupils, self.reporter, self.child, *self.parents)
        pieces = ["Er was"]
        for _ in range(self.dice.randint(1, 4)):
            pieces += [
                self.dice.choice(("met", "en", "zag dat", "volgens", "naast")),
                self.typed(self.dice.choice(names)),
            ]
        if self.dice.random() < 0.3:
            phone = self.dice.choice(self.phones)
            pieces.append(
                self.dice.choice((phone, f"06-{phone[2:]}", f"+316{phone[2:]}", f"06 {phone[2:6]} {phone[6:]}"))
            )
        return " ".join(pieces) + self.dice.choice((".", "!", "", " op het plein."))

    def signal(self, source: int | None = None) -> None:
        """One signal of any kind, sometimes with a hidden source, sometimes with what was written later."""
        dice = self.dice
        kind = dice.choice(list(e.SignalKind)) if source is None else e.SignalKind.THIRD_PARTY
        more: dict[str, Any] = {"interpretation": self.words() if dice.random() < 0.3 else ""}
        if kind is e.SignalKind.THIRD_PARTY or dice.random() < 0.2:
            at = dice.randrange(len(self.sources)) if source is None else source
            more["source"] = e.Source(
                name=self.sources[at],
                relation=dice.choice(("buurvrouw", f"tante {self.sources[at].split()[0]}", "trainer van de voetbal")),
                contact=self.phones[at],
                shielded=dice.random() < 0.5,
                may_be_named=dice.choice(("no", "unknown")),
                why_shielded=self.words(),
            )
        if kind is e.SignalKind.DIAGNOSIS:
            more["diagnosis"] = e.Diagnosis(
                professional="J. Boswijk", profession="huisarts", document=self.words()[:200]
            )
        more |= {"place": self.words(), "present": self.words(), "direction": dice.choice(list(e.Direction))}
        noted = self.builder.signal(kind, self.words(), dice.choice((TEACHER, GYM, IB)), **more)
        if dice.random() < 0.4:
            self.builder.put(e.FollowUp, IB, 0, noted, text=self.words(), basis=self.words())
        if dice.random() < 0.2:
            self.builder.put(e.Correction, IB, 0, noted, text=self.words(), reason=self.words())

    def made(self) -> Marked:
        """Write the case and choose at random."""
        dice = self.dice
        parties = [
            self.builder.put(e.Party, name=name, relation=relation, custody="yes")
            for name, relation in zip(self.parents, ("moeder", "vader"), strict=False)
        ]
        for number in range(dice.randint(3, 7)):
            self.signal(number if number < len(self.sources) else None)
        for kind in dice.sample(list(TEXT_FIELDS), dice.randint(4, len(TEXT_FIELDS))):
            self.builder.put(kind, IB, 0, **{field: self.words()[:300] for field in TEXT_FIELDS[kind]})
        chosen = self._chosen(parties)
        given = self._context()
        marks = (
            tuple(re.findall(r"\w{5,}", " ".join(names))) for names in (self.sources, self.pupils, [self.reporter])
        )
        sources, pupils, reporter = marks
        family = tuple(re.findall(r"\w{5,}", " ".join((self.child, *self.parents))))
        return Marked(self.builder.story, given, chosen, (*sources, *self.phones), pupils, reporter, family)

    def _chosen(self, parties: list[UUID]) -> Selection:
        signals = [one.id for one in self.builder.entries if isinstance(one.payload, e.Signal)]
        out = self.dice.sample(signals, self.dice.randint(0, len(signals) // 2))
        said = {field: self.words()[:300] for field in SAID}
        file = self.builder.entries[-1].id
        more = {"left_out": dict.fromkeys(out, self.words()), "files": {file: self.words()}, "feedback": self.words()}
        reader = {"copy_decided": True, "copy_for": frozenset(parties[:1]), "own_role": self.words()}
        return CHOSEN.model_copy(
            update={**said, **more, **reader, "hidden_reporter": True, "hidden_ground": self.words()}
        )

    def _context(self) -> Context:
        last = self.builder.entries[-1]
        who = Person(self.reporter, "leerkracht", "", TEACHER)
        return context(
            pupil=PupilCard(self.child, date(2018, 3, 2), address="Kastanjelaan 12, 3512 AB Utrecht", group="groep 5"),
            reporter=who,
            staff={TEACHER: who, GYM: STAFF[GYM], IB: STAFF[IB], DIRECTOR: STAFF[DIRECTOR]},
            others=tuple(self.pupils),
            siblings=(Sibling("Bo", 4),),
            files=(FileCard(last.id, last.id, f"{self.typed(self.pupils[0])}.pdf", 9, date(2026, 10, 1), "ab" * 32),),
        )
