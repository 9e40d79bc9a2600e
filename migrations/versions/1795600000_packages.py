"""Report packages: the packages, their steps and files, and their hand-overs."""

import sqlalchemy as sa
from alembic import op

from meldcode_migrations.walls import add_walls

revision = "3"
down_revision = "2"
branch_labels = None
depends_on = None

TABLES = ("meldcode_package", "meldcode_hand_over", "meldcode_package_file", "meldcode_package_step")


def upgrade() -> None:
    """Add the four tables, with the walls between schools."""
    op.create_table(
        "meldcode_package",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=10), nullable=False),
        sa.Column("layout", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requester_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("supplement_to", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=40), nullable=False),
        sa.Column("error_about", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seal", sa.LargeBinary(length=32), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_package_case_id")),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_package_requester_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_package_school_id")),
        sa.ForeignKeyConstraint(
            ["supplement_to"], ["meldcode_package.id"], name=op.f("fk_meldcode_package_supplement_to")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_package")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_meldcode_package_case_id_number")),
        sa.UniqueConstraint(
            "school_id", "requester_id", "key", name=op.f("uq_meldcode_package_school_id_requester_id_key")
        ),
    )
    with op.batch_alter_table("meldcode_package", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_package_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_package_school_id"), ["school_id"], unique=False)
        batch_op.create_index("ix_meldcode_package_waiting", ["school_id", "state", "held_until"], unique=False)

    op.create_table(
        "meldcode_hand_over",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_phrase", sa.LargeBinary(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_hand_over_case_id")),
        sa.ForeignKeyConstraint(["package_id"], ["meldcode_package.id"], name=op.f("fk_meldcode_hand_over_package_id")),
        sa.ForeignKeyConstraint(["person_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_hand_over_person_id")),
        sa.ForeignKeyConstraint(["report_id"], ["meldcode_entry.id"], name=op.f("fk_meldcode_hand_over_report_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_hand_over_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_hand_over")),
        sa.UniqueConstraint("package_id", "key", name=op.f("uq_meldcode_hand_over_package_id_key")),
        sa.UniqueConstraint("package_id", "number", name=op.f("uq_meldcode_hand_over_package_id_number")),
    )
    with op.batch_alter_table("meldcode_hand_over", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_hand_over_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_hand_over_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_package_file",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=True),
        sa.Column("blob", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_package_file_case_id")),
        sa.ForeignKeyConstraint(
            ["package_id"], ["meldcode_package.id"], name=op.f("fk_meldcode_package_file_package_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_package_file_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_package_file")),
        sa.UniqueConstraint("package_id", "place", name=op.f("uq_meldcode_package_file_package_id_place")),
    )
    with op.batch_alter_table("meldcode_package_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_package_file_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_package_file_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_package_step",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("output_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_package_step_case_id")),
        sa.ForeignKeyConstraint(
            ["package_id"], ["meldcode_package.id"], name=op.f("fk_meldcode_package_step_package_id")
        ),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_package_step_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_package_step")),
        sa.UniqueConstraint("package_id", "name", name=op.f("uq_meldcode_package_step_package_id_name")),
    )
    with op.batch_alter_table("meldcode_package_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_package_step_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_package_step_school_id"), ["school_id"], unique=False)

    add_walls(TABLES)


def downgrade() -> None:
    """Take the four tables away."""
    with op.batch_alter_table("meldcode_package_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_package_step_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_package_step_case_id"))

    op.drop_table("meldcode_package_step")
    with op.batch_alter_table("meldcode_package_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_package_file_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_package_file_case_id"))

    op.drop_table("meldcode_package_file")
    with op.batch_alter_table("meldcode_hand_over", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_hand_over_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_hand_over_case_id"))

    op.drop_table("meldcode_hand_over")
    with op.batch_alter_table("meldcode_package", schema=None) as batch_op:
        batch_op.drop_index("ix_meldcode_package_waiting")
        batch_op.drop_index(batch_op.f("ix_meldcode_package_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_package_case_id"))

    op.drop_table("meldcode_package")
