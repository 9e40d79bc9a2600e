"""The same paper in two other shapes: text per section for a regional web form, and a checklist for the telephone."""

from __future__ import annotations

from dataclasses import dataclass

from meldcode_plugin.rules.dossier.parts import Block, Document, Field, Line, Record, Table

CALL_FIRST = ("1", "2", "3", "4", "5", "6", "8", "14", "17", "19")
"""What is said on the telephone, in this order; the rest only when it is asked."""
AFTER_CALL = (
    "Met wie heb je gesproken?",
    "Hoe laat?",
    "Welk nummer kreeg de melding?",
    "Wat spraken jullie af?",
    "Wat doet school zelf, en wanneer hoor je weer iets?",
)
SHORTEST = 160


@dataclass(frozen=True)
class Section:
    """One section of the copy sheet: number and title for the eye, plain text to copy."""

    number: str
    title: str
    text: str


@dataclass(frozen=True)
class Check:
    """One point for the telephone: what to tell, and in a few words what there is to tell."""

    number: str
    title: str
    points: tuple[str, ...]


def copy_sheet(document: Document) -> tuple[Section, ...]:
    """Return the text of each block, for the boxes of a web form; no layout survives there, so none is needed."""
    return tuple(Section(block.number, block.title, "\n".join(_lines(block))) for block in document.blocks)


def phone_checklist(document: Document) -> tuple[Check, ...]:
    """Return what to tell on the telephone, short, and last what to write down of the call."""
    found = [block for number in CALL_FIRST if (block := document.block(number))]
    told = tuple(Check(block.number, block.title, tuple(_short(one) for one in _points(block))) for block in found)
    return (*told, Check("", "Schrijf op na het gesprek", AFTER_CALL))


def _points(block: Block) -> list[str]:
    return [one for one in _lines(block) if one][:8]


def _short(text: str) -> str:
    return text if len(text) <= SHORTEST else f"{text[:SHORTEST].rsplit(' ', 1)[0]} …"


def _lines(block: Block) -> list[str]:
    found = [*block.paragraphs, *map(_field, block.fields)]
    for line in block.lines:
        found += _line(line)
    for record in block.records:
        found += _record(record)
    for table in block.tables:
        found += _table(table)
    return [*found, *block.notes]


def _field(field: Field) -> str:
    return f"{field.name}: {field.value}"


def _line(line: Line) -> list[str]:
    head = f"{line.ref} {line.label}. Gezien: {line.seen}. Opgeschreven: {line.recorded}. {line.direction}."
    return [head, line.text, f"{line.source}.", *line.notes, ""]


def _record(record: Record) -> list[str]:
    return [f"{record.title} ({record.source})", *map(_field, record.fields), ""]


def _table(table: Table) -> list[str]:
    rows = (
        ", ".join(f"{name}: {cell}" for name, cell in zip(table.head, row, strict=True) if cell) for row in table.rows
    )
    return [f"{table.caption}:", *rows]
