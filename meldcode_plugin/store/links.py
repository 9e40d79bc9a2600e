"""By what a pupil is known beside the system's own number, as keyed indexes; what that means the services say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select

from meldcode_plugin.sis import OtherId, plain
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.people import Exclusion
from meldcode_plugin.store.models.roster import PupilLink
from meldcode_plugin.store.work import Work

ID, NUMBER, ABOUT, REFUSED = "id", "number", "about", "refused"

_KNOWN_BY = standing(
    select(PupilLink.pupil_index, PupilLink.what, PupilLink.link_index).where(
        PupilLink.link_index.in_(bindparam("wanted", expanding=True))
    )
)


@dataclass(frozen=True)
class Known:
    """What is known of one pupil, all as indexes: further numbers, ids that stay, name and birth date, refusals."""

    number: frozenset[bytes] = frozenset()
    id: frozenset[bytes] = frozenset()
    about: frozenset[bytes] = frozenset()
    refused: frozenset[bytes] = frozenset()


def id_index(work: Work, other: OtherId) -> bytes:
    """Return the keyed index of an id that stays with a child."""
    return work.keys.school("index").index(work.school_id.bytes, "other", other.kind, other.value)


def about_index(work: Work, name: str, born: date | None) -> bytes | None:
    """Return the keyed index of name and birth date together; None when one of them is unknown."""
    if not plain(name) or born is None:
        return None
    return work.keys.school("index").index(work.school_id.bytes, "about", plain(name), born.isoformat())


def stable(work: Work, others: Iterable[OtherId]) -> set[bytes]:
    """Return the indexes of those ids that may find a pupil again."""
    return {id_index(work, other) for other in others if other.stable and other.value}


def candidates(work: Work, own: bytes, others: Iterable[OtherId], about: bytes | None) -> set[bytes]:
    """Return the pupils, as indexes, that a pupil with this number certainly is too (T10).

    A number that was confirmed counts; an id that stays counts only together with the same name and birth date,
    and not when somebody said that it is another child.
    """
    rows = work.inner.execute(_KNOWN_BY, {"wanted": [own, *stable(work, others)]}).all()
    refused = {row.pupil_index for row in rows if row.what == REFUSED and row.link_index == own}
    numbers = {row.pupil_index for row in rows if row.what == NUMBER and row.link_index == own}
    by_id = {row.pupil_index for row in rows if row.what == ID}
    if by_id and about is not None:
        alike = select(PupilLink.pupil_index).where(PupilLink.pupil_index.in_(by_id), PupilLink.link_index == about)
        numbers |= set(work.inner.scalars(alike.where(PupilLink.what == ABOUT)))
    return numbers - refused - {own}


def anchor(work: Work, own: bytes, others: set[bytes]) -> bytes:
    """Return the index under which a pupil's case is found: its own, or that of one of its `candidates`."""
    if not others:
        return own
    held = set(work.inner.scalars(select(Case.pupil_index).where(Case.pupil_index.in_({own} | others))))
    return own if own in held or len(held) != 1 else held.pop() or own


def known(work: Work) -> dict[bytes, Known]:
    """Return every pupil of a case or an exclusion with what is known of it."""
    found: dict[bytes, dict[str, set[bytes]]] = {index: {} for index in _anchors(work)}
    for row in work.inner.execute(select(PupilLink.pupil_index, PupilLink.what, PupilLink.link_index)):
        found.setdefault(row.pupil_index, {}).setdefault(row.what, set()).add(row.link_index)
    return {index: Known(**{what: frozenset(rows) for what, rows in kinds.items()}) for index, kinds in found.items()}


def _anchors(work: Work) -> set[bytes]:
    cases = work.inner.scalars(select(Case.pupil_index).where(Case.destroyed_at.is_(None)))
    excluded = work.inner.scalars(select(Exclusion.pupil_index).where(Exclusion.rejected_at.is_(None)))
    return {index for index in (*cases, *excluded) if index is not None}


def add(work: Work, pupil: bytes, what: str, index: bytes) -> None:
    """Remember one more thing by which a pupil is known; what is known already is left alone."""
    held = select(PupilLink.id).where(PupilLink.pupil_index == pupil, PupilLink.link_index == index)
    if work.inner.scalar(held.where(PupilLink.what == what)) is not None:
        return
    row = PupilLink(school_id=work.school_id, pupil_index=pupil, link_index=index, what=what, found_at=work.now)
    work.inner.add(row)


def drop(work: Work, pupil: bytes, what: str, index: bytes) -> None:
    """Forget one thing by which a pupil was known."""
    found = select(PupilLink).where(PupilLink.pupil_index == pupil, PupilLink.what == what)
    for row in work.inner.scalars(found.where(PupilLink.link_index == index)):
        work.inner.delete(row)


def forget(work: Work, pupil: bytes) -> None:
    """Forget all by which a pupil was known, when no case is left of it."""
    work.inner.flush()
    if work.inner.scalar(select(Case.id).where(Case.pupil_index == pupil).limit(1)) is None:
        for row in work.inner.scalars(select(PupilLink).where(PupilLink.pupil_index == pupil)):
            work.inner.delete(row)
