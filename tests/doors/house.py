"""One school with a dossier in every state, its real application, and everybody signed in; it knows no expectation."""

from __future__ import annotations

import hmac
import io
import re
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from PIL import Image
from werkzeug.test import TestResponse

from meldcode_plugin import Meldcode
from meldcode_plugin.rules.entries import Closed, Decision
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.roster import Change
from meldcode_plugin.services import (
    attachments,
    cases,
    clocks,
    drafts,
    launches,
    packages_build,
    packages_handover,
    people,
    signals,
    signins,
    steps,
    training,
)
from meldcode_plugin.services.door import Door
from meldcode_plugin.services.launches import Clicked
from meldcode_plugin.services.signins import Account
from meldcode_plugin.sis import Pupil
from meldcode_plugin.store import ledger, rosters
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.people import Exclusion, Person
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.store.models.training import Training
from meldcode_plugin.store.work import Work
from tests.packing import ask
from tests.world import ISSUER, World

COOKIE = "meldcode"
AROUND = ("offer", "number", "share", "link", "sibling", "glass", "line")
"""Ids of what stands around a dossier."""
MOTHER = "karima.benali@thuis.example"
"""Guardian of Aya in the school's own system, and here also a member of staff."""
CLOSED = Closed(reason="geen_vermoeden", explanation="Er was niets aan de hand.", parents="yes")
STATES = ("new", "running", "closed", "destroyed")
LAUNCHER = "https://sis.wilgenhof.example"
CHANGING = re.compile(
    rb'name="csrf_token" value="[^"]*"|nonce="[^"]*"|data-csrf="[^"]*"|name="key" value="[^"]*"|[?;]key=[\w-]*'
)


