"""What breaks: servers that go away, processes that are killed, clocks that jump."""
