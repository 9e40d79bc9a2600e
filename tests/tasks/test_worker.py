"""A real worker and a real beat with a real broker: hints arrive, and nothing depends on the broker."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pickle
import signal
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import redis
import sqlalchemy as sa
from celery import Celery
from celery.schedules import crontab

from meldcode_plugin import tasks
from meldcode_plugin.services import drafts
from meldcode_plugin.settings import Settings
from meldcode_plugin.store.models.drafts import Draft
from meldcode_plugin.store.work import utc_now
from meldcode_plugin.tasks.reminders import SWEEP
from meldcode_plugin.tasks.upkeep import TIDY
from tests.faults.mailserver import HOST, MailServer
from tests.machine.broker import run_redis
from tests.machine.process import short_folder
from tests.tasks.installation import Installation, child_of, installed, record
from tests.world import World

A_MOMENT = 1.5
on_sqlite = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""For what the database has no part in."""
IB_ERS = ["ingrid@wilgenhof.example", "marijke@wilgenhof.example"]


def test_a_hint_brings_the_mail_at_once(world: World, school: Installation, mailserver: MailServer):
    """A teacher sends a signal; without any beat both IB-ers have their mail within seconds."""
    with school.worker():
        record(world, school.door)
        assert came(mailserver) == IB_ERS


@on_sqlite
def test_an_emptied_broker_only_makes_it_later(
    world: World, school: Installation, mailserver: MailServer, queue: redis.Redis
):
    """The hint is wiped out of Redis before any worker saw it: the next beat brings the mail all the same."""
    record(world, school.door)
    waiting = queue.llen("celery")
    queue.flushall()
    with school.worker(), school.beat(EVERY="1"):
        assert came(mailserver) == IB_ERS
    assert waiting == 1


def test_a_killed_job_is_handed_out_again(world: World, school: Installation, mailserver: MailServer):
    """The process that does a job is killed while it greets the mail server: the same message is done again.

    What it had taken waits for its lease; the other mail comes at once.
    """
    mailserver.faults, mailserver.times = {"greeting": "hang"}, 1
    with school.worker() as worker:
        record(world, school.door)
        assert mailserver.wait(lambda: mailserver.connections == 1)
        os.kill(child_of(worker), signal.SIGKILL)
        assert len(came(mailserver, 1)) == 1
    with school.sweep(ahead=6) as process:
        assert process.wait(120) == 0
    assert came(mailserver) == IB_ERS


def test_a_job_killed_after_the_final_dot_sends_the_same_message(
    world: World, school: Installation, mailserver: MailServer
):
    """Killed between sending and marking: it is sent once more, under the same Message-ID, and never again."""
    mailserver.faults, mailserver.times = {"dot": "hang"}, 1
    with school.worker() as worker:
        record(world, school.door)
        assert mailserver.wait(lambda: len(mailserver.mails) == 1)
        worker.kill()
        worker.wait(10)
    for ahead in (0, 6, 12):
        with school.sweep(ahead=ahead) as process:
            assert process.wait(120) == 0
    ids = {mail["Message-ID"] for mail in mailserver.mails}
    assert (len(mailserver.mails), len(ids)) == (3, 2)
    assert sorted({mail["To"] for mail in mailserver.mails}) == IB_ERS


@on_sqlite
def test_forged_messages_do_nothing(world: World, school: Installation, mailserver: MailServer, queue: redis.Redis):
    """Pickles, unknown jobs and rubbish in the queue have no effect; the hint behind them is served."""
    witness = school.folder / "forged"
    for _ in range(30):
        queue.lpush("celery", *forged(witness))
    record(world, school.door)
    with school.worker():
        assert came(mailserver) == IB_ERS
    assert not witness.exists()


@on_sqlite
def test_the_broker_learns_nothing(world: World, school: Installation, queue: redis.Redis):
    """What waits in Redis names a job, and no person, no child, no dossier."""
    record(world, school.door)
    (message,) = queue.lrange("celery", 0, -1)
    body = base64.b64decode(json.loads(message)["body"])
    words = [world.pupil.name, "Sanne", "plek", str(world.case_of()), world.teacher.person_id.hex]
    assert json.loads(body)[:2] == [[], {}]
    assert [word for word in words if word.encode() in message + body] == []


@on_sqlite
def test_the_worker_outlives_its_broker(world: World, mailserver: MailServer, tmp_path: Path):
    """Redis is killed and started again under a running worker: it serves the next hint."""
    with (
        short_folder("again") as folder,
        installed(world, tmp_path / "school", mailserver.port, f"redis+socket://{folder / 'r.sock'}") as school,
        contextlib.ExitStack() as worker,
    ):
        with run_redis(folder) as first:
            worker.enter_context(school.worker())
            first.kill()
            first.wait()
        with run_redis(folder):
            record(world, school.door)
            assert came(mailserver) == IB_ERS