@dataclass
class House:
    """The application as a browser meets it. ``ids`` fills the addresses in; ``handles`` are the cookies."""

    world: World
    app: Flask
    other_app: Flask
    ids: dict[str, str] = field(default_factory=dict)
    handles: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Path] = field(default_factory=dict)
    people: dict[str, Viewer] = field(default_factory=dict)

    @property
    def door(self) -> Door:
        """The door of the school's own application."""
        found: Door = self.app.extensions["meldcode"]
        return found

    def app_of(self, subject: str) -> Flask:
        """Return the application that somebody uses: that of their own school."""
        return self.other_app if subject.startswith("other_school") else self.app

    def csrf(self, subject: str) -> str:
        """Return the token that the forms of this person carry."""
        return hmac.digest(self.handles.get(subject, "").encode(), b"meldcode form", "sha256").hex()

    def ask(
        self, subject: str, method: str, path: str, data: Mapping[str, Any] | None = None, **options: Any
    ) -> TestResponse:
        """Send one request as somebody would from a page of ours; ``csrf=None`` leaves the token out.

        A form that is opened without a key is asked again at the address that has one, as a browser does.
        """
        token = options.pop("csrf", self.csrf(subject))
        headers = dict(options.pop("headers", {}))
        if handle := self.handles.get(subject):
            headers["Cookie"] = f"{COOKIE}={handle}"
        form = dict(data or {})
        if method == "POST" and token is not None:
            form["csrf_token"] = token
        client = self.app_of(subject).test_client(use_cookies=False)
        sent: dict[str, Any] = {"method": method, "data": form or None, "headers": headers, "buffered": True} | options
        answer = client.open(path, **sent)
        keyed = (
            method == "GET"
            and answer.status_code == 303
            and answer.location.startswith((f"{path}?key=", f"{path}&key="))
        )
        return client.open(answer.location, **sent) if keyed else answer

    def path(self, rule: str, **other: str) -> str:
        """Return the address of a rule with the ids of this house, or others, filled in."""
        values = self.ids | other
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule)

    # --- states ------------------------------------------------------------------------------------

    def keep(self, name: str) -> None:
        """Keep the database and the files as they are now."""
        place = self.world.folder / f"kept-{name}"
        place.mkdir()
        with sqlite3.connect(self._file()) as live, sqlite3.connect(place / "database") as copy:
            live.backup(copy)
        shutil.copytree(self.world.folder / "blobs", place / "blobs")
        self.kept[name] = place

    def back_to(self, name: str) -> None:
        """Put the database and the files back as they were."""
        for app in (self.app, self.other_app):
            app.extensions["meldcode"].store.engine.dispose()
        self.world.store.engine.dispose()
        with sqlite3.connect(self.kept[name] / "database") as copy, sqlite3.connect(self._file()) as live:
            copy.backup(live)
        blobs = self.world.folder / "blobs"
        shutil.rmtree(blobs)
        shutil.copytree(self.kept[name] / "blobs", blobs)

    def _file(self) -> str:
        return str(sa.make_url(self.world.database.url).database)

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table, but for log lines and the marks of being seen."""
        engine = self.world.peek()
        tables = sa.MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            found = {
                name: sorted(map(tuple, connection.execute(sa.select(*_lasting(table)))), key=repr)
                for name, table in tables.tables.items()
                if not name.startswith("meldcode_log_")
            }
        engine.dispose()
        return found


def _lasting(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column.name != "last_seen"]


def bare(answer: TestResponse) -> bytes:
    """Return the body without what differs for everybody every time: form tokens, nonces and fresh form keys."""
    return CHANGING.sub(b"", answer.get_data())


def heads(answer: TestResponse) -> list[tuple[str, str]]:
    """Return the headers without the moment and the nonce."""
    return sorted((name, re.sub(r"nonce-[\w-]+", "", text)) for name, text in answer.headers if name != "Date")


# --- building it -----------------------------------------------------------------------------------


def make_house(world: World, issuer: str, *, with_file: bool = True) -> House:
    """Build the applications, sign everybody in, and put one signal about Aya in a dossier (or do not)."""
    apps = (_app(world, "99ZZ00", issuer), _app(world, "98YY00", issuer))
    house = House(world, *apps)
    _sign_everybody_in(house)
    _propose(house)
    _launch(house)
    _begin_draft(house)
    if with_file:
        _record(house)
    return house


def _app(world: World, school: str, issuer: str) -> Flask:
    app = Flask("meldcode_plugin", static_folder=None)
    folder = world.folder
    app.config |= {
        "MELDCODE_SCHOOL": school,
        "MELDCODE_PUBLIC_URL": "http://localhost",
        "MELDCODE_DATABASE_URL": world.database.url,
        "MELDCODE_OIDC_ISSUER": issuer,
        "MELDCODE_OIDC_CLIENT_ID": "meldcode",
        "MELDCODE_OIDC_CLIENT_SECRET": "geheim",
        "MELDCODE_KEY_FILE": folder / "root.key",
        "MELDCODE_BLOB_DIR": folder / "blobs",
        "MELDCODE_LAUNCH_ISSUER": LAUNCHER,
        "MELDCODE_LAUNCH_SECRET": "a launch secret of thirty-two bytes or more",
    }
    Meldcode().init_app(app, clock=world.clock)
    return app


def _sign_everybody_in(house: House) -> None:
    world = house.world
    house.people = {
        "teacher": world.colleague,
        "reporter": world.teacher,
        "ib": world.ib,
        "excluded_ib": world.excluded_ib,
        "parent_ib": world.enrol("parent_ib", "Karima Benali", Role.IB, email=MOTHER),
        "af": world.af,
        "af_deputy": world.enrol("af_deputy", "Dirk Plaats", Role.AF, email="dirk@wilgenhof.example"),
        "director": world.director,
        "director_informed": world.director,
        "board": world.board,
        "fg": world.fg,
        "admin": world.admin,
        "former": world.enrol("former", "Vera Weg", Role.IB, email="vera@wilgenhof.example"),
        "other_school_ib": world.other_school_ib,
    }
    for subject, viewer in house.people.items():
        house.handles[subject] = sign_in(house, subject, viewer)
    with world.system() as work:
        work.inner.get_one(Person, house.people["former"].person_id).active = False


def sign_in(house: House, subject: str, viewer: Viewer) -> str:
    """Sign a person in afresh and return the handle that the browser holds."""
    name = next((key for key in vars(house.world) if getattr(house.world, key) is viewer), subject)
    account = Account(ISSUER, name, viewer.name, viewer.email, auth_time=int(house.world.clock().timestamp()))
    with house.app_of(subject).extensions["meldcode"].system("sign-in") as work:
        handle = signins.start(work, account)
    assert handle is not None
    return handle


def _propose(house: House) -> None:
    world = house.world
    with world.work(world.director) as work:
        house.ids["grant"] = str(people.propose_role(work, world.colleague.person_id, Role.FG))
    house.ids["person"] = str(world.colleague.person_id)
    with world.work(world.director) as work:
        training.record(work, {world.teacher.person_id}, "training", world.clock().date())
    with world.system() as work:
        house.ids["row"] = str(work.inner.scalars(sa.select(Training.id)).one())
        row = work.inner.scalars(sa.select(Exclusion)).first()
        assert row is not None
        house.ids["exclusion"] = str(row.id)


def _launch(house: House) -> None:
    world = house.world
    clicked = Clicked(LAUNCHER, "", world.teacher.email, Pupil("2601", "Aya Benali", None, None))
    with house.door.system("launch") as work:
        handle = launches.keep(work, clicked, "once", world.clock() + timedelta(minutes=1))
    house.ids["handle"] = str(handle)


def _begin_draft(house: House) -> None:
    world, key = house.world, uuid4()
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, {"fact-on": "y", "fact-text": "Halve zin"})
    house.ids |= {"key": str(key), "pupil_id": "2601", "anything": "bestaat-niet", "filename": "meldcode.css"}
    house.ids["name"] = "overleg"
    house.ids["variant"] = "advies"
    with world.system() as work:
        clocks.lay_down_dates(work)
    with world.system() as work:
        asked = sa.select(Reminder.id).where(Reminder.case_id.is_(None), Reminder.audience == "owner")
        house.ids["term"] = str(work.inner.scalars(asked.order_by(Reminder.due_at)).first())
    for names in (("case", "entry", "attachment", "receipt", "decision", "notice"), ("package", "handover"), AROUND):
        house.ids |= dict.fromkeys(names, str(uuid4()))


def picture() -> io.BytesIO:
    """Return a small real picture."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(stream, "PNG")
    stream.seek(0)
    return stream


