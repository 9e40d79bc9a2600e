"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "meldcode_school",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_school")),
        sa.UniqueConstraint("code", name=op.f("uq_meldcode_school_code")),
    )
    op.create_table(
        "meldcode_case",
        sa.Column("pupil_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sealed_pupil", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("acute", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_id", sa.Uuid(), nullable=True),
        sa.Column("director_informed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_version", sa.Integer(), nullable=False),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("head_mac", sa.LargeBinary(), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_case_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_case")),
    )
    with op.batch_alter_table("meldcode_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_case_pupil_index"), ["pupil_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_case_school_id"), ["school_id"], unique=False)
        batch_op.create_index("ix_meldcode_case_worklist", ["school_id", "state", "moved_at"], unique=False)

    op.create_table(
        "meldcode_destruction",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_by", sa.Uuid(), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_destruction_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_destruction")),
        sa.UniqueConstraint("case_id", name=op.f("uq_meldcode_destruction_case_id")),
    )
    with op.batch_alter_table("meldcode_destruction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_destruction_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_draft",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_draft_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_draft")),
        sa.UniqueConstraint("school_id", "person_id", "key", name=op.f("uq_meldcode_draft_school_id_person_id_key")),
    )
    with op.batch_alter_table("meldcode_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_draft_saved_at"), ["saved_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_draft_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_guardian_mail",
        sa.Column("pupil_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mail_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_guardian_mail_school_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_guardian_mail")),
        sa.UniqueConstraint(
            "school_id",
            "pupil_index",
            "mail_index",
            name=op.f("uq_meldcode_guardian_mail_school_id_pupil_index_mail_index"),
        ),
    )
    with op.batch_alter_table("meldcode_guardian_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_guardian_mail_mail_index"), ["mail_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_guardian_mail_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_launch",
        sa.Column("handle_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_launch_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_launch")),
        sa.UniqueConstraint("school_id", "handle_hash", name=op.f("uq_meldcode_launch_school_id_handle_hash")),
    )
    with op.batch_alter_table("meldcode_launch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_launch_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_launch_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_log_head",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_log_head_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_log_head")),
        sa.UniqueConstraint("school_id", name=op.f("uq_meldcode_log_head_school_id")),
    )
    with op.batch_alter_table("meldcode_log_head", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_log_head_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_log_line",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=1), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=60), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("object_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_log_line_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_log_line")),
        sa.UniqueConstraint("school_id", "seq", name=op.f("uq_meldcode_log_line_school_id_seq")),
    )
    with op.batch_alter_table("meldcode_log_line", schema=None) as batch_op:
        batch_op.create_index("ix_meldcode_log_case", ["case_id", "seq"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_log_line_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_login_state",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_login_state_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_login_state")),
        sa.UniqueConstraint("school_id", "state_hash", name=op.f("uq_meldcode_login_state_school_id_state_hash")),
    )
    with op.batch_alter_table("meldcode_login_state", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_login_state_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_login_state_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_person",
        sa.Column("account_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("mail_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_person_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_person")),
        sa.UniqueConstraint("school_id", "account_index", name=op.f("uq_meldcode_person_school_id_account_index")),
    )
    with op.batch_alter_table("meldcode_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_person_mail_index"), ["mail_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_person_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_school_key",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_school_key_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_school_key")),
        sa.UniqueConstraint(
            "school_id", "purpose", "version", name=op.f("uq_meldcode_school_key_school_id_purpose_version")
        ),
    )
    with op.batch_alter_table("meldcode_school_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_school_key_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_staff_allegation",
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("board_only", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_staff_allegation_school_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_staff_allegation")),
    )
    with op.batch_alter_table("meldcode_staff_allegation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_staff_allegation_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_submission",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("body_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_submission_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_submission")),
        sa.UniqueConstraint(
            "school_id", "person_id", "key", name=op.f("uq_meldcode_submission_school_id_person_id_key")
        ),
    )
    with op.batch_alter_table("meldcode_submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_submission_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_sweep_mark",
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_sweep_mark_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_sweep_mark")),
        sa.UniqueConstraint("school_id", name=op.f("uq_meldcode_sweep_mark_school_id")),
    )
    with op.batch_alter_table("meldcode_sweep_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_sweep_mark_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_upload",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("blob", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_upload_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_upload")),
    )
    with op.batch_alter_table("meldcode_upload", schema=None) as batch_op:
        batch_op.create_index("ix_meldcode_upload_draft", ["school_id", "person_id", "key"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_upload_saved_at"), ["saved_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_upload_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_used_token",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_used_token_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_used_token")),
        sa.UniqueConstraint("school_id", "token_hash", name=op.f("uq_meldcode_used_token_school_id_token_hash")),
    )
    with op.batch_alter_table("meldcode_used_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_used_token_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_used_token_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_entry",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refers_to", sa.Uuid(), nullable=True),
        sa.Column("acute", sa.Boolean(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("payload_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_entry_case_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_entry_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_entry")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_meldcode_entry_case_id_seq")),
    )
    with op.batch_alter_table("meldcode_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_entry_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_entry_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_entry_refers_to"), ["refers_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_entry_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_exclusion",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pupil_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_by", sa.Uuid(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_exclusion_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_exclusion_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_exclusion")),
    )
    with op.batch_alter_table("meldcode_exclusion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_exclusion_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_exclusion_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_exclusion_pupil_index"), ["pupil_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_exclusion_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_launch_person",
        sa.Column("user_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_launch_person_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_launch_person_school_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_launch_person")),
        sa.UniqueConstraint("school_id", "user_index", name=op.f("uq_meldcode_launch_person_school_id_user_index")),
    )
    with op.batch_alter_table("meldcode_launch_person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_launch_person_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_launch_person_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_reminder",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("acute", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dedup_key", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_reminder_case_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_reminder_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_reminder")),
        sa.UniqueConstraint("school_id", "dedup_key", name=op.f("uq_meldcode_reminder_school_id_dedup_key")),
    )
    with op.batch_alter_table("meldcode_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_reminder_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_meldcode_reminder_due", ["school_id", "state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_reminder_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_role_grant",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_role_grant_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_role_grant_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_role_grant")),
    )
    with op.batch_alter_table("meldcode_role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_role_grant_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_role_grant_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_sign_in",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("handle_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject_index", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sid_index", sa.LargeBinary(length=16), nullable=True),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_sign_in_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_sign_in_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_sign_in")),
        sa.UniqueConstraint("school_id", "handle_hash", name=op.f("uq_meldcode_sign_in_school_id_handle_hash")),
    )
    with op.batch_alter_table("meldcode_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_sign_in_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_sign_in_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_sign_in_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_sign_in_sid_index"), ["sid_index"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_sign_in_subject_index"), ["subject_index"], unique=False)

    op.create_table(
        "meldcode_attachment",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("blob", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["meldcode_case.id"], name=op.f("fk_meldcode_attachment_case_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["meldcode_entry.id"], name=op.f("fk_meldcode_attachment_entry_id")),
        sa.ForeignKeyConstraint(["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_attachment_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_attachment")),
    )
    with op.batch_alter_table("meldcode_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meldcode_attachment_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_attachment_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_attachment_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_attachment_school_id"), ["school_id"], unique=False)

    op.create_table(
        "meldcode_reminder_mail",
        sa.Column("reminder_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("acute", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("last_error", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["meldcode_person.id"], name=op.f("fk_meldcode_reminder_mail_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["meldcode_reminder.id"], name=op.f("fk_meldcode_reminder_mail_reminder_id")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["meldcode_school.id"], name=op.f("fk_meldcode_reminder_mail_school_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meldcode_reminder_mail")),
        sa.UniqueConstraint(
            "school_id",
            "reminder_id",
            "person_id",
            name=op.f("uq_meldcode_reminder_mail_school_id_reminder_id_person_id"),
        ),
    )
    with op.batch_alter_table("meldcode_reminder_mail", schema=None) as batch_op:
        batch_op.create_index("ix_meldcode_reminder_mail_due", ["school_id", "state", "touched_at"], unique=False)
        batch_op.create_index("ix_meldcode_reminder_mail_person", ["school_id", "person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_meldcode_reminder_mail_school_id"), ["school_id"], unique=False)


def downgrade() -> None:
    """Undo: The first tables."""
    with op.batch_alter_table("meldcode_reminder_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_reminder_mail_school_id"))
        batch_op.drop_index("ix_meldcode_reminder_mail_person")
        batch_op.drop_index("ix_meldcode_reminder_mail_due")

    op.drop_table("meldcode_reminder_mail")
    with op.batch_alter_table("meldcode_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_attachment_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_attachment_entry_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_attachment_case_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_attachment_author_id"))

    op.drop_table("meldcode_attachment")
    with op.batch_alter_table("meldcode_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_sign_in_subject_index"))
        batch_op.drop_index(batch_op.f("ix_meldcode_sign_in_sid_index"))
        batch_op.drop_index(batch_op.f("ix_meldcode_sign_in_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_sign_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_sign_in_created_at"))

    op.drop_table("meldcode_sign_in")
    with op.batch_alter_table("meldcode_role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_role_grant_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_role_grant_person_id"))

    op.drop_table("meldcode_role_grant")
    with op.batch_alter_table("meldcode_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_reminder_school_id"))
        batch_op.drop_index("ix_meldcode_reminder_due")
        batch_op.drop_index(batch_op.f("ix_meldcode_reminder_case_id"))

    op.drop_table("meldcode_reminder")
    with op.batch_alter_table("meldcode_launch_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_launch_person_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_launch_person_person_id"))

    op.drop_table("meldcode_launch_person")
    with op.batch_alter_table("meldcode_exclusion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_exclusion_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_exclusion_pupil_index"))
        batch_op.drop_index(batch_op.f("ix_meldcode_exclusion_person_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_exclusion_case_id"))

    op.drop_table("meldcode_exclusion")
    with op.batch_alter_table("meldcode_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_entry_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_entry_refers_to"))
        batch_op.drop_index(batch_op.f("ix_meldcode_entry_case_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_entry_author_id"))

    op.drop_table("meldcode_entry")
    with op.batch_alter_table("meldcode_used_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_used_token_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_used_token_expires_at"))

    op.drop_table("meldcode_used_token")
    with op.batch_alter_table("meldcode_upload", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_upload_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_upload_saved_at"))
        batch_op.drop_index("ix_meldcode_upload_draft")

    op.drop_table("meldcode_upload")
    with op.batch_alter_table("meldcode_sweep_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_sweep_mark_school_id"))

    op.drop_table("meldcode_sweep_mark")
    with op.batch_alter_table("meldcode_submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_submission_school_id"))

    op.drop_table("meldcode_submission")
    with op.batch_alter_table("meldcode_staff_allegation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_staff_allegation_school_id"))

    op.drop_table("meldcode_staff_allegation")
    with op.batch_alter_table("meldcode_school_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_school_key_school_id"))

    op.drop_table("meldcode_school_key")
    with op.batch_alter_table("meldcode_person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_person_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_person_mail_index"))

    op.drop_table("meldcode_person")
    with op.batch_alter_table("meldcode_login_state", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_login_state_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_login_state_expires_at"))

    op.drop_table("meldcode_login_state")
    with op.batch_alter_table("meldcode_log_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_log_line_school_id"))
        batch_op.drop_index("ix_meldcode_log_case")

    op.drop_table("meldcode_log_line")
    with op.batch_alter_table("meldcode_log_head", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_log_head_school_id"))

    op.drop_table("meldcode_log_head")
    with op.batch_alter_table("meldcode_launch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_launch_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_launch_expires_at"))

    op.drop_table("meldcode_launch")
    with op.batch_alter_table("meldcode_guardian_mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_guardian_mail_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_guardian_mail_mail_index"))

    op.drop_table("meldcode_guardian_mail")
    with op.batch_alter_table("meldcode_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_draft_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_draft_saved_at"))

    op.drop_table("meldcode_draft")
    with op.batch_alter_table("meldcode_destruction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meldcode_destruction_school_id"))

    op.drop_table("meldcode_destruction")
    with op.batch_alter_table("meldcode_case", schema=None) as batch_op:
        batch_op.drop_index("ix_meldcode_case_worklist")
        batch_op.drop_index(batch_op.f("ix_meldcode_case_school_id"))
        batch_op.drop_index(batch_op.f("ix_meldcode_case_pupil_index"))

    op.drop_table("meldcode_case")
    op.drop_table("meldcode_school")
