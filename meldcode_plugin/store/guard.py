"""No viewer, no rows; a viewer's session reads and never writes a case. It knows no rule itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors

from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.store.base import Base, CaseScoped, Guarded
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.visibility import RULES


class GuardRefused(RuntimeError):
    """The guard said no: a mistake in the program, never something a person can cause."""


class GuardedSession(Session):
    """A session of one viewer. ``info``: ``viewer``, ``inner`` (may write cases) and ``touched``."""

    def bulk_save_objects(self, *_: Any, **__: Any) -> None:
        """Refuse: it passes by the guard."""
        raise GuardRefused("bulk operations pass by the guard: add objects instead")

    bulk_insert_mappings = bulk_save_objects
    bulk_update_mappings = bulk_save_objects


def _tables(statement: Any) -> set[type[Guarded]]:
    """Return the guarded classes whose tables this statement names, at any depth.

    Of a column its table is looked at too: ``select(Case.id)`` names no table by itself.
    """
    named: set[Any] = set()
    for element in visitors.iterate(statement):
        if isinstance(element, sa.Table):
            named.add(element)
        elif isinstance(element, sa.ColumnClause) and element.table is not None:
            named.update(part for part in visitors.iterate(element.table) if isinstance(part, sa.Table))
    return {cls for cls in RULES if cls.__table__ in named}  # type: ignore[attr-defined]  # mapped classes


@event.listens_for(GuardedSession, "do_orm_execute")
def _no_viewer_no_rows(state: ORMExecuteState) -> None:
    if state.is_column_load:  # refreshing a row that this session already holds
        return
    viewer: Viewer | None = state.session.info.get("viewer")
    if viewer is None:
        raise GuardRefused("no viewer")
    _refuse_shapes(state)
    named = _tables(state.statement) | {m.class_ for m in state.all_mappers if m.class_ in RULES}
    if state.is_update or state.is_delete:
        _refuse_bulk(state, named)
    who = Viewer(viewer.school_id, viewer.person_id, viewer.roles, system=viewer.system)
    wanted: list[Any] = [cls for cls in RULES if cls in named]
    state.statement = state.statement.options(*(_criteria(cls, who) for cls in wanted))


@lru_cache(2048)
def _criteria(cls: type[Guarded], viewer: Viewer) -> LoaderCriteriaOption:
    """Return a rule as SQLAlchemy adds it to a statement; it depends on nothing but table and viewer."""
    return with_loader_criteria(cls, RULES[cls](viewer), include_aliases=True)


def _refuse_shapes(state: ORMExecuteState) -> None:
    if isinstance(state.statement, sa.TextClause) or state.is_from_statement:
        raise GuardRefused("textual SQL")
    if not state.is_orm_statement and _tables(state.statement):
        raise GuardRefused("table-level SQL: name the class instead")
    if state.is_insert:
        raise GuardRefused("insert(): add objects instead")


def _refuse_bulk(state: ORMExecuteState, named: set[type[Guarded]]) -> None:
    if isinstance(state.parameters, list):
        raise GuardRefused("bulk by primary key")
    if any(cls is Case or issubclass(cls, CaseScoped) for cls in named):
        raise GuardRefused("update() or delete() on a case: change the object instead")


@event.listens_for(GuardedSession, "before_flush")
def _write_only_inside(session: Session, *_: Any) -> None:
    viewer: Viewer = session.info["viewer"]
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Guarded) and row.school_id != viewer.school_id:
            raise GuardRefused("row of another school")
        if isinstance(row, (Case, CaseScoped)) and not session.info.get("inner"):
            raise GuardRefused("a viewer's session never writes a case: go through the ledger")


@event.listens_for(GuardedSession, "after_flush")
def _remember(session: Session, *_: Any) -> None:
    touched: set[Any] = session.info.setdefault("touched", set())
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, (Case, CaseScoped)) and (row not in session.dirty or session.is_modified(row)):
            touched.add(row.id if isinstance(row, Case) else row.case_id)


def tables_with_school() -> list[str]:
    """Return the names of all tables that carry a school, for row-level security."""
    return sorted(t.name for t in Base.metadata.tables.values() if "school_id" in t.c)
