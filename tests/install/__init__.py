"""The page of the installation, followed to the letter."""
