"""Attachments: staged for one author, moved with the signal, read only after the log."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest

from meldcode_plugin.errors import AlreadySent, InputRefused, NotVisible
from meldcode_plugin.rules import uploads
from meldcode_plugin.services import attachments, drafts, signals
from meldcode_plugin.store import attachments as store
from meldcode_plugin.store.guard import GuardRefused
from meldcode_plugin.store.models.attachments import Upload
from tests.services.files import PHOTO, add, in_dossier, lines_of, on_disk, read, rows
from tests.world import World


def test_a_file_waits_in_its_authors_draft(world: World):
    """What is added to a draft is listed there with its size and hint, for its author."""
    key = uuid4()
    added = add(world, key)
    with world.work(world.teacher) as work:
        assert attachments.staged(work, key) == [added]
    assert (added.name, added.size, added.hints) == ("arm.jpg", len(PHOTO), (uploads.LOCATED,))


def test_nobody_else_sees_what_waits(world: World):
    """Not a colleague, not the IB-er, not the director, not another school: the draft is empty for them."""
    key = uuid4()
    added = add(world, key)
    for viewer in (world.colleague, world.ib, world.director, world.fg, world.admin, world.other_school_teacher):
        with world.work(viewer) as work:
            assert attachments.staged(work, key) == []
            attachments.unstage(work, key, added.id)
    with world.work(world.teacher) as work:
        assert attachments.staged(work, key) == [added]


def test_a_file_can_be_taken_out_again(world: World):
    """Taken out of the draft, the row goes with the transaction and the file right after it."""
    key = uuid4()
    one, two = add(world, key), add(world, key, "tweede.jpg")
    with world.work(world.teacher) as work:
        attachments.unstage(work, key, one.id)
        assert len(on_disk(world)) == 2
    assert len(on_disk(world)) == 1
    with world.work(world.teacher) as work:
        assert attachments.staged(work, key) == [two]


def test_discarding_a_draft_discards_its_files(world: World):
    """Throwing a draft away leaves no file behind."""
    key = uuid4()
    add(world, key)
    with world.work(world.teacher) as work:
        drafts.discard(work, key)
    assert on_disk(world) == []


def test_sending_moves_the_files_to_the_dossier(world: World):
    """The IB-er finds the file under the signal and reads the very bytes; draft empty, disk untouched."""
    key = uuid4()
    added = add(world, key)
    before = {path: path.read_bytes() for path in on_disk(world)}
    world.record(key=key)
    listed = in_dossier(world)
    assert [(row.id, row.name, row.media_type, row.size) for row in listed] == [
        (added.id, "arm.jpg", "image/jpeg", len(PHOTO))
    ]
    assert read(world, world.ib, world.case_of(), added.id) == PHOTO
    with world.work(world.teacher) as work:
        assert attachments.staged(work, key) == []
    assert {path: path.read_bytes() for path in on_disk(world)} == before


def test_the_author_reads_their_own_file_again(world: World):
    """A teacher opens a file of an own signal, and finds it listed there."""
    key = uuid4()
    added = add(world, key)
    receipt = world.record(key=key)
    with world.work(world.teacher) as work:
        mine = signals.my_signal(work, receipt.entry_ids[0])
    assert [row.id for row in mine.attachments] == [added.id]
    assert mine.case_id is not None
    assert read(world, world.teacher, mine.case_id, added.id) == PHOTO


def test_a_file_of_somebody_else_does_not_exist(world: World):
    """For a colleague, the AF, the FG, an excluded IB-er and another school it is not there; nor under a wrong case."""
    key = uuid4()
    added = add(world, key)
    world.record(key=key)
    case = world.case_of()
    others = (world.colleague, world.af, world.fg, world.admin, world.excluded_ib, world.other_school_ib, world.board)
    for viewer in others:
        with pytest.raises(NotVisible):
            read(world, viewer, case, added.id)
    for viewer in (world.ib, world.teacher):
        with pytest.raises(NotVisible):
            read(world, viewer, uuid4(), added.id)
        with pytest.raises(NotVisible):
            read(world, viewer, case, uuid4())


def test_a_staged_file_can_not_be_opened_as_an_attachment(world: World):
    """What still waits has no case, not even for its author."""
    added = add(world, uuid4())
    with pytest.raises(NotVisible):
        read(world, world.teacher, uuid4(), added.id)


def test_every_read_is_logged_before_a_byte_goes(world: World):
    """Opening a file leaves a line with the file, the case and the reader; adding it left one too."""
    key = uuid4()
    added = add(world, key)
    world.record(key=key)
    case = world.case_of()
    read(world, world.ib, case, added.id)
    lines = [(line.event, line.actor_id) for line in lines_of(world, case)]
    assert ("attachment.added", world.teacher.person_id) in lines
    assert ("attachment.read", world.ib.person_id) in lines


def test_no_log_line_no_file(world: World):
    """The store itself refuses to open a file that was not noted first."""
    key = uuid4()
    added = add(world, key)
    world.record(key=key)
    with world.work(world.ib) as work:
        row = store.visible(work, added.id)
        with pytest.raises(GuardRefused):
            store.opened(work, row)


def test_files_of_several_drafts_stay_apart(world: World):
    """Only the files of the form that was sent go along."""
    one, two = uuid4(), uuid4()
    first, second = add(world, one, "een.jpg"), add(world, two, "twee.jpg")
    world.record(key=one)
    assert [row.id for row in in_dossier(world)] == [first.id]
    with world.work(world.teacher) as work:
        assert attachments.staged(work, two) == [second]


def test_sending_twice_adds_no_file_twice(world: World):
    """A second post of the same form gives the same receipt and the files stand there once."""
    key, signal = uuid4(), world.signal()
    add(world, key)
    world.record(signal, key=key)
    world.record(signal, key=key)
    assert len(in_dossier(world)) == 1


def test_a_sent_form_takes_no_more_files(world: World):
    """Sent means final: a file for a form that was sent is refused, and leaves nothing on disk."""
    key = uuid4()
    world.record(key=key)
    with pytest.raises(AlreadySent):
        add(world, key)
    assert on_disk(world) == []


def test_a_refused_file_leaves_nothing(world: World):
    """A file that is refused is named, and nothing of it stays on disk or in the database."""
    key = uuid4()
    with pytest.raises(InputRefused) as refused:
        add(world, key, "virus.docx", b"MZ programma")
    assert refused.value.fields[uploads.FIELD].startswith("“virus.docx” is een programma.")
    assert on_disk(world) == []
    assert rows(world, Upload) == 0


def test_a_file_that_is_too_large_is_refused(world: World):
    """One byte over 25 MB is refused by name; the rest of the stream is not even read."""
    stream = io.BytesIO(b"a" * (30 << 20))
    with pytest.raises(InputRefused, match="gemarkeerde"), attachments.receive(world.door, "groot.txt", stream):
        pytest.fail("a file over the limit was received")
    assert stream.tell() < 26 << 20
    assert on_disk(world) == []


def test_ten_files_beside_one_form(world: World):
    """The eleventh file of a form is refused with the number; another form still takes one."""
    key = uuid4()
    for number in range(uploads.MAX_FILES):
        add(world, key, f"{number}.txt", b"tekst")
    with pytest.raises(InputRefused) as refused:
        add(world, key, "elf.txt", b"tekst")
    assert refused.value.fields == {uploads.FIELD: attachments.TOO_MANY.format(most=10)}
    add(world, uuid4(), "een.txt", b"tekst")


def test_files_in_all_drafts_have_a_limit(world: World):
    """Nobody fills the disk with drafts: the forty-first file that waits is refused."""
    for number in range(uploads.MAX_WAITING):
        if number % uploads.MAX_FILES == 0:
            key = uuid4()
        add(world, key, "a.txt", b"tekst")
    with pytest.raises(InputRefused) as refused:
        add(world, uuid4(), "a.txt", b"tekst")
    assert refused.value.fields == {uploads.FIELD: attachments.TOO_MANY_WAITING.format(most=40)}


@pytest.fixture(autouse=True)
def files_follow_their_rows(world: World):
    """Wire the clearing of files after a commit, as the extension does."""
    attachments.listen(world.door)
