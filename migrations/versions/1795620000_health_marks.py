"""Health marks, and the app's role may read at which revision the database is."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls, let_read

revision = "5"
down_revision = "4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of marks."""
    op.create_table(
        "meldcode_health_mark",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_health_mark_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_health_mark")),
        sa.UniqueConstraint("school_id", "kind", name=op.f("uq_meldcode_health_mark_school_id_kind")),
    )
    with op.batch_alter_table("meldcode_health_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_health_mark_school_id"), ["school_id"], unique=False)
    add_walls(("meldcode_health_mark",))
    let_read("meldcode_alembic_version")


def downgrade() -> None:
    """Take the table away."""
    with op.batch_alter_table("meldcode_health_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_health_mark_school_id"))
    op.drop_table("meldcode_health_mark")
