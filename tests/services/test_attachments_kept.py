"""Attachments over time: moved, removed, cleared, and refused when somebody touched them."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import KeyUnavailable, NotVisible, TamperedData
from meldcode_plugin.services import attachments, cases, drafts
from meldcode_plugin.store import attachments as store
from meldcode_plugin.store import ledger
from meldcode_plugin.store.models.attachments import Attachment, Upload
from tests.rules.file_makers import pdf
from tests.services.files import PHOTO, add, age, in_dossier, lines_of, on_disk, peek, read, rows, tidy, use
from tests.world import World


def test_a_failed_transaction_leaves_a_file_that_is_cleared_later(world: World):
    """When the transaction breaks after the file was named, no row stands and the file goes a day later."""
    with pytest.raises(RuntimeError, match="the power went out"):
        add(world, uuid4(), crash=True)
    assert rows(world, Upload) == 0
    assert len(on_disk(world)) == 1
    assert tidy(world) == 0
    age(world, days=2)
    assert tidy(world) == 1
    assert on_disk(world) == []


def test_moving_a_signal_takes_its_files_along(world: World):
    """On the wrong pupil: the file goes with the signal, the old case keeps a tombstone and can not open it."""
    key = uuid4()
    added = add(world, key)
    receipt = world.record(key=key)
    old = world.case_of()
    with world.work(world.ib) as work:
        new = cases.move_signal(work, receipt.entry_ids[0], world.other_pupil, "Verkeerde leerling gekozen.")
    (row,) = in_dossier(world, world.other_pupil)
    assert row.id != added.id
    assert read(world, world.ib, new, row.id) == PHOTO
    assert read(world, world.teacher, new, row.id) == PHOTO
    for viewer in (world.ib, world.teacher):
        with pytest.raises(NotVisible):
            read(world, viewer, old, added.id)
    age(world, days=40)
    tidy(world)
    assert read(world, world.ib, new, row.id) == PHOTO
    with peek(world) as raw:
        found = raw.execute(sa.select(Attachment.__table__).where(Attachment.__table__.c.id == added.id)).one()
    assert (found.wrapped_key, found.sealed, found.removed_at is not None) == (None, None, True)


def test_a_removed_file_is_gone_and_its_row_says_so(world: World):
    """Taken away for good: no bytes on disk, no key, no name; the row and the log say that it was there."""
    key = uuid4()
    added = add(world, key)
    world.record(key=key)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        store.remove(work, ledger.locked_case(work, case_id), added.id)
    assert on_disk(world) == []
    assert in_dossier(world) == []
    assert rows(world, Attachment) == 1
    assert "attachment.removed" in [line.event for line in lines_of(world, case_id)]
    with pytest.raises(NotVisible):
        read(world, world.ib, case_id, added.id)
    with pytest.raises(NotVisible), world.work(world.ib) as work:
        store.remove(work, ledger.locked_case(work, case_id), added.id)


def test_a_destroyed_case_takes_its_files_with_it(world: World):
    """Without the case's key no file opens, and the files are cleared a day later; other cases keep theirs."""
    key, other = uuid4(), uuid4()
    added, kept = add(world, key), add(world, other, "ander.jpg")
    world.record(key=key)
    world.record(key=other, about=world.other_pupil)
    case_id = world.case_of()
    with world.work(world.ib) as work:
        ledger.destroy(work, ledger.locked_case(work, case_id), "test")
    with pytest.raises((NotVisible, KeyUnavailable)):
        read(world, world.ib, case_id, added.id)
    age(world, days=2)
    assert tidy(world) == 1
    assert read(world, world.ib, world.case_of(world.other_pupil), kept.id) == PHOTO


