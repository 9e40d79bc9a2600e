"""The EDEXML adapter on files as systems export them, and on files that nobody should send."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from meldcode_edexml import reading, source
from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import Fault, OtherId, Pupil, RosterSource, StudentSource
from tests.integrations.contract import StudentSourceContract
from tests.integrations.school import Child, TownSchool
from tests.machine.figures import Figures

SCHOOL = TownSchool(60, 0)
HEAD = '<?xml version="1.0" encoding="{}"?>\n'
SECRET = "111222333"


def edexml(school: TownSchool = SCHOOL, *, brin: str = "99AB", encoding: str = "utf-8", more: str = "") -> bytes:
    """Return a school as a system exports it: marks of identity, sex and photo included."""
    groups = "".join(
        f'<groep key="g{n}"><naam>Groep {n}</naam><jaargroep>{n % 9}</jaargroep></groep>' for n in range(80)
    )
    mixed = '<samengestelde_groep key="s1"><naam>Plusklas</naam></samengestelde_groep>'
    staff = "".join(
        f'<leerkracht key="lk{n}"><achternaam>Wit</achternaam><voorvoegsel>de</voorvoegsel><roepnaam>Juf {n}</roepnaam>'
        f"<emailadres>juf{n}@school.example</emailadres><groepen><groep key='g{n}'/></groepen></leerkracht>"
        for n in range(3)
    )
    text = (
        HEAD.format(encoding) + f"<EDEX><school><schooljaar>2026-2027</schooljaar><brincode>{brin}</brincode>"
        f"<dependancecode>00</dependancecode></school><groepen>{groups}{mixed}</groepen>"
        f"<leerlingen>{''.join(_leerling(child) for child in school.children())}{more}</leerlingen>"
        f"<leerkrachten>{staff}</leerkrachten></EDEX>"
    )
    return text.encode(encoding)


def _leerling(child: Child) -> str:
    particle, last = child.family
    return (
        f'<leerling key="{child.id}" eckid="https://ketenid.nl/x/{child.number}">'
        f"<achternaam>{last} {child.number}</achternaam><voorvoegsel>{particle}</voorvoegsel>"
        f"<voornamen>{child.given} Maria</voornamen><voorletters-1>A</voorletters-1><roepnaam>{child.given}</roepnaam>"
        f"<geboortedatum>{child.born}</geboortedatum><geslacht>2</geslacht><groep key='g{child.group}'/>"
        f"<samengestelde_groepen><samengestelde_groep key='s1'/></samengestelde_groepen>"
        f"<bsn_ondwnr-4>{SECRET}</bsn_ondwnr-4><fotourl>https://foto.example/1</fotourl></leerling>"
    )


def known_of(child: Child) -> Pupil:
    """Return the pupil as the adapter must."""
    eck = OtherId("eckid", f"https://ketenid.nl/x/{child.number}", stable=False)
    return Pupil(child.id, child.name, child.born, f"Groep {child.group}", (), (eck,))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the school in it."""
    made = tmp_path / "edex.xml"
    made.write_bytes(edexml())
    return made


def made(path: Path, **more: Any) -> StudentSource:
    """Return the adapter on a file."""
    return source({"path": str(path), "school": "99AB", **more})


class TestEdexml(StudentSourceContract):
    """The shared contract, on a whole file."""

    @pytest.fixture
    def source(self, path: Path) -> StudentSource:
        """The adapter, found by its entry point."""
        return sis.load("edexml", {"path": str(path), "school": "99ab", "dependance": "00"})

    @pytest.fixture
    def known(self) -> Pupil:
        """A child with a particle and an apostrophe."""
        return known_of(SCHOOL.children()[4])

    def test_everybody_is_there_and_nothing_else_is(self, source: StudentSource):
        """All pupils with their own group, not the mixed one; no guardian, and no mark of identity anywhere."""
        assert isinstance(source, RosterSource)
        found = source.roster()
        assert ([known_of(child) for child in SCHOOL.children()], 3) == (list(found.pupils), len(found.staff))
        assert SECRET not in repr(found)
        assert ["Juf 0 de Wit", "Juf 1 de Wit", "Juf 2 de Wit"] == [member.name for member in source.staff()]


