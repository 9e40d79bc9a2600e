"""Blocks 1-7, 20 and 21: cover, reporter, child, family, safety, the worry, the course, the files, who signs."""

from __future__ import annotations

from datetime import date

from meldcode_plugin.rules import weighing as table
from meldcode_plugin.rules.catalogue import age
from meldcode_plugin.rules.dossier.given import YEAR_DAYS, FileCard, Person, Variant
from meldcode_plugin.rules.dossier.making import YES_NO, Making
from meldcode_plugin.rules.dossier.parts import Block, Field, LeftOut, Record, Table, answered, say_day, say_moment
from meldcode_plugin.rules.entries import (
    PARTNER_NAMES,
    ChildConversation,
    Consultation,
    Decision,
    DirectorInformed,
    ParentConversation,
    Partner,
    Party,
    Payload,
    ReportNotice,
    Signal,
    TalkWaiver,
    Weighing,
)
from meldcode_plugin.rules.story import Recorded

FORMS = {
    "schriftelijk": "schriftelijk",
    "telefonisch": "telefonisch, met dit pakket bevestigd",
    "alsnog": "alsnog, na hulp",
    "aanvullend": "aanvulling op een eerdere melding",
}
HIDDEN = "Het gezin mag niet weten wie meldt. De naam staat alleen in bijlage N."
HIDDEN_COPY = "De school heeft gemeld. Wie dat namens school deed, staat niet in dit afschrift."
HIDDEN_ADDRESS = "geheim adres, staat alleen in bijlage N"
NOT_DONE = "niet gedaan; er is geen reden opgeschreven"
NOT_YET = "nog niet gedaan: dit is een spoedmelding"
OLD = "ouder dan een jaar"
NOT_CHOSEN = "niet gekozen"
HIS = "komt van een bron die niet genoemd kan worden"
PARTS = {"": "", "suspected": "zou het doen (VERMOEDEN)", "victim": "zou zelf slachtoffer zijn (VERMOEDEN)"}
"""What is suspected of somebody is called a suspicion wherever it is read (R1, R2)."""
ACUTE = {"yes": "JA", "no": "nee", "unknown": "niet bekend", "": ""}


def cover(making: Making) -> Block:
    """Block 1: what kind of report this is, from which school, and which advice came before."""
    context, talk = making.context, making.story.all(Consultation)
    asked = [(entry, one) for entry, one in talk if one.partner is Partner.VEILIG_THUIS and making.picks(entry)]
    advice = "; ".join(f"{say_day(one.held_on)}, {making.colleagues(one.persons)}" for _, one in asked)
    fields = answered(
        ("School", context.school.name),
        ("BRIN", context.school.brin),
        ("Veilig Thuis", context.school.region),
        ("Gemaakt", say_moment(context.made_at)),
        ("Soort melding", FORMS[making.selection.form]),
        ("Spoed", "JA" if context.emergency else "nee"),
        ("Eerder advies van Veilig Thuis", advice if making.variant is Variant.REPORT else ""),
        ("Pakket", f"{context.number}, versie {context.version}"),
        ("Aanvulling op", context.supplement_to),
        ("Opgesteld door", context.requester.function if not making.hides_reporter else "school"),
    )
    return Block("1", "Voorblad", fields=fields)


def reporter(making: Making) -> Block:
    """Block 2: who reports; towards the family without a name when that was agreed with Veilig Thuis."""
    context = making.context
    hidden = making.hides_reporter
    seconds = [one for one in (context.ib, context.director) if one and not _same(one, context.reporter)]
    fields = answered(
        ("School", context.school.name),
        ("Telefoon", context.school.phone),
        *((("Melder", _said(context.reporter)),) if not hidden else ()),
        *(("Tweede contact", _said(one)) for one in seconds[:2]),
    )
    if making.variant is Variant.REPORT:
        fields += answered(("Mag het gezin weten wie meldt", "nee" if hidden else "ja"))
    why = HIDDEN_COPY if making.variant is Variant.PARENTS else HIDDEN
    return Block("2", "Melder", (why,) if hidden else (), fields)


def _same(one: Person, other: Person) -> bool:
    return (one.id is not None and one.id == other.id) or one.name == other.name


def _said(person: Person) -> str:
    facts = (person.name, person.function, f"bereikbaar: {person.reach}" if person.reach else "")
    return ", ".join(fact for fact in facts if fact)


def pupil(making: Making) -> Block:
    """Block 3: the child; for advice its age and nothing else."""
    card = making.context.pupil
    years = _years(card.birth_date, making.context.today)
    if making.variant is Variant.ADVICE:
        return Block("3", "Kind", fields=answered(("Leeftijd", years or "niet bekend")))
    born = f"{say_day(card.birth_date)} ({years})" if card.birth_date else ""
    fields = answered(
        ("Naam", card.name),
        ("Geboren", born),
        ("Geslacht", card.sex),
        ("Adres", HIDDEN_ADDRESS if card.secret_address else card.address),
        ("Groep", card.group),
        ("Op school sinds", card.since),
        ("Taal", card.language),
        ("Tolk", card.interpreter),
    )
    return Block("3", "Leerling", fields=(*fields, *_unregistered(making)))


