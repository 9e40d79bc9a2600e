"""The adapter to the Flask app around the plugin: the example of the docs, run, and hosts that do it wrong."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from meldcode_flaskhost import source
from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import Fault, Guardian, OtherId, Pupil, RosterSource, StaffMember, StudentSource
from meldcode_plugin.store.keys import new_key_file
from tests.integrations.contract import StudentSourceContract

EXAMPLE = Path(__file__).parents[2] / "docs/examples/flask_host.py"


@pytest.fixture(scope="module")
def example() -> Iterator[ModuleType]:
    """The example of docs/embed.md, as a module."""
    spec = importlib.util.spec_from_file_location("flask_host", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["flask_host"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["flask_host"]


@pytest.fixture
def host(example: ModuleType, tmp_path: Path) -> Iterator[Flask]:
    """The host with four pupils and two teachers in its own database."""
    new_key_file(tmp_path / "key")
    app: Flask = example.create_app(
        {
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'school.sqlite'}",
            "SECRET_KEY": "x" * 32,
            "MELDCODE_SCHOOL": "99AB",
            "MELDCODE_PUBLIC_URL": "http://localhost:5000",
            "MELDCODE_OIDC_ISSUER": "http://localhost:5001",
            "MELDCODE_OIDC_CLIENT_ID": "meldcode",
            "MELDCODE_OIDC_CLIENT_SECRET": "geheim",
            "MELDCODE_KEY_FILE": str(tmp_path / "key"),
            "MELDCODE_BLOB_DIR": str(tmp_path / "blobs"),
        }
    )
    with app.app_context():
        session = example.db.session
        for number, name in enumerate(("Aya Benali", "Pim van den Berg", "Roos 't Hart", "Isa Öztürk"), 1):
            session.add(
                example.Pupil(id=number, number=f"ll{number}", name=name, born=date(2018, 1, number), group="4")
            )
        session.add(example.Parent(pupil_id=2, name="Els van den Berg", email="els@thuis.example"))
        session.add_all([example.Teacher(name="Sanne"), example.Teacher(name="Piet", left=True)])
        session.commit()
        yield app
        session.remove()
        example.db.engine.dispose()
        app.extensions["meldcode"].store.engine.dispose()


class TestExample(StudentSourceContract):
    """The example keeps the shared contract, through the very settings that it makes."""

    @pytest.fixture
    def source(self, host: Flask) -> StudentSource:
        """The adapter as the plugin made it."""
        made: StudentSource = host.extensions["meldcode"].source
        return made

    @pytest.fixture
    def known(self) -> Pupil:
        """A pupil with a parent."""
        parents, ids = (Guardian("Els van den Berg", "els@thuis.example"),), (OtherId("leerlingnummer", "ll2"),)
        return Pupil("2", "Pim van den Berg", date(2018, 1, 2), "4", parents, ids)

    def test_everybody_is_there(self, source: StudentSource):
        """All pupils, and who left is not active."""
        assert isinstance(source, RosterSource)
        assert (4, 2) == (len(source.roster().pupils), len(source.roster().staff))
        assert [True, False] == [member.active for member in source.staff()]

    def test_the_button_is_on_the_pupils_page(self, host: Flask):
        """A teacher finds the button where the pupil is."""
        page = host.test_client().get("/leerling/2").text
        assert '/meldcode/leerling/2/signaal"' in page


AYA = Pupil("1", "Aya")


def wrong(**functions: Any) -> StudentSource:
    """Return the adapter on a host of which one function is wrong."""
    right: dict[str, Any] = {
        "pupil": lambda key: AYA if key == "1" else None,
        "search": lambda words, limit: [AYA],
        "staff": lambda: [StaffMember("m", "Juf")],
        "pupils": lambda: [AYA],
    }
    return source(right | functions)


def test_names_of_functions_are_found_when_they_are_needed():
    """The app that holds them may still be starting when the settings are read."""
    asked = source({"pupil": "later_made:one", "search": "later_made:some", "staff": "later_made:all_staff"})
    with pytest.raises(SourceUnavailable) as caught:
        asked.staff()
    assert (Fault.HOST, True) == (caught.value.code, "ModuleNotFoundError" in caught.value.why)
    sys.modules["later_made"] = module = ModuleType("later_made")
    module.all_staff = lambda: [StaffMember("m", "Juf")]  # type: ignore[attr-defined]  # made here
    assert 1 == len(asked.staff())
    del sys.modules["later_made"]


def test_whatever_a_host_does_only_the_one_error_comes_out(caplog: pytest.LogCaptureFixture):
    """A function that breaks, or that gives a model, a dict or a number for an id, is a fault; its words go nowhere."""

    def breaks(*_: object) -> Any:
        raise RuntimeError("Aya Benali is geheim")

    faults: list[Any] = [breaks, lambda *a: {"id": "1"}, lambda *a: [Pupil(1, "x")], lambda *a: 7]  # type: ignore[arg-type]  # wrong on purpose
    for fault in faults:
        for name, ask in {
            "pupil": lambda s: s.pupil("1"),
            "search": lambda s: s.search("aya"),
            "staff": lambda s: s.staff(),
            "pupils": lambda s: s.roster(),
        }.items():
            with pytest.raises(SourceUnavailable) as caught:
                ask(wrong(**{name: fault}))
            assert caught.value.code == Fault.HOST
            assert "Benali" not in caught.value.why + caplog.text


def test_a_host_that_gives_another_pupil_gives_none():
    """A pupil with another id than the one asked is never shown."""
    assert None is wrong(pupil=lambda key: AYA).pupil("2")
    assert [False] == [one.ok for one in wrong(pupil=lambda key: Pupil(key, "x")).check()[:1]]


def test_search_is_held_to_its_limit_whatever_the_host_gives():
    """No words give nobody, and never more than were asked."""
    asked = wrong(search=lambda words, limit: [Pupil(str(n), "a") for n in range(100)])
    assert (0, 3) == (len(asked.search(" ")), len(asked.search("a", 3)))


def test_nobody_or_doubles_are_a_fault_of_the_list():
    """An empty list, or two pupils with one id, is never taken for the school; without a list the rest works."""
    codes = []
    for pupils in (list, lambda: [AYA, AYA]):
        asked = wrong(pupils=pupils)
        assert isinstance(asked, RosterSource)
        with pytest.raises(SourceUnavailable) as caught:
            asked.roster()
        codes.append(caught.value.code)
    assert [Fault.EMPTY, Fault.DUPLICATE] == codes
    given = {"pupil": lambda key: None, "search": lambda words, limit: [], "staff": lambda: [StaffMember("m", "Juf")]}
    assert all(one.ok for one in source(given).check())


@pytest.mark.parametrize(
    "options",
    [{}, {"pupil": "a:b", "search": "a:b"}, dict.fromkeys(("pupil", "search", "staff"), "geen naam"), {"x": "a:b"}],
)
def test_wrong_options_are_named(options: dict[str, str]):
    """A setting that means nothing is an error at start, not a silence later."""
    with pytest.raises(SettingsWrong, match="MELDCODE_SOURCE_OPTIONS"):
        sis.load("flaskhost", options)
