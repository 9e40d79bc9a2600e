"""What tests about report packages share: a case with files, asking, building, looking, starting over."""

from __future__ import annotations

import io
from collections.abc import Sequence
from uuid import UUID, uuid4

import sqlalchemy as sa

from meldcode_plugin.rules.dossier import Selection, Variant
from meldcode_plugin.rules.entries import Source
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import attachments, cases, packages, packages_choice
from meldcode_plugin.services.packages import Shown
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.packages import Package, PackageFile, PackageStep
from tests.world import World

SHORT = b"Een brief van de huisarts.\n"
TOLD = {
    "household": "Aya woont bij haar moeder.",
    "acute": "yes",
    "child_now": "Op school, bij de IB-er.",
    "worry": "Zij is bang om naar huis te gaan.",
    "question": "Wat kunnen wij nu doen?",
}
"""What an emergency needs beside the dossier."""


def case_with(world: World, files: Sequence[bytes] = (SHORT,), signals: int = 1) -> UUID:
    """Let the teacher record signals about Aya with files, and the IB-er take them up; returns the case."""
    key = uuid4()
    for number, data in enumerate(files):
        name = f"brief-{number}.txt"
        with attachments.receive(world.door, name, io.BytesIO(data)) as file, world.work(world.teacher) as work:
            attachments.keep(work, key, file)
    texts = [f"Waarneming {number}: zij viel volgens Bram van de trap." for number in range(signals)]
    hidden = Source(name="Mevrouw Jansen", relation="buurvrouw", shielded=True, why_shielded="Zij is bang voor ruzie.")
    told = world.signal("Het is vaak onrustig thuis.", "third_party", source=hidden)
    world.record(*(world.signal(text) for text in texts), told, key=key)
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    return case


def ask(
    world: World,
    case: UUID,
    variant: Variant = Variant.REPORT,
    by: Viewer | None = None,
    *,
    key: UUID | None = None,
    emergency: bool = True,
    supplement_to: UUID | None = None,
    **chosen: object,
) -> UUID:
    """Ask for a package as its pages do: desk, the school's system, preview, request; returns its id."""
    viewer = by or world.ib
    with world.work(viewer) as work:
        desk = packages_choice.desk(work, case, variant, supplement_to)
    along = {card.id: "Dit laat zien wat de huisarts zag." for card in desk.context.files}
    selection = Selection(**({"files": along} | TOLD | chosen))
    outside = packages_choice.ask_school(world.door, desk)
    wanted = packages_choice.preview(desk, outside, selection, emergency=emergency, reach="06 12345678")
    with world.work(viewer) as work:
        return packages_choice.request(work, key or uuid4(), desk, wanted, supplement_to)


def look(world: World, case: UUID, package: UUID, by: Viewer | None = None) -> Shown:
    """Look at a package as its page does."""
    with world.work(by or world.ib) as work:
        return packages.show(work, case, package)


def result(shown: Shown) -> tuple[str, str, list[tuple[str, str, str]]]:
    """Return all by which two buildings of one package can be compared."""
    return shown.state.value, shown.sha256, [(file.name, file.role, file.sha256) for file in shown.files]


def seal_of(world: World, package: UUID) -> bytes | None:
    """Return the seal that closes a package."""
    with world.system() as work:
        return work.inner.get_one(Package, package).seal


def start_over(world: World, package: UUID) -> None:
    """Forget all that was built of a package, as if it was just asked for."""
    with world.system() as work:
        row = work.inner.get_one(Package, package)
        for table in (PackageStep, PackageFile):
            for one in work.inner.scalars(sa.select(table).where(table.package_id == package)):
                work.inner.delete(one)
        row.state, row.seal, row.ended_at, row.last_error, row.held_until = "requested", None, None, "", None
        row.attempt, row.error_about = 0, None
        work.note(Tag.PACKAGE_BUILT, row.case_id, row.id, action="U")
