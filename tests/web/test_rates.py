"""How often somebody may search and sign in: counted in Redis, and never in the way of a signal."""

from __future__ import annotations

import pytest
from flask import Flask

from meldcode_plugin.web import rates


@pytest.mark.usefixtures("app_of_rates")
def test_sixty_searches_a_minute_and_no_more() -> None:
    """The sixty-first search of one person waits; a colleague goes on."""
    assert [True] * 60 == [rates.within(rates.SEARCHES, "search", "one") for _ in range(60)]
    assert not rates.within(rates.SEARCHES, "search", "one")
    assert rates.within(rates.SEARCHES, "search", "other")


def test_a_counter_that_is_away_stops_nobody() -> None:
    """Redis down: people go on working."""
    with _app("unix:///nowhere/valkey.sock").app_context():
        assert [True] * 70 == [rates.within(rates.SEARCHES, "search", "one") for _ in range(70)]


class _Settings:
    def __init__(self, redis_url: str | None) -> None:
        self.redis_url = redis_url


class _Door:
    def __init__(self, redis_url: str | None) -> None:
        self.settings = _Settings(redis_url)


def _app(redis_url: str | None) -> Flask:
    app = Flask("rates")
    app.extensions["meldcode"] = _Door(redis_url)
    return app


@pytest.fixture(params=["memory", "unix://{}", "redis+socket://{}"])
def app_of_rates(request: pytest.FixtureRequest):
    """An app that counts in its own process, and one that counts in a real Redis."""
    url = None if request.param == "memory" else request.param.format(request.getfixturevalue("redis_socket"))
    with _app(url).app_context():
        yield
