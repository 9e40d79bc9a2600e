"""Why a sign-in was refused, in words: for the person on the screen, and for the administrator in the log."""

from __future__ import annotations

CAUSES = {
    "state": (
        "Je was te lang bezig met inloggen, of je begon in een ander venster.",
        "Begin opnieuw. Houd dit venster open tot je klaar bent.",
    ),
    "provider_access_denied": (
        "Het inloggen is afgebroken.",
        "Was dat niet de bedoeling? Begin opnieuw. Mag je niet inloggen? Vraag het de beheerder.",
    ),
    "staff": (
        "Je account hoort niet bij een medewerker van deze school.",
        "Werk je hier wel? Vraag de beheerder om je in de groep medewerkers te zetten.",
    ),
    "home": (
        "Je account hoort bij een andere school of organisatie.",
        "Log uit bij je account en log in met het account van deze school.",
    ),
    "gone": (
        "Je account is hier afgesloten.",
        "Werk je nog op deze school? Vraag de directeur om je account weer te openen.",
    ),
    "often": (
        "Met dit account is net heel vaak ingelogd.",
        "Wacht een minuut en begin opnieuw. Was jij dat niet? Waarschuw de beheerder.",
    ),
    "auth_time": (
        "We weten niet zeker dat je zojuist zelf hebt ingelogd.",
        "Log opnieuw in met je wachtwoord. Lukt het weer niet? Vraag het de beheerder.",
    ),
}
OTHER_CAUSE = "Begin opnieuw. Lukt het weer niet? Bel de beheerder en noem deze code: {code}."
NOT_ALLOWED = frozenset({"staff", "gone", "home", "roster_staff"})
"""Causes that a new attempt does not mend."""
CAUSES["groups_overage"] = CAUSES["roster_staff"] = CAUSES["staff"]

_CLIENT = "Compare MELDCODE_OIDC_CLIENT_ID, the secret and the redirect address with the client at the provider."
TO_DO = {
    "discovery_issuer": "The provider now calls itself otherwise than MELDCODE_OIDC_ISSUER. If that is right, set it.",
    "iss": "The token names another issuer than MELDCODE_OIDC_ISSUER. Use the address of your own tenant.",
    "signature": "The token is signed with a key that the provider does not publish: retired, or somebody else's.",
    "staff": "The claim of MELDCODE_STAFF_CLAIM is absent or holds none of MELDCODE_STAFF_VALUES.",
    "groups_overage": "Too many groups to fit the token: give the application app roles, MELDCODE_STAFF_CLAIM=roles.",
    "home": "The account is of another tenant, domain or school than MELDCODE_OIDC_HOME.",
    "account": "The claim that names the account is absent: let the provider release it to this client.",
    "userinfo": "The provider publishes no userinfo address, and this profile needs one.",
    "userinfo_sub": "Userinfo speaks of another person than the token.",
    "auth_time": "The provider does not say when somebody signed in (auth_time), so a fresh sign-in can not be shown. "
    "Let the provider add that claim for this client.",
    "acr": "The provider did not name one of MELDCODE_OIDC_ACR.",
    "roster_staff": "The student information system does not know this mail address as that of active staff.",
    "answer_400": _CLIENT,
    "answer_401": _CLIENT,
}
"""What the administrator does about a code, as it stands in the log behind it."""


def for_log(code: str) -> str:
    """Return the code with what to do about it; it names no person."""
    return f"{code}. {TO_DO[code]}" if code in TO_DO else code
