"""How somebody fills in the forms of the steps, with answers that are complete; it knows no expectation."""

from __future__ import annotations

from playwright.sync_api import FilePayload, Page

from tests.doors.house import picture

DAY = "2026-11-20"
INSTRUMENT = FilePayload(name="lirik.png", mimeType="image/png", buffer=picture().getvalue())
ANSWERS: dict[str, dict[str, str]] = {
    "overleg": {"partner": "ib", "held_on": DAY, "persons": "Sanne", "question": "Wat nu?", "advice": "Praat."},
    "directeur": {"told_on": DAY},
    "gesprek": {
        "held_on": DAY,
        "parents": "Mevrouw De Groot",
        "goal": "Wij willen weten hoe het thuis gaat.",
        "facts": "Hij had geen brood bij zich.",
        "reaction": "Zij schrok en vertelde dat het zwaar is.",
    },
    "geen-gesprek": {
        "stage": "signalen",
        "ground": "veiligheid",
        "whose_safety": "van het kind",
        "reasons": "Het is nu niet veilig voor het kind om thuis te praten.",
    },
    "kind": {"useful": "no", "possible": "no", "why": "Hij is nog te jong."},
    "wegen": {
        "risk": "midden",
        "risk_why": "Het gebeurt elke week.",
        "nature": "Er is te weinig eten.",
        "severity": "midden",
        "severity_why": "Hij valt af.",
        "no_instrument": "Wij hebben er geen voor deze zorg.",
        "suspicion": "yes",
        "unsafe": "no",
        "able": "yes",
        "accept": "yes",
    },
    "besluit": {
        "protect": "yes",
        "report": "no",
        "help": "yes",
        "judgement": "Moeder wil hulp en houdt zich aan wat wij afspreken.",
    },
    "hulp": {
        "goals": "Elke dag ontbijt en brood mee.",
        "provider": "Wijkteam",
        "starts_on": "2026-11-23",
        "effect": "Hij heeft elke dag brood bij zich.",
        "effect_due": "2026-11-23",
        "case_manager": "Marijke van Dam",
        "consent": "yes",
    },
    "effect": {"checked_on": "2026-11-23", "finding": "verbetering", "text": "Hij heeft elke dag brood bij zich."},
    "mededeling": {
        "told_on": "2026-11-19",
        "how": "De IB-er op school, aan moeder",
        "why": "Wij melden omdat het niet veilig is.",
        "reaction": "Zij huilde en begreep het.",
        "objected": "no",
    },
    "geheimhouding": {
        **dict.fromkeys(("consulted", "vt_asked", "enough_facts", "weighed", "effort"), "yes"),
        "contacts": "Een gesprek op 20 november.",
    },
    "heropenen": {"reason": "Er is opnieuw iets gebeurd."},
    "melding": {
        "made_on": "2026-11-23",
        "how": "telefoon",
        "own_role": "Wij zien hem elke dag.",
        "own_role_who": "De leerkracht",
        "own_role_limits": "Wij gaan niet op huisbezoek.",
    },
}
"""By the name of a form what is answered in it; what is not here stays as the form starts."""


def fill_in(page: Page, kind: str, **others: str) -> None:
    """Fill in the form that is open; ``others`` are answers in this one case."""
    for name, answer in (ANSWERS[kind] | others).items():
        box = page.locator(f"[name='{name}']")
        if box.first.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f"[name='{name}'][value='{answer}']").check()
        else:
            box.fill(answer)


def save(page: Page) -> None:
    """Press the button that puts it in the dossier."""
    page.get_by_role("button", name="Opslaan in het dossier").click()


def add(page: Page, kind: str, **others: str) -> None:
    """From a dossier: open a form, fill it in, save it, and be back in the dossier."""
    dossier = page.url.partition("#")[0]
    page.goto(f"{dossier}/stap/{kind}")
    fill_in(page, kind, **others)
    save(page)
    page.wait_for_url(dossier)


def agree(page: Page) -> None:
    """Say yes to what is asked on this page."""
    page.get_by_role("button", name="Ik ben het eens").click()
