"""A desk with one case on it: small words for putting entries in its story; it knows no store and no page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules import workflow
from meldcode_plugin.rules.entries import Payload
from meldcode_plugin.rules.facts import CloseReason, Role
from meldcode_plugin.rules.filling import DEPENDS
from meldcode_plugin.rules.workflow import CaseStory, Recorded

TODAY = date(2026, 11, 24)
"""A Tuesday: the day before and the day after are school days."""
MOMENT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TEACHER, IB, AF, DIRECTOR, DEPUTY = (uuid4() for _ in range(5))
ROLES = {
    TEACHER: frozenset({Role.STAFF}),
    IB: frozenset({Role.STAFF, Role.IB}),
    AF: frozenset({Role.STAFF, Role.AF}),
    DIRECTOR: frozenset({Role.STAFF, Role.DIRECTOR}),
    DEPUTY: frozenset({Role.STAFF, Role.IB}),
}
WORDS = "Ik zag drie keer een blauwe plek en hoorde het kind erover vertellen."
SAMPLES: dict[type[Payload], dict[str, Any]] = {
    e.Signal: {"bundle": UUID(int=1), "signal_kind": e.SignalKind.FACT, "text": "Een blauwe plek op de linkerarm."},
    e.FollowUp: {"text": "Nagevraagd.", "status": e.HypothesisStatus.UNCERTAIN, "basis": "Niet te zeggen."},
    e.Correction: {"text": "De rechterarm.", "reason": "Verschreven."},
    e.SignalAccepted: {},
    e.SignalMovedAway: {"reason": "Ander kind."},
    e.SignalMovedHere: {"reason": "Ander kind."},
    e.Closed: {"reason": CloseReason.NO_SUSPICION, "explanation": "Het bleek een val.", "parents": "yes"},
    e.Reopened: {"reason": "Het begint opnieuw."},
    e.DestructionProposed: {"basis": e.Basis.REQUEST, "reason": "Zijn ouders vroegen erom, en school stemt in."},
    e.Party: {"name": "Moeder", "relation": "moeder", "custody": "yes"},
    e.TransferTalk: {"held_on": TODAY, "school": "De Linde", "what": "De zorg.", "parents": "yes"},
    e.Snoozed: {
        "what": "talk_held",
        "until": TODAY + timedelta(days=7),
        "reason": "Moeder ligt deze week in het ziekenhuis.",
    },
    e.Consultation: {
        "partner": e.Partner.IB,
        "held_on": TODAY,
        "persons": "Leerkracht en IB-er",
        "question": "Wat nu?",
        "advice": "Praat met ouders.",
    },
    e.DirectorInformed: {"told_on": TODAY},
    e.SpecialForm: {"form": e.Special.HONOUR, "why": "Het kind noemde de familie-eer."},
    e.TalkPreparation: {"goal": "Samen kijken wat er is."},
    e.ParentConversation: {
        "held_on": TODAY - timedelta(days=4),
        "parents": "Moeder",
        "goal": "Onze zorg delen.",
        "facts": "De blauwe plek.",
        "reaction": "Zij schrok.",
    },
    e.TalkShared: {"shared_on": TODAY, "who": "Moeder"},
    e.ParentStatement: {"by": "Moeder", "received_on": TODAY, "text": "Hij viel van de trap."},
    e.TalkWaiver: {
        "stage": e.Stage.SIGNALS,
        "ground": e.Ground.SAFETY,
        "whose_safety": "van het kind",
        "reasons": "Vader dreigde het kind mee te nemen naar het buitenland.",
    },
    e.ChildConversation: {"useful": "no", "possible": "yes", "why": "Het kind is vier."},
    e.Weighing: {
        "risk": e.Level.HIGH,
        "risk_why": "Het herhaalt zich.",
        "nature": "Slaan.",
        "severity": e.Level.HIGH,
        "severity_why": "Letsel.",
        "no_instrument": "Geen tijd.",
        "suspicion": "yes",
        "unsafe": "yes",
    },
    e.Decision: {"protect": "doubt", "report": "yes", "help": "yes", "judgement": WORDS},
    e.HelpPlan: {
        "goals": "Rust thuis.",
        "provider": "Wijkteam",
        "starts_on": TODAY,
        "effect": "Geen letsel meer.",
        "effect_due": TODAY + timedelta(days=42),
        "case_manager": "IB-er",
        "consent": "yes",
    },
    e.HelpEffectCheck: {
        "checked_on": TODAY + timedelta(days=42),
        "finding": e.Effect.BETTER,
        "text": "Het kind lacht weer.",
    },
    e.ReportNotice: {"told_on": TODAY, "how": "IB-er", "why": "Zorg.", "reaction": "Boos.", "objected": "no"},
    e.Objection: {"by": "Moeder", "text": "Het helpt niet.", "accommodated": "no", "weighed": "Veiligheid gaat voor."}
    | {"severity": "Letsel, herhaald.", "outcome": "Wij melden."},
    e.ConsentEffort: {"asked": "yes", "asked_on": TODAY, "answer": "no", "efforts": "Twee keer gebeld."},
    e.ConfidentialityCheck: {
        **dict.fromkeys(("consulted", "vt_asked", "enough_facts", "weighed", "effort"), "yes"),
        "contacts": "Gesprek met moeder.",
    },
    e.Report: {
        "made_on": TODAY,
        "how": "telefoon",
        "own_role": "Oog houden.",
        "own_role_who": "Leerkracht",
        "own_role_limits": "Geen huisbezoek.",
    },
    e.OwnRole: {"what": "Oog houden.", "who": "Leerkracht", "limits": "Geen huisbezoek."},
    e.VtFeedback: {"received_on": TODAY, "sender": "Veilig Thuis", "content": "Opgepakt."},
    e.InformationRequest: {
        "asked_on": TODAY,
        "asked_by": "Veilig Thuis",
        "question": "Verzuim?",
        "given": "Twee dagen.",
        "ground": "Nodig voor het onderzoek.",
        "parents": "yes",
    },
    e.KinAtSchool: {"answer": "no"},
    e.SignallerFeedback: {"given_on": TODAY, "text": "Dank je."},
}
"""The least that each kind can be."""


def a(kind: type[Payload], **more: Any) -> Any:
    """Return a payload of a kind, with these fields changed."""
    return kind(**SAMPLES[kind] | more)


def reads_well(sentence: str) -> bool:
    """Tell whether this is a sentence for a person: a capital, no shouting, an end."""
    return sentence[0].isupper() and not sentence.isupper() and sentence[-1] in ".?'"


class Desk:
    """One case. ``put`` writes without asking; ``refused`` asks the code."""

    def __init__(self, birth_date: date | None = None, code_version: int = 2) -> None:
        """Start with an empty story."""
        self.entries: list[Recorded] = []
        self.birth_date, self.code_version = birth_date, code_version
        self.now = MOMENT

    @property
    def story(self) -> CaseStory:
        """What stands in the case."""
        return workflow.ordered(self.entries, self.birth_date, self.code_version)

    def put(self, kind: type[Payload] | Payload, by: UUID = IB, refers_to: UUID | None = None, **more: Any) -> UUID:
        """Write an entry and return its id; its moment is that of the desk's clock."""
        payload: Any = kind if isinstance(kind, Payload) else a(kind, **more)
        entry = Recorded(uuid4(), len(self.entries) + 1, by, self.now, payload, refers_to, ROLES[by])
        self.entries.append(entry)
        return entry.id

    def approve(self, about: UUID, role: str, by: UUID, agrees: str = "yes", **more: Any) -> UUID:
        """Let somebody say yes or no, having seen everything."""
        seen = more.pop("seen_seq", len(self.entries))
        return self.put(e.Approval(agrees=agrees, role=role, about=about, seen_seq=seen, **more), by)

    def refused(self, kind: type[Payload] | Payload, today: date = TODAY, **more: Any) -> list[str]:
        """Return why an entry can not be added: the rules, and the field behind a dash where there is one."""
        payload = kind if isinstance(kind, Payload) else a(kind, **more)
        found = workflow.adding(self.story, payload, today)
        assert [no for no in found if not reads_well(no.sentence)] == []
        asked = {no.field for no in found if no.field and getattr(payload, no.field, False) in ("", None)}
        assert asked <= DEPENDS.get(type(payload), set()), "a form says that this may stay empty"
        return [f"{no.rule}-{no.field}" if no.field else no.rule for no in found]

    def missing(self, today: date = TODAY) -> list[str]:
        """Return the rules of the open points, sorted."""
        found = workflow.open_points(self.story, today)
        assert [point for point in found if not reads_well(point.sentence)] == []
        return sorted(point.rule for point in found)


