"""The daily look at the roster: what changed is asked, nothing moves by itself, and nothing is compared at a fault."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import AlreadyDone, InputRefused, NotVisible, SourceUnavailable
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.rules.roster import NO, SENTENCES, WHAT_NOW, YES, Change
from meldcode_plugin.services import cases, people, pupils, roster, school, signals
from meldcode_plugin.services.roster import LastSync, Noticed
from meldcode_plugin.services.signals import NewSignals
from meldcode_plugin.sis import Fault, Finding, Guardian, OtherId, Pupil, Roster, StaffMember, best
from meldcode_plugin.store import ledger
from meldcode_plugin.store.base import Base
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.store.models.roster import PupilLink
from tests.world import World

AYA = Pupil("1", "Aya Benali", date(2019, 1, 14), "Groep 4", (), (OtherId("identifier", "ll-1"),))
BRAM = Pupil("2", "Bram de Groot", date(2018, 11, 2), "Groep 4", (), (OtherId("identifier", "ll-2"),))
MANY = tuple(Pupil(f"x{n}", f"Kind {n}", date(2018, 1, 1)) for n in range(40))


@dataclass
class Town:
    """A roster that a test changes."""

    pupils: tuple[Pupil, ...] = (AYA, BRAM, *MANY)
    fault: SourceUnavailable | None = None

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return a pupil, or break."""
        if self.fault:
            raise self.fault
        return next((one for one in self.pupils if one.id == pupil_id), None)

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return pupils."""
        return best(self.pupils, words, limit)

    def staff(self) -> list[StaffMember]:
        """Return two, of whom one left."""
        return [
            StaffMember("m", "Juf", "juf@wilgenhof.example"),
            StaffMember("n", "Meester", "meester@wilgenhof.example", active=False),
        ]

    def check(self) -> list[Finding]:
        """Say that all is well."""
        return [Finding(ok=True, text="A town in a test.")]

    def roster(self) -> Roster:
        """Return everybody, or break."""
        if self.fault:
            raise self.fault
        return Roster(self.pupils, tuple(self.staff()))

    def instead(self, *pupils_: Pupil) -> None:
        """Let these pupils be there in the place of Aya and Bram."""
        self.pupils = (*pupils_, *MANY)


class Listless(Town):
    """A roster that can not tell everybody."""

    def roster(self) -> Roster:
        """Say so."""
        raise SourceUnavailable(code=Fault.NO_LIST, why="No list.")


@pytest.fixture
def town(world: World) -> Town:
    """The roster of the world's first school."""
    made = Town()
    world.door.source = made
    return made


def record(world: World, pupil_id: str, by: Viewer | None = None) -> UUID:
    """Record a signal as a page does, and return the case as the IB-er finds it."""
    viewer = by or world.teacher
    found = pupils.find(world.door, viewer, pupil_id)
    with world.work(viewer) as work:
        signals.record(work, found.card, NewSignals(key=uuid4(), signals=(world.signal(),)), found.guardian_mails)
    return world.case_of(found.card)


def asked(world: World, case_id: UUID, viewer: Viewer | None = None) -> list[Noticed]:
    """Return what is asked on a case."""
    with world.work(viewer or world.ib) as work:
        return roster.noticed(work, case_id)


def say(world: World, case_id: UUID, *, agrees: bool) -> None:
    """Answer what is asked first."""
    (first, *_) = asked(world, case_id)
    with world.work(world.ib) as work:
        roster.answer(work, case_id, first.id, agrees=agrees)


def look(world: World) -> LastSync:
    """Look at the roster."""
    return roster.sync(world.door)


def kinds(world: World, case_id: UUID) -> list[Change]:
    """Return what kinds of change are asked about."""
    return [one.change for one in asked(world, case_id)]


def test_a_quiet_day_asks_nothing(world: World, town: Town):
    """Nothing changed: the counts are kept, nobody is asked anything, no reminder is made."""
    case_id = record(world, "1")
    told = [look(world), look(world)]
    assert [(42, 0, 2, 0, "")] * 2 == [(t.pupils, t.guardians, t.staff, t.notices, t.fault) for t in told]
    assert [] == asked(world, case_id)
    with world.work(world.admin) as work:
        last = roster.last_sync(work)
    assert last is not None
    assert (42, 42, "") == (last.pupils, last.before, last.fault)
    assert last == school.page(world.door, world.admin).roster


