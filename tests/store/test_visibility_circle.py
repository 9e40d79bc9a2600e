"""Who sees which row around a case: shares, hand-overs, links and break-glass against tables written by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.store import people
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.guard import PARTS
from meldcode_plugin.store.models.attachments import Attachment
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.circle import BreakGlass, FamilyLink, Share, SharedEntry, Succession
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.packages import Package, PackageStep
from meldcode_plugin.store.models.people import Exclusion, Person, RoleGrant
from meldcode_plugin.store.models.roster import RosterNotice
from meldcode_plugin.store.visibility import RULES, may_read, may_see, nobody_left
from meldcode_plugin.store.work import Work
from tests.world import PEOPLE, World

IBS = {"ib", "second_ib", "excluded_ib"}
NAMES = (*PEOPLE, "other_school_ib")
ROWS: dict[str, set[str]] = {
    "file of the teacher": {*IBS, "teacher", "colleague", "fg"},
    "file of the teacher, taken away": {*IBS, "colleague", "fg"},
    "file under what was not shared": {*IBS, "teacher", "colleague"},
    "file of who is kept out": {"ib", "excluded_ib"},
    "package": IBS,
    "package about whom one IB-er is kept out": IBS - {"second_ib"},
    "step of a package": IBS,
    "notice of the roster": IBS,
    "notice about whom one IB-er is kept out": IBS - {"second_ib"},
    "offer to the af": {*IBS, "af"},
    "offer to the af, answered": IBS,
    "offer to who is kept out": IBS - {"second_ib"},
    "share of the whole with a colleague": {*IBS, "colleague"},
    "share of a piece with the fg": {*IBS, "fg"},
    "share that was withdrawn": IBS,
    "share that has ended": IBS,
    "share with who is kept out": IBS - {"second_ib"},
    "piece of a share": IBS,
    "link": IBS,
    "link to where one IB-er is kept out": IBS - {"second_ib"},
    "link from where one IB-er is kept out": IBS - {"second_ib"},
    "glass of the board": {"fg", "af"},
    "glass of who is no director any more": {"fg", "af"},
    "glass about whom the af is kept out, by case": {"fg"},
    "glass about whom the af is kept out, by child": {"fg"},
    "glass about whom the af was once kept out": {"fg", "af"},
}
"""By hand from domain 5.1 and 5.2: who may read the row."""
CASES: dict[str, set[str]] = {
    "plain": IBS,
    "kept": IBS - {"second_ib"},
    "broken by the board": {*IBS, "board"},
    "broken by the board, over": IBS,
    "broken by a director who is kept out": IBS,
    "broken by who is no director any more": IBS,
    "informed, and the director is kept out": {*IBS, "board"},
    "informed, and the director was kept out once": {*IBS, "director"},
    "not informed, and the director is kept out": IBS,
}


@pytest.mark.parametrize("name", NAMES)
def test_rows(lasting_world: World, made: Made, name: str):
    """Each viewer sees the rows of the table and no other."""
    expected = {made.rows[kind] for kind, names in ROWS.items() if name in names}
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        found = {one for table in KIND_OF for one in work.session.scalars(select(table.id))}
    assert expected == found & set(made.rows.values())


@pytest.mark.parametrize("name", NAMES)
def test_cases(lasting_world: World, made: Made, name: str):
    """A share opens no case; break-glass opens one, and a kept-out director lets the board in."""
    expected = {made.cases[kind] for kind, names in CASES.items() if name in names}
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        assert expected == set(work.session.scalars(select(Case.id))) & set(made.cases.values())


@pytest.mark.parametrize(("name", "sees"), [("colleague", 2), ("fg", 1), ("second_ib", 0), ("af", 0), ("director", 0)])
def test_entries_by_share(lasting_world: World, made: Made, name: str, sees: int):
    """The whole case, one piece, and nothing for who is kept out or whose share is over."""
    case = made.cases["kept" if name == "second_ib" else "plain"]
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        assert work.session.scalar(select(func.count()).select_from(Entry).where(Entry.case_id == case)) == sees


@pytest.mark.parametrize("name", ["colleague", "fg"])
def test_a_share_opens_no_other_case(lasting_world: World, made: Made, name: str):
    """Who reads one case along reads nothing of any other."""
    with lasting_world.glance(getattr(lasting_world, name)) as work:
        assert set(work.session.scalars(select(Entry.case_id))) == {made.cases["plain"]}


def test_what_may_be_read_by_glass_is_not_theirs_to_work_in(lasting_world: World, made: Made):
    """The two sentences differ in exactly that: reading, and not working."""
    case = made.cases["broken by the board"]
    board = lasting_world.board
    now = lasting_world.clock().replace(minute=0)
    timed = Viewer(board.school_id, board.person_id, board.roles, hour=now)
    with lasting_world.glance(board) as work:
        asked = [
            work.inner.scalar(select(Case.id).where(Case.id == case, sentence(viewer, Case)))
            for sentence, viewer in ((may_see, timed), (may_read, timed), (may_read, board))
        ]
    assert asked == [None, case, None]


def test_without_an_hour_nothing_is_shared(lasting_world: World, made: Made):
    """Who asks without a clock is asked for nothing: no share counts."""
    viewer = lasting_world.colleague
    with lasting_world.glance(viewer) as work:
        for table, row in ((Entry, None), (Share, made.rows["share of the whole with a colleague"])):
            wanted = select(table.id).where(RULES[table](viewer))
            found = set(work.inner.scalars(wanted if row is None else wanted.where(Share.id == row)))
            assert found == set()


def test_the_system_sees_rows_and_by_no_share(lasting_world: World, made: Made):
    """Unattended work sees every row of its school, also of what is over."""
    with lasting_world.glance(Viewer.for_system(lasting_world.school_id, "test")) as work:
        for table, kinds in KIND_OF.items():
            wanted = {one for kind, one in made.rows.items() if kind in kinds}
            assert wanted <= set(work.session.scalars(select(table.id)))


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (None, False),
        ("inactive", True),
        ("ended", True),
        ("proposed", True),
        ("kept out of the case", True),
        ("kept out of the child", True),
        ("rejected", False),
    ],
)
def test_nobody_is_left(world: World, change: str | None, left: bool):  # noqa: FBT001  # a table
    """A role is held by who is active, confirmed, not ended and not kept out; else nobody is left."""
    world.record()
    case = world.case_of()
    person = world.director.person_id
    with world.system() as work:
        grant = work.inner.scalars(select(RoleGrant).where(RoleGrant.person_id == person)).one()
        row = work.inner.get_one(Case, case)
        if change == "inactive":
            work.inner.get_one(Person, person).active = False
        elif change == "ended":
            grant.ended_at = world.clock()
        elif change == "proposed":
            grant.confirmed_at = None
        elif change == "kept out of the case":
            people.add_exclusion(work, person, "Familie.", case_id=case)
        elif change == "kept out of the child":
            people.add_exclusion(work, person, "Familie.", pupil_index=row.pupil_index)
        elif change == "rejected":
            people.add_exclusion(work, person, "Familie.", case_id=case).rejected_at = world.clock()
    with world.system() as work:
        found = work.inner.scalars(select(Case.id).where(nobody_left(Role.DIRECTOR, Case))).all()
    assert (case in found) is left


def test_another_schools_director_does_not_count(world: World):
    """A role is held at the school of the case."""
    world.record()
    case = world.case_of()
    world.enrol("other_director", "Olga", Role.DIRECTOR, email="o@x.nl", school_id=world.other_school_id)
    with world.system() as work:
        work.inner.scalars(select(RoleGrant).where(RoleGrant.role == "D")).one().ended_at = world.clock()
    with world.system() as work:
        assert work.inner.scalars(select(Case.id).where(nobody_left(Role.DIRECTOR, Case))).all() == [case]


def test_every_part_of_the_rules_is_known_to_the_guard():
    """Each alias that a rule asks belongs to the class of its table: the guard adds that class's own rule."""
    assert {part.element.name for part in PARTS} == {cls.__tablename__ for cls in PARTS.values()}  # type: ignore[attr-defined]  # mapped
    assert len(PARTS) == 10
    assert all(part.element.name == cls.__tablename__ for part, cls in PARTS.items())  # type: ignore[attr-defined]  # mapped


