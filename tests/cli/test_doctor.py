"""The doctor says ok of what is right, and of each thing that is broken which and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from celery import Celery
from click.testing import CliRunner
from flask import Flask

import meldcode_memory
from meldcode_demo import command
from meldcode_memory.source import MemorySource
from meldcode_plugin import Meldcode
from meldcode_plugin.cli import meldcode
from meldcode_plugin.cli.doctor import all_checks
from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.services import backups, health, installation, roster
from meldcode_plugin.services.doctor import UNITS, State, Ways, checks
from meldcode_plugin.services.door import Door
from meldcode_plugin.sis import Fault, StaffMember
from meldcode_plugin.store import database, rights
from meldcode_plugin.store.work import make_engine, utc_now
from meldcode_plugin.web import trial
from tests.faults.mailserver import HOST, MailServer, mailserver
from tests.machine.postgres import ADMIN
from tests.provider.cases import GONE, discovery
from tests.provider.harness import World as Gatehouse
from tests.services.test_roster import AYA, Town
from tests.world import World

__all__ = ["mailserver"]
Before = Callable[[Any], Any]


def found(door: Door, ways: Ways = UNITS) -> dict[str, list[tuple[str, str]]]:
    """Return what the doctor says, by part."""
    said: dict[str, list[tuple[str, str]]] = {}
    for one in checks(door, None, ways):
        said.setdefault(one.part, []).append((one.state.value, one.text))
    return said


def states(door: Door, part: str) -> set[str]:
    """Return how a part is."""
    return {state for state, _ in found(door)[part]}


@pytest.fixture
def sound(world: World, mailserver: MailServer) -> World:
    """An installation in which nothing is wrong."""
    folder = world.folder / "backups"
    changed = {"backup_dir": folder, "mail_host": HOST, "mail_port": mailserver.port}
    world.door.settings = world.door.settings.model_copy(update=changed)
    (world.folder / "root.key").chmod(0o400)
    world.clock.moment = utc_now()
    backups.make(world.door)
    installation.sweep(world.door)
    return world


def test_a_sound_installation_has_nothing_wrong(sound: World):
    """Every part has its line, and none says wrong."""
    said = found(sound.door)
    expected = {"settings", "keys", "database", "tables", "school", "timer", "mail", "roster", "launch"}
    assert expected | {"backups", "disk"} == set(said) - {"clock"}
    assert [] == [text for lines in said.values() for state, text in lines if state == State.WRONG]


def _open_key(world: World) -> None:
    (world.folder / "root.key").chmod(0o444)


def _no_key(world: World) -> None:
    (world.folder / "root.key").rename(world.folder / "elsewhere")


def _set(**changed: Any) -> Callable[[World], None]:
    def spoil(world: World) -> None:
        world.door.settings = world.door.settings.model_copy(update=changed)

    return spoil


def _older_tables(world: World) -> None:
    engine = make_engine(world.database.owner_url)
    database.downgrade(engine, str(int(database.newest()) - 1))
    engine.dispose()


def _roster_away(world: World) -> None:
    world.door.source = meldcode_memory.source({"answers": "never"})


def _half_a_roster(world: World) -> None:
    town = Town()
    world.door.source = town
    roster.sync(world.door)
    town.pupils = town.pupils[:20]


def _no_look_for_long(world: World) -> None:
    world.door.source = Town()
    roster.sync(world.door)
    world.clock.forward(hours=27)


def _last_look_wrong(world: World) -> None:
    town = Town(fault=SourceUnavailable(code=Fault.SLOW, why="Too slow."))
    world.door.source = town
    roster.sync(world.door)
    town.fault = None


def _no_mail_of_staff(world: World) -> None:
    world.door.source = MemorySource([AYA], [StaffMember("m", "Juf")])


def _stopped(world: World) -> None:
    world.clock.forward(minutes=4)


def _old_backup(world: World) -> None:
    world.clock.forward(hours=27)


def _key_in_backups(world: World) -> None:
    world.door.settings = world.door.settings.model_copy(update={"backup_dir": world.folder})


@pytest.mark.parametrize(
    ("spoil", "part", "words"),
    [
        (_open_key, "keys", "chmod 400"),
        (_no_key, "keys", "Bring it back"),
        (_key_in_backups, "keys", "Move it"),
        (_older_tables, "tables", "meldcode db upgrade"),
        (_roster_away, "roster", "does not answer"),
        (_half_a_roster, "roster", "20 pupils now, 42 at the last good look"),
        (_no_look_for_long, "roster", "27 hours ago: does the worker run?"),
        (_last_look_wrong, "roster", "was wrong (slow)"),
        (_no_mail_of_staff, "roster", "0 of 1 members of staff"),
        (_set(mail_port=1), "mail", "MELDCODE_MAIL_HOST"),
        (_set(mail_starttls=True), "mail", "STARTTLS"),
        (_set(mail_user="ib", mail_password="x"), "mail", "MELDCODE_MAIL_PASSWORD"),
        (_stopped, "timer", "meldcode-sweep.timer"),
        (_old_backup, "backups", "meldcode-backup.timer"),
        (_set(launch_secret="s" * 32), "launch", "MELDCODE_LAUNCH_ISSUER"),
        (_set(redis_url="redis://localhost", backup_dir=None), "worker", "meldcode-worker"),
    ],
)
def test_what_is_broken_is_named_with_what_to_do(sound: World, spoil: Callable[[World], None], part: str, words: str):
    """Each thing that is broken gives one line that is not ok, in its own part."""
    spoil(sound)
    if part == "worker":
        sound.clock.forward(minutes=4)
    lines = [text for state, text in found(sound.door)[part] if state == State.WRONG]
    assert lines
    assert words in " ".join(lines)


def test_the_mail_server_is_tried_and_gets_no_mail(sound: World, mailserver: MailServer):
    """The doctor comes in and goes; a server that is not ours and offers no encryption is doubtful."""
    assert {"ok"} == states(sound.door, "mail")
    assert (1, []) == (mailserver.connections, mailserver.mails)
    elsewhere = MailServer("127.0.0.2")
    _set(mail_host="127.0.0.2", mail_port=elsewhere.port)(sound)
    assert {"warn"} == states(sound.door, "mail")
    elsewhere.stop()


def test_one_pupil_and_the_staff_are_told_without_their_names(sound: World):
    """Which parts come of a pupil is said, and of nobody what is in them."""
    sound.door.source = Town()
    roster.sync(sound.door)
    said = " ".join(text for _, text in found(sound.door)["roster"])
    assert "One pupil, asked alone: a birth date, a group, 0 guardians." in said
    assert "1 of 2 members of staff" in said
    assert "The last daily look was 0 seconds ago." in said
    assert not [word for word in (AYA.name, "Juf", "wilgenhof.example") if word in said]


def test_a_worker_and_a_beat_that_were_seen_are_alive(sound: World):
    """They count for three minutes, and a worker that stopped is doubtful while the timer goes on."""
    _set(redis_url="redis://localhost")(sound)
    health.mark(sound.door, "worker", "beat")
    assert ({"ok"}, {"ok"}) == (states(sound.door, "worker"), states(sound.door, "beat"))
    sound.clock.forward(minutes=4)
    health.mark(sound.door, "timer")
    assert ({"warn"}, {"warn"}) == (states(sound.door, "worker"), states(sound.door, "beat"))


def test_a_role_that_may_too_much_is_wrong(sound: World):
    """On PostgreSQL neither the owner of the tables nor a superuser is the application; SQLite has no roles."""
    if sound.database.kind == "sqlite":
        assert [] == rights.facts(sound.store.engine, sound.clock).faults
        return
    for role, words in ((None, "owns the tables"), (ADMIN, "passes row-level security")):
        url = sa.make_url(sound.database.owner_url)
        engine = make_engine(url.set(username=role) if role else url)
        assert words in " ".join(rights.facts(engine, sound.clock).faults)
        assert (role == ADMIN) == rights.superuser(engine)
        engine.dispose()
    assert [] == rights.facts(sound.store.engine, sound.clock).faults


def test_the_demo_warns_of_a_superuser(sound: World):
    """Whoever lets the demo in as a superuser reads that nothing is kept apart; the usual role brings no line."""
    assert "" == command.warning(sound.database.url)
    if sound.database.kind == "postgresql":
        admin = sa.make_url(sound.database.owner_url).set(username=ADMIN)
        assert "NOSUPERUSER" in command.warning(admin.render_as_string(hide_password=False))


def test_a_database_that_is_away_is_one_line(sound: World):
    """The doctor goes on with the other parts."""
    sound.store.engine.dispose()
    if sound.database.kind == "sqlite":
        sound.store.engine = make_engine("sqlite:////nowhere/at/all.sqlite")
    else:
        sound.store.engine = make_engine("postgresql+psycopg://meldcode_app@/nowhere?host=/nowhere")
    said = found(sound.door)
    assert {State.WRONG} == {state for state, _ in said["database"]}
    assert "keys" in said
    assert "disk" in said
    sound.store.engine.dispose()


def test_clocks_that_differ_are_wrong(sound: World):
    """The database's clock is compared with ours; SQLite has none of its own."""
    if sound.database.kind == "sqlite":
        assert "clock" not in found(sound.door)
        return
    assert {"ok"} == states(sound.door, "clock")
    sound.clock.forward(minutes=2)
    assert {"wrong"} == states(sound.door, "clock")