def test_a_changed_number_finds_the_same_case(world: World, town: Town):
    """Same stable id, name and birth date, gone under the old number: signals find the case; a person confirms."""
    case_id = record(world, "1")
    look(world)
    town.instead(replace(AYA, id="new-1"), BRAM)
    assert case_id == record(world, "new-1")
    assert 1 == look(world).notices
    (notice,) = asked(world, case_id)
    assert (Change.NEW_NUMBER, "new-1") == (notice.change, notice.said["number"])
    say(world, case_id, agrees=True)
    town.instead(replace(AYA, id="new-1", other_ids=()), BRAM)
    assert case_id == record(world, "new-1")
    assert ([], 0) == (asked(world, case_id), look(world).notices)


def test_who_is_kept_away_stays_kept_away_under_a_new_number(world: World, town: Town):
    """An exclusion holds for the child, not for its number; with a case and before there is one."""
    record(world, "1")
    with world.work(world.director) as work:
        for one in ("1", "2"):
            people.exclude(work, world.colleague.person_id, one, "Zij is de tante.")
    look(world)
    town.instead(replace(AYA, id="new-1"), replace(BRAM, id="new-2"))
    for one in ("new-1", "new-2"):
        with pytest.raises(NotVisible):
            pupils.find(world.door, world.colleague, one)
    look(world)
    town.instead(replace(AYA, id="new-1"), replace(BRAM, id="new-2", other_ids=()))
    with pytest.raises(NotVisible):
        pupils.find(world.door, world.colleague, "new-2")


def test_a_number_that_is_refused_stays_apart(world: World, town: Town):
    """After 'no, another child' its signals go to a dossier of their own, and it is not asked again."""
    case_id = record(world, "1")
    look(world)
    town.instead(replace(AYA, id="new-1"), BRAM)
    look(world)
    say(world, case_id, agrees=False)
    assert record(world, "new-1") != case_id
    assert 1 == look(world).notices
    assert [Change.GONE] == kinds(world, case_id)


@pytest.mark.parametrize(
    "other",
    [
        replace(AYA, id="9", name="Aisha Benali"),
        replace(AYA, id="9", birth_date=date(2017, 1, 1)),
        replace(AYA, id="9", birth_date=None),
    ],
)
def test_the_same_id_alone_is_not_the_same_child(world: World, town: Town, other: Pupil):
    """Another name or birth date with the same id: nothing is joined, it is asked; 'yes' joins from then on."""
    case_id = record(world, "1")
    look(world)
    town.instead(other, BRAM)
    own = record(world, "9")
    assert own != case_id
    look(world)
    assert {Change.SAME_CHILD, Change.GONE} >= set(kinds(world, case_id))
    assert [] == asked(world, own)


def test_a_merge_is_never_silent(world: World, town: Town):
    """Two pupils with one id, both there: asked on the case of the first; only a 'yes' makes the second its number."""
    case_id = record(world, "1")
    look(world)
    twin = replace(AYA, id="9", name="Noor Benali")
    town.instead(AYA, twin, BRAM)
    look(world)
    assert [Change.SAME_CHILD] == kinds(world, case_id)
    say(world, case_id, agrees=True)
    assert case_id == record(world, "9")


def test_another_child_under_the_same_number_is_asked(world: World, town: Town):
    """A number that is handed on is a mistake in the system: it is told, until it is mended or somebody agrees."""
    case_id = record(world, "1")
    look(world)
    town.instead(replace(AYA, name="Zoë Jansen", birth_date=date(2020, 2, 2)), BRAM)
    look(world)
    (notice,) = asked(world, case_id)
    assert (Change.DIFFERS, "Zoë Jansen", date(2020, 2, 2)) == (notice.change, notice.said["name"], notice.born)
    with world.work(world.ib) as work, pytest.raises(InputRefused):
        roster.answer(work, case_id, notice.id, agrees=False)
    town.instead(AYA, BRAM)
    look(world)
    assert [] == asked(world, case_id)
    town.instead(replace(AYA, name="Aya de Vries"), BRAM)
    look(world)
    say(world, case_id, agrees=True)
    look(world)
    assert [] == asked(world, case_id)


