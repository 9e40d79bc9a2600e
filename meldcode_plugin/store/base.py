"""The ground of every table: own metadata, own names, the mark Guarded; it knows no table itself."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PREFIX = "meldcode_"
_LOW = (1 << 62) - 1


class Base(DeclarativeBase):
    """Own registry and metadata: a host's models and ours never meet."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC; a value without a zone is refused, SQLite's answer gets its zone back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Return the moment in UTC, as both databases store it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002  # SQLAlchemy's
        """Return the stored moment with its zone."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def new_id() -> UUID:
    """Return a random id whose first 48 bits are the time (UUID version 7, RFC 9562)."""
    stamp, chance = time.time_ns() // 1_000_000, secrets.randbits(74)
    number = (stamp << 80) | (7 << 76) | (chance >> 62 << 64) | (2 << 62) | (chance & _LOW)
    return UUID(int=number)


class Guarded:
    """A table that needs a rule in `store.visibility.RULES`, or the application does not start."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    school_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_school.id"), index=True)


class CaseScoped(Guarded):
    """A guarded table whose rows belong to one case: a change needs a line in the access log."""

    case_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_case.id"), index=True)
