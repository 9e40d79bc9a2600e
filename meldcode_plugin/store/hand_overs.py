"""The rows of hand-overs: which copy of a package waits for whom, and what a person wrote of it. It makes no copy."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from meldcode_plugin.errors import NotVisible
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.base import new_id
from meldcode_plugin.store.crypto import Bound
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.packages import HandOver, Package
from meldcode_plugin.store.work import Work


def _bound(row: HandOver, what: str) -> tuple[Bound, ...]:
    ids = (row.school_id.bytes, row.case_id.bytes, "hand-over", row.id.bytes, row.package_id.bytes)
    return (*ids, what)


def of_package(work: Work, package: Package) -> list[HandOver]:
    """Return the hand-overs of a package, oldest first."""
    found = select(HandOver).where(HandOver.package_id == package.id).order_by(HandOver.number)
    return list(work.session.scalars(found))


def one(work: Work, package: Package, hand_over_id: UUID, *, lock: bool = False) -> HandOver:
    """Return one hand-over of this package, or raise `NotVisible`."""
    found = select(HandOver).where(HandOver.id == hand_over_id, HandOver.package_id == package.id)
    session = work.inner if lock else work.session
    row = session.scalars(found.with_for_update() if lock else found).one_or_none()
    if row is None:
        raise NotVisible
    return row


def prepare(work: Work, case: Case, package: Package, key: UUID, channel: str, words: bytes, phrase: str) -> HandOver:
    """Keep a hand-over that a person is about to do, with the pass-phrase of its copy."""
    row = HandOver(
        id=new_id(),
        school_id=work.school_id,
        case_id=case.id,
        package_id=package.id,
        number=len(of_package(work, package)) + 1,
        key=key,
        person_id=work.viewer.person_id,
        channel=channel,
        prepared_at=work.now,
    )
    write_words(work, case, row, words)
    write_phrase(work, case, row, phrase)
    work.inner.add(row)
    work.inner.flush()
    work.note(Tag.PACKAGE_HANDED_OVER, case.id, row.id, action="C")
    return row


def write_words(work: Work, case: Case, row: HandOver, words: bytes) -> None:
    """Seal to whom, when and under which reference."""
    row.sealed = work.keys.case(case).seal(words, *_bound(row, "words"))


def write_phrase(work: Work, case: Case, row: HandOver, phrase: str) -> None:
    """Seal the pass-phrase, or take it away when it is empty."""
    ring = work.keys.case(case)
    row.sealed_phrase = ring.seal(phrase.encode(), *_bound(row, "phrase")) if phrase else None


def words_of(work: Work, case: Case, row: HandOver) -> bytes:
    """Return to whom, when and under which reference; a read that was noted."""
    work.may_unseal(case.id)
    return work.keys.case(case).unseal(row.sealed, *_bound(row, "words"))


def phrase_of(work: Work, case: Case, row: HandOver) -> str:
    """Return the pass-phrase of the copy that waits; a hand-over that is done has none any more."""
    work.may_unseal(case.id)
    if row.sealed_phrase is None:
        raise NotVisible
    return work.keys.case(case).unseal(row.sealed_phrase, *_bound(row, "phrase")).decode()
