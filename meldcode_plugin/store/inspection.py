"""Compares what is stored with what was written: chains, words, columns and the log. It opens no word."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from meldcode_plugin.store import ledger
from meldcode_plugin.store.accesslog import START
from meldcode_plugin.store.crypto import digest, same
from meldcode_plugin.store.models.attachments import Attachment
from meldcode_plugin.store.models.cases import Case, Destruction
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.log import LogLine
from meldcode_plugin.store.work import Work

REMOVED = "signal_moved_away"
"""The kind of entry that says why the words of another entry are gone."""


def every_case(work: Work) -> list[str]:
    """Inspect every case of the school; return one sentence per fault.

    Cases that only the log still knows are gone, unless the destruction ledger names them; those that
    it names and that are there came back.
    """
    cases = list(work.inner.scalars(select(Case).order_by(Case.id)))
    logged = work.inner.scalars(select(LogLine.case_id).where(LogLine.object_hash.is_not(None)).distinct())
    there, destroyed = {case.id for case in cases}, set(work.inner.scalars(select(Destruction.case_id)))
    faults = [f"Case {gone} is in the log and is gone." for gone in set(logged) - there - destroyed]
    faults += [f"Case {back} was destroyed and is back." for back in there & destroyed]
    for case in cases:
        faults += one_case(work, case)
    return faults


def one_case(work: Work, case: Case) -> list[str]:
    """Inspect one case; return one sentence per fault, an empty list when all is as it was written."""
    entries = list(work.inner.scalars(select(Entry).where(Entry.case_id == case.id).order_by(Entry.seq)))
    faults = _chain(work, case, entries) + _words(entries) + _log(work, case, entries)
    return [f"Case {case.id}: {fault}" for fault in faults + _columns(work, case)]


def _chain(work: Work, case: Case, entries: Sequence[Entry]) -> list[str]:
    faults, previous, expected = [], START, 1
    for entry in entries:
        if entry.seq != expected:
            faults.append(f"entry {expected} is missing.")
        if not same(entry.mac, ledger.mac_of(work, entry, previous)):
            faults.append(f"entry {entry.seq} is not what was written.")
        previous, expected = entry.mac, entry.seq + 1
    if (case.head_seq, case.head_mac) != (expected - 1, previous):
        faults.append(f"it ends at entry {expected - 1}, but its head says otherwise.")
    return faults


def _words(entries: Sequence[Entry]) -> list[str]:
    """Words are those that were sealed, or another entry says that they were taken away."""
    explained = {entry.refers_to for entry in entries if entry.kind == REMOVED}
    faults = []
    for entry in entries:
        if entry.sealed is None and entry.id not in explained:
            faults.append(f"the words of entry {entry.seq} are gone and nothing says why.")
        elif entry.sealed is not None and not same(digest(entry.sealed), entry.payload_hash):
            faults.append(f"the words of entry {entry.seq} were replaced.")
    return faults


def _log(work: Work, case: Case, entries: Sequence[Entry]) -> list[str]:
    """What was added stands in the log with the hash of its words: so a cut tail is seen, head or no head."""
    found = select(LogLine.object_id, LogLine.object_hash).where(
        LogLine.case_id == case.id, LogLine.action == "C", LogLine.object_hash.is_not(None)
    )
    logged: dict[UUID | None, bytes | None] = {row.object_id: row.object_hash for row in work.inner.execute(found)}
    files = {row.id: row for row in work.inner.scalars(select(Attachment).where(Attachment.case_id == case.id))}
    faults = [
        f"entry {entry.seq} is not the one in the log."
        for entry in entries
        if logged.get(entry.id) != entry.payload_hash
    ]
    held = {entry.id for entry in entries} | set(files)
    faults += [f"what the log calls {gone} is gone." for gone in logged if gone not in held]
    return faults + [f"file {row.id} is not the one in the log." for row in files.values() if _swapped(row, logged)]


def _swapped(row: Attachment, logged: dict[UUID | None, bytes | None]) -> bool:
    if row.wrapped_key is None or row.sealed is None:
        return row.removed_at is None
    return logged.get(row.id) != digest(row.wrapped_key + row.sealed)


def _columns(work: Work, case: Case) -> list[str]:
    """The clear columns say no more and no less than the entries do."""
    facts = ledger.facts_of(work, case)
    if (case.state, case.waiting, case.acute) != (facts.state.value, len(facts.unread), facts.acute):
        return ["its state is not what its entries say."]
    return []
