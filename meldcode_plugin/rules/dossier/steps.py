"""Blocks 7, 11-15 and 17-19: how the five steps went, each entry with its questions and who wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from meldcode_plugin.rules import weighing as table
from meldcode_plugin.rules.dossier.given import Variant
from meldcode_plugin.rules.dossier.making import OTHER_PARENT, YES_NO, Making, refs, told
from meldcode_plugin.rules.dossier.parts import Block, LeftOut, Record, answered, quoted, say_day
from meldcode_plugin.rules.entries import (
    PARTNER_NAMES,
    PURPOSE_NAMES,
    SPECIAL_NAMES,
    ChildConversation,
    ConfidentialityCheck,
    Consultation,
    Decision,
    HelpEffectCheck,
    HelpPlan,
    OwnRole,
    ParentConversation,
    ParentStatement,
    Partner,
    Payload,
    Report,
    SpecialForm,
    TalkShared,
    VtFeedback,
    Weighing,
)
from meldcode_plugin.rules.story import Recorded, answers_of

SIX = {
    "consulted": "1. Is er overlegd met een collega?",
    "vt_asked": "2. Is Veilig Thuis om advies gevraagd?",
    "enough_facts": "3. Zijn er genoeg feiten en signalen?",
    "weighed": "4. Zijn de belangen zorgvuldig afgewogen?",
    "contacts": "5. Welke contacten met het gezin waren er over de melding?",
    "effort": "6. Is geprobeerd om ouders te laten meewerken?",
}
CONFIDANT = "Dit gesprek is gevoerd. De inhoud is vertrouwelijk en staat niet in dit pakket."
STAYS = (
    "De antwoorden op de zes vragen staan op papier en blijven op school. Veilig Thuis krijgt ze als het erom vraagt."
)
CONSENT = {"yes": "ja", "no": "nee", "partly": "gedeeltelijk", "nvt": "niet gevraagd"}
PERMISSION = {"given": "ja", "refused": "nee", "not_asked": "niet gevraagd", "nvt": ""}
FINDINGS = {
    "verbetering": "het gaat beter",
    "gelijk": "het blijft gelijk",
    "verslechtering": "het gaat slechter",
    "hulp_gestopt": "de hulp is gestopt",
    "onbekend": "niet bekend",
}
SAID_ON = "Bron: verslag van"


def record(making: Making, entry: Recorded, title: str, *pairs: tuple[str, str | None], source: str = "") -> Record:
    """Return one entry of the steps, with names of colleagues as functions."""
    veil = making.colleagues
    fields = answered(*((name, veil(value)) for name, value in pairs if value))
    said = source or f"{SAID_ON} {making.by(entry)}, {making.recorded(entry)}"
    return Record(veil(title), said, fields, entry.id)


def chosen(making: Making, *kinds: type[Payload]) -> list[tuple[Recorded, Payload]]:
    """Return the entries of these kinds that go along, in the order in which they were recorded."""
    return [
        (entry, entry.payload)
        for entry in making.story.entries
        if isinstance(entry.payload, kinds) and making.picks(entry)
    ]


def withheld(making: Making, *kinds: type[Payload]) -> tuple[str, ...]:
    """Say what of these kinds is left out, counted by reason."""
    return told(making.left_out(lambda entry: isinstance(entry.payload, kinds)))


def consultations(making: Making) -> Block:
    """Block 11; of a talk with the confidant only that it took place, unless the confidant agrees."""
    kinds = (Consultation, SpecialForm, VtFeedback)
    records = tuple(_consulted(making, entry, talk) for entry, talk in chosen(making, *kinds))
    return Block("11", "Consultaties", records=records, notes=withheld(making, *kinds))


def _consulted(making: Making, entry: Recorded, talk: Payload) -> Record:
    if isinstance(talk, SpecialForm):
        return record(making, entry, f"Gedacht aan: {SPECIAL_NAMES[talk.form]}", ("Waardoor", talk.why))
    if isinstance(talk, VtFeedback):
        title, pairs = f"Bericht van Veilig Thuis, {say_day(talk.received_on)}", (("Van", talk.sender),)
        return record(making, entry, title, *pairs, ("Inhoud", talk.content), ("Afgesproken", talk.agreed))
    assert isinstance(talk, Consultation)  # noqa: S101 - the third and last kind of this block
    title = f"{PARTNER_NAMES[talk.partner]}, {say_day(talk.held_on)}"
    if talk.partner is Partner.CONFIDANT and entry.id not in making.selection.confidant_agrees:
        return record(making, entry, title, ("Inhoud", CONFIDANT))
    return record(
        making,
        entry,
        title,
        ("Waarvoor", PURPOSE_NAMES[talk.purpose]),
        ("Met", talk.persons),
        ("Vraag", talk.question),
        ("Advies", talk.advice),
        ("Afgesproken", talk.outcome),
    )


# --- with the family ---------------------------------------------------------------------------------


def talks(making: Making, numbers: dict[UUID, str]) -> Iterator[Record]:
    """Yield the talks with parents of step 3, their own words, and how they got the report (R27-R30)."""
    for entry, one in chosen(making, ParentConversation, TalkShared, ParentStatement):
        if may_read(making, one):
            yield _talk(making, entry, one, numbers)


def unread(making: Making, *kinds: type[Payload]) -> tuple[str, ...]:
    """Say how much the readers of a parents' copy may not read, because not all of them were there."""
    count = sum(not may_read(making, one) for _, one in chosen(making, *kinds))
    return (*withheld(making, *kinds), *told([LeftOut(OTHER_PARENT, count)] if count else []))


