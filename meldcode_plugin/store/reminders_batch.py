"""What many reminders ask about their cases and the people of the chain, each asked once; it tells nobody."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from meldcode_plugin.rules.deadlines import NEW_SIGNAL, Audience, Kind, chain_from
from meldcode_plugin.rules.facts import Role, State, Viewer
from meldcode_plugin.rules.terms import DUTY, DUTY_OF_SCHOOL, OF_CLOSED, PERSONAL, when
from meldcode_plugin.store import invitations, people
from meldcode_plugin.store.guard import standing
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.models.entries import Entry
from meldcode_plugin.store.models.reminders import Reminder
from meldcode_plugin.store.reminders import parts
from meldcode_plugin.store.visibility import may_see
from meldcode_plugin.store.work import Work

_CASES = standing(
    select(Case.id, Case.state, Case.waiting, Case.moved_at, Case.owner_id, Case.deputy_id).where(
        Case.id.in_(bindparam("ids", expanding=True)), Case.destroyed_at.is_(None)
    )
)


_AUTHORS = standing(select(Entry.id, Entry.author_id).where(Entry.id.in_(bindparam("ids", expanding=True))))
_NOTED = standing(
    select(Entry.refers_to).where(Entry.kind == "follow_up", Entry.refers_to.in_(bindparam("ids", expanding=True)))
)


def anchor(reminder: Reminder) -> UUID:
    """Return the entry that a reminder of one case is about."""
    return UUID(reminder.dedup_key.split("/")[1])


def is_personal(reminder: Reminder) -> bool:
    """Tell whether one person is asked, whatever their role, and nobody instead of them."""
    return reminder.kind in PERSONAL or reminder.audience == Audience.AUTHOR


class Batch:
    """The cases of some reminders and who can be told about them, as they stand in this transaction."""

    def __init__(self, work: Work, reminders: Iterable[Reminder]) -> None:
        """Ask nothing yet."""
        self._work = work
        self._reminders = list(reminders)
        self._ids = {row.case_id for row in self._reminders if row.case_id is not None}
        self._holders: dict[Role, list[UUID]] = {}
        self._mail: dict[UUID, tuple[str, frozenset[Role]]] = {}
        self._open_to: dict[UUID, set[UUID]] = {}

    @cached_property
    def _cases(self) -> dict[UUID, Any]:
        """The cases that were not destroyed, by what of them is clear."""
        return {row.id: row for ids in parts(self._ids) for row in self._work.inner.execute(_CASES, {"ids": ids})}

    @cached_property
    def _asked(self) -> set[UUID]:
        """The hand-overs, shares and drafts behind these reminders of which somebody still is asked something."""
        return invitations.waiting(self._work, (row for row in self._reminders if row.kind in PERSONAL))

    def applies(self, reminder: Reminder) -> bool:
        """Tell whether a reminder still says something, by what of its case is clear; a destroyed case asks nothing."""
        if reminder.kind in PERSONAL and invitations.about(reminder) not in self._asked:
            return False
        if reminder.case_id is None:
            return True
        case = self._cases.get(reminder.case_id)
        if case is None:
            return False
        if reminder.kind in NEW_SIGNAL:
            return bool(case.waiting)
        if reminder.kind in (Kind.FEEDBACK, Kind.GLASS, *PERSONAL):
            return True
        return bool((case.state == State.CLOSED) == (reminder.kind in OF_CLOSED))

    def moved_on(self, reminder: Reminder) -> bool:
        """Set a reminder that nothing happens later when something happened since; tell whether it did.

        So a teacher's signal costs nothing here: only a reminder that falls due looks how the case stands.
        """
        if reminder.kind != Kind.NO_MOVEMENT or reminder.case_id is None or reminder.since is None:
            return False
        work, moved_at = self._work, self._cases[reminder.case_id].moved_at
        if moved_at <= reminder.since:
            return False
        line = work.terms[Kind.NO_MOVEMENT]
        after = next(rung.after for rung in line.rungs if rung.audience == reminder.audience)
        reminder.since, reminder.touched_at = moved_at, work.now
        reminder.due_at = max(reminder.due_at, when(line.unit, moved_at, after, work.calendar))
        still_to_come: datetime = reminder.due_at
        return still_to_come > work.now

    @cached_property
    def _authors(self) -> dict[UUID, UUID]:
        """By entry who wrote it, of what these reminders ask its author; not when it has a later note (R6)."""
        found: dict[UUID, UUID] = {}
        for ids in parts(anchor(row) for row in self._reminders if row.audience == Audience.AUTHOR):
            noted = set(self._work.inner.scalars(_NOTED, {"ids": ids}))
            rows = self._work.inner.execute(_AUTHORS, {"ids": ids})
            found |= {row.id: row.author_id for row in rows if row.id not in noted}
        return found

    def audience(self, reminder: Reminder) -> list[UUID]:
        """Return the people of the first link of the chain, from where it starts up, in which somebody can be told.

        The owner or deputy of the case goes before everybody with that role.
        """
        if reminder.audience == Audience.AUTHOR:
            author = self._authors.get(anchor(reminder))
            return [author] if author and self.address(reminder.case_id, author, chosen=True) else []
        case = self._cases.get(reminder.case_id) if reminder.case_id else None
        named = {Audience.OWNER: case.owner_id, Audience.DEPUTY: case.deputy_id} if case else {}
        for link, role in chain_from(Audience(reminder.audience)):
            for group in ([named.get(link)], self._of_role(role)):
                reachable = [one for one in group if one and self.address(reminder.case_id, one)]
                if reachable:
                    return list(dict.fromkeys(reachable))
        return []

    def _of_role(self, role: Role) -> list[UUID]:
        if role not in self._holders:
            self._holders[role] = people.holders(self._work, role)
        return self._holders[role]

    def address(self, case_id: UUID | None, person_id: UUID, *, chosen: bool = False) -> str:
        """Return where to mail a person about a case; empty when they left, lost their duty or are kept out of it.

        ``chosen``: it is asked of this person, whatever their duty.
        """
        if person_id not in self._mail:
            self._mail[person_id] = self._reach(person_id)
        email, roles = self._mail[person_id]
        duty = DUTY if case_id else DUTY_OF_SCHOOL
        allowed = (chosen or roles & duty) and (case_id is None or case_id in self._not_kept_out_of(person_id))
        return email if allowed else ""

    def _reach(self, person_id: UUID) -> tuple[str, frozenset[Role]]:
        """Return the mail address of who works here, or nothing, and their roles."""
        person = people.get(self._work, person_id)
        if person is None or not person.active:
            return "", frozenset()
        email = people.email(self._work, person_id, person.sealed)
        return email or "", frozenset(people.roles_of(self._work, person_id))

    def _not_kept_out_of(self, person_id: UUID) -> set[UUID]:
        """Ask THE sentence as if this person were an IB-er: then only an exclusion or a destruction says no."""
        if person_id not in self._open_to:
            asker = Viewer(self._work.school_id, person_id, frozenset({Role.IB}))
            seen = (select(Case.id).where(Case.id.in_(ids), may_see(asker, Case)) for ids in parts(self._ids))
            self._open_to[person_id] = {one for question in seen for one in self._work.inner.scalars(question)}
        return self._open_to[person_id]
