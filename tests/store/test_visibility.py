"""Who sees which row: the hand-written table against the one sentence, on both databases."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import cases, people, steps
from meldcode_plugin.store import ledger, visibility
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import Base, Guarded
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogLine
from tests.rules.desk import a
from tests.world import PEOPLE, World

VIEWERS = (*PEOPLE, "other_school_ib", "other_school_teacher")
IBS = {"ib", "second_ib", "excluded_ib"}
SEEN_BY: dict[str, set[str]] = {
    "new": IBS,
    "taken up": IBS,
    "closed": IBS,
    "without a pupil": IBS,
    "of the pupil whom one IB-er is kept away from": IBS - {"excluded_ib"},
    "in which one IB-er is involved": IBS - {"second_ib"},
    "owned by the AF": IBS | {"af"},
    "with the AF as deputy": IBS | {"af"},
    "of which the director was informed": IBS | {"director"},
    "destroyed": set(),
    "of another school": {"other_school_ib"},
}
"""Written by hand from the rules of the domain (section 5.1 and 5.2), never from the code."""

WRITTEN_BY_TEACHER = set(SEEN_BY) - {"destroyed", "of another school"}


@pytest.mark.parametrize("name", VIEWERS)
def test_cases(lasting_world: World, kinds: dict[str, UUID], name: str):
    """Each viewer sees the cases of the table and no other: listed, counted, one by one."""
    expected = {kinds[kind] for kind, names in SEEN_BY.items() if name in names}
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        assert expected == set(work.session.scalars(select(Case.id)))
        assert len(expected) == work.session.scalar(select(func.count()).select_from(Case))
        assert expected == {one for one in kinds.values() if work.session.get(Case, one) is not None}


@pytest.mark.parametrize("name", VIEWERS)
def test_entries(lasting_world: World, kinds: dict[str, UUID], name: str):
    """Entries follow their case; besides, the author sees what was theirs and the case's later entries not."""
    seen = {kinds[kind] for kind, names in SEEN_BY.items() if name in names}
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        found = work.session.execute(select(Entry.case_id, Entry.author_id)).all()
    own = {case_id for case_id, author in found if author == getattr(lasting_world, name).person_id}
    authors = {"teacher": WRITTEN_BY_TEACHER, "other_school_teacher": {"of another school"}}
    written = {kinds[kind] for kind in authors.get(name, ())}
    assert seen | written == {case_id for case_id, _ in found}
    assert written <= own


def test_author_does_not_see_what_was_taken_away(world: World):
    """A signal on the wrong child that was moved stands with the right one only; its author sees no empty place."""
    receipt = world.record()
    old = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, old)
        new = cases.move_signal(work, receipt.entry_ids[0], world.other_pupil, "Ander kind.")
    with world.glance(world.teacher) as work:
        assert list(work.session.scalars(select(Entry.case_id))) == [new]


def test_who_handled_a_case_reads_nothing_of_it_afterwards(world: World):
    """What somebody wrote in the steps is of the case, not of its writer: it goes with the case."""
    world.record()
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    _set(world, case, owner_id=world.af.person_id)
    with world.work(world.af) as work:
        steps.add(work, case, a(e.SpecialForm))
        assert "special_form" in work.session.scalars(select(Entry.kind)).all()
    _set(world, case, owner_id=world.ib.person_id)
    with world.glance(world.af) as work:
        assert list(work.session.scalars(select(Entry.kind))) == []


def test_author_sees_no_later_entry(lasting_world: World, kinds: dict[str, UUID]):
    """That a signal was taken up or a case closed is no entry that its author can read."""
    with lasting_world.glance(lasting_world.teacher) as work:
        assert {"signal"} == set(work.session.scalars(select(Entry.kind)))


@pytest.mark.parametrize(("name", "sees"), [("fg", True), ("ib", True), ("teacher", False), ("admin", False)])
def test_log(lasting_world: World, kinds: dict[str, UUID], name: str, sees: bool):  # noqa: FBT001  # a table
    """The FG and whoever handles cases read log lines of a case; a teacher and an IT admin none at all."""
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        lines = set(work.session.scalars(select(LogLine.case_id)))
    assert (kinds["taken up"] in lines) is sees
    assert sees or not lines


def test_log_of_a_hidden_case(lasting_world: World, kinds: dict[str, UUID]):
    """Who is kept away from a case reads no line about it either."""
    with lasting_world.glance(lasting_world.excluded_ib) as work:
        lines = set(work.session.scalars(select(LogLine.case_id)))
    assert kinds["of the pupil whom one IB-er is kept away from"] not in lines


