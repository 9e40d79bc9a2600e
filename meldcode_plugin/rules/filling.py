"""What one entry of the steps must hold before it can be added; each fault belongs beside its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from meldcode_plugin.errors import Refusal
from meldcode_plugin.rules import weighing as table
from meldcode_plugin.rules.entries import (
    KEEPING,
    ChildConversation,
    Closed,
    ConfidentialityCheck,
    Consultation,
    Decision,
    Ground,
    HelpPlan,
    InformationRequest,
    Objection,
    ParentConversation,
    Partner,
    Party,
    Payload,
    Report,
    ReportNotice,
    Snoozed,
    TalkWaiver,
    TransferTalk,
    Weighing,
)
from meldcode_plugin.rules.facts import CloseReason
from meldcode_plugin.rules.story import CaseStory, answers_of

HAPPENED = ("held_on", "told_on", "shared_on", "received_on", "checked_on", "made_on", "given_on", "asked_on")
"""Dates of what has been: they do not lie ahead."""
FUTURE = "Deze datum ligt in de toekomst."
LONGEST_SNOOZE, LONGEST_KEPT = timedelta(days=92), timedelta(days=366)
WHY_NOT = "Schrijf op waarom niet."
OWN_WORDS = 30
VT_SAYS = re.compile(
    r"\b(?:(?:het|op|volgens|dit|dat|is|het)\s+)*(?:advies\w*|veilig thuis|vt)\b[^.,;]*", re.IGNORECASE
)
"""The part of a sentence that hands the judgement to Veilig Thuis."""

Faults = Iterator[tuple[str, str, str]]
"""Rule, field and sentence."""


def faults(story: CaseStory, payload: Payload, today: date) -> list[Refusal]:
    """Return what is wrong with the fields of an entry; empty means that it can be kept."""
    check: Callable[[CaseStory, Any, date], Faults] | None = CHECKS.get(type(payload))
    found = [*_ahead(payload, today), *(check(story, payload, today) if check else ())]
    return [Refusal(rule, sentence, field) for rule, field, sentence in found]


def _ahead(payload: Payload, today: date) -> Faults:
    for field in HAPPENED:
        if (day := getattr(payload, field, None)) and day > today:
            yield "R11", field, FUTURE


def _parties(story: CaseStory, chosen: tuple[Any, ...]) -> Faults:
    if not all((entry := story.entry(one)) and isinstance(entry.payload, Party) for one in chosen):
        yield "R29", "parties", "Kies alleen mensen die bij dit dossier staan."


def _snoozed(_story: CaseStory, snoozed: Snoozed, today: date) -> Faults:
    keeping = snoozed.what in KEEPING
    if keeping and not today < snoozed.until <= today + LONGEST_KEPT:
        yield "section 4", "until", "Kies een dag na vandaag, en niet later dan over een jaar."
    elif not keeping and not today < snoozed.until <= today + LONGEST_SNOOZE:
        yield "section 4", "until", "Kies een dag na vandaag, en niet later dan over drie maanden."


def _consultation(_story: CaseStory, talk: Consultation, _today: date) -> Faults:
    if talk.partner is Partner.VEILIG_THUIS and talk.vt_contact == "nvt":
        yield "R22", "vt_contact", "Noemde je de naam van het kind? Geef geen naam als dat niet nodig is."


def _conversation(story: CaseStory, talk: ParentConversation, _today: date) -> Faults:
    tellable = {entry.id for entry, _ in story.tellable}
    if not tellable.issuperset(talk.facts_told):
        yield "R28", "facts_told", "Een hypothese is geen feit. Kies alleen feiten en uitspraken van het kind."
    if story.with_custody and not talk.parties:
        yield "R29", "parties", "Kies met wie je sprak. Hebben beide ouders gezag? Praat dan met allebei."
    elif not talk.parties and not talk.parents:
        yield "R29", "parents", "Schrijf op met wie je sprak."
    yield from _parties(story, talk.parties)


def _waiver(story: CaseStory, waiver: TalkWaiver, _today: date) -> Faults:
    if waiver.ground is Ground.SAFETY and not waiver.whose_safety:
        yield (
            "R31",
            "whose_safety",
            "Schrijf op om wiens veiligheid het gaat: van het kind, van jezelf of van een ander.",
        )
    yield from _parties(story, waiver.parties)


def _child(_story: CaseStory, talk: ChildConversation, _today: date) -> Faults:
    if talk.verbatim and not talk.held_on:
        yield "R37", "held_on", "Schrijf op wanneer je het kind sprak."
    if talk.held_on and not talk.verbatim:
        yield "R37", "verbatim", "Schrijf de woorden van het kind letterlijk op."
    planned = talk.held_on and talk.spontaneous != "yes"
    if planned and talk.permission in ("refused", "not_asked") and not talk.permission_ground:
        yield "R37", "permission_ground", "Schrijf op waarom je het kind toch sprak."


def _weighing(story: CaseStory, weighed: Weighing, _today: date) -> Faults:
    answers = answers_of(weighed)
    if not weighed.instrument and not weighed.no_instrument:
        yield "R39", "no_instrument", "Noem het instrument dat je gebruikte, of schrijf op waarom je er geen gebruikte."
    if weighed.instrument and not weighed.instrument_result:
        yield "R39", "instrument_result", "Schrijf op wat er uit het instrument kwam."
    if weighed.risk_to_staff and not weighed.measures:
        yield "R35", "measures", "Schrijf op wat jullie aan dit risico doen."
    if open_question := table.unanswered(story.code_version, answers):
        yield "R61", open_question, "Beantwoord deze vraag. Twijfel je? Dat is ook een antwoord."
    for name in table.unknown(story.code_version, answers):
        yield "R61", name, "Deze vraag hoort niet bij de meldcode van dit dossier."
    if not all(map(story.entry, weighed.evidence)):
        yield "R34", "evidence", "Kies alleen wat in dit dossier staat."


def _decision(_story: CaseStory, decision: Decision, _today: date) -> Faults:
    own = re.sub(r"\W", "", VT_SAYS.sub("", decision.judgement))
    if len(own) < OWN_WORDS and VT_SAYS.search(decision.judgement):
        yield "R54", "judgement", "Het advies van Veilig Thuis is niet genoeg. Schrijf ook op wat je zelf vindt."


def _plan(_story: CaseStory, plan: HelpPlan, _today: date) -> Faults:
    if plan.effect_due < plan.starts_on:
        yield "R41", "effect_due", "Kies een dag nadat de hulp is begonnen."


def _notice(story: CaseStory, notice: ReportNotice, today: date) -> Faults:
    if story.decides_alone(today):
        if notice.told == "ouders":
            yield "R52", "told", "Deze leerling is 16 jaar of ouder. Bespreek de melding met de leerling zelf."
    elif notice.told == "leerling":
        yield "R52", "told", "Dit kind is jonger dan 16 jaar. Bespreek de melding met de ouders."
    elif story.with_custody and not notice.parties:
        yield "R50", "parties", "Kies wie het nu weet."
    if story.is_asked(today) and not notice.child_view:
        yield (
            "R52",
            "child_view",
            "Dit kind is 12 jaar of ouder. Schrijf op wat het vindt, of waarom je dat niet vroeg.",
        )
    yield from _parties(story, notice.parties)


def _objection(_story: CaseStory, objection: Objection, _today: date) -> Faults:
    if objection.accommodated == "yes":
        if not objection.how:
            yield "R53", "how", "Schrijf op hoe je eraan tegemoetkwam."
        return
    if not objection.weighed:
        yield "R53", "weighed", "Schrijf op waarom de veiligheid zwaarder weegt."
    if not objection.severity:
        yield "R53", "severity", "Schrijf op hoe de aard en de ernst meetelden."


SIX = ("consulted", "vt_asked", "enough_facts", "weighed", "effort")
"""The five of the six questions that are a yes or no; the other one is a list."""


def _secrecy(_story: CaseStory, check: ConfidentialityCheck, _today: date) -> Faults:
    for name in SIX:
        if getattr(check, name) == "no" and not getattr(check, f"{name}_why"):
            yield "R57", f"{name}_why", WHY_NOT


def _report(_story: CaseStory, report: Report, _today: date) -> Faults:
    if report.how == "112" and not report.emergency:
        yield "R58", "emergency", "Belde je 112? Dan was het spoed. Kies 'spoedmelding'."
    if report.emergency:
        return
    for name in ("own_role", "own_role_who", "own_role_limits"):
        if not getattr(report, name):
            yield "R47", name, "Spreek met Veilig Thuis af wat school zelf blijft doen."


def _closed(_story: CaseStory, closed: Closed, _today: date) -> Faults:
    if closed.parents == "no" and not closed.parents_ground:
        yield "R38", "parents_ground", WHY_NOT
    if closed.parents == "open" and closed.reason not in (CloseReason.STAFF_ROUTE, CloseReason.DUPLICATE):
        yield "R38", "parents", "Zijn de ouders geïnformeerd? Kies ja of nee."


def _told_parents(_story: CaseStory, told: TransferTalk | InformationRequest, _today: date) -> Faults:
    if told.parents == "no" and not told.parents_ground:
        yield "R38", "parents_ground", WHY_NOT


DEPENDS: dict[type[Payload], frozenset[str]] = {
    ParentConversation: frozenset({"parents", "absent"}),
    TalkWaiver: frozenset({"whose_safety"}),
    ChildConversation: frozenset({"held_on", "verbatim", "permission_ground"}),
    Weighing: frozenset({"measures", "instrument", "instrument_result", "no_instrument"}),
    ReportNotice: frozenset({"child_view"}),
    Objection: frozenset({"how", "weighed", "severity"}),
    ConfidentialityCheck: frozenset(f"{name}_why" for name in SIX),
    Report: frozenset({"own_role", "own_role_who", "own_role_limits"}),
    Closed: frozenset({"parents_ground"}),
    TransferTalk: frozenset({"parents_ground"}),
    InformationRequest: frozenset({"parents_ground"}),
}
"""Fields that another answer asks for: no form says of them that they may stay empty."""


CHECKS: dict[type[Payload], Callable[[CaseStory, Any, date], Faults]] = {
    Consultation: _consultation,
    ParentConversation: _conversation,
    TalkWaiver: _waiver,
    ChildConversation: _child,
    Weighing: _weighing,
    Decision: _decision,
    HelpPlan: _plan,
    ReportNotice: _notice,
    Objection: _objection,
    ConfidentialityCheck: _secrecy,
    Report: _report,
    Closed: _closed,
    Snoozed: _snoozed,
    TransferTalk: _told_parents,
    InformationRequest: _told_parents,
}
