"""Who sees which row that is no case: drafts, the register, the log, the tables of the system; tables by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.services import drafts
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.models.attachments import Upload
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.models.entries import Submission
from meldcode_plugin.store.models.log import LogHead, LogLine
from meldcode_plugin.store.models.marks import HealthMark
from meldcode_plugin.store.models.people import GuardianMail
from meldcode_plugin.store.models.register import StaffAllegation
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail, SweepMark
from meldcode_plugin.store.models.roster import PupilLink, RosterSync, StaffGuardian
from meldcode_plugin.store.models.schools import SchoolKey
from meldcode_plugin.store.models.signins import Launch, LaunchPerson, LoginState, SignIn, UsedToken
from meldcode_plugin.store.visibility import RULES
from tests.services import files
from tests.world import PEOPLE, World

SYSTEM, BOTH = "system", "board and director"
NAMES = (*PEOPLE, "other_school_ib", "other_school_teacher", SYSTEM, BOTH)
IBS = {"ib", "second_ib", "excluded_ib"}
ROWS: dict[str, set[str]] = {
    "draft of the teacher": {"teacher", SYSTEM},
    "draft of the IB-er": {"ib", SYSTEM},
    "file that waits": {"teacher", SYSTEM},
    "form that was sent": {"teacher", SYSTEM},
    "worry for the board": {"board", BOTH, SYSTEM},
    "worry for the director too": {"board", "director", BOTH, SYSTEM},
    "line of a case": {*IBS, "af", "director", BOTH, "fg", SYSTEM},
    "line of a case of which nobody was told": {*IBS, "fg", SYSTEM},
    "line of a case that one IB-er is kept out of": {*IBS, "fg", SYSTEM} - {"excluded_ib"},
    "line of a case that the board handles": {*IBS, "board", BOTH, "fg", SYSTEM},
    "line of a link": {"fg", SYSTEM},
    "line of a link that was undone": {"fg", SYSTEM},
    "line of no case": {"fg", SYSTEM},
}
"""By hand from domain 3, 5.1, 5.2 and 5.3: who may read the row."""
TABLES = (Draft, Upload, Submission, StaffAllegation, LogLine)
OF_SYSTEM = (
    *(LogHead, Destruction, SchoolKey, GuardianMail, SignIn, LoginState, Launch, LaunchPerson, UsedToken),
    *(Reminder, ReminderMail, SweepMark, HealthMark, PupilLink, RosterSync, StaffGuardian),
)


def viewer_of(world: World, name: str) -> Viewer:
    """Return who looks."""
    if name == SYSTEM:
        return Viewer.for_system(world.school_id, "test")
    if name == BOTH:
        return Viewer(world.school_id, world.board.person_id, frozenset({Role.BOARD, Role.DIRECTOR}))
    found: Viewer = getattr(world, name)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_rows(lasting_world: World, made: dict[str, UUID], name: str):
    """Each viewer sees the rows of the table and no other."""
    expected = {made[kind] for kind, names in ROWS.items() if name in names}
    with lasting_world.glance(viewer_of(lasting_world, name)) as work:
        found = {one for table in TABLES for one in work.session.scalars(select(table.id))}
    assert expected == found & set(made.values())


@pytest.mark.parametrize("table", OF_SYSTEM, ids=lambda table: table.__name__)
def test_what_is_of_the_system_is_nobodys(lasting_world: World, table: type):
    """No person, whatever their role, is asked for a row of these; unattended work sees those of its own school."""
    for name in NAMES:
        rule = RULES[table](viewer_of(lasting_world, name))
        assert (str(rule) == "false") is (name != SYSTEM)


def test_the_system_sees_the_head_of_its_own_log(lasting_world: World, made: dict[str, UUID]):
    """One school, one head."""
    with lasting_world.glance(viewer_of(lasting_world, SYSTEM)) as work:
        assert [lasting_world.school_id] == list(work.session.scalars(select(LogHead.school_id)))


@pytest.fixture(scope="module")
def made(lasting_world: World) -> dict[str, UUID]:
    """One row of every kind."""
    world = lasting_world
    sent, waits = uuid4(), uuid4()
    found = {"file that waits": files.add(world, waits).id}
    for kind, who in (("draft of the teacher", world.teacher), ("draft of the IB-er", world.ib)):
        key = uuid4()
        with world.work(who) as work:
            drafts.save(work, key, None, {"fact-text": "Een plek."})
        found[kind] = _id(world, Draft, key)
    cards = [world.card(number) for number in ("2602", "2603", "2601", "2604")]
    for card in cards:
        world.record(about=card, key=sent if card is cards[0] else None)
    found["form that was sent"] = _id(world, Submission, sent)
    told, untold, kept, of_board = (world.case_of(card) for card in cards)
    with world.peek().begin() as raw:
        _set(raw, told, director_informed_at=world.clock(), deputy_id=world.af.person_id)
        _set(raw, of_board, owner_id=world.board.person_id)
        for kind, board_only in (("worry for the board", True), ("worry for the director too", False)):
            found[kind] = _allegation(raw, world, board_only=board_only)
        for number, (kind, case, event) in enumerate(
            (
                ("line of a case", told, "case.read"),
                ("line of a case of which nobody was told", untold, "case.read"),
                ("line of a case that one IB-er is kept out of", kept, "case.read"),
                ("line of a case that the board handles", of_board, "case.read"),
                ("line of a link", told, "family.linked"),
                ("line of a link that was undone", told, "family.unlinked"),
                ("line of no case", None, "person.read"),
            )
        ):
            found[kind] = _line(raw, world, number, case, event)
    return found


def _id(world: World, table: Any, key: UUID) -> UUID:
    with world.peek().connect() as raw:
        found: UUID = raw.execute(select(table.id).where(table.key == key)).scalar_one()
    return found


def _set(raw: sa.Connection, case: UUID, **values: Any) -> None:
    raw.execute(sa.update(Case).where(Case.id == case).values(**values))


def _allegation(raw: sa.Connection, world: World, *, board_only: bool) -> UUID:
    row = {"id": new_id(), "school_id": world.school_id, "author_id": world.teacher.person_id, "sealed": b"x"}
    row |= {"board_only": board_only, "recorded_at": world.clock(), "body_mac": b"x" * 32}
    raw.execute(sa.insert(StaffAllegation).values(**row))
    return row["id"]


def _line(raw: sa.Connection, world: World, number: int, case: UUID | None, event: str) -> UUID:
    row = {"id": new_id(), "school_id": world.school_id, "seq": 10_000 + number, "at": world.clock(), "action": "R"}
    row |= {"event": event, "outcome": "ok", "actor_id": world.ib.person_id, "roles": "IB", "system": ""}
    raw.execute(sa.insert(LogLine).values(**row, case_id=case, mac=b"x" * 32))
    return row["id"]
