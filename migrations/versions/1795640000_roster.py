"""The roster: ids of pupils, parents who work here, notices on dossiers, and how each daily look went."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls

revision = "9"
down_revision = "8"
branch_labels = None
depends_on = None

TABLES = ("meldcode_pupil_link", "meldcode_staff_guardian", "meldcode_roster_notice", "meldcode_roster_sync")


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=f"fk_{name}_school_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_school_id", name, ["school_id"])


def upgrade() -> None:
    """Make the tables, and raise the walls around them."""
    _table(
        "meldcode_pupil_link",
        sa.Column("pupil_index", sa.LargeBinary(16), nullable=False),
        sa.Column("link_index", sa.LargeBinary(16), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            *("school_id", "pupil_index", "link_index", "what"),
            name="uq_meldcode_pupil_link_school_id_pupil_index_link_index_what",
        ),
    )
    op.create_index("ix_meldcode_pupil_link_link_index", "meldcode_pupil_link", ["link_index"])
    _table(
        "meldcode_staff_guardian",
        sa.Column("pupil_index", sa.LargeBinary(16), nullable=False),
        sa.Column("mail_index", sa.LargeBinary(16), nullable=False),
        sa.UniqueConstraint(
            *("school_id", "pupil_index", "mail_index"),
            name="uq_meldcode_staff_guardian_school_id_pupil_index_mail_index",
        ),
    )
    op.create_index("ix_meldcode_staff_guardian_mail_index", "meldcode_staff_guardian", ["mail_index"])
    _table(
        "meldcode_roster_notice",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject", sa.LargeBinary(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name="fk_meldcode_roster_notice_case_id"),
    )
    op.create_index("ix_meldcode_roster_notice_case_id", "meldcode_roster_notice", ["case_id"])
    _table(
        "meldcode_roster_sync",
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("pupils", "guardians", "staff", "notices")),
        sa.Column("fault", sa.String(20), nullable=False),
    )
    op.create_index("ix_meldcode_roster_sync_started_at", "meldcode_roster_sync", ["started_at"])
    add_walls(TABLES)


def downgrade() -> None:
    """Drop the tables: the next daily look finds again what is still so, but not what people answered."""
    for name in reversed(TABLES):
        op.drop_table(name)
