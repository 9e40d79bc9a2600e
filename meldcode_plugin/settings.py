"""Every MELDCODE_* setting: its default, its meaning, its check; it knows nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from meldcode_plugin.errors import SettingsWrong

PREFIX = "MELDCODE_"
LAUNCH_SECRET_BYTES = 32
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
EVERY_TENANT = {"common", "organizations", "consumers"}
"""Places in an Entra issuer that stand for everybody at Microsoft and not for one school."""

Profile = Literal["generic", "entra", "google", "entree", "keycloak", "surfconext"]
_MADE_FOR: dict[str, dict[str, Any]] = {
    "entra": {"oidc_scopes": "openid profile email", "staff_claim": "roles"},
    "google": {"oidc_scopes": "openid profile email", "staff_claim": "email"},
    "entree": {
        "oidc_scopes": "openid",
        "staff_claim": "eduPersonAffiliation",
        "staff_values": ("employee", "staff"),
    },
    "keycloak": {"oidc_scopes": "openid profile email"},
    "surfconext": {
        "oidc_scopes": "openid profile email",
        "staff_claim": "eduperson_affiliation",
        "staff_values": ("employee", "staff"),
    },
}
"""What these settings are when left out, at each kind of provider."""


class Settings(BaseModel):
    """All settings of one school's installation, checked once at start and frozen after."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    school: str = Field(min_length=1, max_length=20)
    """Code of the school, its BRIN with location, as given to ``meldcode school add``."""
    public_url: str
    """Address at which browsers reach the plugin's host, without a path: ``https://sis.school.nl``."""
    database_url: str | None = None
    """Own database; left out inside a host, which lends its bind ``meldcode`` or its default one."""
    redis_url: str | None = None
    """Celery's broker; left out, reminders wait for ``meldcode sweep``."""
    source: str = "memory"
    """Name of the adapter to the student information system (entry-point group ``meldcode.sis``)."""
    source_options: dict[str, Any] = Field(default_factory=dict)
    """What that adapter needs to connect; its own documentation lists the keys."""
    oidc_profile: Profile = "generic"
    """Kind of provider: ``entra``, ``google``, ``entree``, ``keycloak``, ``surfconext`` or ``generic``; see sign-in."""
    oidc_issuer: str
    """Issuer of the school's OpenID provider, compared exactly with every token."""
    oidc_home: tuple[str, ...] = ()
    """Whose people may sign in: tenant id (Entra), hosted domain (Google, SURFconext), BRIN (Entree)."""
    oidc_client_id: str = Field(min_length=1)
    """Our client at the provider."""
    oidc_client_secret: str = Field(min_length=1, repr=False)
    """Its secret."""
    oidc_scopes: str = "openid profile email groups"
    """Scopes that are asked for at sign-in."""
    oidc_token_auth: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic"  # noqa: S105  # a name
    """How the secret travels to the token endpoint (RFC 6749 section 2.3.1)."""
    oidc_acr: tuple[str, ...] = ()
    """``acr`` values that a fresh sign-in asks for and of which the provider must name one."""
    staff_claim: str = "groups"
    """Claim that says who works at the school."""
    staff_values: tuple[str, ...] = ("medewerkers",)
    """One of these in that claim makes someone staff; anybody else is refused. At Google: mail domains of staff."""
    staff_in_roster: bool = False
    """Whether the student information system must also know a new colleague's mail address as that of active staff."""
    launch_issuer: str = ""
    """``iss`` of launch tokens that the student information system signs."""
    launch_secret: str | None = Field(default=None, repr=False)
    """Shared secret of launch tokens, at least 32 bytes; left out, only deep links work."""
    key_file: Path
    """File with the root key, mode 0400, kept out of the backups of the database."""
    blob_dir: Path
    """Folder of the encrypted attachments."""
    anchor_file: Path | None = None
    """File outside the database to which the signed end of the log is added each 15 minutes."""
    metrics_token: str | None = Field(default=None, min_length=16, repr=False)
    """Bearer token for ``/meldcode/metrics``; left out, that page does not exist."""
    backup_dir: Path | None = None
    """Folder for backups and the destruction ledger, on another disk than the database; left out, none are made."""
    backup_days: int = Field(default=35, ge=7, le=90)
    """Days that a backup is kept there: so long can what was destroyed still be in one."""
    base_template: str | None = None
    """Template of the host in which the pages stand; left out, the plugin's own."""
    mail_host: str = "localhost"
    """SMTP server of the school."""
    mail_port: int = Field(default=25, ge=1, le=65535)
    """Its port."""
    mail_from: str = "meldcode@localhost"
    """Sender of the reminders."""
    mail_starttls: bool = False
    """Whether the SMTP connection is encrypted by STARTTLS."""
    mail_user: str = ""
    """User at the SMTP server; empty means no login."""
    mail_password: str = Field(default="", repr=False)
    """Its password."""
    idle_minutes: int = Field(default=15, ge=1, le=60)
    """Minutes without a request after which a sign-in ends."""
    absolute_hours: int = Field(default=8, ge=1, le=12)
    """Hours after which a sign-in ends, whatever happens."""
    region: Literal["noord", "midden", "zuid"] = "midden"
    """Holiday region of the school."""
    own_days: tuple[date, ...] = ()
    """Days on which this school is closed besides, with commas between: ``2026-11-24,2027-02-05``."""
    terms: dict[str, int] = Field(default_factory=dict)
    """Other first terms than those of the page on reminders: ``{"talk_held": 5}``."""
    logo_file: Path | None = None
    """The school's logo for its papers, PNG or JPEG of at most 512 kB; left out, its name stands there."""
    phone_veilig_thuis: str = "0800-2000"
    """Telephone number of Veilig Thuis."""
    board_name: str = "het bestuur"
    """Who on the board is called about a colleague (R15, WPO 4a)."""
    board_phone: str = ""
    """The telephone number of that person."""
    timezone: str = "Europe/Amsterdam"
    """Zone in which dates are read and written on the screen."""

    @classmethod
    def from_mapping(cls, config: Mapping[str, Any]) -> Self:
        """Take the MELDCODE_ keys of a Flask config or of the environment; say per key what is wrong."""
        ours = {key.removeprefix(PREFIX).lower(): value for key, value in config.items() if key.startswith(PREFIX)}
        try:
            return cls(**ours)
        except ValidationError as wrong:
            lines = [
                f"{PREFIX}{str(e['loc'][0]).upper() if e['loc'] else ''}: {e['msg'].removeprefix('Value error, ')}"
                for e in wrong.errors()
            ]
            raise SettingsWrong("Settings are not right. " + "; ".join(lines)) from None

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _https_or_loopback(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError("must start with https://")
        return value

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="before")
    @classmethod
    def _of_the_profile(cls, given: Any) -> Any:
        """Fill in what each kind of provider calls things, where nothing was set."""
        return {**_MADE_FOR.get(str(given.get("oidc_profile")), {}), **given} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _whose_people(self) -> Self:
        """A provider that serves many schools must be told which one is ours."""
        if EVERY_TENANT & set(urlsplit(self.oidc_issuer).path.split("/")):
            raise ValueError("MELDCODE_OIDC_ISSUER: use the address with your own tenant id, not common")
        if self.oidc_profile in ("entra", "google", "surfconext") and not self.home:
            raise ValueError(f"MELDCODE_OIDC_HOME must be set for {self.oidc_profile}")
        if self.oidc_profile in ("entra", "google") and self.staff_values == ("medewerkers",):
            raise ValueError(f"MELDCODE_STAFF_VALUES must be set for {self.oidc_profile}")
        return self

    @field_validator("terms", "source_options", mode="before")
    @classmethod
    def _json(cls, value: Any) -> Any:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError as wrong:
            place = f"{wrong.msg} at line {wrong.lineno}, column {wrong.colno}"
            raise ValueError(
                f'as text it must be JSON, as in {{"school": "99AB"}}, with double quotes. {place}'
            ) from None

    @field_validator("staff_values", "oidc_acr", "oidc_home", "own_days", mode="before")
    @classmethod
    def _commas(cls, value: Any) -> Any:
        return tuple(v.strip() for v in value.split(",") if v.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _long_launch_secret(self) -> Self:
        if self.launch_secret is not None and len(self.launch_secret.encode()) < LAUNCH_SECRET_BYTES:
            raise ValueError("MELDCODE_LAUNCH_SECRET needs at least 32 bytes")
        return self

    @property
    def home(self) -> tuple[str, ...]:
        """Whose people may sign in: as set, else the tenant in the issuer (Entra) or the school itself (Entree)."""
        tenant = GUID.search(self.oidc_issuer) if self.oidc_profile == "entra" else None
        found = {"entra": (tenant[0],) if tenant else (), "entree": (self.school,)}
        return self.oidc_home or found.get(self.oidc_profile, ())

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by https; only then cookies are __Host- and Secure."""
        return self.public_url.startswith("https://")