def test_the_provider_is_tried_without_signing_in(gatehouse: Gatehouse):
    """Discovery, keys, client and redirect address are right at a provider that knows us, and nobody signed in."""
    gatehouse.fresh()
    gatehouse.provider.session = False
    with gatehouse.app.test_request_context(base_url="http://localhost"):
        lines = list(trial.try_provider(gatehouse.door.settings))
    assert [True, True, True] == [right for right, _ in lines]
    assert not gatehouse.sign_ins()


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (discovery(issuer="https://elders.example"), "MELDCODE_OIDC_ISSUER"),
        ({"jwks": lambda *_: {"keys": []}}, "0 are published"),
        (
            {"callback": lambda _, value: {"state": value["state"], "error": "unauthorized_client"}},
            "unauthorized_client",
        ),
        (discovery(jwks_uri=GONE), "Discovery"),
    ],
)
def test_a_provider_that_does_not_know_us_is_wrong(gatehouse: Gatehouse, lie: dict[str, Any], words: str):
    """What is wrong at the provider is said, with the setting to look at."""
    gatehouse.fresh()
    gatehouse.provider.mutations.update(lie)
    with gatehouse.app.test_request_context(base_url="http://localhost"):
        lines = list(trial.try_provider(gatehouse.door.settings))
    assert words in " ".join(text for right, text in lines if right is False)


