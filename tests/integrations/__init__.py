"""Tests of the adapters to a school's system; every adapter passes the same contract."""
