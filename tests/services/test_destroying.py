"""Destroying a dossier: two people, a reason, a term that counts from leaving school; what remains names no child."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from meldcode_plugin.errors import AlreadyDone, NotAllowed, NotVisible, SecondPersonNeeded, StepRefused
from meldcode_plugin.rules.entries import Basis, DestructionProposed, DirectorInformed, ParentStatement, Snoozed
from meldcode_plugin.services import (
    attachments,
    break_glass,
    cases,
    circle,
    destroying,
    installation,
    packages_build,
    shares,
    steps,
)
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.store import blobs
from meldcode_plugin.store.models.circle import Share, Succession
from meldcode_plugin.store.models.people import Exclusion
from meldcode_plugin.store.models.reminders import Reminder
from tests.packing import ask, case_with
from tests.world import World

WHY = "De school hoeft dit niet langer te bewaren."
LEFT = date(2026, 7, 10)


def wanted(basis: Basis = Basis.REQUEST, left_on: date | None = None) -> DestructionProposed:
    """Return a proposal."""
    return DestructionProposed(basis=basis, left_on=left_on, reason=WHY)


def closed(world: World, reason: str = "ongegrond") -> UUID:
    """Return a closed case with a file, of which the director knows."""
    case = case_with(world)
    with world.work(world.ib) as work:
        steps.add(work, case, DirectorInformed(told_on=date(2026, 11, 23)))
    world.close(case, reason)
    return case


def propose(world: World, case: UUID, proposal: DestructionProposed | None = None) -> UUID:
    """Let the director propose it; return the proposal as the IB-er finds it."""
    with world.work(world.director) as work:
        destroying.propose(work, case, proposal or wanted())
    with world.work(world.ib) as work:
        found = destroying.page(work, case).proposal
    assert found is not None
    return found.id


def destroy(world: World, case: UUID, proposal: UUID) -> None:
    """Let the IB-er decide."""
    with world.work(world.ib) as work:
        destroying.destroy(work, case, proposal)
    destroying.carry_on(world.door)


def refused(world: World, case: UUID, proposal: DestructionProposed) -> list[str]:
    """Return the sentences with which a proposal is refused."""
    with pytest.raises(StepRefused) as why, world.work(world.director) as work:
        destroying.propose(work, case, proposal)
    return [no.sentence for no in why.value.refusals]


def test_two_people_destroy_a_dossier(world: World):
    """Nothing of it is found any more, by anybody; the ledger names the two who did it, and no child."""
    case = closed(world)
    destroy(world, case, propose(world, case))
    for viewer in (world.ib, world.director, world.board, world.teacher):
        with pytest.raises((NotVisible, NotAllowed)), world.work(viewer) as work:
            cases.dossier(work, case)
    with world.work(world.fg) as work:
        (line,) = destroying.destroyed(work)
    assert (line.case_id, line.basis, line.proposed_by, line.destroyed_by) == (
        *(case, "verzoek"),
        *("Ruud Jansma", "Marijke van Dam"),
    )


def test_its_files_and_packages_leave_the_disk(world: World):
    """What was attached and what was built is no file any more."""
    case = closed(world)
    attachments.listen(world.door)
    home = blobs.folder(world.door.store.blob_dir, world.school_id)
    package = ask(world, case)
    packages_build.build(world.door, package)
    before = len(list(home.iterdir()))
    destroy(world, case, propose(world, case))
    assert (before > 2, list(home.iterdir())) == (True, [])


def test_what_was_said_of_it_under_the_key_of_the_school_goes_too(world: World):
    """Why somebody is kept out, what a successor was told and what a reader was asked: no row is left."""
    case = case_with(world)
    last = date(2026, 12, 1)
    asked = NewShare(world.colleague.person_id, "zorgteam", "Wat zie jij bij Aya?", last, None)
    with world.work(world.ib) as work:
        steps.add(work, case, DirectorInformed(told_on=date(2026, 11, 23)))
        shares.share(work, case, asked)
        circle.keep_out(work, case, world.parent.person_id, "Zij is een vriendin van Aya's moeder.")
        circle.hand_over(work, case, world.second_ib.person_id, "Aya is vaak ziek.")
    world.close(case)
    before = rows_of(world, case)
    destroy(world, case, propose(world, case))
    assert (min(before), max(rows_of(world, case))) == (1, 0)


def rows_of(world: World, case: UUID) -> list[int]:
    """Return how many rows each table keeps of a case under the key of the school."""
    count = sa.func.count()
    with world.peek().connect() as connection:
        tables = (table.__table__ for table in (Share, Succession, Exclusion))
        return [connection.scalar(sa.select(count).select_from(t).where(t.c.case_id == case)) or 0 for t in tables]


def test_nothing_is_asked_of_it_any_more(world: World):
    """Its reminders end with it."""
    case = closed(world)
    destroy(world, case, propose(world, case))
    with world.system() as work:
        states = set(work.inner.scalars(sa.select(Reminder.state).where(Reminder.case_id == case)))
    assert states == {"settled"}


def test_the_ledger_beside_the_backups_knows_at_once(world: World, tmp_path):
    """A restore of an older backup must not bring it back, also when nobody ran the upkeep."""
    world.door.settings = world.door.settings.model_copy(update={"backup_dir": tmp_path / "backups"})
    case = closed(world)
    destroy(world, case, propose(world, case))
    (line,) = (tmp_path / "backups" / "99ZZ00-destroyed.jsonl").read_text().splitlines()
    assert str(case) in json.dumps(json.loads(line))


def test_who_proposed_does_not_decide(world: World):
    """Not even with the rights for both; and the dossier stands."""
    case = closed(world)
    proposal = propose(world, case)
    with pytest.raises(SecondPersonNeeded), world.work(world.director) as work:
        destroying.destroy(work, case, proposal)
    with world.work(world.director) as work:
        assert not destroying.page(work, case).may_decide


def test_an_ib_er_does_not_propose(world: World):
    """Who handles dossiers does not take one away (domain 5.1)."""
    case = closed(world)
    with pytest.raises(NotAllowed), world.work(world.ib) as work:
        destroying.propose(work, case, wanted())


def test_what_comes_after_a_proposal_ends_it(world: World):
    """Parents say something, or somebody opens it again: then nobody can carry out what was proposed before."""
    case = closed(world)
    proposal = propose(world, case)
    with world.work(world.ib) as work:
        steps.add(
            work,
            case,
            ParentStatement(by="Moeder", received_on=date(2026, 11, 23), text="Wij willen dit graag bewaren."),
        )
    with pytest.raises(AlreadyDone), world.work(world.ib) as work:
        destroying.destroy(work, case, proposal)


def test_a_new_signal_ends_a_proposal(world: World):
    """A teacher sees something: the dossier is open again, and stays."""
    case = closed(world)
    proposal = propose(world, case)
    world.record()
    with pytest.raises(StepRefused), world.work(world.ib) as work:
        destroying.destroy(work, case, proposal)


def test_what_runs_is_not_destroyed(world: World):
    """A case must be closed first, whoever asks."""
    world.record()
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
        steps.add(work, case, DirectorInformed(told_on=date(2026, 11, 23)))
    assert refused(world, case, wanted()) == ["Dit dossier is niet gesloten. Sluit het eerst."]


def test_the_term_counts_from_the_day_the_child_left_school(world: World):
    """Two years to the day after leaving, however long ago the dossier was closed; without that day not at all."""
    case = closed(world)
    world.clock.moment = world.clock.moment.replace(year=2028, month=7, day=9)
    term = wanted(Basis.TERM, LEFT)
    early, unknown = refused(world, case, term), refused(world, case, wanted(Basis.TERM))
    world.clock.forward(days=1)
    destroy(world, case, propose(world, case, term))
    assert (early, unknown) == (
        ["De bewaartermijn loopt nog. Die telt vanaf de dag dat het kind van school ging."],
        ["Vul in wanneer het kind van school ging. De dag kan niet in de toekomst liggen."],
    )


def test_a_refuted_suspicion_goes_a_year_after_closing(world: World):
    """Not a day earlier; and not when the case was closed for another reason."""
    case = closed(world)
    world.clock.forward(days=364)
    early = refused(world, case, wanted(Basis.REFUTED))
    world.clock.forward(days=1)
    destroy(world, case, propose(world, case, wanted(Basis.REFUTED)))
    assert early == ["Dit dossier is nog niet lang genoeg gesloten."]


def test_the_year_counts_from_the_day_on_the_wall_of_the_school(world: World):
    """Closed on Tuesday at 00.30, when in Greenwich it is still Monday: the year is over on the Tuesday's date."""
    world.clock.moment = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    case = closed(world)
    world.clock.moment = datetime(2027, 11, 23, 22, 59, tzinfo=UTC)
    early = refused(world, case, wanted(Basis.REFUTED))
    world.clock.forward(minutes=1)
    destroy(world, case, propose(world, case, wanted(Basis.REFUTED)))
    assert early == ["Dit dossier is nog niet lang genoeg gesloten."]


