"""What `meldcode init` asks, each answer checked at once, and the settings file that comes of it; it knows no store."""

from __future__ import annotations

import ast
import inspect
import itertools
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.settings import PREFIX, Settings

PEOPLE = ("director", "board")
_FILLED = {
    "school": "00AA00",
    "public_url": "https://meldcode.school.example",
    "oidc_issuer": "https://inloggen.school.example",
    "oidc_client_id": "meldcode",
    "oidc_client_secret": "geheim",
    "key_file": "/etc/meldcode/key",
    "blob_dir": "/var/lib/meldcode/files",
}
"""Stand for answers that were not given yet, so that one answer can be checked by itself."""


@dataclass(frozen=True)
class Question:
    """One question: the setting that it fills, the words, what is proposed, and for which profiles it is asked."""

    name: str
    words: str
    default: str | None = None
    secret: bool = False
    only_for: tuple[str, ...] = ()


QUESTIONS = (
    Question("school", "Code of the school (BRIN with location, such as 99ZZ00)"),
    Question("school_name", "Name of the school"),
    Question("public_url", "Address at which browsers will reach it (https://meldcode.school.nl)"),
    Question("database_url", "Database of the application", "sqlite:////var/lib/meldcode/meldcode.sqlite"),
    Question("owner_database_url", "PostgreSQL only: the same database as its owner, used now and kept nowhere", ""),
    # the port at which Debian's redis-server listens, on this machine alone; only an offer, the admin types another
    Question("redis_url", "Redis (empty: reminders wait for the timer)", "redis://127.0.0.1:6379/0"),
    Question("oidc_profile", "Sign-in: entra, google, entree, keycloak, surfconext or generic", "generic"),
    Question("oidc_issuer", "Issuer of the OpenID provider"),
    Question("oidc_home", "Tenant id, hosted domain or BRIN", "", only_for=("entra", "google", "entree", "surfconext")),
    Question("oidc_client_id", "Our client id there"),
    Question("oidc_client_secret", "Its secret", secret=True),
    Question("staff_values", "Value that makes somebody staff", "medewerkers", only_for=("generic", "keycloak")),
    Question("staff_values", "App role of staff", only_for=("entra",)),
    Question("staff_values", "Mail domain of staff", only_for=("google",)),
    Question("source", "Adapter to the student information system", "memory"),
    Question("key_file", "File for the root key", "/etc/meldcode/key"),
    Question("blob_dir", "Folder for the encrypted files", "/var/lib/meldcode/files"),
    Question("backup_dir", "Folder for backups, on another disk", "/var/backups/meldcode"),
    Question("mail_host", "Mail server", "localhost"),
    Question("mail_from", "Sender of the reminders", "meldcode@localhost"),
    Question("director", "Account of the first director at the provider (sub, oid or uid)"),
    Question("director_name", "Name of the director"),
    Question("director_mail", "Mail address of the director", ""),
    Question("board", "Account of the second person, of the board, who confirms roles"),
    Question("board_person", "Name of that person"),
    Question("board_mail", "Mail address of that person", ""),
)
OTHER = {"school_name", "owner_database_url", "director", "director_name", "director_mail"}
OTHER |= {"board", "board_person", "board_mail"}
"""Answers that are no setting."""


def fault(given: dict[str, Any], name: str) -> str:
    """Return what is wrong with one answer, as far as it can be told beside the answers before it; else nothing."""
    if name in OTHER:
        return "" if given[name] or name.endswith(("_mail", "_url")) else "This may not be empty."
    try:
        Settings.from_mapping(_mapping(_FILLED | {key: given[key] for key in given if key not in OTHER}))
    except SettingsWrong as wrong:
        said = [part for part in str(wrong).split("; ") if f"{PREFIX}{name.upper()}" in part]
        return "; ".join(said)
    return ""


def _whole_fault(given: dict[str, Any]) -> str:
    """Return what is wrong with all answers together, such as a profile without what it needs; else nothing."""
    try:
        Settings.from_mapping(_mapping(_FILLED | {key: given[key] for key in given if key not in OTHER}))
    except SettingsWrong as wrong:
        return str(wrong)
    return ""


def _mapping(given: dict[str, Any]) -> dict[str, Any]:
    return {f"{PREFIX}{name.upper()}": value for name, value in given.items() if value not in ("", None)}


def from_file(path: Path) -> dict[str, Any]:
    """Read all answers from a TOML file; raises `SettingsWrong` with every answer that is missing or wrong."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, OSError) as wrong:
        raise SettingsWrong(f"{path.name} can not be read as TOML: {wrong}") from None
    unknown = sorted(set(given) - OTHER - set(Settings.model_fields))
    needed = [q.name for q in _asked(given) if q.default is None and not given.get(q.name)]
    faults = [f"{name}: there is no such answer" for name in unknown]
    faults += [f"{name} is missing" for name in dict.fromkeys(needed)]
    faults += [said for name in given if name not in unknown and (said := fault(given, name))]
    faults += [said for said in [_whole_fault(given)] if said and not unknown]
    if faults:
        raise SettingsWrong(f"{path.name}: " + "; ".join(dict.fromkeys(faults)))
    for question in _asked(given):
        if question.default:
            given.setdefault(question.name, question.default)
    return given


def _asked(given: dict[str, Any]) -> Iterator[Question]:
    profile = str(given.get("oidc_profile", "generic"))
    return (q for q in QUESTIONS if not q.only_for or profile in q.only_for)


def asked() -> dict[str, Any]:
    """Ask everything; a wrong answer is asked again with what is wrong."""
    given: dict[str, Any] = {}
    for question in QUESTIONS:
        if question.only_for and given.get("oidc_profile") not in question.only_for:
            continue
        if question.name == "owner_database_url" and not str(given["database_url"]).startswith("postgresql"):
            continue
        while True:
            given[question.name] = click.prompt(question.words, default=question.default, hide_input=question.secret)
            said = fault(given, question.name)
            if not said:
                break
            click.echo(f"  {said}")
    if said := _whole_fault(given):
        raise SettingsWrong(f"{said} Nothing was written; run it again.")
    return given


def meanings() -> dict[str, str]:
    """Return the sentence that stands under each setting in its class."""
    body = ast.parse(inspect.getsource(Settings)).body[0].body  # type: ignore[attr-defined]  # a class statement
    return {
        named.target.id: " ".join(said.value.value.replace("``", "").split())
        for named, said in itertools.pairwise(body)
        if isinstance(named, ast.AnnAssign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant)
        if isinstance(named.target, ast.Name) and isinstance(said.value.value, str)
    }


def file_of(given: dict[str, Any]) -> str:
    """Return the settings file: every setting with what it means; what was not answered stands as a comment."""
    lines = ['"""Settings of the meldcode, read at start. After a change, as root:', ""]
    lines += ["systemctl restart meldcode-web meldcode-worker meldcode-beat", '"""', ""]
    for name, meaning in meanings().items():
        value = given.get(name)
        lines += [f"# {meaning}"]
        key = f"{PREFIX}{name.upper()}"
        lines += [f"{key} = {value!r}" if value not in (None, "") else f"# {key} =", ""]
    return "\n".join(lines)


def write(path: Path, text: str) -> None:
    """Write a file that its owner alone reads, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
