"""Alembic migrations of the meldcode_ tables; installed as meldcode_migrations."""
