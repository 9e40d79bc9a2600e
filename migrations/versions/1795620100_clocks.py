"""Reminders of the school as a whole, and the moment from which a term counts."""

import sqlalchemy as sa
from alembic import op

revision = "6"
down_revision = "5"
branch_labels = None
depends_on = None

TABLES = ("meldcode_reminder_mail", "meldcode_reminder")


def upgrade() -> None:
    """Let a reminder be about no case, and know since when it counts."""
    with op.batch_alter_table("meldcode_reminder", schema=None) as batch_op:
        batch_op.add_column(sa.Column("since", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("case_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    """Forget the reminders of the school: the older program has no words for them."""
    _walls("DISABLE")
    op.execute(
        "DELETE FROM meldcode_reminder_mail WHERE reminder_id IN "
        "(SELECT id FROM meldcode_reminder WHERE case_id IS NULL)"
    )
    op.execute("DELETE FROM meldcode_reminder WHERE case_id IS NULL")
    with op.batch_alter_table("meldcode_reminder", schema=None) as batch_op:
        batch_op.alter_column("case_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("since")
    _walls("ENABLE")


def _walls(change: str) -> None:
    """Let the owner of the tables reach the rows of every school for a moment; inside this transaction alone."""
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} {change} ROW LEVEL SECURITY")
