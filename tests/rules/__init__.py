"""The rules as pure functions: no database, no clock, milliseconds."""
