"""What somebody who leaves left half written: it becomes an IB-er's, and nobody else learns of it (domain 5.2)."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.post import Outbox
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import attachments, cases, drafts, log, people, roster, signals
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.attachments import Upload
from meldcode_plugin.store.models.drafts import Draft
from tests.faults.posts import sweep
from tests.services.files import add, read
from tests.world import World

WORDS = {"fact-on": "y", "fact-text": "Zij schrok van een deur die dichtviel."}


def test_it_becomes_an_ib_ers_with_who_began_it(world: World):
    """The words, the child and who wrote them come along, for 14 days from now; the author's own is gone."""
    key = _left(world, world.pupil)
    (heir,) = _heirs(world, key)
    with world.work(heir) as work:
        found = drafts.load(work, key)
    assert (found.card, found.fields, found.begun_by) == (world.pupil, WORDS, "Sanne de Boer")
    assert (found.saved_at, heir.has(Role.IB)) == (world.clock(), True)
    with world.work(heir) as work:
        drafts.save(work, key, None, WORDS | {"fact-place": "gang"})
    with world.work(heir) as work:
        (kept,) = drafts.mine(work)
    assert (kept.begun_by, kept.fields["fact-place"], kept.card) == ("Sanne de Boer", "gang", world.pupil)
    with world.work(world.teacher) as work:
        assert drafts.mine(work) == []


def test_its_files_come_along(world: World):
    """A photo that waited in the draft waits in the heir's, opens there, and goes with the signal."""
    key = uuid4()
    add(world, key)
    _left(world, world.pupil, key=key)
    (heir,) = _heirs(world, key)
    with world.work(heir) as work:
        assert ["arm.jpg"] == [file.name for file in attachments.staged(work, key)]
    with world.work(heir) as work:
        signals.send(work, world.pupil, NewSignals(key=key, signals=(world.signal(),)), ())
    case = world.case_of()
    with world.work(heir) as work:
        (file,) = cases.dossier(work, case).timeline[0].attachments
        assert drafts.mine(work) == []
    assert read(world, heir, case, file.id)


def test_never_to_who_may_not_know_of_that_child(world: World):
    """Who is kept away from the child, or is its parent, is passed over; when nobody is left it stays sealed."""
    mother = world.enrol("m", "Nadia", Role.IB, email=world.mails_of(world.own_child.id)[0])
    roster.sync(world.door)
    for viewer in (world.ib, world.second_ib, world.excluded_ib, world.af):
        with world.work(world.director) as work:
            people.exclude(work, viewer.person_id, world.own_child.id, "Familie.")
    key = _left(world, world.own_child)
    assert ([], 1) == (_heirs(world, key, mother), _rows(world))
    other = _left(world, world.other_pupil, by=world.colleague)
    assert 1 == len(_heirs(world, other, mother))


def test_a_child_that_is_only_named_in_the_form_counts_too(world: World):
    """A draft from a deep link has its child in the form alone."""
    key = _left(world, None, fields=WORDS | {"pupil_id": world.pupil.id})
    assert world.excluded_ib.person_id not in {one.person_id for one in _heirs(world, key)}


def test_an_af_when_there_is_no_ib_er(world: World):
    """Where no IB-er is left, it becomes the aandachtsfunctionaris'."""
    for viewer in (world.ib, world.second_ib, world.excluded_ib):
        with world.work(world.director) as work:
            people.leave(work, viewer.person_id)
    assert [world.af] == _heirs(world, _left(world, world.pupil))


def test_an_empty_form_is_no_draft(world: World):
    """A form that a launch opened and nobody typed in goes to nobody."""
    assert [] == _heirs(world, _left(world, world.pupil, fields={"fact-observed_on": "2026-11-23"}))


@pytest.mark.parametrize("cell", [b"x" * 300, b"\x01\x01\x00\x63" + bytes(300)], ids=["no cell", "unknown key"])
def test_a_damaged_draft_keeps_no_account_open(world: World, cell: bytes):
    """What does not open any more stays where it is; the others go on, and the account ends."""
    key, broken = uuid4(), uuid4()
    add(world, key)
    for one in (key, broken):
        with world.work(world.teacher) as work:
            drafts.save(work, one, world.pupil, WORDS)
    with world.peek().begin() as connection:
        connection.execute(update(Draft).where(Draft.key == broken).values(sealed=cell))
        connection.execute(update(Upload).values(sealed=cell))
    _left(world, world.other_pupil)
    (heir,) = _heirs(world, key)
    assert [] == _heirs(world, broken)
    with world.work(heir) as work:
        assert [] == attachments.staged(work, key)
    with world.system() as work:
        assert people.viewer_of(work, world.teacher.person_id) is None


def test_the_heir_leaves_too(world: World):
    """It goes on to the next, and still says who began it."""
    key = _left(world, world.other_pupil)
    (first,) = _heirs(world, key)
    with world.work(world.director) as work:
        people.leave(work, first.person_id)
    (second,) = _heirs(world, key)
    with world.work(second) as work:
        assert drafts.load(work, key).begun_by == "Sanne de Boer"
    assert first.person_id != second.person_id


def test_one_mail_without_a_name_to_the_heir_alone(world: World):
    """The heir gets the mail of every day; once the draft is gone nothing goes out any more."""
    outbox = Outbox()
    sweep(world, outbox)
    before = len(outbox.sent)
    key = _left(world, world.pupil)
    (heir,) = _heirs(world, key)
    sweep(world, outbox)
    sent = outbox.sent[before:]
    assert [heir.email] == [mail["To"] for mail in sent]
    assert not any(word in mail.as_string() for mail in sent for word in ("Sanne", "Aya", "concept"))
    other = _left(world, world.other_pupil, by=world.colleague)
    (heir,) = _heirs(world, other)
    with world.work(heir) as work:
        drafts.discard(work, other)
    before = len(outbox.sent)
    world.clock.forward(days=1)
    sweep(world, outbox)
    assert heir.email not in [mail["To"] for mail in outbox.sent[before:]]


def test_who_says_that_somebody_left_learns_nothing(world: World):
    """The director sees no draft; that one went on stands in the log for the FG alone, without a child."""
    key = _left(world, world.pupil)
    with world.work(world.director) as work:
        assert drafts.mine(work) == []
    with pytest.raises(NotVisible), world.work(world.director) as work:
        drafts.load(work, key)
    with world.work(world.fg) as work:
        (line,) = [line for line in log.page(work).lines if line.event == "draft.left"]
    assert (line.name, line.cases) == ("Ruud Jansma", ())
    with world.work(world.ib) as work:
        assert "draft.left" not in {line.event for line in log.page(work).lines}


def _left(
    world: World,
    card: PupilCard | None,
    *,
    by: Viewer | None = None,
    key: UUID | None = None,
    fields: dict[str, str] = WORDS,
) -> UUID:
    """Let somebody type half a signal and leave the school; returns the key of the form."""
    who, key = by or world.teacher, key or uuid4()
    with world.work(who) as work:
        drafts.save(work, key, card, fields)
    world.clock.forward(days=3)
    with world.work(world.director) as work:
        people.leave(work, who.person_id)
    return key


def _heirs(world: World, key: UUID, *more: Viewer) -> list[Viewer]:
    """Return who of those who handle cases has a draft with this key now."""
    found = []
    for viewer in (world.ib, world.second_ib, world.excluded_ib, world.af, *more):
        with world.work(viewer) as work:
            found += [viewer for one in drafts.mine(work) if one.key == key]
    return found


def _rows(world: World) -> int:
    with world.system() as work:
        return work.inner.scalar(select(func.count()).select_from(Draft)) or 0
