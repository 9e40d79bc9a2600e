"""What the tests about attachments share: add, read, list, look at the disk and at the database, let time pass."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import attachments, cases, drafts
from meldcode_plugin.services.attachments import Staged
from meldcode_plugin.store import attachments as store
from meldcode_plugin.store import cases as case_store
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.attachments import Upload
from tests.rules.file_makers import picture
from tests.world import World

PHOTO = picture("JPEG", gps=True)


def add(world: World, key: UUID, name: str = "arm.jpg", data: bytes = PHOTO, *, crash: bool = False) -> Staged:
    """Add a file to the teacher's draft, as the page does."""
    with (
        attachments.receive(world.door, name, io.BytesIO(data)) as received,
        world.work(world.teacher) as work,
    ):
        kept = attachments.keep(work, key, received)
        if crash:
            raise RuntimeError("the power went out")
    return kept


def read(world: World, viewer: Viewer, case: UUID, attachment: UUID) -> bytes:
    """Open a file as a viewer and read it after the transaction, as the page does."""
    with world.work(viewer) as work:
        found = attachments.open(work, case, attachment)
    return b"".join(found)


def use(world: World, table: type, key: UUID, file: UUID) -> None:
    """Use a file where it stands: send its draft, or open it in its dossier."""
    if table is Upload:
        world.record(key=key)
    else:
        read(world, world.ib, world.case_of(), file)


def in_dossier(world: World, about: PupilCard | None = None) -> list[store.AttachmentRow]:
    """Return the files that the IB-er sees in a pupil's dossier."""
    case = world.case_of(about)
    with world.work(world.ib) as work:
        found = cases.dossier(work, case)
    return [row for item in found.timeline for row in item.attachments]


def lines_of(world: World, case: UUID) -> list[case_store.LogRow]:
    """Return the lines of the access log about a case."""
    with world.work(world.fg) as work:
        return case_store.lines(work, case, 100)


def on_disk(world: World) -> list[Path]:
    """Return the files of the school, in a fixed order."""
    return sorted(path for path in world.store.blob_dir.rglob("*") if path.is_file())


@contextmanager
def peek(world: World) -> Iterator[sa.Connection]:
    """Look at the database as the owner of the machine can."""
    engine = world.peek()
    try:
        with engine.begin() as raw:
            yield raw
    finally:
        engine.dispose()


def rows(world: World, table: type) -> int:
    """Return how many rows stand in a table, whoever may see them."""
    with peek(world) as raw:
        return raw.execute(sa.select(sa.func.count()).select_from(table.__table__)).scalar_one()


def tidy(world: World) -> int:
    """Run the clearing as the worker does."""
    with world.door.system("upkeep: drafts") as work:
        drafts.tidy(work)
    with world.door.system("upkeep: files") as work:
        return attachments.tidy(work)


def age(world: World, **ahead: float) -> None:
    """Let time pass, and the files on disk be as old as they would be."""
    for path in on_disk(world):
        moment = world.clock.moment.timestamp()
        os.utime(path, (moment, moment))
    world.clock.forward(**ahead)
