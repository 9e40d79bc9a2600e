"""The jobs in a real worker with a real broker."""
