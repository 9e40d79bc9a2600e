"""Forms: what may be typed on a page, and how it becomes plain data."""
