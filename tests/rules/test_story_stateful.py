"""Long random sequences of acts on one case, against a plain model that knows only lists and flags.

``MELD_SCALE`` sets the size: 1 is a quick look, 250 the 2,000 sequences of 50 acts of the full run.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.facts import CaseFacts, CloseReason, Event, State, fold
from meldcode_plugin.rules.skips import skipped
from meldcode_plugin.rules.workflow import (
    Action,
    adding,
    approving,
    may_add_when_closed,
    open_points,
    refusals,
    waiting_for,
)
from tests.machine.figures import Figures
from tests.rules.desk import AF, DIRECTOR, IB, TEACHER, TODAY, Desk, a

FULL, ORDINARY, ACTS = 2_000, 8, 50
SEQUENCES = max(1, min(FULL, round(ORDINARY * float(os.environ.get("MELD_SCALE", "1")))))

YES_NO = st.sampled_from(["yes", "no"])
LETTERS = st.sampled_from(["n----", "yy---", "yd---", "ynn--", "ynyn-", "ynyy-", "ynyyd", "ynyyy"])
SHORT = {"y": "yes", "n": "no", "d": "doubt", "-": "open"}
QUESTIONS = ("suspicion", "unsafe", "able", "accept", "result")


REACHED: Counter[str] = Counter()
"""How often the gated acts went through: a run that never gets there proves nothing."""


class Model:
    """What the code asks, kept as flags by somebody who never saw the rules."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.open_hypotheses = 0
        self.writers: set = set()
        self.talks_over: list = []
        self.director = False
        self.begin()
        self.plan_due = None
        self.helped_before = False
        self.weighed_since = False
        self.effect_seen = True
        self.closed = False

    def begin(self) -> None:
        """Forget what was talked, weighed and decided: a case that is opened again starts anew."""
        self.talk = self.child = self.weighed = self.notice = self.secrecy = False
        self.waiver: dict = {"signalen": {}, "melding": {}}
        self.reports = None
        self.said: dict = {}
        self.decision = None

    def may_report(self) -> bool:
        """Tell whether everything is there."""
        said_both = set(self.said) == {"IB", "D"}
        two = said_both and self.said["IB"][0] != self.said["D"][0]
        agreed = two and "yes" in (self.said["IB"][1], self.said["D"][1])
        return (
            not self.open_hypotheses
            and any(writers - {who} if writers else True for writers, who in self.talks_seen())
            and self.director
            and (self.talk or self.waived("signalen"))
            and self.child
            and self.weighed
            and self.decision == "yes"
            and agreed
            and (self.notice or self.waived("melding"))
            and self.secrecy
        )

    def waived(self, stage) -> bool:
        """Tell whether the newest word on one of the waivers is the director's."""
        return DIRECTOR in self.waiver[stage].values()

    def talks_seen(self) -> list:
        """The talks with the IB-er, each with all who wrote signals."""
        return [(self.writers, who) for who in self.talks_over]


