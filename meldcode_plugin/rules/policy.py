"""Who may do what: one table on one screen. Whether somebody may *see* a row is the store's sentence."""

from __future__ import annotations

from enum import Enum

from meldcode_plugin.errors import NotAllowed
from meldcode_plugin.rules.facts import Role, Viewer

__all__ = ["GRANTS", "Permission", "Role", "may", "require"]


class Permission(Enum):
    """Everything that somebody can do. The value is the sentence of ``docs/who-sees-what.md``."""

    SIGNAL_RECORD = "een signaal vastleggen, ook zonder leerling"
    SIGNAL_READ_OWN = "eigen signalen teruglezen en zien of ze zijn opgepakt"
    SIGNAL_FOLLOW_UP = "een vervolg of correctie bij een eigen signaal zetten"
    CASE_LIST = "de werkvoorraad zien"
    CASE_READ = "een dossier lezen dat voor deze persoon zichtbaar is"
    CASE_HANDLE = "een signaal oppakken, verplaatsen, er een vervolg bij zetten"
    CASE_CLOSE = "een dossier sluiten dat voor deze persoon zichtbaar is"
    CASE_APPROVE = "instemmen met een besluit, of met het afzien van een gesprek"
    PUPIL_SEARCH = "een leerling zoeken in het leerlingsysteem"
    PEOPLE_READ = "zien wie welke rol heeft"
    PEOPLE_CHANGE = "een rol voorstellen of beëindigen, iemand uitsluiten"
    PEOPLE_CONFIRM = "een voorstel van een ander bevestigen"
    EXCLUDE_SELF = "zichzelf uitsluiten"
    REGISTER_WRITE = "een zorg over een medewerker of professional doorgeven"
    REGISTER_READ = "het register over medewerkers lezen"
    LOG_READ = "het logboek lezen"


_EVERYONE = frozenset(Role)
_CASE = frozenset({Role.IB, Role.AF, Role.DIRECTOR})

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.SIGNAL_RECORD: _EVERYONE,
    Permission.SIGNAL_READ_OWN: _EVERYONE,
    Permission.SIGNAL_FOLLOW_UP: _EVERYONE,
    Permission.CASE_LIST: _CASE,
    Permission.CASE_READ: _CASE,
    Permission.CASE_HANDLE: frozenset({Role.IB, Role.AF}),
    Permission.CASE_CLOSE: _CASE,
    Permission.CASE_APPROVE: _CASE,
    Permission.PUPIL_SEARCH: frozenset({Role.IB, Role.AF, Role.DIRECTOR, Role.BOARD}),
    Permission.PEOPLE_READ: frozenset({Role.DIRECTOR, Role.BOARD, Role.IB, Role.AF}),
    Permission.PEOPLE_CHANGE: frozenset({Role.DIRECTOR, Role.BOARD}),
    Permission.PEOPLE_CONFIRM: frozenset({Role.DIRECTOR, Role.BOARD, Role.IB, Role.AF}),
    Permission.EXCLUDE_SELF: _EVERYONE,
    Permission.REGISTER_WRITE: _EVERYONE,
    Permission.REGISTER_READ: frozenset({Role.DIRECTOR, Role.BOARD}),
    Permission.LOG_READ: frozenset({Role.IB, Role.AF, Role.FG}),
}


def may(viewer: Viewer, permission: Permission) -> bool:
    """Tell whether the table grants this; an unknown permission and the system mean no."""
    return not viewer.system and bool(viewer.roles & GRANTS.get(permission, frozenset()))


def require(viewer: Viewer, permission: Permission) -> None:
    """Raise `NotAllowed` unless the table grants this."""
    if not may(viewer, permission):
        raise NotAllowed
