"""Who may ask for which package, what is refused, and that what was looked at is what is frozen."""

from __future__ import annotations

from uuid import UUID

import pytest

from meldcode_plugin.errors import AlreadyDone, NotVisible, StepRefused
from meldcode_plugin.rules.code import CodeText
from meldcode_plugin.rules.dossier import Selection, Variant
from meldcode_plugin.rules.dossier.parts import texts
from meldcode_plugin.services import codes, packages, packages_build, packages_choice
from meldcode_plugin.services.packages_papers import Choice
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.cases import Case
from tests.packing import ask, case_with, look
from tests.world import World


def test_one_form_is_one_package(world: World):
    """The same form sent twice asks once; another form is the next number."""
    case, key = case_with(world), UUID(int=7)
    first, second, third = ask(world, case, key=key), ask(world, case, key=key), ask(world, case)
    assert first == second
    assert [look(world, case, one).number for one in (first, third)] == [1, 2]


def test_what_is_missing_is_refused(world: World):
    """Outside an emergency the code's own refusals stand; in one, what its first blocks lack."""
    case = case_with(world)
    with pytest.raises(StepRefused) as calm:
        ask(world, case, emergency=False)
    with pytest.raises(StepRefused) as urgent:
        ask(world, case, acute="", worry="")
    assert "De directeur heeft nog niet ingestemd. Is het spoed? Kies 'spoedmelding'." in said(calm)
    assert len(said(urgent)) == 2


def test_advice_needs_no_decision(world: World):
    """For advice in step 2 nothing has to be decided; no file goes along and no annex is made."""
    case = case_with(world)
    package = ask(world, case, Variant.ADVICE, emergency=False)
    packages_build.sweep(world.door)
    assert [file.role for file in look(world, case, package).files] == ["main", "manifest"]


def test_a_copy_for_parents_is_the_directors(world: World):
    """The IB-er can not make one; the director, once informed, can, without annex N."""
    case = case_with(world)
    inform(world, case)
    with pytest.raises(StepRefused):
        ask(world, case, Variant.PARENTS)
    package = ask(world, case, Variant.PARENTS, world.director, copy_decided=True)
    packages_build.sweep(world.door)
    assert "annex" not in [file.role for file in look(world, case, package, world.director).files]


def test_what_was_looked_at_is_what_is_frozen(world: World):
    """Something came in between preview and freezing: it is asked again."""
    case = case_with(world)
    with world.work(world.ib) as work:
        desk = packages_choice.desk(work, case, Variant.ADVICE)
    chosen = Selection(worry="Zorg", question="Wat nu?")
    wanted = packages_choice.preview(desk, packages_choice.Outside(), chosen, emergency=False, reach="")
    world.record(world.signal("Dit kwam ertussen."))
    with pytest.raises(AlreadyDone), world.work(world.ib) as work:
        packages_choice.request(work, UUID(int=1), desk, wanted)


def test_a_supplement_begins_with_what_was_chosen(world: World):
    """A package that is ready can be added to: the earlier choice is there, and the new one says to what it belongs."""
    case = case_with(world)
    first = ask(world, case, worry="Dit was de zorg.")
    with pytest.raises(NotVisible), world.work(world.ib) as work:
        packages_choice.desk(work, case, Variant.REPORT, first)
    packages_build.sweep(world.door)
    with world.work(world.ib) as work:
        desk = packages_choice.desk(work, case, Variant.REPORT, first)
    second = ask(world, case, supplement_to=first)
    assert (desk.earlier.selection.worry, desk.earlier_number) == ("Dit was de zorg.", 1)
    with world.work(world.ib) as work:
        assert [(line.number, line.supplement_to) for line in packages.shelf(work, case).lines] == [(2, 1), (1, None)]
    assert look(world, case, second).number == 2


def test_what_the_system_does_not_tell_is_filled_in(world: World):
    """Block 1-3: what the director keeps of the school, and what its system does not say of a child, is on paper."""
    case = case_with(world)
    with world.work(world.director) as work:
        codes.change(work, CodeText(phone="030 123 45 67", region="Veilig Thuis Utrecht"), 1)
    told = {"sex": "meisje", "address": "Dijk 1", "at_school_since": "2023", "language": "Pools", "interpreter": "ja"}
    with world.work(world.ib) as work:
        desk = packages_choice.desk(work, case, Variant.REPORT)
    for secret in (False, True):
        chosen = Selection(secret_address=secret, **told)
        wanted = packages_choice.preview(desk, packages_choice.Outside(), chosen, emergency=True, reach="06")
        paper = wanted.printed.papers.main
        child = [one.value for one in paper.block("3").fields]
        assert {"meisje", "2023", "Pools", "ja"} <= set(child)
        assert ("Dijk 1" in child) is not secret
        assert [one.value for one in paper.block("1").fields if one.name == "Veilig Thuis"] == ["Veilig Thuis Utrecht"]
        assert "030 123 45 67" in [one.value for one in paper.block("2").fields]
        assert Choice.from_json(wanted.choice.to_json()) == wanted.choice
    assert "Dijk 1" in texts(wanted.printed.papers.annex)


def test_who_may_not_see_the_case_sees_no_package(world: World):
    """Teacher, excluded IB-er, uninformed director and another school: as if it were not there."""
    case = case_with(world)
    package = ask(world, case)
    for viewer in (world.teacher, world.excluded_ib, world.director, world.board, world.fg, world.other_school_ib):
        with pytest.raises(NotVisible):
            look(world, case, package, viewer)


def said(refused: pytest.ExceptionInfo[StepRefused]) -> list[str]:
    """Return the sentences of a refusal."""
    return [no.sentence for no in refused.value.refusals]


def inform(world: World, case: UUID) -> None:
    """Let the director see the case."""
    with world.system() as work:
        case_row = work.inner.get_one(Case, case)
        case_row.director_informed_at = world.clock()
        work.note(Tag.CASE_READ, case, action="U")
