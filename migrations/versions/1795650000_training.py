"""Who had training in the meldcode when, and the aandachtsfunctionaris a refresher."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls

revision = "10"
down_revision = "9"
branch_labels = None
depends_on = None

NAME = "meldcode_training"
REMINDERS = ("meldcode_reminder_mail", "meldcode_reminder")


def upgrade() -> None:
    """Make the table, and raise the walls around it."""
    op.create_table(
        NAME,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=f"fk_{NAME}_school_id"),
        sa.ForeignKeyConstraint(["person_id"], ["meldcode_person.id"], name=f"fk_{NAME}_person_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{NAME}"),
        sa.UniqueConstraint("school_id", "person_id", "kind", "day", name=f"uq_{NAME}_school_id_person_id_kind_day"),
    )
    for column in ("school_id", "person_id"):
        op.create_index(f"ix_{NAME}_{column}", NAME, [column])
    add_walls((NAME,))


def downgrade() -> None:
    """Drop the table, and the reminders for which the older program has no words."""
    op.drop_table(NAME)
    _walls("DISABLE")
    op.execute(
        "DELETE FROM meldcode_reminder_mail WHERE reminder_id IN "
        "(SELECT id FROM meldcode_reminder WHERE kind = 'af_refresher')"
    )
    op.execute("DELETE FROM meldcode_reminder WHERE kind = 'af_refresher'")
    _walls("ENABLE")


def _walls(change: str) -> None:
    """Let the owner of the tables reach the rows of every school for a moment; inside this transaction alone."""
    if op.get_bind().dialect.name == "postgresql":
        for table in REMINDERS:
            op.execute(f"ALTER TABLE {table} {change} ROW LEVEL SECURITY")
