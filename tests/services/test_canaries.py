"""Two hundred marked words in every sensitive field; then all that is on disk, on the wire or in a log is searched."""

from __future__ import annotations

import base64
import io
import logging
import random
import string
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pikepdf
import pytest
import redis

from meldcode_plugin.errors import InputRefused
from meldcode_plugin.rules.entries import Correction, Diagnosis, FollowUp, Instrument, Signal, Source, Subject
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import (
    allegations,
    attachments,
    break_glass,
    cases,
    circle,
    drafts,
    launches,
    people,
    shares,
    signals,
    signins,
)
from meldcode_plugin.services.allegations import NewAllegation, RegisterNote
from meldcode_plugin.services.launches import Clicked
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.services.signins import Account, Memo
from meldcode_plugin.sis import Pupil
from meldcode_plugin.store.ledger import PupilCard
from tests.machine.figures import Figures
from tests.machine.post import MailCatcher
from tests.machine.postgres import Postgres
from tests.rules.file_makers import in_root, pdf
from tests.tasks.installation import Installation, installed
from tests.world import ISSUER, MONDAY, World

WANTED = 200
CHUNK = 1 << 24


class Canaries:
    """Words that all begin with one marker of this run, so that a search for the marker finds them all."""

    def __init__(self) -> None:
        """Choose a marker that stands nowhere by chance."""
        self.marker = "".join(random.SystemRandom().choices(string.ascii_lowercase, k=14))
        self.count = 0

    def __call__(self) -> str:
        """Return a new one."""
        self.count += 1
        return f"{self.marker}{self.count:04d}"

    def patterns(self) -> list[bytes]:
        """Return the marker as it would look in the ways in which words are written down."""
        plain = self.marker.encode()
        shifted = [base64.b64encode(bytes(offset) + plain)[2 * offset :][2:-4] for offset in range(3)]
        wide = [self.marker.encode("utf-16-le"), self.marker.encode("utf-16-be")]
        return [plain, plain.upper(), *wide, *shifted, plain.hex().encode(), plain.hex().upper().encode()]


def test_the_search_finds_what_is_there(tmp_path: Path):
    """Planted in each way of writing, also over the edge of two pieces, a canary is found."""
    canaries = Canaries()
    word = canaries().encode()
    planted = [word, word.decode().encode("utf-16-le"), word.decode().encode("utf-16-be"), word.hex().encode()]
    planted += [base64.b64encode(b"x" * offset + word + b"yyy") for offset in range(3)]
    planted += [word.upper(), word.hex().upper().encode()]
    for number, content in enumerate(planted):
        path = tmp_path / str(number)
        path.write_bytes(bytes(CHUNK - 8) + content + bytes(100))
        assert found_in(canaries, [path]) == [str(path)], number


def test_no_canary_leaves_its_seal(
    school: Installation,
    world: World,
    canaries: Canaries,
    mails: MailCatcher,
    redis_socket: Path,
    caplog: pytest.LogCaptureFixture,
    figures: Figures,
    request: pytest.FixtureRequest,
):
    """After a full flow, no word of it is in database, WAL, Redis, files, logs, temporary files or mails."""
    caplog.set_level(logging.DEBUG)
    flow(world, canaries)
    with school.worker():
        world.record(world.signal(canaries(), acute=True))
        mails.wait(1, 60)
    while canaries.count < WANTED:
        with world.work(world.teacher) as work:
            drafts.save(work, uuid4(), card(canaries), {canaries(): canaries()})
    with redis.Redis(unix_socket_path=str(redis_socket)) as client:
        client.save()
    paths = [*files_below(world.folder), *files_below(Path(tempfile.gettempdir())), *files_below(redis_socket.parent)]
    with world.peek().connect() as connection:
        if world.database.kind == "postgresql":
            connection.exec_driver_sql("CHECKPOINT")
            server: Postgres = request.getfixturevalue("postgres")
            paths += files_below(server.folder)
    loose = [mail.as_bytes() for mail in mails.mails] + [caplog.text.encode()]
    hits = found_in(canaries, paths) + [f"loose {n}" for n, data in enumerate(loose) if contains(canaries, data)]
    size = sum(path.stat().st_size for path in paths if path.exists()) // 1_000_000
    where = f"{len(paths)} files, {size} MB, {len(mails.mails)} mails, {len(caplog.records)} log records"
    figures(f"canaries, {world.database.kind}: {canaries.count} placed, {where} searched, {len(hits)} found")
    assert hits == []
    assert readable(world, canaries)


