"""Whole cases to make packages of: a real one, a short one, one of 200 entries, an emergency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import Context, Person, PupilCard, School, Selection
from meldcode_plugin.rules.entries import Payload
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.rules.story import CaseStory, Recorded, ordered
from tests.rules.desk import SAMPLES

HERE = ZoneInfo("Europe/Amsterdam")
MADE = datetime(2026, 11, 24, 14, 30, tzinfo=HERE)
TEACHER, IB, DIRECTOR, GYM = (UUID(int=number) for number in (101, 102, 103, 104))
ROLES = {
    TEACHER: frozenset({Role.STAFF}),
    GYM: frozenset({Role.STAFF}),
    IB: frozenset({Role.STAFF, Role.IB}),
    DIRECTOR: frozenset({Role.STAFF, Role.DIRECTOR}),
}
STAFF = {
    TEACHER: Person("Marijke Veenstra", "leerkracht", "maandag tot en met vrijdag, 15.00-17.00 uur", TEACHER),
    GYM: Person("Rachid Bouali", "vakleerkracht gym", "", GYM),
    IB: Person("Hanneke Oosterbaan", "intern begeleider", "dagelijks, 06 22 33 44 55", IB),
    DIRECTOR: Person("Wouter Kuipers", "directeur", "dagelijks via school", DIRECTOR),
}
SCHOOL = School("Basisschool De Wilgenhof", "17XY", "Veilig Thuis Midden-Nederland", "030 123 45 67")
CHILD = PupilCard(
    "Noor van Dalen",
    date(2018, 3, 2),
    "meisje",
    "Kastanjelaan 12, 3512 AB Utrecht",
    "groep 5",
    "22 augustus 2022",
    "Nederlands",
)


class Builder:
    """Writes a case, entry by entry, each on its own day."""

    def __init__(self, start: datetime = datetime(2026, 9, 14, 9, 30, tzinfo=UTC)) -> None:
        """Start with nothing."""
        self.entries: list[Recorded] = []
        self.at = start

    def put(
        self, kind: type[Payload], author: UUID = IB, days: float = 0, refers_to: UUID | None = None, **more: Any
    ) -> UUID:
        """Write an entry some days after the one before, and return its id."""
        self.at += timedelta(days=days, minutes=7)
        payload: Any = kind(**SAMPLES.get(kind, {}) | more)
        number = len(self.entries) + 1
        entry = Recorded(UUID(int=10_000 + number), number, author, self.at, payload, refers_to, ROLES[author])
        self.entries.append(entry)
        return entry.id

    def signal(self, kind: e.SignalKind, text: str, by: UUID = TEACHER, days: float = 1, **more: Any) -> UUID:
        """Write a signal that was seen on the day on which it is written."""
        self.at += timedelta(days=days)
        seen = {"observed_on": self.at.date()} if kind is not e.SignalKind.THIRD_PARTY else {}
        return self.put(e.Signal, by, signal_kind=kind, text=text, **seen | more)

    def approve(self, about: UUID, role: str, by: UUID) -> UUID:
        """Let IB-er or director agree."""
        return self.put(e.Approval, by, agrees="yes", role=role, about=about, seen_seq=len(self.entries))

    @property
    def story(self) -> CaseStory:
        """The case as it stands."""
        return ordered(self.entries, CHILD.birth_date)


@dataclass(frozen=True)
class Case:
    """A case with all that a package is made from."""

    story: CaseStory
    context: Context
    selection: Selection


def context(**more: Any) -> Context:
    """Return what the school knows."""
    given: dict[str, Any] = {
        "school": SCHOOL,
        "pupil": CHILD,
        "reporter": STAFF[IB],
        "number": "2026-0017",
        "version": 1,
        "made_at": MADE,
        "requester": STAFF[IB],
        "ib": STAFF[IB],
        "director": STAFF[DIRECTOR],
        "staff": STAFF,
    }
    return Context(**given | more)


CHOSEN = Selection(
    acute="no",
    child_now="Op school, in de klas. Moeder haalt haar om 14.45 uur op.",
    next_contact="Morgen om 8.30 uur",
    dangers="Geen wapens bekend. Geen aanwijzingen voor suïcide of vluchten.",
    agreements="Noor weet dat ze altijd naar de juf mag komen.",
    worry="Noor (8 jaar) had in tien weken drie keer blauwe plekken op plaatsen waar een kind zich zelden stoot. "
    "Zij zegt zelf dat ze thuis geslagen wordt als ze haar kamer niet opruimt.\n"
    "Zij is stiller geworden en wil na schooltijd niet naar huis.\nMoeder geeft wisselende uitleg.",
    since="September 2026",
    why_now="Op 19 november een nieuwe plek, en Noor vertelde uit zichzelf wat er gebeurde.",
    household="Noor woont met moeder, stiefvader en broertje Daan op de Kastanjelaan. Vader woont in Amersfoort.",
    injury="Drie plekken, 2 tot 3 cm, blauw tot geelgroen, binnenkant linkerbovenarm. "
    'Uitleg van Noor: "Dat was van het knijpen." Uitleg van moeder: van de trap gevallen.',
    network="Huisarts Boswijk. Buurtteam is in oktober aangeboden en niet aanvaard.",
    protective="Noor heeft een goede band met haar oma, die twee dagen per week oppast. Zij doet het goed op school.",
    question="Onderzoek of Noor thuis veilig is, en wat het gezin nodig heeft.",
    own_role="De leerkracht houdt dagelijks contact met Noor. De IB-er spreekt moeder elke twee weken. "
    "School doet geen onderzoek thuis.",
    feedback="Binnen vijf werkdagen: of de melding is opgepakt, telefonisch aan de IB-er.",
)


def short() -> Case:
    """The least that can be reported: one fact, one talk, one weighing, one notice."""
    made = Builder()
    parent = made.put(e.Party)
    for kind in (e.Signal, e.Consultation, e.DirectorInformed):
        made.put(kind)
    made.put(e.ParentConversation, parties=(parent,))
    for kind in (e.ChildConversation, e.Weighing, e.Decision):
        made.put(kind)
    made.put(e.ReportNotice, parties=(parent,))
    brief = Selection(
        acute="no", child_now="Op school.", worry="Zorg.", question="Wil je kijken?", own_role="Oog houden."
    )
    return Case(made.story, context(), brief)


def emergency() -> Case:
    """An emergency: one signal, blocks 1-6, and everything else later."""
    made = Builder(datetime(2026, 11, 24, 12, 5, tzinfo=UTC))
    made.signal(e.SignalKind.CHILD_STATEMENT, "Ik durf niet naar huis, hij heeft een mes.", days=0, acute=True)
    chosen = Selection(
        acute="yes",
        child_now="In de kamer van de IB-er.",
        dangers="Mogelijk een mes.",
        household="Moeder en haar vriend.",
        worry="Noor zegt dat de vriend van moeder haar met een mes bedreigde.",
        form="telefonisch",
    )
    return Case(made.story, context(emergency=True), chosen)
