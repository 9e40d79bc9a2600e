"""No viewer, no rows; a viewer's session reads and never writes a case. It knows no rule itself."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnClause, ColumnElement, Select, TableClause, TextClause, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql import visitors
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.selectable import AliasedReturnsRows, SelectBase

from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.store.base import Base, CaseScoped, Guarded
from meldcode_plugin.store.models.cases import Case
from meldcode_plugin.store.visibility import AUTHORED, PARTS, RULES

Question = TypeVar("Question", bound=Select[*tuple[Any, ...]])
GUARDED = {table.name for table in Base.metadata.tables.values() if "school_id" in table.c}
"""Names of the tables that no statement may reach but by their class."""


STANDING = "meldcode_standing"
MOST_RULED = 500
_RULED: dict[tuple[Any, Viewer], Any] = {}
"""Standing questions with the rules for one viewer; a statement is equal to itself alone and never changes."""


def standing(question: Question) -> Question:
    """Mark a question that is made once, at import, and gets its values as parameters when it is asked.

    The guard looks it through once for each viewer; to make and to look through one takes longer than to ask it.
    """
    return question.execution_options(**{STANDING: True})


class GuardRefused(RuntimeError):
    """The guard said no: a mistake in the program, never something a person can cause."""


class GuardedSession(Session):
    """A session of one viewer. ``info``: ``viewer``, ``inner`` (may write cases) and ``touched``."""

    def bulk_save_objects(self, *_: Any, **__: Any) -> None:
        """Refuse: it passes by the guard."""
        raise GuardRefused("bulk operations pass by the guard: add objects instead")

    bulk_insert_mappings = bulk_save_objects
    bulk_update_mappings = bulk_save_objects

    def connection(self, *args: Any, **options: Any) -> Connection:
        """Hand out the connection to the store's own session alone: on it nobody guards."""
        if not self.info.get("inner"):
            raise GuardRefused("connection() passes by the guard")
        return super().connection(*args, **options)


@event.listens_for(GuardedSession, "do_orm_execute")
def _no_viewer_no_rows(state: ORMExecuteState) -> None:
    """Add to every statement the rule of each table that it asks for."""
    viewer: Viewer | None = state.session.info.get("viewer")
    if viewer is None:
        raise GuardRefused("no viewer")
    if state.is_column_load:
        _refuse_refresh(state)
        return
    hour = state.session.info.get("hour")
    who = Viewer(viewer.school_id, viewer.person_id, viewer.roles, system=viewer.system, hour=hour)
    kept = STANDING in state.statement.get_execution_options()
    known = _RULED.get((state.statement, who)) if kept else None
    state.statement = known if known is not None else _ruled(state, who, keep=kept)


def _ruled(state: ORMExecuteState, who: Viewer, *, keep: bool) -> Any:
    """Look through a statement and return it with its rules; a standing question keeps them for this viewer."""
    statement: Any = state.statement
    asks = isinstance(statement, SelectBase)
    if state.is_from_statement or state.is_insert or not (asks or isinstance(statement, UpdateBase)):
        raise GuardRefused("textual SQL, insert() or a definition: add objects, name classes")
    named = _classes(statement) | {m.class_ for m in state.all_mappers if m.class_ in RULES}
    if state.is_update or state.is_delete:
        _refuse_bulk(state, named)
    wanted: list[Any] = [cls for cls in RULES if cls in named]
    if _is_plain(statement, wanted):
        ruled = statement.where(_condition(wanted[0], who))
    else:
        ruled = statement.options(*(_criteria(cls, who) for cls in wanted))
    if keep and asks:
        if len(_RULED) >= MOST_RULED:
            _RULED.clear()
        _RULED[statement, who] = ruled
    return ruled


def _refuse_refresh(state: ORMExecuteState) -> None:
    """Refuse to fill a row that is held by its id alone: to that, SQLAlchemy applies no rule."""
    if not state.session.info.get("inner"):
        raise GuardRefused("refresh of a row: ask for it again")


def _is_plain(question: Any, wanted: list[Any]) -> bool:
    """Tell whether a question asks columns of one class and has no other question inside: then its rule is a WHERE.

    SQLAlchemy copies a criterion and compares each value in it with its copy at every execution, which took
    a twelfth of the time of a signal; a condition in WHERE it takes as it is.
    """
    if len(wanted) != 1 or not isinstance(question, Select):
        return False
    if any(asked["entity"] is not wanted[0] for asked in question.column_descriptions):
        return False
    return not any(isinstance(part, SelectBase) and part is not question for part in visitors.iterate(question))


