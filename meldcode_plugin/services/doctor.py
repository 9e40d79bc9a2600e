"""Looks at the installation and says per part what is right, doubtful or wrong, and what to do; no child in it."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from meldcode_plugin.errors import KeyUnavailable, MeldcodeError, SourceUnavailable
from meldcode_plugin.services import backups, health, mailing, roster
from meldcode_plugin.services.door import Door
from meldcode_plugin.settings import LOOPBACK
from meldcode_plugin.store import database, rights

STOPPED = timedelta(minutes=3)
"""A beat and a timer come each minute; three that stayed away say that it stopped."""
SKEW = timedelta(seconds=30)
OLD_BACKUP = timedelta(hours=26)
FULL = 0.05


class State(StrEnum):
    """How one part is."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True)
class Check:
    """One line: the part, how it is, and what was found or what to do."""

    part: str
    state: State
    text: str


Look = Callable[[Door], Iterable[Check]]


@dataclass(frozen=True)
class Ways:
    """What brings a job back that stands still: one of the queue, its name in it, the sweep, or the backup."""

    job: str
    sweep: str
    backup: str


UNITS = Ways(
    "systemctl status meldcode-{name}",
    "systemctl enable --now meldcode-sweep.timer",
    "systemctl enable --now meldcode-backup.timer",
)
"""Beside another system: the units of systemd that come with the plugin."""
HOST = Ways(
    "start the {name} of this app's Celery",
    "let cron, or any timer that this machine has, run 'meldcode sweep' each minute",
    "let cron, or any timer that this machine has, run 'meldcode backup' each night",
)
"""Inside another application, which has no units of ours."""


def ok(part: str, text: str) -> Check:
    """Return a line about what is right."""
    return Check(part, State.OK, text)


def warn(part: str, text: str) -> Check:
    """Return a line about what is doubtful."""
    return Check(part, State.WARN, text)


def wrong(part: str, text: str) -> Check:
    """Return a line about what does not work."""
    return Check(part, State.WRONG, text)


def checks(
    door: Door, settings_file: Path | None, ways: Ways, more: Sequence[tuple[str, Look]] = ()
) -> Iterator[Check]:
    """Yield the lines about each part, those that the pages know in ``more``; one part never stops another."""
    parts: list[tuple[str, Look]] = [
        ("settings", lambda one: _settings(one, settings_file)),
        ("keys", _keys),
        ("database", _database),
        ("school", _school),
        ("jobs", lambda one: _jobs(one, ways)),
        ("mail", _mail),
        ("roster", _roster),
        ("launch", _launch),
        ("backups", lambda one: _backups(one, ways)),
        ("disk", _disk),
        *more,
    ]
    for part, look in parts:
        try:
            yield from look(door)
        except (MeldcodeError, OSError) as why:
            yield wrong(part, str(why))
        except Exception as why:  # noqa: BLE001  # a part that breaks in any way is one line, and the others follow
            yield wrong(part, f"It breaks ({type(why).__name__}). Mend the lines above first.")


def _settings(door: Door, file: Path | None) -> Iterator[Check]:
    if file is None:
        yield ok("settings", "They come from the environment or from the host.")
    elif stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield wrong("settings", f"{file} holds secrets and others may read it: chmod 600 {file}")
    else:
        yield ok("settings", f"{file}, for its owner alone.")
    if door.settings.source == "memory":
        yield warn("settings", "MELDCODE_SOURCE is memory, a school of nobody: set the adapter of your system.")


def _keys(door: Door) -> Iterator[Check]:
    file = door.settings.key_file
    try:
        names = list(door.store.root.read())
    except KeyUnavailable:
        yield wrong(
            "keys", f"{file} is missing, damaged or open to others. Bring it back from its copy; chmod 400 {file}"
        )
        return
    if stat.S_IMODE(file.stat().st_mode) & 0o377:
        yield warn("keys", f"{file} can be written to: chmod 400 {file}")
    yield ok("keys", f"Provider: file. Current root key: {names[-1]}, of {len(names)}.")
    if door.settings.backup_dir and file.resolve().is_relative_to(door.settings.backup_dir.resolve()):
        yield wrong("keys", "The key file lies in the folder of the backups: who steals one opens it. Move it.")


