"""Where everything of one demo stands: addresses, files and secrets, kept in its data folder for the next start."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from joserfc.jwk import RSAKey

from meldcode_demo import ports

SCHOOL = "99WH"
SETTINGS = "MELDCODE_DEMO_SETTINGS"
"""Environment variable with the file of settings that every part of the demo reads."""
MARKS = "MELDCODE_DEMO_MARKS"
"""Environment variable with the folder in which a part without a port says that it is ready."""


class DataInUse(Exception):
    """Another demo runs in this data folder; the message says what to do."""


@dataclass(frozen=True)
class Town:
    """One demo: its data folder, a folder for as long as it runs, its ports and its secrets."""

    data: Path
    run: Path
    host: str
    ports: dict[str, int]
    secrets: dict[str, Any]
    database_url: str

    def url(self, part: str) -> str:
        """Return the address of a part, without a slash at its end."""
        return f"http://{self.host}:{self.ports[part]}"

    @property
    def valkey_socket(self) -> Path:
        """The socket of the queue; a socket's path may hold 107 bytes, so it stands in the short folder."""
        return self.run / "valkey.sock"

    @property
    def settings_file(self) -> Path:
        """The file with all settings; only its owner reads it."""
        return self.data / "settings.json"

    def settings(self) -> dict[str, Any]:
        """Return the settings of the school's system, of the plugin in it, and of the provider beside it."""
        return {
            "SECRET_KEY": self.secrets["sis"],
            "SESSION_COOKIE_NAME": "leerlingsysteem",
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SIS_CLIENT_ID": "leerlingsysteem",
            "SIS_CLIENT_SECRET": self.secrets["sis_client"],
            "SIS_URL": self.url("sis"),
            "PROVIDER": self._provider(),
            **self._meldcode(),
        }

    def _meldcode(self) -> dict[str, Any]:
        return {
            "MELDCODE_SCHOOL": SCHOOL,
            "MELDCODE_PUBLIC_URL": self.url("sis"),
            "MELDCODE_DATABASE_URL": self.database_url,
            "MELDCODE_REDIS_URL": f"redis+socket://{self.valkey_socket}",
            "MELDCODE_SOURCE": "memory",
            "MELDCODE_SOURCE_OPTIONS": {"away_file": str(self.data / "sis-away")},
            "MELDCODE_OIDC_ISSUER": self.url("provider"),
            "MELDCODE_OIDC_CLIENT_ID": "meldcode",
            "MELDCODE_OIDC_CLIENT_SECRET": self.secrets["meldcode_client"],
            "MELDCODE_STAFF_VALUES": "medewerkers,bestuur",
            "MELDCODE_LAUNCH_ISSUER": self.url("sis"),
            "MELDCODE_LAUNCH_SECRET": self.secrets["launch"],
            "MELDCODE_KEY_FILE": str(self.data / "root.key"),
            "MELDCODE_BLOB_DIR": str(self.data / "blobs"),
            "MELDCODE_MAIL_HOST": self.host,
            "MELDCODE_MAIL_PORT": self.ports["smtp"],
            "MELDCODE_MAIL_FROM": "meldcode@wilgenhof.example",
            "MELDCODE_BOARD_NAME": "Hans Verbeek",
            "MELDCODE_BOARD_PHONE": "010 000 00 07",
        }

    def _provider(self) -> dict[str, Any]:
        return {
            "database": f"sqlite:///{self.data / 'provider.sqlite'}",
            "secret": self.secrets["provider"],
            "key": self.secrets["provider_key"],
            "address": self.url("provider").removeprefix("http://"),
            "host": self.host,
        }

    def write(self) -> None:
        """Write the settings for this start, readable by their owner alone."""
        _write(self.settings_file, self.settings())


def lock(data: Path) -> IO[str]:
    """Take the data folder for this demo alone, as long as the file that is returned stays open."""
    file = (data / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise DataInUse(f"Another demo runs in {data}. Stop that one, or start with another --data.") from None
    return file


def found(data: Path, run: Path, host: str, asked: dict[str, int | None], database_url: str | None) -> Town:
    """Return the demo of a data folder, with the ports and secrets that it had before, or with new ones."""
    kept_file = data / "demo.json"
    kept = json.loads(kept_file.read_text()) if kept_file.exists() else {"ports": {}, "secrets": _new_secrets()}
    chosen = ports.choose(host, asked, kept["ports"])
    _write(kept_file, {"ports": chosen, "secrets": kept["secrets"]})
    return Town(data, run, host, chosen, kept["secrets"], database_url or f"sqlite:///{data / 'meldcode.sqlite'}")


def _new_secrets() -> dict[str, Any]:
    names = ("sis", "sis_client", "meldcode_client", "launch", "provider")
    key = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)
    return {name: secrets.token_urlsafe(32) for name in names} | {"provider_key": key}


def _write(path: Path, content: dict[str, Any]) -> None:
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, indent=1)
    new.replace(path)
