"""The report package as pure rules: what is missing, what each paper holds, and what never goes along.

Ask `lacking` first, then `compose`. `Papers.main` and `Papers.annex` are printed by ``documents.report.render``,
each a file of its own; `files_along` names the attachments in the order of block 20.
"""

from __future__ import annotations

from meldcode_plugin.rules.dossier.compose import compose, files_along
from meldcode_plugin.rules.dossier.given import (
    STEP_NAMES,
    Context,
    FileCard,
    Person,
    PupilCard,
    School,
    Secret,
    Selection,
    Sibling,
    Variant,
)
from meldcode_plugin.rules.dossier.lacking import lacking, must_stay
from meldcode_plugin.rules.dossier.parts import Block, Document, Field, LeftOut, Line, Papers, Record, Table
from meldcode_plugin.rules.dossier.sheets import Check, Section, copy_sheet, phone_checklist

__all__ = [
    "STEP_NAMES",
    "Block",
    "Check",
    "Context",
    "Document",
    "Field",
    "FileCard",
    "LeftOut",
    "Line",
    "Papers",
    "Person",
    "PupilCard",
    "Record",
    "School",
    "Secret",
    "Section",
    "Selection",
    "Sibling",
    "Table",
    "Variant",
    "compose",
    "copy_sheet",
    "files_along",
    "lacking",
    "must_stay",
    "phone_checklist",
]
