"""A list of dossiers is one line of the access log, with a row for each dossier in it."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_frozen, drop_frozen, forget_reminders

revision = "11"
down_revision = "10"
branch_labels = None
depends_on = None

NAME, LINE = "meldcode_log_subject", "meldcode_log_line"


def upgrade() -> None:
    """Make the table and freeze it; the lines that are there stay as they were sealed, one for each dossier."""
    if not sa.inspect(op.get_bind()).has_table(NAME):
        op.create_table(
            NAME,
            sa.Column("school_id", sa.Uuid(), nullable=False),
            sa.Column("seq", sa.Integer(), nullable=False),
            sa.Column("case_id", sa.Uuid(), nullable=False),
            sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=f"fk_{NAME}_school_id"),
            sa.PrimaryKeyConstraint("school_id", "seq", "case_id", name=f"pk_{NAME}"),
            sqlite_with_rowid=False,
        )
    add_frozen(NAME)
    op.drop_index(f"ix_{LINE}_school_id", LINE)  # the number within a school leads to the school as well


def downgrade() -> None:
    """Drop the table when it is empty; else leave it for the way up, since lines were sealed over its rows.

    The older program does not know it: its ``log verify`` names those lines until the schema is up again. It has no
    words for the reminder of a draft that became another's: that goes, the draft stays.
    """
    forget_reminders("draft_left")
    op.create_index(f"ix_{LINE}_school_id", LINE, ["school_id"])
    drop_frozen(NAME)
    if op.get_bind().execute(sa.select(sa.exists().select_from(sa.table(NAME)))).scalar():
        return
    op.drop_table(NAME)