def _years(born: date | None, today: date) -> str:
    return f"{age(born, today)} jaar" if born else ""


def _unregistered(making: Making) -> tuple[Field, ...]:
    """R13: a child without a pupil record, as far as it is known."""
    found = [one.subject for _, one in making.signals if one.subject]
    if making.context.pupil.name or not found:
        return ()
    one = found[-1]
    facts = (("Wie", one.who), ("Leeftijd, geschat", one.estimated_age), ("Relatie", one.relation))
    return answered(*facts, ("Hoe bekend", making.colleagues(one.how_known)))


def family(making: Making) -> Block:
    """Block 4: who is around the child; brothers and sisters as little as is needed."""
    people = [pair for pair in making.story.people.values() if making.picks(pair[0])]
    if making.variant is Variant.ADVICE:
        around = ", ".join(f"{one.relation} (gezag: {YES_NO[one.custody]})" for _, one in people)
        return Block("4", "Gezin", fields=answered(("Rond het kind", around)))
    tables = []
    if people:
        open_ = making.variant is Variant.REPORT
        head = ("Naam", "Relatie", "Gezag", *(("Geboren", "Adres", "Bereikbaar", "Vermoeden") if open_ else ()))
        rows = tuple(_party(making, *one)[: len(head)] for one in people)
        tables.append(Table("Gezin en betrokkenen", head, rows))
    if making.context.siblings:
        found = making.context.siblings
        rows = tuple((one.name, "" if one.age is None else f"{one.age} jaar", one.school) for one in found)
        tables.append(Table("Broers en zussen", ("Voornaam", "Leeftijd", "School"), rows))
    fields = answered(("In huis, en waar iedereen nu is", making.colleagues(making.selection.household)))
    return Block("4", "Gezin en betrokkenen", fields=fields, tables=tuple(tables))


def _party(making: Making, entry: Recorded, one: Party) -> tuple[str, ...]:
    secret = entry.id in making.selection.secret_parties
    where = (HIDDEN_ADDRESS, HIDDEN_ADDRESS) if secret else (one.address, one.contact)
    who = one.name, making.colleagues(one.relation), YES_NO[one.custody]
    return *who, say_day(one.born_on), *where, PARTS[one.part]


def safety(making: Making) -> Block:
    """Block 5: is there danger now, and where is the child."""
    said, veil = making.selection, making.colleagues
    fields = answered(
        ("Acuut gevaar", ACUTE[said.acute]),
        ("Waar het kind nu is", veil(said.child_now)),
        ("School ziet het kind weer", veil(said.next_contact)),
        ("Wapens, suïcide, vluchten", veil(said.dangers)),
        ("Afspraken over veiligheid", veil(said.agreements)),
    )
    return Block("5", "Veiligheid nu", fields=fields)


def worry(making: Making) -> Block:
    """Block 6: the worry in five lines."""
    said, veil = making.selection, making.colleagues
    fields = answered(("Sinds wanneer", veil(said.since)), ("Waarom nu", veil(said.why_now)))
    return Block("6", "Aanleiding en zorg in vijf regels", (veil(said.worry),) if said.worry else (), fields)


# --- the course of the steps -------------------------------------------------------------------------

STEP_KINDS: tuple[tuple[type[Payload], ...], ...] = (
    (Signal,),
    (Consultation, DirectorInformed),
    (ParentConversation, TalkWaiver, ChildConversation),
    (Weighing,),
    (Decision, ReportNotice),
)


def course(making: Making) -> Block:
    """Block 7: per step when, by which function, what came of it, or that it was not done (R58, R61)."""
    rows = [
        row for name, kinds in zip(making.context.steps, STEP_KINDS, strict=False) for row in _step(making, name, kinds)
    ]
    version = table.TABLES.get(making.context.code_version)
    fields = answered(("Meldcode", f"versie {version.version}: {version.name}" if version else ""))
    head = ("Stap", "Wanneer", "Door", "Wat")
    return Block("7", "Stappenverloop", fields=fields, tables=(Table("De vijf stappen", head, tuple(rows)),))


def _step(making: Making, name: str, kinds: tuple[type[Payload], ...]) -> list[tuple[str, ...]]:
    found = [one for one in making.story.entries if isinstance(one.payload, kinds)]
    if not found:
        return [(name, "", "", NOT_YET if making.context.emergency else NOT_DONE)]
    if Signal in kinds:
        first, last, count = making.recorded(found[0]), making.recorded(found[-1]), len(found)
        days = first if first == last else f"{first} tot en met {last}"
        return [(name, days, "", f"{count} {'signaal' if count == 1 else 'signalen'} vastgelegd")]
    rows = [(say_day(_happened(making, one)), making.by(one), making.colleagues(_short(one.payload))) for one in found]
    short = name.partition(":")[0]
    return [(short if number else name, *row) for number, row in enumerate(rows)]


def _happened(making: Making, entry: Recorded) -> date:
    """Return the day of what an entry tells of, else the day on which it was written."""
    days = (getattr(entry.payload, field, None) for field in ("held_on", "told_on"))
    return next((day for day in days if day), making.day_of(entry))