def test_only_a_refuted_suspicion_goes_as_refuted(world: World):
    """Closed because there is no suspicion any more is not refuted."""
    case = closed(world, "geen_vermoeden")
    world.clock.forward(days=400)
    assert refused(world, case, wanted(Basis.REFUTED)) == [
        "Dit dossier is niet gesloten omdat het vermoeden is weerlegd."
    ]


def test_what_somebody_decided_to_keep_stays_until_that_day(world: World):
    """A complaint runs: kept for a year at most with the reason, also past the term; then it can go."""
    case = closed(world)
    until = date(2026, 11, 23) + timedelta(days=200)
    with world.work(world.ib) as work:
        keep = Snoozed(what="retention_refuted", until=until, reason="Er loopt een klacht bij de commissie.")
        steps.add(work, case, keep)
    kept = refused(world, case, wanted())
    world.clock.forward(days=200)
    destroy(world, case, propose(world, case))
    assert kept == ["Iemand schreef op waarom dit dossier langer blijft. Die tijd is nog niet om."]


def test_the_entries_keep_their_chain(world: World):
    """What was logged and chained before still proves itself: destroying is an act, and no gap."""
    case = closed(world)
    destroy(world, case, propose(world, case))
    assert installation.verify(world.door, []) == []


@pytest.mark.parametrize("name", ["ib", "af", "teacher", "admin"])
def test_who_does_not_read_the_ledger(world: World, name: str):
    """The proof of destruction is for who answers for it, and who guards the data."""
    with pytest.raises(NotAllowed), world.work(getattr(world, name)) as work:
        destroying.destroyed(work)


def test_who_reads_by_break_glass_destroys_nothing(world: World):
    """A look in an emergency is a look: the board that reads a dossier so can neither propose nor decide."""
    case = closed(world)
    proposal = propose(world, case)
    with world.work(world.board) as work:
        break_glass.break_glass(work, world.pupil.id, "Een ouder belde over dit kind, en niemand is bereikbaar.")
    with world.work(world.board) as work:
        assert cases.dossier(work, case).circle.by_glass
    with pytest.raises(NotVisible), world.work(world.board) as work:
        destroying.page(work, case)
    with pytest.raises(NotVisible), world.work(world.board) as work:
        destroying.propose(work, case, wanted())
    with pytest.raises(NotVisible), world.work(world.board) as work:
        destroying.destroy(work, case, proposal)
    with world.work(world.ib) as work:
        assert destroying.page(work, case).proposal is not None
