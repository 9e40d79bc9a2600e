"""The machine room: starts real servers for the tests in folders of their own. It knows no test."""