KIND_OF = {
    Package: {kind for kind in ROWS if kind.startswith("package")},
    PackageStep: {"step of a package"},
    RosterNotice: {kind for kind in ROWS if kind.startswith("notice")},
    Attachment: {kind for kind in ROWS if kind.startswith("file")},
    Succession: {kind for kind in ROWS if kind.startswith("offer")},
    Share: {kind for kind in ROWS if kind.startswith("share")},
    SharedEntry: {"piece of a share"},
    FamilyLink: {kind for kind in ROWS if kind.startswith("link")},
    BreakGlass: {kind for kind in ROWS if kind.startswith("glass")},
}


class Made:
    """The rows and cases by their name in the tables."""

    def __init__(self) -> None:
        """Begin with none."""
        self.rows: dict[str, UUID] = {}
        self.cases: dict[str, UUID] = {}


@pytest.fixture(scope="module")
def made(lasting_world: World) -> Made:
    """One row of every kind, put in as the owner of the machine could, past all services."""
    world, found = lasting_world, Made()
    pupils = iter(range(2602, 2615))
    for kind in CASES:
        card = world.card(str(next(pupils)))
        world.record(about=card)
        if kind == "plain":
            world.record(world.signal("Nog iets."), about=card)
        found.cases[kind] = world.case_of(card)
    with world.system() as work:
        Filling(world, work, found).all()
    return found