def may_read(making: Making, one: Payload) -> bool:
    """Tell whether the readers took part: known by the people of the entry, or by the name in its words."""
    named = making.story.named(getattr(one, "parties", ()))
    words = getattr(one, "by", "") or getattr(one, "who", "") or getattr(one, "parents", "")
    return making.may_read(named or making.spoken_by(words))


def _talk(making: Making, entry: Recorded, one: Payload, numbers: dict[UUID, str]) -> Record:
    if isinstance(one, ParentStatement):
        source = f"Bron: eigen woorden van {one.by}, ontvangen {say_day(one.received_on)}"
        return record(making, entry, f"Eigen woorden van {one.by}", ("Tekst", quoted(one.text)), source=source)
    if isinstance(one, TalkShared):
        title = f"Verslag gedeeld, {say_day(one.shared_on)}"
        return record(making, entry, title, ("Met", one.who), ("Wat zij ervan zeiden", one.comment))
    assert isinstance(one, ParentConversation)  # noqa: S101 - the third and last kind of this block
    school = (("leerkracht", one.teacher), ("intern begeleider", one.ib), ("directeur", one.director))
    return record(
        making,
        entry,
        f"Gesprek met {one.parents}, {say_day(one.held_on)}",
        ("Namens school", ", ".join(name for name, there in school if there == "yes")),
        ("Niet erbij, en waarom", one.absent),
        ("Verder erbij", one.present),
        ("1. Doel", one.goal),
        ("2. Feiten en waarnemingen", one.facts),
        ("Besproken regels", refs(one.facts_told, numbers)),
        ("3. Reactie van de ouder", one.reaction),
        ("4. Daarna verteld (HYPOTHESE)", one.interpretation),
        ("Afspraken", one.agreements),
    )


def child(making: Making) -> Block:
    """Block 13: whether a talk with the child was useful and possible, and its words (R37).

    What a child asked to keep is told to Veilig Thuis with that wish, and stays out of the copy for parents.
    """
    records, notes = [], list(withheld(making, ChildConversation))
    for entry, one in chosen(making, ChildConversation):
        assert isinstance(one, ChildConversation)  # noqa: S101 - the kind that was asked for
        day = f", {say_day(one.held_on)}" if one.held_on else ""
        kept = one.in_confidence == "yes" and making.variant is Variant.PARENTS
        if kept:
            notes.append("Weggelaten: de woorden van het kind. Reden: in het belang van het kind.")
        elif one.in_confidence == "yes":
            notes.append("Het kind vroeg om dit niet door te vertellen. Bespreek met Veilig Thuis wat ouders horen.")
        pairs = (
            ("Zinvol", YES_NO[one.useful]),
            ("Mogelijk", YES_NO[one.possible]),
            ("Waarom", one.why),
            ("Wie sprak het kind", one.held_by),
            ("Begon het kind er zelf over", YES_NO.get(one.spontaneous, "")),
            ("UITSPRAAK KIND, letterlijk", quoted(one.verbatim) if not kept else ""),
            ("Toestemming van ouders", PERMISSION[one.permission]),
            ("Waarom zonder toestemming", one.permission_ground),
        )
        records.append(record(making, entry, f"Gesprek met het kind{day}", *pairs))
    return Block("13", "Gesprek met het kind", records=tuple(records), notes=tuple(notes))


# --- weighing and help -------------------------------------------------------------------------------


def weighed(making: Making, numbers: dict[UUID, str]) -> Block:
    """Block 14: risk apart from nature and severity, the questions, the instrument; no risk to staff (R33, R35)."""
    records = []
    for entry, one in chosen(making, Weighing):
        assert isinstance(one, Weighing)  # noqa: S101 - the kind that was asked for
        questions, answers = table.TABLES[one.code_version].questions, answers_of(one)
        tool = (one.instrument, one.instrument_version, one.instrument_by, say_day(one.instrument_on))
        pairs = (
            ("Risico", f"{one.risk.capitalize()}. {one.risk_why}"),
            ("Aard", one.nature),
            ("Ernst", f"{one.severity.capitalize()}. {one.severity_why}"),
            *((question.text, YES_NO[answers[question.name]]) for question in questions),
            ("Waarop deze antwoorden steunen", one.answers_why),
            ("Risicotaxatie-instrument", ", ".join(fact for fact in tool if fact)),
            ("Wat daaruit kwam", one.instrument_result),
            ("Geen instrument, want", one.no_instrument),
            ("Steunt op de regels", refs(one.evidence, numbers)),
        )
        records.append(
            record(making, entry, f"Gewogen op {making.recorded(entry)}", *pairs, source=_judgement(making, entry))
        )
    return Block("14", "Weging", records=tuple(records), notes=withheld(making, Weighing))