def flow(world: World, canary: Canaries) -> None:
    """Do everything that the product can do, with a canary wherever a person can write."""
    pupil = card(canary)
    guardian = f"{canary()}@thuis.example"
    teacher = world.enrol(canary(), canary(), email=f"{canary()}@school.example")
    ib = world.enrol(canary(), canary(), Role.IB, email="ib@school.example")  # it stands in the mail to her
    world.enrol(canary(), canary(), email=guardian)
    key = uuid4()
    _draft_with_file(world, teacher, key, pupil, canary)
    receipt = _record(world, teacher, pupil, NewSignals(key=key, signals=_signals(canary, key)), (guardian,))
    _record(world, teacher, None, NewSignals(key=uuid4(), signals=_subject(canary)), ())
    _refused(world, teacher, pupil, canary)
    with world.work(teacher) as work:
        signals.follow_up(work, receipt.entry_ids[0], FollowUp(text=canary(), basis=canary()))
    with world.work(teacher) as work:
        signals.correct(work, receipt.entry_ids[1], Correction(text=canary(), reason=canary()))
    _handle(world, ib, pupil, receipt.entry_ids[0], canary)
    _read_back(world, teacher, ib, receipt.entry_ids[1])
    _aside(world, teacher, canary)


def card(canary: Canaries) -> PupilCard:
    """Return a child of whom every field is a canary."""
    return PupilCard(canary(), canary(), date(2018, 1, 1), canary())


def _signals(canary: Canaries, key: UUID) -> tuple[Signal, ...]:
    base: dict[str, Any] = {"bundle": key}
    loose = ("text", "interpretation", "place", "present")
    source = Source(name=canary(), relation=canary(), contact=canary(), channel=canary(), why_shielded=canary())
    doctor = Diagnosis(
        professional=canary(), profession=canary(), number=canary(), document=canary(), made_on=MONDAY.date()
    )
    instrument = Instrument(name=canary(), version=canary(), filled_by=canary(), result=canary())
    kinds: dict[str, dict[str, Any]] = {
        "fact": {"instrument": instrument, "catalogue": (canary(),)},
        "child_statement": {"acute": True},
        "third_party": {"source": source},
        "hypothesis": {},
        "diagnosis": {"diagnosis": doctor},
    }
    return tuple(
        Signal(signal_kind=kind, **base, **fields, **{name: canary() for name in loose})
        for kind, fields in kinds.items()
    )


def _subject(canary: Canaries) -> tuple[Signal, ...]:
    child = Subject(who=canary(), estimated_age=canary(), relation=canary(), how_known=canary())
    return (Signal(bundle=uuid4(), signal_kind="fact", text=canary(), subject=child),)


def _record(
    world: World, by: Viewer, about: PupilCard | None, new: NewSignals, mails: tuple[str, ...]
) -> signals.Receipt:
    with world.work(by) as work:
        return signals.record(work, about, new, mails)


def _draft_with_file(world: World, teacher: Viewer, key: UUID, pupil: PupilCard, canary: Canaries) -> None:
    with world.work(teacher) as work:
        drafts.save(work, key, pupil, {canary(): canary()})
    content = pdf(in_root(Remark=pikepdf.String(canary())))
    assert canary.marker.encode() in content
    name = f"{canary()}.pdf"
    with attachments.receive(world.door, name, io.BytesIO(content)) as received, world.work(teacher) as work:
        attachments.keep(work, key, received)


def _refused(world: World, teacher: Viewer, pupil: PupilCard, canary: Canaries) -> None:
    """Let things go wrong: what is refused must not end up in an error, and so in a log."""
    wrong = Signal(bundle=uuid4(), signal_kind="diagnosis", text=canary())
    with pytest.raises(InputRefused) as refused:
        _record(world, teacher, pupil, NewSignals(key=uuid4(), signals=(wrong,)), ())
    logging.getLogger("host").error("refused", exc_info=refused.value)
    with pytest.raises(ValueError, match="validation error") as invalid:
        Signal(bundle=uuid4(), signal_kind="fact", text=canary() * 5000)
    logging.getLogger("host").error("invalid", exc_info=invalid.value)


