"""What a form can already say, from what is on paper; the person reads it, and may change all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meldcode_plugin.rules.entries import (
    KIND_NAMES,
    PARTNER_NAMES,
    ConfidentialityCheck,
    ConsentEffort,
    Consultation,
    ParentConversation,
    Partner,
    Payload,
    ReportNotice,
    Signal,
    SignalKind,
    SignallerFeedback,
    Stage,
    Weighing,
)
from meldcode_plugin.rules.story import CaseStory, Recorded

FEEDBACK = "Dank je. Je signaal is opgepakt. Meer mogen we nu niet vertellen. Zie je iets nieuws? Leg het vast."


@dataclass(frozen=True)
class Prefill:
    """Values by field, and by field the entries that they come from."""

    values: dict[str, str]
    sources: dict[str, tuple[UUID, ...]]


def prefill(story: CaseStory, kind: type[Payload]) -> Prefill:
    """Return what the form of a kind can start with."""
    made = MADE.get(kind)
    return made(story) if made else Prefill({}, {})


def _day(day: date) -> str:
    return f"{day.day}-{day.month}-{day.year}"


Found = list[tuple[Recorded, str]]


def _six(story: CaseStory) -> Prefill:
    """Answer the six questions as far as the story does (R57); nobody is told that a no is wrong."""
    vt: Found = []
    others: Found = []
    for entry, talk in story.all(Consultation):
        asked_vt = talk.partner is Partner.VEILIG_THUIS
        (vt if asked_vt else others).append((entry, f"{_day(talk.held_on)}: {PARTNER_NAMES[talk.partner]}"))
    signals: Found = [(entry, "") for entry, _ in story.tellable]
    weighed: Found = [(entry, f"Gewogen op {_day(entry.at.date())}") for entry, _ in story.all(Weighing)]
    efforts: Found = [(entry, effort.efforts) for entry, effort in story.all(ConsentEffort)]
    found = {"consulted": others, "vt_asked": vt, "enough_facts": signals, "weighed": weighed, "effort": efforts}
    values = {name: "yes" if entries else "no" for name, entries in found.items()}
    values |= {f"{name}_why": _joined(entries) for name, entries in found.items() if entries}
    if signals:
        values["enough_facts_why"] = f"Feiten en uitspraken in het dossier: {len(signals)}"
    contacts = _contacts(story)
    values |= {"contacts": _joined(contacts)}
    return Prefill(
        values, {name: tuple(e.id for e, _ in one) for name, one in (found | {"contacts": contacts}).items()}
    )


def _contacts(story: CaseStory) -> Found:
    found: Found = [(e, f"{_day(n.told_on)}: {n.how}") for e, n in story.all(ReportNotice)]
    found += [(e, "Geen contact over de melding") for e, _ in story.waivers(Stage.REPORT)]
    return found


def _joined(found: Found) -> str:
    return "\n".join(text for _, text in found)


MADE: dict[type[Payload], Callable[[CaseStory], Prefill]] = {
    ConfidentialityCheck: _six,
    SignallerFeedback: lambda _story: Prefill({"text": FEEDBACK}, {}),
}


def _label(signal: Signal) -> str:
    """A hypothesis is called one wherever it is shown (R5)."""
    return f"{KIND_NAMES[signal.signal_kind]}: " if signal.signal_kind is SignalKind.HYPOTHESIS else ""


def offers(story: CaseStory) -> dict[str, list[tuple[UUID, str]]]:
    """Return by field the entries that can be ticked in it: people, facts (R28) and what a weighing stands on (R34)."""
    facts = [(entry.id, signal.text) for entry, signal in story.tellable]
    people = [(entry.id, f"{party.name} ({party.relation})") for entry, party in story.people.values()]
    talks = [(e.id, f"{_day(t.held_on)}: {PARTNER_NAMES[t.partner]}") for e, t in story.all(Consultation)]
    talks += [(e.id, f"{_day(t.held_on)}: gesprek met {t.parents}") for e, t in story.all(ParentConversation)]
    signals = [(entry.id, f"{_label(signal)}{signal.text}") for entry, signal in story.all(Signal)]
    return {"facts_told": facts, "parties": people, "evidence": signals + talks}
