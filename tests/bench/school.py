"""Fills a database with a school of many dossiers, and beside each table a bare twin with the same rows unsealed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from meldcode_plugin.rules import entries
from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.entries import Closed, Signal, SignalAccepted
from meldcode_plugin.rules.facts import CloseReason, Role, Viewer
from meldcode_plugin.services import people, signins
from meldcode_plugin.services.signins import Account
from meldcode_plugin.store import accesslog, ledger, schools
from meldcode_plugin.store import people as people_store
from meldcode_plugin.store.accesslog import START, Note, Tag
from meldcode_plugin.store.base import Base, new_id
from meldcode_plugin.store.crypto import Ring, digest, new_key, pad
from meldcode_plugin.store.database import measure
from meldcode_plugin.store.keys import RootKeys, new_key_file
from meldcode_plugin.store.ledger import PupilCard
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogHead, LogLine
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.store.work import Store, Work, make_engine, utc_now

ISSUER = "http://localhost:1"
LONG_DOSSIER = 200
COLLEAGUES = 28
BATCH = 1000
WORDS = "Zij zegt dat zij niet naar huis durft en vraagt of zij langer mag blijven. " * 8
TABLES = (
    *("case", "entry", "person", "role_grant", "sign_in", "submission", "reminder", "draft", "attachment"),
    *("upload", "succession", "sweep_mark", "log_line", "log_subject", "log_head"),
)
BARE = sa.MetaData()
"""The twins: the same columns and indexes, and nothing that guards them."""


def bare(name: str) -> sa.Table:
    """Return the bare twin of one of our tables."""
    return BARE.tables[f"bare_{name}"]


def _twin(name: str) -> None:
    ours = Base.metadata.tables[f"meldcode_{name}"]
    columns = [sa.Column(c.name, c.type, primary_key=c.primary_key, nullable=c.nullable) for c in ours.c]
    table = sa.Table(f"bare_{name}", BARE, *columns, sqlite_with_rowid=ours.dialect_options["sqlite"]["with_rowid"])
    uniques = [one for one in ours.constraints if isinstance(one, sa.UniqueConstraint)]
    indexed = [[column.name for column in one.columns] for one in (*ours.indexes, *uniques)]
    for number, names in enumerate(indexed):
        sa.Index(f"ix_bare_{name}_{number}", *(table.c[column] for column in names))


for _name in TABLES:
    _twin(_name)


@dataclass
class School:
    """A filled school: what the two servers need to know."""

    url: str
    folder: Path
    cases: int
    handle: str = ""
    dossier: str = ""
    person: str = ""
    school_id: str = ""
    seconds: float = 0

    def config(self) -> Path:
        """Write down what a server reads at its start."""
        path = self.folder / "bench.json"
        path.write_text(json.dumps({key: str(value) for key, value in vars(self).items()}))
        return path


def fill(url: str, owner_url: str, app_role: str | None, folder: Path, cases: int) -> School:
    """Make the school with its people, its dossiers in every state, one long dossier, and the bare twins."""
    started = utc_now()
    new_key_file(folder / "root.key")
    (folder / "blobs").mkdir()
    store = Store(make_engine(url), RootKeys(folder / "root.key"), folder / "blobs", SchoolCalendar("midden"))
    school_id = schools.add(store, "99ZZ00", "De Wilgenhof")
    ib = _somebody(store, school_id, "ib", "Marijke van Dam", Role.IB)
    teacher = _somebody(store, school_id, "t", "Sanne de Boer", Role.STAFF)
    names = {person_id: name for name, person_id in _colleagues(store, school_id)}
    names |= {viewer.person_id: viewer.name for viewer in (ib, teacher)}
    made = School(url, folder, cases, person=str(ib.person_id), school_id=str(school_id))
    with store.work(Viewer.for_system(school_id, "sign-in")) as work:
        handle = signins.start(work, Account(ISSUER, "ib", ib.name, ib.email))
    made.handle = str(handle)
    engine = make_engine(owner_url)
    BARE.create_all(engine)
    if app_role:
        _grant(engine, app_role)
    with store.work(ib) as work:
        loader = Loader(work, engine, teacher.person_id)
        made.dossier = str(loader.load(cases))
    _copy_small(engine, names)
    measure(engine)
    if app_role:
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    store.engine.dispose()
    made.seconds = (utc_now() - started).total_seconds()
    return made


def _grant(engine: sa.Engine, role: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")


def _somebody(store: Store, school_id: UUID, subject: str, name: str, role: Role) -> Viewer:
    with store.work(Viewer.for_system(school_id, "school add")) as work:
        person = people.enrol(work, ISSUER, subject, name, f"{subject}@school.example")
        people_store.add_grant(work, person, role, confirmed_by=person)
    return Viewer(school_id, person, frozenset({Role.STAFF, role}), name=name)


def _colleagues(store: Store, school_id: UUID) -> list[tuple[str, UUID]]:
    """Enrol the others who work here: who takes up a first signal chooses from all of them."""
    with store.work(Viewer.for_system(school_id, "school add")) as work:
        names = [f"Collega {number}" for number in range(COLLEAGUES)]
        return [
            (name, people.enrol(work, ISSUER, name, name, f"{number}@school.example"))
            for number, name in enumerate(names)
        ]


def _copy_small(engine: sa.Engine, names: dict[UUID, str]) -> None:
    """Give the twins the people, their names unsealed, the sign-in, and the end of the log."""
    with engine.begin() as connection:
        for name in ("person", "role_grant", "sign_in", "log_head"):
            rows = connection.execute(sa.select(Base.metadata.tables[f"meldcode_{name}"])).mappings().all()
            plain = [_unsealed(dict(row), names) if name == "person" else dict(row) for row in rows]
            connection.execute(bare(name).insert(), plain)


def _unsealed(person: dict[str, Any], names: dict[UUID, str]) -> dict[str, Any]:
    return person | {"sealed": pad(json.dumps([names[person["id"]], "naam@school.example"]).encode())}


@dataclass
class Loader:
    """Makes rows as the ledger would, chained and sealed, and puts them in by the thousand."""

    work: Work
    engine: sa.Engine
    teacher: UUID
    rows: dict[sa.Table, list[dict[str, Any]]] = field(default_factory=dict)
    seq: int = 0
    mac: bytes = START

    def load(self, cases: int) -> UUID:
        """Load that many cases and the long one; return the id of the long one."""
        head = self.work.inner.scalars(sa.select(LogHead)).one()
        self.seq, self.mac = head.seq, head.mac
        start = self.work.now - timedelta(minutes=cases)
        for number in range(cases):
            self._case(number, start + timedelta(minutes=number), _life(number))
            if number % BATCH == BATCH - 1:
                self._flush()
        long = self._case(cases, self.work.now, ["signal"] * LONG_DOSSIER)
        head.seq, head.mac = self.seq, self.mac
        self._flush()
        return long

    def _flush(self) -> None:
        """Write through the transaction of the work: so one writer holds the database."""
        connection = self.work.inner.connection()
        for table, rows in self.rows.items():
            connection.execute(table.insert(), rows)
        self.rows.clear()

    def _add(self, model: Any, row: dict[str, Any], plain: dict[str, Any] | None = None) -> None:
        table: sa.Table = model.__table__
        self.rows.setdefault(table, []).append(row)
        twin = BARE.tables.get(table.name.replace("meldcode_", "bare_"))
        if twin is not None:
            self.rows.setdefault(twin, []).append(row | (plain or {}))

    def _case(self, number: int, moment: datetime, life: list[str]) -> UUID:
        work, case_id, dek = self.work, new_id(), new_key()
        ring, card = Ring("case", {1: dek}), PupilCard(f"p{number}", f"Leerling {number}", None, "Groep 4").to_json()
        row = _columns(Case, id=case_id, school_id=work.school_id, opened_at=moment, moved_at=moment, head_mac=START)
        row |= {"pupil_index": ledger.pupil_index(work, f"p{number}"), "wrapped_key": work.keys.wrap(case_id, 1, dek)}
        row |= {"acute": False, "code_version": 1, "waiting": life.count("signal") - life.count("signal_accepted")}
        row["sealed_pupil"] = ring.seal(card, work.school_id.bytes, case_id.bytes, "pupil")
        row["state"] = "closed" if "closed" in life else "new_signal" if row["waiting"] else _course(number)
        # the row itself comes before its entries, and is filled in while they are made
        self._add(Case, row, {"sealed_pupil": pad(card)})
        first: UUID | None = None
        for kind in life:
            made = self._entry(row, ring, kind, first if kind == "signal_accepted" else None, moment)
            first = first or made
        self.rows[bare("case")][-1] |= {"head_seq": row["head_seq"], "head_mac": row["head_mac"]}
        for kind in ("signal_new", "signal_unopened"):
            self._reminder(case_id, kind, moment, settled=not row["waiting"])
        return case_id

    def _entry(self, case: dict[str, Any], ring: Ring, kind: str, refers: UUID | None, at: datetime) -> UUID:
        work = self.work
        entry = Entry(id=new_id(), school_id=work.school_id, case_id=case["id"], seq=(case["head_seq"] or 0) + 1)
        entry.kind, entry.author_id, entry.recorded_by = kind, self.teacher, self.teacher
        entry.recorded_at, entry.refers_to, entry.acute, entry.waits = at, refers, False, kind == "signal"
        plain = entries.dump(_payload(kind))
        entry.sealed = ring.seal(plain, *ledger._entry_bound(work.school_id.bytes, case["id"].bytes, entry))
        entry.payload_hash = digest(entry.sealed)
        entry.mac = ledger.mac_of(work, entry, case["head_mac"])
        case["head_seq"], case["head_mac"] = entry.seq, entry.mac
        row = {column.name: getattr(entry, column.name) for column in Entry.__table__.c}
        self._add(Entry, row, {"sealed": pad(plain)})
        self._log(case["id"], entry)
        return entry.id

    def _log(self, case_id: UUID, entry: Entry) -> None:
        note = Note(Tag.SIGNAL_RECORDED, "C", case_id, entry.id, entry.payload_hash)
        line = accesslog._by(self.work) | accesslog._line(note, self.seq + 1)
        line["mac"] = self.work.keys.school("log").mac(*accesslog._canonical(line, self.mac))
        self.seq, self.mac = line["seq"], line["mac"]
        self._add(LogLine, line)

    def _reminder(self, case_id: UUID, kind: str, at: datetime, *, settled: bool) -> None:
        row = _columns(Reminder, id=new_id(), school_id=self.work.school_id, case_id=case_id, kind=kind, due_at=at)
        row |= {"audience": "owner", "acute": False, "dedup_key": f"{case_id}:{kind}", "touched_at": at}
        self._add(Reminder, row | {"state": "settled" if settled else "told"})


def _columns(model: Any, **values: Any) -> dict[str, Any]:
    return dict.fromkeys((column.name for column in model.__table__.c), None) | values


def _life(number: int) -> list[str]:
    """One case in ten is new, two run, the others are closed."""
    return ["signal", "signal_accepted", "closed"][: {0: 1, 1: 2, 2: 2}.get(number % 10, 3)]


def _course(number: int) -> str:
    """Of what runs, one half waits for Veilig Thuis: that stands on the worklist, the other half apart from it."""
    return "reported_waiting" if number % 2 else "step1"


def _payload(kind: str) -> Any:
    if kind == "signal":
        return Signal(bundle=uuid4(), signal_kind="fact", text=WORDS)
    if kind == "closed":
        return Closed(reason=CloseReason.NO_SUSPICION, explanation=WORDS[:300])
    return SignalAccepted()
