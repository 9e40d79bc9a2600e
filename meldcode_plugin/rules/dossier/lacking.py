"""Which blocks of a package are missing, each with the sentence that is read; pure, and the same for page and store."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from meldcode_plugin.errors import Refusal
from meldcode_plugin.rules.dossier.given import Selection, Variant
from meldcode_plugin.rules.entries import (
    Direction,
    FollowUp,
    HypothesisStatus,
    OwnRole,
    ParentConversation,
    Party,
    Report,
    ReportNotice,
    Signal,
    SignalKind,
    Stage,
    Weighing,
)
from meldcode_plugin.rules.story import CaseStory

FAMILY = "Er staat nog niemand bij het gezin. Voeg de ouders toe als betrokkene, of schrijf op wie er in huis wonen."
SAFETY = "Schrijf op of het kind nu in gevaar is."
CHILD_NOW = "Schrijf op waar het kind nu is. Weet je het niet? Schrijf dat op."
WORRY = "Schrijf de zorg op in vijf regels: wat, sinds wanneer, en waarom nu."
SIGNALS = "Er staat geen enkel feit, uitspraak of signaal in dit pakket."
TALK = "Er is geen gesprek met ouders, en geen reden waarom niet waar de directeur het mee eens is."
WEIGHED = "Er is nog niet gewogen. Weeg eerst het risico, de aard en de ernst."
NOTICE = "Ouders weten nog niets van de melding, en er is geen reden waarom niet waar de directeur het mee eens is."
QUESTION = "Schrijf op wat je aan Veilig Thuis vraagt."
OWN = "Schrijf op wat school zelf blijft doen na de melding."
HIDDEN = "Schrijf op waarom het gezin niet mag weten wie meldt, en met wie bij Veilig Thuis dat is besproken."
REASON = "Schrijf op waarom je dit weglaat."
OPPOSITE = "Dit spreekt de zorg tegen. Laat je het weg? Schrijf dan op waarom."
REFUTED = "Een weerlegde hypothese blijft staan als iemand haar heeft gehoord."
DECIDED = "De directeur besluit of ouders een afschrift krijgen. Dat is nog niet gebeurd."
FOR_WHOM = "Kies voor welke ouder dit afschrift is. Woorden van de ene ouder gaan niet naar de andere."


def lacking(story: CaseStory, selection: Selection, variant: Variant, emergency: bool) -> list[Refusal]:  # noqa: FBT001 - it is one of the four facts that decide
    """Return what is missing; empty means that the package can be made (domain section 3, *Rules*).

    A report needs blocks 1-6, 8, 14, 19, and 12 and 17 or their waivers; in an emergency 1-6 are enough (R58).
    Blocks 1-3 come from the school and are always there. ``field`` names the field of `Selection` to fill, or
    for an entry that is left out ``left_out-<id>``.
    """
    found = [*_choices(story, selection)]
    if variant is Variant.ADVICE:
        return [*found, *_advice(story, selection)]
    if variant is Variant.PARENTS:
        found += _copy(story, selection)
    found += _first_six(story, selection)
    return found if emergency else [*found, *_rest(story, selection)]


def kept(story: CaseStory, selection: Selection) -> Iterator[tuple[UUID, Signal]]:
    """Yield the signals that stay in the package; a refuted hypothesis that somebody heard always does."""
    for entry, signal in story.all(Signal):
        if entry.id not in selection.left_out or must_stay(story, selection, entry.id):
            yield entry.id, signal


def must_stay(story: CaseStory, selection: Selection, entry_id: UUID) -> bool:
    """Tell whether this is a refuted hypothesis of which it is not certain that nobody heard it (block 9)."""
    said = [note.status for entry, note in story.all(FollowUp) if entry.refers_to == entry_id and note.status]
    return bool(said) and said[-1] is HypothesisStatus.REFUTED and entry_id not in selection.untold


def _choices(story: CaseStory, selection: Selection) -> Iterator[Refusal]:
    """R7: what is left out has a reason, and what was told to somebody stays."""
    for entry_id, reason in selection.left_out.items():
        field = f"left_out-{entry_id}"
        entry = story.entry(entry_id)
        if must_stay(story, selection, entry_id):
            yield Refusal("R6", REFUTED, field)
        elif not reason and entry and isinstance(entry.payload, Signal):
            against = entry.payload.direction is Direction.CONTRADICTS
            yield Refusal("R7", OPPOSITE if against else REASON, field)
        elif not reason:
            yield Refusal("R7", REASON, field)
    if selection.hidden_reporter and not selection.hidden_ground:
        yield Refusal("block 2", HIDDEN, "hidden_ground")


def _first_six(story: CaseStory, selection: Selection) -> Iterator[Refusal]:
    if not story.has(Party) and not selection.household:
        yield Refusal("block 4", FAMILY, "household")
    if not selection.acute:
        yield Refusal("block 5", SAFETY, "acute")
    if not selection.child_now:
        yield Refusal("block 5", CHILD_NOW, "child_now")
    if not selection.worry:
        yield Refusal("block 6", WORRY, "worry")


def _rest(story: CaseStory, selection: Selection) -> Iterator[Refusal]:
    if not any(signal.signal_kind is not SignalKind.HYPOTHESIS for _, signal in kept(story, selection)):
        yield Refusal("R45", SIGNALS)
    if not story.fresh(ParentConversation) and not story.waived(Stage.SIGNALS):
        yield Refusal("R31", TALK)
    if not story.fresh(Weighing):
        yield Refusal("R33", WEIGHED)
    if not story.fresh(ReportNotice) and not story.waived(Stage.REPORT):
        yield Refusal("R55", NOTICE)
    if not selection.question:
        yield Refusal("block 19", QUESTION, "question")
    if not (selection.own_role or story.fresh(OwnRole) or _agreed_in_report(story)):
        yield Refusal("R47", OWN, "own_role")


def _agreed_in_report(story: CaseStory) -> bool:
    found = story.fresh(Report)
    return found is not None and bool(found[1].own_role)


def _copy(story: CaseStory, selection: Selection) -> Iterator[Refusal]:
    if not selection.copy_decided:
        yield Refusal("section 3", DECIDED, "copy_decided")
    if story.with_custody and not selection.copy_for:
        yield Refusal("5.2", FOR_WHOM, "copy_for")


def _advice(story: CaseStory, selection: Selection) -> Iterator[Refusal]:
    if not selection.worry:
        yield Refusal("block 6", WORRY, "worry")
    if not selection.question:
        yield Refusal("block 19", QUESTION, "question")
    if not any(kept(story, selection)):
        yield Refusal("R45", SIGNALS)