class Filling:
    """Puts the rows in."""

    def __init__(self, world: World, work: Work, found: Made) -> None:
        """Note every case as changed."""
        self.world, self.work, self.made = world, work, found
        self.now = world.clock().replace(minute=0, second=0, microsecond=0)
        self.plain, self.kept = found.cases["plain"], found.cases["kept"]
        for case in found.cases.values():
            work.note(Tag.CASE_READ, case, action="U")

    def all(self) -> None:
        """Put everything in."""
        self.keep_out("second_ib", self.kept)
        self.files()
        self.packages()
        self.offers()
        self.shares()
        self.links()
        self.glasses()
        self.informed()

    def put(self, kind: str, row: Any) -> UUID:
        """Put one row in, under its name in the table."""
        row.id, row.school_id = new_id(), self.world.school_id
        self.work.inner.add(row)
        self.work.inner.flush()
        self.made.rows[kind] = row.id
        return self.made.rows[kind]

    def keep_out(self, name: str, case: UUID | None = None, index: bytes | None = None) -> Exclusion:
        """Keep somebody out of a case or a child."""
        person = getattr(self.world, name).person_id
        return people.add_exclusion(self.work, person, "Familie.", case_id=case, pupil_index=index)

    def files(self) -> None:
        """Files of the teacher, one taken away, one under what was not shared; and one of who is kept out."""
        first, second = self.entries_of(self.plain)
        (kept,) = self.entries_of(self.kept)
        file: dict[str, Any] = {"case_id": self.plain, "entry_id": first, "author_id": self.world.teacher.person_id}
        file |= {"sealed": b"x", "added_at": self.now}
        for kind, more in (
            ("file of the teacher", {}),
            ("file of the teacher, taken away", {"sealed": None}),
            ("file under what was not shared", {"entry_id": second}),
            (
                "file of who is kept out",
                {"case_id": self.kept, "entry_id": kept, "author_id": self.world.second_ib.person_id},
            ),
        ):
            self.put(kind, Attachment(blob=new_id(), **file | more))

    def packages(self) -> None:
        """A package with a step of its making, and what the roster told, of a case and of one closed to an IB-er."""
        asked: dict[str, Any] = {"number": 1, "variant": "melding", "layout": 1, "head_seq": 1, "head_mac": b"x" * 32}
        asked |= {"requester_id": self.world.ib.person_id, "requested_at": self.now, "touched_at": self.now}
        asked |= {"sealed": b"x"}
        told: dict[str, Any] = {"kind": "left", "subject": b"x" * 16, "sealed": b"x", "found_at": self.now}
        for tail, case in (("", self.plain), (" about whom one IB-er is kept out", self.kept)):
            package = self.put(f"package{tail}", Package(case_id=case, key=uuid4(), **asked))
            self.put(f"notice{tail or ' of the roster'}", RosterNotice(case_id=case, **told))
            if case == self.plain:
                made: dict[str, Any] = {"name": "freeze", "input_hash": b"x" * 32, "output_hash": b"x" * 32}
                made |= {"sealed": b"x", "done_at": self.now, "package_id": package, "case_id": case}
                self.put("step of a package", PackageStep(**made))

    def entries_of(self, case: UUID) -> list[UUID]:
        """The entries of a case, in their order."""
        return list(self.work.inner.scalars(select(Entry.id).where(Entry.case_id == case).order_by(Entry.seq)))

    def offers(self) -> None:
        """A hand-over that waits, and one that was answered."""
        to = {"from_id": self.world.ib.person_id, "to_id": self.world.af.person_id, "note": b"x"}
        waits: dict[str, Any] = to | {"case_id": self.plain, "offered_at": self.now}
        self.put("offer to the af", Succession(**waits))
        self.put("offer to the af, answered", Succession(**waits, accepted=False, ended_at=self.now))
        who = {"case_id": self.kept, "to_id": self.world.second_ib.person_id}
        self.put("offer to who is kept out", Succession(**waits | who))

    def share(self, name: str, **more: Any) -> Share:
        """A share of the plain case for an hour."""
        who: dict[str, Any] = {"case_id": self.plain, "person_id": getattr(self.world, name).person_id, "purpose": "af"}
        who |= {"whole": True, "question": b"x", "shared_by": self.world.ib.person_id, "shared_at": self.now}
        return Share(**who | {"until": self.now + timedelta(hours=1)} | more)

    def shares(self) -> None:
        """Shares that run, were withdrawn, are over, or meet an exclusion."""
        first = self.entries_of(self.plain)[0]
        self.put("share of the whole with a colleague", self.share("colleague"))
        piece = self.put("share of a piece with the fg", self.share("fg", whole=False))
        self.put("piece of a share", SharedEntry(case_id=self.plain, share_id=piece, entry_id=first))
        self.put("share that was withdrawn", self.share("af", ended_at=self.now))
        self.put("share that has ended", self.share("director", until=self.now))
        self.put("share with who is kept out", self.share("second_ib", case_id=self.kept))

    def links(self) -> None:
        """A link that all IB-ers see, and two of which one end is closed to one of them."""
        pairs = {
            "link": (self.plain, self.made.cases["broken by the board"]),
            "link to where one IB-er is kept out": (self.plain, self.kept),
            "link from where one IB-er is kept out": (self.kept, self.plain),
        }
        for kind, (one, other) in pairs.items():
            by = {"linked_by": self.world.ib.person_id, "linked_at": self.now}
            self.put(kind, FamilyLink(case_id=one, other_case_id=other, **by))

    def glass(self, name: str, case: UUID | None, **more: Any) -> BreakGlass:
        """Break-glass for an hour."""
        who: dict[str, Any] = {"person_id": getattr(self.world, name).person_id, "case_id": case}
        who |= {"pupil_index": uuid4().bytes, "reason": b"x", "broken_at": self.now}
        return BreakGlass(**who | {"until": self.now + timedelta(hours=1)} | more)

    def glasses(self) -> None:
        """Break-glass that runs or is over; and people who are kept out of it as reader or as judge."""
        over, kept = (
            self.made.cases[kind] for kind in ("broken by the board, over", "broken by a director who is kept out")
        )
        self.put("glass of the board", self.glass("board", self.made.cases["broken by the board"]))
        self.put("glass about whom the af is kept out, by case", self.glass("board", over, until=self.now))
        self.put("glass about whom the af is kept out, by child", self.glass("director", kept, pupil_index=b"c" * 16))
        gone = self.made.cases["broken by who is no director any more"]
        self.put("glass of who is no director any more", self.glass("colleague", gone))
        self.put("glass about whom the af was once kept out", self.glass("teacher", None, pupil_index=b"d" * 16))
        self.keep_out("af", over)
        self.keep_out("director", kept)
        self.keep_out("af", index=b"c" * 16)
        self.keep_out("af", index=b"d" * 16).rejected_at = self.now

    def informed(self) -> None:
        """Cases of which the director was informed or not, and is kept out or was once."""
        for kind in (kind for kind in CASES if "informed" in kind):
            case = self.made.cases[kind]
            told = None if kind.startswith("not") else self.now
            self.work.inner.get_one(Case, case).director_informed_at = told
            once = self.keep_out("director", case)
            once.rejected_at = self.now if "once" in kind else None