def test_uploads_go_after_fourteen_days_with_their_draft(world: World):
    """A file that waits stays as long as its draft is used, and goes 14 days after; attachments stay."""
    key, lonely, sent = uuid4(), uuid4(), uuid4()
    for one in (key, lonely, sent):
        add(world, one)
    world.record(key=sent)
    world.clock.forward(days=10)
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, {"fact-text": "Nog bezig."})
    world.clock.forward(days=5)
    assert tidy(world) == 1
    with world.work(world.teacher) as work:
        assert (attachments.staged(work, lonely), len(attachments.staged(work, key))) == ([], 1)
    age(world, days=30)
    tidy(world)
    assert rows(world, Upload) == 0
    assert len(on_disk(world)) == len(in_dossier(world)) == 1


@pytest.mark.parametrize("column", ["wrapped_key", "sealed"])
@pytest.mark.parametrize("table", [Upload, Attachment])
def test_sealed_cells_do_not_move(world: World, table: type, column: str):
    """A key or a name of one file in the row of another is refused, in drafts and in dossiers."""
    keys = [uuid4(), uuid4()]
    added = [add(world, key) for key in keys]
    if table is Attachment:
        for key, pupil in zip(keys, (world.pupil, world.other_pupil), strict=True):
            world.record(key=key, about=pupil)
    t = table.__table__
    with peek(world) as raw:
        first, second = (raw.execute(sa.select(t.c[column]).where(t.c.id == one.id)).scalar_one() for one in added)
        raw.execute(sa.update(t).where(t.c.id == added[0].id).values({column: second}))
        raw.execute(sa.update(t).where(t.c.id == added[1].id).values({column: first}))
    with pytest.raises(TamperedData):
        use(world, table, keys[0], added[0].id)


def test_swapped_and_bent_files_on_disk_are_refused(world: World):
    """Two files that change places, one bit, one byte less: refused before the first byte goes out."""
    keys = [uuid4(), uuid4()]
    added = [add(world, key) for key in keys]
    for key in keys:
        world.record(key=key)
    one, two = on_disk(world)
    first, second = one.read_bytes(), two.read_bytes()
    for bent in (second, first[:-1], first[:100] + bytes([first[100] ^ 1]) + first[101:], first + b"\0", b""):
        one.write_bytes(bent)
        refused = 0
        for file in added:
            try:
                read(world, world.ib, world.case_of(), file.id)
            except TamperedData:
                refused += 1
        assert refused == 1
    one.write_bytes(first)
    assert [read(world, world.ib, world.case_of(), file.id) for file in added] == [PHOTO, PHOTO]


def test_nothing_of_a_file_stands_in_clear(world: World):
    """Neither its words nor its name are found in the database or in the folder of files."""
    key = uuid4()
    add(world, key, "KANARIE-naam.txt", b"KANARIE-inhoud " * 100)
    for send in (True, False):
        found = [path.read_bytes() for path in world.folder.rglob("*") if path.is_file()]
        with peek(world) as raw:
            found += [repr(raw.execute(sa.select(table.__table__)).all()).encode() for table in (Upload, Attachment)]
        assert not any(b"KANARIE" in data for data in found)
        if send:
            world.record(key=key)


def test_without_keys_nothing_is_kept(world: World):
    """When the key is away the file is refused and no row stands."""
    path = world.store.root.path
    hidden = path.rename(path.with_name("away"))
    world.store.cache.forget()
    with pytest.raises(KeyUnavailable):
        add(world, uuid4())
    hidden.rename(path)
    assert rows(world, Upload) == 0


def test_a_pdf_is_looked_into_behind_a_wall(world: World):
    """A sound PDF is kept; when the program that looks into it can not run, none is."""
    add(world, uuid4(), "brief.pdf", pdf())
    assert attachments.pdf_reasons(io.BytesIO(pdf())) == []
    assert attachments.pdf_reasons(Breaking()) == ["not_checked"]


class Breaking(io.RawIOBase):
    """A stream that breaks at once."""

    def read(self, _: int = -1) -> bytes:
        """Break."""
        raise OSError


@pytest.fixture(autouse=True)
def files_follow_their_rows(world: World):
    """Wire the clearing of files after a commit, as the extension does."""
    attachments.listen(world.door)
