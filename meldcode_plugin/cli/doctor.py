"""The command `meldcode doctor`: one line a check, and an exit code for whoever watches the machine."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click
import redis
from flask import current_app
from flask.cli import with_appcontext

from meldcode_plugin.cli.door import the_door
from meldcode_plugin.services import doctor as service
from meldcode_plugin.services import health
from meldcode_plugin.services.doctor import Check, State
from meldcode_plugin.services.door import Door
from meldcode_plugin.web import trial
from meldcode_plugin.web.gate import STANDALONE

MARKS = {State.OK: "ok   ", State.WARN: "warn ", State.WRONG: "WRONG"}
WHAT = {True: State.OK, None: State.WARN, False: State.WRONG}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for a monitor.")
@with_appcontext
def doctor(*, as_json: bool) -> None:
    """Check the whole installation; exit 1 when something is wrong."""
    found = list(all_checks(the_door()))
    bad = sum(one.state is State.WRONG for one in found)
    if as_json:
        click.echo(json.dumps({"right": not bad, "checks": [asdict(one) for one in found]}, indent=1))
    else:
        for one in found:
            click.echo(f"{MARKS[one.state]}  {one.part:<9} {one.text}")
        click.echo("All is right." if not bad else f"{bad} wrong.")
    sys.exit(1 if bad else 0)


def all_checks(door: Door) -> Iterator[Check]:
    """Yield every line: of the installation, of Redis, of our address and of the sign-in."""
    file = os.environ.get("MELDCODE_SETTINGS")
    more = (("redis", _redis), ("address", _address), ("sign-in", _provider), ("sign-in", _claims))
    if current_app.import_name == STANDALONE:
        yield from service.checks(door, Path(file) if file else None, service.UNITS, more)
        return
    for one in service.checks(door, Path(file) if file else None, service.HOST, more):
        yield replace(one, text=one.text.replace("'meldcode ", "'flask meldcode "))


def _lines(part: str, found: Iterable[tuple[bool | None, str]]) -> Iterator[Check]:
    for right, text in found:
        yield Check(part, WHAT[right], text)


def _redis(door: Door) -> Iterator[Check]:
    url = door.settings.redis_url
    if not url and door.lent:
        yield service.ok("redis", "The jobs go through the Celery of this app.")
        return
    if not url:
        yield service.warn("redis", "MELDCODE_REDIS_URL is not set: reminders wait for 'meldcode sweep'.")
        return
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
        yield service.ok("redis", "It answers.")
    except (redis.RedisError, ValueError, OSError) as why:
        yield service.wrong("redis", f"It does not answer ({type(why).__name__}). Does it run?")


def _address(door: Door) -> Iterator[Check]:
    with current_app.test_request_context(base_url=door.settings.public_url):
        yield from _lines("address", trial.try_address(door.settings, door.store.clock()))


def _provider(door: Door) -> Iterator[Check]:
    with current_app.test_request_context(base_url=door.settings.public_url):
        yield from _lines("sign-in", trial.try_provider(door.settings))
    apart = trial.skew(door.settings, door.store.clock())
    if apart is not None:
        yield service.clock("provider", apart)


def _claims(door: Door) -> Iterator[Check]:
    mark = health.last(door).get("claims")
    if mark is None:
        yield service.warn("sign-in", "Nobody signed in yet: do so once, and see which claims come.")
        return
    yield from _lines("sign-in", trial.seen(mark.words, door.settings))
