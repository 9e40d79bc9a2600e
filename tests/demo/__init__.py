"""Tests of the demo school: its supervisor with trivial programs, and the whole of it."""
