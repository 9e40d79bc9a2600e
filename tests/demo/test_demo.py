"""The whole demo: started, visited, shaken, stopped, and started again over the same folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.demo.school import COMMAND, School, Visitor, school
from tests.machine.databases import Database
from tests.machine.process import short_folder


def test_ready_file_tells_all(running: School):
    """Addresses that answer, people of every role, and thirty pupils with their pages."""
    ready = running.ready
    assert {user["role"] for user in ready["users"]} == {
        "teacher",
        "teacher, parent at the school",
        "IB-er",
        "director",
        "IT admin",
        "board member",
    }
    assert all(user["login"] and user["password"] and user["name"] for user in ready["users"])
    assert len({pupil["url"] for pupil in ready["pupils"]}) == 30
    for url in (ready["mail_url"], ready["plugin_url"] + "healthz", ready["plugin_url"] + "readyz"):
        assert requests.get(url, timeout=10).status_code == 200
    assert requests.get(ready["mail_url"] + "api/messages", timeout=10).json() == []


def test_teacher_comes_from_pupil_page_to_form(running: School):
    """Sign in at the provider, open a pupil, press the button: the form of that pupil, without a second sign-in."""
    with Visitor(running.user("sanne")) as sanne:
        page = sanne.open(running.ready["pupils"][0]["url"])
        assert page.url == running.ready["pupils"][0]["url"]
        assert "<h1>Aya Benali</h1>" in page.text
        form = sanne.send("token")
        assert form.status_code == 200
        assert form.url.startswith(running.ready["plugin_url"] + "signaal/")
        assert "Aya Benali" in form.text


def test_button_works_once(running: School):
    """The token of a page that was used before opens nothing."""
    with Visitor(running.user("joris")) as joris:
        old = joris.open(running.ready["pupils"][1]["url"])
        assert joris.send("token").status_code == 200
        joris.page = old
        assert joris.send("token").status_code == 400


def test_roles_are_there_from_the_start(running: School):
    """The IB-er has the worklist, appointed by director and board; a teacher has not."""
    for login, status in (("marijke", 200), ("sanne", 404)):
        with Visitor(running.user(login)) as visitor:
            page = visitor.open(running.ready["plugin_url"] + "werkvoorraad")
            assert page.status_code == status, (page.url, "".join(running.said))


def test_signing_out_of_the_school_signs_out_everywhere(running: School):
    """The next person at this computer signs in as themselves: in the school's system, the plugin and the provider."""
    plugin = running.ready["plugin_url"] + "mijn-signalen"
    with Visitor(running.user("ruud")) as ruud:
        ruud.open(running.ready["sis_url"])
        assert ruud.open(plugin).url == plugin
        ruud.open(running.ready["sis_url"])
        assert "Je bent uitgelogd." in ruud.send("form_token").text
        for url in (running.ready["sis_url"], plugin):
            assert ruud.visit(url).url.startswith(running.ready["provider_url"] + "/login")


def test_wrong_password_stays_out(running: School):
    """The provider is a real one."""
    with Visitor(running.user("femke") | {"password": "geraden"}) as stranger:
        assert not stranger.open(running.ready["sis_url"]).url.startswith(running.ready["sis_url"])


def test_dead_part_comes_back(running: School):
    """The queue is killed: the terminal says so, and it answers again."""
    os.kill(part(running, b"valkey-server"), signal.SIGKILL)
    running.heard("queue stopped (signal 9)")
    running.heard("queue answers")


def test_second_start_finds_everything(tmp_path: Path):
    """The same addresses, keys, people and dossiers: a draft from before is still there; the owner alone reads it."""
    with school(tmp_path, "--provider-port", "0") as first, Visitor(first.user("noor")) as noor:
        noor.open(first.ready["pupils"][2]["url"])
        draft = noor.send("token").url
        keys = requests.get(first.ready["provider_url"] + "/oauth/jwks.json", timeout=10).json()
    assert first.process.returncode == 0
    assert first.said[-1] == "All parts have stopped.\n"
    assert not (tmp_path / "ready.json").exists()
    with school(tmp_path) as second:
        assert first.ready["provider_url"] == second.ready["provider_url"]
        assert keys == requests.get(second.ready["provider_url"] + "/oauth/jwks.json", timeout=10).json()
        again = second.ready["sis_url"] + draft.removeprefix(first.ready["sis_url"])
        with Visitor(second.user("noor")) as noor:
            assert "Daan Vermeulen" in noor.open(again).text
    data = tmp_path / "data"
    assert [path for path in (data, *data.iterdir()) if path.stat().st_mode & 0o077] == []


