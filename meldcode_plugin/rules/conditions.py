"""The small conditions of the code: each asks one thing of a story and carries the sentence that is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from meldcode_plugin.errors import Refusal
from meldcode_plugin.rules.entries import (
    ChildConversation,
    Closed,
    ConfidentialityCheck,
    ConsentEffort,
    Consultation,
    Decision,
    DirectorInformed,
    Effect,
    HelpEffectCheck,
    HelpPlan,
    KinAtSchool,
    Objection,
    OwnRole,
    ParentConversation,
    Partner,
    Party,
    Payload,
    Report,
    ReportNotice,
    Signal,
    SignallerFeedback,
    Stage,
    TalkShared,
    VtFeedback,
    Weighing,
)
from meldcode_plugin.rules.story import CaseStory
from meldcode_plugin.rules.weighing import Outcome

HURRY = " Is het spoed? Kies 'spoedmelding'."
"""The way past a refusal when there is danger; who went that way is not shown it again (R58)."""


@dataclass(frozen=True)
class Condition:
    """One thing that the code asks for. ``lacks`` says how much of it is missing; nothing missing is 0 or False.

    ``rule`` is its number in the school's reading of the code; ``{n}`` in the sentence is that count, and ``one``
    is the sentence for a single one. ``answer`` is the kind of entry that takes it away, if there is one.
    """

    rule: str
    sentence: str
    lacks: Callable[[CaseStory, date], int]
    one: str = ""
    answer: type[Payload] | None = None

    def __call__(self, story: CaseStory, today: date) -> Refusal | None:
        """Return the refusal, or None when nothing is missing."""
        missing = self.lacks(story, today)
        if not missing:
            return None
        sentence = self.one if self.one and missing == 1 else self.sentence.format(n=missing)
        return Refusal(self.rule, sentence.removesuffix(HURRY) if _emergency(story) else sentence)


# --- what is missing ---------------------------------------------------------------------------------


def _no_talk(story: CaseStory, _today: date) -> bool:
    return not (story.fresh(ParentConversation) or story.waived(Stage.SIGNALS) or story.waiting_waivers(Stage.SIGNALS))


def _waits_for_director(
    stage: Stage, talk: type[ParentConversation | ReportNotice], story: CaseStory, _today: date
) -> bool:
    """Tell whether a waiver lacks its second person; it does not matter any more once there was a talk (R31)."""
    return bool(story.waiting_waivers(stage)) and not story.waived(stage) and not story.fresh(talk)


def _not_shared(story: CaseStory, _today: date) -> bool:
    return story.seq_of(ParentConversation) > story.seq_of(TalkShared)


def _child_waits(story: CaseStory, _today: date) -> bool:
    """R37: a talk that is useful and possible was not held yet."""
    found = story.last(ChildConversation)
    return found is not None and (found[1].useful, found[1].possible) == ("yes", "yes") and not found[1].held_on


def _no_expert(story: CaseStory, _today: date) -> bool:
    return story.special and not story.asked(Partner.EXPERT, Partner.VEILIG_THUIS)


def _doubts(story: CaseStory, _today: date) -> bool:
    """R36: who doubts asks Veilig Thuis, or reports."""
    found = story.fresh(Weighing)
    if found is None or story.has(Report):
        return False
    unsure = "doubt" in (found[1].suspicion, found[1].unsafe, found[1].able, found[1].accept, found[1].result)
    return unsure and not story.asked(Partner.VEILIG_THUIS)


def _has_not_said(role: str, story: CaseStory, _today: date) -> bool:
    """R44: this person said yes, or no with the reason; and is not the same person as the other."""
    found = story.fresh(Decision)
    views = story.views_on(found[0]) if found else {}
    if role not in views:
        return True
    entry, view = views[role]
    both_roles = role == "D" and "IB" in views and views["IB"][0].author == entry.author
    return both_roles or (view.agrees == "no" and not view.text)


def _nobody_agrees(story: CaseStory, _today: date) -> bool:
    found = story.fresh(Decision)
    views = story.views_on(found[0]) if found else {}
    return len(views) > 1 and all(view.agrees == "no" for _, view in views.values())


def _not_told(story: CaseStory, today: date) -> bool:
    """R50, R52: who decides knows of the report, or there is a waiver that is about the report."""
    if story.waived(Stage.REPORT) or story.waiting_waivers(Stage.REPORT):
        return False
    found = story.fresh(ReportNotice)
    wrong = "ouders" if story.decides_alone(today) else "leerling"
    return found is None or found[1].told == wrong


def _objections_wait(story: CaseStory, _today: date) -> bool:
    """R53: who had objections has at least one on paper, after the talk in which they were made."""
    found = story.fresh(ReportNotice)
    return found is not None and found[1].objected == "yes" and story.seq_of(Objection) < found[0].seq


def _effect_waits(story: CaseStory, _today: date) -> bool:
    """R42: help was looked at on or after the day that was agreed for it."""
    plan = story.last(HelpPlan)
    if plan is None:
        return False
    seen = [check for entry, check in story.all(HelpEffectCheck) if entry.seq > plan[0].seq]
    return not any(check.checked_on >= plan[1].effect_due for check in seen)


def _help_fails(story: CaseStory, _today: date) -> bool:
    """R43: the newest look says that it does not help, and nobody weighed or reported since."""
    found = story.last(HelpEffectCheck)
    failed = found is not None and found[1].finding in (Effect.SAME, Effect.WORSE, Effect.STOPPED)
    return failed and story.seq_of(HelpEffectCheck) > story.seq_of(Weighing, Report)


def _news_after_help(story: CaseStory, _today: date) -> bool:
    """R43: a signal came in after help began or the case was closed, and nobody weighed since."""
    turn = story.seq_of(HelpPlan, Closed)
    return bool(turn) and story.seq_of(Signal) > max(turn, story.seq_of(Weighing))


def _not_reported(story: CaseStory, _today: date) -> bool:
    return story.decided_to_report and story.seq_of(Report) < story.seq_of(Decision) and not _emergency(story)


def _emergency(story: CaseStory) -> bool:
    """Tell whether an emergency was reported since the case was last closed: then decisions follow (R58)."""
    return any(report.emergency and entry.seq > story.seq_of(Closed) for entry, report in story.all(Report))


def _no_own_role(story: CaseStory, _today: date) -> bool:
    found = story.fresh(Report)
    return found is not None and not found[1].own_role and story.seq_of(OwnRole) < found[0].seq


def _signaller_waits(story: CaseStory, _today: date) -> bool:
    """Whoever signalled hears something once there is a plan, and again at the end (domain section 4)."""
    plan = story.seq_of(Decision, HelpPlan, Report, Closed)
    return bool(plan) and story.has(Signal) and story.seq_of(SignallerFeedback) < plan


def _must_report(story: CaseStory, _today: date) -> bool:
    return story.weighed() is Outcome.REPORT


def _no_help_before(story: CaseStory, _today: date) -> bool:
    return not story.has(HelpPlan, Closed)


def _afterwards(story: CaseStory, today: date) -> int:
    """R58: how much of what the code asks for a report is still missing after an emergency."""
    return sum(check(story, today) is not None for check in FOR_REPORT) if _emergency(story) else 0


# --- the conditions ----------------------------------------------------------------------------------

HYPOTHESES = Condition(
    "R6",
    "Er staan nog {n} hypothesen open. Zet er een uitkomst bij of schrijf op waarom het nog onzeker is.",
    lambda story, _: len(story.open_hypotheses),
    "Er staat nog 1 hypothese open. Zet er een uitkomst bij of schrijf op waarom het nog onzeker is.",
)
KIN = Condition(
    "5.2",
    "Werkt een ouder of familielid op school of bij het bestuur? Zoek dit uit. Die persoon mag niet meelezen.",
    lambda story, _: not ((found := story.last(KinAtSchool)) and found[1].answer != "unknown"),
)
CONSULT = Condition(
    "R19",
    "Bespreek de signalen met de IB-er en leg dat vast. Ben je zelf de IB-er? Overleg dan met een ander.",
    lambda story, _: not story.consulted,
    answer=Consultation,
)
DIRECTOR = Condition(
    "R20",
    "De directeur weet nog van niets. Leg vast wanneer je het vertelde.",
    lambda story, _: not story.has(DirectorInformed),
    answer=DirectorInformed,
)
EXPERT = Condition(
    "2.1", "Overleg eerst met een deskundige, of met Veilig Thuis. Leg dat vast.", _no_expert, answer=Consultation
)
CUSTODY = Condition(
    "R29",
    "Er staat nog niet wie gezag heeft. Voeg de ouders toe als betrokkene.",
    lambda story, _: not story.with_custody,
    answer=Party,
)
TALK = Condition(
    "R31",
    "Er is geen gesprek vastgelegd en geen reden waarom niet. Maak één van beide af.",
    _no_talk,
    answer=ParentConversation,
)
TALK_CONFIRMED = Condition(
    "R31",
    "De directeur heeft nog niet ingestemd met het overslaan van het gesprek. Is het spoed? Kies 'spoedmelding'.",
    partial(_waits_for_director, Stage.SIGNALS, ParentConversation),
)
SPOKEN = Condition(
    "R29",
    "Nog niet iedereen met gezag is gesproken. Hebben beide ouders gezag? Praat dan met allebei.",
    lambda story, _: len(story.unreached(Stage.SIGNALS)),
    answer=ParentConversation,
)
SHARED = Condition("R29", "Ouders hebben het verslag van het gesprek nog niet.", _not_shared, answer=TalkShared)
CHILD = Condition(
    "R37",
    "Schrijf op of een gesprek met het kind zinvol en mogelijk is.",
    lambda story, _: story.fresh(ChildConversation) is None,
    answer=ChildConversation,
)
CHILD_SPOKEN = Condition(
    "R37",
    "Een gesprek met het kind is zinvol en mogelijk. Leg vast wat het zei.",
    _child_waits,
    answer=ChildConversation,
)
WEIGHED = Condition(
    "R33",
    "Er is nog niet gewogen. Weeg eerst het risico, de aard en de ernst.",
    lambda story, _: story.fresh(Weighing) is None,
    answer=Weighing,
)
DOUBT = Condition("R36", "Je twijfelt. Vraag Veilig Thuis om advies, of meld.", _doubts, answer=Consultation)
DECIDED = Condition(
    "R40", "Er is nog geen besluit om te melden.", lambda story, _: not story.decided_to_report, answer=Decision
)
AGREED_IB = Condition(
    "R44", "De IB-er heeft nog niet ingestemd. Is het spoed? Kies 'spoedmelding'.", partial(_has_not_said, "IB")
)
AGREED_D = Condition(
    "R44", "De directeur heeft nog niet ingestemd. Is het spoed? Kies 'spoedmelding'.", partial(_has_not_said, "D")
)
AGREED = Condition(
    "R44",
    "De IB-er en de directeur zijn het allebei niet eens met het besluit. Neem een nieuw besluit.",
    _nobody_agrees,
    answer=Decision,
)
NOTICE = Condition(
    "R50",
    "Ouders weten nog niets van de melding, en er is geen reden waarom niet. Maak één van beide af.",
    _not_told,
    answer=ReportNotice,
)
NOTICE_CONFIRMED = Condition(
    "R55",
    "De directeur heeft nog niet ingestemd met melden zonder het te vertellen. Is het spoed? Kies 'spoedmelding'.",
    partial(_waits_for_director, Stage.REPORT, ReportNotice),
)
TOLD = Condition(
    "R50",
    "Nog niet iedereen met gezag weet van de melding.",
    lambda story, today: 0 if story.decides_alone(today) else len(story.unreached(Stage.REPORT)),
    answer=ReportNotice,
)
OBJECTIONS = Condition(
    "R53", "Er waren bezwaren. Leg elk bezwaar vast, en hoe het weegt.", _objections_wait, answer=Objection
)
CONSENT = Condition(
    "R51",
    "Schrijf op wat je deed om ouders mee te krijgen. Toestemming is niet nodig om te melden.",
    lambda story, _: not story.has(ConsentEffort) and not story.waived(Stage.REPORT),
    answer=ConsentEffort,
)
SECRECY = Condition(
    "R57",
    "Beantwoord eerst de zes vragen over geheimhouding.",
    lambda story, _: story.fresh(ConfidentialityCheck) is None,
    answer=ConfidentialityCheck,
)
OWN_ROLE = Condition(
    "R47", "Spreek met Veilig Thuis af wat school zelf blijft doen, en leg dat vast.", _no_own_role, answer=OwnRole
)
REPORTED = Condition(
    "R40", "Er is besloten te melden. De melding is nog niet vastgelegd.", _not_reported, answer=Report
)
VT_HEARD = Condition(
    "R49",
    "Veilig Thuis heeft nog niets laten horen.",
    lambda story, _: story.seq_of(VtFeedback) < story.seq_of(Report),
    answer=VtFeedback,
)
NOTHING_DECIDED = Condition(
    "R40",
    "Er is nog niets besloten.",
    lambda story, _: story.fresh(Weighing) is not None and story.fresh(Decision) is None,
    answer=Decision,
)
HELP_PLANNED = Condition(
    "R41",
    "De hulp is nog niet op papier gezet.",
    lambda story, _: (
        (found := story.fresh(Decision)) is not None
        and found[1].help == "yes"
        and story.seq_of(HelpPlan) <= story.seq_of(Closed)
    ),
    answer=HelpPlan,
)
HELD_TALK = Condition(
    "R32",
    "Zonder gesprek met ouders kun je niet alleen hulp regelen. Plan een gesprek of kies melden.",
    lambda story, _: story.fresh(ParentConversation) is None,
)
NO_DUTY = Condition("R40", "De afwegingsvragen leiden tot een melding. Kies melden.", _must_report)
EFFECT = Condition(
    "R42", "Deze zaak wacht op een controle van het effect. Leg die eerst vast.", _effect_waits, answer=HelpEffectCheck
)
HELP_FAILS = Condition(
    "R43", "De hulp helpt niet genoeg. Weeg opnieuw. Moet je alsnog melden?", _help_fails, answer=Weighing
)
NEWS = Condition("R43", "Er is een nieuw signaal na hulp of sluiten. Weeg opnieuw.", _news_after_help, answer=Weighing)
HELPED_BEFORE = Condition(
    "R43", "Er was nog geen hulp en de zaak was nog niet gesloten. Kies gewoon melden.", _no_help_before
)
SIGNALLER = Condition(
    "section 4",
    "Vertel wie het signaal gaf dat het is opgepakt. Zeg niets over het dossier.",
    _signaller_waits,
    answer=SignallerFeedback,
)

FOR_REPORT: tuple[Condition, ...] = (
    HYPOTHESES,
    CONSULT,
    DIRECTOR,
    EXPERT,
    TALK,
    TALK_CONFIRMED,
    CHILD,
    WEIGHED,
    DECIDED,
    AGREED_IB,
    AGREED_D,
    AGREED,
    NOTICE,
    NOTICE_CONFIRMED,
    OBJECTIONS,
    SECRECY,
)
"""What the code asks before a report that is no emergency; after an emergency all of it follows (R58)."""
AFTERWARDS = Condition(
    "R58",
    "Na de spoedmelding missen er nog {n} dingen. Maak die eerst af.",
    _afterwards,
    "Na de spoedmelding mist er nog 1 ding. Maak dat eerst af.",
)
