"""The school in memory and its failing twins."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from meldcode_memory import PUPILS, STAFF, source
from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong, SourceUnavailable
from meldcode_plugin.sis import Pupil, StudentSource
from tests.integrations.contract import StudentSourceContract


class TestMemory(StudentSourceContract):
    """The whole school, found by its entry point as the plugin finds it."""

    @pytest.fixture
    def source(self) -> StudentSource:
        """The adapter."""
        return sis.load("memory", {})

    @pytest.fixture
    def known(self) -> Pupil:
        """Pim van den Berg."""
        return next(pupil for pupil in PUPILS if pupil.id == "2612")

    def test_school_is_as_the_demo_needs_it(self):
        """Two groups of thirty pupils together, with birth dates, guardians, custody of all sorts and siblings."""
        assert {pupil.group for pupil in PUPILS} == {"Groep 4", "Groep 7"}
        assert len(PUPILS) == 30
        assert all(pupil.birth_date and pupil.guardians for pupil in PUPILS)
        assert {guardian.has_custody for pupil in PUPILS for guardian in pupil.guardians} == {True, False, None}
        assert sum(bool(pupil.sibling_ids) for pupil in PUPILS) == 10

    def test_siblings_know_each_other(self, source: StudentSource):
        """Who is a sibling of mine has me as a sibling."""
        for pupil in PUPILS:
            for other in pupil.sibling_ids:
                found = source.pupil(other)
                assert found is not None
                assert pupil.id in found.sibling_ids

    def test_one_teacher_is_a_parent(self):
        """A guardian's mail address is that of a member of staff: Noor, mother of Yassin."""
        mails = {member.email: member.name for member in STAFF}
        both = [(pupil.name, mails[one.email]) for pupil in PUPILS for one in pupil.guardians if one.email in mails]
        assert both == [("Yassin el Idrissi", "Noor el Amrani")]

    def test_search_reads_over_accents(self, source: StudentSource):
        """A teacher types what is on the keyboard."""
        assert [pupil.name for pupil in source.search("ozturk")] == ["Defne Öztürk", "Isa Öztürk"]
        assert [pupil.name for pupil in source.search("chloe")] == ["Chloé Martens"]

    def test_names_that_begin_with_it_come_first(self, source: StudentSource):
        """The one whose first name fits stands above the one whose last name fits."""
        assert source.search("pi")[0].name == "Pim van den Berg"


class TestLate(StudentSourceContract):
    """A source that is late is right all the same."""

    @pytest.fixture
    def source(self) -> StudentSource:
        """The adapter, a hundredth of a second late."""
        return sis.load("memory", {"answers": "late", "seconds": 0.01})

    @pytest.fixture
    def known(self) -> Pupil:
        """Roos 't Hart."""
        return next(pupil for pupil in PUPILS if pupil.id == "2314")

    def test_it_is_late(self):
        """Every question takes its time."""
        late = source({"answers": "late", "seconds": 0.05})
        for ask in (late.staff, late.check, lambda: late.pupil("2601"), lambda: late.search("aya")):
            begin = time.monotonic()
            ask()
            assert time.monotonic() - begin >= 0.05


def test_away_never_answers():
    """Every question raises the one error that the port allows, and the check says what is wrong."""
    away_for_good(source({"answers": "never"}))


def test_half_knows_names_alone():
    """Names and ids come through; birth dates, groups, guardians, siblings and staff do not."""
    half = source({"answers": "half"})
    assert half.pupil("2601") == Pupil("2601", "Aya Benali")
    assert half.search("benali") == [Pupil("2301", "Adam Benali"), Pupil("2601", "Aya Benali")]
    assert half.pupil("nobody") is None
    with pytest.raises(SourceUnavailable):
        half.staff()
    assert [finding.ok for finding in half.check()] == [True, False]


def test_switched_source_goes_and_comes_back(tmp_path: Path):
    """While the file exists nothing answers; before and after, all does."""
    switch = tmp_path / "away"
    switched = source({"away_file": str(switch)})
    assert switched.pupil("2601") is not None
    switch.touch()
    away_for_good(switched)
    switch.unlink()
    assert switched.staff()
    assert switched.search("aya")
    assert switched.check()[0].ok


@pytest.mark.parametrize("options", [{"answers": "perhaps"}, {"url": "https://sis.example"}])
def test_wrong_options_are_named(options: dict[str, str]):
    """A setting that means nothing is an error at start, not a silence later."""
    with pytest.raises(SettingsWrong, match="MELDCODE_SOURCE_OPTIONS"):
        source(options)


def away_for_good(away: StudentSource) -> None:
    """Ask everything of a source that does not answer."""
    for ask in (away.staff, lambda: away.pupil("2601"), lambda: away.search("aya")):
        with pytest.raises(SourceUnavailable):
            ask()
    assert [finding.ok for finding in away.check()] == [False]
