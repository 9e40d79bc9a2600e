"""Each error text of the meldcode stands at its place: one is led there, nothing typed is lost, nobody is named."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.services import cases, steps
from tests.doors.house import House

TYPED = "Dit typte ik en dat wil ik houden."
SIGNAL = "/meldcode/leerling/2602/signaal"
STEP = "/meldcode/dossier/{case}/stap/"
FACT = {"staff": "no", "action": "send", "fact-on": "y", "fact-text": TYPED, "fact-direction": "supports"}
NO_KIND = "Kies wat voor soort informatie dit is: feit, uitspraak, van iemand anders, hypothese of diagnose."
NO_SOURCE = "Vul in van wie je dit hoorde. Wil die persoon niet genoemd worden? Kies dan 'bron afschermen'."
NO_NAME = "Bij een diagnose hoort een naam en beroep. Weet je die niet? Kies 'waarneming' of 'hypothese'."
AHEAD = "De datum van het signaal ligt in de toekomst."
REACTION = "Vul eerst de reactie van de ouder in. Daarna kun je opschrijven wat jij ervan denkt."
NO_TALK = "Er is geen gesprek vastgelegd en geen reden waarom niet. Maak één van beide af."
HYPOTHESIS = "Er staat nog 1 hypothese open. Zet er een uitkomst bij of schrijf op waarom het nog onzeker is."
NO_YES = "De directeur heeft nog niet ingestemd. Is het spoed? Kies 'spoedmelding'."
HELP_ALONE = "Zonder gesprek met ouders kun je niet alleen hulp regelen. Plan een gesprek of kies melden."
EFFECT = "Deze zaak wacht op een controle van het effect. Leg die eerst vast."

KIND = {"staff": "no", "action": "send"}
TALK = {"held_on": "2026-11-20", "parents": "Moeder", "goal": TYPED, "facts": "Een plek.", "teacher": "yes"}
TALK |= {"ib": "yes", "director": "yes"}
REPORT = {
    "made_on": "2026-11-19",
    "how": "telefoon",
    "own_role": TYPED,
    "own_role_who": "Ik",
    "own_role_limits": "Niet.",
}
HELP = {"protect": "yes", "report": "no", "help": "yes", "judgement": TYPED}
CLOSING = {"reason": "ongegrond", "explanation": TYPED, "parents": "yes"}

THIRD = {"third_party-on": "y", "third_party-text": TYPED}

OF_A_FIELD = [
    (NO_KIND, "teacher", SIGNAL, KIND, "kinds"),
    (
        NO_SOURCE,
        "teacher",
        SIGNAL,
        KIND | {"third_party-on": "y", "third_party-text": TYPED},
        "third_party-source_name",
    ),
    (NO_NAME, "teacher", SIGNAL, KIND | {"diagnosis-on": "y", "diagnosis-text": TYPED}, "diagnosis-professional"),
    (AHEAD, "teacher", SIGNAL, FACT | {"fact-observed_on": "2026-11-24"}, "fact-observed_on"),
    (REACTION, "ib", STEP + "gesprek", TALK, "reaction"),
]
"""What is wrong with one field: the sentence stands beside it and leads to it."""

OF_THE_CODE = [
    (NO_TALK, STEP + "melding", REPORT),
    (HYPOTHESIS, STEP + "melding", REPORT),
    (NO_YES, STEP + "melding", REPORT),
    (HELP_ALONE, STEP + "besluit", HELP),
    (HYPOTHESIS, "/meldcode/dossier/{case}/sluiten", CLOSING),
    (EFFECT, "/meldcode/dossier/{case}/sluiten", CLOSING),
]
"""What the code asks first: the sentences stand on top, and the form below is as it was sent."""


def ask(house: House, who: str, path: str, data: dict[str, Any]) -> tuple[int, str]:
    """Send a form and return the answer as it reads."""
    answer = house.ask(who, "POST", path.format(**house.ids), {"key": str(uuid4())} | data)
    return answer.status_code, unescape(answer.get_data(as_text=True))


@pytest.mark.parametrize(
    ("sentence", "who", "path", "data", "field"), OF_A_FIELD, ids=[one[0][:40] for one in OF_A_FIELD]
)
def test_a_field_says_what_is_wrong_with_it(
    house: House, sentence: str, who: str, path: str, data: dict[str, str], field: str
) -> None:
    """Beside the field, and in the list on top that gets the focus and leads to it; the words are still there."""
    status, page = ask(house, who, path, data)

    assert status == 422
    assert f'<p class="fault" id="{field}-fault">{sentence}</p>' in page
    top = re.search(r'<div class="faults" role="alert" tabindex="-1" id="faults" data-focus>.*?</div>', page, re.DOTALL)
    assert top is not None
    assert re.search(f'<a href="#{field}">(?:[^<:]+: )?{re.escape(sentence)}</a>', top[0])
    assert f'id="{field}"' in page
    assert TYPED in page or TYPED not in data.values()
    assert not any(name in top[0] for name in ("Bram", "Groot", "Sanne", "Aya", TYPED))


def test_two_that_lack_the_same_are_told_apart(house: House) -> None:
    """Each line of the list on top says under which head its field stands."""
    status, page = ask(house, "teacher", SIGNAL, KIND | {"fact-on": "y", "hypothesis-on": "y"})

    assert status == 422
    lacking = re.findall(r'<li><a href="#(fact|hypothesis)-text">([^<]+)</a></li>', page)
    assert [(name, text.partition(":")[0]) for name, text in lacking] == [
        ("fact", "Wat ik zag"),
        ("hypothesis", "Wat ik denk"),
    ]


def test_what_is_missing_leads_to_its_form(house: House) -> None:
    """Each missing point that an entry can take away has a link to the form of that entry."""
    case = house.ids["case"]
    with house.world.work(house.world.ib) as work:
        cases.accept(work, UUID(case))
    page = unescape(house.ask("ib", "GET", f"/meldcode/dossier/{case}").get_data(as_text=True))
    found = dict(re.findall(rf'</span> ([^<]+) <a href="({STEP.format(case=case)}[^"]+)">', page))

    assert found[NO_TALK].endswith("/stap/gesprek")
    assert found["De directeur weet nog van niets. Leg vast wanneer je het vertelde."].endswith("/stap/directeur")
    assert all(house.ask("ib", "GET", path).status_code == 200 for path in found.values())


@pytest.mark.parametrize(("sentence", "path", "data"), OF_THE_CODE)
def test_what_the_code_asks_first_stands_on_top(house: House, sentence: str, path: str, data: dict[str, str]) -> None:
    """The alert has the focus and names nobody; nothing is stored, and what was typed stands in the form."""
    _prepare(house)
    before = house.rows()
    status, page = ask(house, "ib", path, data)

    assert status == 409
    alert = re.search(r'<div class="faults" role="alert" tabindex="-1"[^>]*data-focus>.*?</div>', page, re.DOTALL)
    assert alert is not None
    assert sentence in alert[0]
    assert TYPED in page.replace(alert[0], "")
    assert not any(name in alert[0] for name in ("Benali", "Aya", "Marijke", TYPED))
    changed = {name for name, rows in house.rows().items() if rows != before[name]}
    assert changed - {"meldcode_reminder"} == set()


def _prepare(house: House) -> None:
    """Take the case up, with a hypothesis in it and help that nobody looked at."""
    world, case = house.world, UUID(house.ids["case"])
    world.record(world.signal("Misschien ruzie thuis.", kind="hypothesis"))
    with world.work(world.ib) as work:
        cases.accept(work, case)
    day = date(2026, 11, 19)
    decided = e.Decision(protect="no", report="yes", help="yes", judgement="Hulp alleen is volgens mij niet genoeg.")
    plan = e.HelpPlan(
        goals="Rust.",
        provider="Wijkteam",
        starts_on=day,
        effect="Geen ruzie.",
        effect_due=date(2026, 12, 1),
        case_manager="IB-er",
        consent="yes",
    )
    for payload in (decided, plan):
        with world.work(world.ib) as work:
            steps.add(work, case, payload)
