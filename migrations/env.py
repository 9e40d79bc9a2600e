"""Runs the migrations in the connection that ``meldcode db`` opened: own version table, own tables only."""

from typing import Any

from alembic import context

from meldcode_plugin.store import models  # noqa: F401  # brings every table into Base.metadata
from meldcode_plugin.store.base import PREFIX, Base


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Tell whether a table is the plugin's: a host's table is never compared, changed or dropped."""
    return kind != "table" or (name or "").startswith(PREFIX)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table="meldcode_alembic_version",
    include_name=ours,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