NEEDED = (
    "signal",
    "consultation",
    "director",
    "party",
    "talk",
    "child",
    "weighing",
    "decision",
    "ib",
    "director_agrees",
    "notice",
    "secrecy",
)
"""What a report that is no emergency stands on."""


def ready(leave_out: str = "", desk: Desk | None = None) -> Desk:
    """Return a case in which everything is there to report, but for one thing."""
    desk = desk or Desk()
    made: dict[str, UUID] = {}
    for name in NEEDED:
        if name != leave_out:
            made[name] = _lay(desk, name, made)
    return desk


def _lay(desk: Desk, name: str, made: dict[str, UUID]) -> UUID:
    if name in ("ib", "director_agrees"):
        role, by = ("IB", IB) if name == "ib" else ("D", DIRECTOR)
        return desk.approve(made.get("decision", UUID(int=0)), role, by)
    parties = (made["party"],) if "party" in made else ()
    kinds: dict[str, tuple[type[Payload], dict[str, Any]]] = {
        "signal": (e.Signal, {"by": TEACHER}),
        "consultation": (e.Consultation, {}),
        "director": (e.DirectorInformed, {}),
        "party": (e.Party, {}),
        "talk": (e.ParentConversation, {"parties": parties}),
        "child": (e.ChildConversation, {}),
        "weighing": (e.Weighing, {}),
        "decision": (e.Decision, {}),
        "notice": (e.ReportNotice, {"parties": parties}),
        "secrecy": (e.ConfidentialityCheck, {}),
    }
    kind, more = kinds[name]
    return desk.put(kind, **more)
