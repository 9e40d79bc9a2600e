"""The commands of the administrator."""
