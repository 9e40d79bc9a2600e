"""Tests of the schema forwards and back, on data."""
