"""The staff register: for board and director, out of reach of every dossier (R15-R17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from meldcode_plugin.errors import AlreadySent, InputRefused, NotAllowed
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import allegations, cases
from meldcode_plugin.services.allegations import NewAllegation
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.register import StaffAllegation
from tests.world import MONDAY, World


@pytest.mark.parametrize(
    ("sexual", "about_director", "readers"),
    [
        ("no", False, {"board", "director"}),
        ("no", True, {"board"}),
        ("yes", False, {"board"}),
        ("unknown", False, {"board"}),
    ],
)
def test_who_reads_it(world: World, sexual: str, about_director: bool, readers: set[str]):  # noqa: FBT001  # a table
    """The board reads all; the director not what may be sexual conduct, nor what is about the director (WPO 4a)."""
    _record(world, sexual=sexual, about_director=about_director)
    found = {name for name in ("board", "director") if _page(world, getattr(world, name))}
    assert found == readers


@pytest.mark.parametrize("name", ["teacher", "ib", "second_ib", "af", "fg", "admin", "other_school_ib"])
def test_all_others_read_nothing(world: World, name: str):
    """R17: the author, the IB-er and all others can not open the register."""
    _record(world)
    with pytest.raises(NotAllowed):
        _page(world, getattr(world, name))


@pytest.mark.parametrize("name", ["ib", "teacher", "fg", "admin", "director"])
def test_rows_are_out_of_reach_in_the_database_too(world: World, name: str):
    """Whoever asks the table itself gets no row that the page would not give."""
    _record(world, sexual="yes")
    with world.glance(getattr(world, name)) as work:
        assert work.session.scalars(select(StaffAllegation.id)).all() == []


def test_it_is_no_case(world: World):
    """R17: what goes to the register opens no dossier and stands in no worklist or search."""
    _record(world)
    with world.work(world.ib) as work:
        assert cases.worklist(work).new == []
        assert work.inner.scalar(select(func.count()).select_from(Case)) == 0


def test_its_key_opens_no_dossier(world: World):
    """The register has its own key: neither that of drafts nor that of cases opens a line of it."""
    _record(world)
    with world.glance(world.board) as work:
        purposes = {purpose: work.keys.school(purpose).versions[1] for purpose in ("register", "drafts", "cases")}
    assert len(set(purposes.values())) == 3


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"informed": " "}, "informed"),
        ({"informed_on": None}, "informed_on"),
        ({"informed_on": MONDAY.date() + timedelta(days=1)}, "informed_on"),
    ],
)
def test_refusals(world: World, fields: dict[str, Any], where: str):
    """R16: who was informed, and when, is said; the note itself may be short or absent."""
    with pytest.raises(InputRefused) as refused:
        _record(world, **fields)
    assert list(refused.value.fields) == [where]
    assert _page(world, world.board) == []


def test_whether_it_is_sexual_conduct_must_be_answered():
    """R15: the question has three answers and none is assumed; the error repeats no words."""
    with pytest.raises(ValidationError) as refused:
        NewAllegation.model_validate({"key": uuid4(), "informed": "x", "note": "geheim " * 4000})
    assert "geheim" not in str(refused.value)


def test_the_same_form_twice_is_one_line(world: World):
    """A double click makes one line; other words with that key are refused."""
    key = uuid4()
    _record(world, key=key)
    _record(world, key=key)
    with pytest.raises(AlreadySent):
        _record(world, key=key, note="Iets anders.")
    assert len(_page(world, world.board)) == 1


def test_the_key_of_anothers_form_tells_nothing(world: World):
    """Whoever sends with a key that a colleague used is answered as with any key."""
    key = uuid4()
    _record(world, key=key)
    _record(world, key=key, by=world.colleague, note="Ander verhaal.")
    assert {"Er is gesproken.", "Ander verhaal."} == {row.content.note for row in _page(world, world.board)}


def test_line_comes_back_whole(world: World):
    """The board reads who wrote it, who was informed and when, and the note of the conversation."""
    _record(world)
    (row,) = _page(world, world.board)
    assert (row.author, row.content.informed, row.content.note) == ("Sanne de Boer", "De directeur", "Er is gesproken.")


def _record(world: World, by: Viewer | None = None, key: UUID | None = None, **fields: Any) -> None:
    given = {"sexual": "no", "informed": "De directeur", "informed_on": MONDAY.date(), "note": "Er is gesproken."}
    with world.work(by or world.teacher) as work:
        allegations.record(work, NewAllegation(key=key or uuid4(), **(given | fields)))


def _page(world: World, viewer: Viewer) -> list[allegations.AllegationRow]:
    with world.work(viewer) as work:
        return allegations.page(work)
