"""`meldcode init` makes an installation of answers, says what is wrong with each, and is safe to run twice."""

from __future__ import annotations

import io
import json
import logging
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo

import meldcode_plugin
from meldcode_plugin import logs
from meldcode_plugin.cli import meldcode
from meldcode_plugin.services import installation
from tests.machine.databases import Database

ANSWERS = """
school = "99ZZ00"
school_name = "De Wilgenhof"
public_url = "https://meldcode.school.example"
database_url = "sqlite:///{folder}/meldcode.sqlite"
redis_url = ""
oidc_issuer = "https://inloggen.school.example"
oidc_client_id = "meldcode"
oidc_client_secret = "een geheim van de school"
key_file = "{folder}/key"
blob_dir = "{folder}/files"
backup_dir = "{folder}/backups"
director = "d-1"
director_name = "Ruud Jansma"
board = "b-1"
board_person = "Bea Stuur"
"""


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch):
    """Begin without settings, and leave none behind."""
    monkeypatch.setenv("MELDCODE_SETTINGS", "")


def run(folder: Path, *more: str, text: str | None = None, typed: str | None = None) -> Result:
    """Run the command with these answers."""
    words = ["init", "--settings", str(folder / "settings.py"), *more]
    if typed is None:
        (folder / "answers.toml").write_text((text or ANSWERS).format(folder=folder))
        words += ["--answers", str(folder / "answers.toml")]
    return CliRunner().invoke(meldcode, words, input=typed)


def test_answers_make_an_installation(tmp_path: Path):
    """Settings for the owner alone, a key that can not be written to, tables, school, director and board, units."""
    done = run(tmp_path, "--units", str(tmp_path / "units"))
    assert 0 == done.exit_code, done.output
    assert 0o600 == (tmp_path / "settings.py").stat().st_mode & 0o777
    assert 0o400 == (tmp_path / "key").stat().st_mode & 0o777
    app = meldcode_plugin.create_app()
    assert [("99ZZ00", "De Wilgenhof")] == installation.school_list(app.extensions["meldcode"])
    units = {path.name: path.read_text() for path in (tmp_path / "units").iterdir()}
    assert {"meldcode-web.service", "meldcode-worker.service", "meldcode-beat.service", "nginx.conf"} < set(units)
    assert not [
        name for name, text in units.items() if any(f"@{mark}@" in text for mark in ("BIN", "SETTINGS", "HOST"))
    ]
    assert all("NoNewPrivileges=yes" in text for name, text in units.items() if name.endswith(".service"))
    web = units["meldcode-web.service"]
    assert web.index("SystemCallFilter=@chown") > web.index("SystemCallFilter=~@privileged")
    app.extensions["meldcode"].store.engine.dispose()


def test_the_units_may_write_the_anchors(tmp_path: Path):
    """The folder of the anchors lies outside the others, and no unit stops when it is not there."""
    text = f'{ANSWERS}anchor_file = "{{folder}}/elsewhere/anchors"\n'
    assert 0 == run(tmp_path, "--units", str(tmp_path / "units"), text=text).exit_code
    units = [path.read_text() for path in (tmp_path / "units").glob("*.service")]
    assert [f"-{tmp_path}/elsewhere"] * 5 == [
        word for text in units for word in re.findall(r"-/\S*elsewhere", text) if "ReadWritePaths" in text
    ]


def test_every_line_of_the_settings_says_what_it_means(tmp_path: Path):
    """The file explains each setting, also those that were left out, and no setting is missing."""
    run(tmp_path)
    text = (tmp_path / "settings.py").read_text()
    for name in meldcode_plugin.settings.Settings.model_fields:
        assert f"MELDCODE_{name.upper()} =" in text
    assert "# Issuer of the school's OpenID provider" in text
    assert "owner" not in text.lower() or "meldcode_owner" not in text


