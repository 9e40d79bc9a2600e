"""Who may do what: one table on one screen. Whether somebody may *see* a row is the store's sentence."""

from __future__ import annotations

from enum import Enum

from meldcode_plugin.errors import NotAllowed
from meldcode_plugin.rules.facts import Role, Viewer

__all__ = ["BY_NAME", "GRANTS", "Permission", "Role", "may", "require"]


class Permission(Enum):
    """Everything that somebody can do. The value is the sentence of ``docs/who-sees-what.md``."""

    SIGNAL_RECORD = "een signaal vastleggen, ook zonder leerling"
    SIGNAL_READ_OWN = "eigen signalen teruglezen en zien of ze zijn opgepakt"
    SIGNAL_FOLLOW_UP = "een vervolg of correctie bij een eigen signaal zetten"
    CASE_LIST = "de werkvoorraad zien"
    CASE_READ = "een dossier lezen dat voor deze persoon zichtbaar is"
    CASE_HANDLE = "een signaal oppakken, verplaatsen, er een vervolg bij zetten"
    CASE_CLOSE = "een dossier sluiten dat voor deze persoon zichtbaar is"
    CASE_DESTROY = "voorstellen dat een gesloten dossier wordt vernietigd"
    DESTROY_CONFIRM = "een dossier vernietigen, als een ander dat voorstelde"
    DESTROYED_READ = "zien hoeveel dossiers er zijn vernietigd, wanneer en waarom, zonder namen"
    CASE_APPROVE = "instemmen met een besluit, of met het afzien van een gesprek"
    CIRCLE_CHANGE = "een dossier overdragen, een vervanger kiezen, iemand van een dossier uitsluiten"
    CASE_SHARE = "een dossier of delen ervan voor een tijd met één persoon delen"
    SHARE_READ = "lezen wat met deze persoon is gedeeld, en er advies bij geven"
    FAMILY_LINK = "dossiers van broertjes en zusjes koppelen"
    BREAK_GLASS = "met een reden een dossier lezen dat niet van deze persoon is: voor hooguit vier uur, met een melding"
    GLASS_REVIEW = "noodtoegang beoordelen"
    HAND_OVER_ANSWER = "een overdracht aannemen of weigeren"
    CASE_APPOINT = "iemand aanwijzen voor een dossier waar geen intern begeleider bij mag"
    CODE_READ = "de meldcode van school lezen, met signalenlijsten en contactgegevens"
    CODE_CHANGE = "de stappen, teksten en contactgegevens van de meldcode van school veranderen"
    PACKAGE = "een meldpakket maken, ophalen en overdragen"
    PACKAGE_FOR_PARENTS = "beslissen dat ouders een afschrift krijgen, en het maken"
    TERMS_READ = "zien wat aan de beurt is en wat te laat is"
    TERMS_START = "een klok starten voor een verzoek om inzage of een datalek"
    TRAINING_READ = "zien wie wanneer scholing had in de meldcode, en wie weer aan de beurt is"
    TRAINING_RECORD = "vastleggen wie scholing had"
    PUPIL_SEARCH = "een leerling zoeken in het leerlingsysteem"
    PEOPLE_READ = "zien wie welke rol heeft"
    PEOPLE_CHANGE = "een rol voorstellen of beëindigen, iemand uitsluiten, zeggen wie hier niet meer werkt"
    PEOPLE_CONFIRM = "een voorstel van een ander bevestigen"
    EXCLUDE_SELF = "zichzelf uitsluiten"
    REGISTER_WRITE = "een zorg over een medewerker of professional doorgeven"
    REGISTER_READ = "het register over medewerkers lezen"
    REGISTER_KEEP = "het register over medewerkers aanvullen, ook vanuit een dossier dat via de andere route gaat"
    LOG_READ = "het logboek lezen"
    SCHOOL_READ = "zien hoe de installatie ervoor staat"