def test_a_pupil_who_is_gone_keeps_the_case(world: World, town: Town):
    """The case stays as it was; who handles it is asked and mailed, and the question goes when the child is back."""
    case_id = record(world, "1")
    look(world)
    with world.work(world.ib) as work:
        cases.accept(work, case_id)
    before = dossier(world, case_id)
    town.instead(BRAM)
    look(world)
    look(world)
    assert [Change.GONE] == kinds(world, case_id)
    assert before == dossier(world, case_id)
    with world.work(world.ib) as work:
        assert {case_id} == roster.waiting(work)
    assert 1 == told(world)
    town.instead(AYA, BRAM)
    look(world)
    assert ([], 0) == (asked(world, case_id), told(world))


def told(world: World) -> int:
    """Return how many reminders about the roster still stand."""
    with world.system() as work:
        rows = sa.select(sa.func.count(Reminder.case_id.distinct())).where(Reminder.kind == "roster_changed")
        return work.inner.scalar(rows.where(Reminder.state != "settled")) or 0


def dossier(world: World, case_id: UUID) -> tuple[object, ...]:
    """Return what of a case may not change: pupil, state, words and who handles it."""
    with world.work(world.ib) as work:
        found = cases.dossier(work, case_id)
    return found.pupil, found.state, [item.content for item in found.timeline], found.circle


def test_a_child_on_its_way_into_the_roster_is_waited_for(world: World, town: Town):
    """A launch for a child who arrived today needs no roster; after a week it is asked where the child is."""
    with world.work(world.teacher) as work:
        card = pupils.PupilCard("nieuw", "Nina Nieuw")
        signals.record(work, card, NewSignals(key=uuid4(), signals=(world.signal(),)))
    case_id = world.case_of(card)
    look(world)
    assert [] == asked(world, case_id)
    world.clock.forward(days=8)
    look(world)
    assert [Change.GONE] == kinds(world, case_id)


def test_a_colleague_who_is_a_guardian_is_asked_about_and_never_reads_it(world: World, town: Town):
    """The roster alone excludes nobody who reads a case; a person does, and the colleague does not see the question."""
    case_id = record(world, "1")
    town.instead(replace(AYA, guardians=(Guardian("Ingrid Bosma", " Ingrid@Wilgenhof.example "),)), BRAM)
    look(world)
    assert ["Ingrid Bosma"] == [one.said["person"] for one in asked(world, case_id)]
    assert [] == asked(world, case_id, world.second_ib)
    say(world, case_id, agrees=True)
    with world.work(world.second_ib) as work, pytest.raises(NotVisible):
        cases.dossier(work, case_id)


