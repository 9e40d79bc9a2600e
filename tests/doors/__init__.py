"""The doors: what everybody may reach, and what nobody may learn."""
