"""Blocks 8, 9, 10 and 16: facts in order of time, hypotheses apart, injury, and what makes the worry smaller."""

from __future__ import annotations

from uuid import UUID

from meldcode_plugin.rules.catalogue import Form, Group, by_id, known
from meldcode_plugin.rules.dossier.body import OWN_LEFT, Place, in_words
from meldcode_plugin.rules.dossier.given import Variant
from meldcode_plugin.rules.dossier.making import UNNAMED, Making, told
from meldcode_plugin.rules.dossier.parts import Block, Line, Table, answered, quoted, say_day
from meldcode_plugin.rules.entries import (
    DIRECTION_NAMES,
    STATUS_NAMES,
    Correction,
    Direction,
    FollowUp,
    Signal,
    SignalKind,
    Source,
)
from meldcode_plugin.rules.story import Recorded

LABELS = {
    SignalKind.FACT: "FEIT",
    SignalKind.CHILD_STATEMENT: "UITSPRAAK KIND",
    SignalKind.THIRD_PARTY: "VAN DERDEN",
    SignalKind.HYPOTHESIS: "HYPOTHESE",
    SignalKind.DIAGNOSIS: "DIAGNOSE",
}
STILL_OPEN = "Uitkomst: nog open."
HYPOTHESIS = LABELS[SignalKind.HYPOTHESIS]
HEARD = {"directly": "zag of hoorde het zelf", "via": "heeft het van horen zeggen", "unknown": ""}


def chronology(making: Making) -> Block:
    """Block 8: what was seen and said, in order of time; a hypothesis never stands among it (R5, R45)."""
    found = [one for one in making.signals if one[1].signal_kind is not SignalKind.HYPOTHESIS]
    lines = tuple(_line(making, f"8.{number}", *one) for number, one in enumerate(found, 1))
    gone = making.left_out(lambda entry: isinstance(entry.payload, Signal))
    intro = "Feiten eerst, in volgorde van tijd. Wat iemand denkt, staat apart in blok 9."
    return Block("8", "Signalen in volgorde van tijd", (intro,), lines=lines, notes=told(gone))


def hypotheses(making: Making, numbers: dict[UUID, str]) -> Block:
    """Block 9: what somebody thinks, each with its label, its outcome and what it rests on (R5, R6)."""
    found = [one for one in making.signals if one[1].signal_kind is SignalKind.HYPOTHESIS]
    lines = [_line(making, f"9.{number}", *one) for number, one in enumerate(found, 1)]
    for entry, signal in making.signals:
        if signal.interpretation:
            lines.append(_reading(making, f"9.{len(lines) + 1}", entry, signal, numbers))
    intro = "Dit zijn gedachten, geen feiten. Bij elke hypothese staat wat ervan is geworden."
    return Block("9", "Hypothesen", (intro,) if lines else (), lines=tuple(lines))


def injury(making: Making, numbers: dict[UUID, str]) -> Block:
    """Block 10: what was seen of an injury, where on the body, and the lines that are about it; no photographs."""
    about = [numbers[entry.id] for entry, signal in making.signals if entry.id in numbers and _bodily(signal)]
    seen = making.colleagues(making.selection.injury)
    places = tuple(one for one in Place if one in making.selection.injury_places)
    fields = answered(("Wat is gezien", seen), *in_words(places), ("Zie ook de regels", ", ".join(about)))
    return Block("10", "Letsel", (OWN_LEFT,) if places else (), fields, places)


def protective(making: Making, numbers: dict[UUID, str]) -> Block:
    """Block 16: strengths and every signal that speaks against the worry, as plainly as the others (R7)."""
    against = [
        (numbers[entry.id], say_day(making.seen_on(entry, signal)), making.colleagues(signal.text))
        for entry, signal in making.signals
        if entry.id in numbers and signal.direction is Direction.CONTRADICTS
    ]
    table = Table("Wat de zorg tegenspreekt", ("Regel", "Gezien", "Wat"), tuple(against))
    strong = making.colleagues(making.selection.protective)
    return Block("16", "Beschermende factoren", (strong,) if strong else (), tables=(table,) if against else ())


def numbered(*blocks: Block) -> dict[UUID, str]:
    """Return the number of the line that each entry became."""
    return {line.entry: line.ref for block in blocks for line in block.lines if line.entry}


def source_of(making: Making, entry: Recorded, signal: Signal) -> str:
    """Say where it comes from, and whether others say it too (R46)."""
    by = making.by(entry)
    own = {
        SignalKind.FACT: f"eigen waarneming ({by})",
        SignalKind.CHILD_STATEMENT: f"het kind zelf, woorden opgeschreven door {by}",
        SignalKind.THIRD_PARTY: f"via {who(making, signal.source)}, opgeschreven door {by}",
        SignalKind.HYPOTHESIS: f"gedachte van {by}",
        SignalKind.DIAGNOSIS: _professional(signal),
    }[signal.signal_kind]
    too = signal.source is not None and signal.signal_kind is not SignalKind.THIRD_PARTY
    return f"Bron: {own}; ook van {who(making, signal.source)}" if too else f"Bron: {own}"


