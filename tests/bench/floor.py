"""The floor: a bare Flask view that does the same reads and inserts, without rules, keys or log.

What the product reads for the page itself is read here too: the same rows of the same columns, by as many
questions, in the same order and through the same library. What it reads for a rule (who is kept out, whose case
it is, what an author's role is, how often somebody wrote), for a key or for the log is left out, and so is the
second transaction in which it looks up the sign-in. Every row that is read is shown, and every word of it is
written through a template that escapes it; what stands around the words (menu, forms, a list of contents) is not
asked of a floor, and so the product pays for its pages itself. Everything that is inserted has the size of what
the product inserts: the same columns, indexes and padding, without a cipher.

`logged` is the same floor with one thing more: a line in a log, and for a list a row per dossier, on disk before the
page goes out, without chain or key. It tells how much of the difference is that promise (docs/adr/0032, 0033).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask, redirect, request
from sqlalchemy.orm import Session, registry
from werkzeug.wrappers import Response

from meldcode_plugin.rules.terms import Kind
from meldcode_plugin.services.planning import NEWS
from meldcode_plugin.store.crypto import unpad
from meldcode_plugin.store.rows import CaseRow, EntryRow
from meldcode_plugin.store.work import make_engine
from tests.bench.school import TABLES, bare

ESCAPED = "{{% autoescape true %}}{}{{% endautoescape %}}"
WORKLIST = """<!doctype html><html lang="nl"><title>Werkvoorraad</title><h1>Werkvoorraad</h1>
{% for name, cases in lists.items() %}<h2>{{ name }}</h2><ul>
{% for case, card in cases %}<li><a href="/dossier/{{ case.id }}">{{ card[1] }}</a> {{ card[3] }} {{ case.state }}
{{ case.moved_at.strftime("%d-%m-%Y %H:%M") }} {% if case.waiting %}{{ case.waiting }} nieuw{% endif %}</li>
{% endfor %}</ul>{% endfor %}"""
DOSSIER = """<!doctype html><html lang="nl"><title>Dossier</title><h1>{{ card[1] }}</h1><p>{{ case.state }}</p>
{% for entry, told in entries %}<article><h2>{{ told.signal_kind or entry.kind }}</h2><p>{{ names[entry.author_id] }},
{{ entry.recorded_at.strftime("%d-%m-%Y %H:%M") }}</p><p>{{ told.text }}</p></article>{% endfor %}
{% for one in staff %}<p>{{ one[0] }}</p>{% endfor %}"""
STATES = {"Nieuw": "new_signal", "Wacht op Veilig Thuis": "reported_waiting"}
PAGE = 50
Log = Callable[[Session, Any, str, list[UUID]], None]


def app(config: str) -> Flask:
    """Make the application for the school of this file."""
    return _made(config, lambda *_: None)


def logged(config: str) -> Flask:
    """Make the same application with a log."""
    return _made(config, _log)


def _made(config: str, log: Log) -> Flask:
    known = json.loads(Path(config).read_text())
    made, engine, row = Flask("floor"), make_engine(known["url"]), _classes()
    _add_reading(made, engine, row, UUID(known["school_id"]), log)
    _add_writing(made, engine, row, UUID(known["school_id"]), log)
    return made


def _log(session: Session, who: Any, event: str, cases: list[UUID]) -> None:
    """Write a line, and for a list a row per dossier, by as many statements as the product; its end is locked last."""
    listed = cases if event == "case.listed" else []
    head, line, subject = bare("log_head"), bare("log_line"), bare("log_subject")
    asked = sa.select(head.c.seq).where(head.c.school_id == who.school_id).with_for_update()
    seq = session.execute(asked).scalar_one() + 1
    made = {"id": uuid4(), "school_id": who.school_id, "seq": seq, "at": datetime.now(UTC), "action": "R"}  # noqa: TID251  # a bare view
    made |= {"event": event, "outcome": "ok", "actor_id": who.person_id, "roles": "ib,staff", "system": ""}
    made |= {"sign_in_id": who.id, "case_id": None if listed else cases[0], "mac": bytes(32)}
    made |= {"object_id": None, "object_hash": None}
    session.execute(head.update().where(head.c.school_id == who.school_id), {"seq": seq})
    session.execute(line.insert(), made)
    if listed:
        rows = [{"school_id": who.school_id, "seq": seq, "case_id": case_id} for case_id in listed]
        session.execute(subject.insert(), rows)
    session.commit()


def _classes() -> dict[str, Any]:
    mappers, found = registry(), {}
    for name in TABLES:
        found[name] = type(name, (), {})
        mappers.map_imperatively(found[name], bare(name))
    return found


def _who(session: Session, row: dict[str, Any]) -> Any:
    """Find who is signed in, as any application does: the sign-in, the person, the roles."""
    mark = hashlib.sha256(request.cookies.get("meldcode", "").encode()).digest()
    found = session.scalars(sa.select(row["sign_in"]).where(row["sign_in"].handle_hash == mark)).one()
    session.scalars(sa.select(row["person"]).where(row["person"].id == found.person_id)).one()
    session.scalars(sa.select(row["role_grant"].role).where(row["role_grant"].person_id == found.person_id)).all()
    return found


def _told(cell: bytes) -> Any:
    return json.loads(unpad(cell))


def _columns(model: Any, fields: tuple[str, ...]) -> Any:
    return sa.select(*(getattr(model, name) for name in fields))


def _add_reading(made: Flask, engine: sa.Engine, row: dict[str, Any], school: UUID, log: Log) -> None:
    list_page, dossier_page = (made.jinja_env.from_string(ESCAPED.format(page)) for page in (WORKLIST, DOSSIER))

    @made.get("/werkvoorraad")
    def worklist() -> str:
        with Session(engine) as session:
            who = _who(session, row)
            lists = {name: _listed(session, row["case"], school, state) for name, state in STATES.items()}
            _due(session, row, school)
            session.scalars(sa.select(row["sweep_mark"]).where(row["sweep_mark"].school_id == school)).one_or_none()
            log(session, who, "case.listed", [case.id for cases in lists.values() for case, _ in cases])
            return list_page.render(lists=lists)

    @made.get("/dossier/<uuid:case_id>")
    def dossier(case_id: UUID) -> str:
        with Session(engine) as session:
            who, shown = _who(session, row), _dossier(session, row, case_id)
            log(session, who, "case.read", [case_id])
            return dossier_page.render(**shown)


def _listed(session: Session, case: Any, school: UUID, state: str) -> list[Any]:
    asked = _columns(case, CaseRow._fields).where(case.school_id == school, case.state == state)
    found = session.execute(asked.order_by(case.moved_at.desc(), case.id).limit(PAGE + 1)).all()
    return [(one, _told(one.sealed_pupil)) for one in found[:PAGE]]


def _due(session: Session, row: dict[str, Any], school: UUID) -> list[Any]:
    case, reminder, now = row["case"], row["reminder"], datetime.now(UTC)  # noqa: TID251  # a bare view
    asked = _columns(reminder, ("id", "case_id", "kind", "audience", "due_at")).where(reminder.school_id == school)
    open_now = (reminder.audience == "owner", reminder.state.in_(("waiting", "told")), reminder.due_at <= now)
    kinds = [kind.value for kind in Kind if kind not in NEWS]
    there = sa.select(case.id).where(case.id == reminder.case_id, case.school_id == school).exists()
    found = asked.where(*open_now, reminder.kind.in_(kinds), there).order_by(reminder.due_at, reminder.id)
    return list(session.execute(found.limit(200)))


def _dossier(session: Session, row: dict[str, Any], case_id: UUID) -> dict[str, Any]:
    case, entry, person, offer = row["case"], row["entry"], row["person"], row["succession"]
    held = session.scalars(sa.select(case).where(case.id == case_id)).one()
    for beside in (row["reminder"], row["attachment"]):
        session.scalars(sa.select(beside).where(beside.case_id == case_id)).all()
    session.scalars(sa.select(offer).where(offer.case_id == case_id).order_by(offer.offered_at.desc())).first()
    asked = _columns(entry, EntryRow._fields).where(entry.case_id == case_id)
    found = session.execute(asked.order_by(entry.seq)).all()
    authors = _columns(person, ("id", "sealed")).where(person.id.in_({one.author_id for one in found}))
    names = {one.id: _told(one.sealed)[0] for one in session.execute(authors)}
    staff = [_told(one.sealed) for one in session.execute(_columns(person, ("id", "sealed", "active")))]
    told = [(one, _told(one.sealed)) for one in found]
    return {"case": held, "card": _told(held.sealed_pupil), "entries": told, "names": names, "staff": staff}


def _add_writing(made: Flask, engine: sa.Engine, row: dict[str, Any], school: UUID, log: Log) -> None:
    case, entry, submission, draft, upload = (row[name] for name in ("case", "entry", "submission", "draft", "upload"))

    @made.post("/leerling/<pupil>/signaal")
    def record(pupil: str) -> Response:
        now, key, form = datetime.now(UTC), UUID(request.form["key"]), request.form  # noqa: TID251  # a bare view
        index = hashlib.sha256(pupil.encode()).digest()[:16]
        with Session(engine) as session:
            who = _who(session, row)
            for kept in (submission, draft):
                session.scalars(sa.select(kept).where(*_own(kept, who, key))).one_or_none()
            theirs = (case.school_id == school, case.pupil_index == index)
            held = session.scalars(sa.select(case).where(*theirs).with_for_update()).first()
            if held is None:
                held = _row(case, school, pupil_index=index, sealed_pupil=_cell([pupil, pupil]), opened_at=now)
                held.state, held.code_version, held.acute, held.head_mac = "new_signal", 1, False, bytes(32)
                held.waiting = held.head_seq = 0
                session.add(held)
            held.head_seq, held.waiting, held.moved_at = held.head_seq + 1, held.waiting + 1, now
            made_now = _row(entry, school, case_id=held.id, seq=held.head_seq, kind="signal", author_id=who.person_id)
            made_now.recorded_by, made_now.recorded_at, made_now.sealed = who.person_id, now, _cell(dict(form))
            made_now.acute, made_now.waits, made_now.payload_hash, made_now.mac = False, True, bytes(32), bytes(32)
            session.add(made_now)
            session.scalars(sa.select(upload).where(*_own(upload, who, key))).all()
            receipt = {"key": key, "body_mac": bytes(32), "sealed": _cell([]), "sent_at": now}
            session.add(_row(submission, school, person_id=who.person_id, **receipt))
            asked = [f"{made_now.id}:{number}" for number in range(4)]
            reminder = row["reminder"]
            planned = sa.select(reminder.dedup_key).where(reminder.school_id == school)
            session.scalars(planned.where(reminder.dedup_key.in_(asked))).all()
            session.add_all(_reminder(reminder, school, held.id, name) for name in asked)
            log(session, who, "signal.recorded", [held.id])
            session.commit()
        return redirect(f"/vastgelegd/{key}", 303)


def _own(model: Any, who: Any, key: UUID) -> tuple[Any, ...]:
    """Tell of a row whether it is of this form of this person, in the order of its index."""
    return model.school_id == who.school_id, model.person_id == who.person_id, model.key == key


def _reminder(model: Any, school: UUID, case_id: UUID, name: str) -> Any:
    now = datetime.now(UTC)  # noqa: TID251  # a bare view
    made = _row(model, school, case_id=case_id, kind="signal_new", audience="owner", acute=False, due_at=now)
    made.dedup_key, made.state, made.touched_at = name, "waiting", now
    return made


def _row(model: Any, school: UUID, **values: Any) -> Any:
    made = model()
    for name, value in {"id": uuid4(), "school_id": school, **values}.items():
        setattr(made, name, value)
    return made


def _cell(value: Any) -> bytes:
    plain = json.dumps(value).encode()
    return len(plain).to_bytes(4, "big") + plain + bytes(-(len(plain) + 4) % 256)