FAULTS = {
    "away": lambda town: setattr(town, "fault", SourceUnavailable(code=Fault.AWAY, why="Away.")),
    "nobody": lambda town: setattr(town, "pupils", ()),
    "half": lambda town: setattr(town, "pupils", town.pupils[: len(town.pupils) // 2]),
    "doubles": lambda town: setattr(town, "pupils", (*town.pupils, AYA)),
}
CODES = {"away": "away", "nobody": "empty", "half": "fewer", "doubles": "duplicate"}


@pytest.mark.parametrize("name", FAULTS)
def test_at_a_fault_nothing_is_compared(world: World, town: Town, name: str):
    """Who is missing from half an answer has not left: nobody is asked; the admin reads the code; teachers record."""
    case_id = record(world, "2")
    look(world)
    town.pupils = (*MANY, AYA, BRAM)
    FAULTS[name](town)
    result = look(world)
    assert (CODES[name], 0, 42, True) == (result.fault, result.notices, result.before, bool(result.why))
    assert [] == asked(world, case_id)
    with world.work(world.admin) as work:
        last = roster.last_sync(work)
    assert last is not None
    assert (CODES[name], 42) == (last.fault, last.before)
    with world.work(world.teacher) as work:
        card = pupils.PupilCard("2", known=False)
        assert signals.record(work, card, NewSignals(key=uuid4(), signals=(world.signal(),)))


def test_a_person_can_say_that_so_many_left(world: World, town: Town):
    """After a school year of mergers the admin says so once."""
    look(world)
    town.pupils = town.pupils[:20]
    assert "fewer" == look(world).fault
    assert ("", 20) == ((told := roster.sync(world.door, fewer_is_right=True)).fault, told.pupils)
    assert "" == look(world).fault


def test_the_check_counts_against_the_last_good_look(world: World, town: Town):
    """The doctor's line: how many now, how many then."""
    assert [] == [one.text for one in roster.check(world.door) if not one.ok]
    look(world)
    town.pupils = town.pupils[:20]
    found = [one.text for one in roster.check(world.door) if not one.ok]
    assert [
        "20 pupils now, 42 at the last good look. Did so many leave? 'meldcode roster sync --fewer-is-right'."
    ] == found


def test_the_check_of_a_system_without_a_list_says_what_that_means(world: World, town: Town):
    """A Flask host without ``pupils``: one pupil and the staff are tried, and there is no daily look."""
    world.door.source = Listless(town.pupils)
    found = roster.check(world.door)
    assert [True] * 4 == [one.ok for one in found]
    assert "One pupil, asked alone" in found[1].text
    assert found[3].text.startswith("This adapter can not list the school")


def test_a_question_is_answered_once_and_by_who_handles_the_case(world: World, town: Town):
    """Not by a teacher, not by who is kept away, not for another case, not twice."""
    case_id, other = record(world, "1"), record(world, "2")
    look(world)
    town.instead(replace(AYA, id="9"), BRAM)
    look(world)
    (notice,) = asked(world, case_id)
    with world.work(world.director) as work:
        people.exclude(work, world.excluded_ib.person_id, "1", "Zij is de tante.")
    wrong = (
        (world.teacher, case_id),
        (world.excluded_ib, case_id),
        (world.other_school_ib, case_id),
        (world.ib, other),
    )
    for viewer, where in wrong:
        with pytest.raises(NotVisible), world.work(viewer) as work:
            roster.answer(work, where, notice.id, agrees=True)
    say(world, case_id, agrees=True)
    with world.work(world.ib) as work, pytest.raises(AlreadyDone):
        roster.answer(work, case_id, notice.id, agrees=False)


def test_what_is_destroyed_is_forgotten(world: World, town: Town):
    """With the last case of a pupil goes all by which it was known."""
    case_id = record(world, "1")
    look(world)
    with world.work(world.ib) as work:
        assert 2 == len(list(work.inner.scalars(sa.select(PupilLink))))
        ledger.destroy(work, work.inner.get_one(Case, case_id), "termijn")
    with world.system() as work:
        assert [] == list(work.inner.scalars(sa.select(PupilLink)))
    assert "" == look(world).fault


def test_no_name_is_kept_outside_a_seal(world: World, town: Town):
    """Neither links, nor notices, nor the outcome of a look hold a word of a child."""
    record(world, "1")
    look(world)
    town.instead(replace(AYA, id="geheim-nummer"), BRAM)
    look(world)
    with world.peek().connect() as connection:
        for table in ("pupil_link", "roster_notice", "roster_sync"):
            rows = connection.execute(sa.select(Base.metadata.tables[f"meldcode_{table}"])).fetchall()
            assert rows
            assert not any(word in repr(rows) for word in ("Benali", "geheim-nummer", "ll-1", "2019-01-14"))


def test_every_change_has_its_words():
    """Each kind says what was seen, what it asks and what can be answered."""
    for sentences in (SENTENCES, WHAT_NOW, YES):
        assert set(Change) == set(sentences)
    assert set(NO) == {Change.NEW_NUMBER, Change.SAME_CHILD, Change.GUARDIAN}
