"""Makes the kept school of a release: `python -m tests.migrations.make_kept`, once, before its schema is left behind.

It writes ``kept/revision-<n>.backup``, its key and what must be read again. A release whose schema is new gets one.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from meldcode_plugin.rules.entries import Closed, Correction, Decision, FollowUp
from meldcode_plugin.rules.facts import CloseReason, Role
from meldcode_plugin.services import allegations, backups, cases, drafts, people, signals
from meldcode_plugin.services.allegations import NewAllegation
from meldcode_plugin.store import database, ledger
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.work import make_engine
from tests.machine.databases import Database
from tests.services.files import add
from tests.world import World, make_world

WHEN = date(2026, 11, 20)
KEPT = Path(__file__).parent / "kept"


def fill(world: World) -> dict[str, list[str]]:
    """Put something of every kind in the school; return the words that must be read again, by pupil."""
    said: dict[str, list[str]] = {}
    for number, pupil in enumerate(("2601", "2602", "2603", "2604", "2605")):
        key = uuid4()
        add(world, key)
        words = [f"Signaal {number} van {pupil}.", f"Een vermoeden over {pupil}."]
        both = (world.signal(words[0]), world.signal(words[1], "hypothesis"))
        made = world.record(*both, about=world.card(pupil), key=key, mails=world.mails_of(pupil))
        with world.work(world.teacher) as work:
            signals.follow_up(work, made.entry_ids[0], FollowUp(text=f"Vervolg {number}."))
            signals.correct(work, made.entry_ids[1], Correction(text=f"Verbetering {number}.", reason="Typefout."))
        said[pupil] = words
    _handle(world)
    del said["2605"]
    with world.work(world.teacher) as work:
        drafts.save(work, uuid4(), world.pupil, {"fact-on": "y", "fact-text": "half getypt"})
        allegations.record(
            work,
            NewAllegation(key=uuid4(), sexual="no", informed="De directeur", informed_on=WHEN, note="Een gesprek."),
        )
    with world.work(world.director) as work:
        people.propose_role(work, world.colleague.person_id, Role.FG)
    return said


def _handle(world: World) -> None:
    """See all in a list; take up one, decide in one, close one, destroy one."""
    with world.work(world.ib) as work:
        cases.worklist(work)
    acts: dict[str, Callable[..., object]] = {
        "2602": cases.accept,
        "2603": lambda work, case: ledger.append(
            work,
            ledger.locked_case(work, case),
            Decision(protect="no", report="yes", help="no", judgement="Hulp beschermt niet genoeg, vind ik."),
            Tag.STEP_ADDED,
        ),
        "2604": lambda work, case: ledger.append(
            work,
            ledger.locked_case(work, case),
            Closed(reason=CloseReason.NO_SUSPICION, explanation="Er was niets aan de hand."),
            Tag.CASE_CLOSED,
        ),
        "2605": lambda work, case: ledger.destroy(work, work.inner.get_one(Case, case), "termijn"),
    }
    for pupil, act in acts.items():
        case = world.case_of(world.card(pupil))
        with world.work(world.ib) as work:
            act(work, case)


def main() -> None:
    """Make the files."""
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder / 'kept.sqlite'}"
    engine = make_engine(url)
    database.upgrade(engine)
    world = make_world(Database("sqlite", url, url), folder)
    said, name = fill(world), f"revision-{database.current(engine)}"
    KEPT.mkdir(exist_ok=True)
    backups.make(world.door, KEPT / f"{name}.backup")
    shutil.copy(folder / "root.key", KEPT / f"{name}.key")
    with world.peek().connect() as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(Entry))
    people_of = {n: str(getattr(world, n).person_id) for n in ("teacher", "ib", "director", "board")}
    kept = {"school": str(world.school_id), "people": people_of, "said": said, "entries": rows}
    (KEPT / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