class Case(RuleBasedStateMachine):
    """One case and everything that people may do with it, in any order."""

    def __init__(self) -> None:
        """Start with an empty case and an empty model."""
        super().__init__()
        self.desk, self.model, self.facts = Desk(), Model(), CaseFacts()
        self.ids, self.kept, self.waivers, self.hypotheses = [], [], {}, []
        self.today = TODAY

    def keep(self, payload, by=IB, refers_to=None):
        """Write it as the service does: refused or added. Returns its id, or None."""
        if self.model.closed and not may_add_when_closed(payload):
            return None
        if adding(self.desk.story, payload, self.today):
            return None
        entry = self.put(payload, by, refers_to)
        self.facts = fold(self.facts, Event(entry, payload.kind, refers_to))
        return entry

    def put(self, payload, by, refers_to=None):
        """Write it, and remember its bytes."""
        self.kept.append(e.dump(payload))
        return self.desk.put(payload, by, refers_to)

    # --- what anybody can write at any time ------------------------------------------------------

    @rule(by=st.sampled_from([TEACHER, IB]), guess=st.booleans())
    def signal(self, by, guess):
        """A signal comes in; it opens a closed case."""
        if self.model.closed:
            self.model.closed = False
            self.facts = CaseFacts()
        kind = e.SignalKind.HYPOTHESIS if guess else e.SignalKind.FACT
        entry = self.keep(a(e.Signal, signal_kind=kind), by)
        assert entry
        self.model.writers.add(by)
        if guess:
            self.hypotheses.append(entry)
            self.model.open_hypotheses += 1

    @precondition(lambda self: self.hypotheses)
    @rule()
    def answer(self):
        """A hypothesis is answered."""
        if self.keep(a(e.FollowUp), refers_to=self.hypotheses[0]):
            self.hypotheses.pop(0)
            self.model.open_hypotheses -= 1

    @rule(by=st.sampled_from([IB, AF]))
    def consult(self, by):
        """A talk with the IB-er, recorded by the IB-er, or one of the aandachtsfunctionaris as such."""
        partner = e.Partner.IB if by == IB else e.Partner.AF
        if self.keep(a(e.Consultation, partner=partner), by):
            self.model.talks_over.append(by)

    @rule()
    def inform(self):
        """The director hears of it."""
        if self.keep(a(e.DirectorInformed)):
            self.model.director = True

    @rule()
    def talk(self):
        """Parents are spoken."""
        if self.keep(a(e.ParentConversation)):
            self.model.talk = True

    @rule()
    def child(self):
        """The question about the child is answered."""
        if self.keep(a(e.ChildConversation)):
            self.model.child = True

    @rule(stage=st.sampled_from(["signalen", "melding"]))
    def waive(self, stage):
        """Somebody wants to leave a talk out."""
        if entry := self.keep(a(e.TalkWaiver, stage=stage)):
            self.waivers[stage] = entry
            self.model.waiver[stage][entry] = None

    @precondition(lambda self: self.waivers)
    @rule(data=st.data(), by=st.sampled_from([DIRECTOR, IB]))
    def confirm(self, data, by):
        """The director agrees; when the IB-er does it in that name, it does not count."""
        stage = data.draw(st.sampled_from(sorted(self.waivers)))
        answer = e.Approval(agrees="yes", role="D", about=self.waivers[stage], seen_seq=len(self.desk.entries))
        if not self.model.closed and not approving(self.desk.story, answer):
            self.put(answer, by)
            self.model.waiver[stage][self.waivers[stage]] = by

    @rule(letters=LETTERS)
    def weigh(self, letters):
        """The case is weighed."""
        given = {name: SHORT[letter] for name, letter in zip(QUESTIONS, letters, strict=True)}
        if self.keep(a(e.Weighing, **given)):
            self.model.weighed, self.model.letters = True, letters
            self.model.weighed_since = True

    @rule(protect=st.sampled_from(["yes", "no", "doubt"]), report=YES_NO, helped=YES_NO)
    def decide(self, protect, report, helped):
        """A decision is taken, if the code lets it."""
        if self.keep(a(e.Decision, protect=protect, report=report, help=helped)):
            if report == "no":
                assert protect == "yes"
                assert self.model.weighed
                if helped == "yes":
                    assert self.model.talk
                    assert self.model.letters in ("n----", "ynyy-", "ynyyy")
                else:
                    assert self.model.letters == "n----"
            self.model.decision, self.model.said = report, {}

    @precondition(lambda self: self.model.decision)
    @rule(role=st.sampled_from(["IB", "D"]), agrees=YES_NO, fresh=st.booleans(), by=st.sampled_from([IB, DIRECTOR]))
    def approve(self, role, agrees, fresh, by):
        """IB-er and director say what they think, on the newest page or on an old one, also in another's name."""
        about = self.desk.story.last(e.Decision)[0].id
        seen = len(self.desk.entries) - (0 if fresh else 3)
        answer = e.Approval(agrees=agrees, role=role, about=about, seen_seq=seen, text="Daarom.")
        news = any(not isinstance(one.payload, e.Approval) for one in self.desk.entries[max(seen, 0) :])
        assert bool(approving(self.desk.story, answer)) is news
        if not news and not self.model.closed:
            self.put(answer, by)
            self.model.said[role] = (by, agrees)

    @rule()
    def tell(self):
        """The family hears of the report."""
        if self.keep(a(e.ReportNotice)):
            self.model.notice = True

    @rule()
    def secrecy(self):
        """The six questions are answered."""
        if self.keep(a(e.ConfidentialityCheck)):
            self.model.secrecy = True

    @rule(kind=st.sampled_from([e.Party, e.TalkShared, e.ConsentEffort, e.OwnRole, e.VtFeedback, e.SignallerFeedback]))
    def anything(self, kind):
        """What gates nothing can always be written, but on a closed case only what comes from outside."""
        more = {"custody": "no"} if kind is e.Party else {}
        assert (self.keep(a(kind, **more)) is not None) is (not self.model.closed or may_add_when_closed(a(kind)))

    @precondition(lambda self: not self.model.closed)
    @rule(order=st.permutations(range(9)), left_out=st.integers(0, 12))
    def most(self, order, left_out):
        """Somebody does nearly all of it, in any order, and forgets one thing or nothing."""
        acts = (self.answer_all, self.inform, self.talk, self.child, self.tell, self.secrecy)
        acts += (lambda: self.consult(IB), lambda: self.consult(AF), lambda: self.weigh("yy---"))
        for number in order:
            if number != left_out:
                acts[number]()
        if left_out != 9:
            self.decide("doubt", "yes", "yes")
            for role, by in (("IB", IB), ("D", DIRECTOR)):
                self.approve(role, "yes", fresh=True, by=by)
        self.report()

    def answer_all(self):
        """All hypotheses are answered."""
        while self.hypotheses:
            self.answer()

    # --- the acts that the code gates ------------------------------------------------------------

    @rule()
    def report(self):
        """A report goes through exactly when everything is there."""
        asked = not refusals(self.desk.story, Action.REPORT, self.today)
        assert asked is self.model.may_report()
        done = self.keep(a(e.Report))
        assert (done is not None) is (asked and not self.model.closed)
        if done:
            REACHED["report"] += 1
            self.model.reports = self.model.reports or "calm"

    @rule(late=st.sampled_from(["stopt_niet", "begint_opnieuw"]))
    def report_after_all(self, late):
        """A report after help goes through when there was help or a closing, and it was weighed since (R43)."""
        done = self.keep(a(e.Report, late=late))
        asked = self.model.may_report() and self.model.helped_before and self.model.weighed_since
        assert (done is not None) is (asked and not self.model.closed)
        if done:
            REACHED["late"] += 1
            self.model.reports = self.model.reports or "calm"

    @rule(by=st.sampled_from([TEACHER, IB]))
    def emergency(self, by):
        """An emergency always goes through, from anyone, also on a closed case."""
        assert self.keep(a(e.Report, emergency=True, own_role="", own_role_who="", own_role_limits=""), by)
        self.model.reports = "emergency"
        self.model.closed = False

    @rule(days=st.integers(0, 60))
    def plan(self, days):
        """Help begins after a talk, or beside a report."""
        due = self.today + timedelta(days=days)
        beside = self.model.talk or self.model.decision == "yes" or bool(self.model.reports)
        done = self.keep(a(e.HelpPlan, starts_on=self.today, effect_due=due))
        assert (done is not None) is (beside and not self.model.closed)
        if done:
            REACHED["help"] += 1
            self.model.plan_due, self.model.effect_seen = due, False
            self.model.helped_before, self.model.weighed_since = True, False

    @rule(days=st.integers(0, 30))
    def look(self, days):
        """Time passes and somebody looks whether the help works."""
        self.today += timedelta(days=days)
        if self.keep(a(e.HelpEffectCheck, checked_on=self.today)) and self.model.plan_due:
            self.model.effect_seen |= self.today >= self.model.plan_due

    @rule(reason=st.sampled_from([CloseReason.NO_SUSPICION, CloseReason.UNFOUNDED, CloseReason.STAFF_ROUTE]))
    def close(self, reason):
        """A case closes when nothing is open; one about staff closes at once."""
        done = self.keep(a(e.Closed, reason=reason))
        if done:
            REACHED["close"] += 1
            if reason is not CloseReason.STAFF_ROUTE:
                assert not self.model.open_hypotheses
                assert self.model.effect_seen
                assert self.model.reports != "emergency" or self.model.may_report()
            self.model.closed = self.model.helped_before = True
            self.model.weighed_since = False
            self.model.begin()
            self.waivers = {}

    @precondition(lambda self: self.model.closed)
    @rule(late=st.sampled_from(["", "stopt_niet", "begint_opnieuw"]))
    def reopen(self, late):
        """A closed case opens with a reason, also to report after all."""
        assert self.keep(a(e.Reopened, late=late))
        self.model.closed = False

    # --- what always holds -----------------------------------------------------------------------

    @invariant()
    def nothing_disappears(self):
        """The number of entries only grows, and the older ones stay in their place."""
        ids = [entry.id for entry in self.desk.entries]
        assert ids[: len(self.ids)] == self.ids
        self.ids = ids

    def teardown(self):
        """Look back: what was kept is byte for byte what was written."""
        assert [e.dump(entry.payload) for entry in self.desk.entries] == self.kept

    @invariant()
    def page_and_gate_say_the_same(self):
        """The report button is open exactly when a report would be kept; the list can always be drawn."""
        story = self.desk.story
        closed = refusals(story, Action.REPORT, self.today)
        assert closed == adding(story, a(e.Report), self.today)
        stops = refusals(story, Action.CLOSE, self.today)
        assert [no for no in stops if no not in adding(story, a(e.Closed), self.today)] == []
        assert adding(story, a(e.Closed, reason=CloseReason.STAFF_ROUTE), self.today) == []
        assert all(point.sentence for point in open_points(story, self.today))
        assert all(skip.why and skip.by for skip in skipped(story))
        assert all(role not in story.views_on(entry) for role in ("IB", "D") for entry in waiting_for(story, role, IB))

    @invariant()
    def state_follows(self):
        """Closed is closed, and nothing else is."""
        assert (self.facts.state is State.CLOSED) is self.model.closed


def test_no_sequence_reports_without_what_the_code_asks(figures: Figures):
    """Nothing is reported, helped alone or closed past the code; nothing disappears; in whatever order people act."""
    quiet = settings(
        max_examples=SEQUENCES,
        stateful_step_count=ACTS,
        deadline=None,
        database=None,
        derandomize=SEQUENCES == ORDINARY,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,) if SEQUENCES == ORDINARY else (Phase.generate, Phase.shrink),
    )
    REACHED.clear()
    run_state_machine_as_test(Case, settings=quiet)
    figures(f"{SEQUENCES} sequences of at most {ACTS} acts; went through: {dict(REACHED)}")
    assert min(REACHED["report"], REACHED["help"], REACHED["close"]) >= SEQUENCES / 4
