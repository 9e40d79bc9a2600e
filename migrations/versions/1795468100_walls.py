"""The walls: log and ledger append-only, schools apart."""

from meldcode_migrations.walls import drop_walls, raise_walls

revision = "2"
down_revision = "1"
branch_labels = None
depends_on = None

TABLES = (
    "meldcode_attachment",
    "meldcode_case",
    "meldcode_destruction",
    "meldcode_draft",
    "meldcode_entry",
    "meldcode_exclusion",
    "meldcode_guardian_mail",
    "meldcode_launch",
    "meldcode_launch_person",
    "meldcode_log_head",
    "meldcode_log_line",
    "meldcode_login_state",
    "meldcode_person",
    "meldcode_reminder",
    "meldcode_reminder_mail",
    "meldcode_role_grant",
    "meldcode_school_key",
    "meldcode_sign_in",
    "meldcode_staff_allegation",
    "meldcode_submission",
    "meldcode_sweep_mark",
    "meldcode_upload",
    "meldcode_used_token",
)


def upgrade() -> None:
    """Raise the walls around what is there."""
    raise_walls(TABLES)


def downgrade() -> None:
    """Take the walls down; every row stays."""
    drop_walls(TABLES)
