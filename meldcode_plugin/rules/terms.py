"""The terms of the table of reminders: how long, counted how, and to whom next; it knows no case and no clock."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from meldcode_plugin.rules.calendar import SchoolCalendar
from meldcode_plugin.rules.facts import Role

LONGEST = 400
"""No term is longer, in whatever it is counted."""


class Kind(StrEnum):
    """What a reminder is about. It never leaves the database: all mails say the same."""

    SIGNAL_NEW = "signal_new"
    GLASS = "break_glass"
    HAND_OVER = "hand_over"
    SHARED = "case_shared"
    DRAFT_LEFT = "draft_left"
    SIGNAL_UNOPENED = "signal_unopened"
    ACUTE = "acute_unrecorded"
    UNLINKED = "signal_unlinked"
    CONSULTATION = "first_consultation"
    FEEDBACK = "signaller_feedback"
    DIRECTOR = "director_informed"
    HYPOTHESIS = "hypothesis_open"
    TALK_PLANNED = "talk_planned"
    TALK_HELD = "talk_held"
    TALK_RECORDED = "talk_recorded"
    TALK_SHARED = "talk_shared"
    WEIGHING = "weighing"
    NO_MOVEMENT = "no_movement"
    APPROVAL = "approval"
    REPORT = "report"
    VT_RECEIPT = "vt_receipt"
    VT_FEEDBACK = "vt_feedback"
    VT_INVESTIGATION = "vt_investigation"
    SUPPLEMENT = "supplement"
    OWN_ROLE = "own_role"
    HELP_STARTED = "help_started"
    EFFECT = "effect"
    AFTER_CLOSING = "after_closing"
    RETENTION = "retention"
    REFUTED = "retention_refuted"
    ROSTER = "roster_changed"
    HOLIDAY = "holiday"
    YEAR_CHANGE = "year_change"
    CONTACT_DATA = "contact_data"
    LOG_REVIEW = "log_review"
    TRAINING = "training"
    REFRESHER = "af_refresher"
    EVALUATION = "evaluation"
    REGISTER = "staff_register"
    ACCESS = "access_request"
    ACCESS_LONGER = "access_request_extended"
    BREACH = "data_breach"
    LEAK = "data_breach_systems"


class Audience(StrEnum):
    """Where in the chain a reminder starts; who takes no part is skipped (domain section 4).

    An author is in no chain: only who wrote the entry is asked, whatever their role, and nobody instead of them.
    """

    OWNER = "owner"
    DEPUTY = "deputy"
    DIRECTOR = "director"
    BOARD = "board"
    FG = "fg"
    ADMIN = "it"
    AUTHOR = "author"


CHAIN: tuple[tuple[Audience, Role], ...] = (
    (Audience.OWNER, Role.IB),
    (Audience.DEPUTY, Role.AF),
    (Audience.DIRECTOR, Role.DIRECTOR),
    (Audience.BOARD, Role.BOARD),
)
"""Owner, deputy, director, board, and the role that stands in when a case has no owner or deputy yet."""

BESIDE: Mapping[Audience, Role] = MappingProxyType({Audience.FG: Role.FG, Audience.ADMIN: Role.ADMIN})
"""Who stands beside the chain: they are asked something of the school, and nothing of a case."""
DUTY = frozenset(role for _, role in CHAIN)
"""Roles that a reminder of a case may reach; who holds none of them any more gets no mail."""
DUTY_OF_SCHOOL = DUTY.union(BESIDE.values())
"""Roles that a reminder of the school as a whole may reach."""


def chain_from(audience: Audience) -> tuple[tuple[Audience, Role], ...]:
    """Return this link of the chain and those above it: the next one is asked when a link has nobody.

    Above who stands beside the chain comes the director.
    """
    if audience in BESIDE:
        return ((audience, BESIDE[audience]), *chain_from(Audience.DIRECTOR))
    start = [link for link, _ in CHAIN].index(audience)
    return CHAIN[start:]


class Unit(StrEnum):
    """In what a term is counted. Hours and days go on through weekends and breaks: safety waits for none."""

    HOURS = "hours"
    SCHOOL_DAYS = "school days"
    DAYS = "days"
    MONTHS = "months"
    BEFORE = "school days before"


@dataclass(frozen=True)
class Rung:
    """One step of the escalation: who is told after how much time."""

    audience: Audience
    after: int


@dataclass(frozen=True)
class Line:
    """One line of the table: how it is counted, who is told when, and after how many days again.

    ``months``: how long after the last time it is due; who is told when counts from then on.
    """

    unit: Unit
    rungs: tuple[Rung, ...]
    every: int = 0
    acute: bool = False
    months: int = 0

    def begun(self, after: int) -> Line:
        """Return this line with another first term; those above it in the chain move along.

        Raises ValueError when it can not be that long.
        """
        shortest = 1 if self.months else 0
        if not shortest <= after <= LONGEST:
            raise ValueError(f"must lie between {shortest} and {LONGEST}")
        return replace(self, months=after) if self.months else self.shifted(after - self.rungs[0].after)

    def shifted(self, by: int) -> Line:
        """Return this line with every term so much longer, or shorter."""
        return replace(self, rungs=tuple(Rung(rung.audience, rung.after + by) for rung in self.rungs))


def _line(unit: Unit, *, every: int = 0, acute: bool = False, months: int = 0, **rungs: int) -> Line:
    return Line(unit, tuple(Rung(Audience(name), after) for name, after in rungs.items()), every, acute, months)


HOURS, SCHOOL, DAYS, MONTHS, BEFORE = Unit.HOURS, Unit.SCHOOL_DAYS, Unit.DAYS, Unit.MONTHS, Unit.BEFORE
TABLE: Mapping[Kind, Line] = MappingProxyType(
    {
        Kind.SIGNAL_UNOPENED: _line(SCHOOL, owner=1, deputy=2, director=3),
        Kind.ACUTE: _line(HOURS, owner=4, director=8, acute=True),
        Kind.UNLINKED: _line(SCHOOL, owner=10, director=11),
        Kind.CONSULTATION: _line(SCHOOL, owner=5, director=6),
        Kind.FEEDBACK: _line(SCHOOL, owner=5, director=10),
        Kind.DIRECTOR: _line(SCHOOL, owner=2, deputy=3),
        Kind.HYPOTHESIS: _line(DAYS, owner=28, author=28, every=28),
        Kind.TALK_PLANNED: _line(SCHOOL, owner=2, director=4),
        Kind.TALK_HELD: _line(SCHOOL, owner=10, director=12),
        Kind.TALK_RECORDED: _line(SCHOOL, owner=3, deputy=5),
        Kind.TALK_SHARED: _line(SCHOOL, owner=5, deputy=7),
        Kind.WEIGHING: _line(SCHOOL, owner=5, director=5, deputy=8, board=11),
        Kind.NO_MOVEMENT: _line(SCHOOL, owner=10, director=15, board=25),
        Kind.APPROVAL: _line(SCHOOL, director=0),
        Kind.REPORT: _line(SCHOOL, owner=2, director=3),
        Kind.VT_RECEIPT: _line(SCHOOL, owner=1),
        Kind.VT_FEEDBACK: _line(DAYS, owner=7, every=7),
        Kind.VT_INVESTIGATION: _line(DAYS, owner=70, director=70),
        Kind.SUPPLEMENT: _line(SCHOOL, owner=2, director=3),
        Kind.OWN_ROLE: _line(DAYS, owner=0),
        Kind.HELP_STARTED: _line(DAYS, owner=14),
        Kind.EFFECT: _line(DAYS, owner=0, director=14, every=42),
        Kind.AFTER_CLOSING: _line(MONTHS, owner=3),
        Kind.RETENTION: _line(MONTHS, every=365, director=24, owner=24),
        Kind.REFUTED: _line(MONTHS, every=365, director=12, owner=12),
        Kind.ROSTER: _line(SCHOOL, owner=0, deputy=5, director=10),
        Kind.HOLIDAY: _line(BEFORE, owner=5, director=2),
        Kind.YEAR_CHANGE: _line(BEFORE, owner=10, director=5),
        Kind.CONTACT_DATA: _line(SCHOOL, deputy=0),
        Kind.LOG_REVIEW: _line(SCHOOL, deputy=0, fg=0, board=15),
        Kind.TRAINING: _line(SCHOOL, months=12, director=0, board=20),
        Kind.REFRESHER: _line(SCHOOL, months=24, director=0, board=20),
        Kind.EVALUATION: _line(SCHOOL, director=0, deputy=0, board=20),
        Kind.REGISTER: _line(HOURS, every=1, acute=True, board=0),
        Kind.ACCESS: _line(DAYS, director=0, fg=21, board=28),
        Kind.ACCESS_LONGER: _line(DAYS, director=60, fg=81, board=88),
        Kind.BREACH: _line(HOURS, acute=True, director=0, fg=0, board=48),
        Kind.LEAK: _line(HOURS, acute=True, it=0),
    }
)
"""The table of domain section 4, with the terms that it suggests."""

ACUTE_REPORT = _line(HOURS, owner=4, director=6, acute=True)
"""A report that was decided on in acute danger: the same day, by the clock on the wall."""
REGISTER_OF_DIRECTOR = _line(HOURS, director=0, acute=True)
"""What stands in the register for the director too."""
STRUCTURAL = 2
"""School days for the weighing when the signs are acute or structural."""
SECOND_LOOK = 3
"""Months between the first look after a closing and the second."""
REMINDER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        Kind.SIGNAL_NEW: "Nieuw signaal lezen",
        Kind.GLASS: "Noodtoegang gebruikt",
        Kind.HAND_OVER: "Een overdracht aannemen of weigeren",
        Kind.SHARED: "Lezen wat met je is gedeeld",
        Kind.DRAFT_LEFT: "Een concept afmaken van iemand die hier niet meer werkt",
        Kind.SIGNAL_UNOPENED: "Nieuw signaal lezen",
        Kind.ACUTE: "Spoed: leg vandaag vast wat er is gedaan",
        Kind.UNLINKED: "Signaal zonder leerling: oppakken of sluiten",
        Kind.CONSULTATION: "Signalen bespreken",
        Kind.FEEDBACK: "Iets terugzeggen tegen wie het signaal gaf",
        Kind.DIRECTOR: "De directeur vertellen van het vermoeden",
        Kind.HYPOTHESIS: "Open hypothese opnieuw bekijken",
        Kind.TALK_PLANNED: "Gesprek met ouders plannen",
        Kind.TALK_HELD: "Gesprek met ouders voeren",
        Kind.TALK_RECORDED: "Verslag van het gesprek maken",
        Kind.TALK_SHARED: "Verslag aan ouders geven",
        Kind.WEIGHING: "Wegen",
        Kind.NO_MOVEMENT: "Er gebeurt niets in dit dossier",
        Kind.APPROVAL: "Instemmen, of zeggen waarom niet",
        Kind.REPORT: "Melding doen bij Veilig Thuis",
        Kind.VT_RECEIPT: "Veilig Thuis bellen: is de melding ontvangen?",
        Kind.VT_FEEDBACK: "Veilig Thuis bellen: wat is er besloten?",
        Kind.VT_INVESTIGATION: "Veilig Thuis vragen hoe het onderzoek loopt",
        Kind.SUPPLEMENT: "Na de spoedmelding aanvullen wat nog mist",
        Kind.OWN_ROLE: "Kijken of school na de melding blijft doen wat is afgesproken",
        Kind.HELP_STARTED: "Kijken of de hulp is begonnen",
        Kind.EFFECT: "Kijken of de hulp helpt",
        Kind.AFTER_CLOSING: "Na sluiten: hoe gaat het nu?",
        Kind.RETENTION: "Moet dit dossier nog blijven? De bewaartermijn telt vanaf de dag dat het kind van school ging",
        Kind.REFUTED: "Weerlegd vermoeden, een jaar gesloten: moet dit dossier nog blijven?",
        Kind.ROSTER: "Antwoord geven op een verandering in het leerlingsysteem",
        Kind.HOLIDAY: "Voor de vakantie: loop de open dossiers na",
        Kind.YEAR_CHANGE: "Nieuw schooljaar: wie neemt welk dossier over?",
        Kind.CONTACT_DATA: "Kloppen de telefoonnummers nog?",
        Kind.LOG_REVIEW: "Het logboek nalopen",
        Kind.TRAINING: "Scholing van het team plannen",
        Kind.REFRESHER: "Bijscholing van de aandachtsfunctionaris plannen",
        Kind.EVALUATION: "De meldcode samen bespreken: werkt het?",
        Kind.REGISTER: "Register lezen: er is een zorg over een medewerker",
        Kind.ACCESS: "Verzoek om inzage: binnen een maand antwoorden",
        Kind.ACCESS_LONGER: "Verzoek om inzage, verlengd: binnen drie maanden antwoorden",
        Kind.BREACH: "Datalek: binnen 72 uur melden bij de Autoriteit Persoonsgegevens, of vastleggen waarom niet",
        Kind.LEAK: "Datalek: dicht het lek, bewaar de sporen en vertel de directeur wat er gebeurde",
    }
)
"""What each reminder asks, for the screen alone; a mail never says it."""
PERSONAL = frozenset({Kind.HAND_OVER, Kind.SHARED, Kind.DRAFT_LEFT})
"""What one person is asked who was chosen for it, whatever their role; it climbs to nobody."""
OF_LAW = (Kind.ACCESS, Kind.ACCESS_LONGER, Kind.BREACH)
"""Clocks that somebody starts, because a request or a leak came in; the law says how long they run."""
OF_STAFF = (Kind.TRAINING, Kind.REFRESHER)
"""What is asked about each person who works here; it ends by recording that they had it, and in no other way."""
OF_CLOSED = frozenset({Kind.AFTER_CLOSING, Kind.RETENTION, Kind.REFUTED})
"""What is asked of a closed case, and of no other."""
FIXED = frozenset({Kind.SIGNAL_NEW, Kind.ACUTE, Kind.APPROVAL, Kind.REGISTER, *OF_LAW, Kind.LEAK})
"""Terms that no school changes: the clock of safety, what is asked at once, and what the law says."""


@dataclass(frozen=True)
class Terms:
    """The table as one school uses it."""

    table: Mapping[Kind, Line] = field(default_factory=lambda: TABLE)

    @classmethod
    def of(cls, changed: Mapping[str, int]) -> Terms:
        """Return the table with another first term on these lines; those above it in the chain move along.

        Raises ValueError with the name of a line that does not exist, may not change, or gets an impossible term.
        """
        table = dict(TABLE)
        for name, after in changed.items():
            if name not in set(table) - FIXED:
                raise ValueError(f"{name} is no term that a school can set")
            try:
                table[Kind(name)] = table[Kind(name)].begun(after)
            except ValueError as why:
                raise ValueError(f"{name} {why}") from None
        return cls(MappingProxyType(table))

    def __getitem__(self, kind: Kind) -> Line:
        """Return the line of a kind."""
        return self.table[kind]


def when(unit: Unit, since: datetime, after: int, calendar: SchoolCalendar) -> datetime:
    """Return the moment, in UTC, so much after ``since``; days and months end at 07.30 on the school's clock."""
    if unit is Unit.HOURS:
        return since + timedelta(hours=after)
    if unit is Unit.SCHOOL_DAYS:
        return calendar.add_school_days(since, after) if after else since
    day = calendar.local_date(since)
    if unit is Unit.BEFORE:
        return calendar.morning_of(calendar.school_days_before(day, after))
    return calendar.morning_of(day + timedelta(days=after) if unit is Unit.DAYS else months_later(day, after))


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month when it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