def _record(house: House) -> None:
    world, key = house.world, uuid4()
    with attachments.receive(house.door, "tekening.png", picture()) as file, world.work(world.teacher) as work:
        attachments.keep(work, key, file)
    made = world.record(world.signal("Zij zegt dat zij niet naar huis durft."), key=key, mails=world.mails_of("2601"))
    case = world.case_of()
    with world.work(world.teacher) as work:
        files = signals.my_signal(work, made.entry_ids[0]).attachments
    house.ids |= {
        "case": str(case),
        "entry": str(made.entry_ids[0]),
        "attachment": str(files[0].id),
        "receipt": str(key),
    }
    change_case(house, deputy_id=house.people["af_deputy"].person_id)
    _pack(house, case)


def _pack(house: House, case: UUID) -> None:
    """Make a package about Aya of which a copy waits to be fetched."""
    world = house.world
    package = ask(world, case, hidden_reporter=True, hidden_ground="Besproken met Veilig Thuis.")
    packages_build.build(house.door, package)
    with world.work(world.ib) as work:
        packages_handover.prepare(work, case, package, uuid4(), packages_handover.Channel.HAND, "Veilig Thuis")
        waiting = packages_handover.lines(work, case, package)
    house.ids |= {"package": str(package), "handover": str(waiting[0].id)}


def _decide(house: House) -> None:
    """Put a decision in the dossier on which nobody has said a word."""
    words = Decision(protect="yes", report="no", help="yes", judgement="Hulp beschermt Aya nu genoeg, vind ik.")
    with house.world.work(house.world.ib) as work:
        case = ledger.locked_case(work, UUID(house.ids["case"]))
        house.ids["decision"] = str(ledger.append(work, case, words, Tag.STEP_ADDED).id)


def _change_roster(house: House) -> None:
    """Let the roster give the pupil of the dossier a new number."""
    said = {"number": "9999", "name": "Aya Benali", "born": "2019-01-14", "group": "Groep 4"}
    with house.world.system() as work:
        case = work.inner.get_one(Case, UUID(house.ids["case"]))
        row = rosters.notice(work, case, Change.NEW_NUMBER.value, b"n" * 16, said)
        house.ids["notice"] = str(row.id)


def seen_seq(house: House) -> int:
    """Return the number of the newest entry, as a page that was just opened holds it."""
    engine = house.world.peek()
    with engine.connect() as connection:
        newest = connection.scalar(sa.select(sa.func.max(Entry.seq)).where(Entry.case_id == UUID(house.ids["case"])))
    engine.dispose()
    return newest or 0


def change_case(house: House, **values: Any) -> None:
    """Set clear columns of the dossier, as acts of a later version will."""
    case_id = UUID(house.ids["case"])
    with house.world.system() as work:
        case = work.inner.get_one(Case, case_id)
        for name, value in values.items():
            setattr(case, name, value)
        work.note(Tag.CASE_READ, case_id, action="U")


def reach_every_state(house: House, surround: Callable[[House], None]) -> None:
    """Take the dossier through its states and keep each, with and without the director being informed."""
    acts: tuple[Callable[[Work, UUID], object], ...] = (
        lambda _, __: None,
        cases.accept,
        lambda work, case: steps.close(work, case, CLOSED),
        lambda work, case: ledger.destroy(work, work.inner.get_one(Case, case), "termijn"),
    )
    _decide(house)
    _change_roster(house)
    surround(house)
    house.keep("base")
    for suffix, moment in (("", None), ("-informed", house.world.clock())):
        house.back_to("base")
        change_case(house, director_informed_at=moment)
        for state, act in zip(STATES, acts, strict=True):
            with house.world.work(house.world.ib) as work:
                act(work, UUID(house.ids["case"]))
            house.keep(state + suffix)
