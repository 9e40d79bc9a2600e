"""What every adapter to a school's system must do; each adapter's test inherits this class and sets its fixtures."""

from __future__ import annotations

from datetime import date

from meldcode_plugin.sis import Pupil, StudentSource


class StudentSourceContract:
    """Give the fixtures ``source`` (an adapter over a system) and ``known`` (a pupil in that system)."""

    def test_knows_a_pupil_by_id(self, source: StudentSource, known: Pupil):
        """The pupil that the system has comes back whole."""
        assert known == source.pupil(known.id)

    def test_unknown_pupil_is_none(self, source: StudentSource):
        """An id that the system does not have is no error: the teacher's signal still goes in."""
        for strange in ("no-such-pupil", "", "../1", "' or 1=1", "9" * 300):
            assert source.pupil(strange) is None

    def test_search_finds_by_part_of_a_name(self, source: StudentSource, known: Pupil):
        """Capitals and the order of words do not count."""
        first, *_, last = known.name.split()
        assert known in source.search(known.name)
        assert known in source.search(f"{last.upper()} {first.lower()[:2]}")

    def test_search_without_words_lists_nobody(self, source: StudentSource):
        """An empty search never gives the whole school away."""
        assert source.search("") == []
        assert source.search("   ") == []

    def test_search_keeps_to_its_limit(self, source: StudentSource):
        """At most as many as were asked, and none twice."""
        found = source.search("a", limit=3)
        assert len(found) == 3
        assert len({pupil.id for pupil in found}) == 3
        assert source.search("a", limit=0) == []

    def test_search_for_nobody_is_empty(self, source: StudentSource):
        """All words must fit."""
        assert source.search("zzzz qqqq") == []

    def test_pupils_are_plain_data(self, source: StudentSource, known: Pupil):
        """Ids are text, a birth date is a day, siblings are pupils of the same system."""
        found = source.pupil(known.id)
        assert found is not None
        assert isinstance(found.id, str)
        assert found.birth_date is None or type(found.birth_date) is date
        assert all(source.pupil(other) is not None for other in found.sibling_ids)
        assert found.id not in found.sibling_ids

    def test_staff_have_ids_of_their_own(self, source: StudentSource):
        """Nobody stands in the list twice."""
        staff = source.staff()
        assert staff
        assert len(staff) == len({member.id for member in staff})

    def test_check_is_right_when_it_works(self, source: StudentSource):
        """Every line of the check is right and says something."""
        assert all(finding.ok and finding.text for finding in source.check())
