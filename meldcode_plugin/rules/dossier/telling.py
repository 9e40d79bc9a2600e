"""Blocks 12 and 17: talking with parents about the signals and about the report, or why that was not done."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from meldcode_plugin.rules.dossier import steps
from meldcode_plugin.rules.dossier.given import Variant
from meldcode_plugin.rules.dossier.making import YES_NO, Making
from meldcode_plugin.rules.dossier.parts import Block, Record, say_day
from meldcode_plugin.rules.entries import (
    GROUND_NAMES,
    ConsentEffort,
    Objection,
    ParentConversation,
    ParentStatement,
    ReportNotice,
    Stage,
    TalkShared,
    TalkWaiver,
)
from meldcode_plugin.rules.story import Recorded

IN_N = "De redenen staan in bijlage N."
STAYS_OUT = "De redenen staan niet in dit afschrift."
WAIVED = {
    Stage.SIGNALS: "Niet met ouders gesproken over de signalen",
    Stage.REPORT: "De melding niet vooraf met ouders besproken",
}
TALKED = (ParentConversation, TalkShared, ParentStatement)
NOTICED = (ReportNotice, Objection, ConsentEffort)
TOLD = {"ouders": "de ouders", "leerling": "de leerling zelf", "beiden": "de ouders en de leerling"}


def signals(making: Making, numbers: dict[UUID, str]) -> Block:
    """Block 12: the talks with parents, or the waiver that the director confirmed (R31)."""
    records = (*steps.talks(making, numbers), *_waivers(making, Stage.SIGNALS))
    return Block("12", "Gesprekken met ouders", records=records, notes=steps.unread(making, *TALKED))


def report(making: Making) -> Block:
    """Block 17: what parents know of the report, each objection and its weight, or the waiver (R50-R55)."""
    records = (*_notices(making), *_waivers(making, Stage.REPORT))
    return Block(
        "17",
        "Melding besproken met ouders",
        records=records,
        notes=(*steps.unread(making, *NOTICED[:2]), *steps.withheld(making, ConsentEffort)),
    )


def _notices(making: Making) -> Iterator[Record]:
    for entry, one in steps.chosen(making, *NOTICED):
        if isinstance(one, ConsentEffort):
            yield _effort(making, entry, one)
        elif steps.may_read(making, one) and isinstance(one, ReportNotice):
            yield _notice(making, entry, one)
        elif steps.may_read(making, one) and isinstance(one, Objection):
            yield _objection(making, entry, one)


def _notice(making: Making, entry: Recorded, one: ReportNotice) -> Record:
    pairs = (
        ("Aan wie", TOLD[one.told]),
        ("Wie vertelde het, en hoe", one.how),
        ("1. Waarom, en met welk doel", one.why),
        ("2. Reactie", one.reaction),
        ("3. Waren er bezwaren", YES_NO[one.objected]),
        ("Wat het kind ervan vindt", one.child_view),
    )
    return steps.record(making, entry, f"Verteld op {say_day(one.told_on)}", *pairs)


def _objection(making: Making, entry: Recorded, one: Objection) -> Record:
    pairs = (
        ("Bezwaar", one.text),
        ("Kon school eraan tegemoetkomen", YES_NO[one.accommodated]),
        ("Hoe", one.how),
        ("Waarom de veiligheid zwaarder weegt", one.weighed),
        ("Hoe aard en ernst meetelden", one.severity),
        ("Wat de doorslag gaf", one.outcome),
    )
    return steps.record(making, entry, f"Bezwaar van {one.by}", *pairs)


def _effort(making: Making, entry: Recorded, one: ConsentEffort) -> Record:
    """R51: an effort. In a parents' copy the answer of one parent does not go to another: who said it is not kept."""
    day = say_day(one.asked_on)
    words = making.variant is Variant.REPORT
    pairs = (
        ("Om toestemming gevraagd", f"{YES_NO[one.asked]}{', ' + day if day else ''}"),
        ("Antwoord", steps.CONSENT[one.answer] if words else ""),
        ("Wat school deed", one.efforts if words else ""),
    )
    return steps.record(making, entry, "Toestemming", *pairs)


def _waivers(making: Making, stage: Stage) -> Iterator[Record]:
    """R31, R55: the ground; the reasons only when somebody judged that they endanger nobody."""
    for entry, one in steps.chosen(making, TalkWaiver):
        if isinstance(one, TalkWaiver) and one.stage is stage:
            yield _waiver(making, entry, one)


def _waiver(making: Making, entry: Recorded, one: TalkWaiver) -> Record:
    opened, about = entry.id in making.selection.open_waivers, making.story.named(one.parties)
    if making.variant is Variant.PARENTS and not (opened and making.may_read(about)):
        return steps.record(making, entry, WAIVED[one.stage], ("Redenen", STAYS_OUT))
    names = [party.name for name, (_, party) in making.story.people.items() if name in about]
    view = making.story.views_on(entry).get("D")
    agreed = f"ja, {making.recorded(view[0])}" if view and view[1].agrees == "yes" else "nog niet"
    pairs = (
        ("Om wie het gaat", ", ".join(names) or "iedereen met gezag"),
        ("Grond", GROUND_NAMES[one.ground]),
        ("Om wiens veiligheid", one.whose_safety if opened else ""),
        ("Redenen", one.reasons if opened else IN_N),
        ("Overlegd met", one.consulted if opened else ""),
        ("De directeur is het ermee eens", agreed),
    )
    return steps.record(making, entry, WAIVED[one.stage], *pairs)
