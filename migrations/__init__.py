"""The database's history; installed as ``meldcode_migrations`` and run by ``meldcode db``."""
