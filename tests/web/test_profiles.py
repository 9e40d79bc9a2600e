"""What claims mean at each kind of provider, and which settings a kind asks for."""

from __future__ import annotations

from typing import Any

import pytest

from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.settings import Settings
from meldcode_plugin.web import profiles

TENANT = "11111111-2222-3333-4444-555555555555"
LEAST = {
    "MELDCODE_SCHOOL": "99ZZ00",
    "MELDCODE_PUBLIC_URL": "https://meldcode.school.example",
    "MELDCODE_OIDC_ISSUER": "https://inloggen.school.example",
    "MELDCODE_OIDC_CLIENT_ID": "meldcode",
    "MELDCODE_OIDC_CLIENT_SECRET": "geheim",
    "MELDCODE_KEY_FILE": "/etc/meldcode/key",
    "MELDCODE_BLOB_DIR": "/var/lib/meldcode",
}


def made(**more: Any) -> Settings:
    """Return settings with these beside the least."""
    return Settings.from_mapping(LEAST | {f"MELDCODE_{name.upper()}": value for name, value in more.items()})


@pytest.mark.parametrize(
    ("claims", "staff"),
    [
        ({"groups": ["a", "medewerkers"]}, True),
        ({"groups": "medewerkers"}, True),
        ({"groups": "a medewerkers"}, False),
        ({"groups": ["Medewerkers"]}, False),
        ({"groups": {"medewerkers": 1}}, False),
        ({"groups": None}, False),
        ({"groups": [None, 1, ["medewerkers"]]}, False),
        ({"roles": ["medewerkers"]}, False),
        ({}, False),
    ],
)
def test_staff_is_who_has_the_value_in_the_claim(claims: dict[str, Any], *, staff: bool):
    """One text or a list of texts, compared whole."""
    assert staff == profiles.is_staff(claims, made(staff_values="medewerkers,bestuur"))


def test_nobody_is_staff_when_no_value_is_set():
    """An empty setting opens nothing."""
    assert not profiles.is_staff({"groups": ["", None]}, made(staff_values=()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("99ZZ", "99ZZ", True),
        ("99zz", "99ZZ00", True),
        ("99ZZ00", "99ZZ", True),
        ("99ZZ00", "99ZZ00", True),
        ("99ZZ01", "99ZZ00", False),
        ("98ZZ", "99ZZ00", False),
        ("99Z", "99ZZ00", False),
        ("", "", False),
        ("99ZZ000", "99ZZ00", False),
    ],
)
def test_school_numbers_of_4_and_6_are_compared(one: str, other: str, *, same: bool):
    """The school by its first four signs, the location when both name one."""
    assert same == profiles.same_school(one, other)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"oidc_issuer": "https://login.microsoftonline.com/common/v2.0"}, "your own tenant id"),
        ({"oidc_issuer": "https://login.microsoftonline.com/organizations/v2.0"}, "your own tenant id"),
        ({"oidc_profile": "entra", "staff_values": "Medewerker"}, "MELDCODE_OIDC_HOME"),
        ({"oidc_profile": "google", "staff_values": "school.example"}, "MELDCODE_OIDC_HOME"),
        ({"oidc_profile": "google", "oidc_home": "school.example"}, "MELDCODE_STAFF_VALUES"),
        ({"oidc_profile": "surfconext"}, "MELDCODE_OIDC_HOME"),
        ({"oidc_profile": "magic"}, "MELDCODE_OIDC_PROFILE"),
    ],
)
def test_a_profile_asks_for_what_it_needs(given: dict[str, Any], said: str):
    """A provider of many schools is not taken before it is said which one is ours."""
    with pytest.raises(SettingsWrong, match=said):
        made(**given)


def test_what_a_profile_brings():
    """The tenant stands in Entra's issuer, Entree's school is the school itself; what was set wins."""
    entra = made(
        oidc_profile="entra",
        oidc_issuer=f"https://login.microsoftonline.com/{TENANT}/v2.0",
        staff_values="Medewerker",
    )
    entree = made(oidc_profile="entree", staff_values="employee")
    assert ((TENANT,), "roles", "openid profile email") == (entra.home, entra.staff_claim, entra.oidc_scopes)
    assert (("99ZZ00",), "openid", ("employee",)) == (entree.home, entree.oidc_scopes, entree.staff_values)
    assert () == made().home
