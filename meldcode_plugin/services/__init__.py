"""The use cases: load, may?, rules, append, done. They know no page and no SQL."""
