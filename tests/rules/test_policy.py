"""Who may do what: the table against one that was written by hand."""

from __future__ import annotations

from uuid import UUID

import pytest

from meldcode_plugin.errors import NotAllowed
from meldcode_plugin.rules.facts import Role, Viewer
from meldcode_plugin.rules.policy import GRANTS, Permission, may, require

ALL = "T IB AF D B FG IT"
BY_HAND = {
    "SIGNAL_RECORD": ALL,
    "SIGNAL_READ_OWN": ALL,
    "SIGNAL_FOLLOW_UP": ALL,
    "CASE_LIST": "IB AF D",
    "CASE_READ": "IB AF D B",
    "CASE_HANDLE": "IB AF",
    "CASE_CLOSE": "IB AF D B",
    "CASE_DESTROY": "D B",
    "DESTROY_CONFIRM": "IB AF D B",
    "DESTROYED_READ": "D B FG",
    "CASE_APPROVE": "IB AF D B",
    "CIRCLE_CHANGE": "IB AF",
    "CASE_SHARE": "IB AF",
    "SHARE_READ": ALL,
    "FAMILY_LINK": "IB AF",
    "BREAK_GLASS": "D B",
    "GLASS_REVIEW": "AF FG",
    "REGISTER_KEEP": "D B",
    "HAND_OVER_ANSWER": ALL,
    "CASE_APPOINT": "D B",
    "CODE_READ": ALL,
    "CODE_CHANGE": "D",
    "PACKAGE": "IB AF D B",
    "PACKAGE_FOR_PARENTS": "D B",
    "TERMS_READ": "IB AF D B FG IT",
    "TERMS_START": "D B FG",
    "TRAINING_READ": "AF D B",
    "TRAINING_RECORD": "AF D",
    "PUPIL_SEARCH": "IB AF D B",
    "PEOPLE_READ": "IB AF D B",
    "PEOPLE_CHANGE": "D B",
    "PEOPLE_CONFIRM": "IB AF D B",
    "EXCLUDE_SELF": ALL,
    "REGISTER_WRITE": ALL,
    "REGISTER_READ": "D B",
    "LOG_READ": "IB AF FG",
    "SCHOOL_READ": "D IT",
}
"""From the domain's matrix (section 5.1), never from the code."""

SCHOOL, PERSON = UUID(int=1), UUID(int=2)


@pytest.mark.rule("R58")
@pytest.mark.parametrize("permission", list(Permission), ids=lambda permission: permission.name)
@pytest.mark.parametrize("role", list(Role))
def test_each_cell(permission: Permission, role: Role):
    """Every role with every permission: exactly what the hand-written table says."""
    viewer = Viewer(SCHOOL, PERSON, frozenset({role}))
    expected = role.value in BY_HAND[permission.name].split()
    assert may(viewer, permission) is expected
    if expected:
        require(viewer, permission)
    else:
        with pytest.raises(NotAllowed):
            require(viewer, permission)


def test_no_permission_is_forgotten():
    """Every permission has a row in the code's table and in the hand-written one."""
    assert {one.name for one in Permission} == set(BY_HAND) == {one.name for one in GRANTS}


@pytest.mark.parametrize("permission", list(Permission), ids=lambda permission: permission.name)
def test_nobody_and_the_system_may_nothing(permission: Permission):
    """Who has no role, and unattended work even with one, may do nothing of what people do."""
    assert not may(Viewer(SCHOOL, PERSON), permission)
    assert not may(Viewer(SCHOOL, PERSON, frozenset(Role), system="sweep"), permission)


BY_NAME = dict.fromkeys(("CASE_HANDLE", "CIRCLE_CHANGE", "CASE_SHARE", "FAMILY_LINK"), "IB AF D B")
"""What more owner and deputy may in their case: where no IB-er may come, director or board handle it (5.2)."""


@pytest.mark.parametrize("permission", list(Permission), ids=lambda permission: permission.name)
@pytest.mark.parametrize("role", list(Role))
def test_each_cell_for_owner_and_deputy(permission: Permission, role: Role):
    """By name more is allowed only in handling, and only to roles that read cases; the system stays outside."""
    viewer = Viewer(SCHOOL, PERSON, frozenset({role}))
    expected = role.value in BY_NAME.get(permission.name, BY_HAND[permission.name]).split()
    assert may(viewer, permission, named=True) is expected
    assert not may(Viewer(SCHOOL, PERSON, frozenset({role}), system="sweep"), permission, named=True)
    if expected:
        require(viewer, permission, named=True)
    else:
        with pytest.raises(NotAllowed):
            require(viewer, permission, named=True)


def test_unknown_permission_means_no():
    """A permission without a row in the table is granted to nobody."""
    held = GRANTS.pop(Permission.LOG_READ)
    try:
        assert not may(Viewer(SCHOOL, PERSON, frozenset(Role)), Permission.LOG_READ)
    finally:
        GRANTS[Permission.LOG_READ] = held
