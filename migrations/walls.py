"""The walls that the database itself guards: append-only triggers and, on PostgreSQL, row-level security."""

import sqlalchemy as sa
from alembic import op

APP_ROLE = "meldcode_app"
FROZEN = ("meldcode_log_line", "meldcode_destruction")
"""What is frozen since the second migration."""
STOP = "BEGIN SELECT RAISE(ABORT, 'append only'); END"
"""The body of a trigger on SQLite."""
ENTRY_COLUMNS = [
    "id",
    "school_id",
    "case_id",
    "seq",
    "kind",
    "author_id",
    "recorded_by",
    "recorded_at",
    "refers_to",
    "acute",
    "waits",
    "payload_hash",
    "mac",
]


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def raise_walls(tables: tuple[str, ...]) -> None:
    """Make log and ledger append-only and keep schools apart; ``tables`` are those that carry a school."""
    if _postgresql():
        _freeze_on_postgresql()
        for table in tables:
            _one_school(table)
        _grant(tables)
    else:
        _freeze_on_sqlite()


def add_walls(tables: tuple[str, ...]) -> None:
    """Keep schools apart in tables that came later; with the tables their walls go too."""
    if _postgresql():
        for table in tables:
            _one_school(table)
        _give(dict.fromkeys(tables, "SELECT, INSERT, UPDATE, DELETE"))


def add_frozen(table: str) -> None:
    """Make a table that came later append-only, and keep schools apart in it."""
    if _postgresql():
        _one_school(table)
        _give({table: "SELECT, INSERT"})
        _freeze_one_on_postgresql(table)
    else:
        _freeze_one_on_sqlite(table)


def drop_frozen(table: str) -> None:
    """Take down the walls of a table that `add_frozen` raised."""
    if not _postgresql():
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER {table}_no_{what}")
        return
    op.execute(f"DROP TRIGGER {table}_frozen ON {table}")
    _let_all_schools(table)


def drop_walls(tables: tuple[str, ...]) -> None:
    """Take the walls down, for a downgrade."""
    if not _postgresql():
        for table in (*FROZEN, "meldcode_entry"):
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_update")
            op.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
        return
    for table in (*FROZEN, "meldcode_entry"):
        op.execute(f"DROP TRIGGER IF EXISTS {table}_frozen ON {table}")
    op.execute("DROP FUNCTION IF EXISTS meldcode_frozen()")
    op.execute("DROP FUNCTION IF EXISTS meldcode_entry_frozen()")
    for table in tables:
        _let_all_schools(table)


def _freeze_on_sqlite() -> None:
    for table in FROZEN:
        _freeze_one_on_sqlite(table)
    op.execute(f"CREATE TRIGGER meldcode_entry_no_delete BEFORE DELETE ON meldcode_entry {STOP}")
    changed = " OR ".join(f"NEW.{c} IS NOT OLD.{c}" for c in ENTRY_COLUMNS)
    when = f"WHEN NEW.sealed IS NOT NULL OR {changed}"
    op.execute(f"CREATE TRIGGER meldcode_entry_no_update BEFORE UPDATE ON meldcode_entry {when} {STOP}")


def _freeze_one_on_sqlite(table: str) -> None:
    for what in ("update", "delete"):
        op.execute(f"CREATE TRIGGER {table}_no_{what} BEFORE {what.upper()} ON {table} {STOP}")


def _freeze_on_postgresql() -> None:
    stop = "RAISE EXCEPTION 'append only'"
    op.execute(f"CREATE FUNCTION meldcode_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {stop}; END $$")
    for table in FROZEN:
        _freeze_one_on_postgresql(table)
    changed = " OR ".join(f"NEW.{c} IS DISTINCT FROM OLD.{c}" for c in ENTRY_COLUMNS)
    op.execute(
        "CREATE FUNCTION meldcode_entry_frozen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN {stop}; END IF; "
        f"IF NEW.sealed IS NOT NULL OR {changed} THEN {stop}; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER meldcode_entry_frozen BEFORE UPDATE OR DELETE ON meldcode_entry "
        "FOR EACH ROW EXECUTE FUNCTION meldcode_entry_frozen()"
    )


def _freeze_one_on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION meldcode_frozen()"
    )


def _let_all_schools(table: str) -> None:
    op.execute(f"DROP POLICY IF EXISTS {table}_school ON {table}")
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _one_school(table: str) -> None:
    """Show and take rows of the transaction's school alone, also to the owner of the tables."""
    mine = "school_id = nullif(current_setting('meldcode.school', true), '')::uuid"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_school ON {table} USING ({mine}) WITH CHECK ({mine})")


def _grant(tables: tuple[str, ...]) -> None:
    """Give the app's role what it needs and no more, whatever it had, where that role exists."""
    rights = dict.fromkeys((*tables, "meldcode_school"), "SELECT, INSERT, UPDATE, DELETE")
    rights |= dict.fromkeys(FROZEN, "SELECT, INSERT") | {"meldcode_entry": "SELECT, INSERT, UPDATE (sealed)"}
    _give(rights)


def _give(rights: dict[str, str]) -> None:
    exists = f"EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}')"
    lines = " ".join(
        f"REVOKE ALL ON {table} FROM {APP_ROLE}; GRANT {what} ON {table} TO {APP_ROLE};"
        for table, what in rights.items()
    )
    op.execute(f"DO $$ BEGIN IF {exists} THEN {lines} END IF; END $$")


def let_read(table: str) -> None:
    """Let the app's role read a table and no more."""
    if _postgresql():
        _give({table: "SELECT"})


def forget_reminders(kind: str) -> None:
    """Delete the reminders for which an older program has no words, of every school, with their mails."""
    reminder = sa.table("meldcode_reminder", sa.column("id"), sa.column("kind"))
    mail = sa.table("meldcode_reminder_mail", sa.column("reminder_id"))
    gone = sa.select(reminder.c.id).where(reminder.c.kind == kind)
    _reach((mail.name, reminder.name), "DISABLE")
    op.execute(mail.delete().where(mail.c.reminder_id.in_(gone)))
    op.execute(reminder.delete().where(reminder.c.kind == kind))
    _reach((mail.name, reminder.name), "ENABLE")


def _reach(tables: tuple[str, ...], change: str) -> None:
    """Let the owner of the tables reach the rows of every school for a moment; inside this transaction alone."""
    if _postgresql():
        for table in tables:
            op.execute(f"ALTER TABLE {table} {change} ROW LEVEL SECURITY")
