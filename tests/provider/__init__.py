"""OpenID providers on loopback: one that can lie in every answer, two that others wrote. They know no page."""