_EVERYONE = frozenset(Role)
_HANDLERS = frozenset({Role.IB, Role.AF})
_CASE = frozenset({Role.IB, Role.AF, Role.DIRECTOR})
_ABOVE = frozenset({Role.DIRECTOR, Role.BOARD})

GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.SIGNAL_RECORD: _EVERYONE,
    Permission.SIGNAL_READ_OWN: _EVERYONE,
    Permission.SIGNAL_FOLLOW_UP: _EVERYONE,
    Permission.CASE_LIST: _CASE,
    Permission.CASE_READ: _CASE | _ABOVE,
    Permission.CASE_HANDLE: _HANDLERS,
    Permission.CASE_CLOSE: _CASE | _ABOVE,
    Permission.CASE_DESTROY: _ABOVE,
    Permission.DESTROY_CONFIRM: _CASE | _ABOVE,
    Permission.DESTROYED_READ: _ABOVE | {Role.FG},
    Permission.CASE_APPROVE: _CASE | _ABOVE,
    Permission.CIRCLE_CHANGE: _HANDLERS,
    Permission.CASE_SHARE: _HANDLERS,
    Permission.SHARE_READ: _EVERYONE,
    Permission.FAMILY_LINK: _HANDLERS,
    Permission.BREAK_GLASS: _ABOVE,
    Permission.GLASS_REVIEW: frozenset({Role.AF, Role.FG}),
    Permission.HAND_OVER_ANSWER: _EVERYONE,
    Permission.CASE_APPOINT: _ABOVE,
    Permission.CODE_READ: _EVERYONE,
    Permission.CODE_CHANGE: frozenset({Role.DIRECTOR}),
    Permission.PACKAGE: _CASE | _ABOVE,
    Permission.PACKAGE_FOR_PARENTS: _ABOVE,
    Permission.TERMS_READ: _CASE | _ABOVE | {Role.FG, Role.ADMIN},
    Permission.TERMS_START: _ABOVE | {Role.FG},
    Permission.TRAINING_READ: _ABOVE | {Role.AF},
    Permission.TRAINING_RECORD: frozenset({Role.DIRECTOR, Role.AF}),
    Permission.PUPIL_SEARCH: frozenset({Role.IB, Role.AF, Role.DIRECTOR, Role.BOARD}),
    Permission.PEOPLE_READ: frozenset({Role.DIRECTOR, Role.BOARD, Role.IB, Role.AF}),
    Permission.PEOPLE_CHANGE: _ABOVE,
    Permission.PEOPLE_CONFIRM: frozenset({Role.DIRECTOR, Role.BOARD, Role.IB, Role.AF}),
    Permission.EXCLUDE_SELF: _EVERYONE,
    Permission.REGISTER_WRITE: _EVERYONE,
    Permission.REGISTER_READ: _ABOVE,
    Permission.REGISTER_KEEP: _ABOVE,
    Permission.LOG_READ: frozenset({Role.IB, Role.AF, Role.FG}),
    Permission.SCHOOL_READ: frozenset({Role.DIRECTOR, Role.ADMIN}),
}

BY_NAME = frozenset({Permission.CASE_HANDLE, Permission.CIRCLE_CHANGE, Permission.CASE_SHARE, Permission.FAMILY_LINK})
"""What the owner and the deputy of a case may do in that case, whatever their role: where every IB-er is
excluded, the director or somebody of the board handles it (domain 5.2)."""


def may(viewer: Viewer, permission: Permission, *, named: bool = False) -> bool:
    """Tell whether the table grants this; an unknown permission and the system mean no.

    ``named``: it is asked about a case of which the viewer is owner or deputy.
    """
    by_name = named and permission in BY_NAME and viewer.has(*GRANTS[Permission.CASE_READ])
    return not viewer.system and (by_name or bool(viewer.roles & GRANTS.get(permission, frozenset())))


def require(viewer: Viewer, permission: Permission, *, named: bool = False) -> None:
    """Raise `NotAllowed` unless the table grants this."""
    if not may(viewer, permission, named=named):
        raise NotAllowed
