"""The table of permissions against the sheet that was written by hand, and the tables that hold anything of a case."""

from __future__ import annotations

import sqlalchemy as sa

from meldcode_plugin.rules.facts import NOBODY, Role, Viewer
from meldcode_plugin.rules.policy import GRANTS, Permission, may
from meldcode_plugin.store.base import Base, Guarded
from meldcode_plugin.store.visibility import RULES
from tests.doors.test_rights import LINES

ROLE_OF = {
    "teacher": Role.STAFF,
    "ib": Role.IB,
    "af_deputy": Role.AF,
    "director_informed": Role.DIRECTOR,
    "board": Role.BOARD,
    "fg": Role.FG,
    "admin": Role.ADMIN,
}
"""For each role the subject to whom nothing but the role says no. The reporter stands for staff at own signals."""
DOSSIER = "/meldcode/dossier/<uuid:case>"
OWN = "/meldcode/mijn-signalen"
SHOWN_BY = {
    Permission.SIGNAL_RECORD: ("/meldcode/signaal", "POST", "-"),
    Permission.SIGNAL_READ_OWN: (OWN, "GET", "new"),
    Permission.CASE_LIST: ("/meldcode/werkvoorraad", "GET", "new"),
    Permission.CASE_READ: (DOSSIER, "GET", "new"),
    Permission.CASE_HANDLE: (f"{DOSSIER}/oppakken", "POST", "new"),
    Permission.CASE_CLOSE: (f"{DOSSIER}/sluiten", "POST", "running"),
    Permission.CASE_APPROVE: (f"{DOSSIER}/instemmen/<uuid:decision>", "POST", "new"),
    Permission.CIRCLE_CHANGE: (f"{DOSSIER}/kring/vervanger", "POST", "new"),
    Permission.CASE_SHARE: (f"{DOSSIER}/kring/delen", "POST", "new"),
    Permission.BREAK_GLASS: ("/meldcode/noodtoegang", "POST", "-"),
    Permission.GLASS_REVIEW: ("/meldcode/noodtoegang/<uuid:glass>/gezien", "POST", "-"),
    Permission.FAMILY_LINK: (f"{DOSSIER}/kring/familie/<uuid:link>/los", "POST", "new"),
    Permission.REGISTER_KEEP: ("/meldcode/register", "POST", "-"),
    Permission.CASE_APPOINT: ("/meldcode/noodtoegang", "GET", "-"),
    Permission.CODE_READ: ("/meldcode/onze-meldcode", "GET", "-"),
    Permission.CODE_CHANGE: ("/meldcode/onze-meldcode/wijzigen", "POST", "-"),
    Permission.PACKAGE: (f"{DOSSIER}/meldpakket", "GET", "new"),
    Permission.CASE_DESTROY: (f"{DOSSIER}/vernietigen", "POST", "closed"),
    Permission.DESTROY_CONFIRM: (f"{DOSSIER}/vernietigen/besluiten", "POST", "closed"),
    Permission.DESTROYED_READ: ("/meldcode/vernietigd", "GET", "-"),
    Permission.TERMS_READ: ("/meldcode/termijnen", "GET", "new"),
    Permission.TERMS_START: ("/meldcode/termijnen/klok", "POST", "-"),
    Permission.TRAINING_READ: ("/meldcode/scholing", "GET", "-"),
    Permission.TRAINING_RECORD: ("/meldcode/scholing", "POST", "-"),
    Permission.PUPIL_SEARCH: ("/meldcode/werkvoorraad/zoek", "POST", "new"),
    Permission.PEOPLE_READ: ("/meldcode/mensen", "GET", "-"),
    Permission.PEOPLE_CHANGE: ("/meldcode/mensen/rol", "POST", "-"),
    Permission.PEOPLE_CONFIRM: ("/meldcode/mensen/rol/<uuid:grant>/bevestigen", "POST", "-"),
    Permission.REGISTER_WRITE: ("/meldcode/medewerker", "POST", "-"),
    Permission.REGISTER_READ: ("/meldcode/register", "GET", "-"),
    Permission.LOG_READ: ("/meldcode/logboek", "GET", "-"),
    Permission.SCHOOL_READ: ("/meldcode/school", "GET", "-"),
}
"""Where in the sheet a permission shows."""
BY_CHOICE = {Permission.PACKAGE_FOR_PARENTS: {Role.DIRECTOR, Role.BOARD}}
"""One of the choices on a page that more people have: tests/services/test_packages.py says who."""
BY_ROW = {
    Permission.SIGNAL_FOLLOW_UP: "everybody may, at a signal of one's own: the rows of mijn-signalen say whose",
    Permission.SHARE_READ: "everybody may, what is shared with them: the rows of gedeeld say which",
    Permission.HAND_OVER_ANSWER: "everybody may, to what is offered to them: the rows of overdracht say which",
    Permission.EXCLUDE_SELF: "everybody may, in a dossier that they see: the rows of betrokken say which",
}
"""Permissions that everybody has; which row is theirs, visibility decides."""
READ = (
    *(Permission.CASE_READ, Permission.CASE_CLOSE, Permission.CASE_APPROVE, Permission.PACKAGE),
    *(Permission.CASE_DESTROY, Permission.DESTROY_CONFIRM),
)
STANDS_IN = {one: {Role.BOARD} for one in READ}
"""The board does these where every director is excluded; in this house none is (tests/services/test_circle.py)."""
ALSO_BY_ANOTHER_PAGE = {Permission.PUPIL_SEARCH: {Role.BOARD}} | STANDS_IN
"""The board looks up a child on the page of people, to keep somebody away from it, and has no worklist."""


