"""The school's own reporting code, a row for each version."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls

revision = "7"
down_revision = "6"
branch_labels = None
depends_on = None

TABLES = ("meldcode_code_version",)


def upgrade() -> None:
    """Add the table, with the walls between schools."""
    op.create_table(
        "meldcode_code_version",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_code_version_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_code_version")),
        sa.UniqueConstraint("school_id", "number", name=op.f("uq_meldcode_code_version_school_id_number")),
    )
    with op.batch_alter_table("meldcode_code_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_code_version_school_id"), ["school_id"], unique=False)
    add_walls(TABLES)


def downgrade() -> None:
    """Drop the table; a case that began under a later version then reads as one of the first."""
    op.drop_table("meldcode_code_version")
