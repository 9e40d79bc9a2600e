"""The options of the OneRoster adapter, checked once; it knows no network."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Self
from urllib.parse import urlsplit

from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.sis import OPTIONS, check_options

NEEDED = ("base_url", "token_url", "client_id", "client_secret", "school")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SCOPE = "https://purl.imsglobal.org/spec/or/{}/scope/{}.readonly"
BASES = {"1.2": "v1p2", "1.1": "v1p1"}


@dataclass(frozen=True)
class Options:
    """What the adapter needs to know; README.md says per key what it means."""

    base_url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    school: str
    version: str = "1.2"
    scopes: str = ""
    nested: bool = False
    demographics: bool = True
    page_size: int = 500
    ca_file: str = ""
    timeout_seconds: float = 10.0
    page_seconds: float = 6.0
    list_seconds: float = 120.0
    rest_seconds: float = 20.0
    fresh_minutes: float = 15.0
    stale_hours: float = 24.0

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """Check what was given; raises `SettingsWrong` that names the option."""
        known = {one.name: one for one in fields(cls)}
        check_options("oneroster", given, NEEDED, known)
        try:
            return cls(**{name: _as(value, str(known[name].type), name) for name, value in given.items()})
        except ValueError as wrong:
            raise SettingsWrong(f"{OPTIONS}: {wrong}") from None

    def __post_init__(self) -> None:
        """Refuse what can not be meant."""
        for name in ("base_url", "token_url"):
            parts = urlsplit(getattr(self, name))
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
                raise ValueError(f"{name} must start with https://")
        if self.version not in BASES:
            raise ValueError(f"version is one of {', '.join(BASES)}")
        if not 1 <= self.page_size <= 10_000:  # noqa: PLR2004  # what a server may be asked at once
            raise ValueError("page_size is a number from 1 to 10000")

    @property
    def asked_scopes(self) -> str:
        """The scopes for the token: as given, else the fewest with which the adapter works."""
        if self.scopes:
            return self.scopes
        wanted = ["roster-core", *["roster-demographics"] * self.demographics, *["roster"] * self.nested]
        return " ".join(SCOPE.format(BASES[self.version], one) for one in wanted)


def _as(value: Any, kind: str, name: str) -> Any:
    if kind == "str":
        return str(value).strip()
    if kind == "bool":
        if str(value).casefold() not in ("true", "false"):
            raise ValueError(f"{name} is true or false")
        return str(value).casefold() == "true"
    try:
        number = float(value) if kind == "float" else int(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number") from None
    if number < 0:
        raise ValueError(f"{name} is not below zero")
    return number