def _judgement(making: Making, entry: Recorded) -> str:
    return f"Bron: oordeel van {making.by(entry)}"


def helped(making: Making) -> Block:
    """Block 15: the help that was offered, by whom, what it brought, and who helps now."""
    records = []
    for entry, one in chosen(making, HelpPlan, HelpEffectCheck):
        if isinstance(one, HelpPlan):
            records.append(_plan(making, entry, one))
        elif isinstance(one, HelpEffectCheck):
            seen = (("Wat er is gezien", FINDINGS[one.finding]), ("Waaruit dat blijkt", one.text))
            records.append(record(making, entry, f"Effect bekeken, {say_day(one.checked_on)}", *seen))
    fields = answered(
        ("Wie nu helpen", making.colleagues(making.selection.network)), ("Beschermt hulp genoeg", _enough(making))
    )
    kinds = (HelpPlan, HelpEffectCheck)
    return Block("15", "Hulp", fields=fields, records=tuple(records), notes=withheld(making, *kinds))


def _enough(making: Making) -> str:
    """Return what was decided about help (R40); why stands with the judgement, which is the reporter's own (R54)."""
    found = making.story.fresh(Decision)
    if found is None or not making.picks(found[0]):
        return ""
    return f"{YES_NO[found[1].protect]}; waarom: zie blok 21"


def _plan(making: Making, entry: Recorded, plan: HelpPlan) -> Record:
    return record(
        making,
        entry,
        f"Hulp vanaf {say_day(plan.starts_on)}",
        ("Wat de hulp moet bereiken", plan.goals),
        ("Wie de hulp geeft", plan.provider),
        ("Contact", plan.contact if making.variant is Variant.REPORT else ""),
        ("Wie wat doet", plan.tasks),
        ("Waaraan te zien is dat het helpt", plan.effect),
        ("Bekeken op", say_day(plan.effect_due)),
        ("Wie het overzicht houdt", plan.case_manager),
        ("Ouders zijn het eens", CONSENT[plan.consent]),
    )


# --- secrecy and what school keeps doing -------------------------------------------------------------


def secrecy(making: Making) -> Block:
    """Block 18: the six questions, or the line that they stay at school (R57)."""
    found = making.story.last(ConfidentialityCheck)
    if found is None:
        return Block("18", "Doorbreken van geheimhouding")
    if making.selection.secrecy_stays or making.variant is not Variant.REPORT:
        return Block("18", "Doorbreken van geheimhouding", (STAYS,))
    entry, check = found
    pairs = [(text, _six(check, name)) for name, text in SIX.items()]
    said = record(making, entry, f"Beantwoord op {making.recorded(entry)}", *pairs)
    return Block("18", "Doorbreken van geheimhouding", records=(said,))


def _six(check: ConfidentialityCheck, name: str) -> str:
    if name == "contacts":
        return check.contacts
    why = getattr(check, f"{name}_why")
    return f"{YES_NO[getattr(check, name)]}. {why}" if why else f"{YES_NO[getattr(check, name)]}."


def request(making: Making) -> Block:
    """Block 19: the question to Veilig Thuis, and what school keeps doing within its own work (R47)."""
    selection, veil = making.selection, making.colleagues
    asked = answered(("Vraag", veil(selection.question)), ("Graag bericht over", veil(selection.feedback)))
    role = _own_role(making) if making.variant is not Variant.ADVICE else ()
    title = "Vraag" if making.variant is Variant.ADVICE else "Verzoek aan Veilig Thuis en eigen rol"
    return Block("19", title, fields=asked, records=role)


def _own_role(making: Making) -> tuple[Record, ...]:
    if making.selection.own_role:
        text = making.colleagues(making.selection.own_role)
        return (Record("Wat school zelf blijft doen", "Bron: afspraak van school", answered(("Rol", text))),)
    found = [one for one in (making.story.last(OwnRole), making.story.last(Report)) if one]
    for entry, one in sorted(found, key=lambda pair: -pair[0].seq):
        facts = _role_facts(one)
        if facts[0][1]:
            return (record(making, entry, "Wat school zelf blijft doen", *facts),)
    return ()


def _role_facts(one: OwnRole | Report) -> tuple[tuple[str, str], ...]:
    if isinstance(one, OwnRole):
        values = (one.what, one.who, say_day(one.until), one.limits, one.agreed_with)
    else:
        values = (one.own_role, one.own_role_who, say_day(one.own_role_until), one.own_role_limits, one.spoke_with)
    names = ("Wat", "Wie", "Tot wanneer", "Waar de grens ligt", "Afgesproken met")
    return tuple(zip(names, values, strict=True))
