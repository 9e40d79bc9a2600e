"""Reads the commands and files out of docs/install.md, and puts them on this machine's own places; it runs nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "install.md"
BLOCK = re.compile(r"^```(sh|sql|toml)\n(.*?)^```", re.MULTILINE | re.DOTALL)
OF_THE_MACHINE = ("apt-get ", "useradd ", "systemctl ", "python3 -m venv /opt", "/opt/meldcode/bin/pip install")
"""Commands that this test has in another way: packages from wheels, ourselves as the user, units started by hand."""


def blocks(kind: str) -> list[str]:
    """Return the blocks of one kind, in their order."""
    return [text for found, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if found == kind]


def commands() -> list[str]:
    """Return every command line of the page, in its order."""
    return [line for block in blocks("sh") for line in block.splitlines()]


@dataclass(frozen=True)
class Places:
    """Where things of the page stand in this run."""

    words: dict[str, str]

    def put(self, text: str) -> str:
        """Return a text of the page with the places of this run; longer ones first."""
        for old in sorted(self.words, key=len, reverse=True):
            text = text.replace(old, self.words[old])
        return text