def test_a_second_time_changes_nothing(tmp_path: Path):
    """Every file has the same bytes, and each part says that it was there."""
    run(tmp_path, "--units", str(tmp_path / "units"))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.name}
    again = run(tmp_path, "--units", str(tmp_path / "units"))
    assert 0 == again.exit_code, again.output
    assert before == {path: path.read_bytes() for path in before}
    for part in ("Settings:", "Key:", "School:"):
        assert [line for line in again.output.splitlines() if line.startswith(part) and "stays as it is" in line]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("https://meldcode.school.example", "http://meldcode.school.example"), "MELDCODE_PUBLIC_URL: "),
        (('school = "99ZZ00"\n', ""), "school is missing"),
        (('director = "d-1"', 'directeur = "d-1"'), "directeur: there is no such answer"),
        (('oidc_client_id = "meldcode"', 'oidc_client_id = "meldcode"\noidc_profile = "entra"'), "MELDCODE_OIDC_HOME"),
        (("inloggen.school.example", "login.microsoftonline.com/common/v2.0"), "your own tenant id"),
        (('school = "99ZZ00"', "school = 99ZZ00"), "can not be read as TOML"),
        (("sqlite:///{folder}/meldcode.sqlite", "sqlite:////nowhere/meldcode.sqlite"), "MELDCODE_DATABASE_URL"),
    ],
)
def test_a_wrong_answer_is_named(tmp_path: Path, change: tuple[str, str], words: str):
    """The message names the answer and what to do, and no school was made."""
    done = run(tmp_path, text=ANSWERS.replace(*change))
    assert 1 == done.exit_code
    assert words in done.output
    assert "geheim" not in done.output
    assert not (tmp_path / "meldcode.sqlite").exists()


def test_a_wrong_answer_is_asked_again(tmp_path: Path):
    """Who types an address without https reads so at once, and types it again."""
    typed = ["99ZZ00", "De Wilgenhof", "http://school.example", "https://school.example"]
    typed += [f"sqlite:///{tmp_path}/m.sqlite", "", "generic", "https://inloggen.school.example", "meldcode", "geheim"]
    typed += ["medewerkers", "memory", f"{tmp_path}/key", f"{tmp_path}/files", f"{tmp_path}/backups", "", ""]
    typed += ["d-1", "Ruud Jansma", "", "b-1", "Bea Stuur", ""]
    done = run(tmp_path, typed="\n".join(typed) + "\n")
    assert 0 == done.exit_code, done.output
    assert "must start with https://" in done.output
    assert "https://school.example" in (tmp_path / "settings.py").read_text()


def test_tables_go_down_and_up_as_their_owner(
    empty_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """On PostgreSQL the application's own role may not make tables and is told what to give; with it, it works."""
    text = ANSWERS.replace("sqlite:///{folder}/meldcode.sqlite", empty_database.url)
    done = run(tmp_path, text=f'{text}\nowner_database_url = "{empty_database.owner_url}"\n')
    assert 0 == done.exit_code, done.output
    assert empty_database.owner_url not in (tmp_path / "settings.py").read_text() or empty_database.kind == "sqlite"
    monkeypatch.setenv("MELDCODE_SETTINGS", str(tmp_path / "settings.py"))
    script = ScriptInfo(create_app=meldcode_plugin.create_app)
    owner = ["--as", empty_database.owner_url]
    for words in (["downgrade", "2", *owner], ["upgrade", *owner]):
        moved = CliRunner().invoke(meldcode, ["db", *words], obj=script)
        assert 0 == moved.exit_code, moved.output
    if empty_database.kind == "postgresql":
        refused = CliRunner().invoke(meldcode, ["db", "downgrade", "2"], obj=script)
        assert "--as" in str(refused.exception)
    read = CliRunner().invoke(meldcode, ["db", "upgrade", "--as", "-"], obj=script, input=empty_database.owner_url)
    assert 0 == read.exit_code, read.output
    script.load_app().extensions["meldcode"].store.engine.dispose()


# --- the log of the machine --------------------------------------------------------------------------


@pytest.fixture
def lines():
    """Send log lines through our form, and read them back."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("meldcode.test"), logging.getLogger("some.library")
    for one in logger:
        one.addHandler(handler)
        one.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    for one in logger:
        one.removeHandler(handler)


def test_a_log_line_is_json_and_holds_no_word_of_a_person(lines):
    """Our own text stays; of a library only the pattern; of a fault its kind and place, never its words."""
    logging.getLogger("meldcode.test").warning("sign-in refused: %s", "home")
    logging.getLogger("some.library").warning("could not read %s", "Aya Benali")
    logging.getLogger("some.library").warning("could not read Aya Benali")  # as libraries do
    try:
        raise ValueError("Aya Benali")  # the canary
    except ValueError:
        logging.getLogger("meldcode.test").exception("a fault of ours")
    said = lines()
    left_out = "a line of a library, left out"
    expected = ["sign-in refused: home", "could not read %s", left_out, "a fault of ours"]
    assert expected == [line["text"] for line in said]
    assert ("ValueError", "warning") == (said[3]["fault"], said[0]["level"])
    assert said[3]["place"].startswith("test_a_log_line_is_json")
    assert "Aya" not in json.dumps(said)