def test_the_table_says_what_the_sheet_says():
    """Each permission is granted to exactly the roles to whom the sheet opens its page."""
    for permission, (rule, method, state) in SHOWN_BY.items():
        line = next(one for one in LINES if (one.rule, one.method, one.state) == (rule, method, state))
        opened = {role for subject, role in ROLE_OF.items() if line.answers[subject] in ("200", "303", "409")}
        assert GRANTS[permission] == opened | ALSO_BY_ANOTHER_PAGE.get(permission, set()), permission.name


def test_every_permission_has_a_row_a_sentence_and_a_place_in_the_sheet():
    """No permission is forgotten, granted by nobody, or without words for who reads the documentation."""
    assert set(GRANTS) == set(Permission)
    assert set(SHOWN_BY) | set(BY_ROW) | set(BY_CHOICE) == set(Permission)
    assert {permission: set(GRANTS[permission]) for permission in BY_CHOICE} == BY_CHOICE
    assert not set(SHOWN_BY) & set(BY_ROW)
    assert all(GRANTS[permission] for permission in Permission)
    assert all(permission.value[0].islower() and " " in permission.value for permission in Permission)
    assert all(GRANTS[permission] == frozenset(Role) for permission in BY_ROW)


def test_the_system_and_somebody_without_a_role_may_nothing():
    """Unattended work has no permission of a person, whatever roles it would carry."""
    system = Viewer(NOBODY, NOBODY, frozenset(Role), system="sweep")
    nobody = Viewer(NOBODY, NOBODY)
    assert not any(may(viewer, permission) for viewer in (system, nobody) for permission in Permission)


def test_every_table_from_which_a_case_can_be_reached_is_guarded():
    """A class with a case, or with a row that has one, needs a rule; a new one without breaks this."""
    tables = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    reaching = {table for table in tables if table.name == "meldcode_case" or "case_id" in table.c}
    while more := {table for table in tables if table not in reaching and _names(table) & reaching}:
        reaching |= more
    bare = [tables[table].__name__ for table in reaching if not issubclass(tables[table], Guarded)]
    assert bare == []
    assert [tables[table].__name__ for table in reaching if tables[table] not in RULES] == []
    assert len(reaching) > 5


def test_every_table_but_the_list_of_schools_carries_its_school():
    """A row without a school could be read from another one (T18)."""
    without = [table.name for table in Base.metadata.tables.values() if "school_id" not in table.c]
    assert without == ["meldcode_school"]


def _names(table: sa.FromClause) -> set[sa.FromClause]:
    return {key.column.table for column in table.c for key in column.foreign_keys}
