"""The pages as they answer; they know no store."""
