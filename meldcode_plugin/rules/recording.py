"""What a signal must hold before it can be sent (R1-R17), as pure checks on what was typed."""

from __future__ import annotations

from datetime import date

from meldcode_plugin.rules.entries import FollowUp, Signal, SignalKind

CHOOSE = "Kies wat voor soort informatie dit is: feit, uitspraak, van iemand anders, hypothese of diagnose."
FUTURE = "De datum van het signaal ligt in de toekomst."
NO_SOURCE = "Vul in van wie je dit hoorde. Wil die persoon niet genoemd worden? Kies dan 'bron afschermen'."
WHY_SHIELDED = "Schrijf op waarom de bron niet genoemd wil worden. Alleen de IB-er leest dit."
NO_PROFESSIONAL = "Bij een diagnose hoort een naam en beroep. Weet je die niet? Kies 'waarneming' of 'hypothese'."
NO_DATE = "Vul in wanneer de diagnose is gesteld."
NO_TEXT = "Schrijf op wat je zag, hoorde of denkt."
NO_SUBJECT = "Schrijf op om welk kind het gaat, zo goed als je het weet."
NO_STATUS = "Kies of de hypothese is bevestigd, weerlegd of nog onzeker is."
NO_BASIS = "Schrijf op waarop je dit baseert."


def refusals(signals: tuple[Signal, ...], today: date, *, with_pupil: bool) -> dict[str, str]:
    """Return per field the sentence that says what is missing; empty means that it can be sent.

    A field is named ``<kind>-<field>``; ``kinds`` stands for the choice of a kind (R4).
    """
    if not signals:
        return {"kinds": CHOOSE}
    found: dict[str, str] = {}
    for signal in signals:
        for field, sentence in _of_one(signal, today).items():
            found[f"{signal.signal_kind.value}-{field}"] = sentence
    if not with_pupil and not signals[0].subject:
        found["subject-who"] = NO_SUBJECT
    return found


def _of_one(signal: Signal, today: date) -> dict[str, str]:
    found = {}
    if signal.observed_on and signal.observed_on > today:
        found["observed_on"] = FUTURE
    if signal.signal_kind is SignalKind.THIRD_PARTY:
        found |= _source(signal)
    if signal.signal_kind is SignalKind.DIAGNOSIS:
        found |= _diagnosis(signal, today)
    return found


def _source(signal: Signal) -> dict[str, str]:
    """R8: no information of others without its source, or why the source is shielded."""
    source = signal.source
    if source is None or not (source.name or source.relation or source.shielded):
        return {"source_name": NO_SOURCE}
    if source.shielded and not source.why_shielded:
        return {"source_why": WHY_SHIELDED}
    return {}


def _diagnosis(signal: Signal, today: date) -> dict[str, str]:
    """R9: a diagnosis has a professional with a profession, and a date."""
    if signal.diagnosis is None:
        return {"professional": NO_PROFESSIONAL}
    if signal.diagnosis.made_on is None:
        return {"made_on": NO_DATE}
    return {"made_on": FUTURE} if signal.diagnosis.made_on > today else {}


def follow_up_refusals(follow_up: FollowUp, kind: SignalKind) -> dict[str, str]:
    """R6: under a hypothesis a follow-up says what became of it and on what basis."""
    if kind is not SignalKind.HYPOTHESIS:
        return {}
    if follow_up.status is None:
        return {"status": NO_STATUS}
    return {} if follow_up.basis else {"basis": NO_BASIS}
