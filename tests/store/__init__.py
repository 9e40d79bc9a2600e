"""Tests of what is kept, who may read it, and what happens to whoever tampers with it."""