def _handle(world: World, ib: Viewer, pupil: PupilCard, entry: UUID, canary: Canaries) -> None:
    with world.work(ib) as work:
        ((_, line),) = cases.search(work, [pupil])
        assert line is not None
    with world.work(ib) as work:
        cases.accept(work, line.id)
    _around(world, ib, line.id, pupil, canary)
    with world.work(ib) as work:
        cases.move_signal(work, entry, card(canary), canary(), (f"{canary()}@thuis.example",))
    world.close(line.id, "route_beroepskracht", canary(), parents_ground=canary())
    with world.work(world.director) as work:
        people.exclude(work, world.second_ib.person_id, pupil.id, canary())


def _around(world: World, ib: Viewer, case: UUID, pupil: PupilCard, canary: Canaries) -> None:
    """A hand-over that is refused, a share with advice, and break-glass."""
    with world.work(ib) as work:
        circle.hand_over(work, case, world.af.person_id, canary())
    with world.work(world.af) as work:
        circle.refuse(work, circle.offers(work)[0].id, canary())
    today = world.store.calendar.local_date(world.clock())
    new = NewShare(world.colleague.person_id, "zorgteam", canary(), today, None)
    with world.work(ib) as work:
        shares.share(work, case, new)
    with world.work(world.colleague) as work:
        shares.advise(work, shares.with_me(work)[0].id, canary())
    with world.work(world.board) as work:
        break_glass.break_glass(work, pupil.id, f"{canary()} {canary()} {canary()}")


def _read_back(world: World, teacher: Viewer, ib: Viewer, entry: UUID) -> None:
    with world.work(teacher) as work:
        signals.mine(work)
        drafts.mine(work)
    with world.work(teacher) as work:
        signals.my_signal(work, entry)
    with world.work(ib) as work:
        found = [line.id for line in cases.worklist(work).new + cases.closed(work).closed]
    for case_id in found:
        with world.work(ib) as work:
            cases.dossier(work, case_id)
    with world.work(world.director) as work:
        people.page(work)


def _aside(world: World, teacher: Viewer, canary: Canaries) -> None:
    """The staff register, a sign-in that is under way, one that stands, and a launch."""
    with world.work(teacher) as work:
        new = NewAllegation(key=uuid4(), sexual="no", informed=canary(), informed_on=MONDAY.date(), note=canary())
        allegations.record(work, new)
    with world.work(world.board) as work:
        line = allegations.page(work)[0].id
        later = {"informed_by": canary(), "informed": canary(), "informed_on": MONDAY.date(), "note": canary()}
        allegations.add_note(work, line, RegisterNote(key=uuid4(), about="inspector", **later))
    until = world.clock() + timedelta(minutes=5)
    pupil = Pupil(canary(), canary(), None, canary())
    with world.system() as work:
        signins.remember(work, canary(), canary(), Memo(canary(), canary(), canary()))
        signins.start(work, Account(ISSUER, canary(), canary(), f"{canary()}@school.example", canary()))
        launches.keep(work, Clicked("https://sis.example", canary(), canary(), pupil), canary(), until)


def readable(world: World, canaries: Canaries) -> bool:
    """Tell that the words can be read by who may, so that their absence elsewhere means something."""
    with world.work(world.ib) as work:
        lines = [line for line in cases.worklist(work).new if line.pupil]
    return any(line.pupil and canaries.marker in line.pupil.name for line in lines)


def files_below(folder: Path) -> list[Path]:
    """Return all plain files in a folder and below."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def contains(canaries: Canaries, data: bytes) -> bool:
    """Tell whether a canary is in these bytes, in any of the ways."""
    return any(pattern in data for pattern in canaries.patterns())


def found_in(canaries: Canaries, paths: list[Path]) -> list[str]:
    """Return the files in which a canary is found; large ones in pieces that overlap."""
    return [str(path) for path in paths if path.exists() and any(contains(canaries, one) for one in _pieces(path))]


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(CHUNK):
            yield tail + piece
            tail = piece[-200:]


@pytest.fixture
def canaries() -> Canaries:
    """The canaries of one run."""
    return Canaries()


@pytest.fixture
def school(
    world: World, tmp_path: Path, mails: MailCatcher, broker_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """The world's school with a broker, a mail server, and a folder of its own for what is temporary."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with installed(world, tmp_path / "school", mails.port, broker_url) as made:
        old, world.door, world.store = world.store, replace(made.door), made.door.store
        yield made
        old.engine.dispose()
