"""An index that leads to what is due past all that is new: the worklist of a large school waits no longer."""

from alembic import op

revision = "8"
down_revision = "7"
branch_labels = None
depends_on = None

NAME, COLUMNS = "ix_meldcode_reminder_kind", ["school_id", "state", "kind", "due_at"]


def upgrade() -> None:
    """Add the index."""
    op.create_index(NAME, "meldcode_reminder", COLUMNS)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(NAME, "meldcode_reminder")
