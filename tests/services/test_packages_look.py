"""How a package looks and what may fail of that: logo, typeface, room on the disk; without names it names no school."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from uuid import UUID, uuid4

import pikepdf
import pytest

from meldcode_plugin.documents import report
from meldcode_plugin.errors import PaperFailed
from meldcode_plugin.rules.dossier import Selection, Variant
from meldcode_plugin.services import packages, packages_build, packages_choice, packages_handover
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.packages_choice import NO_LOGO
from meldcode_plugin.store import packages_files as files
from meldcode_plugin.store.accesslog import Tag
from tests.documents.java import extracted
from tests.documents.test_report import logo
from tests.packing import SHORT, ask, case_with, look, result, start_over
from tests.services.test_packages_build import LARGE, full_disk
from tests.world import World

pytestmark = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
BROKEN = b"\x89PNG\r\n\x1a\nno picture at all"


def with_logo(world: World, data: bytes | None) -> Path:
    """Set a logo for this school; None sets a file that is not there."""
    path = world.folder / "logo.png"
    if data is not None:
        path.write_bytes(data)
    settings = world.door.settings.model_copy(update={"logo_file": path})
    world.door = Door(settings, world.door.store, world.door.source)
    return path


def paper(world: World, case: UUID, package: UUID) -> bytes:
    """The document of a package as it is kept."""
    with world.work(world.ib) as work:
        row, package_row = packages.opened(work, case, package)
        work.note(Tag.PACKAGE_READ, case)
        main = packages.listed(work, row, package_row)[0]
        return b"".join(files.opened(work, row, main))


def pictures(pdf: bytes) -> int:
    """How many pictures stand on the cover."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages[0].get_images())


def test_the_logo_goes_along_as_it_was_when_it_was_chosen(world: World):
    """It stands on the cover, also when its file is gone by the time that the package is built."""
    path = with_logo(world, logo())
    case = case_with(world)
    package = ask(world, case)
    path.unlink()
    packages_build.build(world.door, package)
    shown = look(world, case, package)
    assert (shown.state, shown.without_logo, pictures(paper(world, case, package))) == ("ready", False, 1)


@pytest.mark.parametrize("data", [None, b"GIF89a", logo() + bytes(report.LOGO_BYTES)], ids=["gone", "kind", "size"])
def test_a_logo_that_can_not_be_used_is_told_before(world: World, data: bytes | None):
    """The preview says so and what to do; the package is made without it."""
    with_logo(world, data)
    case = case_with(world)
    with world.work(world.ib) as work:
        desk = packages_choice.desk(work, case, Variant.REPORT)
    outside = packages_choice.ask_school(world.door, desk)
    shown = packages_choice.preview(desk, outside, Selection(), emergency=True, reach="")
    assert NO_LOGO in shown.cautions
    package = ask(world, case)
    packages_build.build(world.door, package)
    assert (look(world, case, package).state, pictures(paper(world, case, package))) == ("ready", 0)


def test_a_logo_that_the_engine_can_not_read_holds_nothing_up(world: World):
    """Its first bytes are right and the rest is not: made without it, the page says so, a rebuild is the same."""
    with_logo(world, BROKEN)
    case = case_with(world)
    package = ask(world, case)
    packages_build.build(world.door, package)
    shown = look(world, case, package)
    assert (shown.state, shown.without_logo, pictures(paper(world, case, package))) == ("ready", True, 0)
    start_over(world, package)
    packages_build.build(world.door, package)
    assert result(look(world, case, package)) == result(shown)


@pytest.mark.rule("R22")
def test_what_is_without_names_does_not_name_the_school(world: World, tmp_path: Path):
    """A summary for advice has the school's name nowhere: not on its pages, not in what a PDF tells of itself."""
    with_logo(world, logo())
    case = case_with(world)
    advice, full = ask(world, case, Variant.ADVICE, emergency=False), ask(world, case)
    found = {}
    for package in (advice, full):
        packages_build.build(world.door, package)
        found[tmp_path / f"{package}.pdf"] = data = paper(world, case, package)
        (tmp_path / f"{package}.pdf").write_bytes(data)
    name = "Wilgenhof"
    said = extracted(*found)
    assert [name in text for text in said.values()] == [False, True]
    for data, there in zip(found.values(), (False, True), strict=True):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            told = f"{dict(pdf.docinfo)} {pdf.Root.Metadata.read_bytes().decode()}"
            assert (name in told, len(pdf.pages[0].get_images()) == 1) == (there, there)


def test_a_typeface_that_is_gone_fails_clearly(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """No paper in another face: it failed, a person is told, and with the typeface back it goes on."""
    case = case_with(world)
    package = ask(world, case)
    poor = shutil.copytree(report.TYPE, tmp_path / "type")
    (poor / report.FONTS[0]).unlink()
    with monkeypatch.context() as patched:
        patched.setattr(report, "TYPE", poor)
        packages_build.build(world.door, package)
    shown = look(world, case, package)
    assert (shown.state, shown.error, shown.can_retry, shown.files) == ("failed", "paper", True, ())
    with world.work(world.ib) as work:
        packages.retry(work, case, package)
    packages_build.sweep(world.door)
    assert look(world, case, package).state == "ready"


def test_a_full_disk_while_fetching_leaves_nothing(world: World):
    """No room for the copy: told with what to do, nothing stays behind, and with room it comes out whole."""
    case = case_with(world, (SHORT, LARGE))
    package = ask(world, case)
    packages_build.build(world.door, package)
    with world.work(world.ib) as work:
        packages_handover.prepare(work, case, package, uuid4(), packages_handover.Channel.HAND, "Veilig Thuis")
        waiting = packages_handover.lines(work, case, package)[-1].id
    with world.work(world.ib) as work:
        fetched = packages_handover.fetch(work, case, package, waiting, annex=False)
    with full_disk(), pytest.raises(PaperFailed) as failed:
        fetched.packed()
    assert failed.value.sentence == PaperFailed.SENTENCES["space"]
    with world.work(world.ib) as work:
        again = packages_handover.fetch(work, case, package, waiting, annex=False)
    copy = again.packed()
    assert sum(map(len, copy)) == copy.size > len(LARGE)
