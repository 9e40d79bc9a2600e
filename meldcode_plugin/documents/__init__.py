"""Bytes out: mails. It knows parts, never the database."""