def who(making: Making, source: Source | None) -> str:
    """Name a source, or say that school knows it."""
    if source is None:
        return "iemand anders"
    if making.variant is Variant.ADVICE:
        return "iemand anders"
    if making.hides(source):
        return f"iemand anders ({UNNAMED})"
    told_on = f"verteld op {say_day(source.received_on)}" if source.received_on else ""
    about = (source.name, source.relation, HEARD[source.heard], told_on, source.channel)
    return ", ".join(one for one in about if one) or "iemand anders"


def _professional(signal: Signal) -> str:
    made = signal.diagnosis
    if made is None:
        return "niet bekend"
    number = f"nummer {made.number}" if made.number else ""
    day = f"op {say_day(made.made_on)}" if made.made_on else ""
    return "gesteld door " + ", ".join(one for one in (made.professional, made.profession, number, day) if one)


def _line(making: Making, ref: str, entry: Recorded, signal: Signal) -> Line:
    at = f", {signal.observed_at:%H.%M} uur" if signal.observed_at else ""
    exact = signal.observed_on or making.seen_on(entry, signal) != making.day_of(entry)
    text = making.colleagues(signal.text)
    return Line(
        ref=ref,
        label=LABELS[signal.signal_kind],
        source=source_of(making, entry, signal),
        direction=DIRECTION_NAMES[signal.direction],
        seen=f"{say_day(making.seen_on(entry, signal))}{at}" if exact else "dag niet opgeschreven",
        recorded=making.recorded(entry),
        text=quoted(text) if signal.signal_kind is SignalKind.CHILD_STATEMENT else text,
        notes=(*_details(making, signal), *_later(making, entry), *_still_open(making, entry)),
        entry=entry.id,
    )


def _details(making: Making, signal: Signal) -> list[str]:
    """Where it was and who was there, and from which list or instrument it comes."""
    tool = signal.instrument
    found = [f"Uit de signalenlijst: {item.text}." for item in known(signal.catalogue)]
    if making.variant is not Variant.ADVICE:
        seen = (("Plaats", signal.place), ("Erbij", signal.present))
        said = [f"{name}: {making.colleagues(value)}" for name, value in seen if value]
        found = ([". ".join(said) + "."] if said else []) + found
    if tool:
        facts = (tool.name, tool.version, tool.filled_by, say_day(tool.filled_on))
        named = ", ".join(one for one in facts if one)
        found.append(making.colleagues(f"Instrument: {named}. {tool.result}".strip()))
    return found


def _later(making: Making, entry: Recorded) -> list[str]:
    """What was written under it afterwards, in its order (R6)."""
    found = []
    for one in making.story.entries:
        if one.refers_to != entry.id or not making.picks(one):
            continue
        head = f"{making.recorded(one)}, {making.by(one)}"
        if isinstance(one.payload, FollowUp):
            note = one.payload
            outcome = f" Uitkomst: {STATUS_NAMES[note.status].lower()}." if note.status else ""
            basis = f" Waarop dat steunt: {note.basis}" if note.basis else ""
            found.append(making.colleagues(f"Vervolg ({head}): {note.text}{outcome}{basis}"))
        elif isinstance(one.payload, Correction):
            better = one.payload
            found.append(making.colleagues(f"Verbetering ({head}): {better.text} Reden: {better.reason}"))
    return found


def _still_open(making: Making, entry: Recorded) -> tuple[str, ...]:
    """Say of a hypothesis that nobody knows yet what became of it (R6)."""
    return (STILL_OPEN,) if entry in making.story.open_hypotheses else ()


def _reading(making: Making, ref: str, entry: Recorded, signal: Signal, numbers: dict[UUID, str]) -> Line:
    """What somebody made of a fact is no fact: it stands here, with the same label as a hypothesis (R4)."""
    at = numbers.get(entry.id)
    return Line(
        ref=ref,
        label=HYPOTHESIS,
        source=f"Bron: duiding van {making.by(entry)}" + (f" bij regel {at}" if at else ""),
        direction=DIRECTION_NAMES[signal.direction],
        seen=say_day(making.seen_on(entry, signal)),
        recorded=making.recorded(entry),
        text=making.colleagues(signal.interpretation),
    )


def _bodily(signal: Signal) -> bool:
    items = (by_id().get(one) for one in signal.catalogue)
    return any(item and item.group is Group.BODY and Form.PHYSICAL in item.forms for item in items)
