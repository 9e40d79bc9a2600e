"""Prints a composed document as one PDF/A-3a that is also PDF/UA-1; it knows parts and a look, no case."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from meldcode_plugin.errors import PaperFailed
from meldcode_plugin.rules.dossier import Document

HERE = Path(__file__).parent
PRESS, TYPE = HERE / "press.py", HERE / "type"
SECONDS = 200
"""The press gives up by itself before that."""
FONTS = (
    "literata-400.ttf",
    "literata-400-italic.ttf",
    "literata-500.ttf",
    "atkinson-hyperlegible-next-400.ttf",
    "atkinson-hyperlegible-next-600.ttf",
)
LOGO_BYTES = 512 * 1024
LOGO_KINDS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}
ACCENT = "#1b5e6f"
LONG_WORD, PIECE = 40, 30
WIDE = {"Wat": 3.4, "Waarom nodig": 3, "Naam": 3, "Stap": 3.2, "Handtekening": 3, "Bereikbaar": 3, "Nr.": 0.8}
WIDE |= {
    "Wanneer": 2.3,
    "Door": 2.3,
    "Regel": 0.9,
    "Gezag": 1.2,
    "Datum": 2.2,
    "SHA-256 (begin)": 2.4,
    "Vermoeden": 2.6,
}
"""How wide a column is beside the others; what is not named here is two."""


@dataclass(frozen=True)
class Look:
    """How a school's papers look: its name, one colour, and its logo as PNG or JPEG of at most 512 kB.

    Without a name the paper does not say of which school it is.
    """

    school: str
    accent: str = ACCENT
    logo: bytes | None = None


def render(document: Document, look: Look, made_at: datetime) -> bytes:
    """Return the document as a tagged PDF, ending with a newline; the same input gives the same bytes.

    A logo or font that fails, or a text that can not be set, raises `PaperFailed`: half a paper there never is.
    The engine runs in a process that ends with the paper, so memory does not grow with the number of papers.
    """
    data = {
        "document": _prepared(document),
        "look": _look(look),
        "break_after_contents": len(document.blocks) > len("contents"),
    }
    return _press(data, int(made_at.timestamp())) + b"\n"


def _press(paper: Any, timestamp: int) -> bytes:
    """Let a program of its own set the paper; no answer, or an answer that is no PDF, is no paper."""
    given = {"template": _template(), "type": str(TYPE), "fonts": FONTS, "paper": paper, "timestamp": timestamp}
    command = [sys.executable, "-I", str(PRESS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no word of it from outside
            command, input=json.dumps(given).encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise PaperFailed("engine") from None
    if done.stdout.startswith(b"fault "):
        raise PaperFailed(done.stdout.removeprefix(b"fault ").decode())
    if done.returncode or not done.stdout.startswith(b"%PDF") or not done.stdout.rstrip().endswith(b"%%EOF"):
        raise PaperFailed("engine")
    return done.stdout


@lru_cache(1)
def _template() -> str:
    return HERE.joinpath("templates", "report.typ").read_text(encoding="utf-8")


def _look(look: Look) -> dict[str, Any]:
    """Check the logo before the engine sees it."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", look.accent):
        raise PaperFailed("colour")
    kind = kind_of(look.logo) if look.logo is not None else None
    if look.logo is not None and not kind:
        raise PaperFailed("logo")
    logo = list(look.logo) if look.logo is not None else None
    return {"school": printable(look.school), "accent": look.accent, "logo": logo, "logo_format": kind}


def kind_of(logo: bytes) -> str | None:
    """Return what a logo is by its first bytes, or None when it is too large or neither PNG nor JPEG."""
    kinds = (kind for head, kind in LOGO_KINDS.items() if logo.startswith(head))
    return next(kinds, None) if len(logo) <= LOGO_BYTES else None


# --- texts -------------------------------------------------------------------------------------------


def _prepared(document: Document) -> Any:
    """Return the document as data in which every text can be set."""
    data = document.as_json()
    for block in data["blocks"]:
        for table in block["tables"]:
            table["widths"] = [WIDE.get(name, 2) for name in table["head"]]
    return _each(data)


def _each(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _each(one) for name, one in value.items()}
    return [_each(one) for one in value] if isinstance(value, list) else value


def printable(text: str) -> str:
    """Return the text as it can be set: Dutch quotes, no break inside a date, nothing that is no letter."""
    text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(one for one in text if one in "\n\t" or unicodedata.category(one)[0] != "C")
    text = re.sub(rf"\S{{{LONG_WORD},}}", _broken, text)
    return _dutch(text)


def _broken(match: re.Match[str]) -> str:
    word = match.group()
    return "\u200b".join(word[at : at + PIECE] for at in range(0, len(word), PIECE))


def _together(date: re.Match[str]) -> str:
    return "\u00a0".join(part for part in date.groups() if part)


def _dutch(text: str) -> str:
    """Set quotation marks as Dutch has them, and keep a day with its month and a time with its word."""
    text = re.sub(r"(?<![\w\u2019])'(?=(?:s|t|n|m|k|r)\b)", "\u2019", text)
    text = re.sub(r"(?<=\w)'(?=\w|\s|$|[.,;:!?)])", "\u2019", text)
    text = re.sub(r'(^|[\s(\[{\u2013\u2014-])"', "\\1\u201c", text).replace('"', "\u201d")
    text = re.sub(r"(^|[\s(\[{\u2013\u2014-])'", "\\1\u2018", text).replace("'", "\u2019")
    text = re.sub(r"(?<=\s)-(?=\s)", "\u2013", text).replace("...", "\u2026")
    months = "jan|feb|maart|april|mei|juni|juli|aug|sept|okt|nov|dec"
    text = re.sub(rf"\b(\d{{1,2}}) ((?:{months})\w*)(?: (\d{{4}}\b))?", _together, text)
    return re.sub(r"\b(\d{1,2}[.:]\d{2}) uur\b", "\\1\u00a0uur", text)
