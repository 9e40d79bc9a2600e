"""Compiles a statement once for all databases of a kind, as an installation does for all its days; it knows no table.

Each test has a database of its own, and an engine compiles for itself: that was half of what the tests cost.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.util import LRUCache

KEPT = 5_000


def measured(session: pytest.Session) -> bool:
    """Whether it is a bench that runs: what it measures is left as it comes."""
    return any("bench" in item.path.parts for item in session.items)


@pytest.fixture(scope="session", autouse=True)
def statements_stay_compiled(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each connection what was compiled before for its kind of database."""
    if measured(request.session):
        yield
        return
    kept: dict[type[sa.Dialect], tuple[sa.Dialect, LRUCache[object, object]]] = {}

    def share(connection: sa.Connection) -> None:
        own = connection.dialect
        connection.dialect, compiled = kept.setdefault(type(own), (own, LRUCache(KEPT)))
        connection.execution_options(compiled_cache=compiled)

    sa.event.listen(sa.Engine, "engine_connect", share)
    yield
    sa.event.remove(sa.Engine, "engine_connect", share)
