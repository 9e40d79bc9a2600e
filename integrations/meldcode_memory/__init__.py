"""A school in memory, for tests and the demo."""
