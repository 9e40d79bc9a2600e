"""The meldcode itself, as pure functions over frozen data; no database, no web and no clock."""
