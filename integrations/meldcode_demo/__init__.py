"""A demo school: a Flask student information system with the plugin inside."""
