"""Report packages, their recorded steps, files and hand-overs: ids, states and dates in clear, words sealed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from meldcode_plugin.store.base import Base, CaseScoped, Moment

PACKAGE = "meldcode_package.id"


class PackageState(StrEnum):
    """A package waits for a worker, is built under a lease, and ends in one of four ways."""

    REQUESTED = "requested"
    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"


class HandOverState(StrEnum):
    """A hand-over is prepared (a protected copy can be fetched), then done by a person, then confirmed."""

    PREPARED = "prepared"
    HANDED_OVER = "handed_over"
    CONFIRMED = "confirmed"


class Package(CaseScoped, Base):
    """One report package: what was chosen, of the case as it stood at ``head_seq``, and how far its building is.

    ``fence`` grows with every take: a worker that was overtaken can mark nothing any more. ``attempt`` counts
    the takes since the last recorded step; ``last_error`` is a code, ``error_about`` the file that it is about.
    ``seal`` closes all files together; it is there once the package is whole.
    """

    __tablename__ = "meldcode_package"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "number"),
        sa.UniqueConstraint("school_id", "requester_id", "key"),
        sa.Index("ix_meldcode_package_waiting", "school_id", "state", "held_until"),
    )
    number: Mapped[int]
    variant: Mapped[str] = mapped_column(sa.String(10))
    layout: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(10), default=PackageState.REQUESTED.value)
    requester_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"))
    key: Mapped[UUID]
    requested_at: Mapped[datetime] = mapped_column(Moment)
    head_seq: Mapped[int]
    head_mac: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    sealed: Mapped[bytes]
    supplement_to: Mapped[UUID | None] = mapped_column(sa.ForeignKey(PACKAGE))
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    touched_at: Mapped[datetime] = mapped_column(Moment)
    fence: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(sa.String(40), default="")
    error_about: Mapped[UUID | None]
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    seal: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))


class PackageStep(CaseScoped, Base):
    """One step that was done: keyed hashes of what went in and came out, and what later steps must know of it."""

    __tablename__ = "meldcode_package_step"
    __table_args__ = (sa.UniqueConstraint("package_id", "name"),)
    package_id: Mapped[UUID] = mapped_column(sa.ForeignKey(PACKAGE))
    name: Mapped[str] = mapped_column(sa.String(20))
    input_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    output_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    sealed: Mapped[bytes]
    done_at: Mapped[datetime] = mapped_column(Moment)


class PackageFile(CaseScoped, Base):
    """One file of a package, sealed on disk under a key of its own; ``place`` is its order."""

    __tablename__ = "meldcode_package_file"
    __table_args__ = (sa.UniqueConstraint("package_id", "place"),)
    package_id: Mapped[UUID] = mapped_column(sa.ForeignKey(PACKAGE))
    place: Mapped[int]
    role: Mapped[str] = mapped_column(sa.String(12))
    attachment_id: Mapped[UUID | None]
    blob: Mapped[UUID]
    wrapped_key: Mapped[bytes]
    sealed: Mapped[bytes]
    added_at: Mapped[datetime] = mapped_column(Moment)


class HandOver(CaseScoped, Base):
    """One hand-over of one package by a person. Its pass-phrase goes as soon as the hand-over is done."""

    __tablename__ = "meldcode_hand_over"
    __table_args__ = (sa.UniqueConstraint("package_id", "number"), sa.UniqueConstraint("package_id", "key"))
    package_id: Mapped[UUID] = mapped_column(sa.ForeignKey(PACKAGE))
    number: Mapped[int]
    key: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("meldcode_person.id"))
    channel: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(12), default=HandOverState.PREPARED.value)
    sealed: Mapped[bytes]
    sealed_phrase: Mapped[bytes | None]
    prepared_at: Mapped[datetime] = mapped_column(Moment)
    handed_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    report_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("meldcode_entry.id"))
