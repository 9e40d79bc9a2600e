"""The pages in a real browser: with axe, by keyboard, without JavaScript, and when things go wrong."""