def test_killed_demo_leaves_nothing_and_starts_again(tmp_path: Path):
    """SIGKILL of the command: every one of its programs goes, and a start right after it waits for that."""
    with school(tmp_path, "--provider-port", "0") as killed:
        family = descendants(killed.process.pid)
        assert len(family) >= 10
        killed.process.kill()
        killed.process.wait()
    (tmp_path / "ready.json").unlink()
    with school(tmp_path) as again:
        assert killed.ready["provider_url"] == again.ready["provider_url"]
        end = time.monotonic() + 15
        while left := [pid for pid in family if command(pid)]:
            assert time.monotonic() < end, [command(pid) for pid in left]
            time.sleep(0.05)


def test_on_postgresql(tmp_path: Path, empty_postgresql: Database):
    """The same school on a database of one's own; its key stays in the data folder, so another folder is refused."""
    option = ("--database-url", empty_postgresql.owner_url)
    with school(tmp_path, "--provider-port", "0", *option) as running, Visitor(running.user("marijke")) as marijke:
        assert marijke.open(running.ready["plugin_url"] + "werkvoorraad").status_code == 200
    assert running.process.returncode == 0
    assert "has its key in another data folder. Start with that --data." in refused(tmp_path, *option)


def test_database_that_is_away_is_one_sentence(tmp_path: Path):
    """What the database's own driver says, and where the log is."""
    said = refused(tmp_path, "--database-url", f"postgresql://nobody@/none?host={tmp_path}")
    assert said.startswith("Error: database stopped while starting (exit code 1): ")
    assert "connection" in said
    assert said.count("\n") == 1


def test_taken_port_is_one_sentence(tmp_path: Path):
    """Which port, for what, and what to do; exit code 1, and no ready file."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        said = refused(tmp_path, "--port", port)
    assert said == f"Error: Port {port} for the sis is taken. Stop what listens there, or choose another port.\n"


def test_folder_in_use_is_one_sentence(tmp_path: Path, running: School):
    """Two demos never write in one folder, and the second one takes nothing away from the first."""
    data = running.ready["data"]
    said = refused(tmp_path, "--data", data)
    assert said == f"Error: Another demo runs in {data}. Stop that one, or start with another --data.\n"
    assert (tmp_path / "not-ready.json").read_text() == "of another"


def test_surroundings_do_not_reach_the_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Settings of somebody's own installation, and a proxy that would see every sign-in, are left out."""
    for name in ("MELDCODE_SCHOOL", "FLASK_DEBUG", "GUNICORN_CMD_ARGS", "CANAILLE_CONFIG", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with school(tmp_path, "--provider-port", "0") as running:
        monkeypatch.undo()
        with Visitor(running.user("hans")) as hans:
            assert hans.open(running.ready["sis_url"]).url == running.ready["sis_url"]


def test_failed_start_keeps_its_logs(monkeypatch: pytest.MonkeyPatch):
    """Without a data folder all is gone after a run; after a failed start the log that is named can be read."""
    with short_folder("demo") as folder:
        monkeypatch.setenv("TMPDIR", str(folder))
        said = refused(folder, "--database-url", "postgresql://nobody@/none?host=/nowhere", data=None)
        log = Path(said.rpartition("Log: ")[2].strip().rstrip("."))
        assert "could not be built" in log.read_text()


def test_provider_does_not_move(tmp_path: Path):
    """Its address is half of every account, so another port over the same folder is refused with the reason."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "demo.json").write_text(json.dumps({"ports": {"provider": 8799}, "secrets": {}}))
    said = refused(tmp_path, "--data", str(data), "--provider-port", "8798")
    assert said.startswith("Error: The people in this data folder sign in at port 8799.")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "school.example", "::1"])  # noqa: S104  # that it is refused is the test
def test_only_loopback(tmp_path: Path, host: str):
    """Known passwords stay on this machine."""
    run = subprocess.run(
        [*COMMAND, "--host", host, "--data", tmp_path / "data"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2
    assert "loopback" in run.stderr
    assert not (tmp_path / "data").exists()


def refused(folder: Path, *options: str, data: str | None = "own") -> str:
    """Start a demo that must not start, and return what it says; it never says that it is ready."""
    ready = folder / "not-ready.json"
    ready.write_text("of another")
    own = ("--data", str(folder / data)) if data else ()
    line = [*COMMAND, *own, "--ready-file", str(ready), *options]
    run = subprocess.run(line, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 1
    assert "pupils" not in (ready.read_text() if ready.exists() else "")
    return run.stderr


def descendants(pid: int) -> list[int]:
    """Return all children of a process, and theirs."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return [one for child in children for one in (child, *descendants(child))]


def command(pid: int) -> bytes:
    """Return the command line of a process, empty when it is gone."""
    file = Path(f"/proc/{pid}/cmdline")
    return file.read_bytes() if file.exists() else b""


def part(running: School, name: bytes) -> int:
    """Return the process of the demo that has this name."""
    return next(pid for pid in descendants(running.process.pid) if name in command(pid))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """One demo for the tests that only look."""
    with school(tmp_path_factory.mktemp("demo"), "--provider-port", "0") as found:
        yield found