def _short(one: Payload) -> str:
    said = {
        DirectorInformed: "directeur is op de hoogte",
        ParentConversation: "gesprek met ouders",
        TalkWaiver: "besloten niet met ouders te praten; waarom: zie blok 12 of 17",
        ReportNotice: "melding verteld",
    }
    if isinstance(one, Consultation):
        return f"overleg: {PARTNER_NAMES[one.partner]}"
    if isinstance(one, ChildConversation):
        return "gesprek met het kind" if one.held_on else f"geen gesprek met het kind: {one.why}"
    if isinstance(one, Weighing):
        return f"risico {one.risk}, ernst {one.severity}"
    if isinstance(one, Decision):
        return f"melden: {YES_NO[one.report]}; hulp: {YES_NO[one.help]}"
    return said[type(one)]


# --- files and signatures ----------------------------------------------------------------------------


def files(making: Making) -> Block:
    """Block 20: what goes along, why, and whether parents know of it; and how much stays."""
    along = chosen_files(making)
    if making.variant is Variant.ADVICE:
        return Block("20", "Bijlagen")
    rows = tuple(
        (
            f"B{number}",
            one.name,
            say_day(one.added_on),
            _origin(making, one),
            _why(making, one),
            _known(making, one),
            one.sha256[:16],
        )
        for number, one in enumerate(along, 1)
    )
    head = ("Nr.", "Naam", "Datum", "Herkomst", "Waarom nodig", "Weten ouders ervan", "SHA-256 (begin)")
    gone = [
        f"Weggelaten: {one.count} {'bestand' if one.count == 1 else 'bestanden'}. Reden: {one.reason}."
        for one in files_out(making)
    ]
    return Block(
        "20", "Bijlagen", tables=(Table("Bijlagen bij dit pakket", head, rows),) if rows else (), notes=tuple(gone)
    )


def chosen_files(making: Making) -> tuple[FileCard, ...]:
    """Return the files that go along, in the order of the list: an old one only with its reason."""
    return tuple(one for one in making.context.files if not _stays(making, one))


def files_out(making: Making) -> list[LeftOut]:
    """Return how many files stay, by reason."""
    reasons = sorted(why for one in making.context.files if (why := _stays(making, one)))
    return [LeftOut(reason, reasons.count(reason)) for reason in dict.fromkeys(reasons)]


def _stays(making: Making, one: FileCard) -> str:
    selection = making.selection
    entry = making.story.entry(one.entry)
    said = entry.payload if entry and making.variant is Variant.PARENTS else None
    if isinstance(said, Signal) and making.withheld(said):
        return HIS
    if isinstance(said, Weighing) and said.risk_to_staff:  # what may stand in it never reaches the family (R35)
        return NOT_CHOSEN
    if one.id in selection.files_out:
        return selection.files_out[one.id].rstrip(".") or NOT_CHOSEN
    if one.id not in selection.files or making.variant is Variant.ADVICE:
        return NOT_CHOSEN
    return OLD if _old(making, one) and not selection.files[one.id] else ""


def _old(making: Making, one: FileCard) -> bool:
    entry = making.story.entry(one.entry)
    seen = entry.payload.observed_on if entry and isinstance(entry.payload, Signal) else None
    return (making.context.today - min(one.added_on, seen or one.added_on)).days > YEAR_DAYS


def _why(making: Making, one: FileCard) -> str:
    why = making.colleagues(making.selection.files[one.id])
    return f"{why} ({OLD})" if _old(making, one) else why


def _known(making: Making, one: FileCard) -> str:
    return YES_NO[making.selection.files_known.get(one.id, "unknown")]


def _origin(making: Making, one: FileCard) -> str:
    entry = making.story.entry(one.entry)
    return making.by(entry) if entry else ""


def signing(making: Making) -> Block:
    """Block 21: the reporter's own judgement, and who signs; in an emergency the reporter alone (R54, R58)."""
    context, found = making.context, making.story.fresh(Decision)
    records: tuple[Record, ...] = ()
    if found and making.picks(found[0]):
        facts = answered(("Naar mijn oordeel", making.colleagues(found[1].judgement)))
        records = (Record("Besluit om te melden", f"Bron: oordeel van {making.by(found[0])}", facts, found[0].id),)
    others = () if context.emergency else (context.ib, context.director)
    also = "" if making.hides_reporter else f", {context.reporter.function}"
    who = [_signer(making, context.reporter, f"Melder{also}")]
    who += [_signer(making, one, one.function) for one in others if one and not _same(one, context.reporter)]
    head = ("Wie", "Naam", "Datum", "Handtekening")
    return Block("21", "Ondertekening", records=records, tables=(Table("Wie tekent", head, tuple(who)),))


def _signer(making: Making, person: Person, role: str) -> tuple[str, ...]:
    hidden = making.hides_reporter and _same(person, making.context.reporter)
    away = "niet in dit afschrift" if making.variant is Variant.PARENTS else "staat in bijlage N"
    return (role[:1].upper() + role[1:], away if hidden else person.name, "", "")
