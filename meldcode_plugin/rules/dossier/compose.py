"""Puts a paper together from its blocks, and draws the veil over all of it at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meldcode_plugin.rules.dossier import front, signals, steps, telling
from meldcode_plugin.rules.dossier.annex import annex
from meldcode_plugin.rules.dossier.given import Context, FileCard, Selection, Variant
from meldcode_plugin.rules.dossier.making import SOMEBODY, Making
from meldcode_plugin.rules.dossier.parts import (
    Block,
    Document,
    Field,
    LeftOut,
    Papers,
    answered,
    each_text,
    say_day,
    texts,
)
from meldcode_plugin.rules.dossier.veil import Hidden, Veil, strangers
from meldcode_plugin.rules.entries import SignalKind
from meldcode_plugin.rules.story import CaseStory

LATER = "Volgt. Dit is een spoedmelding: wat hier hoort, komt binnen twee schooldagen als aanvulling."
NOTHING = "Hierover is niets opgeschreven."
FOR_ADVICE = ("3", "4", "5", "6", "8", "9", "10", "16", "19")
NOT_FOR_PARENTS = ("18",)
TITLES = {
    Variant.REPORT: (
        "Melding aan Veilig Thuis",
        "Meldpakket volgens de meldcode huiselijk geweld en kindermishandeling",
    ),
    Variant.PARENTS: ("Afschrift voor ouders", "Wat school aan Veilig Thuis heeft gemeld"),
    Variant.ADVICE: ("Vraag om advies", "Samenvatting zonder namen"),
}
MARKS = {
    Variant.REPORT: "Vertrouwelijk",
    Variant.PARENTS: "Vertrouwelijk, alleen voor de ouders voor wie dit is gemaakt",
    Variant.ADVICE: "Vertrouwelijk, zonder namen",
}
CHILDS_WORDS = "In dit afschrift staan woorden van het kind. Is het veilig dat ouders die lezen?"
SOURCE_IS_FAMILY = (
    "Een bron die niet genoemd wil worden, staat ook bij het gezin. Kijk na of de tekst verraadt wie het vertelde."
)
NEVER_ASKED = "Van {count} bron(nen) is niet gevraagd of ze genoemd mogen worden. Ze staan alleen in bijlage N."
NAMES_LEFT = "Kijk na of deze woorden iemand herkenbaar maken: {words}."
ONLY_INSIDE = (
    "Een bijlage die je meegeeft, kan een browser niet openen. De ontvanger heeft een pdf-programma nodig, zoals Adobe "
    "Reader, en opent de bijlage daar via de paperclip. Kan dat niet? Sla de bijlage zelf op als PDF of JPEG en voeg "
    "die toe aan het dossier."
)
SHOWN_WORDS = 12


def compose(story: CaseStory, context: Context, selection: Selection, variant: Variant) -> Papers:
    """Return the papers of one selection; the same input gives the same papers.

    It does not ask whether anything is missing: `lacking` does. Every text of the main part goes through the veil
    at the very end, so there is no block that can forget it; annex N shows hidden sources, and still no other pupil.
    Parents' copies and advice never have an annex.
    """
    making = Making(story, context, selection, variant)
    veil = _veil(making)
    main = each_text(_main(making), veil)
    apart = annex(making) if variant is Variant.REPORT else None
    others = Veil(_others(making), making.family)
    gone = [*making.left_out(), *(front.files_out(making) if variant is not Variant.ADVICE else [])]
    return Papers(
        main=main,
        annex=each_text(apart, others) if apart else None,
        left_out=tuple(each_text(LeftOut(one.reason, one.count), veil) for one in gone),
        cautions=tuple(_cautions(making, main)),
    )


def files_along(story: CaseStory, context: Context, selection: Selection, variant: Variant) -> tuple[FileCard, ...]:
    """Return the attachments that go along, in the order in which block 20 lists them (B1, B2, ...)."""
    return front.chosen_files(Making(story, context, selection, variant))


# --- the main part -----------------------------------------------------------------------------------


def _main(making: Making) -> Document:
    title, subtitle = TITLES[making.variant]
    blocks = tuple(_shown(making))
    context = making.context
    foot = f"{context.number}, versie {context.version}"
    return Document(title, subtitle, MARKS[making.variant], _facts(making), blocks, foot)


def _facts(making: Making) -> tuple[Field, ...]:
    context = making.context
    if making.variant is Variant.ADVICE:
        return answered(("Gemaakt", say_day(context.today)), ("Nummer", context.number))
    card = context.pupil
    child = f"{card.name}, geboren {say_day(card.birth_date)}" if card.birth_date else card.name
    return answered(
        ("Leerling", child),
        ("School", context.school.name),
        ("Voor", (context.school.region or "Veilig Thuis") if making.variant is Variant.REPORT else _readers(making)),
        ("Gemaakt", say_day(context.today)),
        ("Pakket", f"{context.number}, versie {context.version}"),
        ("Aanvulling op", context.supplement_to),
        ("Spoed", "JA" if context.emergency else ""),
    )


def _readers(making: Making) -> str:
    people = making.story.people
    return ", ".join(people[name][1].name for name in sorted(making.readers)) or "de ouders"


def _shown(making: Making) -> Iterator[Block]:
    """Yield the blocks of this paper; an empty one says why it is empty, or stays away outside a report."""
    for block in _blocks(making):
        if making.variant is Variant.ADVICE and block.number not in FOR_ADVICE:
            continue
        if making.variant is Variant.PARENTS and block.number in NOT_FOR_PARENTS:
            continue
        if not block.empty:
            yield block
        elif making.variant is Variant.REPORT:
            yield replace(block, paragraphs=(LATER if making.context.emergency else NOTHING,))


def _blocks(making: Making) -> Iterator[Block]:
    facts = signals.chronology(making)
    numbers = signals.numbered(facts)
    thoughts = signals.hypotheses(making, numbers)
    numbers |= signals.numbered(thoughts)
    yield from (front.cover(making), front.reporter(making), front.pupil(making), front.family(making))
    yield from (front.safety(making), front.worry(making), front.course(making))
    yield from (facts, thoughts, signals.injury(making, numbers), steps.consultations(making))
    yield from (telling.signals(making, numbers), steps.child(making), steps.weighed(making, numbers))
    yield from (steps.helped(making), signals.protective(making, numbers), telling.report(making))
    yield from (steps.secrecy(making), steps.request(making), front.files(making), front.signing(making))


# --- the veil ----------------------------------------------------------------------------------------


def _veil(making: Making) -> Veil:
    """Return what takes every hidden name out of the main part (R8, R35)."""
    hidden = [*_others(making), *_sources(making), *_secret_addresses(making)]
    if making.hides_reporter:
        who = making.context.reporter
        hidden.append(Hidden((who.name,), "de melder", (who.reach,)))
    if making.variant is not Variant.ADVICE:
        return Veil(hidden, making.family)
    return Veil([*hidden, *_everybody(making)], direct=True)


def _others(making: Making) -> list[Hidden]:
    """Other pupils, each with a letter of its own, in the order in which they were given."""
    return [Hidden((name,), f"medeleerling {_letter(number)}") for number, name in enumerate(making.context.others)]


def _letter(number: int) -> str:
    more, rest = divmod(number, 26)
    return (_letter(more - 1) if more else "") + chr(ord("A") + rest)


def _sources(making: Making) -> list[Hidden]:
    found = [source for _, source in making.hidden_sources]
    if making.variant is Variant.PARENTS:
        return [Hidden((one.name,), "[weggelaten]", (one.contact, _telling(one.relation))) for one in found]
    return [Hidden((one.name,), "een bron bekend bij school", (one.contact, _telling(one.relation))) for one in found]


def _telling(relation: str) -> str:
    """A relation of several words can point at one person; *oma* alone is in every family."""
    return relation if len(relation.split()) > 1 else ""


def _secret_addresses(making: Making) -> list[Hidden]:
    card, people = making.context.pupil, making.story.people.values()
    secret = [party for entry, party in people if entry.id in making.selection.secret_parties]
    found = [text for party in secret for text in (party.address, party.contact)]
    found += [card.address] if card.secret_address else []
    return [Hidden((), "[geheim adres]", (one,)) for one in found if one]


def _everybody(making: Making) -> Iterator[Hidden]:
    """For advice nobody has a name: not the child, not the family, not the school (R22)."""
    context = making.context
    yield Hidden((context.pupil.name,), "het kind", (context.pupil.address,))
    yield from (
        Hidden((one.name,), one.relation or "iemand", (one.address, one.contact))
        for _, one in making.story.people.values()
    )
    yield from (Hidden((one.name,), "broer of zus", (one.school,)) for one in context.siblings)
    yield Hidden((), "de school", (context.school.name, context.school.brin, context.school.phone))
    yield Hidden((), "[weggelaten]", (context.pupil.group, _spelled(making)))
    known = [one.source for _, one in making.signals if one.source]
    yield from (Hidden((one.name,), "iemand anders", (one.contact,)) for one in known)
    staff = [*context.staff.values(), context.requester, context.reporter, context.ib, context.director]
    yield from (Hidden((one.name,), one.function or SOMEBODY, (one.reach,)) for one in staff if one)


def _spelled(making: Making) -> str:
    return say_day(making.context.pupil.birth_date)


# --- for who looks at the preview --------------------------------------------------------------------


def _along(making: Making) -> tuple[FileCard, ...]:
    return front.chosen_files(making) if making.variant is not Variant.ADVICE else ()


def _cautions(making: Making, main: Document) -> Iterator[str]:
    hidden = [source for _, source in making.hidden_sources]
    never = sum(not source.shielded and source.may_be_named == "unknown" for source in hidden)
    if never:
        yield NEVER_ASKED.format(count=never)
    if any(source.name.casefold() in making.story.people for source in hidden):
        yield SOURCE_IS_FAMILY
    said = any(one.signal_kind is SignalKind.CHILD_STATEMENT for _, one in making.signals)
    if making.variant is Variant.PARENTS and said:
        yield CHILDS_WORDS
    if any(card.only_inside for card in _along(making)):
        yield ONLY_INSIDE
    known = () if making.variant is Variant.ADVICE else (*making.family, making.context.school.name)
    words = strangers((text for block in main.blocks for line in block.lines for text in texts(line)), known)
    if words:
        yield NAMES_LEFT.format(words=", ".join(words[:SHOWN_WORDS]))
