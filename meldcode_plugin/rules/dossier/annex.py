"""Annex N, a paper of its own: what may never reach the family (R35, domain section 3); discussed with VT first."""

from __future__ import annotations

from collections.abc import Iterator

from meldcode_plugin.rules.dossier.given import Secret
from meldcode_plugin.rules.dossier.making import YES_NO, Making
from meldcode_plugin.rules.dossier.parts import Block, Document, Record, answered, say_day, say_moment
from meldcode_plugin.rules.dossier.signals import HEARD
from meldcode_plugin.rules.dossier.steps import record
from meldcode_plugin.rules.dossier.telling import WAIVED
from meldcode_plugin.rules.entries import GROUND_NAMES, Source, TalkWaiver, Weighing
from meldcode_plugin.rules.story import Recorded

MARK = "NIET DELEN MET GEZIN"
FIRST = (
    "Deze bijlage is alleen voor Veilig Thuis. Bespreek met school wat hiermee gebeurt, voordat iets hiervan naar het "
    "gezin gaat. Bewaar haar apart van het meldpakket."
)


def annex(making: Making) -> Document | None:
    """Return annex N, or None when there is nothing in it or none of it may go."""
    parts = (
        (Secret.REPORTER, "Wie meldt", _reporter(making)),
        (Secret.SOURCES, "Bronnen die niet genoemd willen worden", _sources(making)),
        (Secret.STAFF_RISK, "Risico voor medewerkers", _risks(making)),
        (Secret.WAIVERS, "Redenen om niet met ouders te praten", _waivers(making)),
        (Secret.ADDRESSES, "Geheime adressen", _addresses(making)),
    )
    allowed = [(title, tuple(found)) for secret, title, found in parts if secret in making.context.annex]
    filled = [(title, records) for title, records in allowed if records]
    blocks = tuple(Block(f"N{number}", title, records=found) for number, (title, found) in enumerate(filled, 1))
    if not blocks:
        return None
    context = making.context
    facts = answered(
        ("Hoort bij", f"pakket {context.number}, versie {context.version}"),
        ("School", context.school.name),
        ("Gemaakt", say_moment(context.made_at)),
        ("Voor", context.school.region or "Veilig Thuis"),
    )
    intro = Block("N", "Hoe je met deze bijlage omgaat", (FIRST,))
    return Document("Bijlage N", MARK.capitalize(), MARK, facts, (intro, *blocks), f"Bijlage N bij {context.number}")


def _reporter(making: Making) -> Iterator[Record]:
    person = making.context.reporter
    if making.hides_reporter:
        facts = (("Naam", person.name), ("Functie", person.function), ("Bereikbaar", person.reach))
        why = ("Waarom het gezin dit niet mag weten", making.selection.hidden_ground)
        yield Record("Melder", "Bron: school", answered(*facts, why))


def _sources(making: Making) -> Iterator[Record]:
    """Every hidden source with all that is known of it; a signal that is left out takes its source along."""
    stay = {entry.id for entry, _ in making.signals}
    for entry, source in making.hidden_sources:
        if entry.id in stay:
            yield _source(making, entry, source)


def _source(making: Making, entry: Recorded, source: Source) -> Record:
    text = getattr(entry.payload, "text", "")
    facts = answered(
        ("Naam", source.name),
        ("Relatie", source.relation),
        ("Bereikbaar", source.contact),
        ("Verteld op", say_day(source.received_on)),
        ("Hoe", source.channel),
        ("Zelf gezien of gehoord", HEARD[source.heard]),
        ("Weet dat dit is opgeschreven", YES_NO[source.knows_recorded]),
        ("Mag genoemd worden", YES_NO[source.may_be_named]),
        ("Waarom niet", source.why_shielded),
        ("Wat deze bron vertelde", text),
    )
    title = f"Bron bij de aantekening van {making.recorded(entry)}"
    return Record(title, f"Bron: opgeschreven door {making.by(entry)}", facts, entry.id)


def _risks(making: Making) -> Iterator[Record]:
    for entry, one in making.story.all(Weighing):
        if one.risk_to_staff or one.measures:
            facts = (("Risico", one.risk_to_staff), ("Wat school daaraan doet", one.measures))
            yield record(making, entry, f"Gewogen op {making.recorded(entry)}", *facts)


def _waivers(making: Making) -> Iterator[Record]:
    for entry, one in making.story.all(TalkWaiver):
        if entry.id not in making.selection.open_waivers and making.picks(entry):
            yield _waiver(making, entry, one)


def _waiver(making: Making, entry: Recorded, one: TalkWaiver) -> Record:
    pairs = (
        ("Grond", GROUND_NAMES[one.ground]),
        ("Om wiens veiligheid", one.whose_safety),
        ("Redenen", one.reasons),
        ("Overlegd met", one.consulted),
    )
    return record(making, entry, WAIVED[one.stage], *pairs)


def _addresses(making: Making) -> Iterator[Record]:
    card = making.context.pupil
    if card.secret_address and card.address:
        yield Record("De leerling", "Bron: administratie van school", answered(("Adres", card.address)))
    for entry, party in making.story.people.values():
        if entry.id in making.selection.secret_parties:
            facts = answered(("Adres", party.address), ("Bereikbaar", party.contact))
            yield Record(
                f"{party.name}, {party.relation}", f"Bron: opgeschreven door {making.by(entry)}", facts, entry.id
            )
