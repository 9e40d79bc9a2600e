"""The staff register: for board and director, out of reach of every dossier (R15-R17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select

from meldcode_plugin.errors import AlreadyAdded, InputRefused, NotAllowed, NotVisible
from meldcode_plugin.post import Outbox
from meldcode_plugin.rules.entries import Closed
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import allegations, cases, planning, steps
from meldcode_plugin.services.allegations import NewAllegation, RegisterNote
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.register import StaffAllegation
from tests.faults.posts import sweep
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


@pytest.mark.parametrize(("sexual", "told"), [("yes", "board"), ("unknown", "board"), ("no", "director")])
def test_who_must_read_it_is_mailed_at_once(world: World, sexual: str, told: str):
    """A neutral mail to the board, or to the director; the same form twice is one mail, and done ends it."""
    post, reader, key = Outbox(), getattr(world, told), uuid4()
    for _ in range(2):
        _record(world, sexual=sexual, key=key)
    sweep(world, post)
    assert [(reader.email, "Er staat een actie voor je klaar")] == [(mail["To"], mail["Subject"]) for mail in post.sent]
    with world.work(reader) as work:
        (asked,) = planning.planning(work).now
        planning.done(work, asked.id)
    world.clock.forward(days=3)
    sweep(world, post)
    assert len(post.sent) == 1


def test_the_board_is_asked_each_day_until_it_says_that_it_is_done(world: World):
    """Sexual conduct of a professional: at once, and each morning again (WPO 4a)."""
    post = Outbox()
    _record(world, sexual="yes")
    for _ in range(3):
        sweep(world, post)
        world.clock.forward(days=1)
    assert [world.board.email] * 3 == [mail["To"] for mail in post.sent]


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
    with pytest.raises(AlreadyAdded):
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


@pytest.mark.rule("R16")
def test_who_informed_whom_is_added_and_the_first_line_stays(world: World):
    """R16: director and board add who informed whom and when, and the vertrouwensinspecteur; nothing is changed."""
    _record(world)
    (line,) = _page(world, world.director)
    for viewer, about in ((world.director, "informed"), (world.board, "inspector")):
        world.clock.forward(minutes=1)
        with world.work(viewer) as work:
            allegations.add_note(work, line.id, _later(about))
    with world.work(world.board) as work, pytest.raises(InputRefused):
        allegations.add_note(work, line.id, _later("informed", informed="", informed_on=None))
    (after,) = _page(world, world.director)
    assert (after.content, [(one.content.about, one.author) for one in after.notes]) == (
        line.content,
        [("informed", "Ruud Jansma"), ("inspector", "Bea Stuur")],
    )


def test_what_is_for_the_board_alone_stays_so_with_what_is_added(world: World):
    """The director can not add to, nor read, what was added to a line for the board alone."""
    _record(world, sexual="yes")
    (line,) = _page(world, world.board)
    with world.work(world.director) as work, pytest.raises(NotVisible):
        allegations.add_note(work, line.id, _later("informed"))
    with world.work(world.board) as work:
        allegations.add_note(work, line.id, _later("aangifte"))
    assert _page(world, world.director) == []
    with world.glance(world.director) as work:
        assert work.session.scalars(select(StaffAllegation.id)).all() == []


@pytest.mark.parametrize("name", ["ib", "teacher", "af", "fg", "admin"])
def test_nobody_else_adds_to_the_register_or_takes_over(world: World, name: str):
    """R17: the IB-er and all others neither read nor write in it after a case."""
    _record(world)
    (line,) = _page(world, world.board)
    with world.work(getattr(world, name)) as work, pytest.raises(NotAllowed):
        allegations.add_note(work, line.id, _later("informed"))
    with world.work(getattr(world, name)) as work, pytest.raises(NotAllowed):
        allegations.take_over(work, NewAllegation(key=uuid4(), sexual="no", informed="Ruud", informed_on=MONDAY.date()))


@pytest.mark.rule("R17")
def test_a_case_about_staff_goes_on_by_the_other_route(world: World):
    """Closed for that reason the director comes to it; nothing is copied, and the IB-er does not see the register."""
    world.record()
    case = world.case_of()
    with world.work(world.director) as work, pytest.raises(NotVisible):
        cases.dossier(work, case)
    with world.work(world.ib) as work:
        cases.accept(work, case)
        steps.close(work, case, Closed(reason="route_beroepskracht", explanation="Het gaat over een collega."))
    with world.work(world.director) as work:
        assert cases.dossier(work, case).closed_by_staff_route
        assert allegations.page(work) == []
        taken = NewAllegation(key=uuid4(), sexual="no", informed="Bea Stuur", informed_on=MONDAY.date(), note="Kort.")
        allegations.take_over(work, taken)
    assert [row.content.note for row in _page(world, world.director)] == ["Kort."]
    with world.work(world.ib) as work, pytest.raises(NotAllowed):
        allegations.page(work)
    world.record(world.signal("Nog iets."))
    with world.work(world.ib) as work:
        assert not cases.dossier(work, case).closed_by_staff_route


def _later(about: str, **more: Any) -> RegisterNote:
    told = {"key": uuid4(), "informed": "Bea Stuur", "informed_by": "Ruud Jansma", "informed_on": MONDAY.date()}
    return RegisterNote.model_validate(told | {"about": about} | more)
