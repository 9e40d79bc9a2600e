"""Who had training in the meldcode when, and the aandachtsfunctionaris a refresher."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls, forget_reminders

revision = "10"
down_revision = "9"
branch_labels = None
depends_on = None

NAME = "meldcode_training"


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
    forget_reminders("af_refresher")
