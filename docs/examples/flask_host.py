"""A whole student information system in Flask, as small as one can be, with the meldcode inside it.

It holds its own models and four functions that tell the plugin who the pupils are. ``docs/embed.md`` walks through
it, and a test runs it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from meldcode_plugin import Meldcode, sis


class Base(DeclarativeBase):
    """The host's own tables."""


db = SQLAlchemy(model_class=Base)


class Parent(Base):
    """A parent of one pupil."""

    __tablename__ = "parent"
    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupil.id"))
    name: Mapped[str]
    email: Mapped[str | None]


class Pupil(Base):
    """A pupil."""

    __tablename__ = "pupil"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str]
    name: Mapped[str]
    born: Mapped[date | None]
    group: Mapped[str | None]
    parents: Mapped[list[Parent]] = relationship(order_by=Parent.id)


class Teacher(Base):
    """Somebody who works at the school."""

    __tablename__ = "teacher"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    left: Mapped[bool] = mapped_column(default=False)


# --- what the plugin asks: plain data, no models -----------------------------------------------------


def _told(pupil: Pupil) -> sis.Pupil:
    parents = tuple(sis.Guardian(one.name, one.email) for one in pupil.parents)
    ids = (sis.OtherId("leerlingnummer", pupil.number),)
    return sis.Pupil(str(pupil.id), pupil.name, pupil.born, pupil.group, parents, ids)


DIGITS = 9
"""As many digits as fit in the integer of every database."""


def pupil(pupil_id: str) -> sis.Pupil | None:
    """Return the pupil of this id, or None."""
    is_number = pupil_id.isascii() and pupil_id.isdigit() and len(pupil_id) <= DIGITS
    found = db.session.get(Pupil, int(pupil_id)) if is_number else None
    return _told(found) if found else None


def search(words: str, limit: int) -> list[sis.Pupil]:
    """Return pupils by name. ``sis.best`` reads over accents and particles; a large school asks its database first."""
    return sis.best(pupils(), words, limit)


def staff() -> list[sis.StaffMember]:
    """Return everybody who works at the school."""
    return [
        sis.StaffMember(str(one.id), one.name, one.email, active=not one.left)
        for one in db.session.scalars(select(Teacher))
    ]


def pupils() -> list[sis.Pupil]:
    """Return everybody."""
    return [_told(one) for one in db.session.scalars(select(Pupil).order_by(Pupil.id))]


# --- the app -----------------------------------------------------------------------------------------

PAGE = """<h1>{{ pupil.name }}</h1>
<p>{{ pupil.group }}</p>
<a href="/meldcode/leerling/{{ pupil.id }}/signaal" target="_blank" rel="noopener">Signaal vastleggen</a>
"""


def create_app(config: dict[str, Any]) -> Flask:
    """Make the host with the plugin in it; ``config`` holds the MELDCODE_ settings of the school."""
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI="sqlite:///school.sqlite",
        MELDCODE_SOURCE="flaskhost",
        MELDCODE_SOURCE_OPTIONS={"pupil": pupil, "search": search, "staff": staff, "pupils": pupils},
    )
    app.config.update(config)
    db.init_app(app)
    Meldcode(app)
    with app.app_context():
        db.create_all()

    @app.get("/leerling/<int:pupil_id>")
    def pupil_page(pupil_id: int) -> str:
        return render_template_string(PAGE, pupil=db.get_or_404(Pupil, pupil_id))

    return app