def test_claims_of_the_last_sign_in_are_told_by_name(gatehouse: Gatehouse):
    """After one sign-in the doctor knows which claims come, that auth_time does not, and no value of any."""
    gatehouse.fresh().sign_in()
    mark = health.last(gatehouse.door)["claims"]
    lines = list(trial.seen(mark.words, gatehouse.door.settings))
    assert "groups" in mark.words
    assert not [word for word in ("Anja", "medewerkers", "u-1001") if word in mark.words]
    assert [True, None] == [right for right, _ in lines]
    assert "auth_time does not come" in lines[1][1]


def test_the_command_gives_json_and_an_exit_code(gatehouse: Gatehouse):
    """A monitor reads the exit code, and which checks there are."""
    gatehouse.fresh()
    app = Flask("other")
    app.config.update({k: v for k, v in gatehouse.app.config.items() if k.startswith("MELDCODE_")})
    app.config["MELDCODE_REDIS_URL"] = "redis://127.0.0.1:1/0"
    Meldcode().init_app(app, clock=lambda: gatehouse.clock() + timedelta(0))
    done = CliRunner().invoke(meldcode, ["doctor", "--json"], obj=_script(app))
    assert 1 == done.exit_code, done.output
    told = json.loads(done.output)
    assert not told["right"]
    assert {"ok", "warn", "wrong"} == {one["state"] for one in told["checks"]}
    redis = [one for one in told["checks"] if one["part"] == "redis"]
    assert [{"part": "redis", "state": "wrong"}] == [{"part": one["part"], "state": one["state"]} for one in redis]
    assert "Does it run?" in redis[0]["text"]
    assert "WRONG" in CliRunner().invoke(meldcode, ["doctor"], obj=_script(app)).output
    app.extensions["meldcode"].store.engine.dispose()


def _script(app: Flask) -> Any:
    from flask.cli import ScriptInfo  # noqa: PLC0415  # flask's own command line

    return ScriptInfo(create_app=lambda: app)


@pytest.mark.parametrize(
    ("name", "celery", "said", "silent"),
    [
        ("meldcode_plugin", False, {"timer": "meldcode-sweep.timer"}, {"worker", "beat"}),
        ("sis", False, {"timer": "run 'flask meldcode sweep' each minute"}, {"worker", "beat"}),
        ("sis", True, {"worker": "start the worker of this app's Celery", "beat": "start the beat of"}, {"timer"}),
    ],
)
def test_what_to_do_fits_how_the_jobs_are_run(
    gatehouse: Gatehouse,
    name: str,
    celery: bool,  # noqa: FBT001  # a table
    said: dict[str, str],
    silent: set[str],
):
    """Our own service has units of systemd; inside an app it is that app's Celery, or any timer of its machine."""
    gatehouse.fresh()
    app = Flask(name, static_folder=None)
    app.config.update({k: v for k, v in gatehouse.app.config.items() if k.startswith("MELDCODE_")})
    if celery:
        app.extensions["celery"] = Celery("sis", set_as_current=False)
    Meldcode().init_app(app, clock=gatehouse.clock)
    with app.app_context():
        lines = list(all_checks(app.extensions["meldcode"]))
    found = {one.part: one.text for one in lines}
    assert [] == [words for part, words in said.items() if words not in found[part]]
    assert silent & set(found) == set()
    assert ("ok" if celery else "warn") == next(one.state.value for one in lines if one.part == "redis")
    if name == "sis":
        assert [] == [one.text for one in lines if "systemctl" in one.text or ".timer" in one.text]
        assert [] == [one.text for one in lines if "'meldcode " in one.text]
    app.extensions["meldcode"].store.engine.dispose()
