"""What a person would fill in on every form, complete and right; it knows no expectation."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.doors.house import House, picture, seen_seq

SIGNAL = {"staff": "no", "fact-on": "y", "fact-text": "Blauwe plek op de arm.", "fact-direction": "supports"}
SIGNAL |= {"fact-observed_on": "2026-11-20", "action": "send"}
CALLED = {"how": "112", "made_by": "Sanne", "made_on": "2026-11-23", "made_at": "09:50", "what": "Hij bloedt."}
CALLED |= {"who": "Een jongen uit groep 5", "key": "5c0f4c2e-0000-4000-8000-00000000b058"}
CODE = {f"step{number}": f"Stap {number}" for number in range(1, 6)}
CODE |= {"weighing": "2", "support": "Bel de directeur.", "feedback": "Dank je.", "seen": "1"}
CASE, SIGNAL_IN = "/meldcode/dossier/<uuid:case>", "/meldcode/dossier/<uuid:case>/signaal/<uuid:entry>"
NOTE, CORRECTION = {"text": "Later gezien."}, {"text": "Links, niet rechts.", "reason": "Ik vergiste me."}
TALKED = {"partner": "ib", "purpose": "signalen", "held_on": "2026-11-20", "persons": "Marijke", "vt_contact": "nvt"}
TALKED |= {"question": "Wat nu?", "advice": "Praat met ouders."}
AGREED = f"{CASE}/instemmen/<uuid:decision>"
INFORMED = {"informed": "Bea Stuur", "informed_by": "Ruud Jansma", "informed_on": "2026-11-20", "note": "Gebeld."}
SHARED = {"as_what": "zorgteam", "question": "Wat zie jij?", "last_day": "2026-12-01", "how_much": "all"}
PACKAGE = f"{CASE}/meldpakket/<uuid:package>"
HANDED = f"{PACKAGE}/overdracht/<uuid:handover>"
TOLD = {"worry": "Zij is bang.", "question": "Wat nu?", "action": "preview"}
KEPT = "/meldcode/mensen/uitsluiting/<uuid:exclusion>"


def body_of(rule: str, house: House) -> dict[str, Any]:
    """Return the form of a POST to this rule."""
    nobody = SIGNAL | {"subject-who": "Een jongen uit groep 5"}
    person, second = house.ids["person"], str(house.world.second_ib.person_id)
    bodies: dict[str, dict[str, Any]] = {
        "/meldcode/leerling/<path:pupil_id>/signaal": SIGNAL,
        "/meldcode/signaal": nobody,
        "/meldcode/signaal/<uuid:key>": nobody,
        "/meldcode/signaal/<uuid:key>/bijlage": {"files": (picture(), "foto.png")},
        "/meldcode/concept/<uuid:key>": SIGNAL,
        "/meldcode/mijn-signalen/<uuid:entry>/vervolg": NOTE,
        "/meldcode/mijn-signalen/<uuid:entry>/correctie": CORRECTION,
        "/meldcode/leerling/<path:pupil_id>/spoed": CALLED,
        "/meldcode/spoed": CALLED,
        "/meldcode/onze-meldcode/wijzigen": CODE,
        "/meldcode/werkvoorraad/zoek": {"words": "Aya"},
        f"{CASE}/sluiten": {"reason": "geen_vermoeden", "explanation": "Het was een ongeluk.", "parents": "yes"},
        f"{CASE}/vernietigen": {
            "basis": "verzoek",
            "needed": "no",
            "reason": "De ouders vragen erom, en niets houdt het tegen.",
        },
        f"{CASE}/stap/<name>": TALKED,
        f"{CASE}/leerlingsysteem/<uuid:notice>": {"answer": "yes"},
        AGREED: {"agrees": "yes", "seen_seq": str(seen_seq(house)) if rule == AGREED else ""},
        f"{SIGNAL_IN}/vervolg": NOTE,
        f"{SIGNAL_IN}/correctie": CORRECTION,
        f"{SIGNAL_IN}/verplaatsen": {"action": "move", "pupil": "2602", "reason": "Verkeerde leerling."},
        f"{CASE}/meldpakket/nieuw/<variant>": TOLD,
        f"{PACKAGE}/overdracht": {"channel": "persoonlijk", "receiver": "Veilig Thuis", "key": house.ids["key"]},
        f"{HANDED}/gedaan": {"day": "2026-11-20", "clock": "10:15", "reference": "VT-12"},
        "/meldcode/termijnen/klok": {"what": "data_breach", "day": "2026-11-20", "key": house.ids["key"]},
        "/meldcode/scholing": {"people": person, "kind": "training", "day": "2026-11-20"},
        "/meldcode/mensen/rol": {"person": person, "role": "AF"},
        "/meldcode/mensen/vertrokken": {"gone": person},
        "/meldcode/mensen/zoek": {"words": "Aya"},
        "/meldcode/mensen/uitsluiten": {"kept_away": person, "pupil": "2602", "reason": "Zij is de tante."},
        "/meldcode/medewerker": {"sexual": "no"},
        f"{CASE}/oppakken": {"kin": "no"},
        f"{CASE}/kring/familie-op-school": {"kin": "unknown"},
        f"{CASE}/kring/delen": SHARED | {"reader": str(house.world.parent.person_id)},
        "/meldcode/gedeeld/<uuid:share>/advies": {"advice": "Praat eerst met het kind."},
        f"{CASE}/kring/familie": {"sibling": house.ids["sibling"]},
        "/meldcode/noodtoegang": {"pupil": "2601", "reason": "De IB-er is ziek en er is nu een vraag van de politie."},
        "/meldcode/noodtoegang/zoek": {"words": "Aya"},
        "/meldcode/register": INFORMED | {"sexual": "no", "confirmed": "y", "key": str(uuid4())},
        "/meldcode/register/<uuid:line>/aanvullen": INFORMED | {"about": "inspector", "key": str(uuid4())},
        f"{CASE}/kring/overdragen": {"successor": second, "note": "Ik ga met verlof."},
        f"{CASE}/kring/vervanger": {"stand_in": second},
        f"{CASE}/kring/uitsluiten": {"outsider": person, "why": "Zij is de tante."},
        "/meldcode/overdracht/<uuid:offer>/weigeren": {"reason": "Ik heb er geen tijd voor."},
        "/meldcode/noodtoegang/<uuid:number>/aanwijzen": {"person": str(house.world.af.person_id)},
    }
    return bodies.get(rule, {})


def options_of(rule: str) -> dict[str, Any]:
    """Return how a browser or script sends the form of this rule."""
    return {"headers": {"Accept": "application/json"}} if rule.endswith("<uuid:key>/bijlage") else {}
