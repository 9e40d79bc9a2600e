"""Papers that leave the school: what is printed, whether it lasts, and who can open it."""
