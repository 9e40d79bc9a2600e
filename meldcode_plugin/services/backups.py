"""Backups of one school, the destruction ledger beside them, and the way back; for command line and sweep."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from meldcode_plugin.errors import BackupRefused, TamperedData
from meldcode_plugin.rules.facts import Viewer
from meldcode_plugin.services import health
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import accesslog, backup, database, inspection
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.archive import Head
from meldcode_plugin.store.backup import Destroyed
from meldcode_plugin.store.crypto import mac, same, subkey

ENDING = ".backup"


@dataclass(frozen=True)
class Made:
    """A backup that was made: its file and how much is in it."""

    path: Path
    rows: int
    files: int
    removed: int


@dataclass(frozen=True)
class Restored:
    """A school that came back: from when, how many destructions were done again, and what is wrong with it."""

    made_at: str
    destroyed: int
    faults: list[str]
    opened: bool


def make(door: Door, path: Path | None = None) -> Made:
    """Make a backup of the school, in ``path`` or in the folder of the settings; old ones are removed there.

    Raises `BackupRefused` when there is no place for it.
    """
    folder = _folder(door) if path is None else path.parent
    now = door.store.clock()
    target = path or folder / f"{door.settings.school}-{now:%Y%m%dT%H%M%SZ}{ENDING}"
    keep_ledger(door)
    counts = backup.take(door.store, door.school_id, door.settings.school, target)
    files = counts.pop("files", 0)
    removed = _remove_old(door, target, now) if path is None else 0
    health.mark(door, "backup")
    return Made(target, sum(counts.values()), files, removed)


def _folder(door: Door) -> Path:
    folder = door.settings.backup_dir
    if folder is None:
        raise BackupRefused("MELDCODE_BACKUP_DIR is not set. Set it, or give a file with --to.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def held(door: Door) -> list[Path]:
    """Return the school's backups in the folder of the settings, oldest first."""
    folder = door.settings.backup_dir
    if folder is None or not folder.is_dir():
        return []
    return sorted(folder.glob(f"{door.settings.school}-*{ENDING}"))


def _remove_old(door: Door, newest: Path, now: datetime) -> int:
    """Remove backups of more than so many days: what was destroyed must be gone everywhere at some time."""
    oldest = f"{door.settings.school}-{now - timedelta(days=door.settings.backup_days):%Y%m%dT%H%M%SZ}"
    old = [path for path in held(door) if path.name < oldest and path != newest]
    for path in old:
        path.unlink()
    return len(old)


# --- the destruction ledger outside the database -------------------------------------------------


def ledger_file(door: Door) -> Path | None:
    """Return the file that keeps which cases were destroyed, beside the backups."""
    folder = door.settings.backup_dir
    return None if folder is None else folder / f"{door.settings.school}-destroyed.jsonl"


def ledgers_beside(door: Door, path: Path) -> list[Path]:
    """Return the ledgers that are there: in the folder of the settings, and beside a backup."""
    found = {ledger_file(door), path.parent / f"{door.settings.school}-destroyed.jsonl"}
    return sorted(one for one in found if one is not None and one.is_file())


def keep_ledger(door: Door) -> int:
    """Add to the file what was destroyed since; returns how many lines. A restore needs it, see `restore`."""
    path = ledger_file(door)
    if path is None:
        return 0
    _folder(door)
    there = {one.case_id for one in read_ledgers(door, [path])} if path.exists() else set()
    fresh = [one for one in backup.destructions(door.store, door.school_id) if one.case_id not in there]
    if fresh or not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w") as out:
            out.writelines(_line(door, one) for one in fresh)
            out.flush()
            os.fsync(out.fileno())
    return len(fresh)


def _line(door: Door, one: Destroyed) -> str:
    root = door.store.root.current()
    parts = [str(one.case_id), one.at.isoformat(), str(one.by), one.basis]
    return json.dumps({"root": root, "line": parts, "mac": _mac(door, root, parts).hex()}) + "\n"


def _mac(door: Door, root: str, parts: list[str]) -> bytes:
    return mac(subkey(door.store.root.read()[root], "destructions"), door.settings.school, *parts)


def read_ledgers(door: Door, paths: Iterable[Path]) -> list[Destroyed]:
    """Return what these files say was destroyed; a line that we did not write raises `BackupRefused`."""
    found = {}
    for path in paths:
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                one = _read(door, json.loads(text))
            except (ValueError, KeyError, TypeError, TamperedData):
                raise BackupRefused(f"{path.name}, line {number} is not what was written. Take another copy.") from None
            found[one.case_id] = one
    return list(found.values())


def _read(door: Door, line: dict[str, object]) -> Destroyed:
    parts = [str(part) for part in line["line"]]  # type: ignore[attr-defined]  # any other form is a refused line
    if not same(_mac(door, str(line["root"]), parts), bytes.fromhex(str(line["mac"]))):
        raise TamperedData
    case_id, at, by, basis = parts
    return Destroyed(UUID(case_id), datetime.fromisoformat(at), UUID(by), basis)


# --- back ------------------------------------------------------------------------------------------


def load(door: Door, path: Path, ledgers: Iterable[Path]) -> tuple[Head, UUID, int]:
    """Bring the rows and files of a school back, closed, without what was destroyed since.

    ``ledgers``: files of `keep_ledger`, the newest copy among them. Returns the head of the backup, the id of the
    school and how many destructions are known. Raises `BackupRefused`, see `backup.put_back`.
    """
    destroyed = {one.case_id: one for one in read_ledgers(door, ledgers)}
    head, school_id = backup.put_back(door.store, door.settings.school, path, destroyed)
    return head, school_id, len(destroyed)


def restore(door: Door, path: Path, ledgers: Iterable[Path], anchors: Iterable[dict[str, Any]] = ()) -> Restored:
    """Bring a school back and open it when all is right.

    A backup of an older schema stays closed: the tables are brought up to date first, then `finish` opens it.
    """
    head, school_id, destroyed = load(door, path, ledgers)
    if head.revision != database.newest():
        return Restored(head.made_at, destroyed, [], opened=False)
    done = finish(door, school_id, anchors)
    return replace(done, made_at=head.made_at, destroyed=destroyed)


def closed_school(door: Door) -> UUID:
    """Return the id of the school that came back and is not open yet."""
    found = backup.closed_school(door.store, door.settings.school)
    if found is None:
        raise BackupRefused("There is no school that waits to be opened. Restore a backup first.")
    return found


def finish(door: Door, school_id: UUID, anchors: Iterable[dict[str, Any]] = (), *, accept: bool = False) -> Restored:
    """Walk the chains of a school that came back; open it when they hold, or when their faults are accepted."""
    with door.store.work(Viewer.for_system(school_id, "restore")) as work:
        faults = accesslog.verify(work, [accesslog.read_anchor(work, one) for one in anchors])
        faults += inspection.every_case(work)
        work.note(Tag.RESTORED, action="E")
    opened = accept or not faults
    if opened:
        backup.open_school(door.store, school_id, door.settings.school)
    return Restored("", 0, faults, opened)
