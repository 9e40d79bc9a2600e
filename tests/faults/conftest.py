"""The mail server that misbehaves, for every test of the faults."""

from __future__ import annotations

from tests.faults.mailserver import mailserver

__all__ = ["mailserver"]