@lru_cache(2048)
def _condition(cls: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Return the rule of a table for a viewer; it depends on nothing else."""
    return RULES[cls](viewer)


@lru_cache(2048)
def _criteria(cls: Any, viewer: Viewer) -> LoaderCriteriaOption:
    """Return the same rule as SQLAlchemy adds it wherever the class stands in a statement."""
    return with_loader_criteria(cls, _condition(cls, viewer), include_aliases=True)


def _classes(statement: Any) -> set[type[Guarded]]:
    """Return the guarded classes that a statement names, at any depth; refuse tables that come in otherwise."""
    classes: set[type] = set()
    tables: set[str] = set()
    for element in visitors.iterate(statement):
        if element in PARTS:  # what the rules themselves are made of
            classes.add(PARTS[element])
        elif _of_class(element) and not isinstance(element, AliasedReturnsRows):
            classes.add(_of_class(element).class_)
        elif isinstance(element, TableClause):
            tables.add(element.name)
        else:
            _refuse_element(element, statement)
    named = {cls for cls in RULES if cls in classes}
    if strange := (tables & GUARDED) - {cls.__tablename__ for cls in named}:  # type: ignore[attr-defined]  # mapped
        raise GuardRefused(f"{strange.pop()} as a table: name its class instead")
    return named


def _refuse_element(element: Any, statement: Any) -> None:
    """Refuse the parts through which a row could come in without the rule of its class."""
    if isinstance(element, TextClause) or (isinstance(element, ColumnClause) and _is_text(element)):
        raise GuardRefused("textual SQL")
    if isinstance(element, AliasedReturnsRows) and _is_guarded(element.element):
        raise GuardRefused("alias of a guarded table: a join does not apply its rule")
    if isinstance(element, UpdateBase):
        if element is not statement:
            raise GuardRefused("a change inside a question")
        _refuse_columns(element, [element.table])
    elif isinstance(element, Select):
        _refuse_columns(element, element._raw_columns)  # noqa: SLF001  # there is no public way to see them
        _refuse_tables(element)


def _refuse_columns(element: Any, asked: list[Any]) -> None:
    """Refuse a bare column, unless what is asked for is its whole class: so SQLAlchemy itself gets one row."""
    own = {source.name for source in asked if _is_guarded(source) and _of_class(source)}
    for part in visitors.iterate(element):
        if isinstance(part, Column) and not _of_class(part) and _is_guarded(part.table) and part.table.name not in own:
            raise GuardRefused("column of a table: name the class instead")


def _refuse_tables(question: Any) -> None:
    """Refuse a bare table after FROM or JOIN, where a class must stand."""
    joined = (target for target, *_ in question._setup_joins)  # noqa: SLF001  # there is no public way to see them
    for source in (*question._from_obj, *joined):  # noqa: SLF001  # idem
        if any(_is_guarded(part) and not _of_class(part) for part in visitors.iterate(source)):
            raise GuardRefused("table-level SQL: name the class instead")


def _of_class(element: Any) -> Any:
    """Return the mapper of the class as which a table or column was named, or None when it stands bare."""
    return element._annotations.get("parentmapper")  # noqa: SLF001  # the mark that SQLAlchemy gives it


def _is_text(column: Any) -> bool:
    """Tell whether a column is written SQL; the star of ``count(*)`` is not."""
    return bool(column.is_literal) and column.name != "*"


def _is_guarded(source: Any) -> bool:
    """Tell whether this is a guarded table, also under another metadata."""
    return isinstance(source, TableClause) and source.name in GUARDED


def _refuse_bulk(state: ORMExecuteState, named: set[type[Guarded]]) -> None:
    if isinstance(state.parameters, list):
        raise GuardRefused("bulk by primary key")
    if any(cls is Case or issubclass(cls, CaseScoped) for cls in named):
        raise GuardRefused("update() or delete() on a case: change the object instead")
    if not state.session.info.get("inner") and not named <= set(AUTHORED):
        raise GuardRefused("update() or delete() outside the store")


@event.listens_for(GuardedSession, "before_flush")
def _write_only_inside(session: Session, *_: Any) -> None:
    """A viewer's session writes what is the viewer's alone: drafts, uploads, receipts."""
    viewer: Viewer = session.info["viewer"]
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Guarded) and row.school_id != viewer.school_id:
            raise GuardRefused("row of another school")
        if not session.info.get("inner") and not _is_own(row, viewer):
            raise GuardRefused("a viewer's session never writes a case or another's row: go through the ledger")


def _is_own(row: Any, viewer: Viewer) -> bool:
    return isinstance(row, AUTHORED) and (bool(viewer.system) or row.person_id == viewer.person_id)


@event.listens_for(GuardedSession, "after_flush")
def _remember(session: Session, *_: Any) -> None:
    touched: set[Any] = session.info.setdefault("touched", set())
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, (Case, CaseScoped)) and (row not in session.dirty or session.is_modified(row)):
            touched.add(row.id if isinstance(row, Case) else row.case_id)


def tables_with_school() -> list[str]:
    """Return the names of all tables that carry a school, for row-level security."""
    return sorted(GUARDED)
