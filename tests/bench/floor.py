"""The floor: a bare Flask view that does the same reads and inserts, without rules, keys or log."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask, redirect, request
from sqlalchemy.orm import Session, registry
from werkzeug.wrappers import Response

from meldcode_plugin.store.crypto import unpad
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
{{ entry.recorded_at.strftime("%d-%m-%Y %H:%M") }}</p><p>{{ told.text }}</p></article>{% endfor %}"""


def app(config: str) -> Flask:
    """Make the application for the school of this file."""
    known = json.loads(Path(config).read_text())
    made, engine, row = Flask("floor"), make_engine(known["url"]), _classes()
    _add_reading(made, engine, row, UUID(known["school_id"]))
    _add_writing(made, engine, row, UUID(known["school_id"]))
    return made


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


def _add_reading(made: Flask, engine: sa.Engine, row: dict[str, Any], school: UUID) -> None:
    case, entry, person = row["case"], row["entry"], row["person"]
    list_page, dossier_page = (made.jinja_env.from_string(ESCAPED.format(page)) for page in (WORKLIST, DOSSIER))

    @made.get("/werkvoorraad")
    def worklist() -> str:
        states = {"Nieuw": ("new_signal",), "Loopt": ("step1", "step2", "step3")}
        with Session(engine) as session:
            _who(session, row)
            lists = {}
            for name, wanted in states.items():
                found = sa.select(case).where(case.school_id == school, case.state.in_(wanted))
                newest = session.scalars(found.order_by(case.moved_at.desc()).limit(50))
                lists[name] = [(one, _told(one.sealed_pupil)) for one in newest]
            return list_page.render(lists=lists)

    @made.get("/dossier/<uuid:case_id>")
    def dossier(case_id: UUID) -> str:
        with Session(engine) as session:
            _who(session, row)
            held = session.scalars(sa.select(case).where(case.id == case_id)).one()
            session.scalars(sa.select(row["reminder"]).where(row["reminder"].case_id == case_id)).all()
            session.scalars(sa.select(row["attachment"]).where(row["attachment"].case_id == case_id)).all()
            found = session.scalars(sa.select(entry).where(entry.case_id == case_id).order_by(entry.seq)).all()
            authors = session.scalars(sa.select(person).where(person.id.in_({one.author_id for one in found})))
            names = {one.id: "Sanne de Boer" for one in authors}
            told = [(one, _told(one.sealed)) for one in found]
            return dossier_page.render(case=held, card=_told(held.sealed_pupil), entries=told, names=names)


def _add_writing(made: Flask, engine: sa.Engine, row: dict[str, Any], school: UUID) -> None:
    case, entry, submission, draft = row["case"], row["entry"], row["submission"], row["draft"]

    @made.post("/leerling/<pupil>/signaal")
    def record(pupil: str) -> Response:
        now, key, form = datetime.now(UTC), UUID(request.form["key"]), request.form  # noqa: TID251  # a bare view
        index = hashlib.sha256(pupil.encode()).digest()[:16]
        with Session(engine) as session, session.begin():
            who = _who(session, row)
            session.scalars(sa.select(submission).where(submission.key == key)).one_or_none()
            session.scalars(sa.select(draft).where(draft.key == key)).one_or_none()
            held = session.scalars(sa.select(case).where(case.pupil_index == index).with_for_update()).first()
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
            receipt = {"key": key, "body_mac": bytes(32), "sealed": _cell([]), "sent_at": now}
            session.add(_row(submission, school, person_id=who.person_id, **receipt))
            session.add_all(_reminder(row["reminder"], school, held.id, made_now.id, number) for number in range(4))
        return redirect(f"/vastgelegd/{key}", 303)


def _reminder(model: Any, school: UUID, case_id: UUID, entry: UUID, number: int) -> Any:
    now = datetime.now(UTC)  # noqa: TID251  # a bare view
    made = _row(model, school, case_id=case_id, kind="signal_new", audience="owner", acute=False, due_at=now)
    made.dedup_key, made.state, made.touched_at = f"{entry}:{number}", "waiting", now
    return made


def _row(model: Any, school: UUID, **values: Any) -> Any:
    made = model()
    for name, value in {"id": uuid4(), "school_id": school, **values}.items():
        setattr(made, name, value)
    return made


def _cell(value: Any) -> bytes:
    plain = json.dumps(value).encode()
    return len(plain).to_bytes(4, "big") + plain + bytes(-(len(plain) + 4) % 256)