def test_prefix_of_a_namespace_makes_no_difference(path: Path):
    """The same rows inside UWLR carry a namespace."""
    text = (
        '<le:leerlinggegevens xmlns:le="http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"><le:school>'
        "<le:brincode>99AB</le:brincode></le:school><le:groepen><le:groep key='1'><le:naam>Groep 3</le:naam></le:groep>"
        "</le:groepen><le:leerlingen><le:leerling key='7'><le:achternaam>Bos</le:achternaam>"
        "<le:voornamen>Bo Anna</le:voornamen><le:groep key='1'/></le:leerling></le:leerlingen></le:leerlinggegevens>"
    )
    path.write_text(text)
    assert Pupil("7", "Bo Bos", None, "Groep 3") == made(path).pupil("7")


def test_other_encodings_that_say_so_are_read(path: Path):
    """A file in windows-1252 or UTF-16 that names it gives the same names."""
    small = TownSchool(2)
    for encoding in ("windows-1252", "utf-16", "iso-8859-1"):
        path.write_bytes(edexml(small, encoding=encoding))
        assert "Aya Öztürk 0" == getattr(made(path).pupil("s00000"), "name", None)


def test_the_eck_id_finds_a_pupil_again_only_when_the_school_says_so(path: Path):
    """By law its purposes are few: it is kept as one more id, and matches nobody unless that is switched on."""
    found = made(path, match_on_eck_id="true").pupil("s00000")
    assert found is not None
    assert (True,) == tuple(one.stable for one in found.other_ids)


BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BAD: dict[str, tuple[Fault, Callable[[], bytes]]] = {
    "billion laughs": (
        Fault.UNSAFE,
        lambda: edexml().replace(b"<EDEX>", f'<!DOCTYPE x [<!ENTITY l0 "lol">{BILLION}]><EDEX>&l9;'.encode()),
    ),
    "outside entity": (
        Fault.UNSAFE,
        lambda: edexml().replace(b"<EDEX>", b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><EDEX>&f;'),
    ),
    "outside DTD": (
        Fault.UNSAFE,
        lambda: edexml().replace(b"<EDEX>", b'<!DOCTYPE x SYSTEM "http://x.example/x.dtd"><EDEX>'),
    ),
    "undeclared entity": (Fault.NONSENSE, lambda: edexml().replace(b"Aya", b"&aya;", 1)),
    "million rows": (Fault.TOO_MUCH, lambda: edexml(more="".join(f"<leerling key='x{n}'/>" for n in range(1_000_000)))),
    "endless name": (Fault.TOO_MUCH, lambda: edexml().replace(b"Aya", b"a" * 100_000, 1)),
    "too deep": (Fault.NONSENSE, lambda: b"<a>" * 100_000),
    "duplicate key": (Fault.DUPLICATE, lambda: edexml(more=_leerling(SCHOOL.children()[3]))),
    "no key": (Fault.NONSENSE, lambda: edexml(more="<leerling><achternaam>X</achternaam></leerling>")),
    "wrong encoding": (
        Fault.ENCODING,
        lambda: edexml(TownSchool(2), encoding="iso-8859-1").replace(b"iso-8859-1", b"utf-8"),
    ),
    "unknown encoding": (Fault.ENCODING, lambda: edexml().replace(b'"utf-8"', b'"klingon"')),
    "utf-7": (Fault.ENCODING, lambda: edexml().replace(b'"utf-8"', b'"utf-7"')),
    "half a file": (Fault.NONSENSE, lambda: edexml()[:9000]),
    "no XML": (Fault.NONSENSE, lambda: b"PK\x03\x04 geen xml"),
    "nothing": (Fault.NONSENSE, lambda: b""),
    "no pupils": (Fault.EMPTY, lambda: edexml(TownSchool(0))),
    "other school": (Fault.FOREIGN, lambda: edexml(brin="98ZZ")),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_is_refused_with_its_reason(path: Path, name: str):
    """Each fault has its code and a sentence; the last good file still counts for who records a signal."""
    code, body = BAD[name]
    before, fresh = made(path), made(path.with_name("nieuw.xml"))
    assert known_of(SCHOOL.children()[0]) == before.pupil("s00000")
    bad = body()
    for file in (path, path.with_name("nieuw.xml")):
        file.write_bytes(bad)
    for asked in (before, fresh):
        assert isinstance(asked, RosterSource)
        with pytest.raises(SourceUnavailable) as caught:
            asked.roster()
        assert (code, True) == (caught.value.code, caught.value.why.startswith("EDEXML: "))
        assert [False] == [finding.ok for finding in asked.check()]
    assert known_of(SCHOOL.children()[0]) == before.pupil("s00000")
    with pytest.raises(SourceUnavailable):
        fresh.pupil("s00000")


def test_a_million_rows_take_no_memory(path: Path):
    """A file without end is given up within bounds, long before it is read."""
    path.write_bytes(BAD["million rows"][1]())
    tracemalloc.start()
    begin = time.process_time()
    with pytest.raises(SourceUnavailable):
        made(path).pupil("x")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32 * 1024 * 1024
    assert time.process_time() - begin < 30


def test_three_thousand_pupils_are_there_within_three_seconds(path: Path, figures: Figures):
    """The time that the process works counts: the clock also sees what else the machine does."""
    path.write_bytes(edexml(TownSchool(3000)))
    begin, work = time.monotonic(), time.process_time()
    assert made(path).pupil("s02999") is not None
    clock, work = time.monotonic() - begin, time.process_time() - work
    figures(f"EDEXML of 3,000 pupils: read in {clock:.2f} s on the clock, {work:.2f} s of work")
    assert work < 3


def test_a_new_file_is_read_at_the_next_question(path: Path):
    """Nobody restarts anything after an export; a file that went away leaves what was known."""
    asked = made(path)
    assert asked.pupil("s00060") is None
    path.with_name("new").write_bytes(edexml(TownSchool(61)))
    path.with_name("new").rename(path)
    assert asked.pupil("s00060") is not None
    path.unlink()
    assert asked.pupil("s00060") is not None
    assert "not there" in asked.check()[0].text


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(path: Path, monkeypatch: pytest.MonkeyPatch):
    """Half an old and half a new file is never taken for a school."""
    read, times = reading.read, []

    def slow(file: Any, **how: Any) -> reading.Export:
        times.append(1)
        found = read(file, **how)
        if len(times) == 1:
            path.write_bytes(edexml(TownSchool(61)))
        return found

    monkeypatch.setattr(reading, "read", slow)
    assert made(path).pupil("s00060") is not None
    assert 2 == len(times)


def test_a_file_that_never_rests_is_a_fault(path: Path, monkeypatch: pytest.MonkeyPatch):
    """An export that writes into the file itself while we look is said, and tried again at the next question."""
    read = reading.read

    def written_meanwhile(file: Any, **how: Any) -> reading.Export:
        found = read(file, **how)
        path.write_bytes(path.read_bytes() + b"\n")
        return found

    asked = made(path)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read", written_meanwhile)
        with pytest.raises(SourceUnavailable) as caught:
            asked.staff()
    assert Fault.CHANGING == caught.value.code
    assert 3 == len(asked.staff())


def test_an_old_file_is_said_in_the_check(path: Path):
    """When the nightly export stopped, somebody must know."""
    asked = made(path)
    assert all(finding.ok for finding in asked.check())
    week = path.stat().st_mtime - 9 * 86_400
    os.utime(path, (week, week))
    assert [False] == [finding.ok for finding in asked.check() if "days ago" in finding.text]


@pytest.mark.parametrize(
    "options",
    [
        {"school": "99AB"},
        {"path": "x"},
        {"path": "x", "school": "y", "pad": "x"},
        {"path": "x", "school": "y", "old_after_days": "lang"},
        {"path": "x", "school": "y", "match_on_eck_id": "soms"},
    ],
)
def test_wrong_options_are_named(options: dict[str, str]):
    """A setting that means nothing is an error at start, not a silence later."""
    with pytest.raises(SettingsWrong, match="MELDCODE_SOURCE_OPTIONS"):
        source(options)
