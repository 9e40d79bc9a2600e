"""The OneRoster adapter against a server that does as the standards say, as a real one does, and as none should."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from meldcode_oneroster import reading, source
from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import Fault, OtherId, Pupil, RosterSource, StudentSource
from tests.integrations.contract import StudentSourceContract
from tests.integrations.school import TownSchool
from tests.integrations.server import Manners, RosterServer, certificate

SCHOOL = TownSchool(43, 90)
AYA, BERG, HART = (SCHOOL.children()[n] for n in (0, 1, 4))
QUICK: dict[str, Any] = {"timeout_seconds": 0.3, "page_seconds": 1, "list_seconds": 1, "rest_seconds": 0}
PATIENT: dict[str, Any] = QUICK | {"timeout_seconds": 1.5, "page_seconds": 4, "list_seconds": 4}
"""For a server that must be read well first, also on a busy machine."""
RECORDED = Path(__file__).parent / "data/oneroster-1.2-edfi"

WAYS = {
    "1.2": (Manners(), {}),
    "1.2-nested": (Manners(clamp=20), {"nested": True}),
    "1.1": (Manners(version="1.1", totals=False, clamp=40), {}),
    "real": (Manners(nested=False, totals=False, clamp=10, real=True), {"nested": True}),
}


@pytest.fixture(scope="module", params=WAYS)
def listening(request: pytest.FixtureRequest) -> Iterator[StudentSource]:
    """The adapter, found by its entry point, with a server of each kind."""
    manners, options = WAYS[request.param]
    with RosterServer(SCHOOL, manners) as server:
        yield sis.load("oneroster", server.options(**options))


class TestOneRoster(StudentSourceContract):
    """One contract, whatever the version and the manners of the server."""

    @pytest.fixture
    def source(self, listening: StudentSource) -> StudentSource:
        """The adapter."""
        return listening

    @pytest.fixture
    def known(self) -> Pupil:
        """A child with a particle."""
        return SCHOOL.known(BERG)

    def test_everybody_is_in_the_roster(self, source: StudentSource):
        """However small the pages: all pupils, once, each as it is alone; and the staff, who left not active."""
        assert isinstance(source, RosterSource)
        found = source.roster()
        assert [SCHOOL.known(child) for child in SCHOOL.children()] == sorted(found.pupils, key=lambda one: one.id)
        assert 12 == len(found.staff)
        assert [False, True] == sorted({member.active for member in source.staff()})

    def test_names_are_found_as_people_type_them(self, source: StudentSource):
        """Without accents, apostrophes, and with the particle in one word or left out."""
        for typed in ("ozturk aya 0", "ozturk 0 Aya", "Öztürk, Aya 0"):
            assert [SCHOOL.known(AYA)] == source.search(typed), typed
        for typed in ("vandenberg bram", "Berg, Bram van den", "bram v.d. berg"):
            assert SCHOOL.known(BERG) in source.search(typed), typed
        for typed in ("eva t hart", "eva 't hart", "hart eva"):
            assert SCHOOL.known(HART) in source.search(typed), typed
        assert "Daan O'Neill 3" in [one.name for one in source.search("oneill")]


@pytest.fixture
def server() -> Iterator[RosterServer]:
    """A server that does as a real one does, until it is told otherwise."""
    with RosterServer(SCHOOL, Manners.real_ones()) as made:
        yield made


def code_of(asked: StudentSource, what: str = "roster") -> str:
    """Ask, and return the code of what is wrong; the check says the same in words, and names nobody."""
    with pytest.raises(SourceUnavailable) as caught:
        _ = asked.pupil(AYA.id) if what == "pupil" else getattr(asked, what)()
    assert caught.value.why.startswith("OneRoster: ")
    assert not any(child.name in caught.value.why for child in SCHOOL.children())
    return caught.value.code


FAULTS: dict[str, tuple[Fault, dict[str, Any]]] = {
    "fails": (Fault.ERROR, {"always": 500}),
    "overloaded": (Fault.BUSY, {"always": 429, "headers": {"Retry-After": "3600"}}),
    "forbidden": (Fault.FORBIDDEN, {"always": 403}),
    "no such question": (Fault.NONSENSE, {"always": 400}),
    "token never right": (Fault.CREDENTIALS, {"always": 401}),
    "page loop": (Fault.LOOP, {"loop": True}),
    "silence": (Fault.SLOW, {"silence": 2.0}),
    "drips": (Fault.SLOW, {"drip": 0.05}),
    "redirect": (Fault.REDIRECT, {"redirect": "https://elsewhere.example/"}),
    "nobody": (Fault.EMPTY, {"none": True}),
    "another school": (Fault.FOREIGN, {"foreign": True}),
    "wrong encoding": (Fault.ENCODING, {"latin": True}),
    "not JSON": (Fault.NONSENSE, {"bodies": b"<html>Welkom</html>"}),
    "endlessly nested": (Fault.NONSENSE, {"bodies": b"[" * 100_000}),
    "no list": (Fault.NONSENSE, {"bodies": b'{"message": "ok"}'}),
    "hangs up": (Fault.AWAY, {"status": {"students": [0] * 24}}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_own_code(server: RosterServer, name: str):
    """What is wrong with a server is said by a code and a sentence; nothing but `SourceUnavailable` comes out."""
    code, bad = FAULTS[name]
    asked = source(server.options(**QUICK))
    for key, value in bad.items():
        setattr(server.manners, key, value)
    assert code == code_of(asked)
    assert [False] == [finding.ok for finding in asked.check()]


@pytest.mark.parametrize("name", ["fails", "page loop", "silence", "nobody", "another school", "wrong encoding"])
def test_what_was_known_stays_known(server: RosterServer, name: str):
    """While a server is wrong, a pupil who was read before is still as it was, also when that was a while ago."""
    asked = source(server.options(**PATIENT, fresh_minutes=0))
    assert SCHOOL.known(AYA) == asked.pupil(AYA.id)
    asked.search("aya")
    for key, value in FAULTS[name][1].items():
        setattr(server.manners, key, value)
    assert SCHOOL.known(AYA) == asked.pupil(AYA.id)
    assert "Chloé de Groot 2" in [one.name for one in asked.search("chloe")]


def test_expired_certificate_is_said_in_clear_words(tmp_path: Path):
    """An expired certificate is not passed over, and the reason is not 'unavailable'."""
    expired = certificate(tmp_path, days=-3)
    with RosterServer(SCHOOL, certificate=expired) as server:
        asked = source(server.options(ca_file=str(expired), **QUICK))
        assert Fault.CERTIFICATE == code_of(asked)
        assert "has expired" in asked.check()[0].text
        stranger = source(server.options(**QUICK))
        assert Fault.CERTIFICATE == code_of(stranger)
        assert "not trusted" in stranger.check()[0].text


def test_a_certificate_of_the_school_is_enough(tmp_path: Path):
    """With its issuer in ca_file, a server is trusted."""
    own = certificate(tmp_path, days=30)
    with RosterServer(SCHOOL, certificate=own) as server:
        assert SCHOOL.known(AYA) == source(server.options(ca_file=str(own))).pupil(AYA.id)


def test_a_fault_that_passes_is_tried_again(server: RosterServer):
    """A server that fails twice, or asks to wait a moment, is asked again; nobody notices."""
    server.manners.status = {"students": [500, 503], "users": [429], "token": [502]}
    server.manners.headers = {"Retry-After": "0"}
    assert 43 == len(source(server.options()).roster().pupils)


def test_a_silent_server_is_left_alone(server: RosterServer):
    """After one silence no page waits for the same server again; it is asked anew once it has rested."""
    asked = source(server.options(**QUICK | {"rest_seconds": 0.6}))
    server.manners.silence = 0.5
    assert Fault.SLOW == code_of(asked, "pupil")
    begin, count = time.monotonic(), len(server.asked)
    assert Fault.SLOW == code_of(asked, "pupil")
    assert (count, True) == (len(server.asked), time.monotonic() - begin < 0.2)
    server.manners.silence = 0
    time.sleep(0.7)
    assert SCHOOL.known(AYA) == asked.pupil(AYA.id)


def test_a_token_is_kept_and_asked_anew(server: RosterServer):
    """One token for many questions; one that the server forgot, or that is old, is replaced without a fault."""
    asked = source(server.options(fresh_minutes=0))
    asked.pupil(AYA.id)
    asked.pupil(BERG.id)
    assert 1 == server.asked.count("token")
    server.tokens.clear()
    assert SCHOOL.known(AYA) == asked.pupil(AYA.id)
    assert 2 == server.asked.count("token")
    server.manners.token_seconds = 0
    server.tokens.clear()
    assert Fault.CREDENTIALS == code_of(asked)


def test_wrong_client_is_said(server: RosterServer):
    """A client that gets no token reads which options to check; a scope that it may not have as well."""
    assert Fault.CREDENTIALS == code_of(source(server.options(client_secret="fout", **QUICK)))
    server.manners.refused_scopes = ("roster-demographics",)
    assert Fault.CREDENTIALS == code_of(source(server.options(**QUICK)))
    without = source(server.options(demographics=False)).pupil(AYA.id)
    assert without is not None
    assert (AYA.name, None) == (without.name, without.birth_date)


def test_a_client_without_birth_dates_works_without(server: RosterServer):
    """When the server refuses birth dates alone, all else is there."""
    core = "https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"
    asked = source(server.options(scopes=core))
    alone = asked.pupil(AYA.id)
    assert isinstance(asked, RosterSource)
    assert {None} == {one.birth_date for one in asked.roster().pupils} == {alone and alone.birth_date}


def test_other_schools_stay_out(server: RosterServer):
    """A school that the server does not know is a fault; it is never taken from what the server has."""
    asked = source(server.options(school="98ZZ", **QUICK))
    assert Fault.FOREIGN == code_of(asked)
    assert "98ZZ" in asked.check()[0].text
    server.manners.foreign = True
    assert None is source(server.options(**QUICK)).pupil(AYA.id)


def test_lookup_on_a_page_is_quick(server: RosterServer):
    """After the first question a pupil comes from memory, without a question to the server."""
    asked = source(server.options())
    asked.search("aya")
    count, begin = len(server.asked), time.monotonic()
    assert all(asked.pupil(child.id) for child in SCHOOL.children())
    assert (count, True) == (len(server.asked), time.monotonic() - begin < 0.2)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"base_url": ""}, "also needs base_url"),
        ({"base_url": "http://roster.example/v1p2"}, "must start with https"),
        ({"version": "1.3"}, "version is one of"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": "veel"}, "page_size is a number"),
        ({"nested": "misschien"}, "nested is true or false"),
        ({"paginas": 3}, "does not know paginas"),
        ({"timeout_seconds": -1}, "not below zero"),
    ],
)
def test_wrong_options_are_named(given: dict[str, Any], said: str):
    """An option that can not be meant stops the start with a sentence; the secret is never in it."""
    right = {
        "base_url": "https://r.example",
        "token_url": "https://r.example/t",
        "client_id": "x",
        "client_secret": "diep geheim",
        "school": "99AB",
    }
    with pytest.raises(SettingsWrong, match=said) as caught:
        source(right | given)
    assert "diep" not in str(caught.value)


def test_recorded_answers_of_a_real_server_are_read():
    """What a real server once sent: names, ids, schools and the birth date in its own wrapper."""
    students = json.loads((RECORDED / "students_p1.json").read_text())["body"]["users"]
    first = reading.person(students[0])
    assert ("Kirk Schultz", True) == (first.name, first.active)
    assert (("student", "d09a662a613dd49a4432016515144d3b"),) == first.roles
    assert (OtherId("identifier", "0000002645"), OtherId("studentUniqueId", "0000002645")) == first.ids
    teachers = json.loads((RECORDED / "teachers.json").read_text())["body"]["users"]
    assert [True] * 3 == [reading.person(row).is_staff for row in teachers]


def test_odd_rows_are_read_without_a_fault():
    """Nulls, lists in the place of texts, days that do not exist: what can not be read is unknown, nothing breaks."""
    odd: list[dict[str, Any]] = [
        {},
        {"sourcedId": None, "roles": None, "userIds": None, "agents": None},
        {"sourcedId": 7, "roles": [None, "student", {"role": None}], "orgs": "x", "userIds": ["x", {"type": 3}]},
        {"sourcedId": ["x"], "givenName": {"nl": "Aya"}, "enabledUser": None, "role": "student", "orgs": [None]},
    ]
    assert ["", "", "7", ""] == [reading.person(row).id for row in odd]
    assert [None] * 4 == [reading.day(value) for value in (None, "", "2026-02-30", ["2026"])]
