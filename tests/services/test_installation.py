"""Installing a school and keeping it right, as the command line does it."""

from __future__ import annotations

import pytest

from meldcode_plugin.errors import SettingsWrong, TamperedData
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import cases, installation
from meldcode_plugin.services.door import Door
from meldcode_plugin.store import people
from tests.world import World


def test_school_is_added_once(world: World):
    """Adding a school that is there gives the same school, its keys and its log untouched."""
    world.record()
    assert installation.add_school(world.door, "Andere naam") == world.school_id
    assert world.case_of()
    assert [("98YY00", "De Populier"), ("99ZZ00", "De Wilgenhof")] == installation.school_list(world.door)


def test_school_that_is_not_there_says_what_to_type(world: World):
    """A setting that names no school is an error with the command in it."""
    settings = world.door.settings.model_copy(update={"school": "00AA00"})
    with pytest.raises(SettingsWrong, match="meldcode school add"):
        _ = Door(settings, world.store, world.door.source).school_id


def test_first_director_is_installed(world: World):
    """The first two people get their role at install, and only while nobody holds it."""
    made = installation.install(world.door, "d9", "Late Directeur", "", Role.DIRECTOR)
    with world.system() as work:
        assert people.holders(work, Role.DIRECTOR) == [world.director.person_id]
        assert made not in people.holders(work, Role.DIRECTOR)


def test_keys_are_turned_by_one_command(world: World):
    """Turning the keys rewraps those of the school and of every case, and everything can still be read."""
    world.record()
    installation.new_key_file(world.folder / "root.key")
    assert installation.rotate(world.door) == (7, 1)
    with world.work(world.ib) as work:
        assert [world.pupil] == [line.pupil for line in cases.worklist(work).new]


def test_log_verifies_against_its_anchors(world: World):
    """A log that went on since an anchor was taken verifies against it; one that was cut back does not."""
    world.record()
    anchors = [installation.anchor(world.door)]
    world.record()
    anchors.append(installation.anchor(world.door))
    assert installation.verify(world.door, anchors) == []
    with pytest.raises(TamperedData):
        installation.verify(world.door, [anchors[0] | {"seq": 9999}])


def test_hints_go_out_after_the_commit(world: World):
    """Who listens hears of a row once it stands, and never of one that was rolled back."""
    heard = []
    world.door.listen("reminder_due", heard.append)
    world.record(world.signal(acute=True))
    assert len(heard) == 1
    with pytest.raises(RuntimeError):
        _hint_and_fail(world)
    assert len(heard) == 1


def _hint_and_fail(world: World) -> None:
    with world.work(world.teacher) as work:
        work.after_commit("reminder_due", world.school_id)
        raise RuntimeError
