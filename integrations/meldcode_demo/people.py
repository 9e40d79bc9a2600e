"""Who can sign in to the demo school, with which password and as what; data alone."""

from __future__ import annotations

from dataclasses import dataclass

from meldcode_memory import STAFF


@dataclass(frozen=True)
class Account:
    """A person at the school's OpenID provider. ``subject`` is also the staff number in the school's system."""

    login: str
    subject: str
    role: str
    group: str = "medewerkers"

    @property
    def password(self) -> str:
        """The password; it opens nothing but a demo on this machine."""
        return f"{self.login}-wilgenhof"

    @property
    def name(self) -> str:
        """The name as the school knows it."""
        return next(member.name for member in STAFF if member.id == self.subject)

    @property
    def email(self) -> str:
        """The mail address as the school knows it."""
        return next(member.email or "" for member in STAFF if member.id == self.subject)


SANNE = Account("sanne", "mw-01", "teacher")
JORIS = Account("joris", "mw-02", "teacher")
NOOR = Account("noor", "mw-03", "teacher, parent at the school")
MARIJKE = Account("marijke", "mw-04", "IB-er")
RUUD = Account("ruud", "mw-05", "director")
FEMKE = Account("femke", "mw-06", "IT admin")
HANS = Account("hans", "mw-07", "board member", group="bestuur")
ACCOUNTS = (SANNE, JORIS, NOOR, MARIJKE, RUUD, FEMKE, HANS)
