"""The keys: root key from a file, school keys wrapped by it, case keys wrapped by those; knows no page."""

from __future__ import annotations

import base64
import os
import stat
import struct
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from meldcode_plugin.errors import KeyUnavailable, SettingsWrong, TamperedData
from meldcode_plugin.store.crypto import KEY_BYTES, Ring, new_key
from meldcode_plugin.store.models.schools import SchoolKey

if TYPE_CHECKING:
    from meldcode_plugin.store.models.cases import Case
    from meldcode_plugin.store.rows import CaseRow

PURPOSES = ("cases", "people", "drafts", "register", "index", "log", "signins")
KEEP_SECONDS = 600
_VERSION = struct.Struct(">H")
_HEAD = 4
"""Bytes of a cell up to and with the number of its key."""


def new_key_file(path: Path) -> str:
    """Write a new root key; an existing file gets it as one more line, which becomes the current key.

    Returns the id of the key. The file is readable for its owner alone.
    """
    lines = path.read_text().splitlines() if path.exists() else []
    name = f"k{len(lines) + 1}"
    lines.append(f"{name} {base64.b64encode(new_key()).decode()}")
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return name


@dataclass(frozen=True)
class RootKeys:
    """The root keys by id; the last line of the file is the one that wraps."""

    path: Path

    def read(self) -> dict[str, bytes]:
        """Return all root keys; a file that is missing, open to others or broken raises `KeyUnavailable`."""
        try:
            if stat.S_IMODE(self.path.stat().st_mode) & 0o077:
                raise KeyUnavailable
            pairs = [line.split() for line in self.path.read_text().splitlines() if line.strip()]
            keys = {name: base64.b64decode(text, validate=True) for name, text in pairs}
        except (OSError, ValueError):
            raise KeyUnavailable from None
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise KeyUnavailable
        return keys

    def ring(self, name: str) -> Ring:
        """Return the ring of the root key with this id."""
        keys = self.read()
        if name not in keys:
            raise KeyUnavailable
        return Ring(f"root:{name}", {1: keys[name]})

    def current(self) -> str:
        """Return the id of the key that wraps now."""
        return list(self.read())[-1]


@dataclass
class KeyCache:
    """Unwrapped school keys of this process, for ten minutes, so a slow key provider is asked rarely."""

    root: RootKeys
    _rings: dict[tuple[UUID, str], tuple[float, Ring]] = field(default_factory=dict, repr=False)

    def ring(self, session: Session, school_id: UUID, purpose: str, *, at_least: int = 0) -> Ring:
        """Return the ring of a school's purpose; ask the database again when it is old or too short."""
        kept = self._rings.get((school_id, purpose))
        if kept and kept[0] > time.monotonic() and kept[1].current >= at_least:
            return kept[1]
        ring = self.unwrap(session, school_id, purpose)
        self._rings[school_id, purpose] = (time.monotonic() + KEEP_SECONDS, ring)
        return ring

    def forget(self) -> None:
        """Drop every cached key, after a rotation."""
        self._rings.clear()

    def unwrap(self, session: Session, school_id: UUID, purpose: str) -> Ring:
        """Return the ring of a school's purpose, unwrapped now; remember nothing."""
        rows = session.scalars(
            select(SchoolKey).where(SchoolKey.school_id == school_id, SchoolKey.purpose == purpose)
        ).all()
        if not rows:
            raise KeyUnavailable
        return Ring(purpose, {row.version: self._unwrapped(row) for row in rows})

    def _unwrapped(self, row: SchoolKey) -> bytes:
        """Return a school key; a root key that does not fit is as bad as none."""
        try:
            return self.root.ring(row.root).unseal(row.wrapped, row.school_id.bytes, row.purpose, row.version)
        except TamperedData:
            raise KeyUnavailable from None


@dataclass(frozen=True)
class Keys:
    """The keys as one transaction asks for them."""

    cache: KeyCache
    session: Session
    school_id: UUID

    def school(self, purpose: str) -> Ring:
        """Return the ring for one purpose of this school; see `PURPOSES`."""
        return self.cache.ring(self.session, self.school_id, purpose)

    def proven(self, purpose: str) -> Ring:
        """Return the ring after unwrapping it now; raises `KeyUnavailable` when the root key is gone meanwhile."""
        return self.cache.unwrap(self.session, self.school_id, purpose)

    def case(self, case: Case | CaseRow) -> Ring:
        """Return the ring of a case; a destroyed case has none."""
        if case.wrapped_key is None:
            raise KeyUnavailable
        if len(case.wrapped_key) < _HEAD:
            raise TamperedData
        version = struct.unpack_from(">H", case.wrapped_key, 2)[0]
        epoch = self.cache.ring(self.session, self.school_id, "cases", at_least=version)
        plain = epoch.unseal(case.wrapped_key, self.school_id.bytes, case.id.bytes, "dek")
        return Ring("case", {_VERSION.unpack_from(plain)[0]: plain[_VERSION.size :]})

    def wrap(self, case_id: UUID, version: int, dek: bytes) -> bytes:
        """Return a case key wrapped by the newest epoch key of the school."""
        return self.school("cases").seal(_VERSION.pack(version) + dek, self.school_id.bytes, case_id.bytes, "dek")

    def rewrap(self, case: Case) -> bytes:
        """Return the same case key under the newest epoch key."""
        ring = self.case(case)
        return self.wrap(case.id, ring.current, ring.versions[ring.current])


def make_school_keys(session: Session, root: RootKeys, school_id: UUID, now: datetime) -> None:
    """Give a new school one key per purpose, all wrapped by the current root key."""
    for purpose in PURPOSES:
        session.add(_wrapped(root, school_id, purpose, 1, new_key(), now))


def new_epoch(session: Session, root: RootKeys, school_id: UUID, now: datetime) -> int:
    """Add a new version of the key that wraps case keys; returns its number."""
    held = session.scalars(
        select(SchoolKey.version).where(SchoolKey.school_id == school_id, SchoolKey.purpose == "cases")
    ).all()
    session.add(_wrapped(root, school_id, "cases", max(held) + 1, new_key(), now))
    return max(held) + 1


def rewrap_school_keys(session: Session, root: RootKeys, school_id: UUID) -> int:
    """Wrap every school key with the current root key; returns how many were rewrapped."""
    name, count = root.current(), 0
    for row in session.scalars(select(SchoolKey).where(SchoolKey.school_id == school_id, SchoolKey.root != name)):
        bound = (school_id.bytes, row.purpose, row.version)
        row.wrapped = root.ring(name).seal(root.ring(row.root).unseal(row.wrapped, *bound), *bound)
        row.root = name
        count += 1
    return count


def _wrapped(root: RootKeys, school_id: UUID, purpose: str, version: int, key: bytes, now: datetime) -> SchoolKey:
    name = root.current()
    cell = root.ring(name).seal(key, school_id.bytes, purpose, version)
    return SchoolKey(school_id=school_id, purpose=purpose, version=version, root=name, wrapped=cell, created_at=now)


def require_key_file(path: Path) -> RootKeys:
    """Return the root keys, or say which setting to mend."""
    if not path.exists():
        raise SettingsWrong(f"MELDCODE_KEY_FILE: {path.name} does not exist. Make one with 'meldcode keys new'.")
    return RootKeys(path)