def test_rejected_exclusion_no_longer_counts(world: World):
    """Once the director says that an exclusion was wrong, the case is there again."""
    world.record()
    with world.work(world.director) as work:
        (row,) = people.page(work).exclusions
        people.reject_exclusion(work, row.id)
    with world.glance(world.excluded_ib) as work:
        assert work.session.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.parametrize("role", ["board", "fg", "admin", "teacher"])
def test_roles_without_cases_see_none_even_as_system_name(lasting_world: World, kinds: dict[str, UUID], role: str):
    """A name or a reason in a viewer's fields gives nothing: only roles and the case's own columns do."""
    viewer = getattr(lasting_world, role)
    disguised = Viewer(viewer.school_id, viewer.person_id, viewer.roles, name="system", email="ib@x.nl")
    with lasting_world.glance(disguised) as work:
        assert work.session.scalars(select(Case.id)).all() == []


def test_the_sentence_stops_at_the_school_by_itself(lasting_world: World, kinds: dict[str, UUID]):
    """Also where no guard stands beside it, on the bare table, a case of another school is not there."""
    table = Case.__table__.c
    engine = lasting_world.peek()
    for name, own in (("ib", "new"), ("other_school_ib", "of another school")):
        sentence = visibility.may_see(getattr(lasting_world, name), table)
        with engine.connect() as raw:
            found = set(raw.scalars(select(table.id).where(sentence)))
        wrong = "of another school" if name == "ib" else "new"
        assert (kinds[own] in found, kinds[wrong] in found) == (True, False)
    engine.dispose()


def test_table_without_a_rule_stops_the_start():
    """A guarded table that somebody forgot to write a rule for keeps the application from starting; all are named."""
    held = {table: visibility.RULES.pop(table) for table in (Entry, Case)}
    try:
        with pytest.raises(RuntimeError) as refused:
            visibility.check()
    finally:
        visibility.RULES.update(held)
    assert str(refused.value) == "No rule in store/visibility.py for: Case, Entry."


def test_every_table_with_a_school_is_guarded():
    """No table carries a school and slips past the guard."""
    bare = [
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if "school_id" in mapper.local_table.c and not issubclass(mapper.class_, Guarded)
    ]
    assert bare == []


@pytest.fixture(scope="module")
def kinds(lasting_world: World) -> dict[str, UUID]:
    """One case of every kind of the table, each with a signal of the teacher."""
    world = lasting_world
    away, bare = "of the pupil whom one IB-er is kept away from", "without a pupil"
    plain = sorted(WRITTEN_BY_TEACHER - {away, bare})
    made = {kind: _case(world, world.card(str(2602 + number))) for number, kind in enumerate(plain)}
    made[away], made[bare] = _case(world, world.pupil), _case(world, None)
    made["destroyed"] = _case(world, world.card("2614"))
    for kind in ("taken up", "closed"):
        _handle(world, made[kind], close=kind == "closed")
    with world.work(world.second_ib) as work:
        people.exclude_self(work, made["in which one IB-er is involved"])
    _set(world, made["owned by the AF"], owner_id=world.af.person_id)
    _set(world, made["with the AF as deputy"], deputy_id=world.af.person_id)
    _set(world, made["of which the director was informed"], director_informed_at=world.clock())
    with world.system() as work:
        ledger.destroy(work, work.inner.get_one(Case, made["destroyed"]), "test")
    world.record(by=world.other_school_teacher, about=world.card("2602"))
    with world.glance(world.other_school_ib) as work:
        made["of another school"] = work.session.scalars(select(Case.id)).one()
    return made


def _case(world: World, card: PupilCard | None) -> UUID:
    signal = world.signal() if card else world.signal(subject={"who": "een broertje"})
    receipt = world.record(signal, about=card, no_pupil=card is None)
    with world.glance(Viewer.for_system(world.school_id, "test")) as work:
        return work.session.get_one(Entry, receipt.entry_ids[0]).case_id


def _handle(world: World, case_id: UUID, *, close: bool) -> None:
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    if close:
        world.close(case_id)


def _set(world: World, case_id: UUID, **columns: object) -> None:
    with world.system() as work:
        case = work.inner.get_one(Case, case_id)
        for name, value in columns.items():
            setattr(case, name, value)
        work.note(Tag.CASE_READ, case_id, action="U")