def _database(door: Door) -> Iterator[Check]:
    try:
        held, newest = database.current(door.store.engine), database.newest()
        found = rights.facts(door.store.engine, door.store.clock)
    except database.Refused as why:
        yield wrong("database", f"It does not answer or lets us do nothing: {why.short}. See MELDCODE_DATABASE_URL.")
        return
    walls = "The role owns no table and passes no wall" if found.now else "One file, without roles"
    yield ok("database", found.version if found.faults else f"{found.version}. {walls}; the log only grows.")
    for fault in found.faults:
        yield wrong("database", fault)
    if held == newest:
        yield ok("tables", f"Version {held}, the newest.")
    else:
        yield wrong(
            "tables",
            f"Version {held or 'none'}, needed is {newest}: run 'meldcode db upgrade --as <address of the owner>'.",
        )
    if found.now is not None:
        yield clock("database", abs(found.now - door.store.clock()))


def clock(whose: str, apart: timedelta) -> Check:
    """Return the line about two clocks."""
    seconds = round(apart.total_seconds())
    if apart > SKEW:
        return wrong("clock", f"This machine and the {whose} differ {seconds} seconds: set both by NTP.")
    return ok("clock", f"This machine and the {whose} agree within {seconds + 1} seconds.")


def _school(door: Door) -> Iterator[Check]:
    with door.system("doctor"):
        yield ok("school", f"{door.settings.school} is there and its keys open.")


def _jobs(door: Door, ways: Ways) -> Iterator[Check]:
    marks, now = health.last(door), door.store.clock()

    def alive(kind: str) -> bool:
        return kind in marks and now - marks[kind].at < STOPPED

    for kind, name in (("worker", "worker"), ("beat", "beat")):
        if alive(kind):
            yield ok(name, f"Last seen {health.ago(now, marks[kind].at)}.")
        elif door.queued:
            seen = f"last seen {health.ago(now, marks[kind].at)}" if kind in marks else "never seen"
            state = warn if alive("timer") else wrong
            yield state(name, f"{seen.capitalize()}: {ways.job.format(name=name)}; it may take a minute to be seen.")
    if alive("timer"):
        yield ok("timer", f"'meldcode sweep' ran {health.ago(now, marks['timer'].at)}.")
    elif not door.queued:
        yield wrong("timer", f"Nothing sends reminders: {ways.sweep}")


def _mail(door: Door) -> Iterator[Check]:
    settings = door.settings
    try:
        said = mailing.try_server(door)
    except mailing.MailCheckFailed as fault:
        yield wrong("mail", f"{fault.code}: {fault.advice} Until then reminders wait.")
        return
    if settings.mail_starttls or settings.mail_host in LOOPBACK:
        yield ok("mail", f"{said} Nothing was sent: 'meldcode mail check <your address>' sends one.")
    else:
        yield warn("mail", f"{said} The line is not encrypted: set MELDCODE_MAIL_STARTTLS.")


def _roster(door: Door) -> Iterator[Check]:
    try:
        findings = roster.check(door)
    except SourceUnavailable:
        yield wrong("roster", f"The adapter '{door.settings.source}' gets no answer. See MELDCODE_SOURCE_OPTIONS.")
        return
    for finding in findings:
        yield Check("roster", State.OK if finding.ok else State.WRONG, finding.text)


def _launch(door: Door) -> Iterator[Check]:
    settings = door.settings
    if settings.launch_secret is None:
        yield ok("launch", "No launch secret: the pupil page carries a plain link.")
    elif not settings.launch_issuer:
        yield wrong("launch", "MELDCODE_LAUNCH_SECRET is set and MELDCODE_LAUNCH_ISSUER is not: no launch is taken.")
    else:
        yield ok("launch", f"Signed launches of {settings.launch_issuer} are taken.")


def _backups(door: Door, ways: Ways) -> Iterator[Check]:
    if door.settings.backup_dir is None:
        yield warn("backups", "MELDCODE_BACKUP_DIR is not set: no backup is made.")
        return
    mark = health.last(door).get("backup")
    if mark is None:
        yield warn("backups", f"None was made yet: run 'meldcode backup' once, and {ways.backup}")
        return
    age = door.store.clock() - mark.at
    said = f"The last was made {health.ago(door.store.clock(), mark.at)}; {len(backups.held(door))} are kept."
    yield ok("backups", said) if age < OLD_BACKUP else wrong("backups", f"{said} Does it still run? {ways.backup}")


def _disk(door: Door) -> Iterator[Check]:
    for folder in {door.settings.blob_dir, *([door.settings.backup_dir] if door.settings.backup_dir else [])}:
        if not folder.exists():
            yield wrong("disk", f"{folder} is not there: as the account of the service, install -d -m 700 {folder}")
            continue
        space = shutil.disk_usage(folder)
        free = space.free / space.total
        said = f"{folder}: {free:.0%} free."
        yield ok("disk", said) if free > FULL else wrong("disk", f"{said} Make room: a full disk takes no signal.")