@on_sqlite
@pytest.mark.parametrize("broker", ["no socket", "nobody listens", "silent", "none", "set up wrong", "RabbitMQ"])
def test_a_dead_broker_neither_fails_nor_delays_a_page(
    world: World, mailserver: MailServer, tmp_path: Path, broker: str, silent_port: int
):
    """The signal is stored within a moment, whatever the broker does, and a sweep without it brings the mail."""
    address = {
        "no socket": f"redis+socket://{tmp_path}/no.sock",
        "nobody listens": "redis://127.0.0.1:1/0",
        "silent": f"redis://127.0.0.1:{silent_port}/0",
        "none": None,
        "set up wrong": "sentinel://127.0.0.1:1",
        "RabbitMQ": f"amqp://127.0.0.1:{silent_port}//",
    }[broker]
    with installed(world, tmp_path / "school", mailserver.port, address) as school:
        world.record(about=world.other_pupil)  # what the first signal of a process costs is not the broker's
        began = time.monotonic()
        record(world, school.door)
        took = time.monotonic() - began
        with school.sweep() as process:
            assert process.wait(120) == 0
    assert took < A_MOMENT
    assert set(IB_ERS) <= set(came(mailserver, 3))


@on_sqlite
def test_old_drafts_are_cleared_away(world: World, school: Installation):
    """The job deletes a draft of 15 days old and leaves one of 13."""
    kept, gone = uuid4(), uuid4()
    for key, days in ((kept, 13), (gone, 15)):
        world.clock.moment = utc_now() - timedelta(days=days)
        with world.work(world.teacher) as work:
            drafts.save(work, key, None, {"text": "Half af."})
    school.celery.send_task(TIDY)
    end = time.monotonic() + 120
    with school.worker():
        while drafts_left(world) != {kept} and time.monotonic() < end:
            time.sleep(0.05)
    assert drafts_left(world) == {kept}


@on_sqlite
def test_what_the_worker_is_told(school: Installation):
    """Late acknowledgement, JSON alone, one job in hand, a limit below the broker's patience, no results."""
    conf = school.celery.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.accept_content, conf.task_serializer, conf.task_ignore_result) == (["json"], "json", True)
    assert conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]
    schedules = {name: one["schedule"] for name, one in conf.beat_schedule.items()}
    assert schedules.pop("meldcode.roster") == crontab(hour="6", minute="20")
    assert set(schedules.values()) == {60.0, 300.0, 3600.0}


def test_a_hosts_celery_keeps_its_own_settings():
    """On a host's Celery we add timed jobs and touch nothing else; what a job needs stands on the job itself."""
    host = Celery("host", broker="redis://redis.school.example/3", set_as_current=False)
    host.conf.beat_schedule = {"theirs": {"task": "theirs", "schedule": 5.0}}
    tasks.configure(host, Settings.model_construct(redis_url="redis://ours.example/0", timezone="Europe/Amsterdam"))
    job = host.tasks[SWEEP]
    assert (host.conf.broker_url, host.conf.task_acks_late) == ("redis://redis.school.example/3", False)
    ours = {"meldcode.sweep", "meldcode.packages", "meldcode.anchor", "meldcode.roster", "meldcode.tidy"}
    assert set(host.conf.beat_schedule) == {"theirs"} | ours
    assert (job.acks_late, job.reject_on_worker_lost, job.time_limit, job.ignore_result) == (True, True, 120, True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("unix:///run/r.sock", "redis+socket:///run/r.sock"),
        ("redis+socket:///run/r.sock", "redis+socket:///run/r.sock"),
        ("redis://redis:6379/0", "redis://redis:6379/0"),
        (None, None),
    ],
)
def test_a_socket_is_spelled_as_celery_does(given: str | None, expected: str | None):
    """One setting; redis-py's spelling of a socket works too."""
    assert expected == tasks._broker_url(given)


def came(server: MailServer, number: int = 2) -> list[str]:
    """Wait for so many people to have a mail; return to whom mails came."""
    server.wait(lambda: len({mail["To"] for mail in server.mails}) >= number)
    return sorted({mail["To"] for mail in server.mails})


def drafts_left(world: World) -> set:
    """Return the keys of the drafts that are there."""
    with world.system() as work:
        return set(work.inner.scalars(sa.select(Draft.key)))


def forged(witness: Path) -> list[bytes]:
    """Return messages that nobody of ours wrote: a pickle that makes a file, an unknown job, rubbish."""

    def message(body: bytes, kind: str, task: str) -> bytes:
        made = {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8" if kind.endswith("json") else "binary",
            "content-type": kind,
            "headers": {
                "lang": "py",
                "task": task,
                "id": str(uuid4()),
                "root_id": "x",
                "parent_id": None,
                "group": None,
            },
            "properties": {
                "correlation_id": str(uuid4()),
                "delivery_mode": 2,
                "delivery_info": {"exchange": "", "routing_key": "celery"},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
            },
        }
        return json.dumps(made).encode()

    evil = pickle.dumps(_Evil(str(witness)))
    args = json.dumps([["x"], {}, {}]).encode()
    return [
        message(evil, "application/x-python-serialize", "meldcode.reminders.sweep"),
        message(args, "application/json", "os.system"),
        message(args, "application/json", "meldcode.reminders.sweep"),
        message(b"rubbish", "application/json", "meldcode.reminders.sweep"),
    ]


class _Evil:
    """What makes a file as soon as somebody unpickles it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return (open, (self.path, "w"))


@pytest.fixture
def queue(redis_socket: Path) -> Iterator[redis.Redis]:
    """The broker, to look into."""
    with redis.Redis(unix_socket_path=str(redis_socket)) as client:
        yield client


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes every connection and never says a word."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]
