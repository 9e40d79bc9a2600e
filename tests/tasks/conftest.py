"""A school with processes of its own, on the databases and servers of the machine room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.mailserver import MailServer, mailserver
from tests.tasks.installation import Installation, installed
from tests.world import World

__all__ = ["mailserver"]


@pytest.fixture
def school(world: World, tmp_path: Path, mailserver: MailServer, broker_url: str) -> Iterator[Installation]:
    """The world's school with a broker and a mail server."""
    with installed(world, tmp_path / "school", mailserver.port, broker_url) as made:
        yield made
