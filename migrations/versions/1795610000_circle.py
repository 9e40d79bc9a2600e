"""The people around a case: hand-overs, shares, family links, break-glass; and later lines in the staff register."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls

revision = "4"
down_revision = "3"
branch_labels = None
depends_on = None

TABLES = (
    "meldcode_succession",
    "meldcode_share",
    "meldcode_shared_entry",
    "meldcode_family_link",
    "meldcode_break_glass",
)
INDEXES = {
    "meldcode_succession": ("school_id", "case_id", "from_id", "to_id"),
    "meldcode_share": ("school_id", "case_id", "person_id"),
    "meldcode_shared_entry": ("school_id", "case_id", "share_id", "entry_id"),
    "meldcode_family_link": ("school_id", "case_id", "other_case_id"),
    "meldcode_break_glass": ("school_id", "case_id", "person_id"),
}


def _table(name: str, *columns: sa.schema.SchemaItem, case_is_known: bool = True, **refers: str) -> None:
    """Make a table with its school and its case; ``refers`` says to which table a column leads."""
    leads = {"school_id": "school", "case_id": "case", **refers}
    keys = [
        sa.ForeignKeyConstraint([column], [f"meldcode_{table}.id"], name=f"fk_{name}_{column}")
        for column, table in leads.items()
    ]
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=not case_is_known),
        *columns,
        *keys,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    for column in INDEXES[name]:
        op.create_index(f"ix_{name}_{column}", name, [column])


def _id(name: str, *, known: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Uuid(), nullable=not known)


def _moment(name: str, *, known: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=not known)


def _bytes(name: str, *, known: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=not known)


def upgrade() -> None:
    """Make the tables, and raise the walls around them."""
    _table(
        "meldcode_succession",
        *(_id("from_id"), _id("to_id"), _moment("offered_at"), _bytes("note")),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        *(_bytes("reason", known=False), _moment("ended_at", known=False)),
        from_id="person",
        to_id="person",
    )
    _table(
        "meldcode_share",
        *(_id("person_id"), sa.Column("purpose", sa.String(20), nullable=False)),
        sa.Column("whole", sa.Boolean(), nullable=False),
        *(_bytes("question"), _id("shared_by"), _moment("shared_at"), _moment("until")),
        *(_id("ended_by", known=False), _moment("ended_at", known=False)),
        person_id="person",
    )
    _table(
        "meldcode_shared_entry",
        *(_id("share_id"), _id("entry_id")),
        sa.UniqueConstraint("share_id", "entry_id", name="uq_meldcode_shared_entry_share_id_entry_id"),
        share_id="share",
        entry_id="entry",
    )
    _table(
        "meldcode_family_link",
        *(_id("other_case_id"), _id("linked_by"), _moment("linked_at")),
        *(_id("ended_by", known=False), _moment("ended_at", known=False)),
        other_case_id="case",
    )
    _table(
        "meldcode_break_glass",
        *(_id("person_id"), sa.Column("pupil_index", sa.LargeBinary(16), nullable=False)),
        *(_bytes("reason"), _moment("broken_at"), _moment("until")),
        *(_id("reviewed_by", known=False), _moment("reviewed_at", known=False)),
        case_is_known=False,
        person_id="person",
    )
    for table, name in (("meldcode_share", "share"), ("meldcode_break_glass", "break_glass")):
        op.create_index(f"ix_meldcode_{name}_reader", table, ["school_id", "person_id", "until"])
    op.add_column("meldcode_staff_allegation", _id("refers_to", known=False))
    op.create_index("ix_meldcode_staff_allegation_refers_to", "meldcode_staff_allegation", ["refers_to"])
    add_walls(TABLES)


def downgrade() -> None:
    """Drop the tables with what is in them; the later lines of the register go with their column."""
    op.drop_index("ix_meldcode_staff_allegation_refers_to", "meldcode_staff_allegation")
    with op.batch_alter_table("meldcode_staff_allegation") as table:
        table.drop_column("refers_to")
    for name in reversed(TABLES):
        op.drop_table(name)
